//! The meta-variables of a request and those it does not have, each with where it comes from
//! (RFC 3875 §4.1).
use std::borrow::Cow;
use std::ops::Range;

/// One variable that the script finds in its environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetaVariable {
    /// The name, as the script asks for it.
    pub name: String,
    /// The value; any bytes but NUL (RFC 3875 §7.2).
    pub value: Vec<u8>,
    /// Which part of the request or of the server it was made from.
    pub provenance: Provenance,
    /// The bytes of the request head it was made from; empty if it was made from none.
    pub sources: Vec<Range<usize>>,
}

/// What a variable was made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Provenance {
    /// The method, the target or the version in the first line.
    RequestLine,
    /// The leading part of the path, which named the script.
    ScriptPath,
    /// The part of the path after the script.
    ExtraPath,
    /// What follows the first question mark.
    Query,
    /// A header field.
    Header {
        /// The field's name as the client wrote it.
        name: String,
    },
    /// A field after the chunked body, which the client announced in `Trailer`.
    Trailer {
        /// The field's name as the client wrote it.
        name: String,
    },
    /// The two ends of the connection.
    Connection,
    /// The body itself, counted after its chunks were taken apart.
    Body,
    /// The server, the same for every request.
    Server,
    /// The site's own settings (`cgi-studio.toml`).
    Site,
    /// A login that the server has checked.
    Authentication,
    /// The local redirect that led here.
    Redirect,
}

impl Provenance {
    /// A few words for a table.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Self::RequestLine => "request line".into(),
            Self::ScriptPath => "URL → script".into(),
            Self::ExtraPath => "URL, after script".into(),
            Self::Query => "URL, after ?".into(),
            Self::Header { name } => format!("header {name}"),
            Self::Trailer { name } => format!("trailer {name}"),
            Self::Connection => "socket".into(),
            Self::Body => "body, counted".into(),
            Self::Server => "server".into(),
            Self::Site => "site setting".into(),
            Self::Authentication => "checked login".into(),
            Self::Redirect => "local redirect".into(),
        }
    }
}

/// A variable that one might expect and that the script does not get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AbsentVariable {
    /// The name it would have.
    pub name: String,
    /// Why it is not there.
    pub reason: AbsenceReason,
    /// The bytes of the request head that were not passed on; empty if nothing was sent.
    pub sources: Vec<Range<usize>>,
}

/// Why a variable is absent; its text is one sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AbsenceReason {
    /// Nothing follows the script in the path.
    #[error("The URL path ends with the script, so there is no extra path.")]
    NoExtraPath,
    /// The request has no body.
    #[error("The request has no body.")]
    NoBody,
    /// The client named no type.
    #[error("The request has no Content-Type field, and a server may not invent one.")]
    NoContentType,
    /// The server asked for no login.
    #[error("The server did not ask for a login for this URL.")]
    NoAuthentication,
    /// `REMOTE_IDENT` and the like.
    #[error(
        "The server does not ask the client's machine who is logged in there (RFC 1413 is obsolete)."
    )]
    NeverLookedUp,
    /// A password on its way to a script.
    #[error(
        "The client sent it, but passwords are withheld from scripts unless the site asks for them (§9.2)."
    )]
    WithheldAuthorization,
    /// CVE-2016-5385.
    #[error(
        "The client sent a Proxy field; as HTTP_PROXY it would redirect the script's own requests (httpoxy, CVE-2016-5385)."
    )]
    Httpoxy,
    /// `Content_Length` would become the variable of `Content-Length`.
    #[error(
        "The field {header} was dropped: its name could be mistaken for that of another field."
    )]
    AmbiguousName {
        /// The field's name as the client wrote it.
        header: String,
    },
    /// The same is said elsewhere.
    #[error("The same value is in {variable}.")]
    CoveredBy {
        /// The variable that has it.
        variable: Cow<'static, str>,
    },
    /// The field is about the connection only.
    #[error(
        "The field is about the connection between client and server, which ends at the server."
    )]
    HopByHop,
    /// A field after the body that the request does not announce.
    #[error(
        "It came after the body, and only trailers that the Trailer field announces are passed on (RFC 9110 §6.5.1)."
    )]
    UnannouncedTrailer,
    /// A field after the body with the name of one before it.
    #[error("It came after the body, too; the header field stands alone (RFC 9110 §6.5.1).")]
    TrailerBesideHeader,
    /// `unset_environment`.
    #[error("The site's settings take it away.")]
    TakenAwayBySite,
    /// The body stayed with the first script.
    #[error("A local redirect is a GET without a body; the body stayed with the script before.")]
    LeftByRedirect,
    /// The host that the request is run as does not set it.
    #[error("{host} does not set it.")]
    NotSetBy {
        /// The host.
        host: Cow<'static, str>,
    },
    /// A name or value that the environment cannot hold.
    #[error(
        "An environment variable cannot hold it: its name is empty or has an equals sign, or it has a NUL byte."
    )]
    NotRepresentable,
}
