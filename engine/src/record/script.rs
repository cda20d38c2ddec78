//! The facts of a script's file, packed; the source stands outside, under the hash that is a fact already.

use super::RecordError;
use super::code::{Coded as _, decoded};
use super::content::{BlobId, BlobSink, BlobSource, Content};
use super::packed::{Octets, flat, packed, range};
use crate::site::script::{FileKind, InterpreterProblem, InterpreterState, ScriptFacts};
use crate::site::shebang::{FirstLine, Shebang};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::slice;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

packed! {
    /// A script as it was on disk.
    PackedScript<'a> {
        "p" path: Octets<'a>,
        "k" kind: PackedFileKind,
        "n" size: u64,
        "m" mode: u32,
        "u" uid: u32,
        "g" gid: u32,
        "x" executable: bool,
        "e" mounted_noexec: Option<bool>,
        "t" modified: Option<(i64, u32)>,
        "h" hash: BlobId,
        "s" source: Content<'static>,
        "c" source_truncated: bool,
        "l" first_line: PackedFirstLine<'a>,
        "r" line_ends: u8,
        "b" binary_format: Option<u8>,
        "i" interpreter: PackedInterpreter<'a>,
    }
}

#[derive(Serialize, Deserialize, Clone, PartialEq, Debug, Default)]
pub(super) enum PackedFileKind {
    #[default]
    #[serde(rename = "r")]
    Regular,
    #[serde(rename = "d")]
    Directory,
    #[serde(rename = "m")]
    Missing,
    #[serde(rename = "o")]
    Other,
    #[serde(rename = "u")]
    Unreadable(i32),
}

packed! {
    /// The first line of a file.
    PackedFirstLine<'a> {
        "b" bom: bool,
        "r" raw: Octets<'a>,
        "s" shebang: Option<PackedShebang<'a>>,
        "l" shebang_on_line: Option<u32>,
    }
}

packed! {
    /// A `#!` line.
    PackedShebang<'a> {
        "i" interpreter: Octets<'a>,
        "a" argument: Option<Octets<'a>>,
        "c" ends_with_cr: bool,
        "l" too_long: bool,
        "s" span: Vec<u64>,
    }
}

#[derive(Serialize, Deserialize, Clone, PartialEq, Debug, Default)]
pub(super) enum PackedInterpreter<'a> {
    #[default]
    #[serde(rename = "o")]
    None,
    #[serde(rename = "n")]
    Native,
    #[serde(rename = "m")]
    Mapped(Lookup<'a>),
    #[serde(rename = "s")]
    Shebang(Lookup<'a>),
}

packed! {
    /// Where an interpreter was looked for.
    Lookup<'a> {
        "p" path: Octets<'a>,
        "f" found: bool,
        "w" through_env: Option<Octets<'a>>,
        "e" env_found: Option<Octets<'a>>,
        "x" problem: Option<u8>,
    }
}

impl<'a> PackedScript<'a> {
    pub(super) fn of(script: &'a ScriptFacts, blobs: &mut dyn BlobSink) -> Self {
        let ScriptFacts {
            path,
            kind,
            size,
            mode,
            uid,
            gid,
            executable,
            mounted_noexec,
            modified,
            hash,
            source,
            source_truncated,
            first_line,
            line_ends,
            binary_format,
            interpreter,
        } = script;
        Self {
            path: Octets::of_path(path),
            kind: PackedFileKind::of(*kind),
            size: *size,
            mode: *mode,
            uid: *uid,
            gid: *gid,
            executable: *executable,
            mounted_noexec: *mounted_noexec,
            modified: modified.map(since_epoch),
            hash: BlobId(*hash),
            source: packed_source(*hash, source, *source_truncated, blobs),
            source_truncated: *source_truncated,
            first_line: PackedFirstLine::of(first_line),
            line_ends: line_ends.code(),
            binary_format: binary_format.map(|format| format.code()),
            interpreter: PackedInterpreter::of(interpreter),
        }
    }

    pub(super) fn restore(self, blobs: &dyn BlobSource) -> Result<ScriptFacts, RecordError> {
        let hash = self.hash.0;
        if has_own_name(hash, self.source_truncated)
            && self.source.outside.is_some_and(|id| id.0 != hash)
        {
            // Packed again it would be kept under a name that is not its own.
            return Err(RecordError::impossible(
                "source",
                "another one than its hash says",
            ));
        }
        let recorded = self.source.recorded_bytes();
        let source = self.source.restore("source of the script", blobs)?;
        let gone = source.is_none() && recorded > 0;
        let format = self.binary_format.map(decoded).transpose()?;
        Ok(ScriptFacts {
            path: self.path.into_path(),
            kind: self.kind.restore(),
            size: self.size,
            mode: self.mode,
            uid: self.uid,
            gid: self.gid,
            executable: self.executable,
            mounted_noexec: self.mounted_noexec,
            modified: self.modified.map(moment).transpose()?,
            hash,
            source: Arc::from(&*source.unwrap_or_default()),
            source_truncated: self.source_truncated || gone,
            first_line: self.first_line.restore()?,
            line_ends: decoded(self.line_ends)?,
            binary_format: format,
            interpreter: self.interpreter.restore()?,
        })
    }
}

/// Whether the source goes by the script's hash: not where only a part was kept, or none was made.
fn has_own_name(hash: [u8; 32], truncated: bool) -> bool {
    !truncated && hash != [0; 32]
}

fn packed_source(
    hash: [u8; 32],
    source: &Arc<[u8]>,
    truncated: bool,
    blobs: &mut dyn BlobSink,
) -> Content<'static> {
    if source.is_empty() {
        return Content::default();
    }
    let pieces = [Bytes::from_owner(Arc::clone(source))];
    let id = if has_own_name(hash, truncated) {
        blobs.put_named(BlobId(hash), &pieces);
        BlobId(hash)
    } else {
        blobs.put(&pieces)
    };
    Content::outside(id, source.len())
}

/// Whole seconds from 1970 on, rounded down, and the nanoseconds above them.
fn since_epoch(time: SystemTime) -> (i64, u32) {
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => (whole(after.as_secs()), after.subsec_nanos()),
        Err(error) => {
            let before = error.duration();
            match before.subsec_nanos() {
                0 => (-whole(before.as_secs()), 0),
                nanos => (-whole(before.as_secs()) - 1, 1_000_000_000 - nanos),
            }
        }
    }
}

/// No file system knows dates that need more than 62 bits.
fn whole(seconds: u64) -> i64 {
    i64::try_from(seconds).unwrap_or(i64::MAX).min(i64::MAX / 2)
}

fn moment((seconds, nanos): (i64, u32)) -> Result<SystemTime, RecordError> {
    let distance = Duration::from_secs(seconds.unsigned_abs());
    let second = match seconds < 0 {
        false => UNIX_EPOCH.checked_add(distance),
        true => UNIX_EPOCH.checked_sub(distance),
    };
    let nanos = (nanos < 1_000_000_000).then(|| Duration::from_nanos(nanos.into()));
    let moment = second
        .zip(nanos)
        .and_then(|(second, nanos)| second.checked_add(nanos));
    moment.ok_or_else(|| {
        RecordError::impossible("date of the script", format!("{seconds} s from 1970"))
    })
}

impl PackedFileKind {
    fn of(kind: FileKind) -> Self {
        match kind {
            FileKind::Regular => Self::Regular,
            FileKind::Directory => Self::Directory,
            FileKind::Missing => Self::Missing,
            FileKind::Other => Self::Other,
            FileKind::Unreadable { errno } => Self::Unreadable(errno),
        }
    }

    fn restore(self) -> FileKind {
        match self {
            Self::Regular => FileKind::Regular,
            Self::Directory => FileKind::Directory,
            Self::Missing => FileKind::Missing,
            Self::Other => FileKind::Other,
            Self::Unreadable(errno) => FileKind::Unreadable { errno },
        }
    }
}

impl<'a> PackedFirstLine<'a> {
    fn of(line: &'a FirstLine) -> Self {
        let FirstLine {
            bom,
            raw,
            shebang,
            shebang_on_line,
        } = line;
        Self {
            bom: *bom,
            raw: Octets::of(raw),
            shebang: shebang.as_ref().map(PackedShebang::of),
            shebang_on_line: *shebang_on_line,
        }
    }

    fn restore(self) -> Result<FirstLine, RecordError> {
        Ok(FirstLine {
            bom: self.bom,
            raw: self.raw.into_vec(),
            shebang: self.shebang.map(PackedShebang::restore).transpose()?,
            shebang_on_line: self.shebang_on_line,
        })
    }
}

impl<'a> PackedShebang<'a> {
    fn of(shebang: &'a Shebang) -> Self {
        let Shebang {
            interpreter,
            argument,
            ends_with_cr,
            too_long,
            span,
        } = shebang;
        Self {
            interpreter: Octets::of(interpreter),
            argument: argument.as_deref().map(Octets::of),
            ends_with_cr: *ends_with_cr,
            too_long: *too_long,
            span: flat(slice::from_ref(span)),
        }
    }

    fn restore(self) -> Result<Shebang, RecordError> {
        Ok(Shebang {
            interpreter: self.interpreter.into_vec(),
            argument: self.argument.map(Octets::into_vec),
            ends_with_cr: self.ends_with_cr,
            too_long: self.too_long,
            span: range(&self.span, "place of the #! line")?,
        })
    }
}

impl<'a> PackedInterpreter<'a> {
    fn of(interpreter: &'a InterpreterState) -> Self {
        match interpreter {
            InterpreterState::None => Self::None,
            InterpreterState::Native => Self::Native,
            InterpreterState::Mapped { path, problem } => Self::Mapped(Lookup {
                path: Octets::of_path(path),
                problem: problem.map(|problem| problem.code()),
                ..Lookup::default()
            }),
            InterpreterState::Shebang {
                path,
                found,
                through_env,
                env_found,
                problem,
            } => Self::Shebang(Lookup {
                path: Octets::of_path(path),
                found: *found,
                through_env: through_env.as_deref().map(Octets::of),
                env_found: env_found.as_deref().map(Octets::of_path),
                problem: problem.map(|problem| problem.code()),
            }),
        }
    }

    fn restore(self) -> Result<InterpreterState, RecordError> {
        let problem = |code: Option<u8>| code.map(decoded::<InterpreterProblem>).transpose();
        Ok(match self {
            Self::None => InterpreterState::None,
            Self::Native => InterpreterState::Native,
            Self::Mapped(lookup) => InterpreterState::Mapped {
                path: lookup.path.into_path(),
                problem: problem(lookup.problem)?,
            },
            Self::Shebang(lookup) => InterpreterState::Shebang {
                path: lookup.path.into_path(),
                found: lookup.found,
                through_env: lookup.through_env.map(Octets::into_vec),
                env_found: lookup.env_found.map(Octets::into_path),
                problem: problem(lookup.problem)?,
            },
        })
    }
}
