//! What the client was answered, and how the exchange ended, as JSON.

use serde::Serialize;

use super::octets::Octets;
use crate::exchange::{Author, End, EndCause, Exchange, ResponseRecord, sent_fields};

#[derive(Serialize)]
pub(super) struct ResponseView<'a> {
    status: u16,
    author: &'static str,
    sent_head: Octets<'a>,
    fields: Vec<FieldView<'a>>,
    body_bytes: u64,
    own_body: Octets<'a>,
}

#[derive(Serialize)]
struct FieldView<'a> {
    name: Octets<'a>,
    value: Octets<'a>,
    added_by_server: bool,
}

#[derive(Serialize)]
pub(super) struct EndView {
    kind: &'static str,
    cause: Option<&'static str>,
    words: Option<String>,
}

impl<'a> ResponseView<'a> {
    pub(super) fn of(exchange: &'a Exchange, response: &'a ResponseRecord) -> Self {
        let added = |name: &[u8]| match response.author {
            Author::Script => !wrote(exchange, name),
            Author::NphScript | Author::Elsewhere => false,
            Author::File | Author::Studio => true,
        };
        let fields = sent_fields(&response.sent_head).map(|field| FieldView {
            name: field.name.into(),
            value: field.value.into(),
            added_by_server: added(field.name),
        });
        Self {
            status: response.status,
            author: match response.author {
                Author::Script => "script",
                Author::NphScript => "nph_script",
                Author::File => "file",
                Author::Studio => "studio",
                Author::Elsewhere => "elsewhere",
            },
            sent_head: response.sent_head.as_ref().into(),
            fields: fields.collect(),
            body_bytes: response.body_bytes,
            own_body: response.own_body.as_ref().into(),
        }
    }
}

fn wrote(exchange: &Exchange, name: &[u8]) -> bool {
    exchange
        .invocation()
        .and_then(|run| run.header_block.as_ref())
        .is_some_and(|block| {
            let mut fields = block.fields.iter();
            fields.any(|field| field.name.eq_ignore_ascii_case(name))
        })
}

pub(super) fn end(end: &End) -> EndView {
    let (kind, cause) = match end {
        End::Answered => ("answered", None),
        End::CutOff(cause) => ("cut_off", Some(cause)),
        End::Unanswered(cause) => ("unanswered", Some(cause)),
    };
    EndView {
        kind,
        cause: cause.map(|cause| match cause {
            EndCause::ClientGone => "client_gone",
            EndCause::ScriptFailed => "script_failed",
            EndCause::Stopped(_) => "stopped",
            EndCause::Shutdown => "shutdown",
            EndCause::Internal(_) => "internal",
        }),
        words: cause.map(ToString::to_string),
    }
}
