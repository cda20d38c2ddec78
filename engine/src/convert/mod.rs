//! Between `cgi-studio.toml` and what other hosts are configured with.
//!
//! [`mod@write`] writes configuration of other hosts for a site; [`deploy`] tells what the site does
//! differently there. Nothing here runs or serves anything.

pub mod deploy;
mod host;
pub mod write;

pub use host::Host;
