//! How data becomes bytes and back: the only user of bincode.
//!
//! Every decoder has a limit and leaves no byte unread, so neither a hostile length nor trailing
//! garbage gets through. The bytes say nothing of their meaning: whoever stores or sends them puts
//! a format version or a checksum round them.

use std::fmt;

use bincode::config::{self, Configuration, Limit};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The most bytes that any encoded value may take.
pub const MOST_BYTES: usize = 400 * 1024;

/// The most that a value may claim to take: the decoder counts every number by its type, up to 16
/// bytes, also where one was enough to write it.
const MOST_CLAIMED: usize = 16 * MOST_BYTES;

const FORMAT: Configuration<config::LittleEndian, config::Varint, Limit<MOST_CLAIMED>> =
    config::standard().with_limit::<MOST_CLAIMED>();

/// Why bytes are not a value, or a value is too large to become bytes.
#[derive(Debug, PartialEq, Eq)]
pub struct CodecError(String);

impl fmt::Display for CodecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for CodecError {}

/// The bytes of a value.
///
/// # Errors
/// When the value takes more than [`MOST_BYTES`].
pub fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, CodecError> {
    let bytes = bincode::serde::encode_to_vec(value, FORMAT)
        .map_err(|error| CodecError(format!("cannot encode: {error}")))?;
    if bytes.len() > MOST_BYTES {
        return Err(CodecError(format!("{} bytes are more than {MOST_BYTES}", bytes.len())));
    }
    Ok(bytes)
}

/// The value that these bytes, all of them, stand for.
///
/// # Errors
/// When they do not stand for such a value, are more than [`MOST_BYTES`], or something is left
/// over.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, CodecError> {
    if bytes.len() > MOST_BYTES {
        return Err(CodecError(format!("{} bytes are more than {MOST_BYTES}", bytes.len())));
    }
    let (value, read) = bincode::serde::decode_from_slice(bytes, FORMAT)
        .map_err(|error| CodecError(format!("cannot decode {} bytes: {error}", bytes.len())))?;
    if read != bytes.len() {
        return Err(CodecError(format!(
            "{} of {} bytes left over",
            bytes.len() - read,
            bytes.len()
        )));
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Value = (u64, Vec<u8>, Option<String>, [bool; 3]);

    proptest! {
        #[test]
        fn what_was_encoded_is_decoded(value: Value) {
            prop_assert_eq!(decode::<Value>(&encode(&value).unwrap()), Ok(value));
        }

        #[test]
        fn no_part_of_a_value_and_nothing_behind_it_is_accepted(value: Value) {
            let mut bytes = encode(&value).unwrap();
            for length in 0..bytes.len() {
                prop_assert!(decode::<Value>(&bytes[..length]).is_err());
            }
            bytes.push(0);
            prop_assert!(decode::<Value>(&bytes).is_err());
        }

        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            let _ = decode::<Value>(&bytes);
        }
    }

    #[test]
    fn a_value_that_claims_to_be_huge_is_refused() {
        let mut bytes = encode(&u64::MAX).unwrap();
        bytes.extend([0; 64]);
        assert!(decode::<Vec<u8>>(&bytes).is_err());
    }

    #[test]
    fn no_value_takes_more_than_the_limit() {
        let length = MOST_BYTES - 5;
        assert!(encode(&vec![0_u8; length]).unwrap().len() <= MOST_BYTES);
        assert!(encode(&vec![0_u8; MOST_BYTES]).is_err());
    }

    #[test]
    fn what_could_be_encoded_is_decoded_however_large() {
        let value = vec![0_u128; MOST_BYTES - 5];
        assert_eq!(decode(&encode(&value).unwrap()), Ok(value));
    }
}
