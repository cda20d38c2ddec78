//! Where a chunked request body ends (RFC 9112 §7.1): a scanner, not a decoder.
//!
//! It keeps the bytes of one request from being read as the start of the next. It allows less than
//! the grammar's laxest reading: a line feed alone, a carriage return alone, a sign, a prefix or a
//! tab in a size are how requests are smuggled, and no client sends them by accident.
use std::fmt;

use super::credentials::hidden;
use super::grammar::{excerpt, is_field_value_byte, is_token, is_token_byte, trim};
use super::trailers::{Trailer, comes_too_late};

/// How much of a chunked body may be framing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChunkLimits {
    /// One line with a chunk's size and its extensions, in bytes.
    pub size_line_bytes: usize,
    /// All chunk extensions of the body together, in bytes.
    pub extension_bytes: usize,
    /// The trailer section, in bytes.
    pub trailer_bytes: usize,
}

impl Default for ChunkLimits {
    fn default() -> Self {
        Self {
            size_line_bytes: 4 * 1024,
            extension_bytes: 16 * 1024,
            trailer_bytes: 16 * 1024,
        }
    }
}

/// What one call of [`ChunkedScanner::feed`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScanProgress {
    /// How many of the bytes given belong to this body.
    pub consumed: usize,
    /// The body has ended; what was not consumed is the next request.
    pub done: bool,
}

/// A chunked body that breaks its framing, after which nothing on the connection can be trusted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ChunkError {
    /// What is wrong.
    pub kind: ChunkErrorKind,
    /// Where, counted in bytes from the first byte of the body.
    pub at: u64,
    /// The line at fault, as far as it was read.
    pub excerpt: Vec<u8>,
}

/// What can be wrong with the framing of a chunked body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ChunkErrorKind {
    /// Not hexadecimal digits, or none.
    #[error("a chunk size is not a hexadecimal number")]
    BadSize,
    /// A size of more than 64 bits.
    #[error("a chunk size does not fit 64 bits")]
    SizeOverflow,
    /// An extension that the grammar does not know.
    #[error("a chunk extension is malformed")]
    BadExtension,
    /// A line that ends with a line feed only.
    #[error("a line of the chunked body ends with a line feed alone")]
    BareLineFeed,
    /// A carriage return that no line feed follows.
    #[error("a carriage return in the chunked body stands alone")]
    BareCarriageReturn,
    /// The chunk's data is longer than its size says.
    #[error("a chunk does not end where its size says")]
    NoLineEndAfterData,
    /// A trailer line that is no field.
    #[error("a trailer line is not a header field")]
    BadTrailer,
    /// A trailer that would change after the fact what a header decides (RFC 9110 §6.5.1).
    #[error("a trailer names a field that counts only before the body")]
    ForbiddenTrailer,
    /// The request has a `Trailer` field, and this one is not in it (RFC 9110 §6.6.2).
    #[error("a trailer came that the Trailer field does not announce")]
    UnannouncedTrailer,
    /// A limit of [`ChunkLimits`] is passed.
    #[error("the framing of the chunked body is larger than this server accepts")]
    TooLarge,
}

impl ChunkError {
    /// The status code that answers such a body.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self.kind {
            ChunkErrorKind::TooLarge => 413,
            _ => 400,
        }
    }

    /// The section that forbids it.
    #[must_use]
    pub const fn section(&self) -> &'static str {
        match self.kind {
            ChunkErrorKind::BadExtension => "RFC 9112 §7.1.1",
            ChunkErrorKind::BadTrailer => "RFC 9112 §7.1.2",
            ChunkErrorKind::ForbiddenTrailer => "RFC 9110 §6.5.1",
            ChunkErrorKind::UnannouncedTrailer => "RFC 9110 §6.6.2",
            _ => "RFC 9112 §7.1",
        }
    }
}

impl fmt::Display for ChunkError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, at, excerpt) = (self.kind, self.at, self.excerpt.escape_ascii());
        write!(formatter, "{kind} at byte {at} of the body: \"{excerpt}\"")
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    SizeLine,
    Data { left: u64 },
    DataEnd,
    TrailerLine,
    Done,
}

/// Follows a chunked body as its bytes come.
#[derive(Debug, Clone)]
pub struct ChunkedScanner {
    limits: ChunkLimits,
    state: State,
    /// The line being read, without its line end; a carriage return may stand last.
    line: Vec<u8>,
    at: u64,
    data_bytes: u64,
    extension_bytes: usize,
    trailer_bytes: usize,
    /// The only names that trailers may have, where the request says so.
    announced: Option<Vec<Vec<u8>>>,
    trailers: Vec<Trailer>,
}

impl ChunkedScanner {
    /// A scanner at the first byte of a body.
    #[must_use]
    pub fn new(limits: ChunkLimits) -> Self {
        Self {
            limits,
            state: State::SizeLine,
            line: Vec::new(),
            at: 0,
            data_bytes: 0,
            extension_bytes: 0,
            trailer_bytes: 0,
            announced: None,
            trailers: Vec::new(),
        }
    }

    /// Refuses trailers that are not among these names; none: any will do.
    #[must_use]
    pub fn announcing(self, announced: Option<Vec<Vec<u8>>>) -> Self {
        Self { announced, ..self }
    }

    /// The trailer fields in the order they came; all of them once the body has ended.
    #[must_use]
    pub fn into_trailers(self) -> Vec<Trailer> {
        self.trailers
    }

    /// How many bytes of content the chunks seen so far hold.
    #[must_use]
    pub fn data_bytes(&self) -> u64 {
        self.data_bytes
    }

    /// Takes the bytes that came and says how many of them belong to the body.
    ///
    /// # Errors
    /// The framing is broken; the connection can only be closed then.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<ScanProgress, ChunkError> {
        let mut consumed = 0;
        while let Some(rest) = bytes.get(consumed..).filter(|rest| !rest.is_empty()) {
            let taken = match self.state {
                State::Done => break,
                State::Data { left } => self.skip_data(rest, left),
                State::SizeLine | State::DataEnd | State::TrailerLine => {
                    self.take_line_byte(rest)?
                }
            };
            consumed += taken;
            self.at += taken as u64;
        }
        let done = self.state == State::Done;
        Ok(ScanProgress { consumed, done })
    }

    fn skip_data(&mut self, rest: &[u8], left: u64) -> usize {
        let taken = usize::try_from(left).unwrap_or(usize::MAX).min(rest.len());
        let left = left - taken as u64;
        self.data_bytes += taken as u64;
        self.state = if left == 0 {
            State::DataEnd
        } else {
            State::Data { left }
        };
        taken
    }

    /// Takes one byte of a line; the line is judged when its line feed has come.
    fn take_line_byte(&mut self, rest: &[u8]) -> Result<usize, ChunkError> {
        let Some(byte) = rest.first().copied() else {
            return Ok(0);
        };
        match (self.line.last(), byte) {
            (Some(b'\r'), b'\n') => {
                self.line.pop();
                self.end_of_line()?;
                self.line.clear();
            }
            (Some(b'\r'), _) => return self.fail(ChunkErrorKind::BareCarriageReturn),
            (_, b'\n') => return self.fail(ChunkErrorKind::BareLineFeed),
            _ => {
                self.line.push(byte);
                self.check_growing_line(byte)?;
            }
        }
        Ok(1)
    }

    /// Refuses what no line end can repair, so that nobody waits for one.
    fn check_growing_line(&mut self, byte: u8) -> Result<(), ChunkError> {
        match self.state {
            State::DataEnd if byte != b'\r' => self.fail(ChunkErrorKind::NoLineEndAfterData),
            State::SizeLine if self.line.len() > self.limits.size_line_bytes => {
                self.fail(ChunkErrorKind::TooLarge)
            }
            State::SizeLine => self.check_size_byte(byte),
            State::TrailerLine => {
                self.trailer_bytes += 1;
                if self.trailer_bytes > self.limits.trailer_bytes {
                    return self.fail(ChunkErrorKind::TooLarge);
                }
                Ok(())
            }
            State::DataEnd | State::Data { .. } | State::Done => Ok(()),
        }
    }

    fn check_size_byte(&self, byte: u8) -> Result<(), ChunkError> {
        let in_extension = self.line.contains(&b';');
        if in_extension || byte.is_ascii_hexdigit() {
            return Ok(());
        }
        let digits_before = self.line.first().is_some_and(u8::is_ascii_hexdigit);
        match byte {
            b'\r' | b' ' if digits_before => Ok(()),
            _ => self.fail(ChunkErrorKind::BadSize),
        }
    }

    fn end_of_line(&mut self) -> Result<(), ChunkError> {
        self.state = match self.state {
            State::SizeLine => match self.size_of_line()? {
                0 => State::TrailerLine,
                left => State::Data { left },
            },
            State::TrailerLine if self.line.is_empty() => State::Done,
            State::TrailerLine => {
                self.take_trailer()?;
                State::TrailerLine
            }
            State::DataEnd => State::SizeLine,
            State::Data { .. } | State::Done => self.state,
        };
        Ok(())
    }

    fn size_of_line(&mut self) -> Result<u64, ChunkError> {
        let digits = self
            .line
            .iter()
            .take_while(|byte| byte.is_ascii_hexdigit())
            .count();
        let (size, extensions) = self.line.split_at(digits);
        if size.is_empty() {
            return self.fail(ChunkErrorKind::BadSize);
        }
        if !extensions.is_empty() && !extensions_are_well_formed(extensions) {
            let space_only = trim(extensions).is_empty() || !extensions.contains(&b';');
            let kind = if space_only {
                ChunkErrorKind::BadSize
            } else {
                ChunkErrorKind::BadExtension
            };
            return self.fail(kind);
        }
        self.extension_bytes += extensions.len();
        if self.extension_bytes > self.limits.extension_bytes {
            return self.fail(ChunkErrorKind::TooLarge);
        }
        let number = std::str::from_utf8(size)
            .ok()
            .and_then(|text| u64::from_str_radix(text, 16).ok());
        number.map_or_else(|| self.fail(ChunkErrorKind::SizeOverflow), Ok)
    }

    fn take_trailer(&mut self) -> Result<(), ChunkError> {
        let Some(colon) = memchr::memchr(b':', &self.line) else {
            return self.fail(ChunkErrorKind::BadTrailer);
        };
        let (name, value) = self.line.split_at(colon);
        let value = value.get(1..).unwrap_or_default();
        if !is_token(name) || !value.iter().copied().all(is_field_value_byte) {
            return self.fail(ChunkErrorKind::BadTrailer);
        }
        if comes_too_late(name) {
            return self.fail(ChunkErrorKind::ForbiddenTrailer);
        }
        let is_announced = |names: &Vec<Vec<u8>>| {
            names
                .iter()
                .any(|announced| announced.eq_ignore_ascii_case(name))
        };
        if self
            .announced
            .as_ref()
            .is_some_and(|names| !is_announced(names))
        {
            return self.fail(ChunkErrorKind::UnannouncedTrailer);
        }
        self.trailers.push(Trailer {
            name: name.to_vec(),
            value: trim(value).to_vec(),
        });
        Ok(())
    }

    fn fail<T>(&self, kind: ChunkErrorKind) -> Result<T, ChunkError> {
        // A password is no better kept in a trailer.
        let line = hidden(&self.line);
        Err(ChunkError {
            kind,
            at: self.at,
            excerpt: excerpt(line.as_deref().unwrap_or(&self.line)),
        })
    }
}

/// `*( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] )`, with spaces only as white space.
fn extensions_are_well_formed(bytes: &[u8]) -> bool {
    let mut rest = skip_spaces(bytes);
    while let [b';', tail @ ..] = rest {
        let tail = skip_spaces(tail);
        let name = tail.iter().take_while(|byte| is_token_byte(**byte)).count();
        if name == 0 {
            return false;
        }
        let after_name = tail.get(name..).unwrap_or_default();
        rest = match skip_spaces(after_name) {
            [b'=', value @ ..] => match skip_value(skip_spaces(value)) {
                Some(after_value) => after_value,
                None => return false,
            },
            _ => after_name,
        };
        if rest.is_empty() {
            return true;
        }
        rest = skip_spaces(rest);
    }
    false
}

fn skip_value(bytes: &[u8]) -> Option<&[u8]> {
    let [b'"', quoted @ ..] = bytes else {
        let length = bytes
            .iter()
            .take_while(|byte| is_token_byte(**byte))
            .count();
        return bytes.get(length..).filter(|_| length > 0);
    };
    let mut rest = quoted;
    loop {
        rest = match rest {
            [b'"', tail @ ..] => return Some(tail),
            [b'\\', escaped, tail @ ..] if is_field_value_byte(*escaped) => tail,
            [byte, tail @ ..] if *byte != b'\\' && is_field_value_byte(*byte) => tail,
            _ => return None,
        };
    }
}

fn skip_spaces(bytes: &[u8]) -> &[u8] {
    let spaces = bytes.iter().take_while(|byte| **byte == b' ').count();
    bytes.get(spaces..).unwrap_or_default()
}

#[cfg(test)]
mod tests;
