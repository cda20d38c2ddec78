//! A script's output read as a host reads it. Sans-IO: bytes go in as they come, one verdict comes out.
use super::answer::{Deviation, HostAnswer, HostBody};
use super::block::Block;
use super::conclusion::conclude;
use super::output_rules::{Act, OutputRules, Reading};
use super::{HostProfile, Rules};
use crate::cgi::grammar::{is_blank, is_token, trim};
use crate::cgi::reason_phrase::reason_phrase;
use crate::cgi::violation::ViolationKind;

/// Where an output that is not read begins with a status, it stands within so many bytes.
const STATUS_BYTES: usize = 32;

/// What a host makes of an output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostVerdict {
    /// It answers.
    Answer(HostAnswer),
    /// It asks itself for another path (RFC 3875 §6.2.2).
    LocalRedirect {
        /// Path and query.
        location: Vec<u8>,
        /// The cookies that are kept on the way.
        cookies: Vec<Vec<u8>>,
        /// What is worth knowing of it.
        deviations: Vec<Deviation>,
    },
    /// It closes the connection without a byte.
    Silence {
        /// Why.
        deviations: Vec<Deviation>,
    },
}

impl HostVerdict {
    /// What is worth knowing of the way to it.
    #[must_use]
    pub fn deviations(&self) -> &[Deviation] {
        match self {
            Self::Answer(answer) => &answer.deviations,
            Self::LocalRedirect { deviations, .. } | Self::Silence { deviations } => deviations,
        }
    }
}

/// Reads the beginning of a script's output as a host does.
#[derive(Clone)]
pub struct HostReader {
    rules: &'static Rules,
    head_request: bool,
    /// What came so far, until there is a verdict.
    output: Vec<u8>,
    /// Where the line begins that is read.
    line_start: usize,
    first_line: bool,
    block: Block,
    /// Where the body begins, once the header block is over.
    body_start: Option<usize>,
    ended: bool,
}

impl HostReader {
    /// A reader at the first byte. `head_request`: the client asked with HEAD.
    #[must_use]
    pub fn new(profile: HostProfile, head_request: bool) -> Self {
        Self {
            rules: profile.rules(),
            head_request,
            output: Vec::new(),
            line_start: 0,
            first_line: true,
            block: Block::default(),
            body_start: None,
            ended: false,
        }
    }

    /// Takes bytes; the verdict, as soon as there is one. Nothing must be fed after it.
    pub fn feed(&mut self, bytes: &[u8]) -> Option<HostVerdict> {
        self.output.extend_from_slice(bytes);
        match self.rules.output.reading {
            Reading::AsPrinted(_) | Reading::AsPrintedAfterStatus => self.as_printed(),
            Reading::Parsed => self.read_lines(),
        }
    }

    /// The output has ended.
    pub fn finish(&mut self) -> HostVerdict {
        self.ended = true;
        let verdict = match self.rules.output.reading {
            Reading::AsPrinted(_) | Reading::AsPrintedAfterStatus => self.as_printed(),
            Reading::Parsed => self.read_lines(),
        };
        verdict.unwrap_or_else(|| self.at_end())
    }

    fn output_rules(&self) -> &'static OutputRules {
        &self.rules.output
    }

    fn act(&self, kind: ViolationKind) -> Act {
        let acts = self.output_rules().acts;
        let found = acts.iter().find(|(listed, _)| *listed == kind);
        found.map_or(Act::Keep, |(_, act)| *act)
    }

    /// Notes what is done about a breach.
    fn breach(&mut self, kind: ViolationKind) -> Act {
        let act = self.act(kind);
        self.block.deviations.push(Deviation::of(kind, act));
        act
    }

    fn as_printed(&mut self) -> Option<HostVerdict> {
        if self.output.is_empty() {
            return self.ended.then(|| self.nothing_printed());
        }
        let mut taken = 0;
        let status_line = match self.output_rules().reading {
            Reading::AsPrinted(line) => line.as_bytes().to_vec(),
            // The number may still be to come.
            _ if !(self.ended || self.has_first_line()) => return None,
            _ if self.output.starts_with(b"HTTP") => Vec::new(),
            _ if self.output.starts_with(b"Status: ") => {
                taken = 8;
                b"HTTP/1.1 ".to_vec()
            }
            _ => b"HTTP/1.1 200 OK".to_vec(),
        };
        let printed = self.output.get(taken..).unwrap_or_default();
        let first_line: Vec<u8> = [&status_line, printed].concat();
        Some(HostVerdict::Answer(HostAnswer {
            status: status_of_line(&first_line),
            fields: self.own_fields(),
            status_line,
            as_printed: true,
            taken,
            body: HostBody::Output {
                limit: None,
                chunked: false,
            },
            deviations: std::mem::take(&mut self.block.deviations),
        }))
    }

    fn has_first_line(&self) -> bool {
        self.output.len() >= STATUS_BYTES || memchr::memchr(b'\n', &self.output).is_some()
    }

    /// What the host itself puts into a head that it does not read.
    fn own_fields(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        match self.output_rules().reading {
            Reading::AsPrinted(_) => vec![(b"Server".to_vec(), self.rules.software.into())],
            _ => Vec::new(),
        }
    }

    fn nothing_printed(&mut self) -> HostVerdict {
        match self.breach(ViolationKind::EmptyOutput) {
            Act::Refuse(status) => self.refuse(status),
            Act::Keep => {
                let status_line = match self.output_rules().reading {
                    Reading::AsPrinted(line) => line.into(),
                    _ => Vec::new(),
                };
                HostVerdict::Answer(HostAnswer {
                    status: status_of_line(&status_line),
                    status_line,
                    fields: self.own_fields(),
                    as_printed: true,
                    taken: 0,
                    body: HostBody::Dropped,
                    deviations: std::mem::take(&mut self.block.deviations),
                })
            }
            _ => HostVerdict::Silence {
                deviations: std::mem::take(&mut self.block.deviations),
            },
        }
    }

    fn read_lines(&mut self) -> Option<HostVerdict> {
        while self.body_start.is_none() {
            let rest = self.output.get(self.line_start..).unwrap_or_default();
            let end = memchr::memchr(b'\n', rest);
            let length = end.unwrap_or(rest.len());
            if let Some(verdict) = self.check_limits(length) {
                return Some(verdict);
            }
            end?;
            let rest = self.output.get(self.line_start..).unwrap_or_default();
            let mut line = rest.get(..length).unwrap_or_default().to_vec();
            let next = self.line_start + line.len() + 1;
            if line.last() == Some(&b'\r') {
                line.pop();
            }
            if let Some(verdict) = self.read_line(&line, next) {
                return Some(verdict);
            }
            self.line_start = next;
            self.first_line = false;
        }
        let start = self.body_start?;
        // A type is made from the first bytes of the page, so these must be there.
        let waits = self.output_rules().fields.sniffed && !self.block.has("content-type");
        if waits && self.output.len() == start && !self.ended {
            return None;
        }
        let body = self.output.get(start..).unwrap_or_default();
        let block = std::mem::take(&mut self.block);
        Some(conclude(self.rules, block, start, body, self.head_request))
    }

    fn check_limits(&mut self, line: usize) -> Option<HostVerdict> {
        let rules = self.output_rules();
        let kind = if self.line_start + line > rules.block_bytes {
            ViolationKind::BlockTooLarge
        } else if line > rules.line_bytes {
            ViolationKind::LineTooLong
        } else {
            return None;
        };
        match self.breach(kind) {
            Act::Refuse(status) => Some(self.refuse(status)),
            _ => Some(self.all_body()),
        }
    }

    fn read_line(&mut self, line: &[u8], next: usize) -> Option<HostVerdict> {
        if line.is_empty() && !self.first_line {
            self.body_start = Some(next);
            return None;
        }
        let Some(kind) = self.breach_of(line) else {
            self.block.add(line);
            return None;
        };
        let act = match kind {
            ViolationKind::ControlInValue if line.contains(&0) => {
                let act = self.output_rules().nul;
                self.block.deviations.push(Deviation::of(kind, act));
                act
            }
            _ => self.breach(kind),
        };
        match act {
            Act::Refuse(status) => return Some(self.refuse(status)),
            Act::AllBody => return Some(self.all_body()),
            Act::EndHeaders => self.body_start = Some(next),
            Act::Keep => self.block.add(line),
            Act::BareName => self.block.add_bare(line),
            Act::CutAtNul => {
                let end = memchr::memchr(0, line).unwrap_or(line.len());
                self.block.add(line.get(..end).unwrap_or_default());
            }
            Act::StatusLine => self.block.status_line = Some(line.to_vec()),
            Act::Drop | Act::Silence => {}
        }
        None
    }

    /// What is wrong with the line, judged as servers do: by its own bytes alone.
    fn breach_of(&self, line: &[u8]) -> Option<ViolationKind> {
        let first = self.first_line;
        if line.is_empty() {
            return Some(ViolationKind::BlankLineFirst);
        }
        if line.starts_with(b"HTTP/") {
            return Some(ViolationKind::HttpStatusLine);
        }
        if trim(line).is_empty() {
            return Some(ViolationKind::BlankLineNotEmpty);
        }
        if line.first().copied().is_some_and(is_blank) {
            return Some(if first {
                ViolationKind::IndentedFirstLine
            } else {
                ViolationKind::ContinuationLine
            });
        }
        let Some(colon) = memchr::memchr(b':', line) else {
            return Some(if first {
                ViolationKind::TextBeforeHeaders
            } else {
                ViolationKind::LineWithoutColon
            });
        };
        let (name, value) = line.split_at(colon);
        if line.starts_with(b"\xef\xbb\xbf") {
            return Some(ViolationKind::ByteOrderMark);
        }
        if is_token(trim(name)) && trim(name).len() != name.len() {
            return Some(ViolationKind::SpaceBeforeColon);
        }
        if !is_token(name) {
            return Some(ViolationKind::BadFieldName);
        }
        let control = |byte: &u8| byte.is_ascii_control() && *byte != b'\t';
        let flawed = value.iter().any(control);
        flawed.then_some(ViolationKind::ControlInValue)
    }

    fn at_end(&mut self) -> HostVerdict {
        if self.output.is_empty() {
            return self.nothing_printed();
        }
        match self.breach(ViolationKind::NoBlankLine) {
            Act::Refuse(status) => self.refuse(status),
            _ => self.all_body(),
        }
    }

    fn refuse(&mut self, status: u16) -> HostVerdict {
        HostVerdict::Answer(HostAnswer {
            status,
            status_line: status_line(status),
            fields: self.server_field(),
            as_printed: false,
            taken: 0,
            body: HostBody::OwnPage,
            deviations: std::mem::take(&mut self.block.deviations),
        })
    }

    fn all_body(&mut self) -> HostVerdict {
        HostVerdict::Answer(HostAnswer {
            status: 200,
            status_line: status_line(200),
            fields: self.server_field(),
            as_printed: false,
            taken: 0,
            body: if self.head_request {
                HostBody::Dropped
            } else {
                HostBody::Output {
                    limit: None,
                    chunked: false,
                }
            },
            deviations: std::mem::take(&mut self.block.deviations),
        })
    }

    fn server_field(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        super::conclusion::server_field(self.rules)
    }
}

pub(super) fn status_line(status: u16) -> Vec<u8> {
    format!("HTTP/1.1 {status} {}", reason_phrase(status)).into_bytes()
}

/// The number in a status line; 0 where there is none.
fn status_of_line(line: &[u8]) -> u16 {
    let word = line.split(|byte| *byte == b' ').nth(1);
    let digits = word.and_then(|word| str::from_utf8(word.get(..3)?).ok());
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}
