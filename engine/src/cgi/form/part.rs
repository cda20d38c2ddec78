//! One part of a multipart body: its header and where its content stands (RFC 7578 §4, RFC 2046 §5.1).
use std::ops::Range;

use super::content_type::ContentType;
use super::multipart::{Multipart, Reading};
use super::parameters::{self, Backslash, Parameter};
use super::problem::ProblemKind;
use super::urlencoded::escaped_octet;
use crate::cgi::grammar::{decimal, is_blank, is_token, trim};

/// One part; all ranges count in the whole body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Part {
    /// Its header, without the empty line that ends it.
    pub header: Range<usize>,
    /// The fields of its header in the order they came.
    pub fields: Vec<PartField>,
    /// The name of the form field, from Content-Disposition.
    pub name: Option<Parameter>,
    /// The name of the file as the client gave it; the part is an upload then. It may hold a path.
    pub filename: Option<Parameter>,
    /// The extended name of the file (`filename*`), which few programs look at.
    pub extended_filename: Option<ExtendedName>,
    /// The value of its Content-Type.
    pub content_type: Option<Range<usize>>,
    /// Its content as it was sent.
    pub content: Range<usize>,
    /// The parts within it, if it is a multipart body itself.
    pub nested: Option<Box<Multipart>>,
}

/// A field of a part's header; ranges count in the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartField {
    /// Its name.
    pub name: Range<usize>,
    /// Its value without the white space around it; lines that continue it are within.
    pub value: Range<usize>,
}

/// A name as RFC 8187 writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtendedName {
    /// The character set, as it was written.
    pub charset: Vec<u8>,
    /// The name without its percent-encoding, in that character set.
    pub value: Vec<u8>,
    /// Where it was written.
    pub written: Range<usize>,
}

impl Part {
    /// The value of its Content-Type, as it was written.
    #[must_use]
    pub fn content_type<'a>(&self, body: &'a [u8]) -> Option<&'a [u8]> {
        body.get(self.content_type.clone()?)
    }

    /// Its content as it was sent.
    #[must_use]
    pub fn content<'a>(&self, body: &'a [u8]) -> &'a [u8] {
        body.get(self.content.clone()).unwrap_or_default()
    }

    /// Whether it is the upload of a file.
    #[must_use]
    pub fn is_upload(&self) -> bool {
        self.filename.is_some() || self.extended_filename.is_some()
    }

    fn value<'a>(&self, body: &'a [u8], name: &str) -> Option<(Range<usize>, &'a [u8])> {
        let is_named = |field: &&PartField| {
            let written = body.get(field.name.clone()).unwrap_or_default();
            written.eq_ignore_ascii_case(name.as_bytes())
        };
        let range = self.fields.iter().find(is_named)?.value.clone();
        Some((range.clone(), body.get(range)?))
    }
}

impl Reading<'_> {
    /// Reads what stands between two boundaries.
    pub(super) fn part(&mut self, range: Range<usize>, depth: usize) -> Part {
        let mut part = Part {
            header: range.start..range.start,
            content: range.clone(),
            ..Part::default()
        };
        self.read_header(range, &mut part);
        self.read_disposition(&mut part, depth);
        self.judge_content(&part);
        part.content_type = part.value(self.body, "content-type").map(|(at, _)| at);
        if let Some(content_type) = part.content_type(self.body).map(ContentType::parse)
            && content_type.is_multipart()
        {
            if depth < self.limits.depth {
                let nested = self.multipart(&content_type, part.content.clone(), depth + 1);
                part.nested = Some(Box::new(nested));
            } else {
                let at = part.content.start;
                self.problems.note(ProblemKind::TooDeep, at);
            }
        }
        part
    }

    fn read_header(&mut self, range: Range<usize>, part: &mut Part) {
        let mut at = range.start;
        loop {
            let line = self.line(at, range.end);
            if line.end - range.start > self.limits.part_header_bytes {
                self.problems.note(ProblemKind::LongPartHeader, line.start);
                return;
            }
            if line.text.is_empty() {
                if line.end > line.start {
                    part.header = range.start..at;
                    part.content = line.end..range.end;
                    return;
                }
                break;
            }
            self.take_line(&line, part);
            at = line.end;
        }
        part.header = range.clone();
        part.content = range.end..range.end;
        // A header may end at the boundary; the last of its lines is whole then (RFC 2046 §5.1.1).
        let header = self.body.get(range.clone()).unwrap_or_default();
        if !header.is_empty() && !header.ends_with(b"\n") {
            self.problems.note(ProblemKind::NoEmptyLine, range.end);
        }
    }

    fn line(&self, start: usize, end: usize) -> Line {
        let rest = self.body.get(start..end).unwrap_or_default();
        // A line longer than all that is read need not be looked at to its end.
        let window = rest.get(..=self.limits.part_header_bytes).unwrap_or(rest);
        let (length, line_end) = match memchr::memchr(b'\n', window) {
            Some(length) => (length, 1),
            None => (window.len(), 0),
        };
        let text = rest.get(..length).unwrap_or_default();
        let text_length = text.strip_suffix(b"\r").unwrap_or(text).len();
        Line {
            start,
            text: start..start + text_length,
            end: start + length + line_end,
        }
    }

    fn take_line(&mut self, line: &Line, part: &mut Part) {
        let text = self.body.get(line.text.clone()).unwrap_or_default();
        let continues = text.first().copied().is_some_and(is_blank);
        if continues && let Some(field) = part.fields.last_mut() {
            field.value.end = line.start + text.trim_ascii_end().len();
            return;
        }
        let colon = memchr::memchr(b':', text);
        let name = text.get(..colon.unwrap_or(text.len())).unwrap_or_default();
        let Some(colon) = colon.filter(|_| is_token(name)) else {
            return self.problems.note(ProblemKind::BadPartField, line.start);
        };
        let value = text.get(colon + 1..).unwrap_or_default();
        let leading = value.iter().take_while(|byte| is_blank(**byte)).count();
        let start = line.start + colon + 1 + leading;
        part.fields.push(PartField {
            name: line.start..line.start + colon,
            value: start..start + trim(value).len(),
        });
    }

    fn read_disposition(&mut self, part: &mut Part, depth: usize) {
        let Some((range, value)) = part.value(self.body, "content-disposition") else {
            let at = part.header.start;
            return self.problems.note(ProblemKind::NoDisposition, at);
        };
        let end = memchr::memchr(b';', value).unwrap_or(value.len());
        let kind = trim(value.get(..end).unwrap_or_default());
        // Parts within parts are files of one field and have no names of their own (RFC 7578 §4.3).
        let in_form = depth == 1;
        if in_form && !kind.eq_ignore_ascii_case(b"form-data") {
            let at = range.start;
            self.problems.note(ProblemKind::OtherDisposition, at);
        }
        let source = self.body.get(..range.end).unwrap_or_default();
        let start = range.start + end;
        let read = parameters::parse(source, start, Backslash::MayEscape, &mut self.problems);
        for parameter in read {
            let name = source.get(parameter.name.clone()).unwrap_or_default();
            match name.to_ascii_lowercase().as_slice() {
                b"name" => part.name = part.name.take().or(Some(parameter)),
                b"filename" => part.filename = part.filename.take().or(Some(parameter)),
                b"filename*" => self.take_extended(part, parameter),
                _ => {}
            }
        }
        if in_form && part.name.is_none() {
            self.problems.note(ProblemKind::NoName, range.start);
        }
    }

    fn take_extended(&mut self, part: &mut Part, parameter: Parameter) {
        let at = parameter.written.start;
        self.problems.note(ProblemKind::ExtendedName, at);
        match extended_name(parameter) {
            Some(name) => part.extended_filename = Some(name),
            None => self.problems.note(ProblemKind::BadExtendedName, at),
        }
    }

    fn judge_content(&mut self, part: &Part) {
        if let Some((range, value)) = part.value(self.body, "content-transfer-encoding") {
            let plain = [&b"7bit"[..], b"8bit", b"binary"];
            if !plain.iter().any(|name| name.eq_ignore_ascii_case(value)) {
                let at = range.start;
                self.problems.note(ProblemKind::TransferEncoding, at);
            }
        }
        if let Some((range, value)) = part.value(self.body, "content-length")
            && decimal(value) != u64::try_from(part.content.len()).ok()
        {
            let at = range.start;
            self.problems.note(ProblemKind::WrongPartLength, at);
        }
    }
}

/// A line of a part; places count in the body.
struct Line {
    start: usize,
    /// Without its line end.
    text: Range<usize>,
    /// Behind its line end.
    end: usize,
}

/// `charset'language'percent-encoded` (RFC 8187 §3.2).
fn extended_name(parameter: Parameter) -> Option<ExtendedName> {
    let mut pieces = parameter.value.splitn(3, |byte| *byte == b'\'');
    let (charset, _language, encoded) = (pieces.next()?, pieces.next()?, pieces.next()?);
    let mut value = Vec::with_capacity(encoded.len());
    let mut rest = encoded;
    while let [first, tail @ ..] = rest {
        let (octet, length) = match first {
            b'%' => (escaped_octet(rest)?, 2),
            _ => (*first, 0),
        };
        value.push(octet);
        rest = tail.get(length..)?;
    }
    Some(ExtendedName {
        charset: charset.to_vec(),
        value,
        written: parameter.written,
    })
}
