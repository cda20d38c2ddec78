//! A finding: one thing worth telling the user, with its evidence, its authority and its remedy.

use super::traceback::Exception;
use std::fmt;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

/// A rule's stable number: the row of the catalogue of failures, from 101 on a violation of RFC 3875 that no row names.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RuleCode(pub u16);

impl fmt::Display for RuleCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CGI{:03}", self.0)
    }
}

/// How much it matters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Severity {
    /// The request failed because of it, or the script can not run.
    Error,
    /// It worked here and is wrong, or will fail elsewhere.
    Warning,
    /// Worth knowing.
    Note,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        })
    }
}

/// Whose side it is on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Blame {
    /// The script's author can mend it.
    Script,
    /// The client sent something wrong.
    Client,
    /// The site's configuration or files.
    Site,
    /// The studio or the computer.
    Server,
}

/// The five stages of the pipeline strip.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Stage {
    /// What the client sent.
    Request,
    /// The meta-variables.
    Environment,
    /// The program.
    Process,
    /// What it printed.
    Output,
    /// What the client got.
    Response,
}

impl Stage {
    /// All stages in order.
    pub const ALL: [Self; 5] = [
        Self::Request,
        Self::Environment,
        Self::Process,
        Self::Output,
        Self::Response,
    ];

    /// The stage's name, as on the strip.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Request => "Request",
            Self::Environment => "Environment",
            Self::Process => "Process",
            Self::Output => "Output",
            Self::Response => "Response",
        }
    }
}

/// A recorded stream.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StreamName {
    /// The request head.
    RequestHead,
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

impl StreamName {
    /// The stream's usual name.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::RequestHead => "request",
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
        }
    }
}

/// The bytes that prove a finding, ready to be shown with numbered lines.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Evidence {
    /// Where the bytes are from.
    pub source: EvidenceSource,
    /// The lines around the place, in order, each without its line end's removal: bytes as they are.
    pub lines: Vec<EvidenceLine>,
}

/// Where evidence is from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum EvidenceSource {
    /// A recorded stream, this range of bytes of it.
    Stream(StreamName, Range<u64>),
    /// A file, at a line from 1.
    File(PathBuf, u32),
}

/// One line of evidence.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EvidenceLine {
    /// Its number in the stream or file, from 1.
    pub number: u32,
    /// Its bytes with the line end, cut to 4 KiB.
    pub bytes: Vec<u8>,
    /// It is the offending line; the words to show beside it, which may be empty.
    pub note: Option<String>,
}

/// One thing worth telling.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// The rule's stable code.
    pub code: RuleCode,
    /// How much it matters.
    pub severity: Severity,
    /// Whose side it is on.
    pub blame: Blame,
    /// Which stage of the chain broke.
    pub stage: Stage,
    /// One plain sentence without a full stop, as a headline.
    pub title: String,
    /// Why that is a failure, in one or two sentences.
    pub explanation: String,
    /// What to do, in one sentence.
    pub remedy: String,
    /// The rule's source: `RFC 3875 §6.2`, `execve(2) ENOEXEC`, `PEP 594`; empty where there is none.
    pub authority: String,
    /// The proof.
    pub evidence: Option<Evidence>,
    /// A place in the script: file and line from 1.
    pub place: Option<(PathBuf, u32)>,
    /// What merely follows from it: it goes away when this is mended, and is shown folded beneath.
    pub consequences: Vec<Finding>,
    /// The exception behind it, with its calls.
    pub exception: Option<Arc<Exception>>,
}
