//! What the studio has to say besides its output: lines on standard error.

use std::io::Write as _;

use super::ink::Ink;

/// A line as it is.
pub(crate) fn say(line: &str) {
    // When nobody can hear us any more there is nobody to tell.
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// Something that the user should know and that stops nothing.
pub(crate) fn warn(line: &str) {
    say(&format!("{} {line}", Ink::of_stderr().yellow("warning:")));
}

/// Why nothing more is done.
pub(crate) fn error(line: &str) {
    say(&format!("{} {line}", Ink::of_stderr().red("error:")));
}
