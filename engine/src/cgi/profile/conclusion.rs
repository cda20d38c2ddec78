//! From a header block that a host has read to its answer.
use super::answer::{Deviation, HostAnswer, HostBody, Overrun};
use super::block::{Asked, Block, asked_status};
use super::output_rules::{
    Act, BadStatus, FieldRules, LengthField, OutputRules, Phrase, StatusRules,
};
use super::reader::{HostVerdict, status_line};
use super::rules::Rules;
use super::sniffing::type_of;
use crate::cgi::grammar::{decimal, is_blank, trim};
use crate::cgi::reason_phrase::reason_phrase;
use crate::cgi::violation::ViolationKind;

/// The verdict on a block whose body begins at `start` with these bytes.
pub(super) fn conclude(
    host: &'static Rules,
    block: Block,
    start: usize,
    body: &[u8],
    head_request: bool,
) -> HostVerdict {
    let asked = asked_status(&host.output.status, &block);
    let conclusion = Conclusion {
        host,
        rules: &host.output,
        block,
        start,
        head_request,
    };
    match asked {
        Asked::Bad => conclusion.bad_status(),
        Asked::Nothing => conclusion.answer(None, body),
        Asked::Status { code, value } => conclusion.answer(Some((code, value)), body),
    }
}

struct Conclusion {
    host: &'static Rules,
    rules: &'static OutputRules,
    block: Block,
    start: usize,
    head_request: bool,
}

impl Conclusion {
    fn note(&mut self, kind: ViolationKind, does: &str, breaks: Option<&'static str>) {
        let row = super::output_rules::row(kind);
        self.block
            .deviations
            .push(Deviation::new(kind.title(), does, row, breaks));
    }

    fn bad_status(mut self) -> HostVerdict {
        let kind = ViolationKind::BadStatus;
        match self.rules.status.bad {
            BadStatus::Refuse(status) => {
                self.note(kind, &Act::Refuse(status).words(), None);
                self.page_of_its_own(status, status_line(status), Vec::new())
            }
            BadStatus::WithBody(status) => {
                self.note(kind, "answers 500 with the script's own page", None);
                let fields = self.fields(status);
                self.with_output(status, status_line(status), fields)
            }
            BadStatus::Empty => {
                self.note(kind, "answers 200 with an empty page", Some("§6.3.3"));
                let fields = server_field(self.host);
                self.finished(200, status_line(200), fields, HostBody::Dropped)
            }
        }
    }

    fn answer(mut self, status: Option<(u16, Vec<u8>)>, body: &[u8]) -> HostVerdict {
        let redirects = &self.rules.redirects;
        let location = self.block.values("location").next().map(<[u8]>::to_vec);
        let location = location.filter(|to| redirects.empty_counts || !to.is_empty());
        let free = match &status {
            None => true,
            Some((code, _)) => *code == 200 && redirects.even_200,
        };
        if let Some(location) = location.as_ref().filter(|_| free) {
            if location.starts_with(b"/") && redirects.internal {
                return self.local_redirect(location.clone());
            }
            return self.client_redirect(location.starts_with(b"/"), body);
        }
        let typed = self.block.has("content-type") || status.is_some() || location.is_some();
        if let Some(refused) = self.rules.fields.type_needed.filter(|_| !typed) {
            self.note(
                ViolationKind::NoContentType,
                &Act::Refuse(refused).words(),
                None,
            );
            return self.page_of_its_own(refused, status_line(refused), Vec::new());
        }
        let (code, value) = status.unwrap_or((200, b"200 OK".to_vec()));
        self.note_spelling();
        let line = self.status_line(code, &value);
        let mut fields = self.fields(code);
        self.sniff(&mut fields, code, body);
        self.with_output(code, line, fields)
    }

    /// A host that asks for one spelling of Status does not see the others.
    fn note_spelling(&mut self) {
        let other = |field: &(Vec<u8>, Vec<u8>)| {
            field.0.eq_ignore_ascii_case(b"status") && field.0 != b"Status"
        };
        if self.rules.status.exact && self.block.fields.iter().any(other) {
            self.block.deviations.push(Deviation::new(
                "Status is not written with one capital",
                "takes it for a field like any other",
                83,
                Some("§6.3"),
            ));
        }
    }

    fn local_redirect(self, mut location: Vec<u8>) -> HostVerdict {
        if let Some(fragment) = memchr::memchr(b'#', &location) {
            location.truncate(fragment);
        }
        let cookies = self
            .block
            .values("set-cookie")
            .map(<[u8]>::to_vec)
            .collect();
        HostVerdict::LocalRedirect {
            location,
            cookies,
            deviations: self.block.deviations,
        }
    }

    fn client_redirect(mut self, path: bool, body: &[u8]) -> HostVerdict {
        if path {
            self.block.deviations.push(Deviation::new(
                "the script redirects to a path of this server",
                "sends the client there instead of answering for that path",
                95,
                Some("§6.2.2"),
            ));
        }
        let line = format!("HTTP/1.1 302 {}", self.rules.redirects.phrase).into_bytes();
        let fields = self.fields(302);
        if self.rules.redirects.own_page {
            self.note(
                ViolationKind::RedirectWithoutStatus,
                "puts a page of its own in place of the script's",
                None,
            );
            let kept = |field: &(Vec<u8>, Vec<u8>)| {
                !field.0.eq_ignore_ascii_case(b"content-type") && !field.1.is_empty()
            };
            let fields = fields.into_iter().filter(kept).collect();
            return self.page_of_its_own(302, line, fields);
        }
        let mut fields = fields;
        self.sniff(&mut fields, 302, body);
        self.with_output(302, line, fields)
    }

    fn status_line(&self, code: u16, value: &[u8]) -> Vec<u8> {
        let usual = reason_phrase(code);
        let known = !usual.is_empty() && is_registered(code);
        let phrase = trim(value.get(3..).unwrap_or_default());
        let written = value.get(3).copied().is_some_and(is_blank) && !phrase.is_empty();
        let start = format!("HTTP/1.1 {code} ").into_bytes();
        match self.rules.status.phrase {
            Phrase::Verbatim => [b"HTTP/1.1 ", value].concat(),
            Phrase::Script if written => [&start, phrase].concat(),
            Phrase::Script if known => [&start, usual.as_bytes()].concat(),
            Phrase::Script => start,
            Phrase::Own(_) if known => [&start, usual.as_bytes()].concat(),
            Phrase::Own(other) => {
                let other = other.replace('#', &code.to_string());
                [&start, other.as_bytes()].concat()
            }
        }
    }

    /// The fields that are sent on, the host's own name first.
    fn fields(&mut self, code: u16) -> Vec<(Vec<u8>, Vec<u8>)> {
        let rules = &self.rules.fields;
        let mut fields: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
        for (name, value) in &self.block.fields {
            let lower = name.to_ascii_lowercase();
            if !sent_on(rules, &self.rules.status, name, &lower, value, code) {
                continue;
            }
            let place = fields
                .iter_mut()
                .find(|field| field.0.eq_ignore_ascii_case(name));
            match place {
                Some(field) if rules.last_type && lower == b"content-type" => {
                    field.1.clone_from(value);
                }
                Some(field) if rules.merged && lower != b"set-cookie" => {
                    // Apache, the only one that merges, writes Vary without a space.
                    let separator: &[u8] = if lower == b"vary" { b"," } else { b", " };
                    field.1.extend_from_slice(separator);
                    field.1.extend_from_slice(value);
                }
                _ => fields.push((spelled(rules, name), value.clone())),
            }
        }
        if !fields
            .iter()
            .any(|field| field.0.eq_ignore_ascii_case(b"server"))
        {
            fields.extend(server_field(self.host));
        }
        if let Some(length) = self.length_text() {
            fields.extend(length);
        }
        fields
    }

    /// The Content-Length fields as they are sent on.
    fn length_text(&self) -> Option<Vec<(Vec<u8>, Vec<u8>)>> {
        let name = || b"Content-Length".to_vec();
        let mut values = self.block.values("content-length");
        Some(match self.rules.fields.length {
            LengthField::Dropped => return None,
            LengthField::FirstCuts => vec![(name(), values.next()?.to_vec())],
            LengthField::LastCuts => {
                let last = values.rfind(|value| decimal(value).is_some())?;
                vec![(name(), last.to_vec())]
            }
            LengthField::LosesWrites => {
                decimal(values.next()?)?;
                let values = self.block.values("content-length");
                values.map(|value| (name(), value.to_vec())).collect()
            }
        })
    }

    fn sniff(&mut self, fields: &mut Vec<(Vec<u8>, Vec<u8>)>, code: u16, body: &[u8]) {
        let bodiless = matches!(code, 100..=199 | 204 | 304);
        if !self.rules.fields.sniffed
            || bodiless
            || body.is_empty()
            || self.block.has("content-type")
        {
            return;
        }
        self.note(
            ViolationKind::NoContentType,
            "guesses a type from the page's first bytes (§6.3.1 advises against it)",
            None,
        );
        fields.push((b"Content-Type".to_vec(), type_of(body).into()));
    }

    fn with_output(
        mut self,
        code: u16,
        line: Vec<u8>,
        fields: Vec<(Vec<u8>, Vec<u8>)>,
    ) -> HostVerdict {
        if self.head_request || matches!(code, 204 | 304) {
            return self.finished(code, line, fields, HostBody::Dropped);
        }
        let overrun = match self.rules.fields.length {
            LengthField::Dropped => None,
            LengthField::LosesWrites => Some(Overrun::LoseWrite),
            LengthField::FirstCuts | LengthField::LastCuts => Some(Overrun::Cut),
        };
        let length = self
            .length_text()
            .and_then(|fields| decimal(&fields.first()?.1));
        let limit = length.zip(overrun);
        if let Some((_, overrun)) = limit {
            let does = match overrun {
                Overrun::Cut => "sends it on and cuts the page there",
                Overrun::LoseWrite => "sends it on and loses whatever write passes it",
            };
            let what = "the script names a Content-Length";
            self.block
                .deviations
                .push(Deviation::new(what, does, 87, None));
        }
        let coding = self.block.values("transfer-encoding").next();
        let chunked = self.rules.fields.unchunked
            && coding.is_some_and(|coding| coding.eq_ignore_ascii_case(b"chunked"));
        let body = HostBody::Output { limit, chunked };
        self.finished(code, line, fields, body)
    }

    fn page_of_its_own(
        self,
        code: u16,
        line: Vec<u8>,
        fields: Vec<(Vec<u8>, Vec<u8>)>,
    ) -> HostVerdict {
        self.finished(code, line, fields, HostBody::OwnPage)
    }

    fn finished(
        self,
        status: u16,
        status_line: Vec<u8>,
        fields: Vec<(Vec<u8>, Vec<u8>)>,
        body: HostBody,
    ) -> HostVerdict {
        HostVerdict::Answer(HostAnswer {
            status,
            status_line,
            fields,
            as_printed: false,
            taken: self.start,
            body,
            deviations: self.block.deviations,
        })
    }
}

/// The host's name, as it stands in every answer that it makes.
pub(super) fn server_field(host: &Rules) -> Vec<(Vec<u8>, Vec<u8>)> {
    if host.software.is_empty() {
        return Vec::new();
    }
    vec![(b"Server".to_vec(), host.software.into())]
}

fn sent_on(
    rules: &FieldRules,
    status: &StatusRules,
    name: &[u8],
    lower: &[u8],
    value: &[u8],
    code: u16,
) -> bool {
    let obeyed = lower == b"status" && (!status.exact || name == b"Status");
    let dropped = rules
        .dropped
        .iter()
        .any(|dropped| dropped.as_bytes() == lower);
    let typeless = lower == b"content-type" && (rules.typeless.contains(&code) || value.is_empty());
    let empty = rules.empty_dropped && value.is_empty();
    !(obeyed || dropped || typeless || empty || lower == b"content-length")
}

fn spelled(rules: &FieldRules, name: &[u8]) -> Vec<u8> {
    if !rules.canonical {
        return name.to_vec();
    }
    let mut start = true;
    let letter = |byte: &u8| {
        let spelled = if start {
            byte.to_ascii_uppercase()
        } else {
            byte.to_ascii_lowercase()
        };
        start = *byte == b'-';
        spelled
    };
    name.iter().map(letter).collect()
}

/// A phrase of our own would stand where a host has none.
fn is_registered(code: u16) -> bool {
    reason_phrase(code) != reason_phrase(999)
}
