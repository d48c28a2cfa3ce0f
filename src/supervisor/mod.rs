//! The supervisor: keeps a controller alive and its checkpoint safe, and knows nothing of lifts.
//!
//! - [`policy`] decides: a pure machine from what happened to what to do;
//! - [`supervision`] carries it out: one poll loop over a [`controller`] process, the link to it
//!   with its rules ([`conversation`]), signals, systemd and whoever asks for the [`status`];
//!   [`run`] is its beginning and end;
//! - [`keeper`] keeps what must outlive a controller: [`checkpoints`] at hand for the next life, and
//!   on the disk by the [`writer`], a thread of its own, so that the loop never waits for a disk.
//!
//! Who watches the watcher: systemd restarts a supervisor that ends or hangs, and the kernel ends
//! its controller with it.

pub mod checkpoint_file;
pub mod checkpoints;
pub mod controller;
pub mod conversation;
pub mod desk;
pub mod failure;
pub mod files;
pub mod found;
pub mod incarnation;
pub mod keeper;
pub mod lock;
pub mod policy;
pub mod program;
pub mod run;
pub mod slot;
pub mod status;
pub mod storage;
pub mod store;
pub mod supervision;
pub mod writer;
