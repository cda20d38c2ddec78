//! What Perl, Ruby, PHP, Node, Lua and shells leave behind on standard error when an exception ends them.

use super::{Exception, Frame, Language, Line, Lines, exception_line, leading_number, lossy};
use std::ops::Range;

pub(super) fn others(lines: &Lines<'_>) -> Option<Exception> {
    let last = lines.last()?;
    perl(lines, last)
        .or_else(|| php(lines))
        .or_else(|| ruby(lines))
        .or_else(|| node(lines))
        .or_else(|| lua(lines))
        .or_else(|| shell(last))
}

/// `message at script.pl line 14.`, perhaps `, <STDIN> line 3.`; what does not compile ends with a line about that,
/// and its cause stands above.
fn perl(lines: &Lines<'_>, last: &Line<'_>) -> Option<Exception> {
    let ends = [&b"BEGIN failed--compilation aborted"[..], b"Execution of "];
    if ends.iter().any(|end| last.text.starts_with(end)) {
        let of_compiler = |line: &&Line<'_>| ends.iter().any(|end| line.text.starts_with(end));
        let above = || lines.iter().rev().skip_while(of_compiler).take(10);
        // What follows a syntax error is read out of step; the first one is the cause.
        let first = above().filter_map(perl_syntax).last();
        let cause = first.or_else(|| above().find_map(perl_line));
        if cause.is_some() {
            return cause;
        }
    }
    perl_line(last)
}

fn perl_line(last: &Line<'_>) -> Option<Exception> {
    let text = last.text.strip_suffix(b".")?;
    let text = match memchr::memmem::rfind(text, b", <") {
        Some(at) => text.get(..at)?,
        None => text,
    };
    let mut found = perl_place(last, text)?;
    // Where Perl looked, and what it guesses, are longer than what it says.
    if let Some(at) = found.message.find(" in @INC (") {
        found.message.truncate(at + " in @INC".len());
    }
    Some(found)
}

/// `syntax error at script.pl line 5, near "}"`
fn perl_syntax(line: &Line<'_>) -> Option<Exception> {
    let ends = [&b", near "[..], b", at EOF", b", at end of line"];
    let near = ends
        .iter()
        .find_map(|end| memchr::memmem::find(line.text, end))?;
    perl_place(line, line.text.get(..near)?)
}

fn perl_place(line: &Line<'_>, text: &[u8]) -> Option<Exception> {
    let at = memchr::memmem::rfind(text, b" at ")?;
    let (message, place) = (text.get(..at)?, text.get(at + 4..)?);
    let number = memchr::memmem::rfind(place, b" line ")?;
    let number_text = place.get(number + 6..)?;
    Some(simple(
        Language::Perl,
        String::new(),
        lossy(message),
        place.get(..number)?,
        whole_number(number_text)?,
        line.start..line.end,
    ))
}

/// `script.sh: 5: NAME: parameter not set` of dash, `script.sh: line 5: NAME: unbound variable` of bash: only what ends
/// the shell itself, as it goes on after most complaints.
fn shell(last: &Line<'_>) -> Option<Exception> {
    let first = memchr::memmem::find(last.text, b": ")?;
    let (file, rest) = (last.text.get(..first)?, last.text.get(first + 2..)?);
    let rest = rest.strip_prefix(b"line ").unwrap_or(rest);
    let (line, rest) = leading_number(rest)?;
    let message = rest.strip_prefix(b": ")?;
    const FATAL: [&[u8]; 7] = [
        b"parameter not set",
        b"unbound variable",
        b"yntax error",
        b"unexpected end of file",
        b"unexpected EOF while looking for",
        b"ad substitution",
        b"nterminated quoted string",
    ];
    let is_fatal = FATAL
        .iter()
        .any(|text| memchr::memmem::find(message, text).is_some());
    let is_path = !file.contains(&b' ') && file.contains(&b'/');
    (is_path && is_fatal).then(|| {
        simple(
            Language::Shell,
            String::new(),
            lossy(message),
            file,
            line,
            last.start..last.end,
        )
    })
}

/// `PHP Fatal error:  Uncaught Exception: message in script.php:14` or `… on line 14`
fn php(lines: &Lines<'_>) -> Option<Exception> {
    let index = lines.iter().rposition(|line| {
        let text = line.text.strip_prefix(b"PHP ").unwrap_or(line.text);
        text.starts_with(b"Fatal error: ") || text.starts_with(b"Parse error: ")
    })?;
    let found = lines
        .0
        .get(index)
        .filter(|_| lines.is_near_the_end(index))?;
    let at = memchr::memmem::rfind(found.text, b" in ")?;
    let (head, place) = (found.text.get(..at)?, found.text.get(at + 4..)?);
    let colon = memchr::memchr(b':', head)?;
    let (file, line) = match memchr::memmem::rfind(place, b" on line ") {
        Some(number) => (
            place.get(..number)?,
            whole_number(place.get(number + 9..)?)?,
        ),
        None => file_and_line(place)?,
    };
    let kind = head.get(..colon)?;
    let kind = lossy(kind.strip_prefix(b"PHP ").unwrap_or(kind));
    Some(simple(
        Language::Php,
        kind,
        lossy(head.get(colon + 1..)?),
        file,
        line,
        found.start..found.end,
    ))
}

/// `script.rb:14:in 'method': message (RuntimeError)`, then lines that begin with a tab and `from`
fn ruby(lines: &Lines<'_>) -> Option<Exception> {
    ruby_uncaught(lines).or_else(|| ruby_syntax(lines))
}

/// `script.rb:3: syntax error, unexpected end-of-input`
fn ruby_syntax(lines: &Lines<'_>) -> Option<Exception> {
    let mark = b": syntax error";
    lines.iter().rev().take(20).find_map(|line| {
        let at = memchr::memmem::find(line.text, mark)?;
        let (file, number) = file_and_line(line.text.get(..at)?)?;
        let message = lossy(line.text.get(at + 2..)?);
        let kind = "SyntaxError".to_owned();
        let span = line.start..line.end;
        (!file.contains(&b' ')).then(|| simple(Language::Ruby, kind, message, file, number, span))
    })
}

fn ruby_uncaught(lines: &Lines<'_>) -> Option<Exception> {
    // The source line with marks beneath it may follow, and the calls.
    let mut found = lines
        .iter()
        .rev()
        .take(super::MESSAGE_LINES)
        .find_map(ruby_line)?;
    let follow = |line: &&Line<'_>| line.start >= found.span.end;
    let calls = lines.iter().filter(follow).filter_map(|line| {
        let call = line.text.trim_ascii_start().strip_prefix(b"from ")?;
        let place = call.get(..memchr::memmem::find(call, b":in ")?)?;
        let (file, number) = file_and_line(place)?;
        Some(Frame::new(file, number, String::new()))
    });
    let mut frames: Vec<Frame> = calls.take(super::MESSAGE_LINES).collect();
    // The outermost call comes first, as in the other languages.
    frames.reverse();
    found.frames.splice(0..0, frames);
    Some(found)
}

fn ruby_line(found: &Line<'_>) -> Option<Exception> {
    let text = found.text.strip_suffix(b")")?;
    let open = memchr::memmem::rfind(text, b" (")?;
    let kind = text.get(open + 2..)?;
    let within = memchr::memmem::find(text, b":in ")?;
    let (file, line) = file_and_line(text.get(..within)?)?;
    let rest = text.get(within..open)?;
    let message = rest.get(memchr::memmem::find(rest, b": ")? + 2..)?;
    let plausible = kind.first().is_some_and(u8::is_ascii_uppercase)
        && exception_line(kind).is_some()
        || kind.contains(&b':');
    plausible.then(|| {
        simple(
            Language::Ruby,
            lossy(kind),
            lossy(message),
            file,
            line,
            found.start..found.end,
        )
    })
}

/// `script.js:14`, the source, then `TypeError: message`, calls, and the version of Node at last
fn node(lines: &Lines<'_>) -> Option<Exception> {
    let last = lines
        .last()
        .filter(|line| line.text.starts_with(b"Node.js v"))?;
    let call = |line: &&Line<'_>| line.text.starts_with(b"    at ");
    let first_call = lines.iter().position(|line| call(&line))?;
    let error = lines
        .0
        .get(..first_call)?
        .iter()
        .rev()
        .find(|line| exception_line(line.text).is_some())?;
    let (kind, message) = exception_line(error.text)?;
    let place = lines
        .from(first_call)
        .iter()
        .take_while(call)
        .find_map(|line| {
            let text = line.text.strip_suffix(b")").unwrap_or(line.text);
            let open = text
                .iter()
                .rposition(|&byte| byte == b'(' || byte == b' ')?;
            let (rest, _) = file_and_line(text.get(open + 1..)?)?;
            file_and_line(rest).filter(|(file, _)| !file.starts_with(b"node:"))
        });
    let (file, line) = place?;
    Some(simple(
        Language::Node,
        kind,
        message,
        file,
        line,
        error.start..last.end,
    ))
}

/// `lua: script.lua:14: message`, then `stack traceback:`
fn lua(lines: &Lines<'_>) -> Option<Exception> {
    let stack = lines
        .iter()
        .rposition(|line| line.text == b"stack traceback:")?;
    let found = lines.before(stack)?;
    let text = found
        .text
        .get(memchr::memmem::find(found.text, b": ")? + 2..)?;
    let end = memchr::memmem::find(text, b": ")?;
    let (file, line) = file_and_line(text.get(..end)?)?;
    Some(simple(
        Language::Lua,
        String::new(),
        lossy(text.get(end + 2..)?),
        file,
        line,
        found.start..found.end,
    ))
}

fn simple(
    language: Language,
    kind: String,
    message: String,
    file: &[u8],
    line: u32,
    span: Range<usize>,
) -> Exception {
    Exception {
        language,
        kind,
        message,
        frames: vec![Frame::new(file, line, String::new())],
        span,
        earlier: Vec::new(),
        members: Vec::new(),
    }
}

/// `file:14`
fn file_and_line(text: &[u8]) -> Option<(&[u8], u32)> {
    let colon = memchr::memrchr(b':', text)?;
    Some((text.get(..colon)?, whole_number(text.get(colon + 1..)?)?))
}

pub(super) fn whole_number(text: &[u8]) -> Option<u32> {
    leading_number(text)
        .filter(|(_, rest)| rest.is_empty())
        .map(|(number, _)| number)
}
