//! Between `cgi-studio.toml` and what other hosts are configured with.
//!
//! [`apache`] reads configuration of Apache httpd; [`mod@write`] writes configuration of other
//! hosts for a site; [`deploy`] tells what the site does differently there. Nothing here runs or
//! serves anything.

pub mod apache;
pub mod deploy;
mod host;
mod note;
pub mod write;

pub use host::Host;
pub use note::{Conversion, Grade, Note, ScopeSource};
