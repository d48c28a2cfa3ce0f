//! The laws of the call set, held against random histories and against every short one, and its
//! bytes.

mod bytes;
mod histories;
mod laws;
mod packed;
mod parts;
mod search;
