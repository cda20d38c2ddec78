//! What the client did wrong, and what of its request does not reach a script.

use crate::cgi::dictionary::describe;
use crate::cgi::head_rules::BodyFraming;
use crate::cgi::meta_variable::{AbsenceReason, AbsentVariable, MetaVariable};
use crate::cgi::script_uri::RequestTarget;
use crate::diagnosis::evidence::{line_at, of_stream};
use crate::diagnosis::finding::{Blame, Evidence, Finding, Severity, StreamName};
use crate::diagnosis::rules::{code, finding};
use crate::diagnosis::wording::{capitalised, counted_bytes, one_line};
use crate::exchange::{BodyEnd, Exchange, Invocation, Refusal, RequestRecord};

pub(super) fn findings(exchange: &Exchange) -> Vec<Finding> {
    let request = &exchange.request;
    let mut found: Vec<Finding> = match (&request.refusal, &request.body_end) {
        (Some(refusal), _) => vec![refused(request, refusal)],
        (None, Some(end)) => body(end).into_iter().collect(),
        (None, None) => Vec::new(),
    };
    if let Some(run) = exchange.invocations.first() {
        found.extend(
            run.request
                .absent
                .iter()
                .filter_map(|absent| withheld(request, absent)),
        );
        found.extend(encoded_slash(request, run));
        found.extend(no_length(request));
    }
    if let Some(run) = exchange.invocation() {
        found.extend(run.request.overridden.iter().filter_map(overridden));
    }
    found
}

fn refused(request: &RequestRecord, refusal: &Refusal) -> Finding {
    let title = capitalised(&one_line(&refusal.reason));
    let about = |severity, blame, explanation: String, remedy: &str| Finding {
        blame,
        explanation,
        remedy: remedy.into(),
        authority: refusal.authority.clone(),
        evidence: refusal.at.and_then(|at| in_head(request, at, "refused")),
        severity,
        ..finding(code::REQUEST_REFUSED, title.clone())
    };
    match refusal.status {
        401 => about(
            Severity::Note,
            Blame::Client,
            "The client was asked to log in (401). No script runs before that (RFC 3875 §3.1).".into(),
            "Log in; a browser asks for the name and the password and sends the request again.",
        ),
        403 => about(
            Severity::Warning,
            Blame::Site,
            "The site's settings close it to this client (403). No script was started (RFC 3875 §3.1).".into(),
            "Change the `require` that stands there if this client is meant to have it.",
        ),
        500 => about(
            Severity::Error,
            Blame::Site,
            "The site asks for a login that cannot be checked. No script was started (RFC 3875 §3.1).".into(),
            "Mend the file that `authentication` names in cgi-studio.toml.",
        ),
        status => about(
            Severity::Error,
            Blame::Client,
            format!("The request was answered with {status} before any script was considered, because no script can be told something sensible about it."),
            "Mend the request; the script is not involved.",
        ),
    }
}

fn body(end: &BodyEnd) -> Option<Finding> {
    let about = |severity, title: String| Finding {
        blame: Blame::Client,
        severity,
        ..finding(code::REQUEST_BODY, title)
    };
    match end {
        BodyEnd::Complete => None,
        BodyEnd::Short { received, announced } => Some(Finding {
            explanation: "The script read the end of its input too early; what it made of that is not its fault.".into(),
            remedy: "Send as many bytes as Content-Length says.".into(),
            authority: "RFC 9112 §6.3, RFC 3875 §4.2".into(),
            ..about(
                Severity::Warning,
                match announced {
                    Some(announced) => format!("The client sent {received} of the {} it had announced", counted_bytes(*announced)),
                    None => format!("The client stopped in the middle of its body, after {}", counted_bytes(*received)),
                },
            )
        }),
        BodyEnd::TooLong { limit } => Some(Finding {
            explanation: "No script was started for it.".into(),
            remedy: "Raise request_body_bytes under [limits] in cgi-studio.toml if such requests are meant.".into(),
            authority: "RFC 3875 §9.6".into(),
            ..about(Severity::Error, format!("The request body is over the limit of {}", counted_bytes(*limit)))
        }),
        BodyEnd::Malformed(words) => Some(Finding {
            explanation: format!("{}.", capitalised(&one_line(words))),
            remedy: "Mend the client that made these chunks.".into(),
            authority: "RFC 9112 §7.1".into(),
            ..about(Severity::Warning, "The request body is broken".into())
        }),
    }
}

fn withheld(request: &RequestRecord, absent: &AbsentVariable) -> Option<Finding> {
    let evidence = || {
        absent
            .sources
            .first()
            .and_then(|source| in_head(request, source.start, "not passed on"))
    };
    match absent.reason {
        AbsenceReason::WithheldAuthorization => Some(Finding {
            blame: Blame::Site,
            explanation: "The client sent a login, and a server may not hand passwords to scripts unless the site asks for it. Apache does the same without CGIPassAuth.".into(),
            remedy: "Set pass_authorization = true in cgi-studio.toml if the script checks logins itself.".into(),
            authority: "RFC 3875 §9.2".into(),
            evidence: evidence(),
            ..finding(code::AUTHORIZATION_WITHHELD,
                format!("{} is withheld from the script", absent.name),
            )
        }),
        AbsenceReason::Httpoxy => Some(Finding {
            blame: Blame::Client,
            explanation: "As HTTP_PROXY it would make the script's own requests go through a stranger (httpoxy).".into(),
            remedy: "Nothing is to be done here; other hosts may pass it on.".into(),
            authority: "CVE-2016-5385, RFC 3875 §4.1.18".into(),
            evidence: evidence(),
            ..finding(code::PROXY_DROPPED, "The client's Proxy field was dropped".into())
        }),
        _ => None,
    }
}

/// RFC 3875 §4.1.5: a server may reject such a path; this one decodes it and says what is lost.
fn encoded_slash(request: &RequestRecord, run: &Invocation) -> Option<Finding> {
    let head = request.head.as_ref()?;
    run.request.get("PATH_INFO")?;
    let path = RequestTarget::parse(head.target())
        .ok()?
        .decode_path()
        .ok()?;
    path.encoded_slash.then(|| Finding {
        blame: Blame::Client,
        explanation: "PATH_INFO is decoded, so the script cannot tell %2F from a slash. Apache answers 404 unless AllowEncodedSlashes says otherwise; most other hosts decode it, too.".into(),
        remedy: "Put such a value into the query, or read REQUEST_URI, which is not decoded.".into(),
        authority: "RFC 3875 §4.1.5".into(),
        evidence: in_head(request, head.target.start, "%2F"),
        ..finding(code::ENCODED_SLASH,
            "An encoded slash in the path has lost its difference from a real one".into(),
        )
    })
}

/// HTTP/1.0 has bodies that only the end of the connection delimits in answers, never in requests (RFC 1945 §7.2.2).
fn no_length(request: &RequestRecord) -> Option<Finding> {
    let head = request.head.as_ref()?;
    let expects_body = matches!(head.method(), b"POST" | b"PUT" | b"PATCH");
    let none = head.version < (1, 1) && head.body_framing() == BodyFraming::None;
    (expects_body && none).then(|| Finding {
        blame: Blame::Client,
        explanation: "Without Content-Length a request has no body, so the script read an empty one and CONTENT_LENGTH is not set.".into(),
        remedy: "Send Content-Length.".into(),
        authority: "RFC 1945 §7.2.2, RFC 3875 §4.1.2".into(),
        ..finding(code::NO_LENGTH,
            format!("The {} names no length", request.method()),
        )
    })
}

/// PATH is the site's to choose; of everything else the script counts on what the RFC or the server promises.
fn overridden(before: &MetaVariable) -> Option<Finding> {
    if before.name.eq_ignore_ascii_case("PATH") {
        return None;
    }
    let standard = describe(&before.name).is_some_and(|entry| entry.standard);
    let value = one_line(&String::from_utf8_lossy(&before.value));
    Some(Finding {
        blame: Blame::Site,
        explanation: format!(
            "The server would have set it to \"{value}\"; the site's settings win."
        ),
        remedy: "Choose another name in cgi-studio.toml, unless this is meant.".into(),
        authority: if standard {
            "RFC 3875 §4.1".into()
        } else {
            String::new()
        },
        severity: if standard {
            Severity::Warning
        } else {
            Severity::Note
        },
        ..finding(
            code::VARIABLE_OVERRIDDEN,
            format!("The site's settings override {}", before.name),
        )
    })
}

fn in_head(request: &RequestRecord, at: usize, note: &str) -> Option<Evidence> {
    of_stream(
        StreamName::RequestHead,
        &request.raw_head,
        line_at(&request.raw_head, at),
        note,
    )
}
