//! The laws of the call set, held against random histories, and its bytes.

mod bytes;
mod histories;
mod laws;
