//! A CGI/1.1 host (RFC 3875) that records every request and explains what went wrong.
//!
//! Modules in reading order, from the bottom up:
pub mod cgi;
pub mod process;
pub mod site;
pub mod clock;
pub mod exchange;
pub mod history;
pub mod diagnosis;
pub mod message;
mod recorder;
pub mod watch;
mod server;
