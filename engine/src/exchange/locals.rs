//! The variables of a Python script at an exception that nobody caught, as the script's own process told them.

use serde::{Deserialize, Serialize};

/// The exceptions of a traceback, the oldest first, with the variables of their calls.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LocalsReport {
    /// The version of Python.
    pub python: String,
    /// The exceptions.
    pub exceptions: Vec<ExceptionLocals>,
}

/// One exception of a chain.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ExceptionLocals {
    /// Its class, as `ZeroDivisionError`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The calls, the outermost first, as in the traceback.
    pub frames: Vec<FrameLocals>,
    /// Calls in the middle that were left out.
    pub left_out: u64,
}

/// A call and its variables.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FrameLocals {
    /// The file, as the traceback has it.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The function, `<module>` outside of any.
    pub function: String,
    /// Its variables, in the order of their first use.
    pub locals: Vec<Local>,
}

/// A variable: its name, its type, and its value in few words; what sounds like a secret is hidden already.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Local(pub String, pub String, pub String);

impl LocalsReport {
    /// The variables of the call at this place of a traceback; of several at one place the last exception's innermost.
    #[must_use]
    pub fn at(&self, file: &str, line: u32, function: &str) -> Option<&[Local]> {
        let mut frames = self.exceptions.iter().flat_map(|one| &one.frames);
        frames
            .rfind(|frame| frame.line == line && frame.function == function && frame.file == file)
            .map(|frame| frame.locals.as_slice())
    }

    /// Every text that is a value, to hide secrets in.
    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut String> {
        self.exceptions
            .iter_mut()
            .flat_map(|one| &mut one.frames)
            .flat_map(|frame| &mut frame.locals)
            .map(|local| &mut local.2)
    }
}

/// What was in a script's process beside the script.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Debugger {
    /// A hook that tells the variables at an exception that nobody caught.
    Locals,
    /// Python's own debugger, its console in the studio.
    Pdb,
    /// debugpy, for an editor that attaches.
    Debugpy,
}

impl Debugger {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Locals => "locals",
            Self::Pdb => "pdb",
            Self::Debugpy => "debugpy",
        }
    }
}
