//! What of a recorded run is looked at.

use std::time::Duration;

use crate::exchange::{Author, CapturedBody, Exchange, Moment};

/// Bytes as far as they were kept.
pub(super) struct Observed {
    pub(super) bytes: Vec<u8>,
    /// Bytes that were not kept, somewhere in the middle.
    pub(super) missing: u64,
}

impl Observed {
    fn whole(bytes: &[u8]) -> Self {
        Self {
            bytes: bytes.to_vec(),
            missing: 0,
        }
    }

    pub(super) fn of(stream: &CapturedBody) -> Self {
        Self {
            bytes: [stream.head().as_ref(), &stream.tail()].concat(),
            missing: stream.cut_bytes(),
        }
    }

    fn from(mut self, start: u64) -> Self {
        let start = usize::try_from(start).unwrap_or(usize::MAX);
        self.bytes.drain(..start.min(self.bytes.len()));
        self
    }
}

/// The body that the client got; the words say why it is not known.
pub(super) fn body(exchange: &Exchange) -> Result<Observed, String> {
    let Some(response) = &exchange.response else {
        return Err("there was no response".to_owned());
    };
    let is_head = exchange
        .request
        .head
        .as_ref()
        .is_some_and(|head| head.method() == b"HEAD");
    if is_head && response.author != Author::NphScript {
        return Ok(Observed::whole(b""));
    }
    match (response.author, exchange.invocation()) {
        (Author::Studio | Author::Elsewhere, _) => Ok(Observed::whole(&response.own_body)),
        (Author::File, _) => Err("the body of a file is not recorded".to_owned()),
        (Author::Script, Some(run)) => {
            Ok(Observed::of(&run.stdout).from(run.body_offset().unwrap_or_default()))
        }
        (Author::NphScript, Some(run)) => {
            Ok(Observed::of(&run.stdout).from(response.sent_head.len() as u64))
        }
        (_, None) => Err("no script was run".to_owned()),
    }
}

/// From the first byte of the request to the last of the response, as the list shows it.
pub(super) fn time(exchange: &Exchange) -> Option<Duration> {
    exchange.end.as_ref()?;
    exchange
        .timeline
        .at(Moment::ResponseEnded)
        .or_else(|| exchange.timeline.last())
}
