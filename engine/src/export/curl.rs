//! A recorded request as a `curl` command that sends the same request.

use std::fmt::Write as _;

use super::quoting::{base64_document, printf_format, shell_word};
use super::resend::{NotResendable, whole};
use crate::cgi::head_rules::BodyFraming;
use crate::cgi::request_head::RequestHead;
use crate::exchange::{BodyEnd, Exchange};

/// A body up to this size stands in the command itself; a longer one in base64 below it.
const INLINE_BYTES: usize = 64 * 1024;
/// More is no text that anybody wants to copy.
const LONGEST_BYTES: usize = 64 << 20;

/// Fields that curl adds by itself and that must be taken away where the client had not sent them;
/// the last one only before a long body.
const ADDED_BY_CURL: [&str; 3] = ["User-Agent", "Accept", "Expect"];

/// Why a request cannot be written as a curl command.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NoCurl {
    /// Its head was refused, so there are no parts to name.
    #[error("its head is malformed; save its bytes and send them with nc")]
    Malformed,
    /// Its body is not there, or not whole.
    #[error(transparent)]
    Body(#[from] NotResendable),
    /// curl waits for ever for the body of the answer then.
    #[error("curl cannot send HEAD with a body; save its bytes and send them with nc")]
    HeadWithBody,
    /// No text takes so much.
    #[error("its body of {bytes} bytes is too long for a text; export the raw streams")]
    BodyTooLong {
        /// Its length.
        bytes: usize,
    },
}

/// The command, over several lines. `address` is where the site is served now, as `127.0.0.1:8000`.
///
/// # Errors
/// When the request cannot be told to curl: see [`NoCurl`].
pub fn curl(exchange: &Exchange, address: &str) -> Result<String, NoCurl> {
    let head = exchange.request.head.as_ref().ok_or(NoCurl::Malformed)?;
    let body = whole(&exchange.request.body)?;
    if body.len() > LONGEST_BYTES {
        return Err(NoCurl::BodyTooLong { bytes: body.len() });
    }
    let mut words = vec![method_words(head, !body.is_empty())];
    words.extend(target_words(head));
    words.extend(field_words(head, address, body.len()));
    if head.method() == b"HEAD" && !body.is_empty() {
        return Err(NoCurl::HeadWithBody);
    }
    let is_long = body.len() > INLINE_BYTES;
    // Only a pipe carries a NUL.
    let piped = is_long || body.contains(&0);
    if piped {
        words.push("--data-binary @-".to_owned());
    } else if !body.is_empty() {
        // Unlike --data it takes an @ for what it is.
        words.push(format!("--data-raw {}", shell_word(&body)));
    }
    let mut command = announced_note(exchange).unwrap_or_default();
    if is_long {
        command.push_str("base64 -d <<'BODY' | ");
    } else if piped {
        let _ = write!(command, "printf {} | ", printf_format(&body));
    }
    command.push_str("curl -sS -i");
    for word in words.into_iter().filter(|word| !word.is_empty()) {
        command.push_str(" \\\n  ");
        command.push_str(&word);
    }
    let url = url(head, address);
    let _ = write!(command, " \\\n  {}", shell_word(url.as_bytes()));
    if is_long {
        command.push_str(&base64_document(&body));
    }
    Ok(command)
}

/// What curl cannot do like the client, as a comment.
fn announced_note(exchange: &Exchange) -> Option<String> {
    let Some(BodyEnd::Short {
        received,
        announced: Some(announced),
    }) = exchange.request.body_end
    else {
        return None;
    };
    Some(format!(
        "# The client announced {announced} bytes of body and sent {received}; curl announces what it sends.\n"
    ))
}

fn method_words(head: &RequestHead, has_body: bool) -> String {
    let method = head.method();
    let usual: &[u8] = if has_body { b"POST" } else { b"GET" };
    let mut words = match method {
        b"HEAD" => "--head".to_owned(),
        _ if method == usual => String::new(),
        _ => format!("-X {}", shell_word(method)),
    };
    if head.version == (1, 0) {
        words.push_str(if words.is_empty() {
            "--http1.0"
        } else {
            " --http1.0"
        });
    }
    words
}

/// A target that curl would mend is given to it as it is.
fn target_words(head: &RequestHead) -> Option<String> {
    let target = head.target();
    let plain = target.starts_with(b"/")
        && target
            .iter()
            .all(|byte| byte.is_ascii_graphic() && !b"[]{}#\\\"<>^`|".contains(byte))
        && !target.windows(2).any(|pair| pair == b"/.");
    (!plain).then(|| format!("--request-target {}", shell_word(target)))
}

fn url(head: &RequestHead, address: &str) -> String {
    match target_words(head) {
        Some(_) => format!("http://{address}/"),
        None => format!("http://{address}{}", String::from_utf8_lossy(head.target())),
    }
}

fn field_words(head: &RequestHead, address: &str, body_bytes: usize) -> Vec<String> {
    let has_body = body_bytes > 0;
    let chunked = head.body_framing() == BodyFraming::Chunked;
    let kept = |name: &[u8]| {
        // curl counts the body itself; what frames it is told otherwise.
        !name.eq_ignore_ascii_case(b"content-length")
            && (chunked || !name.eq_ignore_ascii_case(b"transfer-encoding"))
    };
    let mut words: Vec<String> = head
        .fields
        .iter()
        .map(|field| (head.name(field), head.value(field)))
        .filter(|(name, _)| kept(name))
        .filter(|(name, value)| !is_usual_host(name, value, address))
        .map(|(name, value)| format!("-H {}", shell_word(&field_of(name, value))))
        .collect();
    let absent = |name: &&'static str| {
        let is_sent = *name != "Expect" || body_bytes > INLINE_BYTES;
        is_sent && head.first(&name.to_ascii_lowercase()).is_none()
    };
    words.extend(
        ADDED_BY_CURL
            .into_iter()
            .filter(absent)
            .map(|name| format!("-H '{name}:'")),
    );
    if has_body && head.first("content-type").is_none() {
        words.push("-H 'Content-Type:'".to_owned());
    }
    if head.first("host").is_none() {
        words.push("-H 'Host:'".to_owned());
    }
    words
}

/// curl sends the Host of the URL by itself.
fn is_usual_host(name: &[u8], value: &[u8], address: &str) -> bool {
    name.eq_ignore_ascii_case(b"host") && value == address.as_bytes()
}

/// `Name;` is how curl is told to send a field without a value.
fn field_of(name: &[u8], value: &[u8]) -> Vec<u8> {
    if value.is_empty() {
        [name, b";"].concat()
    } else {
        [name, b": ", value].concat()
    }
}
