//! The lines of a comparison: what is listed, in either form, and where the differences are.

use std::collections::BTreeSet;

use cgi_engine::compare::{Comparison, Content, FieldChange, Likeness, Side, TextLine};

/// One line of the list. Numbers are those of the section and of the change or line in it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Item {
    /// The head of a section.
    Section(usize),
    /// A named value before and after.
    Field(usize, usize),
    /// The earlier value on a line of its own.
    Old(usize, usize),
    /// The later value.
    New(usize, usize),
    /// A line of a text, of one side or both, or how many are left out.
    Text(usize, usize),
    /// A line of the earlier text beside one of the later.
    Pair(usize, Option<usize>, Option<usize>),
    /// Sixteen bytes of the earlier one beside those of the later; how many rows down.
    Bytes(usize, usize),
    /// So many changes are hidden, because they always differ.
    Hidden(usize),
    /// A sentence.
    Note(String),
}

/// What is shown of a comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Shape {
    /// The sections that are open.
    pub(super) open: BTreeSet<usize>,
    /// What always differs, too.
    pub(super) volatile: bool,
    /// One text with signs, instead of two side by side.
    pub(super) unified: bool,
}

/// Rows of bytes that the engine shows at most.
const ROW: usize = 16;

pub(super) fn items(comparison: &Comparison, shape: &Shape) -> Vec<Item> {
    let mut items = Vec::new();
    for (at, section) in comparison.sections.iter().enumerate() {
        items.push(Item::Section(at));
        if !shape.open.contains(&at) {
            continue;
        }
        match &section.content {
            Content::Nothing => items.push(Item::Note("nothing differs".to_owned())),
            Content::Fields(changes) => fields(&mut items, at, changes, shape),
            Content::Text(lines) if shape.unified => {
                items.extend((0..lines.len()).map(|index| Item::Text(at, index)));
            }
            Content::Text(lines) => pairs(&mut items, at, lines),
            Content::Bytes { old, new, .. } => {
                items.push(Item::Note(section.summary.clone()));
                let rows = old.len().max(new.len()).div_ceil(ROW);
                items.extend((0..rows).map(|row| Item::Bytes(at, row)));
            }
        }
    }
    items
}

fn fields(items: &mut Vec<Item>, at: usize, changes: &[FieldChange], shape: &Shape) {
    let shown = changes.iter().enumerate();
    let shown = shown.filter(|(_, change)| shape.volatile || !change.volatile);
    for (index, change) in shown {
        if shape.unified {
            items.extend(change.before.is_some().then_some(Item::Old(at, index)));
            items.extend(change.after.is_some().then_some(Item::New(at, index)));
        } else {
            items.push(Item::Field(at, index));
        }
    }
    let hidden = changes.iter().filter(|change| change.volatile).count();
    if hidden > 0 && !shape.volatile {
        items.push(Item::Hidden(hidden));
    }
}

/// Lines that went stand beside those that came in their place.
fn pairs(items: &mut Vec<Item>, at: usize, lines: &[TextLine]) {
    let side = |index: usize| match lines.get(index) {
        Some(TextLine::Line(line)) => Some(line.side),
        _ => None,
    };
    let mut index = 0;
    while index < lines.len() {
        match side(index) {
            Some(Side::Before | Side::After) => {
                let run = |from: usize, wanted: Side| {
                    let same = (from..lines.len()).take_while(|&next| side(next) == Some(wanted));
                    from..from + same.count()
                };
                let gone = run(index, Side::Before);
                let came = run(gone.end, Side::After);
                let rows = gone.len().max(came.len());
                let pair = |row: usize| {
                    let within = |range: &std::ops::Range<usize>| {
                        (row < range.len()).then_some(range.start + row)
                    };
                    Item::Pair(at, within(&gone), within(&came))
                };
                items.extend((0..rows).map(pair));
                index = came.end;
            }
            Some(Side::Both) => {
                items.push(Item::Pair(at, Some(index), Some(index)));
                index += 1;
            }
            None => {
                items.push(Item::Text(at, index));
                index += 1;
            }
        }
    }
}

/// Whether a line shows a difference that counts; the head of a closed section does so for what is in it.
fn differs(item: &Item, comparison: &Comparison, shape: &Shape) -> bool {
    let section = |at: &usize| comparison.sections.get(*at);
    let line = |at: &usize, index: &usize| match section(at).map(|section| &section.content) {
        Some(Content::Text(lines)) => match lines.get(*index) {
            Some(TextLine::Line(line)) => Some(line.side),
            _ => None,
        },
        _ => None,
    };
    match item {
        Item::Section(at) => {
            !shape.open.contains(at)
                && section(at).is_some_and(|section| section.likeness == Likeness::Different)
        }
        Item::Field(at, index) | Item::Old(at, index) | Item::New(at, index) => {
            match section(at).map(|section| &section.content) {
                Some(Content::Fields(changes)) => {
                    changes.get(*index).is_some_and(|change| !change.volatile)
                }
                _ => false,
            }
        }
        Item::Text(at, index) => line(at, index).is_some_and(|side| side != Side::Both),
        Item::Pair(_, old, new) => old != new,
        Item::Bytes(..) => true,
        Item::Hidden(_) | Item::Note(_) => false,
    }
}

/// The line with which the next difference begins, or the one before; what hangs together is one difference.
pub(super) fn next_difference(
    items: &[Item],
    comparison: &Comparison,
    shape: &Shape,
    from: Option<usize>,
    on: bool,
) -> Option<usize> {
    let differs = |index: usize| {
        let item = items.get(index);
        item.is_some_and(|item| differs(item, comparison, shape))
    };
    let is_field =
        |index: usize| matches!(items.get(index), Some(Item::Field(..) | Item::Section(_)));
    let begins = |index: &usize| {
        let goes_on = index.checked_sub(1).is_some_and(&differs);
        differs(*index) && (!goes_on || is_field(*index))
    };
    if on {
        (from.map_or(0, |from| from + 1)..items.len()).find(begins)
    } else {
        (0..from.unwrap_or(items.len()).min(items.len())).rfind(begins)
    }
}

#[cfg(test)]
mod tests {
    use cgi_engine::compare::{Gap, Line, Part, Section};

    use super::*;

    fn line(side: Side) -> TextLine {
        TextLine::Line(Line {
            side,
            before: None,
            after: None,
            bytes: b"x\n".to_vec(),
            changed: 0..0,
        })
    }

    fn section(likeness: Likeness, content: Content) -> Section {
        Section {
            part: Part::Source,
            likeness,
            summary: "some".to_owned(),
            content,
        }
    }

    fn change(name: &str, volatile: bool) -> FieldChange {
        FieldChange {
            name: name.to_owned(),
            before: Some(b"1".to_vec()),
            after: Some(b"2".to_vec()),
            volatile,
        }
    }

    fn comparison() -> Comparison {
        let text = vec![
            TextLine::Gap(Gap { lines: 4 }),
            line(Side::Both),
            line(Side::Before),
            line(Side::After),
            line(Side::After),
            line(Side::Both),
            line(Side::After),
        ];
        let fields = vec![change("date", true), change("status", false)];
        Comparison {
            sections: vec![
                section(Likeness::Different, Content::Text(text)),
                section(Likeness::Different, Content::Fields(fields)),
            ],
        }
    }

    fn shape(open: &[usize], unified: bool) -> Shape {
        Shape {
            open: open.iter().copied().collect(),
            volatile: false,
            unified,
        }
    }

    #[test]
    fn what_went_stands_beside_what_came() {
        let listed = items(&comparison(), &shape(&[0], false));
        let expected = [
            Item::Section(0),
            Item::Text(0, 0),
            Item::Pair(0, Some(1), Some(1)),
            Item::Pair(0, Some(2), Some(3)),
            Item::Pair(0, None, Some(4)),
            Item::Pair(0, Some(5), Some(5)),
            Item::Pair(0, None, Some(6)),
            Item::Section(1),
        ];
        assert_eq!(listed, expected);
    }

    #[test]
    fn what_always_differs_is_folded_with_a_count() {
        let mut shape = shape(&[1], true);
        let listed = items(&comparison(), &shape);
        assert_eq!(
            listed[2..],
            [Item::Old(1, 1), Item::New(1, 1), Item::Hidden(1)]
        );
        shape.volatile = true;
        assert_eq!(items(&comparison(), &shape).len(), 6);
    }

    #[test]
    fn differences_are_walked_block_by_block_and_into_closed_sections() {
        let (comparison, shape) = (comparison(), shape(&[0], false));
        let listed = items(&comparison, &shape);
        let walk = |on: bool| {
            let mut at = None;
            std::iter::from_fn(|| {
                at = next_difference(&listed, &comparison, &shape, at, on);
                at
            })
            .collect::<Vec<usize>>()
        };
        assert_eq!(walk(true), [3, 6, 7]);
        assert_eq!(walk(false), [7, 6, 3]);
    }
}
