//! Whom a Location speaks to: the server or the client (RFC 3875 §6.3.2).
use super::violation::ViolationKind;

/// Who follows a Location.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Destination {
    /// The server, without the client's knowledge.
    Local,
    /// The client.
    Client,
}

/// Who follows the Location, and what is wrong with it. Beside a Status even a local path is the
/// client's to follow: the script asked for an answer with that status.
pub(crate) fn destination(value: &[u8], has_status: bool) -> (Destination, Option<ViolationKind>) {
    let bad = value
        .iter()
        .any(|byte| matches!(byte, 0..=b' ' | b'"' | b'<' | b'>' | 0x7f..));
    let bad = bad.then_some(ViolationKind::BadLocation);
    if value.starts_with(b"//") {
        return (
            Destination::Client,
            Some(ViolationKind::NetworkPathLocation),
        );
    }
    if value.starts_with(b"/") {
        if has_status {
            return (Destination::Client, bad);
        }
        if value.contains(&b'#') {
            return (Destination::Client, Some(ViolationKind::LocalFragment));
        }
        return (Destination::Local, bad);
    }
    if starts_with_scheme(value) {
        return (Destination::Client, bad);
    }
    (Destination::Client, Some(ViolationKind::RelativeLocation))
}

/// A letter, then letters, digits, `+`, `-` or `.`, then a colon.
fn starts_with_scheme(value: &[u8]) -> bool {
    let length = value
        .iter()
        .take_while(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte))
        .count();
    value.first().is_some_and(u8::is_ascii_alphabetic) && value.get(length) == Some(&b':')
}
