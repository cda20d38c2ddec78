//! Patterns in the configuration: regular expressions and wildcards, over bytes.

use std::fmt;

use regex::bytes::{Captures, Regex, RegexBuilder};

/// The most memory that one compiled expression may take, and as much for its lazy automaton.
const LARGEST_EXPRESSION_BYTES: usize = 256 << 10;

/// A regular expression in the syntax of the `regex` crate, which takes linear time whatever it is
/// matched against; look-around and back-references are not known to it.
///
/// It is matched against bytes: `.` stands for any byte, the end of a line among them, so that no
/// odd byte slips past a rule; classes such as `\w` are ASCII. `^` and `$` are the very ends. Two
/// patterns are equal when they are written alike.
#[derive(Clone)]
pub struct Pattern {
    text: String,
    regex: Regex,
}

/// Why a text is no regular expression; the words of its message continue a sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("is no regular expression: {reason}: {text:?}")]
pub struct PatternError {
    /// The text.
    pub text: String,
    /// What the parser said, in one line.
    pub reason: String,
}

impl Pattern {
    /// Reads and compiles an expression.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        Self::compile(text, text)
    }

    fn compile(text: &str, expression: &str) -> Result<Self, PatternError> {
        let regex = RegexBuilder::new(expression)
            .unicode(false)
            .dot_matches_new_line(true)
            .size_limit(LARGEST_EXPRESSION_BYTES)
            .dfa_size_limit(LARGEST_EXPRESSION_BYTES)
            .build()
            .map_err(|error| PatternError {
                text: text.to_owned(),
                reason: reason_of(&error),
            })?;
        Ok(Self {
            text: text.to_owned(),
            regex,
        })
    }

    /// The expression as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is found anywhere in `bytes`.
    #[must_use]
    pub fn is_match(&self, bytes: &[u8]) -> bool {
        self.regex.is_match(bytes)
    }

    pub(super) fn captures<'b>(&self, bytes: &'b [u8]) -> Option<Captures<'b>> {
        self.regex.captures(bytes)
    }

    /// How many groups it has, the whole match not counted.
    #[must_use]
    pub fn groups(&self) -> usize {
        self.regex.captures_len() - 1
    }
}

/// What went wrong without the drawing of the expression, which takes many lines.
fn reason_of(error: &regex::Error) -> String {
    match error {
        regex::Error::CompiledTooBig(_) => "it is too large once compiled".to_owned(),
        other => {
            let words = other.to_string();
            let last = words.lines().rfind(|line| !line.trim().is_empty());
            let last = last.unwrap_or_default().trim();
            last.strip_prefix("error: ").unwrap_or(last).to_owned()
        }
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Pattern {}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pattern({:?})", self.text)
    }
}

/// A pattern for file names as fnmatch(3) has it: `*` is any run of bytes, `?` any one, `[a-z]` one
/// of these, `[!a-z]` none of these, `\` takes the next character as it is. It fits whole names,
/// with regard to letter case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wildcard(Pattern);

impl Wildcard {
    /// Reads a wildcard; one that is too large to be compiled is an error.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        Pattern::compile(text, &expression_of(text)).map(Self)
    }

    /// The wildcard as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether it fits the whole of `name`.
    #[must_use]
    pub fn is_match(&self, name: &[u8]) -> bool {
        self.0.is_match(name)
    }
}

fn expression_of(wildcard: &str) -> String {
    let mut expression = String::from("^");
    let mut rest = wildcard.chars();
    while let Some(character) = rest.next() {
        match character {
            '*' => expression.push_str(".*"),
            '?' => expression.push('.'),
            '[' => match class(rest.as_str()) {
                Some((class, after)) => {
                    expression.push_str(&class);
                    rest = after.chars();
                }
                None => expression.push_str("\\["),
            },
            '\\' => push_literal(&mut expression, rest.next().unwrap_or('\\')),
            other => push_literal(&mut expression, other),
        }
    }
    expression.push('$');
    expression
}

fn push_literal(expression: &mut String, character: char) {
    expression.push_str(&regex::escape(character.encode_utf8(&mut [0; 4])));
}

/// The class that begins after a `[`, and what follows it; a `]` that comes first is one of its
/// members. Without a closing `]` the bracket stands for itself.
fn class(after_bracket: &str) -> Option<(String, &str)> {
    let inner = after_bracket.strip_prefix(['!', '^']);
    let inverted = inner.is_some();
    let inner = inner.unwrap_or(after_bracket);
    let end = inner
        .char_indices()
        .skip(1)
        .find(|&(_, character)| character == ']')?
        .0;
    let (members, after) = (inner.get(..end)?, inner.get(end + 1..)?);
    let mut class = String::from(if inverted { "[^" } else { "[" });
    for member in members.chars() {
        if !member.is_alphanumeric() && member != '-' {
            class.push('\\');
        }
        class.push(member);
    }
    class.push(']');
    Some((class, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(wildcard: &str, fits: &[&[u8]], fits_not: &[&[u8]]) {
        let read = Wildcard::parse(wildcard).unwrap();
        for name in fits {
            assert!(read.is_match(name), "{wildcard} {name:?}");
        }
        for name in fits_not {
            assert!(!read.is_match(name), "{wildcard} {name:?}");
        }
        assert_eq!(read.as_str(), wildcard);
    }

    #[test]
    fn wildcards_fit_whole_names() {
        check(
            "*.cgi",
            &[b"a.cgi", b".cgi", b"\xFF\n.cgi"],
            &[b"a.cgi~", b"a.CGI", b"acgi"],
        );
        check("a?c", &[b"abc", b"a\xFFc", b"a.c"], &[b"ac", b"abbc"]);
        check("[a-c]x[!0-9]", &[b"bxy", b"axx"], &[b"dxy", b"bx1"]);
        check("[]a]", &[b"]", b"a"], &[b"b"]);
        check("[a", &[b"[a"], &[b"a"]);
        check("a\\*.{b,c}+(d)|^$", &[b"a*.{b,c}+(d)|^$"], &[b"ab.b"]);
        check("[.&&~^]", &[b".", b"&", b"~", b"^"], &[b"a", b"\\"]);
        check("caf\u{e9}", &["caf\u{e9}".as_bytes()], &[b"caf\xE9"]);
        check("", &[b""], &[b"a"]);
    }

    #[test]
    fn expressions_see_bytes_and_the_very_ends() {
        let pattern = Pattern::parse("^/private/.*$").unwrap();
        assert!(pattern.is_match(b"/private/\xFF\n\xC3"));
        assert!(!Pattern::parse("^/a$").unwrap().is_match(b"/a\n"));
        assert_eq!(pattern, Pattern::parse("^/private/.*$").unwrap());
        assert_eq!(Pattern::parse("(a)(?:b)(c)").unwrap().groups(), 2);
    }

    #[test]
    fn what_is_no_expression_is_refused_in_one_line() {
        for (text, words) in [
            ("(", "unclosed group"),
            ("a(?=b)", "look-around"),
            ("(a)\\1", "backreferences"),
            ("[a", "unclosed character class"),
            ("((a{1000}){1000}){1000}", "too large"),
            ("(?:.{0,900}){0,900}", "too large"),
        ] {
            let error = Pattern::parse(text).unwrap_err().to_string();
            assert!(error.contains(words) && !error.contains('\n'), "{error}");
        }
        assert!(Wildcard::parse("[z-a]").is_err());
    }

    #[test]
    fn hostile_expressions_take_linear_time() {
        let pattern = Pattern::parse("^(a+)+$").unwrap();
        let mut path = vec![b'a'; 100_000];
        path.push(b'b');
        assert!(!pattern.is_match(&path));
    }
}
