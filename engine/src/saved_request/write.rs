//! Requests written as the text that they are read from.

use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use super::{BodyLine, HeadLine, Note, Parts, RequestFile, RequestText, SavedRequest, escapes};

/// The file's bytes. What was read is written again with every comment; only the spelling of request lines and of
/// `@` words is made the usual one.
#[must_use]
pub fn write(file: &RequestFile) -> Vec<u8> {
    let mut text = Vec::new();
    for (at, request) in file.requests.iter().enumerate() {
        if at > 0 {
            // An empty line before the separator, which is no part of what stands above it.
            text.push(b'\n');
        }
        write_request(&mut text, request, at > 0);
    }
    if !file.end.is_empty() {
        text.push(b'\n');
    }
    for line in &file.end {
        put(&mut text, line);
    }
    text
}

fn put(text: &mut Vec<u8>, line: &[u8]) {
    text.extend_from_slice(line);
    text.push(b'\n');
}

fn write_request(text: &mut Vec<u8>, request: &SavedRequest, needs_separator: bool) {
    match &request.separator {
        Some(separator) => put(text, separator),
        None if needs_separator => put(text, b"###"),
        None => {}
    }
    for note in &request.notes {
        match note {
            Note::Comment(line) => put(text, line),
            Note::Name(name) => put(text, format!("# @name {name}").as_bytes()),
            Note::Expect { expectation, .. } => {
                put(text, format!("# @expect {expectation}").as_bytes());
            }
        }
    }
    match &request.request {
        RequestText::Parts(parts) => write_parts(text, parts),
        RequestText::Raw(raw) => {
            put(text, b"# @raw");
            put(text, raw.as_bytes());
        }
        RequestText::RawFile(path) => {
            put(text, b"# @raw");
            put(text, &file_line(path));
        }
    }
}

fn write_parts(text: &mut Vec<u8>, parts: &Parts) {
    let mut line = [&parts.method, &b" "[..], &parts.target].concat();
    if let Some(version) = &parts.version {
        line.push(b' ');
        line.extend_from_slice(version);
    }
    put(text, &line);
    for line in &parts.head {
        match line {
            HeadLine::Field {
                name,
                separator,
                value,
            } => put(text, &[&name[..], separator, value].concat()),
            HeadLine::Comment(line) => put(text, line),
        }
    }
    if parts.body.is_empty() {
        return;
    }
    text.push(b'\n');
    for line in &parts.body {
        match line {
            BodyLine::Text(line) => put(text, line),
            BodyLine::File(path) => put(text, &file_line(path)),
        }
    }
}

fn file_line(path: &Path) -> Vec<u8> {
    [b"< ", path.as_os_str().as_bytes()].concat()
}

impl RequestText {
    /// The very bytes, written with escapes so that nothing in a file of requests can mistake them.
    #[must_use]
    pub fn raw(bytes: &[u8]) -> Self {
        let written = escapes::written(bytes);
        let mut lines: Vec<String> = written.split('\n').map(str::to_owned).collect();
        for (at, line) in lines.iter_mut().enumerate() {
            if let Some(rest) = line.strip_prefix("###") {
                *line = format!("\\x23##{rest}");
            } else if let Some(rest) = line.strip_prefix('<').filter(|_| at == 0) {
                *line = format!("\\x3c{rest}");
            }
        }
        // Editors take empty lines away from the end of a file: the last line end is written out.
        if lines.len() > 1 && lines.last().is_some_and(String::is_empty) {
            lines.pop();
            if let Some(last) = lines.last_mut() {
                let backslashes = last.len() - last.trim_end_matches('\\').len();
                if backslashes % 2 == 1 {
                    // It only joined the lines.
                    last.pop();
                } else {
                    last.push_str("\\r\\n");
                }
            }
        }
        Self::Raw(lines.join("\n"))
    }
}
