//! What a run had around it, packed: its interpreter and its limits.

use super::RecordError;
use super::packed::{Octets, Text, packed};
use crate::exchange::{AppliedLimits, Interpreter};
use crate::process::Resources;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A time that somebody set, in seconds and nanoseconds: it may be longer than any exchange.
#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Debug, Default)]
pub(super) struct PackedSpan(u64, u32);

impl PackedSpan {
    pub(super) fn of(span: Duration) -> Self {
        Self(span.as_secs(), span.subsec_nanos())
    }

    pub(super) fn restore(self) -> Result<Duration, RecordError> {
        let Self(seconds, nanos) = self;
        if nanos >= 1_000_000_000 {
            let found = format!("{nanos} nanoseconds above a second");
            return Err(RecordError::impossible("time limit", found));
        }
        Ok(Duration::new(seconds, nanos))
    }
}

packed! {
    /// The program that ran a script.
    PackedInterpreter<'a> {
        "p" path: Octets<'a>,
        "v" version: Option<Text<'a>>,
    }
}

packed! {
    /// What a run was held to.
    PackedLimits<'a> {
        "s" silence: Option<PackedSpan>,
        "t" total: Option<PackedSpan>,
        "g" client_gone: PackedSpan,
        "c" capture_bytes: u64,
        "u" cpu_seconds: Option<u64>,
        "m" memory_bytes: Option<u64>,
        "p" processes: Option<u64>,
        "x" refused: Option<Text<'a>>,
    }
}

impl<'a> PackedInterpreter<'a> {
    pub(super) fn of(interpreter: &'a Interpreter) -> Self {
        let Interpreter { path, version } = interpreter;
        Self {
            path: Octets::of_path(path),
            version: version.as_deref().map(Text::from),
        }
    }

    pub(super) fn restore(self) -> Interpreter {
        Interpreter {
            path: self.path.into_path(),
            version: self.version.map(Text::into_owned),
        }
    }
}

impl<'a> PackedLimits<'a> {
    pub(super) fn of(limits: &'a AppliedLimits) -> Self {
        let AppliedLimits {
            silence,
            total,
            client_gone,
            capture_bytes,
            resources:
                Resources {
                    cpu_seconds,
                    memory_bytes,
                    processes,
                },
            refused,
        } = limits;
        Self {
            silence: silence.map(PackedSpan::of),
            total: total.map(PackedSpan::of),
            client_gone: PackedSpan::of(*client_gone),
            capture_bytes: *capture_bytes,
            cpu_seconds: *cpu_seconds,
            memory_bytes: *memory_bytes,
            processes: *processes,
            refused: refused.as_deref().map(Text::from),
        }
    }

    pub(super) fn restore(self) -> Result<AppliedLimits, RecordError> {
        Ok(AppliedLimits {
            silence: self.silence.map(PackedSpan::restore).transpose()?,
            total: self.total.map(PackedSpan::restore).transpose()?,
            client_gone: self.client_gone.restore()?,
            capture_bytes: self.capture_bytes,
            resources: Resources {
                cpu_seconds: self.cpu_seconds,
                memory_bytes: self.memory_bytes,
                processes: self.processes,
            },
            refused: self.refused.map(Text::into_owned),
        })
    }
}
