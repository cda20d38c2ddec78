//! What a browser makes of an answer that is sound in itself: other sites' pages, old copies, text that becomes markup.

use super::page::{Page, variable};
use super::sent_fields::{SentFields, value};
use crate::cgi::profile::HostProfile;
use crate::diagnosis::evidence::{line_at, of_stream};
use crate::diagnosis::finding::{Finding, Severity, StreamName};
use crate::diagnosis::rules::{code, finding};
use crate::diagnosis::wording::short;
use crate::exchange::{Exchange, Invocation};

/// Shorter values stand in pages by chance.
const REFLECTED_BYTES: usize = 4;

pub(super) fn findings(exchange: &Exchange, run: &Invocation) -> Vec<Finding> {
    let mut found = Vec::new();
    found.extend(cross_origin(run));
    found.extend(old_copy(run));
    found.extend(host_ignores(run));
    found.extend(path_in_upload(exchange, run));
    found
}

fn sent<'a>(run: &'a Invocation, name: &str) -> Option<&'a [u8]> {
    let block = run.header_block.as_ref()?;
    let field = block.fields.iter().find(|field| field.is(name))?;
    Some(&field.value)
}

/// A page of another origin asks, and the answer does not name it (Fetch, CORS protocol).
fn cross_origin(run: &Invocation) -> Option<Finding> {
    let origin = value(run, "HTTP_ORIGIN");
    let host = value(run, "HTTP_HOST");
    let same = origin.ends_with(&[b"://", host].concat());
    if origin.is_empty()
        || origin == b"null"
        || same
        || sent(run, "access-control-allow-origin").is_some()
    {
        return None;
    }
    let preflight = value(run, "REQUEST_METHOD") == b"OPTIONS"
        && !value(run, "HTTP_ACCESS_CONTROL_REQUEST_METHOD").is_empty();
    let origin = short(&String::from_utf8_lossy(origin), 60);
    Some(Finding {
        severity: if preflight {
            Severity::Warning
        } else {
            Severity::Note
        },
        explanation: if preflight {
            format!(
                "A page of {origin} asks whether it may send its request here; without Access-Control-Allow-Origin the browser never sends it."
            )
        } else {
            format!(
                "A page of {origin} asked; without Access-Control-Allow-Origin its program gets an error instead of this answer."
            )
        },
        ..finding(
            code::PREFLIGHT_REFUSED,
            "The browser will not let the other site's page have this answer".into(),
        )
    })
}

/// The script allows browsers to keep its page.
fn old_copy(run: &Invocation) -> Option<Finding> {
    let cache = sent(run, "cache-control")
        .unwrap_or_default()
        .to_ascii_lowercase();
    let age = memchr::memmem::find(&cache, b"max-age=").and_then(|at| {
        let digits: Vec<u8> = cache
            .get(at + 8..)?
            .iter()
            .copied()
            .take_while(u8::is_ascii_digit)
            .collect();
        String::from_utf8(digits).ok()?.parse::<u64>().ok()
    });
    let status = run.response.as_ref().map(|response| response.status);
    let why = match (age, status) {
        (Some(seconds @ 1..), _) => format!(
            "Cache-Control lets a browser show it for {seconds} seconds without asking again."
        ),
        (_, Some(304)) => "304 tells the browser to show the copy that it has.".to_owned(),
        _ => return None,
    };
    Some(Finding {
        explanation: why,
        ..finding(
            code::MAY_BE_OLD,
            "A browser may show an old copy of this page".into(),
        )
    })
}

/// The run was made as a host that knows neither Status nor Location.
fn host_ignores(run: &Invocation) -> Option<Finding> {
    let host = run.as_host.as_ref()?;
    if host.profile != HostProfile::Cpython {
        return None;
    }
    let block = run.header_block.as_ref()?;
    let field = block.fields.iter().find(|field| {
        field.is("location") || field.is("status") && !field.value.starts_with(b"200")
    })?;
    let stdout = run.stdout.first(64 * 1024);
    let name = String::from_utf8_lossy(&field.name).into_owned();
    Some(Finding {
        explanation: format!(
            "http.server answers every script with \u{201c}200 Script output follows\u{201d} before it reads a line, so {} has no effect there.",
            short(&name, 40)
        ),
        evidence: of_stream(StreamName::Stdout, &stdout, field.line, "passed over"),
        ..finding(
            code::HOST_IGNORES_FIELD,
            format!("Python's http.server passes {} over", short(&name, 40)),
        )
    })
}

/// Text of the request that stands in a page of HTML letter by letter, with signs that HTML would escape.
pub(super) fn reflected(exchange: &Exchange, page: &Page<'_>) -> Option<Finding> {
    if !page.is("text/html") {
        return None;
    }
    let run = exchange.invocation()?;
    let mut fields = SentFields::of(exchange, run).pairs;
    let names: Vec<(Vec<u8>, Vec<u8>)> = fields
        .iter()
        .map(|(name, _)| (name.clone(), name.clone()))
        .collect();
    fields.extend(names);
    fields.push((b"PATH_INFO".to_vec(), variable(page, "PATH_INFO").to_vec()));
    let (name, at) = fields.iter().find_map(|(name, value)| {
        let is_markup =
            value.len() >= REFLECTED_BYTES && value.iter().any(|byte| matches!(byte, b'<' | b'"'));
        let at = is_markup
            .then(|| memchr::memmem::find(page.body(), value))
            .flatten()?;
        Some((name, at))
    })?;
    let found = Finding {
        explanation: format!(
            "The value of \u{201c}{}\u{201d} stands in the page as it came, with its < or quote. Somebody who sends a visitor a link can make the page do what they like (cross-site scripting).",
            short(&String::from_utf8_lossy(name), 60)
        ),
        ..finding(
            code::REFLECTED,
            "Text of the request stands in the page as it came".into(),
        )
    };
    Some(page.at(at, "from the request", found))
}

/// An upload whose name would leave the folder that it is put into.
fn path_in_upload(exchange: &Exchange, run: &Invocation) -> Option<Finding> {
    let body = &exchange.request.body;
    if body.is_empty() || !value(run, "CONTENT_TYPE").starts_with(b"multipart/") {
        return None;
    }
    let fields = SentFields::of(exchange, run);
    let name = fields
        .file_names
        .iter()
        .find(|name| name.contains(&b'/') || name.contains(&b'\\'))?;
    Some(Finding {
        explanation: format!(
            "The client calls the file \u{201c}{}\u{201d}. A script that joins this to a folder's name writes outside that folder.",
            short(&String::from_utf8_lossy(name), 80)
        ),
        ..finding(
            code::PATH_IN_UPLOAD,
            "The name of an uploaded file leads into another folder".into(),
        )
    })
}

/// php-cgi says it itself, in a page.
pub(super) fn php_refuses(run: &Invocation) -> Option<Finding> {
    let stdout = run.stdout.first(16 * 1024);
    let said = [
        &b"The PHP CGI cannot be accessed directly"[..],
        b"force-cgi-redirect",
    ];
    let at = said
        .into_iter()
        .find_map(|text| memchr::memmem::find(&stdout, text))?;
    memchr::memmem::find(&stdout, b"ecurity")?;
    Some(Finding {
        explanation: "php-cgi wants to know from the server that nobody called it by its own URL, and the sign of that, REDIRECT_STATUS, is not set.".into(),
        evidence: of_stream(StreamName::Stdout, &stdout, line_at(&stdout, at), "php-cgi's own words"),
        ..finding(code::PHP_REFUSES, "php-cgi refuses to be called directly".into())
    })
}
