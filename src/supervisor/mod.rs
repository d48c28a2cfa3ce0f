//! The supervisor: keeps a controller alive and its checkpoint safe, and knows nothing of lifts.

pub mod checkpoint_file;
pub mod desk;
pub mod files;
pub mod found;
pub mod incarnation;
pub mod lock;
pub mod policy;
pub mod slot;
pub mod storage;
pub mod store;
pub mod writer;
