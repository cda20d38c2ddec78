//! A whole exchange, packed: who asked, what was chosen, the runs, the answer, the end.

use super::RecordError;
use super::code::Coded as _;
use super::content::{BlobSink, BlobSource};
use super::invocation::{PackedInvocation, PackedStop};
use super::packed::{List, Octets, Text, nanos, packed};
use super::request::{PackedConnection, PackedRequest};
use super::response::PackedAnswer;
use crate::clock::Timestamp;
use crate::exchange::{
    End, EndCause, Exchange, ExchangeId, Moment, Origin, SelectedTarget, Selection, Timeline,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Local redirects end after ten; this leaves room for more.
const MOST_RUNS: usize = 256;

packed! {
    /// An exchange.
    PackedExchange<'a> {
        "i" id: u64,
        // Microseconds from 1970 on.
        "s" started: i64,
        "o" origin: PackedOrigin<'a>,
        "c" connection: PackedConnection<'a>,
        "q" request: PackedRequest<'a>,
        "t" target: PackedTarget<'a>,
        "w" steps: Vec<Text<'a>>,
        "r" invocations: List<PackedInvocation<'a>, MOST_RUNS>,
        "a" response: Option<PackedAnswer<'a>>,
        "l" timeline: Vec<u64>,
        "e" end: Option<PackedEnd<'a>>,
    }
}

#[derive(Serialize, Deserialize, Clone, PartialEq, Debug, Default)]
pub(super) enum PackedOrigin<'a> {
    #[default]
    #[serde(rename = "c")]
    Socket,
    #[serde(rename = "s")]
    Studio,
    #[serde(rename = "r")]
    Replay(u64),
    #[serde(rename = "o")]
    ReplayOfSource(u64),
    #[serde(rename = "i")]
    Imported(Text<'a>),
}

#[derive(Serialize, Deserialize, Clone, PartialEq, Debug, Default)]
pub(super) enum PackedTarget<'a> {
    #[default]
    #[serde(rename = "u")]
    Undecided,
    #[serde(rename = "s")]
    Script(Octets<'a>),
    #[serde(rename = "f")]
    File(Octets<'a>),
    #[serde(rename = "d")]
    Folder(Octets<'a>),
    #[serde(rename = "n")]
    Nothing(Option<Text<'a>>),
    #[serde(rename = "x")]
    Forbidden(Text<'a>),
}

#[derive(Serialize, Deserialize, Clone, PartialEq, Debug)]
pub(super) enum PackedEnd<'a> {
    #[serde(rename = "a")]
    Answered,
    #[serde(rename = "c")]
    CutOff(PackedCause<'a>),
    #[serde(rename = "u")]
    Unanswered(PackedCause<'a>),
}

#[derive(Serialize, Deserialize, Clone, PartialEq, Debug)]
pub(super) enum PackedCause<'a> {
    #[serde(rename = "c")]
    ClientGone,
    #[serde(rename = "f")]
    ScriptFailed,
    #[serde(rename = "k")]
    Stopped(PackedStop),
    #[serde(rename = "s")]
    Shutdown,
    #[serde(rename = "i")]
    Internal(Text<'a>),
}

impl<'a> PackedExchange<'a> {
    pub(super) fn of(exchange: &'a Exchange, blobs: &mut dyn BlobSink) -> Self {
        let Exchange {
            id,
            started,
            origin,
            connection,
            request,
            selection: Selection { target, steps },
            invocations,
            response,
            timeline,
            end,
        } = exchange;
        let response = response.as_ref();
        Self {
            id: id.0,
            started: started.unix_micros(),
            origin: PackedOrigin::of(origin),
            connection: PackedConnection::of(connection),
            request: PackedRequest::of(request, blobs),
            target: PackedTarget::of(target),
            steps: steps.iter().map(Text::from).collect(),
            invocations: invocations
                .iter()
                .map(|run| PackedInvocation::of(run, blobs))
                .collect(),
            response: response.map(|response| PackedAnswer::of(response, blobs)),
            timeline: packed_timeline(timeline),
            end: end.as_ref().map(PackedEnd::of),
        }
    }

    pub(super) fn restore(self, blobs: &dyn BlobSource) -> Result<Exchange, RecordError> {
        // Beyond the range of a clock it would become another moment.
        let started = Timestamp::from_unix_micros(self.started);
        if started.unix_micros() != self.started {
            let found = format!("{} µs from 1970", self.started);
            return Err(RecordError::impossible("beginning", found));
        }
        let runs = self.invocations.into_iter();
        let response = self.response.map(|answer| answer.restore(blobs));
        Ok(Exchange {
            id: ExchangeId(self.id),
            started,
            origin: self.origin.restore(),
            connection: self.connection.restore()?,
            request: self.request.restore(blobs)?,
            selection: Selection {
                target: self.target.restore(),
                steps: self.steps.into_iter().map(Text::into_owned).collect(),
            },
            invocations: runs
                .map(|run| run.restore(blobs))
                .collect::<Result<_, _>>()?,
            response: response.transpose()?,
            timeline: timeline(&self.timeline),
            end: self.end.map(PackedEnd::restore).transpose()?,
        })
    }
}

/// The number of each moment and its nanoseconds after the one before, modulo 2^64.
pub(super) fn packed_timeline(timeline: &Timeline) -> Vec<u64> {
    let mut before = 0;
    let pairs = timeline.iter().flat_map(|(moment, at)| {
        let now = nanos(at);
        let later = now.wrapping_sub(before);
        before = now;
        [u64::from(moment.code()), later]
    });
    pairs.collect()
}

/// Moments that only a later version knows are left out.
pub(super) fn timeline(numbers: &[u64]) -> Timeline {
    let mut timeline = Timeline::default();
    let mut at = 0_u64;
    let (pairs, _) = numbers.as_chunks::<2>();
    for [code, later] in pairs {
        at = at.wrapping_add(*later);
        let moment = u8::try_from(*code).ok().and_then(Moment::of_code);
        if let Some(moment) = moment {
            timeline.note(moment, Duration::from_nanos(at));
        }
    }
    timeline
}

impl<'a> PackedOrigin<'a> {
    fn of(origin: &'a Origin) -> Self {
        match origin {
            Origin::Socket => Self::Socket,
            Origin::Studio => Self::Studio,
            Origin::Replay(id) => Self::Replay(id.0),
            Origin::ReplayOfSource(id) => Self::ReplayOfSource(id.0),
            Origin::Imported { from } => Self::Imported(Text::Borrowed(from)),
        }
    }

    fn restore(self) -> Origin {
        match self {
            Self::Socket => Origin::Socket,
            Self::Studio => Origin::Studio,
            Self::Replay(id) => Origin::Replay(ExchangeId(id)),
            Self::ReplayOfSource(id) => Origin::ReplayOfSource(ExchangeId(id)),
            Self::Imported(from) => Origin::Imported { from: from.into() },
        }
    }
}

impl<'a> PackedTarget<'a> {
    fn of(target: &'a SelectedTarget) -> Self {
        match target {
            SelectedTarget::Undecided => Self::Undecided,
            SelectedTarget::Script(path) => Self::Script(Octets::of_path(path)),
            SelectedTarget::File(path) => Self::File(Octets::of_path(path)),
            SelectedTarget::Folder(path) => Self::Folder(Octets::of_path(path)),
            SelectedTarget::Nothing { nearest } => {
                Self::Nothing(nearest.as_deref().map(Text::from))
            }
            SelectedTarget::Forbidden(why) => Self::Forbidden(why.into()),
        }
    }

    fn restore(self) -> SelectedTarget {
        match self {
            Self::Undecided => SelectedTarget::Undecided,
            Self::Script(path) => SelectedTarget::Script(path.into_path()),
            Self::File(path) => SelectedTarget::File(path.into_path()),
            Self::Folder(path) => SelectedTarget::Folder(path.into_path()),
            Self::Nothing(nearest) => SelectedTarget::Nothing {
                nearest: nearest.map(Text::into_owned),
            },
            Self::Forbidden(why) => SelectedTarget::Forbidden(why.into_owned()),
        }
    }
}

impl<'a> PackedEnd<'a> {
    fn of(end: &'a End) -> Self {
        match end {
            End::Answered => Self::Answered,
            End::CutOff(cause) => Self::CutOff(PackedCause::of(cause)),
            End::Unanswered(cause) => Self::Unanswered(PackedCause::of(cause)),
        }
    }

    fn restore(self) -> Result<End, RecordError> {
        Ok(match self {
            Self::Answered => End::Answered,
            Self::CutOff(cause) => End::CutOff(cause.restore()?),
            Self::Unanswered(cause) => End::Unanswered(cause.restore()?),
        })
    }
}

impl<'a> PackedCause<'a> {
    fn of(cause: &'a EndCause) -> Self {
        match cause {
            EndCause::ClientGone => Self::ClientGone,
            EndCause::ScriptFailed => Self::ScriptFailed,
            EndCause::Stopped(stop) => Self::Stopped(PackedStop::of(*stop)),
            EndCause::Shutdown => Self::Shutdown,
            EndCause::Internal(words) => Self::Internal(words.into()),
        }
    }

    fn restore(self) -> Result<EndCause, RecordError> {
        Ok(match self {
            Self::ClientGone => EndCause::ClientGone,
            Self::ScriptFailed => EndCause::ScriptFailed,
            Self::Stopped(stop) => EndCause::Stopped(stop.restore()?),
            Self::Shutdown => EndCause::Shutdown,
            Self::Internal(words) => EndCause::Internal(words.into_owned()),
        })
    }
}
