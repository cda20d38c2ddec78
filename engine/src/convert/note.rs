//! What became of each directive of a foreign configuration.

use std::path::PathBuf;

use crate::site::SiteConfig;

/// A configuration of ours, and what was and was not taken from the other one.
#[derive(Debug, Clone, PartialEq)]
pub struct Conversion {
    /// What `cgi-studio.toml` is to say.
    pub config: SiteConfig,
    /// One or more for each directive, in the order in which they were read.
    pub notes: Vec<Note>,
    /// Where each of `config.scopes` comes from, in the same order.
    pub scope_sources: Vec<ScopeSource>,
    /// How the other host differs from ours in general, in sentences: nothing in the
    /// configuration says it, and no setting of ours changes it.
    pub remarks: Vec<String>,
}

/// Where a scope comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeSource {
    /// The file, as it was named.
    pub file: PathBuf,
    /// Line, from 1; 0 for what stands in no line because it is the host's default.
    pub line: u32,
    /// The section as it was written, such as `<Directory "/var/www">`.
    pub section: String,
}

/// What became of one directive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The file, as it was named.
    pub file: PathBuf,
    /// Line, from 1; for a directive over several lines, the first.
    pub line: u32,
    /// The directive's name as it was written, such as `ScriptAlias` or `<Location>`.
    pub directive: String,
    /// How much of it was taken.
    pub grade: Grade,
    /// Whether the site behaves differently because of what was not taken.
    pub matters: bool,
    /// What that means, in a sentence or two.
    pub meaning: String,
}

/// How much of a directive was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Grade {
    /// All that it does.
    Taken,
    /// Some of what it does.
    Partly,
    /// Nothing.
    NotTaken,
}

impl Grade {
    /// `taken`, `partly` or `not taken`.
    pub fn label(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Partly => "partly",
            Self::NotTaken => "not taken",
        }
    }
}

impl Conversion {
    /// Whether something was left behind that changes what the site does.
    pub fn lost_something(&self) -> bool {
        self.notes
            .iter()
            .any(|note| note.matters && note.grade != Grade::Taken)
    }
}
