//! What was changed in a text, so that it can be taken back and done again.

use std::ops::Range;

/// One piece of text in the place of another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Where, in bytes.
    pub at: usize,
    /// What stood there.
    pub removed: String,
    /// What stands there now.
    pub inserted: String,
}

impl Change {
    /// The smallest change that makes `new` of `old`; none when they are the same.
    #[must_use]
    pub fn between(old: &str, new: &str) -> Option<Self> {
        if old == new {
            return None;
        }
        let same = |(a, b): &(u8, u8)| a == b;
        let shorter = old.len().min(new.len());
        let mut at = old.bytes().zip(new.bytes()).take_while(same).count();
        while !(old.is_char_boundary(at) && new.is_char_boundary(at)) {
            at -= 1;
        }
        let backwards = old.bytes().rev().zip(new.bytes().rev());
        let mut after = backwards.take(shorter - at).take_while(same).count();
        while !(old.is_char_boundary(old.len() - after) && new.is_char_boundary(new.len() - after))
        {
            after -= 1;
        }
        Some(Self {
            at,
            removed: old.get(at..old.len() - after)?.to_owned(),
            inserted: new.get(at..new.len() - after)?.to_owned(),
        })
    }

    /// Makes the change; a text that has something else at its place stays as it is.
    #[must_use]
    pub fn apply(&self, text: &mut String) -> bool {
        let place = self.at..self.at + self.removed.len();
        let fits = text.get(place.clone()) == Some(self.removed.as_str());
        if fits {
            text.replace_range(place, &self.inserted);
        }
        fits
    }

    fn reversed(&self) -> Self {
        Self {
            at: self.at,
            removed: self.inserted.clone(),
            inserted: self.removed.clone(),
        }
    }

    /// Where a place of the text before is afterwards.
    #[must_use]
    pub fn carry(&self, place: usize) -> usize {
        if place <= self.at {
            place
        } else if place >= self.at + self.removed.len() {
            place - self.removed.len() + self.inserted.len()
        } else {
            self.at + self.inserted.len().min(place - self.at)
        }
    }

    fn size(&self) -> usize {
        self.removed.len() + self.inserted.len()
    }
}

/// So many changes can be taken back, of so many bytes together.
const CHANGES: usize = 2_000;
const BYTES: usize = 32 << 20;

#[derive(Clone, Debug)]
struct Step {
    change: Change,
    /// What was selected before.
    before: Range<usize>,
    after: Range<usize>,
    /// What is typed next may become part of it.
    open: bool,
}

/// The changes of a text since it was opened, within bounds.
#[derive(Clone, Debug, Default)]
pub struct History {
    done: Vec<Step>,
    undone: Vec<Step>,
}

impl History {
    /// Notes a change with what was selected before and after; `typed` ones that follow upon each other are one.
    pub fn note(&mut self, change: Change, before: Range<usize>, after: Range<usize>, typed: bool) {
        self.undone.clear();
        if let Some(last) = self.done.last_mut()
            && typed
            && continues(last, &change)
        {
            extend(&mut last.change, &change);
            last.after = after;
            return;
        }
        let open = typed;
        self.done.push(Step {
            change,
            before,
            after,
            open,
        });
        self.forget_oldest();
    }

    /// The caret was moved, or the text saved: what is typed next is a change of its own.
    pub fn close(&mut self) {
        if let Some(last) = self.done.last_mut() {
            last.open = false;
        }
    }

    fn forget_oldest(&mut self) {
        let mut bytes: usize = self.done.iter().map(|step| step.change.size()).sum();
        let mut gone = 0;
        let many = self.done.len();
        for step in &self.done {
            // The last one stays, however long it is.
            let left = many - gone;
            if left <= 1 || left <= CHANGES && bytes <= BYTES {
                break;
            }
            bytes -= step.change.size();
            gone += 1;
        }
        self.done.drain(..gone);
    }

    /// Takes the last change back; what is to be selected.
    pub fn undo(&mut self, text: &mut String) -> Option<Range<usize>> {
        let mut step = self.done.pop()?;
        step.open = false;
        if !step.change.reversed().apply(text) {
            return None;
        }
        let before = step.before.clone();
        self.undone.push(step);
        Some(before)
    }

    /// Makes the change again that was taken back last; what is to be selected.
    pub fn redo(&mut self, text: &mut String) -> Option<Range<usize>> {
        let step = self.undone.pop()?;
        if !step.change.apply(text) {
            return None;
        }
        let after = step.after.clone();
        self.done.push(step);
        Some(after)
    }

    /// Whether there is something to take back.
    #[must_use]
    pub fn can_undo(&self) -> bool {
        !self.done.is_empty()
    }

    /// Whether there is something to do again.
    #[must_use]
    pub fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }
}

/// Whether a change is the next stroke of a word that is typed, or of what is deleted backwards.
fn continues(last: &Step, next: &Change) -> bool {
    let is_word = |text: &str| text.chars().all(|letter| !letter.is_whitespace());
    let end = last.change.at + last.change.inserted.len();
    let grows = next.removed.is_empty()
        && !last.change.inserted.is_empty()
        && next.at == end
        // A word begins after the blank before it, so a blank goes with the word that it ends.
        && !(is_word(&next.inserted) && last.change.inserted.ends_with(char::is_whitespace))
        && !next.inserted.contains('\n');
    let shrinks = next.inserted.is_empty()
        && last.change.inserted.is_empty()
        && (next.at + next.removed.len() == last.change.at || next.at == last.change.at)
        && !next.removed.contains('\n');
    last.open && (grows || shrinks)
}

fn extend(last: &mut Change, next: &Change) {
    if next.inserted.is_empty() {
        if next.at < last.at {
            last.removed.insert_str(0, &next.removed);
        } else {
            last.removed.push_str(&next.removed);
        }
        last.at = next.at;
    } else {
        last.inserted.push_str(&next.inserted);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_between(old: &str, new: &str, at: usize, removed: &str, inserted: &str) {
        let change = Change::between(old, new).unwrap();
        let expected = Change {
            at,
            removed: removed.into(),
            inserted: inserted.into(),
        };
        assert_eq!(change, expected);
        let mut text = old.to_owned();
        assert!(change.apply(&mut text));
        assert_eq!(text, new);
    }

    #[test]
    fn a_change_is_as_small_as_characters_allow() {
        assert_eq!(Change::between("same", "same"), None);
        check_between("ab", "axb", 1, "", "x");
        check_between("aaa", "aa", 2, "a", "");
        check_between("aa", "aaa", 2, "", "a");
        check_between("é", "è", 0, "é", "è");
        check_between("日", "本", 0, "日", "本");
        check_between("x\u{e9}", "x\u{129}", 1, "\u{e9}", "\u{129}");
        check_between("", "a", 0, "", "a");
        check_between("one two", "one 2", 4, "two", "2");
    }

    #[test]
    fn a_place_moves_with_the_text_around_it() {
        let change = Change::between("abcdef", "abXXXef").unwrap();
        for (before, after) in [(0, 0), (2, 2), (3, 3), (4, 5), (6, 7)] {
            assert_eq!(change.carry(before), after, "{before}");
        }
    }

    struct Typing {
        text: String,
        history: History,
    }

    impl Typing {
        fn new(text: &str) -> Self {
            let history = History::default();
            let text = text.to_owned();
            Self { text, history }
        }

        fn set(&mut self, new: &str, typed: bool) {
            let change = Change::between(&self.text, new).unwrap();
            assert!(change.apply(&mut self.text));
            let end = change.at + change.inserted.len();
            self.history.note(change, 0..0, end..end, typed);
        }

        #[track_caller]
        fn check_undone(&mut self, texts: &[&str]) {
            for expected in texts {
                assert!(self.history.undo(&mut self.text).is_some());
                assert_eq!(self.text, *expected);
            }
            assert_eq!(self.history.undo(&mut self.text), None);
            for _ in texts {
                assert!(self.history.redo(&mut self.text).is_some());
            }
            assert_eq!(self.history.redo(&mut self.text), None);
        }
    }

    #[test]
    fn typing_is_taken_back_word_by_word_and_line_by_line() {
        let mut typing = Typing::new("");
        let all = "one two\nx";
        for end in 1..=all.len() {
            typing.set(&all[..end], true);
        }
        typing.check_undone(&["one two\n", "one two", "one ", ""]);
        assert_eq!(typing.text, all);
    }

    #[test]
    fn what_is_deleted_stroke_by_stroke_comes_back_at_once() {
        let mut typing = Typing::new("abcd");
        typing.set("abc", true);
        typing.set("ab", true);
        typing.set("b", true);
        typing.check_undone(&["ab", "abcd"]);
    }

    #[test]
    fn a_command_is_a_change_of_its_own_and_typing_after_an_undo_forgets_the_rest() {
        let mut typing = Typing::new("a");
        typing.set("ab", true);
        typing.set("abc", false);
        typing.set("abcd", true);
        typing.check_undone(&["abc", "ab", "a"]);
        assert!(typing.history.undo(&mut typing.text).is_some());
        typing.set("abcX", true);
        assert!(!typing.history.can_redo());
        typing.check_undone(&["abc", "ab", "a"]);
    }

    #[test]
    fn the_oldest_changes_are_forgotten_first() {
        let mut typing = Typing::new("");
        for number in 0..CHANGES + 10 {
            typing.set(&format!("{number}"), false);
        }
        let mut steps = 0;
        while typing.history.undo(&mut typing.text).is_some() {
            steps += 1;
        }
        assert_eq!(steps, CHANGES);
        assert_eq!(typing.text, "9");
    }
}
