//! Intruders.
