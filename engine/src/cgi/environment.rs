//! How each standard meta-variable is made, in the order of RFC 3875 §4.1.1 to §4.1.17.
use std::net::IpAddr;
use std::ops::Range;

use super::authority::Authority;
use super::meta_variable::{AbsenceReason, AbsentVariable, MetaVariable, Provenance};
use super::request::{BodyFacts, RequestFacts, plain_address};
use super::request_head::HeadField;
use super::script_uri::RequestTarget;

/// The variables made so far.
pub(crate) struct Environment<'a> {
    pub(super) facts: &'a RequestFacts<'a>,
    pub(super) variables: Vec<MetaVariable>,
    pub(super) absent: Vec<AbsentVariable>,
    pub(super) overridden: Vec<MetaVariable>,
}

type Sources = Vec<Range<usize>>;

impl<'a> Environment<'a> {
    pub(crate) fn new(facts: &'a RequestFacts<'a>) -> Self {
        Self {
            facts,
            variables: Vec::new(),
            absent: Vec::new(),
            overridden: Vec::new(),
        }
    }

    pub(crate) fn into_parts(self) -> (Vec<MetaVariable>, Vec<AbsentVariable>, Vec<MetaVariable>) {
        (self.variables, self.absent, self.overridden)
    }

    /// §4.1.1 to §4.1.17, in that order.
    pub(crate) fn set_standard(&mut self) {
        let facts = self.facts;
        let login = facts.authentication;
        self.set_login("AUTH_TYPE", login.map(|login| login.scheme.as_bytes()));
        self.set_content_length();
        self.set_content_type();
        self.set_plain("GATEWAY_INTERFACE", b"CGI/1.1", Provenance::Server);
        self.set_extra_path();
        let query = facts.target.query.clone();
        let query_sources = query.map(|range| self.in_target(range)).unwrap_or_default();
        self.set(
            "QUERY_STRING",
            facts.target.query().unwrap_or_default(),
            Provenance::Query,
            query_sources,
        );
        let client = plain_address(facts.connection.peer.ip());
        self.set_plain("REMOTE_ADDR", client.as_bytes(), Provenance::Connection);
        // §4.1.9: no name is looked up, and the address may stand for it.
        self.set_plain("REMOTE_HOST", client.as_bytes(), Provenance::Connection);
        self.leave_out("REMOTE_IDENT", AbsenceReason::NeverLookedUp);
        self.set_login("REMOTE_USER", login.map(|login| login.user));
        self.set_request_method();
        let script = facts.script_name();
        self.set(
            "SCRIPT_NAME",
            script,
            Provenance::ScriptPath,
            self.in_target(facts.path.source_range(0..script.len())),
        );
        self.set_server_name();
        // §4.1.15: the port of the socket, whatever the Host field says.
        let port = facts.connection.local.port().to_string();
        self.set_plain("SERVER_PORT", port.as_bytes(), Provenance::Connection);
        self.set_server_protocol();
        self.set_plain(
            "SERVER_SOFTWARE",
            facts.server_software.as_bytes(),
            Provenance::Server,
        );
    }

    fn set_login(&mut self, name: &str, value: Option<&[u8]>) {
        match value {
            Some(value) => {
                let sources = self.field_sources("authorization");
                self.set(name, value, Provenance::Authentication, sources);
            }
            None => self.leave_out(name, AbsenceReason::NoAuthentication),
        }
    }

    fn set_request_method(&mut self) {
        let facts = self.facts;
        match facts.redirect {
            Some(redirect) => {
                self.set_plain("REQUEST_METHOD", redirect.method, Provenance::Redirect);
            }
            None => self.set(
                "REQUEST_METHOD",
                facts.head.method(),
                Provenance::RequestLine,
                vec![facts.head.method.clone()],
            ),
        }
    }

    fn set_content_length(&mut self) {
        match self.facts.body {
            BodyFacts::None if self.facts.body_left() => {
                self.leave_out("CONTENT_LENGTH", AbsenceReason::LeftByRedirect);
            }
            BodyFacts::None => self.leave_out("CONTENT_LENGTH", AbsenceReason::NoBody),
            BodyFacts::Length(bytes) => {
                let sources = self.field_sources("content-length");
                let provenance = self.header_provenance("content-length", "Content-Length");
                self.set(
                    "CONTENT_LENGTH",
                    bytes.to_string().as_bytes(),
                    provenance,
                    sources,
                );
            }
            BodyFacts::Counted(bytes) => self.set_plain(
                "CONTENT_LENGTH",
                bytes.to_string().as_bytes(),
                Provenance::Body,
            ),
        }
    }

    fn set_content_type(&mut self) {
        let fields: Vec<_> = self.facts.head.fields_named("content-type").collect();
        if fields.is_empty() {
            return self.leave_out("CONTENT_TYPE", AbsenceReason::NoContentType);
        }
        if self.facts.body_left() {
            return self.leave_out("CONTENT_TYPE", AbsenceReason::LeftByRedirect);
        }
        self.set_from_fields("CONTENT_TYPE", &fields);
    }

    fn set_extra_path(&mut self) {
        let facts = self.facts;
        let path_info = facts.path_info();
        if path_info.is_empty() {
            self.leave_out("PATH_INFO", AbsenceReason::NoExtraPath);
            return self.leave_out("PATH_TRANSLATED", AbsenceReason::NoExtraPath);
        }
        let range = facts
            .path
            .source_range(facts.script_name_length..facts.path.bytes.len());
        let sources = self.in_target(range);
        self.set(
            "PATH_INFO",
            path_info,
            Provenance::ExtraPath,
            sources.clone(),
        );
        let translated = match facts.path_translated {
            Some(file) => file.to_vec(),
            None => below(facts.document_root, path_info),
        };
        self.set(
            "PATH_TRANSLATED",
            &translated,
            Provenance::ExtraPath,
            sources,
        );
    }

    /// §4.1.14: the host of an absolute target, else the Host field's, else the address of the socket.
    fn set_server_name(&mut self) {
        let head = self.facts.head;
        let absolute = RequestTarget::parse(head.target()).ok().and_then(|target| {
            let range = target.authority.clone()?;
            Some((
                target.authority()?.to_vec(),
                head.target.start + range.start,
                Provenance::RequestLine,
            ))
        });
        let host_field = || {
            let field = head.fields_named("host").next()?;
            let name = String::from_utf8_lossy(head.name(field)).into_owned();
            Some((
                head.value(field).to_vec(),
                field.value.start,
                Provenance::Header { name },
            ))
        };
        let written = absolute
            .or_else(host_field)
            .and_then(|(value, start, provenance)| {
                let host = Authority::parse(&value)?.host;
                let name = value.get(host.clone()).filter(|name| !name.is_empty())?;
                Some((
                    name.to_vec(),
                    start + host.start..start + host.end,
                    provenance,
                ))
            });
        match written {
            Some((name, source, provenance)) => {
                self.set("SERVER_NAME", &name, provenance, vec![source]);
            }
            None => {
                let name = match self.facts.connection.local.ip().to_canonical() {
                    IpAddr::V4(address) => address.to_string(),
                    IpAddr::V6(address) => format!("[{address}]"),
                };
                self.set_plain("SERVER_NAME", name.as_bytes(), Provenance::Connection);
            }
        }
    }

    fn set_server_protocol(&mut self) {
        let head = self.facts.head;
        let (major, minor) = head.version;
        let value = format!("HTTP/{major}.{minor}");
        let start = head.target.end + 1;
        self.set(
            "SERVER_PROTOCOL",
            value.as_bytes(),
            Provenance::RequestLine,
            one(start..start + value.len()),
        );
    }

    /// One variable from all fields of a name: several values become one that means the same.
    pub(super) fn set_from_fields(&mut self, variable: &str, fields: &[&HeadField]) {
        let head = self.facts.head;
        // RFC 9110 §5.3 joins with a comma; cookies have their own separator (RFC 6265 §4.2.1).
        let separator: &[u8] = if variable == "HTTP_COOKIE" {
            b"; "
        } else {
            b", "
        };
        let values: Vec<&[u8]> = fields.iter().map(|field| head.value(field)).collect();
        let name = fields.first().map_or(&b""[..], |field| head.name(field));
        let provenance = Provenance::Header {
            name: String::from_utf8_lossy(name).into_owned(),
        };
        let sources = fields.iter().map(|field| field.value.clone()).collect();
        self.set(variable, &values.join(separator), provenance, sources);
    }

    pub(super) fn set(
        &mut self,
        name: &str,
        value: &[u8],
        provenance: Provenance,
        sources: Sources,
    ) {
        if value.contains(&0) {
            return self.leave_out(name, AbsenceReason::NotRepresentable);
        }
        self.variables.push(MetaVariable {
            name: name.into(),
            value: value.to_vec(),
            provenance,
            sources,
        });
    }

    /// Sets a variable that no byte of the head stands for.
    pub(super) fn set_plain(&mut self, name: &str, value: &[u8], provenance: Provenance) {
        self.set(name, value, provenance, Vec::new());
    }

    pub(super) fn leave_out(&mut self, name: &str, reason: AbsenceReason) {
        self.absent.push(AbsentVariable {
            name: name.into(),
            reason,
            sources: Vec::new(),
        });
    }

    /// A range of the target as a range of the head. The target of a local redirect was written by
    /// a script, so nothing of the head stands for it.
    pub(super) fn in_target(&self, range: Range<usize>) -> Sources {
        if self.facts.redirect.is_some() || range.is_empty() {
            return Vec::new();
        }
        let start = self.facts.head.target.start;
        one(start + range.start..start + range.end)
    }

    fn field_sources(&self, name: &str) -> Sources {
        self.facts
            .head
            .fields_named(name)
            .map(|field| field.value.clone())
            .collect()
    }

    fn header_provenance(&self, name: &str, usual: &str) -> Provenance {
        let head = self.facts.head;
        let written = head
            .fields_named(name)
            .next()
            .map(|field| String::from_utf8_lossy(head.name(field)));
        Provenance::Header {
            name: written.map_or_else(|| usual.to_owned(), std::borrow::Cow::into_owned),
        }
    }
}

/// §4.1.6: derived whether or not there is such a file. The path has no `..` left (§9.8).
fn below(root: &[u8], path_info: &[u8]) -> Vec<u8> {
    let root = root.strip_suffix(b"/").unwrap_or(root);
    let slash: &[u8] = if path_info.starts_with(b"/") {
        b""
    } else {
        b"/"
    };
    [root, slash, path_info].concat()
}

/// The one range a variable was made from.
fn one(range: Range<usize>) -> Sources {
    std::iter::once(range).collect()
}
