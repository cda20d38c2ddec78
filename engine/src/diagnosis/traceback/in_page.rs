//! Exceptions that a script shows in its page: cgitb's report, CGI::Carp's, and PHP's own words.

use super::other_languages::whole_number;
use super::{Exception, Frame, Language, last_exception, lossy};

/// Before the traceback that cgitb adds to its report, in text and in a comment of its HTML.
const CGITB: &[u8] = b"The above is a description of an error in a Python program";
const CARP: &[u8] = b"<h1>Software error:</h1>";

/// An exception that the page itself reports, and the place of its report.
pub(in crate::diagnosis) fn in_page(page: &[u8]) -> Option<(Exception, usize)> {
    cgitb(page).or_else(|| carp(page)).or_else(|| php(page))
}

fn cgitb(page: &[u8]) -> Option<(Exception, usize)> {
    let at = memchr::memmem::rfind(page, CGITB)?;
    let text = page.get(at..)?;
    let end = memchr::memmem::find(text, b"\n-->").unwrap_or(text.len());
    let text = unescaped(text.get(..end)?);
    Some((last_exception(&text)?, at))
}

/// `fatalsToBrowser`: the message as it would have stood on standard error, in a `<pre>`.
fn carp(page: &[u8]) -> Option<(Exception, usize)> {
    let at = memchr::memmem::find(page, CARP)?;
    let text = page.get(at..)?;
    let open = memchr::memmem::find(text, b"<pre>")? + 5;
    let text = text.get(open..)?;
    let close = memchr::memmem::find(text, b"</pre>")?;
    Some((last_exception(&unescaped(text.get(..close)?))?, at))
}

/// `<b>Fatal error</b>:  message in <b>file</b> on line <b>3</b><br />`
fn php(page: &[u8]) -> Option<(Exception, usize)> {
    let marks = [&b"<b>Fatal error</b>:  "[..], b"<b>Parse error</b>:  "];
    let (at, mark) = marks
        .into_iter()
        .filter_map(|mark| Some((memchr::memmem::find(page, mark)?, mark)))
        .min_by_key(|(at, _)| *at)?;
    let text = page.get(at + mark.len()..)?;
    let place = memchr::memmem::find(text, b" in <b>")?;
    let line = memchr::memmem::find(text, b"</b> on line <b>")?;
    let number = text.get(line + 16..)?;
    let end = memchr::memchr(b'<', number)?;
    let first = text.get(..place)?.split(|&byte| byte == b'\n').next()?;
    // The message itself may name the place: `Uncaught Exception: x in file:3`.
    let message = memchr::memmem::find(first, b" in /").map_or(first, |end| &first[..end]);
    let frame = Frame::new(
        text.get(place + 7..line)?,
        whole_number(number.get(..end)?)?,
        String::new(),
    );
    let kind = lossy(
        mark.strip_prefix(b"<b>")?
            .split(|&byte| byte == b'<')
            .next()?,
    );
    let exception = Exception {
        language: Language::Php,
        kind,
        message: lossy(&unescaped(message)),
        frames: vec![frame],
        span: at..at + mark.len() + line,
        earlier: Vec::new(),
        members: Vec::new(),
    };
    Some((exception, at))
}

fn unescaped(text: &[u8]) -> Vec<u8> {
    const ENTITIES: [(&str, &str); 6] = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#x27;", "'"),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ];
    let text = String::from_utf8_lossy(text).into_owned();
    let plain = |text: String, (entity, sign): &(&str, &str)| text.replace(entity, sign);
    ENTITIES.iter().fold(text, plain).into_bytes()
}
