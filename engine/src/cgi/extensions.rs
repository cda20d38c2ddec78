//! The variables beyond the RFC: those that many scripts count on, and the site's own.
use super::environment::Environment;
use super::meta_variable::{AbsenceReason, AbsentVariable, MetaVariable, Provenance};
use super::request::plain_address;
use super::script_uri::RequestTarget;

impl Environment<'_> {
    /// Sets the extensions that many scripts count on, by name.
    pub(crate) fn set_extensions(&mut self) {
        let facts = self.facts;
        self.set_plain("DOCUMENT_ROOT", facts.document_root, Provenance::Server);
        if facts.connection.https {
            self.set_plain("HTTPS", b"on", Provenance::Connection);
        }
        if !facts.path_variable.is_empty() {
            self.set_plain("PATH", facts.path_variable, Provenance::Server);
        }
        self.set_redirect();
        let (local, peer) = (facts.connection.local, facts.connection.peer);
        self.set_plain(
            "REMOTE_PORT",
            peer.port().to_string().as_bytes(),
            Provenance::Connection,
        );
        self.set_plain(
            "REQUEST_SCHEME",
            facts.connection.scheme().as_bytes(),
            Provenance::Connection,
        );
        self.set_request_uri();
        let script = facts.script_name().len();
        self.set(
            "SCRIPT_FILENAME",
            facts.script_filename,
            Provenance::ScriptPath,
            self.in_target(facts.path.source_range(0..script)),
        );
        self.set_plain(
            "SERVER_ADDR",
            plain_address(local.ip()).as_bytes(),
            Provenance::Connection,
        );
    }

    fn set_redirect(&mut self) {
        let Some(redirect) = self.facts.redirect else {
            if self.facts.php {
                self.set_plain("REDIRECT_STATUS", b"200", Provenance::Server);
            }
            return;
        };
        if let Some(query) = redirect.query {
            self.set_plain("REDIRECT_QUERY_STRING", query, Provenance::Redirect);
        }
        if redirect.status != 200 {
            let method = self.facts.head.method();
            self.set_plain("REDIRECT_REQUEST_METHOD", method, Provenance::Redirect);
        }
        self.set_plain(
            "REDIRECT_STATUS",
            redirect.status.to_string().as_bytes(),
            Provenance::Redirect,
        );
        self.set_plain("REDIRECT_URL", redirect.url, Provenance::Redirect);
    }

    /// What the client asked for, even after a local redirect; without the host of an absolute target.
    fn set_request_uri(&mut self) {
        let head = self.facts.head;
        let range = RequestTarget::parse(head.target()).map(|target| target.path_and_query());
        let range = range.unwrap_or(0..head.target().len());
        let uri = head.target().get(range.clone()).unwrap_or_default();
        // A query may follow the host of an absolute target at once; the path is `/` then.
        let uri = if uri.starts_with(b"/") {
            uri.to_vec()
        } else {
            [b"/", uri].concat()
        };
        let source = head.target.start + range.start..head.target.start + range.end;
        self.set("REQUEST_URI", &uri, Provenance::RequestLine, vec![source]);
    }

    /// What the site says wins; among equal names the last does. Names that differ in case only
    /// cannot both exist (§4.1), so the site's spelling replaces the other.
    pub(crate) fn set_site_variables(&mut self) {
        for (name, value) in self.facts.site_variables {
            match value {
                Some(value) => self.set_for_site(name, value),
                None => self.take_away(name),
            }
        }
    }

    fn set_for_site(&mut self, name: &str, value: &[u8]) {
        if name.is_empty() || name.contains(['=', '\0']) || value.contains(&0) {
            return self.leave_out(name, AbsenceReason::NotRepresentable);
        }
        self.absent
            .retain(|absent| !absent.name.eq_ignore_ascii_case(name));
        let variable = MetaVariable {
            name: name.to_owned(),
            value: value.to_vec(),
            provenance: Provenance::Site,
            sources: Vec::new(),
        };
        match self
            .place(name)
            .and_then(|place| self.variables.get_mut(place))
        {
            Some(set) => {
                let before = std::mem::replace(set, variable);
                self.note_overridden(before);
            }
            None => self.variables.push(variable),
        }
    }

    fn take_away(&mut self, name: &str) {
        if let Some(place) = self.place(name) {
            let before = self.variables.remove(place);
            self.absent.push(AbsentVariable {
                name: before.name.clone(),
                reason: AbsenceReason::TakenAwayBySite,
                sources: before.sources.clone(),
            });
            self.note_overridden(before);
        }
    }

    fn place(&self, name: &str) -> Option<usize> {
        let same = |variable: &MetaVariable| variable.name.eq_ignore_ascii_case(name);
        self.variables.iter().position(same)
    }

    fn note_overridden(&mut self, before: MetaVariable) {
        if before.provenance != Provenance::Site {
            self.overridden.push(before);
        }
    }
}
