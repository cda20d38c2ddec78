//! The exception that ended a program, read from the end of what it wrote: Python's tracebacks, and what
//! Perl, Ruby, PHP, Node and Lua leave behind.

mod chain;
mod in_page;
mod library_calls;
mod other_languages;

pub use library_calls::{LibraryCalls, library_calls};

use chain::{earlier, members};
pub(super) use in_page::in_page;
use other_languages::others;
use std::ffi::OsStr;
use std::ops::Range;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// No more than this is looked at, at the end of a stream: a flood of text must not cost more.
const LOOKED_AT_BYTES: usize = 64 * 1024;
/// So many lines may follow the exception's first line: a message can be long, but a program that goes on
/// writing has survived.
const MESSAGE_LINES: usize = 20;
/// Frames beyond this are not kept; a deep recursion repeats itself.
const FRAMES: usize = 200;
const HEADER: &[u8] = b"Traceback (most recent call last):";
const GROUP_HEADER: &[u8] = b"+ Exception Group Traceback (most recent call last):";

/// An exception that nobody caught.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exception {
    /// The language of the program.
    pub language: Language,
    /// The exception's type, as `KeyError`; empty where the language prints none.
    pub kind: String,
    /// Its message, the first line only.
    pub message: String,
    /// The calls, the outermost first; only the innermost where the language prints no more.
    pub frames: Vec<Frame>,
    /// Where its text stands in the stream, in bytes.
    pub span: Range<usize>,
    /// The exceptions that came before it in the same chain, the oldest first (PEP 3134).
    pub earlier: Vec<Earlier>,
    /// The exceptions that it bundles, where it is a group (PEP 654).
    pub members: Vec<Exception>,
}

/// An exception that another one followed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Earlier {
    /// The exception.
    pub exception: Exception,
    /// How the next one came about.
    pub link: Link,
}

/// How one exception led to the next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Link {
    /// `raise … from …`: it was the direct cause.
    Cause,
    /// The next one came while it was being handled.
    Handling,
}

/// The language whose way of reporting was recognised.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Language {
    /// Python 2 and 3, cgitb too.
    Python,
    /// Perl 5.
    Perl,
    /// Ruby.
    Ruby,
    /// PHP.
    Php,
    /// Node.js.
    Node,
    /// Lua.
    Lua,
    /// A POSIX shell.
    Shell,
}

/// One call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Frame {
    /// The file as it was printed.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: u32,
    /// The function; empty where none was printed.
    pub function: String,
    /// The source line; empty where none was printed.
    pub code: String,
    /// The file is the user's, not the language's or an installed package's: such frames are shown open, others folded.
    pub own: bool,
}

impl Frame {
    fn new(file: &[u8], line: u32, function: String) -> Self {
        Self {
            file: path(file),
            line,
            function,
            code: String::new(),
            own: !is_library(file),
        }
    }
}

/// Where languages and their packages live.
fn is_library(path: &[u8]) -> bool {
    const PARTS: [&[u8]; 8] = [
        b"/site-packages/",
        b"/dist-packages/",
        b"/lib/python",
        b"/lib64/python",
        b"/node_modules/",
        b"/lib/ruby/",
        b"/share/perl",
        b"/share/php/",
    ];
    let holds = |part: &[u8]| memchr::memmem::find(path, part).is_some();
    path.first() == Some(&b'<')
        || PARTS.into_iter().any(holds)
        || path.starts_with(b"node:")
        || path.starts_with(b"[")
}

impl Exception {
    /// The innermost call in a file of the user's own, else the innermost call.
    #[must_use]
    pub fn own_frame(&self) -> Option<&Frame> {
        self.frames
            .iter()
            .rev()
            .find(|frame| frame.own)
            .or(self.frames.last())
    }

    /// File and line of [`Self::own_frame`]; a relative name starts at the script's folder, where it ran.
    #[must_use]
    pub fn place(&self, directory: &Path) -> Option<(PathBuf, u32)> {
        self.own_frame()
            .map(|frame| (directory.join(&frame.file), frame.line))
    }

    /// Type and message in one line, cut to be a headline.
    #[must_use]
    pub fn headline(&self) -> String {
        let text = match (self.kind.as_str(), self.message.as_str()) {
            ("", message) => message.to_owned(),
            (kind, "") => kind.to_owned(),
            (kind, message) => format!("{kind}: {message}"),
        };
        match text.char_indices().nth(120) {
            Some((at, _)) => format!("{}…", &text[..at]),
            None => text,
        }
    }
}

/// Whether this standard error ends as that of a program does which an exception ended.
///
/// Looks at the last 64 KiB only, so that a flood costs no more than a line.
#[must_use]
pub fn shows_exception(stderr: &[u8]) -> bool {
    last_exception(stderr).is_some()
}

/// The exception at the end of a stream.
pub(super) fn last_exception(text: &[u8]) -> Option<Exception> {
    let from = text.len().saturating_sub(LOOKED_AT_BYTES);
    let lines = Lines::of(text, from);
    python(&lines).or_else(|| others(&lines))
}

/// A traceback at the very beginning of a stream, where headers were expected.
pub(super) fn first_exception(text: &[u8]) -> Option<Exception> {
    let lines = Lines::of(&text[..text.len().min(LOOKED_AT_BYTES)], 0);
    let header = lines.iter().position(|line| line.text == HEADER)?;
    let exception = python_block(&lines, header, b"")?;
    Some(last_of_chain(&lines, exception))
}

/// The last exception of the chain that begins with this one.
fn last_of_chain(lines: &Lines<'_>, first: Exception) -> Exception {
    let later = lines.iter().enumerate().rev();
    let mut headers = later.filter(|(_, line)| line.start >= first.span.end && line.text == HEADER);
    let linked = headers.find_map(|(index, _)| {
        let block = python_block(lines, index, b"")?;
        (block.earlier.first()?.exception.span.start == first.span.start).then_some(block)
    });
    linked.unwrap_or(first)
}

/// A line without its line end, and where it is.
#[derive(Clone, Copy)]
struct Line<'a> {
    text: &'a [u8],
    start: usize,
    end: usize,
}

struct Lines<'a>(Vec<Line<'a>>);

impl<'a> Lines<'a> {
    fn of(text: &'a [u8], from: usize) -> Self {
        let mut start = from;
        let lines = text[from..]
            .split_inclusive(|&byte| byte == b'\n')
            .map(|line| {
                let at = start;
                start += line.len();
                let line = line.strip_suffix(b"\n").unwrap_or(line);
                Line {
                    text: line.strip_suffix(b"\r").unwrap_or(line),
                    start: at,
                    end: start,
                }
            });
        Self(lines.collect())
    }

    fn iter(&self) -> impl DoubleEndedIterator<Item = &Line<'a>> + ExactSizeIterator {
        self.0.iter()
    }

    fn from(&self, index: usize) -> &[Line<'a>] {
        self.0.get(index..).unwrap_or_default()
    }

    fn before(&self, index: usize) -> Option<&Line<'a>> {
        self.0
            .get(..index)?
            .iter()
            .rev()
            .find(|line| !line.text.is_empty())
    }

    /// The text has not gone on long after this line.
    fn is_near_the_end(&self, index: usize) -> bool {
        self.0.len() - index <= MESSAGE_LINES + 1
    }

    fn last(&self) -> Option<&Line<'a>> {
        self.0
            .iter()
            .rev()
            .find(|line| !line.text.trim_ascii().is_empty())
    }
}

/// Chained exceptions are printed oldest first, so that the last block is the one nobody caught.
fn python(lines: &Lines<'_>) -> Option<Exception> {
    let mut headers = lines.iter().enumerate().rev();
    let found = headers.find_map(|(index, line)| match line.text {
        HEADER => Some((index, &b""[..])),
        text if text.trim_ascii_start() == GROUP_HEADER && text.starts_with(b"  +") => {
            Some((index, &b"  | "[..]))
        }
        _ => None,
    });
    let found = found.filter(|&(index, _)| !survived(lines, index));
    let exception = found.and_then(|(header, margin)| python_block(lines, header, margin));
    exception
        .filter(|exception| near_the_end(lines, exception))
        .or_else(|| syntax_error(lines).filter(|exception| near_the_end(lines, exception)))
}

/// Python reports these and goes on: a failure in a thread, or in a destructor.
fn survived(lines: &Lines<'_>, header: usize) -> bool {
    let before = lines.before(header).map_or(&b""[..], |line| line.text);
    before.starts_with(b"Exception ignored in") || before.starts_with(b"Exception in thread ")
}

fn near_the_end(lines: &Lines<'_>, exception: &Exception) -> bool {
    let last = lines
        .0
        .partition_point(|line| line.start < exception.span.end);
    lines.is_near_the_end(last.saturating_sub(1))
}

/// From the header on: frames, each with its source and marks beneath, then the exception.
fn python_block(lines: &Lines<'_>, header: usize, margin: &[u8]) -> Option<Exception> {
    let start = lines.0.get(header)?.start;
    let mut frames: Vec<Frame> = Vec::new();
    for line in lines.from(header + 1) {
        let text = line.text.strip_prefix(margin).unwrap_or(line.text);
        if let Some(frame) = python_frame(text) {
            if frames.len() < FRAMES {
                frames.push(frame);
            }
        } else if let Some(code) = text.strip_prefix(b"    ") {
            if let Some(frame) = frames.last_mut().filter(|frame| frame.code.is_empty()) {
                frame.code = lossy(code);
            }
        } else if !text.starts_with(b" ") {
            let (kind, message) = exception_line(text)?;
            let is_group = !margin.is_empty();
            return Some(Exception {
                language: Language::Python,
                kind,
                message,
                frames,
                span: start..line.end,
                earlier: if is_group {
                    Vec::new()
                } else {
                    earlier(lines, header)
                },
                members: if is_group {
                    members(lines, line.end)
                } else {
                    Vec::new()
                },
            });
        }
    }
    None
}

/// A script that does not compile is reported without a header: `File`, the source, a caret, the error.
fn syntax_error(lines: &Lines<'_>) -> Option<Exception> {
    let known = [&b"SyntaxError: "[..], b"IndentationError: ", b"TabError: "];
    let (index, line) = lines
        .iter()
        .enumerate()
        .rev()
        .find(|(_, line)| known.iter().any(|name| line.text.starts_with(name)))?;
    let (kind, message) = exception_line(line.text)?;
    let above = lines.0.get(index.saturating_sub(4)..index)?;
    let (place, frame) = above
        .iter()
        .enumerate()
        .find_map(|(at, line)| Some((at, python_frame(line.text)?)))?;
    let code = above
        .get(place + 1)
        .map_or_else(String::new, |line| lossy(line.text));
    let frames = vec![Frame { code, ..frame }];
    Some(Exception {
        language: Language::Python,
        kind,
        message,
        frames,
        span: above.get(place)?.start..line.end,
        earlier: Vec::new(),
        members: Vec::new(),
    })
}

/// `  File "form.py", line 14, in <module>`
fn python_frame(text: &[u8]) -> Option<Frame> {
    let rest = text.strip_prefix(b"  File \"")?;
    let quote = memchr::memmem::rfind(rest, b"\", line ")?;
    let (file, rest) = (rest.get(..quote)?, rest.get(quote + 8..)?);
    let (line, rest) = leading_number(rest)?;
    let function = rest.strip_prefix(b", in ").map_or_else(String::new, lossy);
    Some(Frame::new(file, line, function))
}

/// `package.Error: message`, or the type alone.
fn exception_line(text: &[u8]) -> Option<(String, String)> {
    let end = text
        .iter()
        .position(|&byte| byte == b':')
        .unwrap_or(text.len());
    let (kind, rest) = text.split_at(end);
    let is_name = |byte: &u8| {
        byte.is_ascii_alphanumeric()
            || matches!(byte, b'_' | b'.' | b'<' | b'>')
            || !byte.is_ascii()
    };
    let named = kind
        .first()
        .is_some_and(|first| first.is_ascii_alphabetic() || *first == b'_' || !first.is_ascii());
    (named && kind.iter().all(is_name))
        .then(|| (lossy(kind), lossy(rest.strip_prefix(b":").unwrap_or(rest))))
}

fn leading_number(text: &[u8]) -> Option<(u32, &[u8])> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (number, rest) = text.split_at(digits);
    Some((std::str::from_utf8(number).ok()?.parse().ok()?, rest))
}

fn path(bytes: &[u8]) -> PathBuf {
    PathBuf::from(OsStr::from_bytes(bytes))
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes.trim_ascii()).into_owned()
}

#[cfg(test)]
mod tests;
