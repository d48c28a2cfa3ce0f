//! The seal, as somebody meets it who can write to the network, and as the nodes meet it.

mod bytes;
mod damage;
mod nodes;
mod recordings;
mod strangers;
mod versions;
