//! What came against what may come.

use super::answer::{Extent, bare_line_feeds, faults};
use super::case::{Expect, Status, Test, Value};
use super::seen::Seen;
use super::text::Words;
use super::wire::Observed;
use regex::bytes::Regex;
use std::time::Duration;

/// One thing that is not as it has to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// What was looked at.
    pub what: String,
    /// What it has to be.
    pub expected: String,
    /// What it is.
    pub got: String,
}

/// All that is not as expected; empty when the case passes so.
pub fn judge(expect: &Expect, observed: &Observed, words: &Words) -> Vec<Mismatch> {
    let mut judge = Judge {
        words,
        mismatches: Vec::new(),
    };
    if expect.silence {
        judge.same(
            "the answer",
            observed.raw.is_empty(),
            "not a single byte",
            &observed.raw,
        );
        return judge.mismatches;
    }
    let Some(answer) = observed.answers.last() else {
        if !expect.status.is_empty() || expect.raw.is_none() {
            judge.same("the answer", false, "one with a whole head", &observed.raw);
        }
        judge.optional(
            "the bytes of the answer",
            expect.raw.as_ref(),
            &[&observed.raw],
        );
        return judge.mismatches;
    };
    judge.status(&expect.status, answer.status);
    judge.optional(
        "the reason phrase",
        expect.reason.as_ref(),
        &[&answer.reason],
    );
    for (name, value) in &expect.fields {
        judge.value(&format!("field {name}"), value, &answer.values(name), false);
    }
    judge.optional("the body", expect.body.as_ref(), &[&answer.body]);
    judge.optional(
        "the bytes of the answer",
        expect.raw.as_ref(),
        &[&observed.raw],
    );
    judge.optional(
        "what follows the answer",
        expect.after.as_ref(),
        &[&observed.after],
    );
    judge.ending(expect, observed, answer.extent);
    judge.times(expect, observed);
    if expect.needs_dump() {
        judge.dump(expect, observed);
    }
    judge.mismatches
}

struct Judge<'a> {
    words: &'a Words,
    mismatches: Vec<Mismatch>,
}

impl Judge<'_> {
    fn same(&mut self, what: &str, holds: bool, expected: &str, got: &[u8]) {
        if !holds {
            self.mismatches.push(Mismatch {
                what: what.to_owned(),
                expected: expected.to_owned(),
                got: shown(got),
            });
        }
    }

    fn status(&mut self, allowed: &[Status], status: u16) {
        let fits = |allowed: &Status| match allowed {
            Status::Code(code) => *code == status,
            Status::Class(class) => {
                class.as_bytes().first().copied() == status.to_string().bytes().next()
            }
        };
        let names = allowed.iter().map(|allowed| match allowed {
            Status::Code(code) => code.to_string(),
            Status::Class(class) => class.clone(),
        });
        let expected = names.collect::<Vec<_>>().join(" or ");
        let holds = allowed.is_empty() || allowed.iter().any(fits);
        self.same(
            "the status",
            holds,
            &expected,
            status.to_string().as_bytes(),
        );
    }

    fn ending(&mut self, expect: &Expect, observed: &Observed, extent: Extent) {
        if let Some(whole) = expect.whole {
            let expected = if whole { "whole" } else { "visibly cut off" };
            let got = format!("{extent:?}");
            self.same(
                "the end",
                (extent == Extent::Whole) == whole,
                expected,
                got.as_bytes(),
            );
        }
        if let Some(interim) = &expect.interim {
            let got = format!("{:?}", observed.interim);
            let holds = observed.interim == *interim;
            self.same(
                "interim answers",
                holds,
                &format!("{interim:?}"),
                got.as_bytes(),
            );
        }
        let Some(answer) = observed.answers.last() else {
            return;
        };
        let bytes = &observed.raw[observed.last_answer_at..];
        if expect.valid {
            let found = faults(bytes, answer).join("; ");
            self.same("HTTP", found.is_empty(), "no fault", found.as_bytes());
        }
        if expect.line_ends {
            let bare = bare_line_feeds(bytes, answer);
            let got = format!("{bare} lines without");
            self.same("the line ends", bare == 0, "CR LF", got.as_bytes());
        }
    }

    fn times(&mut self, expect: &Expect, observed: &Observed) {
        if let Some(least) = expect.early_milliseconds {
            let got = format!("{} ms", observed.early.as_millis());
            let holds = observed.early >= Duration::from_millis(least);
            let expected = format!("at least {least} ms before the end");
            self.same("the first body byte", holds, &expected, got.as_bytes());
        }
        if let Some(most) = expect.within_milliseconds {
            let got = format!("{} ms", observed.took.as_millis());
            let holds = observed.took <= Duration::from_millis(most);
            self.same(
                "the whole answer",
                holds,
                &format!("within {most} ms"),
                got.as_bytes(),
            );
        }
    }

    fn dump(&mut self, expect: &Expect, observed: &Observed) {
        let Some(seen) = &observed.seen else {
            let body = observed
                .answers
                .last()
                .map_or(&b""[..], |answer| &answer.body);
            return self.same("what the script saw", false, "its report", body);
        };
        for (name, value) in &expect.env {
            let got: Vec<&[u8]> = seen.env.get(name).map(Vec::as_slice).into_iter().collect();
            self.value(&format!("variable {name}"), value, &got, true);
        }
        for (name, field) in &expect.env_as_field {
            let fields = observed.answers.last().map(|answer| answer.values(field));
            let field = fields.unwrap_or_default().first().copied();
            let value = seen.env.get(name).map(Vec::as_slice);
            let holds = field.is_none() || field == value;
            let what = format!("variable {name}");
            self.same(
                &what,
                holds,
                &shown(field.unwrap_or_default()),
                value.unwrap_or_default(),
            );
        }
        if let Some(argv) = &expect.argv {
            let argv: Vec<Vec<u8>> = argv.iter().map(|text| self.bytes(text)).collect();
            let list = |argv: &[Vec<u8>]| argv.iter().map(|word| shown(word)).collect::<Vec<_>>();
            let got = format!("{:?}", list(&seen.argv));
            let expected = format!("{:?}", list(&argv));
            self.same(
                "the arguments",
                seen.argv == argv,
                &expected,
                got.as_bytes(),
            );
        }
        self.optional("the working directory", expect.cwd.as_ref(), &[&seen.cwd]);
        self.optional("stdin", expect.stdin.as_ref(), &[&seen.stdin]);
        if expect.script_uri {
            self.script_uri(seen, observed.seen_again.as_ref());
        }
    }

    /// What the script saw when it was asked for by the URI that its variables spelt.
    fn script_uri(&mut self, first: &Seen, again: Option<&Seen>) {
        for name in ["SCRIPT_NAME", "PATH_INFO", "QUERY_STRING"] {
            let void = |value: Option<&Vec<u8>>| value.cloned().unwrap_or_default();
            let expected = void(first.env.get(name));
            let got = match again {
                Some(seen) => void(seen.env.get(name)),
                None => b"no script that answers".to_vec(),
            };
            let what = format!("variable {name} of the Script-URI's own request");
            self.same(
                &what,
                again.is_some() && got == expected,
                &shown(&expected),
                &got,
            );
        }
    }

    fn optional(&mut self, what: &str, value: Option<&Value>, got: &[&[u8]]) {
        if let Some(value) = value {
            self.value(what, value, got, true);
        }
    }

    /// `single`: there is one value or none, and an empty one counts as none.
    fn value(&mut self, what: &str, value: &Value, got: &[&[u8]], single: bool) {
        let joined = got.join(&b", "[..]);
        let there = if single {
            !joined.is_empty()
        } else {
            !got.is_empty()
        };
        let (holds, expected) = match value {
            Value::Present(true) => (!joined.is_empty(), "something".to_owned()),
            Value::Present(false) => (!there, "nothing".to_owned()),
            Value::Equal(text) => {
                let bytes = self.bytes(text);
                (got == [bytes.as_slice()], shown(&bytes))
            }
            Value::Each(each) => {
                let each: Vec<Vec<u8>> = each.iter().map(|text| self.bytes(text)).collect();
                let shown: Vec<String> = each.iter().map(|bytes| shown(bytes)).collect();
                (got == each, shown.join(" and "))
            }
            Value::Test(test) => self.test(test, &joined, !got.is_empty()),
        };
        let nothing = if got.is_empty() {
            &b"nothing"[..]
        } else {
            &joined
        };
        self.same(what, holds, &expected, nothing);
    }

    fn test(&self, test: &Test, got: &[u8], there: bool) -> (bool, String) {
        let mut holds = true;
        let mut expected = Vec::new();
        if let Some(pattern) = &test.matches {
            holds &= there && Regex::new(pattern).is_ok_and(|regex| regex.is_match(got));
            expected.push(format!("a match of {pattern}"));
        }
        if let Some(part) = test.contains.as_ref().map(|text| self.bytes(text)) {
            holds &= there && contains(got, &part);
            expected.push(format!("\"{}\" in it", shown(&part)));
        }
        if let Some(part) = test.lacks.as_ref().map(|text| self.bytes(text)) {
            holds &= !contains(got, &part);
            expected.push(format!("no \"{}\" in it", shown(&part)));
        }
        if let Some(choices) = &test.one_of {
            let choices: Vec<Vec<u8>> = choices.iter().map(|text| self.bytes(text)).collect();
            holds &= choices.iter().any(|choice| choice == got);
            let names: Vec<String> = choices.iter().map(|choice| shown(choice)).collect();
            expected.push(names.join(" or "));
        }
        if let Some(length) = test.length {
            holds &= got.len() == length;
            expected.push(format!("{length} bytes (there are {})", got.len()));
        }
        if let Some(wanted) = test.there {
            holds &= there == wanted;
            expected.push(if wanted { "there" } else { "not there" }.to_owned());
        }
        (holds, expected.join(", "))
    }

    fn bytes(&self, text: &str) -> Vec<u8> {
        // A placeholder that has no value here is told as it stands.
        self.words
            .bytes(text)
            .unwrap_or_else(|_| text.as_bytes().to_vec())
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    part.is_empty() || bytes.windows(part.len()).any(|window| window == part)
}

/// Bytes for a reader, the middle of long ones left out.
pub(super) fn shown(bytes: &[u8]) -> String {
    const KEPT: usize = 160;
    if bytes.len() <= 2 * KEPT {
        return bytes.escape_ascii().to_string();
    }
    let (first, last) = (&bytes[..KEPT], &bytes[bytes.len() - KEPT..]);
    let left_out = bytes.len() - 2 * KEPT;
    format!(
        "{} … {left_out} bytes … {}",
        first.escape_ascii(),
        last.escape_ascii()
    )
}

#[cfg(test)]
mod tests {
    use super::super::answer::Answer;
    use super::*;

    fn observed(raw: &[u8]) -> Observed {
        let answer = Answer::read(raw, b"GET", true).unwrap();
        Observed {
            raw: raw.to_vec(),
            seen: Seen::read(&answer.body),
            answers: vec![answer],
            ..Observed::default()
        }
    }

    #[track_caller]
    fn check(expect: &str, raw: &[u8], mismatches: &[&str]) {
        let expect: Expect = toml::from_str(expect).unwrap();
        let found = judge(&expect, &observed(raw), &Words::of_nobody());
        let what: Vec<&str> = found.iter().map(|found| found.what.as_str()).collect();
        assert_eq!(what, mismatches, "{found:?}");
    }

    const HELLO: &[u8] = b"HTTP/1.1 200 OK\r\nA: 1\r\nA: 2\r\nB:\r\nContent-Length: 2\r\n\r\nhi";
    const DUMP: &[u8] =
        b"HTTP/1.1 200 OK\r\n\r\ndump\nenv.A=1\nenv.B=\narg=x\ncwd=/c\nstdin=\nend\n";

    #[test]
    fn a_status_is_one_of_those_allowed() {
        check("status = [200]", HELLO, &[]);
        check("status = [404, '2xx']", HELLO, &[]);
        check("status = ['4xx', '5xx']", HELLO, &["the status"]);
    }

    #[test]
    fn an_equal_field_comes_exactly_once() {
        check("fields = { Content-Length = '2' }", HELLO, &[]);
        check("fields = { A = '1' }", HELLO, &["field A"]);
        check("fields = { A = ['1', '2'] }", HELLO, &[]);
        check("fields = { A = ['2', '1'] }", HELLO, &["field A"]);
        check("fields = { C = '' }", HELLO, &["field C"]);
    }

    #[test]
    fn a_field_without_a_value_is_there() {
        check("fields = { B = { there = true } }", HELLO, &[]);
        check("fields = { B = false }", HELLO, &["field B"]);
        check("fields = { C = false }", HELLO, &[]);
    }

    #[test]
    fn a_variable_without_a_value_counts_as_missing() {
        check("env = { A = true, B = false, C = false }", DUMP, &[]);
        check("env = { B = { there = true }, A = '1' }", DUMP, &[]);
        check("env = { B = true }", DUMP, &["variable B"]);
    }

    #[test]
    fn what_the_script_saw_has_to_be_told() {
        check("env = { A = false }", HELLO, &["what the script saw"]);
        check("argv = ['x']\ncwd = '/c'\nstdin = ''", DUMP, &[]);
        check("argv = []", DUMP, &["the arguments"]);
    }

    #[test]
    fn a_script_uri_that_nobody_answers_fails() {
        let missing = "variable SCRIPT_NAME of the Script-URI's own request";
        let expect: Expect = toml::from_str("script_uri = true").unwrap();
        let found = judge(&expect, &observed(DUMP), &Words::of_nobody());
        assert_eq!(found[0].what, missing);
    }

    #[test]
    fn http_with_a_fault_fails() {
        check("valid = true", HELLO, &[]);
        check("valid = true", b"HTTP/1.1 200 OK\r\nA\r\n\r\nhi", &["HTTP"]);
        let bare = b"HTTP/1.1 200 OK\n\nhi";
        check("valid = true", bare, &[]);
        check("line_ends = true", bare, &["the line ends"]);
        check("whole = false", HELLO, &["the end"]);
    }
}
