//! Messages on their way to the hardware, none of them ever split.
//!
//! Real servers take whatever one receive returns for a message, so half a message is a wrong one.
//! Whole messages are therefore written in one call, and few enough that they travel in one
//! segment. Where the kernel still takes a piece only, its buffer is full: the server lags far
//! behind, and the rest follows, ahead of everything else, long before it gets there.

use std::io::{self, ErrorKind, Write};

use super::protocol::Message;

/// The most bytes in one write: whole messages, well within a segment of any network.
const LONGEST_WRITE: usize = 1024;

/// What is to be written.
#[derive(Debug, Default)]
pub struct Outgoing {
    bytes: Vec<u8>,
    sent: usize,
}

impl Outgoing {
    /// Puts a message behind all others.
    pub fn push(&mut self, message: Message) {
        self.bytes.extend(message);
    }

    /// Whether something is still to be written.
    pub fn is_waiting(&self) -> bool {
        !self.bytes.is_empty()
    }

    /// Writes as much as there is room for.
    ///
    /// # Errors
    /// When the connection is broken.
    pub fn flush(&mut self, connection: &mut impl Write) -> io::Result<()> {
        while self.is_waiting() {
            match connection.write(self.next_write()) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(written) => self.advance(written),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Ends where a message ends, also when the last write ended within one.
    fn next_write(&self) -> &[u8] {
        let message = self.sent - self.sent % size_of::<Message>();
        let end = self.bytes.len().min(message + LONGEST_WRITE);
        &self.bytes[self.sent..end]
    }

    fn advance(&mut self, written: usize) {
        self.sent += written;
        if self.sent == self.bytes.len() {
            self.bytes.clear();
            self.sent = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A connection whose every write takes so many bytes at most; at 0 it has no room.
    #[derive(Default)]
    struct Narrow {
        room: Vec<usize>,
        writes: Vec<(usize, usize)>,
        taken: Vec<u8>,
    }

    impl Write for Narrow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.writes.push((self.taken.len(), bytes.len()));
            match self.room.pop().unwrap_or(usize::MAX).min(bytes.len()) {
                0 => Err(ErrorKind::WouldBlock.into()),
                room => {
                    self.taken.extend(&bytes[..room]);
                    Ok(room)
                }
            }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    proptest! {
        #[test]
        fn every_write_ends_with_a_whole_message_whatever_the_kernel_takes(
            messages in prop::collection::vec(any::<Message>(), 1..700),
            room in prop::collection::vec(0..1500_usize, 0..20),
        ) {
            let mut outgoing = Outgoing::default();
            let mut connection = Narrow { room, ..Narrow::default() };
            for message in &messages {
                outgoing.push(*message);
            }
            while outgoing.is_waiting() {
                outgoing.flush(&mut connection).unwrap();
            }
            prop_assert_eq!(connection.taken, messages.concat());
            for (start, length) in connection.writes {
                prop_assert_eq!((start + length) % 4, 0);
                prop_assert!(length <= LONGEST_WRITE);
            }
        }
    }
}
