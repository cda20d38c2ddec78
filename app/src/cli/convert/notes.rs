//! What was taken and what was not, as a table for people.

use std::path::Path;

use cgi_engine::convert::{Conversion, Grade, Note};

use crate::cli::ink::Ink;
use crate::cli::text::{count, visible};

/// Longer lines are broken.
const WIDTH: usize = 100;
/// A wider first column has lines of its own.
const WIDEST_PLACE: usize = 34;

/// The notes, those that matter first; names of files start at `base`.
pub(super) fn report(conversion: &Conversion, base: &Path, ink: Ink) -> String {
    let mut report = String::new();
    let grade = |note: &&Note| (note.grade != Grade::Taken, note.matters);
    let of = |wanted: (bool, bool)| {
        let notes = conversion.notes.iter();
        notes
            .filter(|note| grade(note) == wanted)
            .collect::<Vec<_>>()
    };
    let (matters, harmless, taken) = (of((true, true)), of((true, false)), of((false, false)));
    let told: Vec<&Note> = taken
        .iter()
        .copied()
        .filter(|note| !note.meaning.is_empty())
        .collect();
    add_table(&mut report, "Taken, with a remark", &told, base, ink);
    add_groups(
        &mut report,
        "Left out without effect on the site",
        &harmless,
        base,
        ink,
    );
    add_table(
        &mut report,
        "Changes what the site does",
        &matters,
        base,
        ink,
    );
    if !conversion.remarks.is_empty() {
        report.push_str(&format!("{}\n", ink.bold("Good to know")));
        for remark in &conversion.remarks {
            report.push_str(&format!("  {}\n", wrapped(&visible(remark), 2)));
        }
        report.push('\n');
    }
    report.push_str(&format!(
        "{} taken, {} left out without effect, {} that {} what the site does",
        count(taken.len(), "directive"),
        harmless.len(),
        matters.len(),
        if matters.len() == 1 {
            "changes"
        } else {
            "change"
        },
    ));
    report
}

fn add_table(report: &mut String, title: &str, notes: &[&Note], base: &Path, ink: Ink) {
    let rows = rows(notes, base);
    if rows.is_empty() {
        return;
    }
    let width = |column: fn(&Row) -> &str, most: usize| {
        let widths = rows.iter().map(|row| column(row).chars().count());
        widths.filter(|&width| width <= most).max().unwrap_or(0)
    };
    let place_width = width(|row| &row.place, WIDEST_PLACE);
    let directive_width = width(|row| &row.directive, WIDEST_PLACE);
    let indent = 2 + place_width + 2 + directive_width + 2;
    report.push_str(&format!("{}\n", ink.bold(title)));
    for row in &rows {
        let Row {
            place,
            directive,
            meaning,
        } = row;
        let place = if place.chars().count() > place_width {
            format!("{place}\n  {:place_width$}", "")
        } else {
            format!("{place:place_width$}")
        };
        let directive = ink.bold(&format!("{directive:directive_width$}"));
        let meaning = wrapped(meaning, indent);
        report.push_str(format!("  {place}  {directive}  {meaning}").trim_end());
        report.push('\n');
    }
    report.push('\n');
}

/// What many directives have in common is said once, with the directives beneath.
fn add_groups(report: &mut String, title: &str, notes: &[&Note], base: &Path, ink: Ink) {
    let rows = rows(notes, base);
    if rows.is_empty() {
        return;
    }
    let mut meanings: Vec<&str> = Vec::new();
    for row in &rows {
        if !meanings.contains(&&*row.meaning) {
            meanings.push(&row.meaning);
        }
    }
    report.push_str(&format!("{}\n", ink.bold(title)));
    for meaning in meanings {
        let alike = rows.iter().filter(|row| row.meaning == meaning);
        let places: Vec<String> = alike
            .map(|row| format!("{}\u{a0}{}", row.directive, row.place))
            .collect();
        let places = wrapped(&places.join(", "), 4).replace('\u{a0}', " ");
        report.push_str(&format!(
            "  {}\n    {}\n",
            wrapped(meaning, 2),
            ink.dim(&places)
        ));
    }
    report.push('\n');
}

/// One line of a table, for one note or for several that say the same of the same directive.
#[derive(PartialEq, Debug)]
struct Row {
    place: String,
    directive: String,
    meaning: String,
}

fn rows(notes: &[&Note], base: &Path) -> Vec<Row> {
    let same = |one: &&Note, other: &&Note| {
        (&one.file, &one.directive, &one.meaning, one.grade)
            == (&other.file, &other.directive, &other.meaning, other.grade)
    };
    notes.chunk_by(same).map(|notes| row(notes, base)).collect()
}

fn row(notes: &[&Note], base: &Path) -> Row {
    let (Some(first), Some(last)) = (notes.first(), notes.last()) else {
        return Row {
            place: String::new(),
            directive: String::new(),
            meaning: String::new(),
        };
    };
    let file = first.file.strip_prefix(base).unwrap_or(&first.file);
    let lines = match (first.line, last.line) {
        (0, _) => String::new(),
        (from, to) if from == to => format!(":{from}"),
        (from, to) => format!(":{from}-{to}"),
    };
    let partly = match (first.grade, first.meaning.is_empty()) {
        (Grade::Partly, false) => "partly: ",
        (Grade::Partly, true) => "partly",
        _ => "",
    };
    Row {
        place: visible(&format!("{}{lines}", file.display())),
        directive: visible(&first.directive),
        meaning: visible(&format!("{partly}{}", first.meaning)),
    }
}

/// The text in lines of [`WIDTH`], all but the first with `indent` spaces before them.
fn wrapped(text: &str, indent: usize) -> String {
    let room = WIDTH.saturating_sub(indent).max(30);
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let Some(line) = lines.last_mut() else { break };
        if line.is_empty() {
            line.push_str(word);
        } else if line.chars().count() + 1 + word.chars().count() <= room {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines.join(&format!("\n{:indent$}", ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(file: &str, line: u32, directive: &str, grade: Grade, meaning: &str) -> Note {
        Note {
            file: file.into(),
            line,
            directive: directive.to_owned(),
            grade,
            matters: grade == Grade::NotTaken,
            meaning: meaning.to_owned(),
        }
    }

    #[test]
    fn what_is_said_alike_of_neighbours_is_one_line() {
        let notes = [
            note("/a/x.conf", 3, "AddIcon", Grade::NotTaken, "looks"),
            note("/a/x.conf", 4, "AddIcon", Grade::NotTaken, "looks"),
            note("/a/x.conf", 7, "AddIcon", Grade::NotTaken, "other"),
            note("/b/x.conf", 8, "Options\x1b", Grade::Partly, "other"),
        ];
        let notes: Vec<&Note> = notes.iter().collect();
        let found = rows(&notes, Path::new("/a"));
        let lines: Vec<String> = found
            .iter()
            .map(|row| format!("{} {} {}", row.place, row.directive, row.meaning))
            .collect();
        assert_eq!(
            lines,
            [
                "x.conf:3-4 AddIcon looks",
                "x.conf:7 AddIcon other",
                "/b/x.conf:8 Options\\u{1b} partly: other",
            ]
        );
    }

    #[test]
    fn what_has_no_effect_is_told_once_for_all() {
        let notes = [
            note("/a/x.conf", 3, "LogLevel", Grade::NotTaken, "logging"),
            note("/a/x.conf", 4, "User", Grade::NotTaken, "yours"),
            note("/a/y.conf", 7, "ErrorLog", Grade::NotTaken, "logging"),
        ];
        let mut report = String::new();
        let notes: Vec<&Note> = notes.iter().collect();
        add_groups(&mut report, "Title", &notes, Path::new("/a"), Ink::PLAIN);
        assert_eq!(
            report,
            "Title\n  logging\n    LogLevel x.conf:3, ErrorLog y.conf:7\n  yours\n    User x.conf:4\n\n"
        );
    }

    #[test]
    fn columns_stand_under_one_another() {
        let long = "word ".repeat(30);
        let conversion = Conversion {
            config: Default::default(),
            notes: vec![
                note("/a/x.conf", 3, "Listen", Grade::NotTaken, &long),
                note(
                    "/a/longer.conf",
                    12,
                    "RewriteRule",
                    Grade::NotTaken,
                    "short",
                ),
            ],
            scope_sources: Vec::new(),
            remarks: Vec::new(),
        };
        let report = report(&conversion, Path::new("/a"), Ink::PLAIN);
        let column = |needle: &str| {
            let line = report.lines().find(|line| line.contains(needle))?;
            line.find(needle)
        };
        assert_eq!(column("word"), column("short"));
        assert!(report.lines().all(|line| line.chars().count() <= WIDTH));
        assert!(report.ends_with(
            "0 directives taken, 0 left out without effect, 2 that change what the site does"
        ));
    }
}
