//! Whole lines of a text: where they begin, and what Tab, Enter and Ctrl+/ do to them.

use std::ops::Range;

use super::language::{Comment, Language};

/// A text after a command, and what is selected in it.
pub type Edited = (String, Range<usize>);

/// One step inwards when the file does not show another.
const INDENT: &str = "    ";

/// The number of the line that has this byte, from 1.
#[must_use]
pub fn line_at(text: &str, place: usize) -> usize {
    let before = text.as_bytes().get(..place.min(text.len()));
    1 + memchr::memchr_iter(b'\n', before.unwrap_or_default()).count()
}

/// The number of the character in its line, from 1.
#[must_use]
pub fn column_at(text: &str, place: usize) -> usize {
    let before = text.get(..place).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    1 + line.chars().count()
}

/// The bytes of a line without its end; the last one where there are not so many.
#[must_use]
pub fn range_of(text: &str, line: usize) -> Range<usize> {
    let skipped = line.saturating_sub(1);
    let start = match skipped {
        0 => 0,
        skipped => {
            let mut ends = memchr::memchr_iter(b'\n', text.as_bytes());
            let last = || text.rfind('\n').map_or(0, |end| end + 1);
            ends.nth(skipped - 1).map_or_else(last, |end| end + 1)
        }
    };
    let rest = text.get(start..).unwrap_or_default();
    start..start + rest.find('\n').unwrap_or(rest.len())
}

/// The whole lines that a selection touches, without the last one's end. A selection that ends before the first
/// character of a line does not touch it.
fn touched(text: &str, selection: &Range<usize>) -> Range<usize> {
    let start = text.get(..selection.start).unwrap_or_default();
    let start = start.rfind('\n').map_or(0, |end| end + 1);
    let mut last = selection.end;
    if last > selection.start
        && text
            .get(..last)
            .is_some_and(|before| before.ends_with('\n'))
    {
        last -= 1;
    }
    let rest = text.get(last..).unwrap_or_default();
    start..last + rest.find('\n').unwrap_or(rest.len())
}

/// Changes each line that the selection touches; the selection is of these lines then.
fn each_line(
    text: &str,
    selection: &Range<usize>,
    change: impl Fn(&str) -> String,
) -> Option<Edited> {
    let range = touched(text, selection);
    let lines: Vec<String> = text.get(range.clone())?.split('\n').map(change).collect();
    let lines = lines.join("\n");
    let mut edited = text.to_owned();
    edited.replace_range(range.clone(), &lines);
    let selected = if selection.is_empty() {
        let moved = lines.len() as isize - range.len() as isize;
        let place = selection.start.saturating_add_signed(moved);
        let place = place.clamp(range.start, range.start + lines.len());
        let place = floor(&edited, place);
        place..place
    } else {
        range.start..range.start + lines.len()
    };
    Some((edited, selected))
}

fn floor(text: &str, mut place: usize) -> usize {
    while !text.is_char_boundary(place) {
        place -= 1;
    }
    place
}

/// One step inwards, as this file does it: a tab, or as many blanks as its least indented line has.
#[must_use]
pub fn indent_of(text: &str) -> String {
    let mut least: Option<usize> = None;
    for line in text.lines().take(2_000) {
        if line.starts_with('\t') {
            return "\t".to_owned();
        }
        let blanks = line.len() - line.trim_start_matches(' ').len();
        // One blank is the inside of a comment, not a step.
        if blanks > 1 && blanks < line.len() {
            least = Some(least.map_or(blanks, |least| least.min(blanks)));
        }
    }
    least.map_or_else(|| INDENT.to_owned(), |blanks| " ".repeat(blanks.min(8)))
}

/// Moves the lines one step inwards.
#[must_use]
pub fn indent(text: &str, selection: &Range<usize>) -> Option<Edited> {
    let step = indent_of(text);
    each_line(text, selection, |line| match line.is_empty() {
        true => String::new(),
        false => format!("{step}{line}"),
    })
}

/// Moves the lines one step outwards.
#[must_use]
pub fn outdent(text: &str, selection: &Range<usize>) -> Option<Edited> {
    let step = indent_of(text).len();
    each_line(text, selection, |line| {
        if let Some(rest) = line.strip_prefix('\t') {
            return rest.to_owned();
        }
        let blanks = line.len() - line.trim_start_matches(' ').len();
        line.get(blanks.min(step)..).unwrap_or_default().to_owned()
    })
}

/// What is put in when Enter is pressed at a place: the end of the line, and the next line's blanks.
#[must_use]
pub fn new_line(text: &str, place: usize, language: Language) -> String {
    let before = text.get(..place).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    let blanks = line.len() - line.trim_start_matches([' ', '\t']).len();
    let mut put = format!("\n{}", line.get(..blanks).unwrap_or_default());
    if language.opens_block(line) {
        put.push_str(&indent_of(text));
    }
    put
}

/// What is put in when Tab is pressed at a place without a selection of several lines.
#[must_use]
pub fn tab(text: &str, place: usize) -> String {
    let step = indent_of(text);
    if step == "\t" {
        return step;
    }
    let column = column_at(text, place) - 1;
    " ".repeat(step.len() - column % step.len())
}

/// Makes the lines comments, or, when all of them are, makes them lines again. Blank lines stay as they are.
#[must_use]
pub fn toggle_comment(text: &str, selection: &Range<usize>, comment: Comment) -> Option<Edited> {
    let (open, close) = match comment {
        Comment::Line(open) => (open, ""),
        Comment::Around(open, close) => (open, close),
    };
    let lines = text.get(touched(text, selection))?;
    let mut written = lines.split('\n').filter(|line| !line.trim().is_empty());
    let is_comment = |line: &str| {
        let line = line.trim();
        line.strip_prefix(open)
            .is_some_and(|rest| rest.ends_with(close))
    };
    let all_are = written.clone().next().is_some() && written.clone().all(is_comment);
    let blanks = |line: &str| line.len() - line.trim_start().len();
    let least = written.clone().map(blanks).min().unwrap_or_default();
    let is_blank = written.next().is_none();
    each_line(text, selection, |line| {
        if line.trim().is_empty() && !is_blank {
            line.to_owned()
        } else if all_are {
            uncommented(line, open, close)
        } else {
            let (before, rest) = line.split_at(floor(line, least.min(line.len())));
            let close = match close {
                "" => String::new(),
                close => format!(" {close}"),
            };
            format!("{before}{open} {rest}{close}")
        }
    })
}

fn uncommented(line: &str, open: &str, close: &str) -> String {
    let (before, rest) = line.split_at(line.len() - line.trim_start().len());
    let rest = rest.strip_prefix(open).unwrap_or(rest);
    let rest = rest.strip_prefix(' ').unwrap_or(rest);
    let rest = match close {
        "" => rest,
        close => {
            let rest = rest.trim_end();
            let rest = rest.strip_suffix(close).unwrap_or(rest);
            rest.strip_suffix(' ').unwrap_or(rest)
        }
    };
    format!("{before}{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: Comment = Comment::Line("#");

    /// A text with its selection between brackets that no language has.
    fn marked(text: &str) -> (String, Range<usize>) {
        let start = text.find('«').unwrap();
        let end = text.find('»').unwrap() - '«'.len_utf8();
        (text.replace(['«', '»'], ""), start..end)
    }

    fn shown((text, selection): Edited) -> String {
        let mut shown = text;
        shown.insert(selection.end, '»');
        shown.insert(selection.start, '«');
        shown
    }

    #[track_caller]
    fn check(before: &str, change: impl Fn(&str, &Range<usize>) -> Option<Edited>, after: &str) {
        let (text, selection) = marked(before);
        assert_eq!(shown(change(&text, &selection).unwrap()), after);
    }

    #[test]
    fn lines_move_in_and_out_together() {
        check("«a\nb»\nc", indent, "«    a\n    b»\nc");
        check("a«\n»b", indent, "«    a»\nb");
        check("x\n\ty\n«a\n\nb\n»c", indent, "x\n\ty\n«\ta\n\n\tb»\nc");
        check("«    a\n  b\nc»", outdent, "«  a\nb\nc»");
        check("\ta«»\n", outdent, "a«»\n");
        check("«»", outdent, "«»");
        check("«»", indent, "«»");
        check("  é«»", outdent, "é«»");
    }

    #[test]
    fn comments_are_put_at_one_depth_and_taken_away_again() {
        let hash = |text: &str, selection: &Range<usize>| toggle_comment(text, selection, HASH);
        check("«  a\n    b\n\n  c»", hash, "«  # a\n  #   b\n\n  # c»");
        check("«  # a\n  #   b\n\n  # c»", hash, "«  a\n    b\n\n  c»");
        check("«# a\nb»", hash, "«# # a\n# b»");
        check("«»", hash, "# «»");
        check("  «»x", hash, "  # «»x");
        check("#x«»", hash, "x«»");
    }

    #[test]
    fn languages_without_line_comments_get_brackets() {
        let html = |text: &str, selection: &Range<usize>| {
            toggle_comment(text, selection, Comment::Around("<!--", "-->"))
        };
        check("«<p>»", html, "«<!-- <p> -->»");
        check("«<!-- <p> -->»", html, "«<p>»");
        check("«<!---->»", html, "«»");
    }

    #[test]
    fn a_new_line_begins_where_the_last_one_did_or_deeper() {
        let put = |text: &str, language| new_line(text, text.len(), language);
        assert_eq!(put("", Language::Python), "\n");
        assert_eq!(put("    a", Language::Python), "\n    ");
        assert_eq!(put("\tif a:", Language::Python), "\n\t\t");
        assert_eq!(put("  if a:", Language::Python), "\n    ");
        assert_eq!(put("if x; then", Language::Shell), "\n    ");
        assert_eq!(put("sub a {", Language::Perl), "\n    ");
        assert_eq!(put("a {", Language::Plain), "\n");
        assert_eq!(new_line("    ab", 2, Language::Plain), "\n  ");
    }

    #[test]
    fn a_tab_goes_to_the_next_stop() {
        assert_eq!(tab("", 0), "    ");
        assert_eq!(tab("a", 1), "   ");
        assert_eq!(tab("a\n  b\nc", 7), " ");
        assert_eq!(tab("\tx", 2), "\t");
        assert_eq!(tab("éa", 3), "  ");
    }

    #[test]
    fn places_and_lines_belong_together() {
        let text = "a\nbé\n\nd";
        for (line, range) in [
            (0, 0..1),
            (1, 0..1),
            (2, 2..5),
            (3, 6..6),
            (4, 7..8),
            (9, 7..8),
        ] {
            assert_eq!(range_of(text, line), range, "{line}");
        }
        assert_eq!((line_at(text, 5), column_at(text, 5)), (2, 3));
        assert_eq!((line_at(text, 99), column_at(text, 0)), (4, 1));
        assert_eq!(range_of("", 3), 0..0);
        assert_eq!(range_of("a\n", 2), 2..2);
    }
}
