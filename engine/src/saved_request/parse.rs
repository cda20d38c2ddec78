//! The text of a file of requests, read.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;

use super::{BodyLine, HeadLine, Note, Parts, RequestFile, RequestText, SavedRequest, escapes};
use crate::expect;

/// What of a file of requests cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct ParseError {
    /// In which line, from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

fn wrong<T>(line: usize, what: impl Into<String>) -> Result<T, ParseError> {
    Err(ParseError {
        line,
        what: what.into(),
    })
}

/// Reads a file of requests: see [this module](super).
///
/// # Errors
/// The first line that cannot be read.
pub fn parse(bytes: &[u8]) -> Result<RequestFile, ParseError> {
    let normal = with_plain_line_ends(bytes);
    let mut lines: Vec<&[u8]> = normal.split(|byte| *byte == b'\n').collect();
    // What stands behind the last line end is no line.
    if lines.last().is_some_and(|line| line.is_empty()) {
        lines.pop();
    }
    let mut reader = Reader {
        lines: &lines,
        at: 0,
    };
    let mut requests = Vec::new();
    let mut end = Vec::new();
    while reader.at < lines.len() {
        match reader.request()? {
            Ok(request) => requests.push(request),
            Err(rest) => end = rest,
        }
    }
    if requests.is_empty() {
        return wrong(lines.len().max(1), "there is no request in this file");
    }
    Ok(RequestFile { requests, end })
}

/// Editors and git may make every line end `\r\n`; the first line tells.
fn with_plain_line_ends(bytes: &[u8]) -> Vec<u8> {
    let first_end = memchr::memchr(b'\n', bytes);
    let is_foreign = first_end
        .and_then(|end| bytes.get(..end))
        .is_some_and(|line| line.ends_with(b"\r"));
    if !is_foreign {
        return bytes.to_vec();
    }
    let mut plain = Vec::with_capacity(bytes.len());
    for (at, byte) in bytes.iter().enumerate() {
        if *byte != b'\r' || bytes.get(at + 1) != Some(&b'\n') {
            plain.push(*byte);
        }
    }
    plain
}

struct Reader<'b> {
    lines: &'b [&'b [u8]],
    at: usize,
}

/// What a comment says to the studio.
enum Tag {
    Note(Note),
    Raw,
}

impl<'b> Reader<'b> {
    fn peek(&self) -> Option<&'b [u8]> {
        self.lines.get(self.at).copied()
    }

    /// The next line of a head, without the line end that it may have of another system.
    fn head_line(&mut self) -> Option<&'b [u8]> {
        let line = self.peek().map(without_returns)?;
        self.at += 1;
        Some(line)
    }

    /// The number of the line that was taken last.
    fn number(&self) -> usize {
        self.at
    }

    /// A request, or the lines of the file's end when none follows.
    #[allow(clippy::type_complexity, reason = "the inner result is no failure")]
    fn request(&mut self) -> Result<Result<SavedRequest, Vec<Vec<u8>>>, ParseError> {
        let begin = self.at;
        let mut separator = None;
        if self.peek().is_some_and(is_separator) {
            separator = self.head_line().map(<[u8]>::to_vec);
        }
        let mut notes = Vec::new();
        while let Some(line) = self.head_line() {
            let content = line.trim_ascii();
            if content.is_empty() || is_separator(line) {
                notes.push(Note::Comment(line.to_vec()));
            } else if let Some(comment) = comment(content) {
                match tag(line, comment, self.number())? {
                    Tag::Note(note) => notes.push(note),
                    Tag::Raw => {
                        let request = self.raw()?;
                        return Ok(Ok(SavedRequest {
                            separator,
                            notes,
                            request,
                        }));
                    }
                }
            } else {
                let request = RequestText::Parts(self.parts(content)?);
                return Ok(Ok(SavedRequest {
                    separator,
                    notes,
                    request,
                }));
            }
        }
        let rest = self.lines.get(begin..).unwrap_or_default();
        for note in &notes {
            if let Note::Expect { line, .. } = note {
                return wrong(*line, "no request follows this expectation");
            }
        }
        Ok(Err(rest
            .iter()
            .map(|line| without_returns(line).to_vec())
            .collect()))
    }

    /// The lines up to the next request.
    fn rest(&mut self) -> Vec<&'b [u8]> {
        let from = self.lines.get(self.at..).unwrap_or_default();
        let end = from.iter().position(|line| is_separator(line));
        let mut lines = from
            .get(..end.unwrap_or(from.len()))
            .unwrap_or_default()
            .to_vec();
        self.at += lines.len();
        // The empty line before a separator is there to be looked at.
        if end.is_some() && lines.last().is_some_and(|line| line.is_empty()) {
            lines.pop();
        }
        lines
    }

    fn raw(&mut self) -> Result<RequestText, ParseError> {
        let begin = self.number();
        let lines = self.rest();
        if let (1, Some(path)) = (lines.len(), lines.first().and_then(|line| file(line))) {
            return match path.as_os_str().is_empty() {
                true => wrong(begin + 1, "the name of a file is wanted behind <"),
                false => Ok(RequestText::RawFile(path)),
            };
        }
        let text = match String::from_utf8(lines.join(&b'\n')) {
            Ok(text) => text,
            Err(error) => {
                let valid = error.utf8_error().valid_up_to();
                let before = error.as_bytes().get(..valid).unwrap_or_default();
                let line = begin + 1 + memchr::memchr_iter(b'\n', before).count();
                return wrong(line, "this is no UTF-8; such a byte is written \\xNN");
            }
        };
        match escapes::bytes(&text) {
            Ok(_) => Ok(RequestText::Raw(text)),
            Err(error) => {
                let what = format!(
                    "\"{}\" is no escape; a backslash itself is \\\\",
                    error.found
                );
                wrong(begin + error.line, what)
            }
        }
    }

    fn parts(&mut self, line: &[u8]) -> Result<Parts, ParseError> {
        let number = self.number();
        let mut parts = request_line(line, number)?;
        while let Some(more) = self
            .peek()
            .filter(|line| line.starts_with(b" ") || line.starts_with(b"\t"))
        {
            let more = more.trim_ascii();
            if more.is_empty() {
                break;
            }
            // The version stands at the end of the last of them, as it would in one line.
            let words = words(more);
            match words[..] {
                [target] if parts.version.is_none() => parts.target.extend_from_slice(target),
                [target, version] if parts.version.is_none() && is_version(version) => {
                    parts.target.extend_from_slice(target);
                    parts.version = Some(version.to_vec());
                }
                _ => return wrong(self.at + 1, "a space in the target is written %20"),
            }
            self.at += 1;
        }
        refuse_variables(&parts.target, number)?;
        parts.head = self.head()?;
        parts.body = self.body()?;
        Ok(parts)
    }

    fn head(&mut self) -> Result<Vec<HeadLine>, ParseError> {
        let mut head = Vec::new();
        while let Some(line) = self.peek().filter(|line| !is_separator(line)) {
            self.at += 1;
            let line = without_returns(line);
            if line.trim_ascii().is_empty() {
                break;
            }
            if let Some(comment) = comment(line) {
                refuse_late_tag(comment, self.number())?;
                head.push(HeadLine::Comment(line.to_vec()));
            } else {
                head.push(field(line, self.number())?);
            }
        }
        Ok(head)
    }

    fn body(&mut self) -> Result<Vec<BodyLine>, ParseError> {
        let begin = self.number();
        let lines = self.rest();
        // Empty lines at the end of a file are no body.
        if lines.iter().all(|line| without_returns(line).is_empty()) {
            return Ok(Vec::new());
        }
        let numbered = lines.iter().zip(begin + 1..);
        numbered
            .map(|(line, number)| body_line(line, number))
            .collect()
    }
}

fn without_returns(line: &[u8]) -> &[u8] {
    let end = line
        .iter()
        .rposition(|byte| *byte != b'\r')
        .map_or(0, |last| last + 1);
    line.get(..end).unwrap_or_default()
}

fn is_separator(line: &[u8]) -> bool {
    line.starts_with(b"###")
}

/// What a comment says.
fn comment(line: &[u8]) -> Option<&[u8]> {
    let said = line
        .strip_prefix(b"#")
        .or_else(|| line.strip_prefix(b"//"))?;
    Some(said.trim_ascii())
}

fn tag(line: &[u8], comment: &[u8], number: usize) -> Result<Tag, ParseError> {
    let plain = Tag::Note(Note::Comment(line.to_vec()));
    let end = comment
        .iter()
        .position(|byte| byte.is_ascii_whitespace() || *byte == b'=');
    let (word, rest) = comment.split_at(end.unwrap_or(comment.len()));
    match word {
        b"@expect" => {
            let Ok(text) = std::str::from_utf8(rest) else {
                return wrong(
                    number,
                    "an expectation is UTF-8; another byte is written \\xNN in quotes",
                );
            };
            // The line up to the text is ASCII, so its bytes are its characters.
            let before = line.len() - line.trim_ascii_end().len() + rest.len();
            let before = line.len() - before;
            match expect::parse(text) {
                Ok(expectation) => Ok(Tag::Note(Note::Expect {
                    expectation,
                    line: number,
                })),
                Err(problem) => wrong(
                    number,
                    format!("column {}: {}", before + problem.column, problem.what),
                ),
            }
        }
        b"@name" => {
            let begins = |byte: &u8| !byte.is_ascii_whitespace() && *byte != b'=';
            let start = rest.iter().position(begins).unwrap_or(rest.len());
            let name = rest.get(start..).unwrap_or_default().trim_ascii_end();
            match String::from_utf8(name.to_vec()) {
                Ok(name) if !name.is_empty() => Ok(Tag::Note(Note::Name(name))),
                _ => wrong(number, "a name is wanted behind @name"),
            }
        }
        b"@raw" if rest.is_empty() => Ok(Tag::Raw),
        b"@raw" => wrong(
            number,
            "nothing stands behind @raw; the bytes begin in the next line",
        ),
        word if word.starts_with(b"@expect") => wrong(number, "an expectation begins with @expect"),
        _ => Ok(plain),
    }
}

/// An expectation where nobody reads it would be worse than an error.
fn refuse_late_tag(comment: &[u8], number: usize) -> Result<(), ParseError> {
    match comment.starts_with(b"@expect") || comment == b"@raw" {
        true => wrong(number, "this stands before the request line"),
        false => Ok(()),
    }
}

fn words(line: &[u8]) -> Vec<&[u8]> {
    line.split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty())
        .collect()
}

fn is_version(word: &[u8]) -> bool {
    word.starts_with(b"HTTP/")
}

fn request_line(line: &[u8], number: usize) -> Result<Parts, ParseError> {
    let words = words(line);
    let is_variable = line.starts_with(b"@");
    let (method, target, version): (&[u8], &[u8], Option<&[u8]>) = match words[..] {
        _ if is_variable => {
            return wrong(number, "variables of other clients are not known here");
        }
        [target] => (b"GET", target, None),
        [target, version] if is_version(version) && is_target(target) => {
            (b"GET", target, Some(version))
        }
        [method, target] => (method, target, None),
        [method, target, version] if is_version(version) => (method, target, Some(version)),
        _ => {
            return wrong(
                number,
                "a request line is METHOD target HTTP/1.1; a space in the target is written %20",
            );
        }
    };
    if version.is_none() && words.len() == 1 && !is_target(target) {
        return wrong(
            number,
            "a request line is wanted here, such as GET /cgi-bin/hello.py",
        );
    }
    if !method.iter().all(|byte| is_token(*byte)) {
        return wrong(
            number,
            "this is no method; a request that is broken on purpose begins with # @raw",
        );
    }
    Ok(Parts {
        method: method.to_vec(),
        target: target.to_vec(),
        version: version.map(<[u8]>::to_vec),
        head: Vec::new(),
        body: Vec::new(),
    })
}

/// RFC 9110 §5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

fn is_target(word: &[u8]) -> bool {
    word.starts_with(b"/") || memchr::memmem::find(word, b"://").is_some()
}

fn refuse_variables(text: &[u8], number: usize) -> Result<(), ParseError> {
    match memchr::memmem::find(text, b"{{") {
        Some(_) => wrong(
            number,
            "variables of other clients, such as {{host}}, are not known here",
        ),
        None => Ok(()),
    }
}

fn field(line: &[u8], number: usize) -> Result<HeadLine, ParseError> {
    let colon = memchr::memchr(b':', line);
    let (Some(colon), false) = (colon, line.starts_with(b" ") || line.starts_with(b"\t")) else {
        return wrong(
            number,
            "a field is Name: value, and an empty line ends the fields",
        );
    };
    let (name, rest) = line.split_at(colon);
    if name.is_empty() {
        return wrong(number, "the name of this field is empty");
    }
    let value_at = 1 + rest
        .iter()
        .skip(1)
        .take_while(|byte| matches!(byte, b' ' | b'\t'))
        .count();
    let (separator, value) = rest.split_at(value_at.min(rest.len()));
    refuse_variables(value, number)?;
    Ok(HeadLine::Field {
        name: name.to_vec(),
        separator: separator.to_vec(),
        value: value.to_vec(),
    })
}

/// The file that the line stands for.
fn file(line: &[u8]) -> Option<PathBuf> {
    let path = line
        .strip_prefix(b"< ")
        .or_else(|| line.strip_prefix(b"<@ "))?;
    Some(OsStr::from_bytes(path.trim_ascii()).into())
}

fn body_line(line: &[u8], number: usize) -> Result<BodyLine, ParseError> {
    if line.starts_with(b"> {%") || line.starts_with(b"< {%") {
        return wrong(number, "scripts of other clients are not run here");
    }
    if let Some(comment) = comment(line) {
        refuse_late_tag(comment, number)?;
    }
    match file(line) {
        Some(path) if path.as_os_str().is_empty() => {
            wrong(number, "the name of a file is wanted behind <")
        }
        Some(path) => Ok(BodyLine::File(path)),
        None => Ok(BodyLine::Text(line.to_vec())),
    }
}
