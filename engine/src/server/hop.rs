//! The paths that a request goes through: the client's, then those that it is passed on to within the server.

use crate::cgi::request_head::RequestHead;
use crate::cgi::script_uri::{DecodedPath, RequestTarget, TargetError};
use crate::exchange::Refusal;
use crate::site::percent_encoded_path;
use std::path::PathBuf;

/// A path of this server that is to answer.
pub(super) struct Hop {
    pub(super) target: RequestTarget,
    pub(super) path: DecodedPath,
    /// What was asked for before, when the request was passed on.
    pub(super) from: Option<PassedOn>,
    /// Who has logged in for the request that a handler takes over.
    pub(super) user: Option<String>,
    /// What the extra path stands for, where the hop before knows it.
    pub(super) path_translated: Option<PathBuf>,
    /// The body stayed behind, and with it the method: it is a GET from here on (RFC 3875 §6.2.2).
    pub(super) body_left: bool,
}

/// The request that another one replaced.
pub(super) struct PassedOn {
    /// The path that was asked for, decoded.
    pub(super) url: Vec<u8>,
    pub(super) query: Option<Vec<u8>>,
    /// 200, or the status of the error for which this hop finds a document.
    pub(super) status: u16,
}

impl Hop {
    /// The client's path.
    pub(super) fn first(head: &RequestHead) -> Result<Self, Refusal> {
        Self::to(head.target(), None).map_err(|error| Refusal {
            status: error.status(),
            reason: error.kind.to_string(),
            authority: error.section().to_owned(),
            at: Some(head.target.start + error.at),
            excerpt: error.excerpt,
        })
    }

    /// The path that a script's `Location: /path` names.
    pub(super) fn to_location(&self, location: &[u8]) -> Result<Self, TargetError> {
        let next = Self::to(location, Some(self.passed_on(200)))?;
        Ok(Self {
            body_left: true,
            ..next
        })
    }

    /// The path of the site's document for an error.
    pub(super) fn to_error_document(&self, url: &str, status: u16) -> Result<Self, TargetError> {
        let next = Self::to(url.as_bytes(), Some(self.passed_on(status)))?;
        Ok(Self {
            body_left: true,
            ..next
        })
    }

    /// The script that handles this path for the site: the path becomes its extra path, and the request stays whole.
    pub(super) fn to_handler(
        &self,
        handler: &str,
        path_info: &[u8],
        path_translated: PathBuf,
    ) -> Result<Self, TargetError> {
        let mut target =
            percent_encoded_path(handler.trim_end_matches('/').as_bytes()).into_bytes();
        target.extend_from_slice(percent_encoded_path(path_info).as_bytes());
        if let Some(query) = self.target.query() {
            target.push(b'?');
            target.extend_from_slice(query);
        }
        let next = Self::to(&target, Some(self.passed_on(200)))?;
        Ok(Self {
            path_translated: Some(path_translated),
            body_left: self.body_left,
            ..next
        })
    }

    /// The method from here on; HEAD stays HEAD.
    pub(super) fn method<'a>(&self, head: &'a RequestHead) -> &'a [u8] {
        match head.method() {
            b"HEAD" => b"HEAD",
            _ if self.body_left => b"GET",
            method => method,
        }
    }

    fn to(target: &[u8], from: Option<PassedOn>) -> Result<Self, TargetError> {
        let target = RequestTarget::parse(target)?;
        let path = target.decode_path()?;
        Ok(Self {
            target,
            path,
            from,
            user: None,
            path_translated: None,
            body_left: false,
        })
    }

    fn passed_on(&self, status: u16) -> PassedOn {
        PassedOn {
            url: self.path.bytes.clone(),
            query: self.target.query().map(<[u8]>::to_vec),
            status,
        }
    }
}
