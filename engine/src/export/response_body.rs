//! The body that the client was answered with, as far as the record holds it.

use std::borrow::Cow;

use crate::exchange::{Author, CapturedBody, Exchange};

/// A body and what is missing of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ResponseBody<'e> {
    /// The bytes that are there, from the first on.
    pub bytes: Cow<'e, [u8]>,
    /// Why these are not all of them, in one sentence; empty where they are.
    pub missing: String,
}

/// The body of the answer, without chunks; none where nothing was answered.
///
/// A static file is not recorded a second time, and a stream that was longer than its cap has a gap: then
/// [`ResponseBody::missing`] says so.
#[must_use]
pub fn response_body(exchange: &Exchange) -> Option<ResponseBody<'_>> {
    let response = exchange.response.as_ref()?;
    let whole = |bytes| ResponseBody {
        bytes,
        missing: String::new(),
    };
    Some(match response.author {
        Author::Studio | Author::Elsewhere => whole(Cow::Borrowed(response.own_body.as_ref())),
        Author::File if response.body_bytes == 0 => whole(Cow::default()),
        Author::File => ResponseBody {
            bytes: Cow::default(),
            missing: "a file of the site is sent as it is and is not recorded".to_owned(),
        },
        Author::Script | Author::NphScript => {
            let run = exchange.invocation()?;
            let start = match response.author {
                // The head is its own, and in its output.
                Author::NphScript => super::nph_head_bytes(&run.stdout) as u64,
                _ => run.body_offset().unwrap_or_default(),
            };
            of_output(&run.stdout, start, response.body_bytes)
        }
    })
}

/// At most `sent` bytes of the output from `start` on: a HEAD request gets none of them, a client that left a part.
fn of_output(stdout: &CapturedBody, start: u64, sent: u64) -> ResponseBody<'_> {
    let start = usize::try_from(start).unwrap_or(usize::MAX);
    let cut = |bytes: Cow<'_, [u8]>| -> Vec<u8> {
        let rest = bytes.get(start.min(bytes.len())..).unwrap_or_default();
        let most = usize::try_from(sent).unwrap_or(usize::MAX);
        rest.get(..most.min(rest.len()))
            .unwrap_or_default()
            .to_vec()
    };
    let bytes = cut(stdout.head());
    let lacking = sent.saturating_sub(bytes.len() as u64);
    ResponseBody {
        missing: match lacking {
            0 => String::new(),
            _ => format!("{lacking} bytes of its end are not here: they were not recorded"),
        },
        bytes: Cow::Owned(bytes),
    }
}
