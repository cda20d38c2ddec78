//! What a silent run was seen to do, as JSON.

use super::octets::{Octets, micros};
use crate::exchange::Silence;
use crate::process::Member;
use serde::Serialize;
use std::os::unix::ffi::OsStrExt as _;

#[derive(Serialize)]
pub(super) struct SilenceView<'a> {
    since_micros: u64,
    seen_micros: u64,
    cause: &'static str,
    target: Octets<'a>,
    process: ProcessView<'a>,
    behind: Vec<ProcessView<'a>>,
    system_call: &'a str,
    cpu_micros: u64,
    looked_micros: u64,
}

#[derive(Serialize)]
struct ProcessView<'a> {
    pid: u32,
    command: Octets<'a>,
}

impl<'a> SilenceView<'a> {
    pub(super) fn of(silence: &'a Silence) -> Self {
        let waiting = &silence.waiting;
        Self {
            since_micros: micros(silence.since),
            seen_micros: micros(silence.seen),
            cause: waiting.cause.name(),
            target: waiting.target.as_bytes().into(),
            process: process(&waiting.process),
            behind: waiting.behind.iter().map(process).collect(),
            system_call: &waiting.system_call,
            cpu_micros: micros(waiting.cpu),
            looked_micros: micros(waiting.looked),
        }
    }
}

fn process(member: &Member) -> ProcessView<'_> {
    ProcessView {
        pid: member.pid,
        command: member.command.as_bytes().into(),
    }
}
