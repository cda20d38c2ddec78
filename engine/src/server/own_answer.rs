//! Answers that the studio writes itself, and what the site's settings put in their place (`error_documents`).

use super::gateway::{Next, Visit};
use super::hop::Hop;
use super::reply;
use crate::exchange::Refusal;
use crate::site::Settings;
use crate::site::scope::ErrorDocument;
use bytes::Bytes;
use hyper::body::Incoming;
use hyper::header::{self, HeaderName, HeaderValue};

/// An answer for want of a script's: a page, and the fields that must go with it whatever the page becomes.
pub(super) struct OwnAnswer {
    pub(super) status: u16,
    pub(super) page: Bytes,
    pub(super) fields: Vec<(HeaderName, HeaderValue)>,
    /// Why nobody was asked, for the record.
    pub(super) refusal: Option<Box<Refusal>>,
}

impl OwnAnswer {
    pub(super) fn new(status: u16, page: Bytes) -> Self {
        Self {
            status,
            page,
            fields: Vec::new(),
            refusal: None,
        }
    }

    pub(super) fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.fields.push((name, value));
        self
    }
}

/// What a request takes along from hop to hop.
pub(super) struct Course {
    /// The body, until somebody takes it.
    pub(super) incoming: Option<Incoming>,
    /// The answer for which a document of the site is looked for.
    pub(super) unmet: Option<OwnAnswer>,
}

impl Visit {
    /// The site's document for this status, or the answer as it is.
    ///
    /// A document that fails itself is not replaced by another: then the first answer goes out.
    pub(super) fn answer_or_document(
        &self,
        answer: OwnAnswer,
        settings: &Settings,
        hop: &Hop,
        course: &mut Course,
    ) -> Next {
        if let Some(refusal) = answer.refusal.clone() {
            self.pen
                .write(|exchange, _| exchange.request.refusal = Some(*refusal));
        }
        if let Some(first) = course.unmet.take() {
            self.note_step(format!(
                "the error document answers {} itself, so the studio's page is sent",
                answer.status
            ));
            return Next::reply(reply::own(self, first));
        }
        let status = answer.status;
        match settings.error_documents.get(&status) {
            Some(ErrorDocument::Text(text)) => Next::reply(reply::own(
                self,
                OwnAnswer {
                    page: Bytes::copy_from_slice(text.as_bytes()),
                    ..answer
                },
            )),
            // A client that is sent elsewhere never sees the question for its login (RFC 9110 §15.5.2).
            Some(ErrorDocument::Url(url)) if status != 401 => match HeaderValue::from_str(url) {
                Ok(url) => Next::reply(reply::own(
                    self,
                    OwnAnswer {
                        status: 302,
                        page: Bytes::new(),
                        ..answer
                    }
                    .with(header::LOCATION, url),
                )),
                Err(_) => Next::reply(reply::own(self, answer)),
            },
            Some(ErrorDocument::Path(url)) => match hop.to_error_document(url, status) {
                Ok(next) => {
                    self.note_step(format!("the document for {status} is {url}"));
                    course.incoming = None;
                    course.unmet = Some(answer);
                    Next::Hop(Box::new(next))
                }
                Err(_) => Next::reply(reply::own(self, answer)),
            },
            Some(ErrorDocument::Url(_)) | None => Next::reply(reply::own(self, answer)),
        }
    }

    /// One more reason for what was chosen.
    pub(super) fn note_step(&self, step: String) {
        self.pen
            .write(|exchange, _| exchange.selection.steps.push(step));
    }
}
