//! The parts of a record that may hold a secret, each with what it is.

use std::borrow::Cow;
use std::os::unix::ffi::OsStrExt as _;

use super::finder::Form;
use super::mask::Gap;
use crate::exchange::{CapturedBody, Exchange, Invocation};
use crate::export::nph_head_bytes;

/// Some bytes of the record.
pub(super) struct Part<'e> {
    /// Where they stand, for people.
    pub(super) place: String,
    pub(super) form: Form<'e>,
    pub(super) bytes: Cow<'e, [u8]>,
    pub(super) gap: Gap,
}

/// The Content-Type that the request names; empty where it names none.
pub(super) fn content_type(exchange: &Exchange) -> &[u8] {
    let head = exchange.request.head.as_ref();
    head.and_then(|head| head.first("content-type"))
        .unwrap_or_default()
}

/// How much of the output is a head, so that cookies are looked for there.
pub(super) fn output_head(run: &Invocation) -> usize {
    match (&run.header_block, run.nph) {
        (Some(block), false) => block.length,
        _ => nph_head_bytes(&run.stdout),
    }
}

/// All of them, in the order of the record.
pub(super) fn parts(exchange: &Exchange) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let request = &exchange.request;
    add(
        &mut parts,
        "request head",
        Form::Head,
        request.raw_head.as_ref(),
    );
    stream(
        &mut parts,
        "request body",
        Form::Body(content_type(exchange)),
        &request.body,
    );
    for run in &exchange.invocations {
        of_run(&mut parts, run);
    }
    if let Some(response) = &exchange.response {
        add(
            &mut parts,
            "response head",
            Form::Head,
            response.sent_head.as_ref(),
        );
        add(
            &mut parts,
            "response body",
            Form::Output(0),
            response.own_body.as_ref(),
        );
    }
    parts
}

fn of_run<'e>(parts: &mut Vec<Part<'e>>, run: &'e Invocation) {
    for variable in run.request.variables.iter().chain(&run.request.overridden) {
        let form = Form::Variable(&variable.name);
        add(parts, &variable.name, form, variable.value.as_slice());
    }
    let program = run.program.iter().flat_map(|program| &program.arguments);
    for word in program {
        add(parts, "command line", Form::Text, word.as_bytes());
    }
    stream(
        parts,
        "standard output",
        Form::Output(output_head(run)),
        &run.stdout,
    );
    stream(parts, "standard error", Form::Text, &run.stderr);
    add(
        parts,
        "script's source",
        Form::Text,
        run.script.source.as_ref(),
    );
}

fn add<'e>(parts: &mut Vec<Part<'e>>, place: &str, form: Form<'e>, bytes: &'e [u8]) {
    parts.push(Part {
        place: place.to_owned(),
        form,
        bytes: Cow::Borrowed(bytes),
        gap: Gap::None,
    });
}

fn stream<'e>(parts: &mut Vec<Part<'e>>, place: &str, form: Form<'e>, stream: &'e CapturedBody) {
    let cut = stream.cut_bytes() > 0;
    parts.push(Part {
        place: place.to_owned(),
        form,
        bytes: stream.head(),
        gap: if cut { Gap::Behind } else { Gap::None },
    });
    let tail = stream.tail();
    if !tail.is_empty() {
        parts.push(Part {
            place: place.to_owned(),
            form: Form::Text,
            bytes: Cow::Owned(tail),
            gap: Gap::Before,
        });
    }
}
