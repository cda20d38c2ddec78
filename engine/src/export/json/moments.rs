//! A timeline as JSON.

use serde::Serialize;

use super::octets::micros;
use crate::exchange::{Moment, Timeline};

#[derive(Serialize)]
pub(super) struct MomentView {
    moment: &'static str,
    at_micros: u64,
}

pub(super) fn moments(timeline: &Timeline) -> Vec<MomentView> {
    let view = timeline.iter().map(|(moment, at)| MomentView {
        moment: name(moment),
        at_micros: micros(at),
    });
    view.collect()
}

fn name(moment: Moment) -> &'static str {
    match moment {
        Moment::HeadComplete => "head_complete",
        Moment::Selected => "selected",
        Moment::BodyComplete => "body_complete",
        Moment::Spawned => "spawned",
        Moment::StdinClosed => "stdin_closed",
        Moment::FirstOutput => "first_output",
        Moment::HeadersComplete => "headers_complete",
        Moment::ResponseStarted => "response_started",
        Moment::OutputEnded => "output_ended",
        Moment::Exited => "exited",
        Moment::Reaped => "reaped",
        Moment::ResponseEnded => "response_ended",
        Moment::Finished => "finished",
        Moment::ScriptSaved => "script_saved",
    }
}
