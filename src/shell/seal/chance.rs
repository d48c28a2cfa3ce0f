//! Chance, for keys and challenges: numbers that nobody can foresee.

use std::fs::File;
use std::io::{self, Read};

/// Where the kernel gives them away.
const SOURCE: &str = "/dev/urandom";

/// Bytes that nobody can foresee.
///
/// # Errors
/// When the kernel gives none: then there is no key and no challenge, and no safe way on.
pub fn drawn<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    File::open(SOURCE).and_then(|mut source| source.read_exact(&mut bytes)).map_err(|error| {
        io::Error::new(error.kind(), format!("no chance from {SOURCE}: {error}"))
    })?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_draws_are_alike() {
        assert_ne!(drawn::<16>().unwrap(), drawn::<16>().unwrap());
    }
}
