//! A case as its file says it: whom it holds to what, what is sent, and what may come back.

use super::text::Words;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// How much the RFC asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub enum Level {
    /// An absolute requirement.
    #[serde(rename = "MUST")]
    Must,
    /// What may be left out only for a good reason.
    #[serde(rename = "SHOULD")]
    Should,
    /// A choice: the outcome is told and nobody fails.
    #[serde(rename = "MAY")]
    May,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Must => "MUST",
            Self::Should => "SHOULD",
            Self::May => "MAY",
        })
    }
}

/// One case.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// The name of its file, without the suffix.
    #[serde(skip)]
    pub name: String,
    /// One sentence that holds for a host that passes.
    pub title: String,
    /// Numbers of the requirements in the checklist, the main one first.
    pub requirements: Vec<u8>,
    /// Section of RFC 3875, or another source.
    pub section: String,
    /// How much is asked.
    pub level: Level,
    /// Why it is so, where the title does not say it.
    pub note: Option<String>,
    /// What the host must have, or the case says nothing about it.
    #[serde(default)]
    pub needs: Vec<Need>,
    /// What the case's own script prints, byte for byte.
    pub output: Option<String>,
    /// The case's own script; its first line is `#!sh` or `#!python3`.
    pub script: Option<String>,
    /// The script's name begins with `nph-`.
    #[serde(default)]
    pub nph: bool,
    /// Lines of the request's head, without line ends.
    #[serde(default)]
    head: Vec<String>,
    /// Sent after the head.
    body: Option<String>,
    /// What is done, where one head and one body are not enough.
    #[serde(default)]
    steps: Vec<Step>,
    /// Outcomes that pass: any one of them.
    pub expect: Vec<Expect>,
    /// Outcomes that show that the host does not do such things at all, which it may.
    #[serde(default)]
    pub not_applicable: Vec<NotApplicable>,
}

/// What a host may lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Need {
    /// Scripts that ask for a user's name and password.
    Authentication,
}

/// One thing that the client does.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Sends the lines, each with CR LF, and an empty line.
    Head(Vec<String>),
    /// Sends the bytes.
    Send(String),
    /// Waits until these bytes have come.
    Await(String),
    /// Waits for a whole answer.
    Answer,
    /// Ends its own side of the connection and reads on.
    CloseWrite,
    /// Waits until the host has ended the connection.
    End,
}

/// An outcome.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expect {
    /// What it means for the host, where several outcomes pass.
    pub meaning: Option<String>,
    /// Status codes, or classes such as `"4xx"`; any of them.
    pub status: Vec<Status>,
    /// The reason phrase.
    pub reason: Option<Value>,
    /// Fields of the answer.
    pub fields: BTreeMap<String, Value>,
    /// The body, its transfer coding removed.
    pub body: Option<Value>,
    /// All bytes that came.
    pub raw: Option<Value>,
    /// What came after the end of the last answer.
    pub after: Option<Value>,
    /// Interim status codes before the answer.
    pub interim: Option<Vec<u16>>,
    /// The answer is HTTP without a fault, bare line feeds aside: clients may take them for line ends (RFC 9112 2.2).
    pub valid: bool,
    /// Every line of the answer's head ends with CR LF.
    pub line_ends: bool,
    /// Whether the answer is whole (true) or visibly cut off (false).
    pub whole: Option<bool>,
    /// The connection ended without a single byte.
    pub silence: bool,
    /// Variables as the script saw them.
    pub env: BTreeMap<String, Value>,
    /// Variables that equal a field of the answer, if it has that field.
    pub env_as_field: BTreeMap<String, String>,
    /// Arguments as the script saw them.
    pub argv: Option<Vec<String>>,
    /// The script's working directory.
    pub cwd: Option<Value>,
    /// What the script read from stdin.
    pub stdin: Option<Value>,
    /// How long before the end of the answer its first body byte came, at least, in milliseconds.
    pub early_milliseconds: Option<u64>,
    /// Within how many milliseconds the answer was whole.
    pub within_milliseconds: Option<u64>,
    /// The URI that the variables spell selects the same script with the same variables.
    pub script_uri: bool,
}

/// A status code or a class of them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Status {
    /// Exactly this one.
    Code(u16),
    /// `"4xx"`.
    Class(String),
}

/// What a value must be.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// Present and not empty, or (false) missing or empty, between which CGI makes no difference (§4.1).
    Present(bool),
    /// Equal, byte for byte; a field comes exactly once.
    Equal(String),
    /// The field comes with these values, in this order.
    Each(Vec<String>),
    /// Something about the value.
    Test(Test),
}

/// Something about a value; all that is named has to hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Test {
    /// A regular expression over bytes matches somewhere.
    pub matches: Option<String>,
    /// The bytes occur.
    pub contains: Option<String>,
    /// The bytes do not occur; a missing value passes.
    pub lacks: Option<String>,
    /// Equal to one of these.
    pub one_of: Option<Vec<String>>,
    /// So many bytes.
    pub length: Option<usize>,
    /// It is there or, as a field, is not: empty counts as there.
    pub there: Option<bool>,
}

/// An outcome that makes a case say nothing.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotApplicable {
    /// What the host does not do.
    pub because: String,
    /// How that is seen.
    pub when: Expect,
}

impl Case {
    /// What the client does.
    pub fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        if !self.head.is_empty() {
            steps.push(Step::Head(self.head.clone()));
        }
        steps.extend(self.body.clone().map(Step::Send));
        steps.extend(self.steps.iter().cloned());
        steps
    }

    /// The file name of the case's own script in `cgi-bin/`, if it has one.
    pub fn script_name(&self) -> Option<String> {
        let own = self.output.is_some() || self.script.is_some();
        let prefix = if self.nph { "nph-" } else { "" };
        own.then(|| format!("{prefix}{}.cgi", self.name))
    }

    /// All text in which placeholders may stand.
    fn texts(&self) -> Vec<&str> {
        let mut texts: Vec<&str> = Vec::new();
        texts.extend(self.output.as_deref());
        texts.extend(self.head.iter().map(String::as_str));
        texts.extend(self.body.as_deref());
        for step in &self.steps {
            match step {
                Step::Head(lines) => texts.extend(lines.iter().map(String::as_str)),
                Step::Send(text) | Step::Await(text) => texts.push(text),
                Step::Answer | Step::CloseWrite | Step::End => {}
            }
        }
        for expect in &self.expect {
            texts.extend(expect.texts());
        }
        texts
    }

    fn check(&self) -> Result<(), String> {
        let numbers = self.requirements.iter();
        let prefix = format!("b{:02}-", self.requirements.first().copied().unwrap_or(0));
        let shebang = self.script.as_deref().map(|script| script.lines().next());
        if !self.name.starts_with(&prefix) {
            return Err(format!("its name does not begin with {prefix}"));
        }
        if !numbers.clone().all(|number| (1..=68).contains(number)) {
            return Err("requirements are numbered 1 to 68".to_owned());
        }
        if self.expect.is_empty() || self.steps().is_empty() {
            return Err("it asks nothing or expects nothing".to_owned());
        }
        if !matches!(shebang, None | Some(Some("#!sh" | "#!python3"))) {
            return Err("its script does not begin with #!sh or #!python3".to_owned());
        }
        let words = Words::of_nobody();
        let mut texts = self.texts().into_iter();
        match texts.find_map(|text| words.bytes(text).err()) {
            Some(unknown) => Err(format!("nobody knows the placeholder {unknown}")),
            None => Ok(()),
        }
    }
}

impl Expect {
    /// The values that it names.
    pub(super) fn values(&self) -> impl Iterator<Item = &Value> {
        let single = [
            &self.reason,
            &self.body,
            &self.raw,
            &self.after,
            &self.cwd,
            &self.stdin,
        ];
        let single = single.into_iter().flatten();
        single.chain(self.fields.values()).chain(self.env.values())
    }

    fn texts(&self) -> Vec<&str> {
        let mut texts: Vec<&str> = Vec::new();
        for value in self.values() {
            match value {
                Value::Present(_) => {}
                Value::Equal(text) => texts.push(text),
                Value::Each(each) => texts.extend(each.iter().map(String::as_str)),
                Value::Test(test) => {
                    texts.extend(test.contains.as_deref());
                    texts.extend(test.lacks.as_deref());
                    texts.extend(test.one_of.iter().flatten().map(String::as_str));
                }
            }
        }
        texts.extend(self.argv.iter().flatten().map(String::as_str));
        texts
    }

    /// It needs what the dump script tells.
    pub(super) fn needs_dump(&self) -> bool {
        !self.env.is_empty()
            || !self.env_as_field.is_empty()
            || self.argv.is_some()
            || self.cwd.is_some()
            || self.stdin.is_some()
            || self.script_uri
    }
}

/// All cases.
#[derive(Debug, Clone)]
pub struct Suite {
    /// In the order of their names.
    pub cases: Vec<Case>,
}

/// A case that cannot be used.
#[derive(Debug, Error)]
#[allow(missing_docs)] // the messages say it
pub enum SuiteError {
    #[error("cannot read the cases: {source}: {path:?}")]
    Read { source: io::Error, path: PathBuf },
    #[error("no case is written so: {reason}: {path:?}")]
    Case { reason: String, path: PathBuf },
}

impl Suite {
    /// The folder of the cases in the source tree.
    pub fn folder() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("cases")
    }

    /// Reads every case of the folder.
    ///
    /// # Errors
    /// A file cannot be read, or is no case.
    pub fn load(folder: &Path) -> Result<Self, SuiteError> {
        let mut cases = Vec::new();
        for path in toml_files(folder)? {
            let text = fs::read_to_string(&path).map_err(|source| SuiteError::Read {
                source,
                path: path.clone(),
            })?;
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            let mistaken = |reason: String| SuiteError::Case {
                reason,
                path: path.clone(),
            };
            let mut case: Case =
                toml::from_str(&text).map_err(|error| mistaken(error.to_string()))?;
            case.name = name.into_owned();
            case.check().map_err(mistaken)?;
            cases.push(case);
        }
        Ok(Self { cases })
    }

    /// Keeps the cases whose name begins so.
    pub fn keep(&mut self, beginning: &str) {
        self.cases.retain(|case| case.name.starts_with(beginning));
    }
}

fn toml_files(folder: &Path) -> Result<Vec<PathBuf>, SuiteError> {
    let read = |source| SuiteError::Read {
        source,
        path: folder.to_owned(),
    };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(read)? {
        let path = entry.map_err(read)?.path();
        if path.extension().is_some_and(|suffix| suffix == "toml") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}
