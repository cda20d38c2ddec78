//! What is around the scripts: the interpreters of this computer, and how a terminal differs from a run.

use cgi_engine::exchange::ExchangeId;
use cgi_engine::interpreters::Interpreter;
use cgi_engine::terminal::Difference;

/// The dialog that is open over the window.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Dialog {
    /// None.
    #[default]
    Closed,
    /// The interpreters; none until they were looked for.
    Interpreters(Option<Result<Vec<Interpreter>, String>>),
    /// The terminal against this run.
    Terminal(ExchangeId, Asked),
}

/// How far the question to the terminal is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The user is told what it will do.
    NotYet,
    /// A worker waits for the shell.
    Waiting,
    /// The shell and the differences, or why there was no answer.
    Answered(Result<(String, Vec<Difference>), String>),
}
