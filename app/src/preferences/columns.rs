//! The columns of the request log: which there are, in which order, how wide, and how the file names them.

use cgi_engine::history::cell::Cell;

/// No column is narrower or wider, in points.
pub const WIDTHS: std::ops::RangeInclusive<f32> = 32.0..=800.0;
/// More columns than this are not drawn.
const MOST: usize = 24;

/// What a column shows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ColumnKind {
    /// The running number.
    Number,
    /// The time of day at which it began.
    Time,
    /// How long ago it began.
    Age,
    /// The method.
    Method,
    /// The script and what followed its name; takes the width that is left.
    Script,
    /// The target as sent.
    Target,
    /// How it went.
    Status,
    /// Milliseconds.
    Millis,
    /// Bytes answered.
    Size,
    /// Lines on standard error.
    Stderr,
    /// The headline finding.
    Finding,
    /// What the user wrote beside it.
    Comment,
    /// A field of the request, of the response, or a variable.
    Cell(Cell),
}

/// A column and its width.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// What it shows.
    pub kind: ColumnKind,
    /// Its width in points.
    pub width: f32,
}

/// The columns that need no name, their words in the file, titles and usual widths.
const KNOWN: [(ColumnKind, &str, &str, f32); 12] = [
    (ColumnKind::Number, "number", "#", 52.0),
    (ColumnKind::Time, "time", "Time", 76.0),
    (ColumnKind::Age, "age", "Ago", 64.0),
    (ColumnKind::Method, "method", "Method", 60.0),
    (ColumnKind::Script, "script", "Script", 90.0),
    (ColumnKind::Target, "target", "Target", 200.0),
    (ColumnKind::Status, "status", "Status", 92.0),
    (ColumnKind::Millis, "ms", "ms", 66.0),
    (ColumnKind::Size, "size", "Size", 70.0),
    (ColumnKind::Stderr, "stderr", "stderr", 56.0),
    (ColumnKind::Finding, "finding", "Finding", 72.0),
    (ColumnKind::Comment, "comment", "Comment", 140.0),
];

impl ColumnKind {
    /// All columns that need no name.
    pub fn known() -> impl Iterator<Item = Self> {
        KNOWN.into_iter().map(|(kind, ..)| kind)
    }

    fn row(&self) -> Option<&'static (Self, &'static str, &'static str, f32)> {
        KNOWN.iter().find(|(kind, ..)| kind == self)
    }

    /// What stands over it.
    #[must_use]
    pub fn title(&self) -> String {
        match self {
            Self::Cell(cell) => cell.name().to_owned(),
            known => known.row().map_or("", |(_, _, title, _)| title).to_owned(),
        }
    }

    /// What it is called in the file and where columns are chosen: `status`, `env.PATH_INFO`.
    #[must_use]
    pub fn word(&self) -> String {
        match self {
            Self::Cell(cell) => cell.to_string(),
            known => known.row().map_or("", |(_, word, _, _)| word).to_owned(),
        }
    }

    /// The column that is called so.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        let known = KNOWN.iter().find(|(_, known, ..)| *known == word);
        known
            .map(|(kind, ..)| kind.clone())
            .or_else(|| Cell::named(word).map(Self::Cell))
    }

    /// The column in its usual width.
    #[must_use]
    pub fn usual(self) -> Column {
        let width = self.row().map_or(140.0, |(.., width)| *width);
        Column { kind: self, width }
    }
}

/// The columns that a new user sees.
#[must_use]
pub fn usual() -> Vec<Column> {
    [
        ColumnKind::Number,
        ColumnKind::Time,
        ColumnKind::Method,
        ColumnKind::Script,
        ColumnKind::Status,
        ColumnKind::Millis,
        ColumnKind::Stderr,
    ]
    .map(ColumnKind::usual)
    .to_vec()
}

/// The columns as the file has them: `status 92`.
pub(super) fn to_words(columns: &[Column]) -> Vec<String> {
    let word = |column: &Column| format!("{} {}", column.kind.word(), column.width.round());
    columns.iter().map(word).collect()
}

/// The column of a word of the file.
pub(super) fn from_word(text: &str) -> Option<Column> {
    let (word, width) = text.rsplit_once(' ')?;
    let width: f32 = width.parse().ok()?;
    let kind = ColumnKind::named(word)?;
    WIDTHS.contains(&width).then_some(Column { kind, width })
}

/// The columns of the file; none where there is nothing to draw. What cannot be used is told of.
pub(super) fn from_words(words: &[String], warnings: &mut Vec<String>) -> Option<Vec<Column>> {
    let mut columns: Vec<Column> = Vec::new();
    for word in words {
        match from_word(word) {
            Some(column) if columns.iter().any(|other| other.kind == column.kind) => {}
            Some(column) if columns.len() < MOST => columns.push(column),
            Some(_) => {}
            None => warnings.push(format!("a column is not understood: {word:?}")),
        }
    }
    (!columns.is_empty()).then_some(columns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(words: &[&str], kept: &[&str], told: usize) {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let mut warnings = Vec::new();
        let columns = from_words(&words, &mut warnings).unwrap_or_default();
        assert_eq!(to_words(&columns), kept);
        assert_eq!(warnings.len(), told, "{warnings:?}");
    }

    #[test]
    fn columns_come_back_as_they_were_and_what_is_none_is_told() {
        let usual = to_words(&usual());
        let usual: Vec<&str> = usual.iter().map(String::as_str).collect();
        check(&usual, &usual, 0);
        let named = [
            "env.PATH_INFO 120",
            "header.user-agent 90",
            "response.Date 77",
        ];
        check(&named, &named, 0);
        check(
            &["status", "status x", "colour 9", "status 3", "env. 50"],
            &[],
            5,
        );
        check(&["status 90", "status 70"], &["status 90"], 0);
    }

    #[test]
    fn every_column_is_found_by_its_word() {
        for kind in ColumnKind::known() {
            assert_eq!(ColumnKind::named(&kind.word()), Some(kind.clone()));
            assert!(!kind.title().is_empty() && WIDTHS.contains(&kind.usual().width));
        }
    }
}
