//! The paths that a request goes through: the client's, then those that scripts pass it on to.

use crate::cgi::request_head::RequestHead;
use crate::cgi::script_uri::{DecodedPath, RequestTarget, TargetError};
use crate::exchange::Refusal;

/// A path of this server that is to answer: the client's, or a script's local redirect.
pub(super) struct Hop {
    pub(super) target: RequestTarget,
    pub(super) path: DecodedPath,
    /// What the client asked for, when a script passed the request on.
    pub(super) from: Option<RedirectedFrom>,
}

/// The path and query that a local redirect replaced.
pub(super) struct RedirectedFrom {
    pub(super) url: Vec<u8>,
    pub(super) query: Option<Vec<u8>>,
}

pub(super) fn first_hop(head: &RequestHead) -> Result<Hop, Refusal> {
    hop(head.target(), None).map_err(|error| Refusal {
        status: 400,
        reason: error.kind.to_string(),
        authority: "RFC 3986 §3.3".to_owned(),
        at: Some(head.target.start + error.at),
        excerpt: error.excerpt,
    })
}

/// The path that a script's `Location: /path` names, with what was asked for before (the script finds it in REDIRECT_*).
pub(super) fn next_hop(location: &[u8], from: &Hop) -> Result<Hop, TargetError> {
    let url = from.path.bytes.clone();
    let query = from.target.query().map(<[u8]>::to_vec);
    hop(location, Some(RedirectedFrom { url, query }))
}

fn hop(target: &[u8], from: Option<RedirectedFrom>) -> Result<Hop, TargetError> {
    let target = RequestTarget::parse(target)?;
    let path = target.decode_path()?;
    Ok(Hop { target, path, from })
}
