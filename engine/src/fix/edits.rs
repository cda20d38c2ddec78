//! Several small changes of one text, made together.

use crate::python::PythonFacts;
use std::ops::Range;

/// Changes of a Python script, collected and made at once.
pub(super) struct Edits<'t> {
    text: &'t str,
    facts: &'t PythonFacts,
    changes: Vec<(Range<usize>, String)>,
}

impl<'t> Edits<'t> {
    pub(super) fn of(text: &'t str, facts: &'t PythonFacts) -> Self {
        Self {
            text,
            facts,
            changes: Vec::new(),
        }
    }

    /// Puts `with` in the place of these bytes.
    pub(super) fn replace(&mut self, range: Range<usize>, with: impl Into<String>) {
        self.changes.push((range, with.into()));
    }

    /// Adds lines before the statement that begins at `at`, indented as it is. None: it is not the first of its line.
    pub(super) fn before(&mut self, at: usize, lines: &[&str]) -> Option<()> {
        let indent = self.indent(at)?;
        let line = at - indent.len();
        let added = self.lines(&indent, lines);
        self.replace(line..line, added);
        Some(())
    }

    /// Adds lines after a statement, indented as it is. None: it shares a line with another.
    pub(super) fn after(&mut self, statement: &Range<usize>, lines: &[&str]) -> Option<()> {
        let indent = self.indent(statement.start)?;
        let end = self.end_of_line(statement.end);
        let rest = self.text.get(statement.end..end)?.trim();
        if !rest.is_empty() && !rest.starts_with('#') {
            return None;
        }
        let unfinished = !self.text[..end].ends_with('\n');
        let added = self.lines(&indent, lines);
        let added = if unfinished {
            format!("{}{added}", self.line_end())
        } else {
            added
        };
        self.replace(end..end, added);
        Some(())
    }

    /// Puts lines in the place of a statement, indented as it is. None: it is not the first of its line.
    ///
    /// Unlike lines that are added after it, they come before whatever is added at the next line's start.
    pub(super) fn instead(&mut self, statement: &Range<usize>, lines: &[String]) -> Option<()> {
        let indent = self.indent(statement.start)?;
        let with = lines.join(&format!("{}{indent}", self.line_end()));
        self.replace(statement.clone(), with);
        Some(())
    }

    /// Deletes a statement with its line. None: it shares the line with another.
    pub(super) fn delete(&mut self, statement: &Range<usize>) -> Option<()> {
        let indent = self.indent(statement.start)?;
        let end = self.end_of_line(statement.end);
        let rest = self.text.get(statement.end..end)?.trim();
        if !rest.is_empty() && !rest.starts_with('#') {
            return None;
        }
        self.replace(statement.start - indent.len()..end, "");
        Some(())
    }

    /// Sees to it that the module can be named.
    pub(super) fn import(&mut self, module: &str) -> Option<()> {
        let there = self.facts.imports.iter().any(|import| {
            import.module == module
                && import.name.is_none()
                && import.local == module
                && import.top_level
        });
        if there {
            return Some(());
        }
        let line = format!("import {module}");
        let at = self.facts.layout.first?;
        self.before(at, &[&line])
    }

    /// Adds lines where the module's imports end; before its first statement if it has none.
    pub(super) fn after_imports(&mut self, lines: &[&str]) -> Option<()> {
        match self.facts.layout.imports_end {
            Some(end) => {
                // The last import's own place is not needed: at the top level nothing is indented.
                let start = self.text[..end].rfind('\n').map_or(0, |at| at + 1);
                self.after(&(start..end), lines)
            }
            None => self.before(self.facts.layout.first?, lines),
        }
    }

    /// The text with all changes; none if two of them are about the same bytes, or nothing was changed.
    pub(super) fn done(mut self) -> Option<Vec<u8>> {
        self.changes
            .sort_by_key(|(range, _)| (range.start, range.end));
        let mut after = String::with_capacity(self.text.len() + 64);
        let mut from = 0;
        for (range, with) in &self.changes {
            after.push_str(self.text.get(from..range.start)?);
            after.push_str(with);
            from = range.end;
        }
        after.push_str(self.text.get(from..)?);
        (after != self.text).then(|| after.into_bytes())
    }

    /// The blanks before a statement; none if something else stands there.
    fn indent(&self, at: usize) -> Option<String> {
        let line = self.text.get(..at)?.rfind('\n').map_or(0, |end| end + 1);
        let indent = self.text.get(line..at)?;
        indent
            .bytes()
            .all(|byte| matches!(byte, b' ' | b'\t'))
            .then(|| indent.to_owned())
    }

    fn lines(&self, indent: &str, lines: &[&str]) -> String {
        let end = self.line_end();
        lines
            .iter()
            .map(|line| format!("{indent}{line}{end}"))
            .collect()
    }

    /// How the lines of this text end.
    fn line_end(&self) -> &'static str {
        if self.text.contains("\r\n") {
            "\r\n"
        } else {
            "\n"
        }
    }

    fn end_of_line(&self, at: usize) -> usize {
        let rest = &self.text[at..];
        rest.find('\n').map_or(self.text.len(), |end| at + end + 1)
    }
}
