//! The header block a script writes before its body (RFC 3875 §6.2, §6.3).
//!
//! Sans-IO: feed bytes as they come; the parser says when it has seen enough. It records what it
//! finds and what is wrong with it; how much that matters is judged later (`response`), by the table
//! in `violation`. Only what no mode can repair stops it at once.
use std::ops::Range;

use super::grammar::{excerpt, is_blank, is_field_value_byte, is_token, trim};
use super::violation::{Violation, ViolationKind};

/// How large a header block may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderLimits {
    /// One line without its line feed, in bytes.
    pub line_bytes: usize,
    /// The whole block, in bytes.
    pub block_bytes: usize,
    /// How many fields.
    pub fields: usize,
}

impl Default for HeaderLimits {
    fn default() -> Self {
        Self {
            line_bytes: 64 * 1024,
            block_bytes: 256 * 1024,
            fields: 1000,
        }
    }
}

/// Whether the block is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// More bytes are needed, or the end of the output.
    Incomplete,
    /// The block has ended, well or badly.
    Complete,
}

/// One header field of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptField {
    /// The name as the script wrote it.
    pub name: Vec<u8>,
    /// The value without the white space around it.
    pub value: Vec<u8>,
    /// The line of the output, counted from 1.
    pub line: u32,
    /// The whole line without its line end, counted in the script's output.
    pub span: Range<usize>,
}

impl ScriptField {
    /// Whether the field has that name, in any case.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }
}

/// How a header block ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockEnd {
    /// With the empty line; the body follows.
    BlankLine,
    /// The output ended first.
    EndOfOutput,
    /// At something that cannot be a header; the last violation says what.
    Stopped,
}

/// What stood before the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderBlock {
    /// The fields in the order they came, repaired where that was possible.
    pub fields: Vec<ScriptField>,
    /// How many bytes of the output are the block, its empty line included. If it was stopped, how
    /// many came before the line at fault.
    pub length: usize,
    /// What is wrong, in the order it came.
    pub violations: Vec<Violation>,
    /// How it ended.
    pub end: BlockEnd,
}

/// Reads a header block from bytes that come in any pieces.
#[derive(Debug, Clone)]
pub struct HeaderBlockParser {
    limits: HeaderLimits,
    block: HeaderBlock,
    /// The line being read, without its line feed.
    line: Vec<u8>,
    /// Where that line starts in the output.
    line_start: usize,
    line_number: u32,
    /// The first bytes of the last field's line.
    last_field: Vec<u8>,
    complete: bool,
    taken: usize,
}

impl HeaderBlockParser {
    /// A parser at the first byte of a script's output.
    #[must_use]
    pub fn new(limits: HeaderLimits) -> Self {
        let block = HeaderBlock {
            fields: Vec::new(),
            length: 0,
            violations: Vec::new(),
            end: BlockEnd::EndOfOutput,
        };
        Self {
            limits,
            block,
            line: Vec::new(),
            line_start: 0,
            line_number: 1,
            last_field: Vec::new(),
            complete: false,
            taken: 0,
        }
    }

    /// Takes the bytes that came. After [`Progress::Complete`], [`Self::taken`] says how many of them
    /// belong to the block; the others are the start of the body.
    pub fn feed(&mut self, bytes: &[u8]) -> Progress {
        self.taken = 0;
        while !self.complete {
            let rest = bytes.get(self.taken..).unwrap_or_default();
            let line_room = self.limits.line_bytes.saturating_sub(self.line.len());
            let block_room = self
                .limits
                .block_bytes
                .saturating_sub(self.line_start + self.line.len());
            let room = line_room.min(block_room);
            let window = rest.get(..=room).unwrap_or(rest);
            if let Some(length) = memchr::memchr(b'\n', window) {
                self.line.extend(window.iter().take(length));
                self.taken += length + 1;
                self.end_line();
            } else if rest.len() > room {
                self.line.extend(window.iter().take(room));
                self.taken += room;
                self.stop_at_limit(line_room <= block_room);
            } else {
                self.line.extend_from_slice(rest);
                self.taken += rest.len();
                return Progress::Incomplete;
            }
        }
        Progress::Complete
    }

    /// Says that the output has ended; the block is complete then, for better or worse.
    pub fn finish(&mut self) {
        if self.complete {
            return;
        }
        let output_length = self.line_start + self.line.len();
        if output_length == 0 {
            self.note(ViolationKind::EmptyOutput);
        } else {
            if !self.line.is_empty() {
                self.judge_line();
            }
            if self.complete {
                return;
            }
            self.note_missing_blank_line(output_length);
        }
        self.complete(BlockEnd::EndOfOutput, output_length);
    }

    /// How many bytes of the last [`Self::feed`] belong to the block.
    #[must_use]
    pub fn taken(&self) -> usize {
        self.taken
    }

    /// The block as far as it was read.
    #[must_use]
    pub fn block(&self) -> &HeaderBlock {
        &self.block
    }

    /// The block, when it is complete.
    #[must_use]
    pub fn into_block(self) -> HeaderBlock {
        self.block
    }

    fn complete(&mut self, end: BlockEnd, length: usize) {
        self.block.end = end;
        self.block.length = length;
        self.complete = true;
    }

    /// A line feed has come: the line is judged, and the next one starts.
    fn end_line(&mut self) {
        let line_end = self.line_start + self.line.len() + 1;
        if self.line.last() == Some(&b'\r') {
            self.line.pop();
        }
        self.judge_line();
        if self.complete && self.block.end == BlockEnd::BlankLine {
            self.block.length = line_end;
        }
        self.line.clear();
        self.line_start = line_end;
        self.line_number += 1;
    }

    fn judge_line(&mut self) {
        if let Some(kind) = self.fatal_kind() {
            return self.stop(kind);
        }
        let first = self.line_number == 1;
        if trim(&self.line).is_empty() {
            match (first, self.line.is_empty()) {
                (true, _) => self.note(ViolationKind::BlankLineFirst),
                (false, false) => self.note(ViolationKind::BlankLineNotEmpty),
                (false, true) => {}
            }
            return self.complete(BlockEnd::BlankLine, self.line_start + self.line.len());
        }
        let indented = self.line.first().copied().is_some_and(is_blank);
        if indented && !first {
            self.note(ViolationKind::ContinuationLine);
            return self.continue_field();
        }
        if indented {
            self.note(ViolationKind::IndentedFirstLine);
        }
        self.take_field();
    }

    /// What no repair can make a header line of.
    fn fatal_kind(&self) -> Option<ViolationKind> {
        let line = self.line.as_slice();
        let first = self.line_number == 1;
        if line.contains(&b'\r') {
            return Some(ViolationKind::BareCarriageReturn);
        }
        let text = trim(line);
        if text.starts_with(b"<") {
            return Some(if first {
                ViolationKind::PageBeforeHeaders
            } else {
                ViolationKind::PageInsideHeaders
            });
        }
        if text.starts_with(b"Traceback (most recent call last)") {
            return Some(ViolationKind::TracebackInHeaders);
        }
        if starts_like_status_line(text) {
            return Some(ViolationKind::HttpStatusLine);
        }
        // A line that continues the one before needs no colon.
        let continues = !first && line.first().copied().is_some_and(is_blank);
        if text.is_empty() || text.contains(&b':') || continues {
            return None;
        }
        Some(if first {
            ViolationKind::TextBeforeHeaders
        } else {
            ViolationKind::LineWithoutColon
        })
    }

    fn take_field(&mut self) {
        let mut line = trim(&self.line);
        if let Some(rest) = line
            .strip_prefix(b"\xef\xbb\xbf")
            .filter(|_| self.line_number == 1)
        {
            line = rest;
            self.block
                .violations
                .push(self.violation(ViolationKind::ByteOrderMark));
        }
        let colon = memchr::memchr(b':', line).unwrap_or(line.len());
        let name = line.get(..colon).unwrap_or_default();
        let value = trim(line.get(colon + 1..).unwrap_or_default());
        let bare_name = trim(name);
        let kind = if !is_token(bare_name) {
            Some(ViolationKind::BadFieldName)
        } else if !value.iter().copied().all(is_field_value_byte) {
            Some(ViolationKind::ControlInValue)
        } else if bare_name.len() != name.len() {
            Some(ViolationKind::SpaceBeforeColon)
        } else {
            None
        };
        if self.block.fields.len() == self.limits.fields {
            return self.stop(ViolationKind::TooManyFields);
        }
        // A field that could not be sent is not kept; its violation has the evidence.
        if matches!(kind, None | Some(ViolationKind::SpaceBeforeColon)) {
            self.block.fields.push(ScriptField {
                name: bare_name.to_vec(),
                value: value.to_vec(),
                line: self.line_number,
                span: self.span(),
            });
            self.last_field = excerpt(&self.line);
        }
        if let Some(kind) = kind {
            self.note(kind);
        }
    }

    fn continue_field(&mut self) {
        let more = trim(&self.line);
        let sendable = more.iter().copied().all(is_field_value_byte);
        if let Some(field) = self.block.fields.last_mut().filter(|_| sendable) {
            field.value.push(b' ');
            field.value.extend_from_slice(more);
        }
        if !sendable {
            self.note(ViolationKind::ControlInValue);
        }
    }

    /// The last field is the evidence: the empty line was due after it.
    fn note_missing_blank_line(&mut self, output_length: usize) {
        let last = self.block.fields.last();
        let line = last.map_or(0, |field| field.line);
        let span = last.map_or(0..output_length, |field| field.span.clone());
        let evidence = std::mem::take(&mut self.last_field);
        self.block.violations.push(Violation::new(
            ViolationKind::NoBlankLine,
            line,
            span,
            &evidence,
        ));
    }

    fn stop_at_limit(&mut self, line_limit: bool) {
        let usual = if line_limit {
            ViolationKind::LineTooLong
        } else {
            ViolationKind::BlockTooLarge
        };
        // Where the block's limit cuts a later line, its colon may still have been to come.
        let whole_line = line_limit || self.line_number == 1;
        self.stop(self.fatal_kind().filter(|_| whole_line).unwrap_or(usual));
    }

    fn stop(&mut self, kind: ViolationKind) {
        self.note(kind);
        self.complete(BlockEnd::Stopped, self.line_start);
    }

    fn note(&mut self, kind: ViolationKind) {
        self.block.violations.push(self.violation(kind));
    }

    fn violation(&self, kind: ViolationKind) -> Violation {
        Violation::new(kind, self.line_number, self.span(), &self.line)
    }

    fn span(&self) -> Range<usize> {
        self.line_start..self.line_start + self.line.len()
    }
}

/// `HTTP/1.1 200 OK`, in any version.
fn starts_like_status_line(text: &[u8]) -> bool {
    text.strip_prefix(b"HTTP/")
        .and_then(|rest| rest.first())
        .is_some_and(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests;
