//! What workers bring to the editor: files read and written, text that outlived a crash, what runs proved.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use cgi_engine::clock::Timestamp;
use cgi_engine::diagnosis::{Finding, Severity};
use cgi_engine::exchange::ExchangeId;
use cgi_engine::message::ScriptStatus;

use super::super::fixing::Question;
use super::contents::Contents;
use super::document::LineMark;

/// What a worker found in the place of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileRead {
    /// A text that can be edited.
    Text {
        /// The text.
        contents: Contents,
        /// The permission bits.
        mode: u32,
    },
    /// Bytes that can only be shown.
    Bytes {
        /// Why.
        why: String,
        /// The bytes, or their beginning.
        bytes: Bytes,
        /// How many there are.
        length: u64,
    },
    /// Nothing is there.
    Missing,
    /// It cannot be read, for this reason.
    Failed(String),
}

/// What became of a save.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SaveOutcome {
    /// The file has these contents now.
    Written {
        /// The contents.
        contents: Contents,
        /// The permission bits.
        mode: u32,
    },
    /// The file had these contents, which nobody here has seen; it was left alone.
    ChangedOutside(Contents),
    /// The file is as it was.
    Failed(String),
}

/// Unsaved text of a session that ended without being asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rescued {
    /// The file that it belongs to.
    pub path: PathBuf,
    /// The text.
    pub text: String,
    /// The file as it was when the text was begun.
    pub contents: Contents,
    /// When it was kept.
    pub kept: Timestamp,
    /// Where it is kept.
    pub kept_in: PathBuf,
}

/// What came for the editor since the last frame.
#[derive(Clone, Debug)]
pub enum EditorNews {
    /// A file was read, as asked for by this number.
    Read(PathBuf, u64, FileRead),
    /// A file was written, or not.
    Saved(PathBuf, SaveOutcome),
    /// What a run proved.
    Run(ExchangeId, Proved),
    /// These texts were found for the site in this folder.
    Rescued(PathBuf, Vec<Rescued>),
    /// A text comes back; its file was read, as asked for by this number.
    Restored(Box<Rescued>, u64, FileRead),
    /// The editors of this computer.
    OutsideFound(Vec<super::outside::OutsideEditor>),
    /// Another editor was started, or why not.
    OutsideOpened(Option<String>),
    /// Unsaved text was kept, or why not.
    Kept(Option<String>),
    /// A script was made of a template, or why not: the file, and the path to ask for it.
    Made(Result<(PathBuf, Option<String>), String>),
}

/// What a run proved, each with what a fix would mend; nothing where no script of this computer ran.
pub type Proved = Arc<[(Finding, Option<Arc<Question>>)]>;

/// A finding that has to be mended; a note has not.
fn is_told(finding: &Finding) -> bool {
    finding.severity != Severity::Note
}

/// The marks of a file: what was found before a run, and what a run proved that is not among it. `failed` is the
/// script's last run if that failed, to be run again once it is mended.
#[must_use]
pub fn marks(
    path: &Path,
    before: Option<&ScriptStatus>,
    failed: Option<ExchangeId>,
    run: Option<&(ExchangeId, Proved)>,
) -> Vec<LineMark> {
    let of_script = |script: &ScriptStatus| marks_of_script(path, script, failed);
    let mut marks = before.map(of_script).unwrap_or_default();
    if let Some((run, proved)) = run {
        for (finding, question) in proved.iter().filter(|(finding, _)| is_told(finding)) {
            let Some((file, line)) = &finding.place else {
                continue;
            };
            let mark = mark_of(finding, *line, format!("run #{run}"), question.clone());
            let is_known = |other: &LineMark| other.line == mark.line && other.code == mark.code;
            if is_same_file(file, path) && !marks.iter().any(is_known) {
                marks.push(mark);
            }
        }
    }
    marks.sort_by_key(|mark| (mark.line, mark.severity));
    marks
}

fn marks_of_script(
    path: &Path,
    script: &ScriptStatus,
    failed: Option<ExchangeId>,
) -> Vec<LineMark> {
    let told = script.findings.iter().filter(|finding| is_told(finding));
    told.filter_map(|finding| {
        let line = match &finding.place {
            Some((file, line)) if is_same_file(file, path) => *line,
            Some(_) => return None,
            // It is about the file as a whole.
            None => 1,
        };
        let question = Arc::new(Question::of_script(script, finding, failed));
        let seen = "before a run".to_owned();
        Some(mark_of(finding, line, seen, Some(question)))
    })
    .collect()
}

fn mark_of(
    finding: &Finding,
    line: u32,
    seen: String,
    question: Option<Arc<Question>>,
) -> LineMark {
    LineMark {
        line: usize::try_from(line).unwrap_or(1).max(1),
        severity: finding.severity,
        code: finding.code.to_string(),
        title: finding.title.clone(),
        seen,
        question,
    }
}

/// Scripts that are started by a relative path say that of themselves.
fn is_same_file(named: &Path, path: &Path) -> bool {
    named == path || named.is_relative() && path.ends_with(named)
}
