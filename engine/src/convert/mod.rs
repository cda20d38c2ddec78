//! Between `cgi-studio.toml` and what other hosts are configured with.
//!
//! [`deploy`] tells what a site does differently on another host. Nothing here runs or serves anything.

pub mod deploy;
mod host;

pub use host::Host;
