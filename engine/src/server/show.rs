//! The link on a page that tells of a failure: it brings the run up in the window.
//!
//! There is one only where a window has asked for it. It holds a token of this start that no other page can guess,
//! and works from this computer only; nothing changes by it but what the window shows.

use super::body::{ReplyBody, Source};
use super::connection::Connection;
use super::gateway::Reply;
use super::{reply, site_rules};
use crate::cgi::request_head::RequestHead;
use crate::exchange::ExchangeId;
use crate::message::Event;
use crate::recorder::Pen;
use hyper::StatusCode;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read as _};
use std::sync::{Arc, OnceLock};
use subtle::ConstantTimeEq as _;

/// Names with a dot in front are never served, so no file of a site has such a path.
const PREFIX: &str = "/.cgi-studio/show/";
const TOKEN_BYTES: usize = 16;

/// The token, once a window has asked for links.
#[derive(Default)]
pub(crate) struct ShowLink {
    token: OnceLock<String>,
}

impl ShowLink {
    /// Puts links into pages from now on.
    pub(crate) fn offer(&self) -> io::Result<()> {
        let mut bytes = [0; TOKEN_BYTES];
        File::open("/dev/urandom")?.read_exact(&mut bytes)?;
        let mut token = String::with_capacity(2 * TOKEN_BYTES);
        for byte in bytes {
            let _ = write!(token, "{byte:02x}");
        }
        // A second window of the same engine takes the token that there is.
        let _ = self.token.set(token);
        Ok(())
    }

    /// Where the link to this run leads; none without a window, or for what is not recorded.
    pub(super) fn to(&self, id: ExchangeId) -> Option<String> {
        let token = self.token.get().filter(|_| id.0 > 0)?;
        Some(format!("{PREFIX}{token}/{id}"))
    }

    /// The run that a target asks for, if it knows the token.
    fn asked(&self, target: &[u8]) -> Option<ExchangeId> {
        let token = self.token.get()?;
        let rest = target.strip_prefix(PREFIX.as_bytes())?;
        let (told, rest) = rest.split_at_checked(token.len())?;
        let is_right = bool::from(told.ct_eq(token.as_bytes()));
        let number = std::str::from_utf8(rest.strip_prefix(b"/")?).ok()?;
        let id = number.parse().ok().filter(|_| is_right)?;
        Some(ExchangeId(id))
    }
}

/// Answers such a link; none: the request is for something else. It is not recorded.
pub(super) fn answer(
    connection: &Arc<Connection>,
    head: &RequestHead,
    pen: &Arc<Pen>,
) -> Option<Reply> {
    let host = &connection.host;
    let may = || {
        connection.is_local()
            && site_rules::may_be_asked(head, connection.facts.local, &host.site().config).is_ok()
    };
    let id = host.show.asked(head.target())?;
    if head.method() != b"GET" || !may() {
        return None;
    }
    pen.forget();
    host.recorder.tell(Event::Show(id));
    // The page with the link stays (RFC 9110 §15.3.5).
    let mut reply = Reply::new(ReplyBody::new(Source::Own(None), connection, pen));
    *reply.status_mut() = StatusCode::NO_CONTENT;
    reply::add_server(reply.headers_mut());
    Some(reply)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_to_its_run_and_nothing_else_does() {
        let link = ShowLink::default();
        assert_eq!(link.to(ExchangeId(7)), None);
        assert_eq!(link.asked(b"/.cgi-studio/show//7"), None);
        link.offer().unwrap();
        let target = link.to(ExchangeId(7)).unwrap();
        assert_eq!(link.asked(target.as_bytes()), Some(ExchangeId(7)));
        assert_eq!(link.to(ExchangeId(0)), None);
        let other = ShowLink::default();
        other.offer().unwrap();
        assert_eq!(other.asked(target.as_bytes()), None);
        for wrong in ["", "/.cgi-studio/show/", "/.cgi-studio/show/7", "/x"] {
            assert_eq!(link.asked(wrong.as_bytes()), None, "{wrong}");
        }
        for end in ["", "/x", "/7/", "/-1", "7"] {
            let token = target.strip_suffix("/7").unwrap();
            assert_eq!(
                link.asked(format!("{token}{end}").as_bytes()),
                None,
                "{end}"
            );
        }
    }
}
