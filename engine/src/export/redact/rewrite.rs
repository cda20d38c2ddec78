//! An exchange with its secrets hidden in every part of the record.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::sync::Arc;

use bytes::Bytes;

use super::Chosen;
use super::edit::Edit;
use super::finder::Form;
use super::mask::{Gap, Mask};
use super::parts::{content_type, output_head};
use crate::cgi::header_block::HeaderBlock;
use crate::cgi::meta_variable::{AbsentVariable, MetaVariable};
use crate::cgi::profile::{Difference, HostVerdict};
use crate::cgi::request_head::RequestHead;
use crate::cgi::response::{ResponseKind, ScriptResponse};
use crate::cgi::violation::Violation;
use crate::exchange::{CapturedBody, CapturedParts, Exchange, Invocation, SelectedTarget};

/// A copy of the exchange in which the chosen secrets cannot be read.
#[must_use]
pub fn redacted(exchange: &Exchange, chosen: &Chosen) -> Exchange {
    let mut copy = exchange.clone();
    if chosen.secrets.is_empty() {
        return copy;
    }
    let mask = Mask::new(chosen);
    let head = mask.edit(Form::Head, &exchange.request.raw_head, Gap::None);
    let request = &mut copy.request;
    request.raw_head = head.apply(&exchange.request.raw_head).into();
    request.head = request
        .head
        .as_deref()
        .map(|parsed| Arc::new(moved(parsed, &head)));
    if let Some(refusal) = &mut request.refusal {
        hide_text(&mask, &mut refusal.reason);
        hide(&mask, Form::Head, &mut refusal.excerpt);
        refusal.at = refusal.at.map(|at| head.at(at));
    }
    let form = Form::Body(content_type(exchange));
    request.body = stream(&mask, form, &exchange.request.body).0;
    for step in &mut copy.selection.steps {
        hide_text(&mask, step);
    }
    if let SelectedTarget::Forbidden(reason) = &mut copy.selection.target {
        hide_text(&mask, reason);
    }
    for run in &mut copy.invocations {
        hide_in_run(&mask, run, &head);
    }
    if let Some(response) = &mut copy.response {
        hide_bytes(&mask, Form::Head, &mut response.sent_head);
        hide_bytes(&mask, Form::Output(0), &mut response.own_body);
    }
    copy
}

fn moved(head: &RequestHead, edit: &Edit) -> RequestHead {
    let mut moved = head.clone();
    moved.raw = edit.apply(&head.raw).into();
    moved.method = edit.range(&head.method);
    moved.target = edit.range(&head.target);
    for field in &mut moved.fields {
        field.name = edit.range(&field.name);
        field.value = edit.range(&field.value);
        field.line = edit.range(&field.line);
    }
    moved
}

fn hide_in_run(mask: &Mask<'_>, run: &mut Invocation, head: &Edit) {
    let request = Arc::make_mut(&mut run.request);
    for variable in request.variables.iter_mut().chain(&mut request.overridden) {
        hide_variable(mask, variable, head);
    }
    for AbsentVariable { sources, .. } in &mut request.absent {
        for source in sources {
            *source = head.range(source);
        }
    }
    for word in &mut request.arguments {
        hide(mask, Form::Text, word);
    }
    if let Some(program) = &mut run.program {
        for word in &mut Arc::make_mut(program).arguments {
            hide_word(mask, word);
        }
    }
    if let Some(failure) = &mut run.launch_failure {
        hide_text(mask, &mut failure.message);
    }
    for holder in &mut run.holders {
        hide_word(mask, &mut holder.command);
    }
    if let Some(locals) = &mut run.locals {
        for value in Arc::make_mut(locals).values_mut() {
            hide_text(mask, value);
        }
    }
    if let Some(silence) = &mut run.silence {
        let waiting = &mut silence.waiting;
        hide_word(mask, &mut waiting.process.command);
        hide_word(mask, &mut waiting.target);
        for member in &mut waiting.behind {
            hide_word(mask, &mut member.command);
        }
    }
    hide_in_source(mask, run);
    if let Some(host) = &mut run.as_host {
        host.differences = host
            .differences
            .iter()
            .map(|one| difference(mask, one))
            .collect();
        if let Some(verdict) = &mut host.verdict {
            hide_in_verdict(mask, verdict);
        }
    }
    let (stdout, edit) = stream(mask, Form::Output(output_head(run)), &run.stdout);
    run.stdout = stdout;
    run.stderr = stream(mask, Form::Text, &run.stderr).0;
    if let Some(block) = &mut run.header_block {
        hide_in_block(mask, Arc::make_mut(block), &edit);
    }
    if let Some(response) = &mut run.response {
        hide_in_response(mask, Arc::make_mut(response), &edit);
    }
}

/// A source that is rewritten is not the file any more: its hash would be another's.
fn hide_in_source(mask: &Mask<'_>, run: &mut Invocation) {
    if let Some(source) = mask.bytes(Form::Text, &run.script.source) {
        let script = Arc::make_mut(&mut run.script);
        script.source = source.into();
        script.hash = [0; 32];
    }
}

fn hide_variable(mask: &Mask<'_>, variable: &mut MetaVariable, head: &Edit) {
    if let Some(value) = mask.bytes(Form::Variable(&variable.name), &variable.value) {
        variable.value = value;
    }
    for source in &mut variable.sources {
        *source = head.range(source);
    }
}

fn difference(mask: &Mask<'_>, difference: &Difference) -> Difference {
    let mut copy = difference.clone();
    for value in copy.here.iter_mut().chain(&mut copy.there) {
        hide(mask, Form::Variable(&difference.name), value);
    }
    copy
}

fn hide_in_verdict(mask: &Mask<'_>, verdict: &mut HostVerdict) {
    match verdict {
        HostVerdict::Answer(answer) => {
            for (name, value) in &mut answer.fields {
                hide(mask, Form::Field(name), value);
            }
        }
        HostVerdict::LocalRedirect {
            location, cookies, ..
        } => {
            hide(mask, Form::Field(b"location"), location);
            for cookie in cookies {
                hide(mask, Form::Field(b"set-cookie"), cookie);
            }
        }
        HostVerdict::Silence { .. } => {}
    }
}

fn hide_in_block(mask: &Mask<'_>, block: &mut HeaderBlock, edit: &Edit) {
    for field in &mut block.fields {
        if let Some(value) = mask.bytes(Form::Field(&field.name), &field.value) {
            field.value = value;
        }
        field.span = edit.range(&field.span);
    }
    block.length = edit.at(block.length);
    for violation in &mut block.violations {
        hide_in_violation(mask, violation, edit);
    }
}

fn hide_in_violation(mask: &Mask<'_>, violation: &mut Violation, edit: &Edit) {
    hide(mask, Form::Head, &mut violation.excerpt);
    violation.span = edit.range(&violation.span);
}

fn hide_in_response(mask: &Mask<'_>, response: &mut ScriptResponse, edit: &Edit) {
    if let ResponseKind::LocalRedirect { location }
    | ResponseKind::ClientRedirect { location }
    | ResponseKind::ClientRedirectWithDocument { location } = &mut response.kind
    {
        hide(mask, Form::Field(b"location"), location);
    }
    hide(mask, Form::Text, &mut response.reason);
    for (name, value) in &mut response.fields {
        hide(mask, Form::Field(name), value);
    }
    for violation in response.violations.iter_mut().chain(&mut response.refused) {
        hide_in_violation(mask, violation, edit);
    }
}

/// The stream without the secrets, and what was done to its beginning.
fn stream(mask: &Mask<'_>, form: Form<'_>, stream: &CapturedBody) -> (CapturedBody, Edit) {
    let cut = stream.cut_bytes() > 0;
    let gap = if cut { Gap::Behind } else { Gap::None };
    let (old_head, old_tail) = (stream.head(), stream.tail());
    let edit = mask.edit(form, &old_head, gap);
    let tail_edit = mask.edit(Form::Text, &old_tail, Gap::Before);
    if edit.is_empty() && tail_edit.is_empty() {
        return (stream.clone(), edit);
    }
    let (head, tail) = (edit.apply(&old_head), tail_edit.apply(&old_tail));
    let length = stream.cut_bytes() + (head.len() + tail.len()) as u64;
    let mut marks = stream.marks().to_vec();
    for mark in &mut marks {
        let moved = match usize::try_from(mark.offset) {
            Ok(offset) if offset <= old_head.len() => edit.at(offset) as u64,
            _ => mark.offset - old_head.len() as u64 + head.len() as u64,
        };
        mark.offset = moved.min(length);
    }
    let line_feeds = |bytes: &[u8]| memchr::memchr_iter(b'\n', bytes).count() as u64;
    let lost =
        line_feeds(&old_head) + line_feeds(&old_tail) - line_feeds(&head) - line_feeds(&tail);
    let restored = CapturedBody::restore(CapturedParts {
        length,
        line_feeds: stream.line_feeds() - lost,
        ends_open: stream.ends_open(),
        cap: stream.cap().max(head.len()),
        cut_reason: stream.cut_reason().map(Into::into),
        missing: stream.missing(),
        head: head.into(),
        tail: tail.into(),
        marks,
    });
    // The parts belong together by the lines above; if they did not, nothing is better than a secret.
    (restored.unwrap_or_else(|| CapturedBody::new(0)), edit)
}

fn hide(mask: &Mask<'_>, form: Form<'_>, bytes: &mut Vec<u8>) {
    if let Some(hidden) = mask.bytes(form, bytes) {
        *bytes = hidden;
    }
}

fn hide_bytes(mask: &Mask<'_>, form: Form<'_>, bytes: &mut Bytes) {
    if let Some(hidden) = mask.bytes(form, bytes) {
        *bytes = hidden.into();
    }
}

fn hide_word(mask: &Mask<'_>, word: &mut OsString) {
    if let Some(hidden) = mask.bytes(Form::Text, word.as_bytes()) {
        *word = OsString::from_vec(hidden);
    }
}

fn hide_text(mask: &Mask<'_>, text: &mut String) {
    if let Some(hidden) = mask.bytes(Form::Text, text.as_bytes()) {
        *text = String::from_utf8_lossy(&hidden).into_owned();
    }
}
