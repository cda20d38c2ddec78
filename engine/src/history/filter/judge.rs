//! Whether an exchange passes a filter: by its row where that suffices, else by the whole record.

use std::time::Duration;

use super::field::Field;
use super::search::Needle;
use super::token::Operator;
use super::value::Test;
use super::{Clause, Expression, Filter, Flag};
use crate::clock::Timestamp;
use crate::exchange::{CapturedBody, Exchange, Invocation, Progress, RowKind, RowOrigin, RowRef};
use crate::history::index::SLOW;
use crate::process::Exit;
use std::os::unix::ffi::OsStrExt as _;

/// What a row tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It passes.
    Pass,
    /// It does not.
    Fail,
    /// The whole record must be asked.
    Unknown,
}

impl From<bool> for Verdict {
    fn from(passes: bool) -> Self {
        if passes { Self::Pass } else { Self::Fail }
    }
}

impl Filter {
    /// What the row alone tells. `now` is what `since:10m` counts from.
    #[must_use]
    pub fn judge_row<'r>(&self, row: impl Into<RowRef<'r>>, now: Timestamp) -> Verdict {
        let row = row.into();
        judge(&self.root, &|leaf| of_row(leaf, row, now))
    }

    /// Whether the exchange passes, by its row and its record.
    #[must_use]
    pub fn matches<'r>(
        &self,
        row: impl Into<RowRef<'r>>,
        exchange: &Exchange,
        now: Timestamp,
    ) -> bool {
        let row = row.into();
        let verdict = judge(&self.root, &|leaf| match of_row(leaf, row, now) {
            Verdict::Unknown => of_record(leaf, exchange).into(),
            told => told,
        });
        verdict == Verdict::Pass
    }
}

/// The expression's leaves are judged by `leaf`, only as many as it takes.
pub(super) fn judge(expression: &Expression, leaf: &dyn Fn(&Expression) -> Verdict) -> Verdict {
    match expression {
        Expression::All => Verdict::Pass,
        Expression::Not(inner) => match judge(inner, leaf) {
            Verdict::Pass => Verdict::Fail,
            Verdict::Fail => Verdict::Pass,
            Verdict::Unknown => Verdict::Unknown,
        },
        Expression::And(parts) => until(parts, leaf, Verdict::Fail, Verdict::Pass),
        Expression::Or(parts) => until(parts, leaf, Verdict::Pass, Verdict::Fail),
        leaf_itself => leaf(leaf_itself),
    }
}

fn until(
    parts: &[Expression],
    leaf: &dyn Fn(&Expression) -> Verdict,
    decisive: Verdict,
    otherwise: Verdict,
) -> Verdict {
    let mut verdict = otherwise;
    for part in parts {
        let told = judge(part, leaf);
        if told == decisive {
            return decisive;
        }
        if told == Verdict::Unknown {
            verdict = Verdict::Unknown;
        }
    }
    verdict
}

pub(super) fn of_row(leaf: &Expression, row: RowRef<'_>, now: Timestamp) -> Verdict {
    match leaf {
        Expression::Word(needle) if word_in_row(needle, row) => Verdict::Pass,
        Expression::Flag(flag) => flag_of(*flag, row).into(),
        Expression::Clause(clause) => clause_of_row(clause, row, now),
        _ => Verdict::Unknown,
    }
}

fn word_in_row(needle: &Needle, row: RowRef<'_>) -> bool {
    let status = row.status.map(|status| status.to_string());
    [row.name, row.method, row.target]
        .into_iter()
        .chain(row.comment)
        .chain(status.as_deref())
        .any(|text| needle.is_in(text.as_bytes()))
}

fn flag_of(flag: Flag, row: RowRef<'_>) -> bool {
    match flag {
        Flag::Failed => row.has_failed(),
        Flag::Slow => row.duration.is_some_and(|duration| duration >= SLOW),
        Flag::Running => row.progress == Progress::Running,
        Flag::Static => row.kind == RowKind::File,
        Flag::Pinned => row.pinned,
        Flag::Replayed => matches!(
            row.origin,
            RowOrigin::Replay(_) | RowOrigin::ReplayOfSource(_)
        ),
        Flag::Imported => row.origin == RowOrigin::Imported,
        Flag::HungUp => row.progress == Progress::HungUp,
        Flag::Nph => row.kind == RowKind::Script && row.name.starts_with("nph-"),
    }
}

fn clause_of_row(clause: &Clause, row: RowRef<'_>, now: Timestamp) -> Verdict {
    let test = &clause.test;
    let (path, query) = row.target.split_once('?').unwrap_or((row.target, ""));
    match clause.field {
        Field::Status => number(test, row.status.map(u64::from)).into(),
        Field::Time => number(test, row.duration.map(micros)).into(),
        Field::Size => number(test, Some(row.response_bytes)).into(),
        Field::Id => number(test, Some(row.id.0)).into(),
        Field::Finding => any_code(test, row.codes).into(),
        Field::Comment => texts(test, |visit| {
            row.comment.is_some_and(|comment| visit(comment.as_bytes()))
        })
        .into(),
        Field::Since | Field::Before => began(test, row, now).into(),
        Field::Method => whole_word(test, row.method.as_bytes()).into(),
        Field::Script if script_path(clause).is_some() => texts(test, |_| {
            script_path(clause).is_some_and(|url_path| is_of_script(row, url_path))
        })
        .into(),
        Field::Script => one_text(test, row.name.as_bytes()).into(),
        // The row holds the beginning of a long target only.
        Field::Path | Field::Query if row.target.ends_with('…') => Verdict::Unknown,
        Field::Path => one_text(test, path.as_bytes()).into(),
        Field::Query => one_text(test, query.as_bytes()).into(),
        Field::Stderr if row.stderr_lines == 0 && row.progress != Progress::Running => {
            texts(test, |_| false).into()
        }
        Field::Stderr if matches!(test, Test::Present) => (row.stderr_lines > 0).into(),
        Field::Exit | Field::Signal | Field::Pid | Field::Cpu | Field::Memory
            if row.kind != RowKind::Script =>
        {
            Verdict::Fail
        }
        _ => Verdict::Unknown,
    }
}

fn of_record(leaf: &Expression, exchange: &Exchange) -> bool {
    match leaf {
        Expression::Word(needle) => everywhere(exchange, &mut |bytes| needle.is_in(bytes)),
        Expression::Clause(clause) => clause_of_record(clause, exchange),
        _ => false,
    }
}

fn clause_of_record(clause: &Clause, exchange: &Exchange) -> bool {
    let test = &clause.test;
    let key = clause.key.as_deref();
    let run = exchange.invocation();
    match clause.field {
        Field::Exit => run.is_some_and(|run| number(test, run.exit.and_then(exit_status))),
        Field::Signal => run.is_some_and(|run| number(test, run.exit.and_then(signal_number))),
        Field::Pid => number(test, run.and_then(|run| run.pid).map(u64::from)),
        Field::Cpu => {
            let usage = run.and_then(|run| run.usage);
            number(
                test,
                usage.map(|usage| micros(usage.user_time + usage.system_time)),
            )
        }
        Field::Memory => {
            let usage = run.and_then(|run| run.usage);
            number(test, usage.map(|usage| usage.peak_memory_bytes))
        }
        Field::Client => one_text(test, exchange.connection.peer.to_string().as_bytes()),
        field => texts(test, |visit| collect(field, key, exchange, visit)),
    }
}

fn exit_status(exit: Exit) -> Option<u64> {
    match exit {
        Exit::Code(code) => u64::try_from(code).ok(),
        Exit::Signal { .. } => None,
    }
}

fn signal_number(exit: Exit) -> Option<u64> {
    match exit {
        Exit::Signal { number, .. } => u64::try_from(number).ok(),
        Exit::Code(_) => None,
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// What is not known is neither more nor less than anything; it only differs.
fn number(test: &Test, value: Option<u64>) -> bool {
    match (test, value) {
        (Test::Present, value) => value.is_some(),
        (Test::Number { operator, .. }, None) => *operator == Operator::IsNot,
        (Test::Number { operator, range }, Some(value)) => match operator {
            Operator::IsNot => !range.contains(&value),
            Operator::Greater => value > *range.end(),
            Operator::GreaterOrEqual => value >= *range.start(),
            Operator::Less => value < *range.start(),
            Operator::LessOrEqual => value <= *range.end(),
            Operator::Has | Operator::Is | Operator::Matches => range.contains(&value),
        },
        _ => false,
    }
}

/// One of several numbers; `!=` means none of them.
fn any_code(test: &Test, codes: &[u16]) -> bool {
    let passes = |code: &u16| number(test, Some(u64::from(*code)));
    match test {
        Test::Number {
            operator: Operator::IsNot,
            ..
        } => codes.iter().all(passes),
        _ => codes.iter().any(passes),
    }
}

/// `script:/cgi-bin/form.py` names a script by the URL path that leads to it.
fn script_path(clause: &Clause) -> Option<&str> {
    match &clause.test {
        Test::Has(needle) | Test::Whole { needle, .. } if is_script_path(clause, needle) => {
            Some(&needle.text)
        }
        _ => None,
    }
}

pub(super) fn is_script_path(clause: &Clause, needle: &Needle) -> bool {
    clause.field == Field::Script && needle.text.starts_with('/')
}

/// The target leads to the script: its URL path, perhaps with an extra path or a query.
fn is_of_script(row: RowRef<'_>, url_path: &str) -> bool {
    let rest = row.target.strip_prefix(url_path);
    row.kind == RowKind::Script
        && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
}

fn began(test: &Test, row: RowRef<'_>, now: Timestamp) -> bool {
    match test {
        Test::Began { moment, since } => (row.started >= moment.before(now)) == *since,
        _ => false,
    }
}

/// A method is a word: `method:POST` does not mean a part of it.
fn whole_word(test: &Test, text: &[u8]) -> bool {
    match test {
        Test::Has(needle) => needle.is_whole(text),
        test => one_text(test, text),
    }
}

fn one_text(test: &Test, text: &[u8]) -> bool {
    texts(test, |visit| visit(text))
}

/// Whether one of the texts that `any` shows passes; where the test says what it must not be, whether none does.
fn texts(test: &Test, any: impl FnOnce(&mut dyn FnMut(&[u8]) -> bool) -> bool) -> bool {
    let must_not = matches!(test, Test::Whole { is: false, .. });
    any(&mut |text| is_like(test, text)) != must_not
}

fn is_like(test: &Test, text: &[u8]) -> bool {
    match test {
        Test::Present => !text.is_empty(),
        Test::Has(needle) => needle.is_in(text),
        Test::Whole { needle, .. } => needle.is_whole(text),
        Test::Matches(regex) => regex.is_match(text),
        Test::Number { .. } | Test::Began { .. } => false,
    }
}

/// Shows every captured text to `visit` until it has seen enough.
fn everywhere(exchange: &Exchange, visit: &mut dyn FnMut(&[u8]) -> bool) -> bool {
    const FIELDS: [Field; 7] = [
        Field::Argv,
        Field::Env,
        Field::Stdin,
        Field::Stdout,
        Field::Stderr,
        Field::Source,
        Field::Response,
    ];
    visit(&exchange.request.raw_head)
        || FIELDS
            .into_iter()
            .any(|field| collect(field, None, exchange, visit))
        || exchange
            .response
            .as_ref()
            .is_some_and(|response| visit(&response.own_body))
}

/// Shows the texts of a field to `visit` until it has seen enough.
fn collect(
    field: Field,
    key: Option<&str>,
    exchange: &Exchange,
    visit: &mut dyn FnMut(&[u8]) -> bool,
) -> bool {
    let mut runs = exchange.invocations.iter();
    match field {
        Field::Env => runs.any(|run| variables(run, key, visit)),
        Field::Argv => runs.any(|run| arguments(run, visit)),
        Field::Stdin => stream(&exchange.request.body, visit),
        Field::Stdout => runs.any(|run| stream(&run.stdout, visit)),
        Field::Stderr => runs.any(|run| stream(&run.stderr, visit)),
        Field::Source => runs.any(|run| visit(&run.script.source)),
        Field::Header => fields(&exchange.request.raw_head, key, visit),
        Field::Response => exchange
            .response
            .as_ref()
            .is_some_and(|response| fields(&response.sent_head, key, visit)),
        Field::Cookie => fields(&exchange.request.raw_head, Some("cookie"), &mut |line| {
            cookies(line, key, visit)
        }),
        Field::Path | Field::Query => {
            let target = exchange.request.target();
            let (path, query) = target.split_once('?').unwrap_or((&target, ""));
            let part = if field == Field::Path { path } else { query };
            visit(part.as_bytes())
        }
        _ => false,
    }
}

/// Shows each value of a field's name to `each`.
pub(in crate::history) fn values(
    field: Field,
    name: &str,
    exchange: &Exchange,
    each: &mut dyn FnMut(&[u8]),
) {
    collect(field, Some(name), exchange, &mut |value| {
        each(value);
        false
    });
}

fn stream(body: &CapturedBody, visit: &mut dyn FnMut(&[u8]) -> bool) -> bool {
    if body.is_empty() {
        return false;
    }
    visit(&body.head()) || (body.cut_bytes() > 0 && visit(&body.tail()))
}

fn variables(run: &Invocation, key: Option<&str>, visit: &mut dyn FnMut(&[u8]) -> bool) -> bool {
    run.request.variables.iter().any(|variable| match key {
        Some(key) => variable.name.eq_ignore_ascii_case(key) && visit(&variable.value),
        None => visit(&[variable.name.as_bytes(), b"=", &variable.value].concat()),
    })
}

fn arguments(run: &Invocation, visit: &mut dyn FnMut(&[u8]) -> bool) -> bool {
    run.program
        .iter()
        .flat_map(|program| &program.arguments)
        .any(|argument| visit(argument.as_bytes()))
}

/// The lines of a head after its first, or the values of the fields of one name.
fn fields(head: &[u8], name: Option<&str>, visit: &mut dyn FnMut(&[u8]) -> bool) -> bool {
    head.split(|&byte| byte == b'\n')
        .skip(1)
        .map(<[u8]>::trim_ascii)
        .filter(|line| !line.is_empty())
        .any(|line| match name {
            None => visit(line),
            Some(name) => {
                let value = line
                    .split_at_checked(name.len())
                    .filter(|(start, _)| start.eq_ignore_ascii_case(name.as_bytes()))
                    .and_then(|(_, rest)| rest.trim_ascii_start().strip_prefix(b":"));
                value.is_some_and(|value| visit(value.trim_ascii()))
            }
        })
}

fn cookies(line: &[u8], name: Option<&str>, visit: &mut dyn FnMut(&[u8]) -> bool) -> bool {
    line.split(|&byte| byte == b';')
        .map(<[u8]>::trim_ascii)
        .any(|pair| match name {
            None => visit(pair),
            Some(name) => pair
                .strip_prefix(name.as_bytes())
                .and_then(|rest| rest.strip_prefix(b"="))
                .is_some_and(&mut *visit),
        })
}
