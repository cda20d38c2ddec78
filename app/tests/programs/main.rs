//! Programs that people have, served by the real binary and used through their own clients.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on ends where it stands"
)]

#[allow(dead_code, reason = "the tests of the window use the rest")]
#[path = "../support/mod.rs"]
mod support;

mod bottle;
mod django;
mod flask;
mod git;
mod gitweb;
mod guide;
mod har;
mod legacy_cgi;
mod mercurial;
mod perl;
mod php;
mod served;
