//! A recorded request as an `.http` file, as editors send them.

use super::resend::whole;
use crate::exchange::Exchange;

/// The request in the form of editors' HTTP clients: request line with the whole URL, fields, empty line, body.
/// None where the head is malformed, or the body is no text or not whole: such a file holds text only.
#[must_use]
pub fn http_file(exchange: &Exchange, address: &str) -> Option<String> {
    let head = exchange.request.head.as_ref()?;
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).ok();
    let (method, target) = (text(head.method())?, text(head.target())?);
    let url = if target.starts_with('/') {
        format!("http://{address}{target}")
    } else {
        target
    };
    let mut file = format!("### Request {}\n{method} {url} HTTP/1.1\n", exchange.id);
    for field in &head.fields {
        let name = text(head.name(field))?;
        // The client counts the body itself.
        if !matches!(
            name.to_ascii_lowercase().as_str(),
            "content-length" | "transfer-encoding"
        ) {
            file.push_str(&format!("{name}: {}\n", text(head.value(field))?));
        }
    }
    let body = text(&whole(&exchange.request.body).ok()?)?;
    if !body.is_empty() {
        file.push('\n');
        file.push_str(&body);
        file.push('\n');
    }
    Some(file)
}
