//! The form fields of a request as a script sees them, and what its body is.

use crate::cgi::form::urlencoded::Urlencoded;
use crate::cgi::form::{BodyForm, FormLimits};
use crate::exchange::{Exchange, Invocation};

/// So much of a body is taken apart.
const LOOKED_AT_BYTES: usize = 64 * 1024;

/// What the visitor has filled in.
pub(super) struct SentFields {
    /// Names and values, decoded: of the query first, then of the body.
    pub(super) pairs: Vec<(Vec<u8>, Vec<u8>)>,
    /// The names that uploaded files have.
    pub(super) file_names: Vec<Vec<u8>>,
}

impl SentFields {
    /// The fields of the request that this run was started for.
    pub(super) fn of(exchange: &Exchange, run: &Invocation) -> Self {
        let mut fields = Self {
            pairs: Vec::new(),
            file_names: Vec::new(),
        };
        let query = value(run, "QUERY_STRING");
        let limits = FormLimits::default();
        fields.take(&Urlencoded::parse(query, &limits), query);
        if !exchange.request.body.is_empty() {
            let body = exchange.request.body.first(LOOKED_AT_BYTES);
            match BodyForm::read(value(run, "CONTENT_TYPE"), &body, &limits) {
                BodyForm::Urlencoded(form) => fields.take(&form, &body),
                BodyForm::Multipart(form) => {
                    for part in form.leaves() {
                        let name = part.name.as_ref().map(|name| name.value.clone());
                        match &part.filename {
                            Some(file) => fields.file_names.push(file.value.clone()),
                            None => fields
                                .pairs
                                .push((name.unwrap_or_default(), part.content(&body).to_vec())),
                        }
                    }
                }
                BodyForm::Other => {}
            }
        }
        fields
    }

    fn take(&mut self, form: &Urlencoded, source: &[u8]) {
        let pair = |pair: &crate::cgi::form::urlencoded::Pair| {
            (
                pair.name(source).into_owned(),
                pair.value(source).into_owned(),
            )
        };
        self.pairs.extend(form.pairs.iter().map(pair));
    }

    /// The values of the field of that name.
    pub(super) fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        let named = self
            .pairs
            .iter()
            .filter(move |(other, _)| other == name.as_bytes());
        named.map(|(_, value)| value.as_slice())
    }
}

/// A variable of the run; empty where it has none of that name.
pub(super) fn value<'a>(run: &'a Invocation, name: &str) -> &'a [u8] {
    run.request
        .get(name)
        .map(|variable| variable.value.as_slice())
        .unwrap_or_default()
}
