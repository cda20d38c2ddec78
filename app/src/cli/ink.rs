//! Colour on a terminal, and none anywhere else.

use std::ffi::OsStr;
use std::io::IsTerminal as _;

/// Paints text, or leaves it as it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Ink {
    coloured: bool,
}

impl Ink {
    /// No colour at all.
    pub(crate) const PLAIN: Self = Self { coloured: false };
    #[cfg(test)]
    pub(crate) const COLOURED: Self = Self { coloured: true };

    pub(crate) fn of_stdout() -> Self {
        Self::of(std::io::stdout().is_terminal())
    }

    pub(crate) fn of_stderr() -> Self {
        Self::of(std::io::stderr().is_terminal())
    }

    fn of(is_terminal: bool) -> Self {
        let no_color = std::env::var_os("NO_COLOR");
        let term = std::env::var_os("TERM");
        Self::decide(is_terminal, no_color.as_deref(), term.as_deref())
    }

    /// NO_COLOR counts when it is set to anything (no-color.org).
    fn decide(is_terminal: bool, no_color: Option<&OsStr>, term: Option<&OsStr>) -> Self {
        let unwanted = no_color.is_some_and(|value| !value.is_empty());
        let unable = term.is_some_and(|term| term == "dumb");
        Self {
            coloured: is_terminal && !unwanted && !unable,
        }
    }

    pub(crate) fn is_coloured(self) -> bool {
        self.coloured
    }

    pub(crate) fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    pub(crate) fn dim(self, text: &str) -> String {
        self.paint("2", text)
    }

    pub(crate) fn red(self, text: &str) -> String {
        self.paint("31", text)
    }

    pub(crate) fn green(self, text: &str) -> String {
        self.paint("32", text)
    }

    pub(crate) fn yellow(self, text: &str) -> String {
        self.paint("33", text)
    }

    /// ECMA-48 SGR, which every terminal of today understands.
    fn paint(self, code: &str, text: &str) -> String {
        if self.coloured {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(is_terminal: bool, no_color: Option<&str>, term: Option<&str>, coloured: bool) {
        let ink = Ink::decide(is_terminal, no_color.map(OsStr::new), term.map(OsStr::new));
        assert_eq!(ink.is_coloured(), coloured);
    }

    #[test]
    fn only_a_willing_terminal_gets_colour() {
        check(true, None, Some("xterm"), true);
        check(true, Some(""), None, true);
        check(true, Some("1"), Some("xterm"), false);
        check(true, Some("0"), Some("xterm"), false);
        check(true, None, Some("dumb"), false);
        check(false, None, Some("xterm"), false);
    }

    #[test]
    fn plain_ink_leaves_text_as_it_is() {
        assert_eq!(Ink::PLAIN.red("x"), "x");
        assert_eq!(Ink::COLOURED.red("x"), "\x1b[31mx\x1b[0m");
    }
}
