//! The value of each variable as a host would set it.
use super::rules::{LengthRule, NameRule, Value};
use super::spelling;
use crate::cgi::authority::Authority;
use crate::cgi::credentials::Credentials;
use crate::cgi::head_rules::BodyFraming;
use crate::cgi::meta_variable::MetaVariable;
use crate::cgi::request::{BodyFacts, RequestFacts, plain_address};
use crate::cgi::script_uri::RequestTarget;

/// What a value is made from.
pub(super) struct Sources<'a> {
    pub facts: &'a RequestFacts<'a>,
    /// The path is taken as it comes.
    pub verbatim: bool,
    /// The variables of the request before a local redirect.
    pub before: &'a [MetaVariable],
}

/// A local redirect led here, and the body stayed with the script before.
pub(super) fn body_is_left(facts: &RequestFacts<'_>) -> bool {
    facts.redirect.is_some_and(|redirect| !redirect.keeps_body)
}

impl Sources<'_> {
    /// The value, or none where the host does not set the variable.
    pub(super) fn value(&self, rule: &Value) -> Option<Vec<u8>> {
        let facts = self.facts;
        let connection = facts.connection;
        Some(match rule {
            Value::Fixed(text) => text.as_bytes().to_vec(),
            Value::RemoteAddress => plain_address(connection.peer.ip()).into_bytes(),
            Value::RemotePort => connection.peer.port().to_string().into_bytes(),
            Value::ServerAddress => plain_address(connection.local.ip()).into_bytes(),
            Value::RealPort => connection.local.port().to_string().into_bytes(),
            Value::Scheme => connection.scheme().into(),
            Value::Https => connection.https.then(|| b"on".to_vec())?,
            Value::Method { upper: false } => facts.method().to_vec(),
            Value::Method { upper: true } => facts.method().to_ascii_uppercase(),
            Value::Query => self.query().to_vec(),
            Value::NormalizedQuery => spelling::normalized(self.query()),
            Value::RewrittenUri => self.rewritten_uri()?,
            Value::RequestUri { absolute } => self.request_uri(*absolute),
            Value::DecodedPath => self.path(),
            Value::DecodedUri => match facts.target.query() {
                Some(query) => [self.path().as_slice(), b"?", query].concat(),
                None => self.path(),
            },
            Value::ScriptName => self.script_name(),
            Value::ScriptFilename => facts.script_filename.to_vec(),
            Value::DocumentRoot => self.root().to_vec(),
            Value::ScriptFolderUrl => spelling::folder(&self.script_name()).to_vec(),
            Value::ScriptFolder => spelling::folder(facts.script_filename).to_vec(),
            Value::PathInfo { always, twice } => {
                let path = self.path_info(*twice);
                Some(path).filter(|path| *always || !path.is_empty())?
            }
            Value::PathTranslated { always, twice } => {
                let path = self.path_info(*twice);
                if path.is_empty() && !*always {
                    return None;
                }
                match facts.path_translated {
                    Some(file) if !*always => spelling::merged(file),
                    _ => [self.root(), &path].concat(),
                }
            }
            Value::ContentLength(rule) => self.content_length(*rule)?,
            Value::ContentType(default) => self.content_type(*default)?,
            Value::ServerName(rule) => self.server_name(*rule),
            Value::HostPort => self.host_port().to_string().into_bytes(),
            Value::Protocol => {
                let (major, minor) = facts.head.version;
                format!("HTTP/{major}.{minor}").into_bytes()
            }
            Value::Path => Some(facts.path_variable.to_vec()).filter(|path| !path.is_empty())?,
            Value::CheckedScheme => facts.authentication?.scheme.as_bytes().to_vec(),
            Value::CheckedUser => facts.authentication?.user.to_vec(),
            Value::ClaimedScheme => self.claimed_scheme()?.to_vec(),
            Value::ClaimedUser { always } => match self.claimed_user() {
                Some(user) => user,
                None => always.then(Vec::new)?,
            },
            Value::Field { field, separator } => self.field(field, separator),
            // Many variables, not one: see `environment`.
            Value::Redirected => return None,
        })
    }

    fn query(&self) -> &[u8] {
        self.facts.target.query().unwrap_or_default()
    }

    fn root(&self) -> &[u8] {
        let root = self.facts.document_root;
        root.strip_suffix(b"/").unwrap_or(root)
    }

    /// Most hosts merge empty segments before they look for the script.
    fn path(&self) -> Vec<u8> {
        spelling::merged(&self.facts.path.bytes)
    }

    pub(super) fn script_name(&self) -> Vec<u8> {
        spelling::merged(self.facts.script_name())
    }

    fn path_info(&self, twice: bool) -> Vec<u8> {
        if self.verbatim {
            let path = spelling::decoded(self.facts.target.path());
            let rest = path.strip_prefix(self.facts.script_name());
            return rest.unwrap_or_default().to_vec();
        }
        let path = spelling::merged(self.facts.path_info());
        if twice {
            spelling::decoded_again(&path)
        } else {
            path
        }
    }

    fn rewritten_uri(&self) -> Option<Vec<u8>> {
        let target = self.facts.target;
        let sent = &target.raw()[target.path_and_query()];
        let path = spelling::merged(&spelling::without_dots(&spelling::normalized_path(
            target.path(),
        )));
        let mut uri = path;
        if let Some(query) = target.query() {
            uri.push(b'?');
            uri.extend(spelling::normalized(query));
        }
        (uri != sent).then_some(uri)
    }

    fn request_uri(&self, absolute: bool) -> Vec<u8> {
        let sent = self.facts.head.target();
        if absolute {
            return sent.to_vec();
        }
        let range = RequestTarget::parse(sent).map(|target| target.path_and_query());
        let uri = sent.get(range.unwrap_or(0..sent.len())).unwrap_or_default();
        if uri.starts_with(b"/") {
            uri.to_vec()
        } else {
            [b"/", uri].concat()
        }
    }

    /// The host that the client asks for: that of an absolute target, else the Host field.
    pub(super) fn asked_host(&self) -> Option<Vec<u8>> {
        let head = self.facts.head;
        let absolute = RequestTarget::parse(head.target())
            .ok()
            .and_then(|target| target.authority().map(<[u8]>::to_vec));
        absolute.or_else(|| head.first("host").map(<[u8]>::to_vec))
    }

    /// The name in that host, in lower case, and its port if one is written.
    pub(super) fn asked_name(&self) -> Option<(Vec<u8>, Option<u16>)> {
        let host = self.asked_host()?;
        let parts = Authority::parse(&host)?;
        let name = host.get(parts.host)?.to_ascii_lowercase();
        (!name.is_empty()).then_some((name, parts.port))
    }

    pub(super) fn usual_port(&self) -> u16 {
        if self.facts.connection.https { 443 } else { 80 }
    }

    fn host_port(&self) -> u16 {
        self.asked_name()
            .and_then(|(_, port)| port)
            .unwrap_or_else(|| self.usual_port())
    }

    fn server_name(&self, rule: NameRule) -> Vec<u8> {
        let asked = || self.asked_name().map(|(name, _)| name);
        match rule {
            NameRule::LowerOrOwn => asked().unwrap_or_else(|| self.own_name()),
            NameRule::LowerOrEmpty => asked().unwrap_or_default(),
            NameRule::WithPort => self.asked_host().unwrap_or_default(),
            NameRule::Own => self.own_name(),
        }
    }

    /// What a host is called that nobody gave a name to.
    fn own_name(&self) -> Vec<u8> {
        let address = self.facts.connection.local.ip();
        if address.is_loopback() {
            b"localhost".to_vec()
        } else {
            plain_address(address).into_bytes()
        }
    }

    fn content_type(&self, default: Option<&str>) -> Option<Vec<u8>> {
        let sent = self.facts.head.first("content-type");
        let sent = sent.filter(|_| !body_is_left(self.facts));
        sent.or(default.map(str::as_bytes)).map(<[u8]>::to_vec)
    }

    fn content_length(&self, rule: LengthRule) -> Option<Vec<u8>> {
        let facts = self.facts;
        let sent = facts.head.first("content-length");
        let sent = sent.filter(|_| !body_is_left(facts)).map(<[u8]>::to_vec);
        let number = match facts.body {
            BodyFacts::None => 0,
            BodyFacts::Length(bytes) | BodyFacts::Counted(bytes) => bytes,
        };
        let digits = number.to_string().into_bytes();
        let chunked = matches!(facts.head.body_framing(), BodyFraming::Chunked);
        match rule {
            LengthRule::AsSent => sent,
            LengthRule::AsSentOrCounted if chunked => Some(digits),
            LengthRule::AsSentOrCounted | LengthRule::AsSentOrEmpty => {
                Some(sent.unwrap_or_default())
            }
            LengthRule::Always => Some(digits),
            LengthRule::Positive => (number > 0).then_some(digits),
            LengthRule::PositiveOfPost => {
                (number > 0 && facts.method() == b"POST").then_some(digits)
            }
        }
    }

    fn claimed_scheme(&self) -> Option<&[u8]> {
        let field = self.facts.head.first("authorization")?;
        field
            .split(|byte| *byte == b' ')
            .next()
            .filter(|scheme| field.len() > scheme.len())
    }

    fn claimed_user(&self) -> Option<Vec<u8>> {
        let field = self.facts.head.first("authorization")?;
        Credentials::from_basic(field).map(|login| login.user.into_bytes())
    }

    fn field(&self, name: &str, separator: &str) -> Vec<u8> {
        let values: Vec<Vec<u8>> = self
            .facts
            .head
            .values(name)
            .map(spelling::from_latin_1)
            .collect();
        values.join(separator.as_bytes())
    }
}
