//! The site under check: its scripts with their text, and how rules ask about them.

use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Touched;
use super::source::{Line, code_lines, printed_field, reads_variable};
use crate::convert::Host;
use crate::convert::write::{Deployment, write};
use crate::site::{ScriptEntry, ScriptFacts, Settings, Site, is_foreign_folder};

/// A line that is shown is cut to so many characters.
const EVIDENCE_CHARACTERS: usize = 160;
/// A use is shown so many times for each script.
const TOUCHES_PER_SCRIPT: usize = 3;

/// After this many names a walk ends: it is somebody's home folder, not a site.
const MOST_ENTRIES: usize = 20_000;

/// One script of the site.
pub(super) struct Script {
    /// Its facts.
    pub(super) facts: ScriptFacts,
    /// Its URL path, decoded.
    pub(super) url_path: Vec<u8>,
    /// Its code; empty for programs.
    pub(super) lines: Vec<Line>,
}

/// What the rules are asked about.
pub(super) struct Case<'a> {
    /// The site.
    pub(super) site: &'a Site,
    /// Where it is to go.
    pub(super) host: Host,
    /// Its scripts.
    pub(super) scripts: Vec<Script>,
    /// What the configuration that is written for the host leaves out, or why none can be written.
    pub(super) written: Result<Vec<String>, String>,
}

impl<'a> Case<'a> {
    pub(super) fn read(site: &'a Site, host: Host) -> Self {
        let script = |entry: &ScriptEntry| {
            let facts = site.script_facts(&entry.path);
            let lines = match facts.binary_format {
                Some(_) => Vec::new(),
                None => code_lines(&facts.source),
            };
            let url_path = percent_encoding::percent_decode(&entry.url_path).collect();
            Script {
                facts,
                url_path,
                lines,
            }
        };
        let scripts = site.scripts();
        Self {
            site,
            host,
            scripts: scripts.iter().map(script).collect(),
            written: write(site, host, &Deployment::default())
                .map(|written| written.left_out)
                .map_err(|error| error.to_string()),
        }
    }

    /// Where a script reads one of these environment variables.
    pub(super) fn reading(&self, names: &[&str]) -> Vec<Touched> {
        self.lines(|line| names.iter().any(|name| reads_variable(line, name)))
    }

    /// Where a script prints one of these response header fields.
    pub(super) fn printing(&self, names: &[&str]) -> Vec<Touched> {
        self.lines(|line| names.iter().any(|name| printed_field(line, name).is_some()))
    }

    /// The lines of code that the rule is about.
    pub(super) fn lines(&self, is_it: impl Fn(&str) -> bool) -> Vec<Touched> {
        self.lines_of(|_, line| is_it(&line.text))
    }

    /// The same, for a rule that looks around the line.
    pub(super) fn lines_of(&self, is_it: impl Fn(&Script, &Line) -> bool) -> Vec<Touched> {
        let mut touched = Vec::new();
        for script in &self.scripts {
            let lines = script.lines.iter().filter(|line| is_it(script, line));
            touched.extend(lines.take(TOUCHES_PER_SCRIPT).map(|line| Touched {
                path: self.shown(&script.facts.path),
                line: Some(line.number),
                evidence: line.text.chars().take(EVIDENCE_CHARACTERS).collect(),
            }));
        }
        touched
    }

    /// The scripts of which the rule says something.
    pub(super) fn files(&self, fact: impl Fn(&Script) -> Option<String>) -> Vec<Touched> {
        let touched = |script: &Script| Some(self.touched(&script.facts.path, fact(script)?));
        self.scripts.iter().filter_map(touched).collect()
    }

    /// The site as a whole.
    pub(super) fn whole_site(&self, fact: Option<String>) -> Vec<Touched> {
        let touched = |fact| self.touched(&self.site.root, fact);
        fact.map(touched).into_iter().collect()
    }

    pub(super) fn touched(&self, path: &Path, evidence: String) -> Touched {
        Touched {
            path: self.shown(path),
            line: None,
            evidence,
        }
    }

    fn shown(&self, path: &Path) -> PathBuf {
        match path.strip_prefix(&self.site.root) {
            Ok(inside) if inside.as_os_str().is_empty() => PathBuf::from("."),
            Ok(inside) => inside.to_owned(),
            Err(_) => path.to_owned(),
        }
    }

    /// Whether every file beside `file` is a script, whatever its name.
    pub(super) fn in_script_folder(&self, file: &Path) -> bool {
        let real = file.canonicalize();
        real.is_ok_and(|real| self.site.in_script_folder(&real))
    }

    /// Whether a URL prefix leads elsewhere than the document root would by itself.
    pub(super) fn has_own_aliases(&self) -> bool {
        let root = self.site.document_root();
        self.site
            .prefixes()
            .any(|prefix| prefix.folder != root.join(prefix.url.trim_matches('/')))
    }

    /// The scripts that get the client's Authorization field here, or that do not.
    pub(super) fn reading_authorization(&self, passed: bool) -> Vec<Touched> {
        self.lines_of(|script, line| {
            self.settings(script).pass_authorization == passed
                && reads_variable(&line.text, "HTTP_AUTHORIZATION")
        })
    }

    fn settings(&self, script: &Script) -> Arc<Settings> {
        self.site.settings(&script.url_path, &script.facts.path)
    }

    /// The files and folders of the site of which the rule says something; links are not followed,
    /// and what lies in a folder that is told of is not looked at.
    pub(super) fn entries(&self, fact: impl Fn(&Path) -> Option<String>) -> Vec<Touched> {
        let mut touched = Vec::new();
        let mut folders = vec![self.site.root.clone()];
        let mut left = MOST_ENTRIES;
        while let Some(folder) = folders.pop() {
            for entry in folder.read_dir().into_iter().flatten().flatten().take(left) {
                left -= 1;
                let path = entry.path();
                if let Some(fact) = fact(&path) {
                    touched.push(self.touched(&path, fact));
                } else if entry.file_type().is_ok_and(|kind| kind.is_dir())
                    && !is_foreign_folder(&path)
                {
                    folders.push(path);
                }
            }
        }
        touched
    }

    /// The folders from the site's own down to the script's, both included.
    pub(super) fn folders_to(&self, script: &Path) -> Vec<PathBuf> {
        script
            .ancestors()
            .skip(1)
            .take_while(|folder| folder.starts_with(&self.site.root))
            .map(Path::to_owned)
            .collect()
    }
}

impl Script {
    /// The file's name as bytes.
    pub(super) fn name(&self) -> &[u8] {
        self.facts.path.file_name().unwrap_or_default().as_bytes()
    }

    /// Whether a line within three of `line` prints a `Status` of the class `3`.
    pub(super) fn prints_redirect_status_near(&self, line: &Line) -> bool {
        self.lines.iter().any(|other| {
            other.number.abs_diff(line.number) <= 3
                && printed_field(&other.text, "Status")
                    // A status that is put together could be any.
                    .is_some_and(|value| value.starts_with(['3', '{', '$', '%']))
        })
    }
}

/// The permission bits of a file or folder; `None` where it cannot be examined.
pub(super) fn mode_of(path: &Path) -> Option<u32> {
    path.metadata()
        .ok()
        .map(|metadata| metadata.mode() & 0o7777)
}
