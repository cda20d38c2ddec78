//! What the values of a script's headers say: cookies that will not be kept, redirects to themselves, injected lines.

use super::sent_fields::{SentFields, value};
use crate::cgi::header_block::ScriptField;
use crate::clock::Timestamp;
use crate::diagnosis::evidence::of_stream;
use crate::diagnosis::finding::{Finding, Severity, StreamName};
use crate::diagnosis::rules::{code, finding};
use crate::diagnosis::wording::short;
use crate::exchange::{Exchange, Invocation};

const LOOKED_AT_BYTES: usize = 264 * 1024;
/// Browsers drop a cookie that is longer (RFC 6265 §6.1).
const COOKIE_BYTES: usize = 4096;

pub(super) fn findings(exchange: &Exchange, run: &Invocation) -> Vec<Finding> {
    let Some(block) = &run.header_block else {
        return Vec::new();
    };
    let cookies = block.fields.iter().filter(|field| field.is("set-cookie"));
    let mut found: Vec<Finding> = cookies
        .filter_map(|field| cookie(exchange, run, field))
        .collect();
    found.extend(injected(exchange, run));
    found.extend(to_itself(run));
    found
}

fn at_field(run: &Invocation, field: &ScriptField, note: &str, found: Finding) -> Finding {
    let stdout = run.stdout.first(LOOKED_AT_BYTES);
    Finding {
        evidence: of_stream(StreamName::Stdout, &stdout, field.line, note),
        ..found
    }
}

/// A cookie by its parts, names in lower case.
struct Cookie<'a> {
    name: &'a [u8],
    value: &'a [u8],
    attributes: Vec<(Vec<u8>, &'a [u8])>,
}

impl<'a> Cookie<'a> {
    fn parse(text: &'a [u8]) -> Option<Self> {
        let mut parts = text.split(|&byte| byte == b';');
        let first = parts.next()?;
        let equals = memchr::memchr(b'=', first)?;
        let pair = |part: &'a [u8]| {
            let at = memchr::memchr(b'=', part).unwrap_or(part.len());
            let (name, value) = part.split_at(at);
            let value = value.strip_prefix(b"=").unwrap_or(value);
            (name.trim_ascii().to_ascii_lowercase(), value.trim_ascii())
        };
        Some(Self {
            name: first.get(..equals)?.trim_ascii(),
            value: first.get(equals + 1..)?.trim_ascii(),
            attributes: parts.map(pair).collect(),
        })
    }

    fn attribute(&self, name: &[u8]) -> Option<&'a [u8]> {
        let mut of_name = self
            .attributes
            .iter()
            .rev()
            .filter(|(other, _)| other == name);
        of_name.next().map(|(_, value)| *value)
    }
}

fn cookie(exchange: &Exchange, run: &Invocation, field: &ScriptField) -> Option<Finding> {
    let told = |severity, why: String, remedy: &str| {
        let found = Finding {
            severity,
            explanation: why,
            remedy: remedy.into(),
            ..finding(
                code::COOKIE_NOT_STORED,
                "The browser will not keep the cookie".into(),
            )
        };
        Some(at_field(run, field, "not kept", found))
    };
    let Some(cookie) = Cookie::parse(&field.value).filter(|cookie| !cookie.name.is_empty()) else {
        return told(
            Severity::Warning,
            "A cookie begins with its name, an equals sign and its value.".into(),
            "Write Set-Cookie: name=value",
        );
    };
    if field.value.len() > COOKIE_BYTES {
        return told(
            Severity::Warning,
            format!(
                "It has {} bytes; browsers keep {COOKIE_BYTES} at most.",
                field.value.len()
            ),
            "Keep the data on the server and a short key to it in the cookie.",
        );
    }
    if field.value.iter().any(|byte| !byte.is_ascii()) {
        return told(
            Severity::Warning,
            "Its value has letters beyond ASCII, which browsers drop or change.".into(),
            "Encode the value, for instance with urllib.parse.quote.",
        );
    }
    by_attributes(exchange, run, &cookie)
        .and_then(|(severity, why, remedy)| told(severity, why, remedy))
}

fn by_attributes(
    exchange: &Exchange,
    run: &Invocation,
    cookie: &Cookie<'_>,
) -> Option<(Severity, String, &'static str)> {
    let secure = cookie.attribute(b"secure").is_some();
    let https = value(run, "HTTPS").eq_ignore_ascii_case(b"on");
    let host = String::from_utf8_lossy(value(run, "SERVER_NAME")).to_ascii_lowercase();
    let loopback = host == "localhost"
        || host.ends_with(".localhost")
        || host.starts_with("127.")
        || host.contains("::1");
    if let Some(domain) = cookie.attribute(b"domain") {
        let domain = String::from_utf8_lossy(domain)
            .trim_start_matches('.')
            .to_ascii_lowercase();
        if !domain.is_empty() && domain != host && !host.ends_with(&format!(".{domain}")) {
            return Some((
                Severity::Warning,
                format!(
                    "Its Domain is {}, but the page was asked for at {}.",
                    short(&domain, 60),
                    short(&host, 60)
                ),
                "Leave Domain out; the cookie then belongs to the host that was asked.",
            ));
        }
    }
    if cookie
        .attribute(b"samesite")
        .is_some_and(|value| value.eq_ignore_ascii_case(b"none"))
        && !secure
    {
        return Some((
            Severity::Warning,
            "SameSite=None counts only beside Secure.".into(),
            "Add Secure, or write SameSite=Lax.",
        ));
    }
    if cookie.name.starts_with(b"__Host-")
        && (!secure
            || cookie.attribute(b"path") != Some(b"/")
            || cookie.attribute(b"domain").is_some())
    {
        return Some((
            Severity::Warning,
            "A name that begins with __Host- needs Secure and Path=/, and no Domain.".into(),
            "Add what is missing, or choose another name.",
        ));
    }
    if cookie.name.starts_with(b"__Secure-") && !secure {
        return Some((
            Severity::Warning,
            "A name that begins with __Secure- needs Secure.".into(),
            "Add Secure, or choose another name.",
        ));
    }
    if secure && !https && !loopback {
        return Some((
            Severity::Warning,
            "Secure cookies are kept from https pages only, and this one came by http.".into(),
            "Leave Secure out while the site is asked by http.",
        ));
    }
    let path = cookie
        .attribute(b"path")
        .filter(|path| path.starts_with(b"/"));
    if let Some(path) = path.filter(|path| {
        !value(run, "SCRIPT_NAME").starts_with(path.strip_suffix(b"/").unwrap_or(path))
    }) {
        return Some((
            Severity::Note,
            format!(
                "Its Path is {}, so this very script will not get it back.",
                short(&String::from_utf8_lossy(path), 60)
            ),
            "Write Path=/ if the whole site should get it.",
        ));
    }
    expired(exchange, run, cookie)
}

/// A date that is past takes a cookie away, which is what a log-out means to do; giving a new value with it is not.
fn expired(
    exchange: &Exchange,
    run: &Invocation,
    cookie: &Cookie<'_>,
) -> Option<(Severity, String, &'static str)> {
    if cookie.attribute(b"max-age").is_some() {
        return None;
    }
    let date = cookie.attribute(b"expires")?;
    let deletes = cookie.value.is_empty()
        || cookie.value == b"\"\""
        || cookie.value.eq_ignore_ascii_case(b"deleted");
    let had_it =
        memchr::memmem::find(value(run, "HTTP_COOKIE"), &[cookie.name, b"="].concat()).is_some();
    let day = day_of(date)?;
    let today = days_of(exchange.started);
    // The first of January 1970 is how libraries take a cookie away.
    if day >= today || deletes || had_it || day < 366 {
        return None;
    }
    let text = short(&String::from_utf8_lossy(date), 60);
    Some((
        Severity::Warning,
        format!("It expired on {text}, before it was sent."),
        "Leave Expires out, or work the date out from today; Max-Age is simpler.",
    ))
}

fn days_of(time: Timestamp) -> i64 {
    time.unix_millis().div_euclid(86_400_000)
}

/// The day since 1970 of `Wdy, DD-Mon-YYYY HH:MM:SS GMT`, with blanks or hyphens (RFC 6265 §5.1.1).
fn day_of(date: &[u8]) -> Option<i64> {
    const MONTHS: [&str; 12] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    let text = String::from_utf8_lossy(date).to_ascii_lowercase();
    let words: Vec<&str> = text
        .split(|sign: char| !sign.is_ascii_alphanumeric() && sign != ':')
        .filter(|word| !word.is_empty() && !word.contains(':'))
        .collect();
    let month = words.iter().position(|word| {
        MONTHS.contains(&word.get(..3).unwrap_or_default()) && word.chars().all(char::is_alphabetic)
    })?;
    let number = |index: usize| words.get(index)?.parse::<i16>().ok();
    let (day, year) = (number(month.checked_sub(1)?)?, number(month + 1)?);
    let year = match year {
        0..=69 => year + 2000,
        70..=99 => year + 1900,
        year => year,
    };
    let month = MONTHS
        .iter()
        .position(|name| words.get(month).is_some_and(|word| word.starts_with(name)))?;
    let date = jiff::civil::Date::new(year, i8::try_from(month + 1).ok()?, i8::try_from(day).ok()?)
        .ok()?;
    let epoch = jiff::civil::date(1970, 1, 1);
    Some(i64::from((date - epoch).get_days()))
}

/// A value of the request with a line end in it, found again in the headers with what follows the line end as a header.
fn injected(exchange: &Exchange, run: &Invocation) -> Option<Finding> {
    let block = run.header_block.as_ref()?;
    let head = run.stdout.first(block.length.min(LOOKED_AT_BYTES));
    let plain = |text: &[u8]| {
        text.iter()
            .copied()
            .filter(|&byte| byte != b'\r')
            .collect::<Vec<u8>>()
    };
    let printed = plain(&head);
    let fields = SentFields::of(exchange, run);
    let (name, value) = fields.pairs.iter().find(|(_, value)| {
        let value = plain(value);
        memchr::memchr(b'\n', &value).is_some_and(|at| {
            at > 0
                && value
                    .get(at + 1..)
                    .is_some_and(|rest| !rest.trim_ascii().is_empty())
        }) && memchr::memmem::find(&printed, value.trim_ascii_end()).is_some()
    })?;
    let injected = plain(value);
    let second = injected.split(|&byte| byte == b'\n').nth(1)?;
    let field = block
        .fields
        .iter()
        .find(|field| second.starts_with(&field.name))?;
    let found = Finding {
        explanation: format!(
            "The value of \u{201c}{}\u{201d} in the request holds a line end, and the script copied it into a header. What stood after it became a header of its own.",
            short(&String::from_utf8_lossy(name), 60)
        ),
        ..finding(
            code::HEADER_INJECTION,
            "Whoever asks can add headers of their own".into(),
        )
    };
    Some(at_field(run, field, "came from the request", found))
}

/// A redirect of a GET to the very URL that was asked for, without a cookie that could make the next answer another.
fn to_itself(run: &Invocation) -> Option<Finding> {
    let response = run.response.as_ref()?;
    let block = run.header_block.as_ref()?;
    let field = block.fields.iter().find(|field| field.is("location"))?;
    let redirects = matches!(response.status, 301 | 302 | 303 | 307 | 308);
    let sets_cookie = block.fields.iter().any(|field| field.is("set-cookie"));
    if !redirects || sets_cookie || value(run, "REQUEST_METHOD") != b"GET" {
        return None;
    }
    let asked = value(run, "REQUEST_URI");
    let authority = value(run, "HTTP_HOST");
    let whole = [&b"http://"[..], authority, asked].concat();
    (!asked.is_empty() && (field.value == asked || field.value == whole)).then(|| {
        let found = Finding {
            explanation: "The browser is sent to the URL that it has just asked for, and will be sent there again until it gives up.".into(),
            severity: Severity::Warning,
            ..finding(code::REDIRECT_LOOP, "The script redirects to itself".into())
        };
        at_field(run, field, "the URL that was asked for", found)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_read_as_browsers_read_it() {
        for (text, day) in [
            ("Thu, 01 Jan 1970 00:00:00 GMT", Some(0)),
            ("Sat, 02-Jan-71 00:00:00 GMT", Some(366)),
            ("Wed, 21 Oct 2015 07:28:00 GMT", Some(16_729)),
            ("Wed, 31 Feb 2015 07:28:00 GMT", None),
            ("tomorrow", None),
            ("", None),
            ("\u{fffd} 1 jan", None),
        ] {
            assert_eq!(day_of(text.as_bytes()), day, "{text}");
        }
    }
}
