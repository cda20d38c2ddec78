//! Requests that a host answers itself, before any script.
use super::rules::{Condition, Rules};
use super::spelling;
use crate::cgi::authority::Authority;
use crate::cgi::head_rules::BodyFraming;
use crate::cgi::request_head::RequestHead;
use crate::cgi::script_uri::{DecodedPath, RequestTarget};

/// What a host answers instead of starting the script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostRefusal {
    /// The status.
    pub status: u16,
    /// Why, in one sentence.
    pub why: &'static str,
    /// The row of the behaviour matrix.
    pub row: u8,
    /// The section of RFC 3875 with the MUST that it breaks.
    pub breaks: Option<&'static str>,
}

/// The request as far as it matters here.
pub(super) struct Asked<'a> {
    pub head: &'a RequestHead,
    pub target: &'a RequestTarget,
    pub path: &'a DecodedPath,
    pub script_name: &'a [u8],
    pub path_info: &'a [u8],
    pub method: &'a [u8],
    /// A local redirect led here: the body and the form of the target are behind it.
    pub redirected: bool,
}

/// The first rule of the host that the request meets.
pub(super) fn refusal(rules: &Rules, asked: &Asked<'_>) -> Option<HostRefusal> {
    let met = rules.refusals.iter().find(|rule| asked.meets(&rule.when))?;
    Some(HostRefusal {
        status: met.status,
        why: met.why,
        row: met.row,
        breaks: met.breaks,
    })
}

impl Asked<'_> {
    fn meets(&self, condition: &Condition) -> bool {
        let framing = self.head.body_framing();
        let method_in = |methods: &[&str]| {
            methods
                .iter()
                .any(|method| method.as_bytes() == self.method)
        };
        match condition {
            Condition::MethodOtherThan(known) => !method_in(known),
            Condition::Method(refused) => method_in(refused),
            Condition::MethodNotCapital => !self
                .method
                .iter()
                .all(|byte| byte.is_ascii_uppercase() || matches!(byte, b'_' | b'-')),
            Condition::Chunked => !self.redirected && framing == BodyFraming::Chunked,
            Condition::BodyOfGet => {
                let body = matches!(framing, BodyFraming::Length(1..) | BodyFraming::Chunked);
                !self.redirected && body && method_in(&["GET", "HEAD"])
            }
            Condition::PostWithoutLength => {
                !self.redirected && framing == BodyFraming::None && method_in(&["POST"])
            }
            Condition::EncodedSlash => self.path.encoded_slash,
            Condition::UncleanScriptPath => {
                let path = spelling::decoded(self.target.path());
                !path.starts_with(&spelling::merged(self.script_name))
            }
            Condition::ExtraPathEndsWithSlash => self.path_info.ends_with(b"/"),
            Condition::NotText => {
                let query = spelling::decoded(self.target.query().unwrap_or_default());
                [query.as_slice(), &self.path.bytes].iter().any(|bytes| {
                    bytes.iter().any(u8::is_ascii_control) || str::from_utf8(bytes).is_err()
                })
            }
            Condition::AbsoluteTarget => self.absolute_host().is_some(),
            Condition::OtherHost => self.absolute_host().is_some_and(|host| {
                let field = self.head.first("host").unwrap_or_default();
                !field.eq_ignore_ascii_case(&host)
            }),
        }
    }

    /// The host of the client's own target, where it is an absolute one.
    fn absolute_host(&self) -> Option<Vec<u8>> {
        if self.redirected {
            return None;
        }
        let authority = self.target.authority()?;
        Authority::parse(authority).map(|_| authority.to_vec())
    }
}
