//! The simulated building: a world round the real cores, and the judge of what they do in it.
//!
//! [`promises`] judges. It sees what a person with a stopwatch sees and knows nothing of nodes, so
//! that it can judge a simulated building and one of real programs alike.

pub mod promises;
