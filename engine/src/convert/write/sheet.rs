//! A configuration file as it grows: lines, blocks, and comments on what could not be said.

use super::Written;

/// Comments are broken at this width.
const COMMENT_WIDTH: usize = 96;

/// The text so far.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    text: String,
    depth: usize,
    left_out: Vec<String>,
}

impl Sheet {
    /// A line of configuration.
    pub(super) fn line(&mut self, line: &str) {
        if !line.is_empty() {
            self.text.push_str(&"    ".repeat(self.depth));
            self.text.push_str(line);
        }
        self.text.push('\n');
    }

    /// A comment, of as many lines as it takes. Nothing in it can end it.
    pub(super) fn comment(&mut self, text: &str) {
        let mut line = String::from("#");
        for word in text.split_whitespace() {
            if line.chars().count() + word.chars().count() > COMMENT_WIDTH && line != "#" {
                self.line(&line);
                line = String::from("#");
            }
            line.push(' ');
            line.extend(word.chars().filter(|character| !character.is_control()));
        }
        // A backslash at the end would draw the next line in (Apache).
        if line.ends_with('\\') {
            line.push('.');
        }
        self.line(&line);
    }

    /// A line, and what follows is inside of it.
    pub(super) fn open(&mut self, line: &str) {
        self.line(line);
        self.depth += 1;
    }

    /// The end of what [`Self::open`] began.
    pub(super) fn close(&mut self, line: &str) {
        self.depth = self.depth.saturating_sub(1);
        self.line(line);
    }

    /// Something that the host cannot say: a comment here, and in the list.
    pub(super) fn left_out(&mut self, what: &str) {
        self.comment(&format!("LEFT OUT: {what}."));
        if !self.left_out.iter().any(|known| known == what) {
            self.left_out.push(what.to_owned());
        }
    }

    pub(super) fn finish(self) -> Written {
        Written {
            text: self.text,
            left_out: self.left_out,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_stays_a_comment_whatever_is_in_it() {
        let mut sheet = Sheet::default();
        sheet.open("{");
        sheet.comment("a\nRequire all granted\r\u{0} \\");
        sheet.left_out(&"word ".repeat(40));
        sheet.close("}");
        let written = sheet.finish();
        let inside = written
            .text
            .lines()
            .filter(|line| *line != "{" && *line != "}");
        assert!(
            inside.clone().all(|line| line.starts_with("    # ")),
            "{}",
            written.text
        );
        assert!(inside.clone().all(|line| !line.ends_with('\\')));
        assert!(inside.count() > 2);
        assert_eq!(written.left_out.len(), 1);
    }
}
