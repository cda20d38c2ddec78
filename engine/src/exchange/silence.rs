//! A run that gave and took nothing for a while, and what it was seen to do then.

use crate::process::Waiting;
use std::time::Duration;

/// The last look at a silent run. What it waited for may have come since.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Silence {
    /// The offset of the last byte that it gave or took before the look.
    pub since: Duration,
    /// The offset of the look.
    pub seen: Duration,
    /// What it did.
    pub waiting: Waiting,
}
