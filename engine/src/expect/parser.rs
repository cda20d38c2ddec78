//! The text of an expectation, read; what is wrong is told with its column.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::value::Value;
use super::{Comparison, Ending, Expectation, Found, Stream, Subject, Test};
use crate::diagnosis::RuleCode;
use crate::process::Signal;
use regex::bytes::{Regex, RegexBuilder};

/// A compiled regular expression may take so much memory.
const REGEX_BYTES: usize = 1 << 20;

/// Why a text is no expectation.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("column {column}: {what}")]
pub struct Problem {
    /// Where, in characters from 1.
    pub column: usize,
    /// What is wrong.
    pub what: String,
}

/// Reads one expectation: see the grammar of [this module](super).
///
/// # Errors
/// The text is none; the first thing that is wrong is told.
pub fn parse(text: &str) -> Result<Expectation, Problem> {
    let mut words = Words { text, at: 0 };
    let subject = subject(&mut words)?;
    words.end()?;
    Ok(Expectation {
        text: text.trim().to_owned(),
        subject,
    })
}

/// What was not read yet.
struct Words<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Words<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn skip_space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    /// What is wrong, at the next word.
    fn problem(&mut self, what: impl Into<String>) -> Problem {
        self.skip_space();
        let before = self.text.get(..self.at).unwrap_or_default();
        Problem {
            column: before.chars().count() + 1,
            what: what.into(),
        }
    }

    /// The next word without taking it; empty at the end.
    fn peek(&mut self) -> &'t str {
        self.skip_space();
        let rest = self.rest();
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        rest.get(..end).unwrap_or_default()
    }

    fn take(&mut self) -> &'t str {
        let word = self.peek();
        self.at += word.len();
        word
    }

    /// The letters that come next: `time<1s` needs no space.
    fn keyword(&mut self) -> &'t str {
        self.skip_space();
        let rest = self.rest();
        let end = rest.find(|next: char| !next.is_ascii_alphabetic());
        let word = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        self.at += word.len();
        word
    }

    fn take_if(&mut self, word: &str) -> bool {
        let is_next = self.peek() == word;
        if is_next {
            self.at += word.len();
        }
        is_next
    }

    fn end(&mut self) -> Result<(), Problem> {
        match self.peek() {
            "" => Ok(()),
            word => Err(self.problem(format!("nothing is expected after this: {word:?}"))),
        }
    }

    /// The rest of the line, or what stands in quotes; whether it was quoted.
    fn value(&mut self) -> Result<(String, Option<Vec<u8>>), Problem> {
        self.skip_space();
        if !self.rest().starts_with('"') {
            let rest = self.rest().trim_end();
            if rest.is_empty() {
                return Err(self.problem("a value is wanted here"));
            }
            self.at = self.text.len();
            return Ok((rest.to_owned(), None));
        }
        let opening = self.at;
        self.at += 1;
        let start = self.at;
        let mut bytes = Vec::new();
        while let Some(character) = self.rest().chars().next() {
            let here = self.at;
            self.at += character.len_utf8();
            match character {
                '"' => {
                    let written = self.text.get(start..here).unwrap_or_default().to_owned();
                    return Ok((written, Some(bytes)));
                }
                '\\' => self.escape(&mut bytes),
                plain => {
                    bytes.extend_from_slice(plain.encode_utf8(&mut [0; 4]).as_bytes());
                }
            }
        }
        self.at = opening;
        Err(self.problem("this quotation mark is not closed"))
    }

    /// The escape after a backslash; what is none stands for itself with its backslash.
    fn escape(&mut self, bytes: &mut Vec<u8>) {
        let rest = self.rest();
        let hex = rest
            .strip_prefix('x')
            .and_then(|rest| rest.get(..2))
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        let (byte, length) = match (rest.bytes().next(), hex) {
            (_, Some(byte)) => (byte, 3),
            (Some(b'n'), _) => (b'\n', 1),
            (Some(b'r'), _) => (b'\r', 1),
            (Some(b't'), _) => (b'\t', 1),
            (Some(byte @ (b'"' | b'\\')), _) => (byte, 1),
            _ => (b'\\', 0),
        };
        bytes.push(byte);
        self.at += length;
    }
}

fn subject(words: &mut Words<'_>) -> Result<Subject, Problem> {
    let before = words.at;
    Ok(match words.keyword() {
        "status" => {
            let is = !words.take_if("not");
            let codes = status_codes(words)?;
            Subject::Status { codes, is }
        }
        "header" => header(words)?,
        "env" => {
            let name = name(words, "a variable's name is wanted here, such as PATH_INFO")?;
            let test = test(words)?;
            Subject::Variable { name, test }
        }
        "body" => stream(words, Stream::Body)?,
        "stdout" => stream(words, Stream::Stdout)?,
        "stderr" => stream(words, Stream::Stderr)?,
        "exit" => {
            let is = !words.take_if("not");
            let how = ending(words)?;
            Subject::Exit { how, is }
        }
        "time" => time(words)?,
        "finding" => Subject::Finding(finding(words)?),
        _ => {
            words.at = before;
            let known = "status, header, body, stdout, stderr, env, exit, time or finding";
            return Err(words.problem(format!("an expectation begins with {known}")));
        }
    })
}

fn stream(words: &mut Words<'_>, stream: Stream) -> Result<Subject, Problem> {
    let before = words.at;
    let test = test(words)?;
    if matches!(test, Test::Present | Test::Absent) {
        words.at = before;
        return Err(words.problem("a stream is empty or not empty"));
    }
    Ok(Subject::Stream { stream, test })
}

/// `NAME: value`, or the name and a test.
fn header(words: &mut Words<'_>) -> Result<Subject, Problem> {
    words.skip_space();
    let rest = words.rest();
    let end = rest
        .find(|next: char| next == ':' || next.is_whitespace())
        .unwrap_or(rest.len());
    let name = rest.get(..end).unwrap_or_default().to_owned();
    if name.is_empty() {
        return Err(words.problem("a field's name is wanted here, such as Content-Type"));
    }
    words.at += end;
    let test = if words.rest().starts_with(':') {
        words.at += 1;
        equals(words, true)?
    } else {
        test(words)?
    };
    Ok(Subject::Header { name, test })
}

fn name(words: &mut Words<'_>, wanted: &str) -> Result<String, Problem> {
    words.skip_space();
    let rest = words.rest();
    let end = rest
        .find(|next: char| next == '=' || next == '!' || next.is_whitespace())
        .unwrap_or(rest.len());
    if end == 0 {
        return Err(words.problem(wanted));
    }
    words.at += end;
    Ok(rest.get(..end).unwrap_or_default().to_owned())
}

fn test(words: &mut Words<'_>) -> Result<Test, Problem> {
    words.skip_space();
    for (sign, is) in [("!=", false), ("=", true)] {
        if words.rest().starts_with(sign) {
            words.at += sign.len();
            return equals(words, is);
        }
    }
    let is = !words.take_if("not");
    let before = words.at;
    match words.take() {
        "contains" => {
            let (text, quoted) = words.value()?;
            let value = quoted.unwrap_or_else(|| text.into_bytes());
            Ok(Test::Contains { value, is })
        }
        "matches" => {
            let regex = expression(words)?;
            Ok(Test::Matches { regex, is })
        }
        "empty" => Ok(Test::Empty { is }),
        "present" if is => Ok(Test::Present),
        "absent" if is => Ok(Test::Absent),
        _ => {
            words.at = before;
            let known = match is {
                true => "=, !=, contains, matches, empty, absent, present or not",
                false => "contains, matches or empty",
            };
            Err(words.problem(format!("{known} is wanted here")))
        }
    }
}

fn equals(words: &mut Words<'_>, is: bool) -> Result<Test, Problem> {
    let value = match words.value()? {
        (_, Some(bytes)) => Value::Literal(bytes),
        (text, None) => Value::unquoted(&text),
    };
    Ok(Test::Equals { value, is })
}

fn expression(words: &mut Words<'_>) -> Result<Regex, Problem> {
    words.skip_space();
    let before = words.at;
    let (written, quoted) = words.value()?;
    let source = match quoted {
        Some(_) => written.replace("\\\"", "\""),
        None => written,
    };
    let made = RegexBuilder::new(&source)
        .size_limit(REGEX_BYTES)
        .dfa_size_limit(REGEX_BYTES)
        .build();
    made.map_err(|error| {
        words.at = before;
        // The crate draws the place over several lines; its last line says what is wrong.
        let message = error.to_string();
        let last = message.lines().last().unwrap_or_default();
        let last = last.trim_start_matches("error: ");
        words.problem(format!("no regular expression: {last}"))
    })
}

fn status_codes(words: &mut Words<'_>) -> Result<Vec<RangeInclusive<u16>>, Problem> {
    let mut codes = Vec::new();
    loop {
        let before = words.at;
        let word = words.take();
        for code in word.split(',').filter(|code| !code.is_empty()) {
            let Some(range) = status_code(code) else {
                words.at = before;
                return Err(words.problem("a status is wanted here, such as 200 or 2xx"));
            };
            codes.push(range);
        }
        if !(word.ends_with(',') || words.peek().starts_with(',')) {
            break;
        }
    }
    if codes.is_empty() {
        return Err(words.problem("a status is wanted here, such as 200 or 2xx"));
    }
    Ok(codes)
}

fn status_code(code: &str) -> Option<RangeInclusive<u16>> {
    let [class, second, third] = code.as_bytes() else {
        return None;
    };
    let is_any = |digit: &u8| digit.eq_ignore_ascii_case(&b'x');
    let digit = |digit: &u8| digit.is_ascii_digit().then(|| u16::from(digit - b'0'));
    let class = digit(class).filter(|class| (1..=9).contains(class))? * 100;
    if is_any(second) && is_any(third) {
        return Some(class..=class + 99);
    }
    let tens = class + digit(second)? * 10;
    if is_any(third) {
        return Some(tens..=tens + 9);
    }
    let code = tens + digit(third)?;
    Some(code..=code)
}

fn ending(words: &mut Words<'_>) -> Result<Ending, Problem> {
    let before = words.at;
    let word = words.take();
    let code = word.parse().ok().filter(|code| (0..=255).contains(code));
    let signal = || Signal::named(word).map(|signal| Ending::Signal(signal.number()));
    code.map(Ending::Code).or_else(signal).ok_or_else(|| {
        words.at = before;
        words.problem("an exit status or a signal is wanted here, such as 0 or SIGKILL")
    })
}

fn time(words: &mut Words<'_>) -> Result<Subject, Problem> {
    words.skip_space();
    let signs = [
        ("<=", Comparison::LessOrEqual),
        (">=", Comparison::MoreOrEqual),
        ("<", Comparison::Less),
        (">", Comparison::More),
    ];
    let sign = signs
        .into_iter()
        .find(|(sign, _)| words.rest().starts_with(sign));
    let Some((sign, comparison)) = sign else {
        return Err(words.problem("<, <=, > or >= is wanted here"));
    };
    words.at += sign.len();
    let before = words.at;
    let limit = span(words.take()).ok_or_else(|| {
        words.at = before;
        words.problem("a time span is wanted here, such as 500ms or 2s")
    })?;
    Ok(Subject::Time { comparison, limit })
}

fn span(word: &str) -> Option<Duration> {
    let end = word.find(|next: char| !(next.is_ascii_digit() || next == '.'))?;
    let (number, unit) = word.split_at_checked(end)?;
    let seconds = match unit {
        "us" | "µs" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        "min" | "m" => 60.0,
        _ => return None,
    };
    let number: f64 = number.parse().ok()?;
    Duration::try_from_secs_f64(number * seconds).ok()
}

fn finding(words: &mut Words<'_>) -> Result<Found, Problem> {
    let before = words.at;
    match words.take() {
        "none" => return Ok(Found::None),
        "no" => {
            let before = words.at;
            return match words.take() {
                "errors" => Ok(Found::NoErrors),
                "warnings" => Ok(Found::NoWarnings),
                _ => {
                    words.at = before;
                    Err(words.problem("errors or warnings is wanted here"))
                }
            };
        }
        "not" => {}
        _ => words.at = before,
    }
    let is = words.at == before;
    let at = words.at;
    let word = words.take();
    let number = word.strip_prefix("CGI").unwrap_or_default();
    let is_code = number.len() == 3 && number.bytes().all(|digit| digit.is_ascii_digit());
    match number.parse().ok().filter(|_| is_code) {
        Some(number) => Ok(Found::Code {
            code: RuleCode(number),
            is,
        }),
        None => {
            words.at = at;
            Err(words
                .problem("none, no errors, no warnings or a code such as CGI023 is wanted here"))
        }
    }
}
