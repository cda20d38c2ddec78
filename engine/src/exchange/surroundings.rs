//! What a run had around it: the program that read the script, and the limits that it was held to.

use crate::process::Resources;
use std::path::PathBuf;
use std::time::Duration;

/// The program that ran a script that is none itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Interpreter {
    /// Its file, as the first line or the configuration leads to it.
    pub path: PathBuf,
    /// The version that it tells when asked; absent where it was not asked, or has not answered yet.
    pub version: Option<String>,
}

/// What a run was held to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AppliedLimits {
    /// Nothing in or out for so long, and it is ended; absent: no limit.
    pub silence: Option<Duration>,
    /// So long in all, and it is ended; absent: no limit.
    pub total: Option<Duration>,
    /// So long after its client has hung up, and it is ended.
    pub client_gone: Duration,
    /// Bytes that are kept of each of its streams.
    pub capture_bytes: u64,
    /// What it may use of the machine.
    pub resources: Resources,
    /// Why the system would not hold it to `resources`.
    pub refused: Option<String>,
}
