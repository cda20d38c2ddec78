//! The recorded bytes as files: what came in, what went out, nothing added.

use std::borrow::Cow;

use super::response_body::response_body;
use crate::exchange::{CapturedBody, Exchange};

/// A file of recorded bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RawFile<'e> {
    /// Its name, such as `stdout` or `stdout-2` for the second run of a chain.
    pub name: String,
    /// What is recorded: beginning and end where the middle is missing.
    pub bytes: Cow<'e, [u8]>,
    /// Bytes in the middle that are missing.
    pub cut_bytes: u64,
}

/// `request-head`, `stdin` (the request's body), `stdout` and `stderr` of each run, `response-head`, `body` (the response's).
#[must_use]
pub fn raw_files(exchange: &Exchange) -> Vec<RawFile<'_>> {
    let mut files = vec![
        whole(
            "request-head",
            Cow::Borrowed(exchange.request.raw_head.as_ref()),
        ),
        stream("stdin", &exchange.request.body),
    ];
    for (index, run) in exchange.invocations.iter().enumerate() {
        let number = if index == 0 {
            String::new()
        } else {
            format!("-{}", index + 1)
        };
        files.push(stream(&format!("stdout{number}"), &run.stdout));
        files.push(stream(&format!("stderr{number}"), &run.stderr));
    }
    if let Some(response) = &exchange.response {
        files.push(whole(
            "response-head",
            Cow::Borrowed(response.sent_head.as_ref()),
        ));
    }
    if let Some(body) = response_body(exchange) {
        files.push(whole("body", body.bytes));
    }
    files
}

fn whole<'e>(name: &str, bytes: Cow<'e, [u8]>) -> RawFile<'e> {
    RawFile {
        name: name.to_owned(),
        bytes,
        cut_bytes: 0,
    }
}

fn stream<'e>(name: &str, stream: &'e CapturedBody) -> RawFile<'e> {
    let tail = stream.tail();
    RawFile {
        name: name.to_owned(),
        bytes: match tail.is_empty() {
            true => stream.head(),
            false => Cow::Owned([stream.head().as_ref(), &tail].concat()),
        },
        cut_bytes: stream.cut_bytes(),
    }
}
