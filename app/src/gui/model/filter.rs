//! Which rows the list shows: words, and four switches. What the words mean is the business of [`super::search`].

use cgi_engine::exchange::{RowKind, RowRef};

use super::search::Search;

/// What a row must be like to be shown. Empty shows all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// What was typed, in the language of [`cgi_engine::history::filter`].
    pub text: String,
    /// Only runs that failed.
    pub failed: bool,
    /// Only runs that wrote to standard error.
    pub stderr: bool,
    /// No files that were sent as they are.
    pub hide_static: bool,
    /// Only this script.
    pub script: Option<ScriptChoice>,
}

/// A script that the list is narrowed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptChoice {
    /// Its name, for the chip.
    pub name: String,
    /// Its URL path, percent-encoded.
    pub url_path: String,
}

/// One condition of a filter, as the empty list names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clause {
    /// The words.
    Text,
    /// The switch "Failed".
    Failed,
    /// The switch "stderr".
    Stderr,
    /// The switch "Hide static".
    Static,
    /// The chosen script.
    Script,
}

impl Clause {
    const ALL: [Self; 5] = [
        Self::Text,
        Self::Failed,
        Self::Stderr,
        Self::Static,
        Self::Script,
    ];
}

impl Filter {
    /// Whether every row is shown.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        Clause::ALL.into_iter().all(|clause| !self.has(clause))
    }

    /// Whether the row is shown.
    #[must_use]
    pub fn matches(&self, row: RowRef<'_>, search: &Search) -> bool {
        Clause::ALL
            .into_iter()
            .all(|clause| self.lets_pass(clause, row, search))
    }

    /// The condition that lets the fewest of these rows pass.
    #[must_use]
    pub fn strictest(&self, rows: &[RowRef<'_>], search: &Search) -> Option<Clause> {
        let active = Clause::ALL.into_iter().filter(|clause| self.has(*clause));
        let passing = |clause| {
            rows.iter()
                .filter(|row| self.lets_pass(clause, **row, search))
                .count()
        };
        active.min_by_key(|clause| passing(*clause))
    }

    /// The condition in words.
    #[must_use]
    pub fn describe(&self, clause: Clause) -> String {
        match clause {
            Clause::Text => format!("the words “{}”", self.text.trim()),
            Clause::Failed => "“Failed”".to_owned(),
            Clause::Stderr => "“stderr”".to_owned(),
            Clause::Static => "“Hide static”".to_owned(),
            Clause::Script => {
                let name = self.script.as_ref().map_or("", |script| &script.name);
                format!("the script {name}")
            }
        }
    }

    fn has(&self, clause: Clause) -> bool {
        match clause {
            Clause::Text => !self.text.trim().is_empty(),
            Clause::Failed => self.failed,
            Clause::Stderr => self.stderr,
            Clause::Static => self.hide_static,
            Clause::Script => self.script.is_some(),
        }
    }

    fn lets_pass(&self, clause: Clause, row: RowRef<'_>, search: &Search) -> bool {
        match clause {
            Clause::Text => search.passes(row),
            Clause::Failed => !self.failed || row.has_failed(),
            Clause::Stderr => !self.stderr || row.stderr_lines > 0,
            Clause::Static => !self.hide_static || row.kind != RowKind::File,
            Clause::Script => self
                .script
                .as_ref()
                .is_none_or(|script| is_of_script(row, &script.url_path)),
        }
    }
}

/// The target leads to the script: its URL path, perhaps with an extra path or a query.
#[must_use]
pub fn is_of_script(row: RowRef<'_>, url_path: &str) -> bool {
    let rest = row.target.strip_prefix(url_path);
    row.kind == RowKind::Script
        && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
}

#[cfg(test)]
mod tests {
    use super::super::testing::row;
    use super::*;

    #[test]
    fn a_script_is_known_by_its_whole_path() {
        let of = |target: &str| {
            let mut row = row(1);
            row.target = target.into();
            is_of_script((&row).into(), "/cgi-bin/form.py")
        };
        assert!(of("/cgi-bin/form.py") && of("/cgi-bin/form.py?a=b") && of("/cgi-bin/form.py/x"));
        assert!(!of("/cgi-bin/form.pyc") && !of("/cgi-bin/") && !of("/other/cgi-bin/form.py"));
    }

    #[test]
    fn the_strictest_clause_is_the_one_that_lets_fewest_pass() {
        let rows = [row(1), row(2), row(3)];
        let rows = rows.each_ref().map(RowRef::from);
        let filter = Filter {
            failed: true,
            hide_static: true,
            ..Filter::default()
        };
        assert_eq!(
            filter.strictest(&rows, &Search::default()),
            Some(Clause::Failed)
        );
        assert_eq!(Filter::default().strictest(&rows, &Search::default()), None);
    }
}
