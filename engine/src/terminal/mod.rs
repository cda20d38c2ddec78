//! "It works in the terminal and not here": what a login shell has, against what a run got.
//!
//! The shell is asked only when somebody wants to know, because it runs the user's own start files.

mod differences;
mod shell;

pub use differences::{Difference, Weight, differences};
pub use shell::{AskError, Terminal, ask};
