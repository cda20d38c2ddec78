//! The numbers of variants without content. A number is never given another meaning.

use super::RecordError;
use crate::cgi::header_block::BlockEnd;
use crate::cgi::profile::{HostProfile, Overrun};
use crate::cgi::violation::ViolationKind;
use crate::exchange::{Author, Moment};
use crate::site::script::InterpreterProblem;
use crate::site::shebang::{BinaryFormat, LineEnds};

/// An enum whose variants have numbers in records.
pub(super) trait Coded: Copy + 'static {
    /// What the number is about, for errors.
    const WHAT: &'static str;

    fn code(self) -> u8;

    fn of_code(code: u8) -> Option<Self>;
}

/// The variant of that number.
pub(super) fn decoded<T: Coded>(code: u8) -> Result<T, RecordError> {
    T::of_code(code).ok_or_else(|| RecordError::impossible(T::WHAT, format!("number {code}")))
}

macro_rules! codes {
    ($($kind:ty, $what:literal { $($number:literal $variant:ident,)* })*) => {
        $(impl Coded for $kind {
            const WHAT: &'static str = $what;

            fn code(self) -> u8 {
                match self {
                    $(Self::$variant => $number,)*
                }
            }

            fn of_code(code: u8) -> Option<Self> {
                Some(match code {
                    $($number => Self::$variant,)*
                    _ => return None,
                })
            }
        })*
    };
}

codes! {
    Moment, "moment" {
        0 HeadComplete,
        1 Selected,
        2 BodyComplete,
        3 Spawned,
        4 StdinClosed,
        5 FirstOutput,
        6 HeadersComplete,
        7 ResponseStarted,
        8 OutputEnded,
        9 Exited,
        10 Reaped,
        11 ResponseEnded,
        12 Finished,
        13 ScriptSaved,
    }
    Author, "author of the response" {
        0 Script,
        1 NphScript,
        2 File,
        3 Studio,
        4 Elsewhere,
    }
    BlockEnd, "end of the header block" {
        0 BlankLine,
        1 EndOfOutput,
        2 Stopped,
    }
    LineEnds, "line ends of the source" {
        0 Lf,
        1 CrLf,
        2 Cr,
        3 Mixed,
        4 None,
    }
    BinaryFormat, "binary format" {
        0 Elf,
        1 MachO,
        2 Pe,
    }
    InterpreterProblem, "problem of the interpreter" {
        0 Unnamed,
        1 Missing,
        2 NotAFile,
        3 NotExecutable,
    }
    HostProfile, "host" {
        0 Apache,
        1 Lighttpd,
        2 NginxFcgiwrap,
        3 Cpython,
        4 Go,
        5 Busybox,
    }
    Overrun, "end of a body that is too long" {
        0 Cut,
        1 LoseWrite,
    }
    ViolationKind, "violation" {
        0 EmptyOutput,
        1 NoBlankLine,
        2 PageInsideHeaders,
        3 PageBeforeHeaders,
        4 TextBeforeHeaders,
        5 TracebackInHeaders,
        6 NoContentType,
        7 NoContentTypeBesideStatus,
        8 LengthTooShort,
        9 LengthTooLong,
        10 HttpStatusLine,
        11 BadStatus,
        12 TransferEncoding,
        13 ConnectionField,
        14 LineWithoutColon,
        15 BadFieldName,
        16 ControlInValue,
        17 BlankLineFirst,
        18 SpaceBeforeColon,
        19 ContinuationLine,
        20 IndentedFirstLine,
        21 BlankLineNotEmpty,
        22 BareCarriageReturn,
        23 ByteOrderMark,
        24 LineTooLong,
        25 BlockTooLarge,
        26 TooManyFields,
        27 DuplicateCgiField,
        28 InterimStatus,
        29 BadContentLength,
        30 ServerField,
        31 UnknownExtension,
        32 LocalRedirectWithFields,
        33 NetworkPathLocation,
        34 RelativeLocation,
        35 LocalFragment,
        36 BadLocation,
        37 RedirectWithoutStatus,
        38 ClientRedirectWithFields,
        39 LocationWithoutRedirect,
        40 BodyNotAllowed,
        41 BodyForHead,
    }
}
