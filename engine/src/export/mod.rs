//! A recorded exchange handed on: as bytes to send again, and as text for other tools.
//!
//! [`resend()`] is what a replay sends; [`curl()`], [`http_file()`], [`shell_script()`], [`shell_line()`] and
//! [`python_environ()`] are made to be pasted elsewhere, [`har()`] to be read by other inspectors, [`markdown()`] by
//! people, [`exchange_document()`] by programs. Bytes that are no text are written so that the tool gets those bytes.
//!
//! Each writes the exchange that it is given: whoever lets it out of the house asks [`redact`] for a copy first.

mod curl;
mod environment;
mod har;
mod http_file;
mod json;
mod markdown;
pub mod quoting;
mod raw;
pub mod redact;
mod resend;
mod response_body;
mod shell_script;
mod visible;

pub use curl::{NoCurl, curl};
pub use environment::{python_environ, shell_line};
pub use har::{HAR_BYTES, HAR_ENTRIES, HarError, ReadHar, har, read_har};
pub use http_file::http_file;
pub use json::{exchange_document, findings, row_line};
pub use markdown::markdown;
pub use raw::{RawFile, raw_files};
pub use resend::{NotResendable, resend};
pub use response_body::{ResponseBody, response_body};
pub use shell_script::{NoShell, shell_script};

use crate::exchange::CapturedBody;

/// How much of an NPH script's output is the head of its answer: up to the empty line, 64 KiB at most.
fn nph_head_bytes(stdout: &CapturedBody) -> usize {
    let start = stdout.first(64 * 1024);
    let end = |line: &[u8]| memchr::memmem::find(&start, line).map(|at| at + line.len());
    let (strict, lenient) = (end(b"\r\n\r\n"), end(b"\n\n"));
    strict.into_iter().chain(lenient).min().unwrap_or_default()
}
