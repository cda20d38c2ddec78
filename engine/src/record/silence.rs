//! What a silent run was seen to do, packed.

use super::RecordError;
use super::invocation::PackedMember;
use super::packed::{Octets, Text, packed};
use crate::exchange::Silence;
use crate::process::{WaitCause, Waiting};
use std::time::Duration;

packed! {
    /// The last look at a silent run.
    PackedSilence<'a> {
        "s" since_nanos: u64,
        "a" seen_nanos: u64,
        "p" process: PackedMember<'a>,
        "b" behind: Vec<PackedMember<'a>>,
        "c" cause: u8,
        "t" target: Octets<'a>,
        "n" system_call: Text<'a>,
        "u" cpu_nanos: u64,
        "l" looked_nanos: u64,
    }
}

/// The causes by their numbers in the record, which never change.
const CAUSES: [WaitCause; 19] = [
    WaitCause::Unknown,
    WaitCause::Computes,
    WaitCause::StandardInput,
    WaitCause::Sleeps,
    WaitCause::SocketAnswer,
    WaitCause::SocketConnect,
    WaitCause::SocketAccept,
    WaitCause::SocketSend,
    WaitCause::FileLock,
    WaitCause::Read,
    WaitCause::Output,
    WaitCause::Write,
    WaitCause::Child,
    WaitCause::Thread,
    WaitCause::Events,
    WaitCause::Signal,
    WaitCause::Disk,
    WaitCause::Stopped,
    WaitCause::Left,
];

impl<'a> PackedSilence<'a> {
    pub(super) fn of(silence: &'a Silence) -> Self {
        let Silence {
            since,
            seen,
            waiting:
                Waiting {
                    process,
                    behind,
                    cause,
                    target,
                    system_call,
                    cpu,
                    looked,
                },
        } = silence;
        let cause = CAUSES.iter().position(|known| known == cause).unwrap_or(0);
        Self {
            since_nanos: super::packed::nanos(*since),
            seen_nanos: super::packed::nanos(*seen),
            process: PackedMember::of(process),
            behind: behind.iter().map(PackedMember::of).collect(),
            cause: u8::try_from(cause).unwrap_or(0),
            target: Octets::of_os(target),
            system_call: system_call.into(),
            cpu_nanos: super::packed::nanos(*cpu),
            looked_nanos: super::packed::nanos(*looked),
        }
    }

    pub(super) fn restore(self) -> Result<Silence, RecordError> {
        let cause = CAUSES.get(usize::from(self.cause)).copied();
        let cause = cause.ok_or_else(|| {
            RecordError::impossible("cause of waiting", format!("number {}", self.cause))
        })?;
        Ok(Silence {
            since: Duration::from_nanos(self.since_nanos),
            seen: Duration::from_nanos(self.seen_nanos),
            waiting: Waiting {
                process: self.process.restore(),
                behind: self.behind.into_iter().map(PackedMember::restore).collect(),
                cause,
                target: self.target.into_os(),
                system_call: self.system_call.into_owned(),
                cpu: Duration::from_nanos(self.cpu_nanos),
                looked: Duration::from_nanos(self.looked_nanos),
            },
        })
    }
}
