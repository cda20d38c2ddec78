//! What became of each directive of a foreign configuration.

use std::fmt;
use std::path::PathBuf;

use crate::site::SiteConfig;

/// A configuration of ours, and what was and was not taken from the other one.
#[derive(Debug, Clone, PartialEq)]
pub struct Conversion {
    /// What `cgi-studio.toml` is to say.
    pub config: SiteConfig,
    /// One or more for each directive, in the order in which they were read.
    pub notes: Vec<Note>,
    /// The sections that each of `config.scopes` comes from, in the same order.
    pub scope_sources: Vec<Vec<ScopeSource>>,
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

/// Keys outside of scopes, and the directives that they come from.
const KEYS: [(&str, &[&str]); 8] = [
    ("server.listen", &["listen"]),
    ("server.hosts", &["servername", "serveralias"]),
    ("server.document_root", &["documentroot"]),
    ("scripts.script_aliases", &["scriptalias"]),
    ("scripts.aliases", &["alias"]),
    ("scripts.script_alias_matches", &["scriptaliasmatch"]),
    ("scripts.alias_matches", &["aliasmatch"]),
    (
        "limits.time_seconds",
        &["timeout", "cgiscripttimeout", "cgidscripttimeout"],
    ),
];

impl Conversion {
    /// The text of `cgi-studio.toml`, with comments that name the lines it comes from.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let file = self.notes.first().map(|note| note.file.display());
        let from = file.map_or_else(String::new, |file| format!(" from {file}"));
        let from: String = from.chars().filter(|c| !c.is_control()).collect();
        let config = self
            .config
            .to_toml_with_comments(|name| self.comment_on(name));
        format!("# Converted{from}\n\n{config}")
    }

    fn comment_on(&self, name: &str) -> Option<String> {
        let of_scope = name.strip_prefix("scopes[");
        if let Some(index) = of_scope.and_then(|rest| rest.strip_suffix(']')) {
            let sources = self.scope_sources.get(index.parse::<usize>().ok()?)?;
            let lines: Vec<String> = sources.iter().map(ScopeSource::to_string).collect();
            return Some(lines.join("\n"));
        }
        let (_, directives) = KEYS.iter().find(|(key, _)| *key == name)?;
        let taken = self.notes.iter().filter(|note| {
            let key = note.directive.to_ascii_lowercase();
            note.grade != Grade::NotTaken && directives.contains(&key.as_str())
        });
        let lines: Vec<String> = taken
            .map(|note| format!("{}:{} {}", note.file.display(), note.line, note.directive))
            .collect();
        Some(lines.join("\n"))
    }
}

impl fmt::Display for ScopeSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => f.write_str(&self.section),
            line => write!(f, "{}:{line} {}", self.file.display(), self.section),
        }
    }
}
