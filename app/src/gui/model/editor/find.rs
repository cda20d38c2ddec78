//! Finding and replacing in the text that is edited.

use std::ops::Range;

use regex::{Regex, RegexBuilder};

/// What is typed into the search line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question {
    /// What to find.
    pub text: String,
    /// What to put in its place.
    pub with: String,
    /// Capital and small letters are different.
    pub case: bool,
    /// The text is a regular expression, and `$1` in the other its first group.
    pub regex: bool,
    /// The second line is open.
    pub replaces: bool,
}

/// As many matches are counted and marked; replacing reaches all.
const MARKED: usize = 10_000;
/// A pattern that would need more is refused.
const PATTERN_BYTES: usize = 1 << 20;

/// An open search and what it found.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// What is asked.
    pub question: Question,
    /// Changes when the keyboard is wanted in the line.
    pub wanted: u64,
    /// The matches, as far as they are marked, in order.
    pub matches: Vec<Range<usize>>,
    /// Why the question cannot be asked.
    pub problem: Option<String>,
    pattern: Option<Regex>,
}

impl Search {
    /// Takes another question.
    pub fn ask(&mut self, question: Question, text: &str) {
        let same = question.text == self.question.text
            && question.case == self.question.case
            && question.regex == self.question.regex;
        self.question = question;
        if same && self.pattern.is_some() {
            return;
        }
        self.pattern = None;
        self.problem = None;
        if !self.question.text.is_empty() {
            match compiled(&self.question) {
                Ok(pattern) => self.pattern = Some(pattern),
                Err(problem) => self.problem = Some(problem),
            }
        }
        self.look(text);
    }

    /// Looks through the text, which has changed.
    pub fn look(&mut self, text: &str) {
        self.matches = match &self.pattern {
            None => Vec::new(),
            Some(pattern) => pattern
                .find_iter(text)
                // A pattern that matches nothing at all is everywhere.
                .filter(|found| !found.is_empty())
                .take(MARKED)
                .map(|found| found.range())
                .collect(),
        };
    }

    /// The match after the selection, or before it; beyond the last comes the first.
    #[must_use]
    pub fn next(&self, selection: &Range<usize>, forward: bool) -> Option<Range<usize>> {
        let found = if forward {
            let from = if selection.is_empty() {
                selection.start
            } else {
                selection.start + 1
            };
            let at = self.matches.partition_point(|found| found.start < from);
            self.matches.get(at).or(self.matches.first())
        } else {
            let before = selection.start;
            let at = self.matches.partition_point(|found| found.start < before);
            let earlier = at.checked_sub(1).and_then(|at| self.matches.get(at));
            earlier.or(self.matches.last())
        };
        found.cloned()
    }

    /// The number of the match that is selected, from 1.
    #[must_use]
    pub fn number(&self, selection: &Range<usize>) -> Option<usize> {
        let at = self.matches.iter().position(|found| found == selection)?;
        Some(at + 1)
    }

    /// The text with this match replaced, and what stands there then.
    #[must_use]
    pub fn replaced(&self, text: &str, found: &Range<usize>) -> Option<(String, Range<usize>)> {
        let pattern = self.pattern.as_ref()?;
        let groups = pattern.captures_at(text, found.start)?;
        let whole = groups.get(0).filter(|whole| whole.range() == *found)?;
        let mut put = String::new();
        if self.question.regex {
            groups.expand(&self.question.with, &mut put);
        } else {
            put.clone_from(&self.question.with);
        }
        let mut edited = text.to_owned();
        edited.replace_range(whole.range(), &put);
        Some((edited, found.start..found.start + put.len()))
    }

    /// The text with every match replaced, and how many there were.
    #[must_use]
    pub fn all_replaced(&self, text: &str) -> Option<(String, usize)> {
        let pattern = self.pattern.as_ref()?;
        let mut edited = String::with_capacity(text.len());
        let (mut at, mut count) = (0, 0);
        for groups in pattern.captures_iter(text) {
            let Some(whole) = groups.get(0).filter(|whole| !whole.is_empty()) else {
                continue;
            };
            edited.push_str(text.get(at..whole.start())?);
            if self.question.regex {
                groups.expand(&self.question.with, &mut edited);
            } else {
                edited.push_str(&self.question.with);
            }
            at = whole.end();
            count += 1;
        }
        edited.push_str(text.get(at..)?);
        (count > 0).then_some((edited, count))
    }

    /// How many there are, and which one is selected.
    #[must_use]
    pub fn in_words(&self, selection: &Range<usize>) -> String {
        let many = self.matches.len();
        let more = if many == MARKED { "+" } else { "" };
        if let Some(problem) = &self.problem {
            return problem.clone();
        }
        match (self.question.text.is_empty(), many, self.number(selection)) {
            (true, ..) => String::new(),
            (_, 0, _) => "not found".to_owned(),
            (_, many, Some(number)) => format!("{number} of {many}{more}"),
            (_, many, None) => format!("{many}{more}"),
        }
    }
}

fn compiled(question: &Question) -> Result<Regex, String> {
    let source = match question.regex {
        true => question.text.clone(),
        false => regex::escape(&question.text),
    };
    let mut builder = RegexBuilder::new(&source);
    builder
        .case_insensitive(!question.case)
        .multi_line(true)
        .size_limit(PATTERN_BYTES)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => "the pattern is too large".to_owned(),
            other => {
                let words = other.to_string();
                let last = words.lines().next_back().unwrap_or_default();
                last.trim_start_matches("error: ").to_owned()
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(find: &str, with: &str, case: bool, regex: bool, text: &str) -> Search {
        let mut search = Search::default();
        let question = Question {
            text: find.into(),
            with: with.into(),
            case,
            regex,
            replaces: true,
        };
        search.ask(question, text);
        search
    }

    #[test]
    fn matches_are_walked_both_ways_and_round_the_ends() {
        let found = search("a", "", false, false, "A-a-é-a");
        assert_eq!(found.matches, [0..1, 2..3, 7..8]);
        assert_eq!(found.next(&(0..0), true), Some(0..1));
        assert_eq!(found.next(&(0..1), true), Some(2..3));
        assert_eq!(found.next(&(7..8), true), Some(0..1));
        assert_eq!(found.next(&(0..1), false), Some(7..8));
        assert_eq!(found.next(&(3..3), false), Some(2..3));
        assert_eq!(found.in_words(&(2..3)), "2 of 3");
        assert_eq!(found.in_words(&(1..1)), "3");
        assert_eq!(
            search("a", "", true, false, "A").in_words(&(0..0)),
            "not found"
        );
    }

    #[track_caller]
    fn check_all(find: &str, with: &str, regex: bool, text: &str, expected: &str, count: usize) {
        let found = search(find, with, true, regex, text);
        assert_eq!(found.all_replaced(text), Some((expected.into(), count)));
    }

    #[test]
    fn all_are_replaced_at_once_and_one_by_one() {
        check_all("a", "aa", false, "a.a", "aa.aa", 2);
        check_all(".", "$1", false, "a.b", "a$1b", 1);
        check_all(r"(\w+)=(\w+)", "$2=$1", true, "a=b c=d", "b=a d=c", 2);
        assert_eq!(search("^", "x", true, true, "a").all_replaced("a"), None);
        let found = search("é", "e", false, false, "éÉ");
        assert_eq!(found.replaced("éÉ", &(2..4)), Some(("ée".into(), 2..3)));
        assert_eq!(found.replaced("éÉ", &(0..1)), None);
    }

    #[test]
    fn a_pattern_that_is_none_says_why() {
        let broken = search("(", "", false, true, "(");
        assert_eq!(broken.in_words(&(0..0)), "unclosed group");
        assert!(broken.matches.is_empty() && broken.all_replaced("(").is_none());
        let huge = search("(a{1000}){1000}", "", false, true, "");
        assert_eq!(huge.in_words(&(0..0)), "the pattern is too large");
    }

    #[test]
    fn an_empty_match_is_no_match() {
        let found = search("x*", "y", false, true, "axb");
        assert_eq!(found.matches, vec![1..2]);
        assert_eq!(found.all_replaced("axb"), Some(("ayb".into(), 1)));
    }
}
