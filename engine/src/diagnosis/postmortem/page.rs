//! The page itself: what is in it that belongs elsewhere, and whether it is what its headers say.

use super::sent_fields::value;
use crate::cgi::form::content_type::ContentType;
use crate::diagnosis::evidence::{line_at, of_stream};
use crate::diagnosis::finding::{Finding, Severity, StreamName};
use crate::diagnosis::rules::{code, finding};
use crate::diagnosis::wording::{short, thousands};
use crate::exchange::Invocation;

/// So much of the output is looked at, headers included.
const LOOKED_AT_BYTES: usize = 264 * 1024;

/// The output of a run that went well, up to a bound.
pub(super) struct Page<'a> {
    run: &'a Invocation,
    /// The output, headers included, so that its lines have the numbers of the stream.
    pub(super) stdout: Vec<u8>,
    start: usize,
    content_type: ContentType,
}

impl<'a> Page<'a> {
    /// The page of a run whose headers are through; none of an NPH script, which writes them itself.
    pub(super) fn of(run: &'a Invocation) -> Option<Self> {
        let block = run.header_block.as_ref()?;
        let declared = block.fields.iter().find(|field| field.is("content-type"));
        let content_type = declared.map_or(&b""[..], |field| field.value.as_slice());
        Some(Self {
            run,
            stdout: run.stdout.first(LOOKED_AT_BYTES),
            start: block.length,
            content_type: ContentType::parse(content_type),
        })
    }

    pub(super) fn body(&self) -> &[u8] {
        self.stdout.get(self.start..).unwrap_or_default()
    }

    fn is_whole(&self) -> bool {
        self.stdout.len() as u64 == self.run.stdout.len()
    }

    pub(super) fn is(&self, media_type: &str) -> bool {
        self.content_type.is(media_type)
    }

    fn is_text(&self) -> bool {
        self.content_type.media_type.starts_with(b"text/")
    }

    fn header(&self, name: &str) -> Option<&[u8]> {
        let block = self.run.header_block.as_ref()?;
        let field = block.fields.iter().find(|field| field.is(name))?;
        Some(&field.value)
    }

    /// The finding, with the line of the output in which the body's byte `at` stands.
    pub(super) fn at(&self, at: usize, note: &str, found: Finding) -> Finding {
        let line = line_at(&self.stdout, self.start + at);
        Finding {
            evidence: of_stream(StreamName::Stdout, &self.stdout, line, note),
            ..found
        }
    }
}

/// What is wrong with the page of a run that went well.
pub(super) fn findings(page: &Page<'_>) -> Vec<Finding> {
    if page.body().is_empty() || page.header("content-encoding").is_some() {
        return Vec::new();
    }
    // One fault of this kind makes the others: bytes that were changed are in no charset, either.
    let first = headers_in_page(page)
        .or_else(|| bytes_printed(page))
        .or_else(|| text_mode(page))
        .or_else(|| blank_line(page))
        .or_else(|| wrong_charset(page))
        .or_else(|| no_charset(page));
    first
        .into_iter()
        .chain(form_without_enctype(page))
        .collect()
}

/// Lines at the very beginning of a page that can only be headers: the empty line came too early.
pub(super) fn headers_in_page(page: &Page<'_>) -> Option<Finding> {
    let body = page.body();
    let skipped = body.len() - body.trim_ascii_start().len();
    let line = body.get(skipped..)?.split(|&byte| byte == b'\n').next()?;
    let (name, value) = known_header(line)?;
    let (number, title) = match name.as_str() {
        "Location" => (
            code::LOCATION_IN_PAGE,
            "Location was printed after the headers, so nobody is redirected".to_owned(),
        ),
        "Content-Type" if page.header("content-type").is_some() => (
            code::HEADERS_TWICE,
            "A second Content-Type stands in the page".to_owned(),
        ),
        _ => (
            code::HEADERS_IN_PAGE,
            format!("{name} was printed after the headers, so it is part of the page"),
        ),
    };
    // A page of plain text may be about headers.
    let is_page_about_them =
        page.is("text/plain") || page.content_type.media_type.starts_with(b"message/");
    let last = line_at(&page.stdout, page.start).saturating_sub(1);
    let found = Finding {
        explanation: format!(
            "The first empty line ends the headers; here that is line {last} of the output. \u{201c}{}: {}\u{201d} comes after it.",
            name,
            short(&String::from_utf8_lossy(value), 60)
        ),
        severity: if is_page_about_them {
            Severity::Note
        } else {
            Severity::Warning
        },
        ..finding(number, title)
    };
    Some(page.at(skipped, "too late", found))
}

/// A header's usual spelling and its value, if the line is one that a page hardly begins with.
fn known_header(line: &[u8]) -> Option<(String, &[u8])> {
    let colon = memchr::memchr(b':', line)?;
    let (name, value) = (line.get(..colon)?, line.get(colon + 1..)?.trim_ascii());
    let name = name.to_ascii_lowercase();
    let plausible = match name.as_slice() {
        b"content-type" => value.contains(&b'/') && !value.contains(&b'<'),
        b"set-cookie" => value.contains(&b'='),
        b"location" => value.starts_with(b"/") || memchr::memmem::find(value, b"://").is_some(),
        b"status" => value
            .get(..3)
            .is_some_and(|digits| digits.iter().all(u8::is_ascii_digit)),
        b"content-length" => !value.is_empty() && value.iter().all(u8::is_ascii_digit),
        b"content-disposition" => value.starts_with(b"attachment") || value.starts_with(b"inline"),
        b"cache-control" => value.starts_with(b"no-") || value.starts_with(b"max-age"),
        b"expires" => value.ends_with(b"GMT"),
        b"pragma" => value.eq_ignore_ascii_case(b"no-cache"),
        _ => false,
    };
    let capital = |word: &[u8]| match word.split_first() {
        Some((first, rest)) => [&[first.to_ascii_uppercase()], rest].concat(),
        None => Vec::new(),
    };
    let words: Vec<Vec<u8>> = name.split(|&byte| byte == b'-').map(capital).collect();
    plausible.then(|| {
        (
            String::from_utf8_lossy(&words.join(&b'-')).into_owned(),
            value,
        )
    })
}

/// `b'...'` as Python writes bytes down.
fn bytes_printed(page: &Page<'_>) -> Option<Finding> {
    let body = page.body();
    let quote = match body {
        [b'b', quote @ (b'\'' | b'"'), ..] => *quote,
        _ => return None,
    };
    let line = body.split(|&byte| byte == b'\n').next()?.trim_ascii_end();
    if line.len() < 4
        || line.last() != Some(&quote)
        || page.is("text/plain") && body.trim_ascii_end() != line
    {
        return None;
    }
    let found = Finding {
        explanation: "print turns bytes into text as Python source would write them, with b, quotes and backslashes.".into(),
        severity: if page.is("text/plain") { Severity::Note } else { Severity::Warning },
        ..finding(code::BYTES_PRINTED, "The page begins with b and a quote: bytes were printed as text".into())
    };
    Some(page.at(0, "how Python writes bytes down", found))
}

/// The first bytes of binary formats, and what they become on the way through a text layer.
fn text_mode(page: &Page<'_>) -> Option<Finding> {
    let body = page.body();
    let (format, how) = if body.starts_with(b"\x89PNG\r\r\n\x1a")
        || body.starts_with(b"\x89PNG\r\r\n\x1a\r\n")
    {
        ("PNG", "each line feed got a carriage return")
    } else if body.starts_with(b"\x89PNG\n\x1a") {
        ("PNG", "carriage returns before line feeds were taken away")
    } else if body.starts_with(b"\xC2\x89PNG") {
        ("PNG", "each byte above 127 became two (UTF-8)")
    } else if body.starts_with(b"\xEF\xBF\xBDPNG") {
        ("PNG", "each byte above 127 became a question mark (U+FFFD)")
    } else if body.starts_with(b"\xC3\xBF\xC3\x98\xC3\xBF") {
        ("JPEG", "each byte above 127 became two (UTF-8)")
    } else if body.starts_with(b"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD") && page.is("image/jpeg") {
        (
            "JPEG",
            "each byte above 127 became a question mark (U+FFFD)",
        )
    } else if body.starts_with(b"\x1f\xC2\x8b") {
        ("gzip", "each byte above 127 became two (UTF-8)")
    } else {
        return None;
    };
    let found = Finding {
        explanation: format!(
            "The {format} data went through a text layer: {how}. No program can read it any more."
        ),
        ..finding(
            code::TEXT_MODE,
            format!("The {format} data was changed on its way out, as if it were text"),
        )
    };
    Some(page.at(0, "changed", found))
}

/// A line end too many after the headers spoils what must begin with its first byte.
fn blank_line(page: &Page<'_>) -> Option<Finding> {
    let body = page.body();
    let blank = body
        .iter()
        .take_while(|byte| matches!(byte, b'\r' | b'\n'))
        .count();
    if blank == 0 {
        return None;
    }
    let rest = body.get(blank..)?;
    let spoilt = if let Some(format) = magic(rest) {
        Some(format)
    } else {
        rest.starts_with(b"<?xml").then_some("XML")
    };
    let printed_with = memchr::memmem::find(source_head(page), b"\\r\\n\\r\\n").is_some();
    let (severity, explanation) = match spoilt {
        Some(format) => (
            Severity::Warning,
            format!(
                "{format} data must begin with its first byte; with a line end before it, programs refuse it."
            ),
        ),
        None if printed_with && page.is_text() => (
            Severity::Note,
            "In a page of HTML nobody sees it; a picture or a download would be broken by it."
                .to_owned(),
        ),
        None => return None,
    };
    let found = Finding {
        severity,
        explanation,
        ..finding(
            code::BLANK_LINE_IN_PAGE,
            "The page begins with an empty line".into(),
        )
    };
    Some(page.at(0, "one too many", found))
}

fn source_head<'a>(page: &'a Page<'_>) -> &'a [u8] {
    let source = &page.run.script.source;
    source.get(..64 * 1024).unwrap_or(source)
}

/// The format that begins with these bytes.
pub(super) fn magic(bytes: &[u8]) -> Option<&'static str> {
    const MAGIC: [(&[u8], &str); 10] = [
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"GIF87a", "GIF"),
        (b"GIF89a", "GIF"),
        (b"\xFF\xD8\xFF", "JPEG"),
        (b"%PDF-", "PDF"),
        (b"PK\x03\x04", "ZIP"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"RIFF", "RIFF"),
        (b"OggS", "Ogg"),
        (b"BM", "BMP"),
    ];
    let found = MAGIC.iter().find(|(start, _)| bytes.starts_with(start));
    // Two letters prove little.
    found
        .filter(|(start, _)| start.len() > 2 || bytes.get(6..10) == Some(&[0; 4]))
        .map(|(_, format)| *format)
}

fn charset(page: &Page<'_>) -> Option<String> {
    let declared = page.content_type.parameter("charset")?;
    Some(
        String::from_utf8_lossy(&declared.value)
            .trim()
            .to_ascii_lowercase(),
    )
}

/// The declared charset against the bytes: only for charsets in which some bytes are wrong.
fn wrong_charset(page: &Page<'_>) -> Option<Finding> {
    let charset = charset(page)?;
    let body = page.body();
    let at = match charset.as_str() {
        "utf-8" | "utf8" => match std::str::from_utf8(body) {
            Ok(_) => return None,
            // The end of what is looked at may cut a character in two.
            Err(error) if error.error_len().is_none() && !page.is_whole() => return None,
            Err(error) => error.valid_up_to(),
        },
        "us-ascii" | "ascii" => body.iter().position(|byte| !byte.is_ascii())?,
        _ => return None,
    };
    let byte = body.get(at)?;
    let found = Finding {
        explanation: format!(
            "Byte {} of the page is {byte:02X}, which is no part of a character in {charset}. {}",
            thousands(at as u64 + 1),
            if charset.starts_with("utf") {
                "It looks like an old Windows or Latin encoding; browsers show \u{fffd} there."
            } else {
                "ASCII has no bytes above 7F."
            }
        ),
        ..finding(
            code::WRONG_CHARSET,
            format!("The header says {charset}, but the page is not"),
        )
    };
    Some(page.at(at, &format!("{byte:02X} is not {charset}"), found))
}

/// Letters beyond ASCII, and neither a header nor the page says in which encoding.
fn no_charset(page: &Page<'_>) -> Option<Finding> {
    let html = page.is("text/html");
    if !(html || page.is("text/plain")) || charset(page).is_some() {
        return None;
    }
    let body = page.body();
    let at = body.iter().position(|byte| !byte.is_ascii())?;
    let head = body
        .get(..1024.max(at.min(4096)))
        .unwrap_or(body)
        .to_ascii_lowercase();
    let says_itself = body.starts_with(b"\xEF\xBB\xBF")
        || body.starts_with(b"\xFF\xFE")
        || body.starts_with(b"\xFE\xFF")
        || html && memchr::memmem::find(&head, b"charset").is_some();
    if says_itself {
        return None;
    }
    let found = Finding {
        explanation: "Browsers then guess, often an old Windows encoding, and show wrong letters."
            .into(),
        ..finding(
            code::NO_CHARSET,
            "Nothing says how the letters of the page are encoded".into(),
        )
    };
    Some(page.at(at, "beyond ASCII", found))
}

/// A form that posts a file by its name only. One that a program sends for it is left alone.
fn form_without_enctype(page: &Page<'_>) -> Option<Finding> {
    if !page.is("text/html") {
        return None;
    }
    let body = page.body();
    let lower = body.to_ascii_lowercase();
    let mut at = 0;
    while let Some(open) = memchr::memmem::find(lower.get(at..)?, b"<form").map(|found| at + found)
    {
        let rest = lower.get(open..)?;
        let form = rest.get(..memchr::memmem::find(rest, b"</form").unwrap_or(rest.len()))?;
        let tag = form.get(..memchr::memchr(b'>', form)?)?;
        let holds = |text: &[u8], word: &[u8]| memchr::memmem::find(text, word).is_some();
        let posts = holds(tag, b"post") && !holds(tag, b"onsubmit") && !holds(form, b"onclick");
        let file = [&b"type=\"file\""[..], b"type='file'", b"type=file"]
            .into_iter()
            .find_map(|word| memchr::memmem::find(form, word));
        if let Some(file) = file.filter(|_| posts && !holds(form, b"enctype")) {
            let found = Finding {
                explanation: "Without that attribute a browser sends the file's name only, as if somebody had typed it.".into(),
                ..finding(code::FORM_WITHOUT_ENCTYPE, "The form has a field for a file, but no enctype=\"multipart/form-data\"".into())
            };
            return Some(page.at(open + file.min(tag.len()), "sends no file", found));
        }
        at = open + tag.len();
    }
    None
}

/// A variable of the run that made the page.
pub(super) fn variable<'a>(page: &Page<'a>, name: &str) -> &'a [u8] {
    value(page.run, name)
}
