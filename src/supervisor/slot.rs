//! One copy of what is kept, as bytes that betray any damage.
//!
//! ```text
//!  0        8        10       12        16         24          40
//!  ├ magic ─┼ format ─┼ slot ──┼ length ─┼ revision ┼ checksum ─┼ payload … ┤
//! ```
//!
//! Numbers are little-endian. The checksum covers everything before and after it, so no bit can
//! change unnoticed; the slot number in it keeps a copy that was written to the wrong place from
//! being believed.

use std::fmt;

/// What a file keeps.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Contents {
    /// Its number; the greater is the newer.
    pub revision: u64,
    /// The bytes; opaque.
    pub payload: Vec<u8>,
}

/// What stands before the payload, in bytes.
pub const HEADER: usize = 40;

/// The smallest slot, in bytes. The size of every slot is a power of two.
pub const SMALLEST: usize = 64;

const MAGIC: &[u8; 8] = b"liftslot";

/// The format written; a reader knows this one and, once there was one, the one before.
const FORMAT: u16 = 1;

/// Separates these checksums from any other use of the same hash.
const DOMAIN: &str = "lift-group 2026 checkpoint slot";

const CHECKSUM: std::ops::Range<usize> = 24..HEADER;

/// Why a slot is not believed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// It does not begin as a slot does.
    Magic,
    /// It was written by a program of another version.
    Format(u16),
    /// The bytes are not those that were written, or not all of them.
    Checksum,
    /// The file ends within it.
    Short,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Magic => f.write_str("no copy"),
            Self::Format(format) => write!(f, "format {format} of another version"),
            Self::Checksum => f.write_str("wrong checksum"),
            Self::Short => f.write_str("cut short"),
        }
    }
}

/// Whether a file of this length can be two slots, the second one in its middle.
pub fn is_layout(length: usize) -> bool {
    length.is_power_of_two() && length >= 2 * SMALLEST
}

/// The bytes of slot number `slot` with these contents.
///
/// # Panics
/// When the payload has 4 GiB or more; the caller keeps far below.
pub fn encode(slot: u16, contents: &Contents) -> Vec<u8> {
    let Ok(length) = u32::try_from(contents.payload.len()) else {
        panic!("a payload has less than 4 GiB");
    };
    let mut bytes = Vec::with_capacity(HEADER + contents.payload.len());
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&FORMAT.to_le_bytes());
    bytes.extend_from_slice(&slot.to_le_bytes());
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(&contents.revision.to_le_bytes());
    bytes.extend_from_slice(&checksum(&bytes, &contents.payload));
    bytes.extend_from_slice(&contents.payload);
    bytes
}

/// The contents of slot number `slot`, when every bit of it is as it was written.
///
/// # Errors
/// What is wrong with it.
pub fn decode(slot: u16, bytes: &[u8]) -> Result<Contents, Fault> {
    let beginning = &MAGIC[..MAGIC.len().min(bytes.len())];
    if bytes.is_empty() || !bytes.starts_with(beginning) {
        return Err(Fault::Magic);
    }
    if bytes.len() < HEADER {
        return Err(Fault::Short);
    }
    match u16::from_le_bytes(field(bytes, 8)) {
        FORMAT => decode_present(slot, bytes),
        // The format before this one is read here, once there is one. It is never written again:
        // the file it was found in is replaced by a fresh one.
        other => Err(Fault::Format(other)),
    }
}

fn decode_present(slot: u16, bytes: &[u8]) -> Result<Contents, Fault> {
    let length = u32::from_le_bytes(field(bytes, 12)) as usize;
    let payload = bytes[HEADER..].get(..length).ok_or(Fault::Short)?;
    if bytes[CHECKSUM] != checksum(&bytes[..CHECKSUM.start], payload) {
        return Err(Fault::Checksum);
    }
    if u16::from_le_bytes(field(bytes, 10)) != slot {
        return Err(Fault::Checksum);
    }
    Ok(Contents { revision: u64::from_le_bytes(field(bytes, 16)), payload: payload.to_vec() })
}

fn checksum(header: &[u8], payload: &[u8]) -> [u8; 16] {
    let mut hash = blake3::Hasher::new_derive_key(DOMAIN);
    hash.update(header).update(payload);
    field(hash.finalize().as_bytes(), 0)
}

/// The `N` bytes from `offset` on; the caller has seen that they are there.
fn field<const N: usize>(bytes: &[u8], offset: usize) -> [u8; N] {
    std::array::from_fn(|index| bytes[offset + index])
}
