//! The group's key: 32 bytes from a file that nobody else may read.
//!
//! The file has a key a line, written as 64 hexadecimal digits; empty lines and lines that begin
//! with `#` are for people. The first key seals, both open. So a key is changed without a pause:
//! give every node the lines *old, new*; then every node *new, old*; then every node *new*.
//!
//! Without a file a group runs [open](Keys::open): sealed with a key that everybody knows, which
//! keeps out accidents and nobody else.

use std::fmt;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use nix::unistd::geteuid;
use serde::{Deserialize, Serialize};

use super::chance;

/// The longest key file that is read, in bytes.
const MOST_BYTES: u64 = 4096;

/// The key of groups without a key.
const OPEN: Key = Key(*b"everybody knows the key of these");

/// A secret that all nodes of a group share. It is never shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Key([u8; 32]);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

/// The keys that a node holds: one, or two while a group goes over from one to the other.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Keys {
    seals: Key,
    opens_too: Option<Key>,
}

/// Why there is no key.
#[derive(Debug)]
pub enum KeyError {
    /// The file cannot be read.
    Unreadable(io::Error),
    /// Others may read or change it: its mode.
    Exposed(u32),
    /// It belongs to another user: its number.
    Foreign(u32),
    /// This line, counted from 1, is no key.
    NoKey(usize),
    /// It has this many keys.
    Count(usize),
}

impl KeyError {
    /// Whether it may pass by itself, as when the file's disk is not there yet.
    pub fn may_pass(&self) -> bool {
        let stays = [ErrorKind::PermissionDenied, ErrorKind::InvalidData];
        matches!(self, Self::Unreadable(error) if !stays.contains(&error.kind()))
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(error) => write!(f, "cannot be read: {error}"),
            Self::Exposed(mode) => write!(
                f,
                "may be read by others (mode {mode:03o}): chmod 600, and take a new key if it was \
                 seen"
            ),
            Self::Foreign(owner) => {
                write!(f, "belongs to user {owner}: chown it to the service or to root")
            }
            Self::NoKey(line) => write!(
                f,
                "line {line} is no key: a key is 64 hexadecimal digits, as liftctl keygen makes it"
            ),
            Self::Count(count) => write!(f, "has {count} keys: it takes one, or two to change it"),
        }
    }
}

impl std::error::Error for KeyError {}

impl Keys {
    /// What a group without a key seals with. To be said loudly.
    pub const fn open() -> Self {
        Self { seals: OPEN, opens_too: None }
    }

    /// Whether these are no secret.
    pub fn are_open(&self) -> bool {
        self.seals == OPEN || self.opens_too == Some(OPEN)
    }

    /// The keys in this file, which only its owner may read: we or root.
    ///
    /// # Errors
    /// When others may read it, or it has no keys.
    pub fn from_file(path: &Path) -> Result<Self, KeyError> {
        Self::read(path, |mode, owner| guard(mode, owner, geteuid().as_raw()))
    }

    /// The keys in a credential that systemd hands over: a file below `$CREDENTIALS_DIRECTORY`.
    /// That directory keeps others out, and the file's mode is not what it seems (systemd lets the
    /// service in by an access list, whose mask stands in the place of the group's permissions).
    ///
    /// # Errors
    /// When it cannot be read, or has no keys.
    pub fn from_credential(path: &Path) -> Result<Self, KeyError> {
        Self::read(path, |_, _| Ok(()))
    }

    /// The keys in a text.
    ///
    /// # Errors
    /// When it has none, too many, or something else.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let lines = (1..).zip(text.lines().map(str::trim));
        let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        let keys = lines.map(|(at, line)| Key::parse(line).ok_or(KeyError::NoKey(at)));
        let mut keys: Vec<Key> = keys.collect::<Result<_, _>>()?;
        if !(1..=2).contains(&keys.len()) {
            return Err(KeyError::Count(keys.len()));
        }
        Ok(Self { seals: keys.remove(0), opens_too: keys.pop() })
    }

    pub(super) fn seals(&self) -> &[u8; 32] {
        &self.seals.0
    }

    pub(super) fn opens_too(&self) -> Option<&[u8; 32]> {
        self.opens_too.as_ref().map(|key| &key.0)
    }

    fn read(
        path: &Path,
        guard: impl Fn(u32, u32) -> Result<(), KeyError>,
    ) -> Result<Self, KeyError> {
        let file = File::open(path).map_err(KeyError::Unreadable)?;
        let metadata = file.metadata().map_err(KeyError::Unreadable)?;
        guard(metadata.mode() & 0o7777, metadata.uid())?;
        let mut text = String::new();
        file.take(MOST_BYTES).read_to_string(&mut text).map_err(KeyError::Unreadable)?;
        Self::parse(&text)
    }
}

impl Key {
    fn parse(digits: &str) -> Option<Self> {
        let digits: Vec<u32> =
            digits.chars().map(|digit| digit.to_digit(16)).collect::<Option<_>>()?;
        let bytes = digits.chunks_exact(2).map(|pair| u8::try_from(16 * pair[0] + pair[1]).ok());
        let bytes: Vec<u8> = bytes.collect::<Option<_>>()?;
        (digits.len() == 64).then_some(())?;
        bytes.try_into().ok().map(Self)
    }
}

/// Whether a file with this mode and owner is secret to the user `me`.
fn guard(mode: u32, owner: u32, me: u32) -> Result<(), KeyError> {
    if ![0, me].contains(&owner) {
        Err(KeyError::Foreign(owner))
    } else if mode & 0o077 != 0 {
        Err(KeyError::Exposed(mode))
    } else {
        Ok(())
    }
}

/// A new key, as a line for the file.
///
/// # Errors
/// When there is no chance to draw it from.
pub fn generate() -> io::Result<String> {
    let key = chance::drawn::<32>()?;
    Ok(key.map(|byte| format!("{byte:02x}")).concat() + "\n")
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const ONE: &str = "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF";
    const TWO: &str = "0000000000000000000000000000000000000000000000000000000000000001";

    fn refusal(text: &str) -> String {
        Keys::parse(text).unwrap_err().to_string()
    }

    fn file_with_mode(mode: u32) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(&file, ONE).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        file
    }

    #[test]
    fn a_generated_key_is_one_and_no_other() {
        let [one, two] = [generate().unwrap(), generate().unwrap()];
        assert_ne!(Keys::parse(&one).unwrap(), Keys::parse(&two).unwrap());
    }

    #[test]
    fn a_key_is_read_digit_by_digit() {
        let keys = Keys::parse(ONE).unwrap();
        assert_eq!(keys.seals()[..4], [0x00, 0x11, 0x22, 0x33]);
        assert_eq!(keys.seals()[31], 0xff);
        assert_eq!(keys.opens_too(), None);
    }

    #[test]
    fn the_first_of_two_keys_seals() {
        let keys = Keys::parse(&format!("# new\n{ONE}\n\n  # old\n {TWO} \r\n")).unwrap();
        assert_eq!(keys.seals()[1], 0x11);
        assert_eq!(keys.opens_too().unwrap()[31], 1);
    }

    #[test]
    fn what_is_no_key_is_refused_with_its_line_and_without_its_digits() {
        for wrong in [&ONE[1..], &format!("{ONE}0"), &format!("{ONE}00"), &ONE.replace('f', "g")] {
            let refusal = refusal(&format!("# key\n{wrong}"));
            assert!(refusal.starts_with("line 2 is no key"), "{refusal}");
            assert!(!refusal.contains("0011"), "{refusal}");
        }
        assert!(refusal(&"é".repeat(32)).starts_with("line 1 is no key"));
    }

    #[test]
    fn no_key_and_three_keys_are_refused() {
        assert!(refusal("# nothing\n").starts_with("has 0 keys"));
        assert!(refusal(&format!("{ONE}\n{TWO}\n{ONE}")).starts_with("has 3 keys"));
    }

    #[test]
    fn a_file_that_others_can_open_is_refused() {
        for mode in [0o600, 0o400] {
            assert_eq!(
                Keys::from_file(file_with_mode(mode).path()).unwrap(),
                Keys::parse(ONE).unwrap()
            );
        }
        for mode in [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o644] {
            let refusal = Keys::from_file(file_with_mode(mode).path()).unwrap_err().to_string();
            assert!(refusal.contains("chmod 600") && refusal.contains(&format!("{mode:o}")));
        }
    }

    #[test]
    fn a_file_of_another_user_is_refused() {
        assert!(matches!(guard(0o600, 1000, 999), Err(KeyError::Foreign(1000))));
        assert!(guard(0o600, 999, 999).is_ok());
        assert!(guard(0o600, 0, 999).is_ok());
    }

    #[test]
    fn a_credential_is_read_as_systemd_leaves_it() {
        let file = file_with_mode(0o440);
        assert_eq!(Keys::from_credential(file.path()).unwrap(), Keys::parse(ONE).unwrap());
    }

    #[test]
    fn a_file_that_is_not_there_is_named_so() {
        let refusal = Keys::from_file(Path::new("/nowhere")).unwrap_err();
        assert!(matches!(refusal, KeyError::Unreadable(_)), "{refusal}");
    }

    #[test]
    fn a_key_is_never_shown() {
        let shown = format!("{:?}", Keys::parse(ONE).unwrap());
        assert_eq!(shown, "Keys { seals: Key, opens_too: None }");
    }

    #[test]
    fn a_group_is_open_until_the_key_that_everybody_knows_is_gone() {
        assert!(Keys::open().are_open());
        assert!(!Keys::parse(ONE).unwrap().are_open());
    }
}
