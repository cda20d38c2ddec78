//! A recorded exchange handed on: as bytes to send again, and as text for other tools.
//!
//! [`resend()`] is what a replay sends; [`curl()`], [`http_file()`], [`shell_line()`] and [`python_environ()`] are
//! made to be pasted elsewhere. Bytes that are no text are written so that the tool gets those very bytes.

mod curl;
mod environment;
mod http_file;
pub mod quoting;
mod resend;

pub use curl::{NoCurl, curl};
pub use environment::{python_environ, shell_line};
pub use http_file::http_file;
pub use resend::{NotResendable, resend};
