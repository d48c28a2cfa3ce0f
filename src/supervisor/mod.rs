//! The supervisor: keeps a controller alive and its checkpoint safe, and knows nothing of lifts.

pub mod policy;
