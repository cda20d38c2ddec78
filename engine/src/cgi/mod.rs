//! RFC 3875 as pure functions: no clock, no file system, no process, no environment.
//!
//! In the order of a request: its head is judged, its target taken apart, the meta-variables made,
//! and what the script printed is read back as a header block and then a response.
pub mod grammar;

pub mod authority;
pub mod chunked;
pub(crate) mod command_line;
pub mod credentials;
pub mod dictionary;
pub(crate) mod environment;
pub(crate) mod extensions;
pub mod field_dictionary;
pub mod form;
pub mod head_error;
pub mod head_rules;
pub mod header_block;
pub(crate) mod location;
pub mod meta_variable;
pub mod profile;
pub(crate) mod protocol_fields;
pub mod reason_phrase;
pub mod request;
pub mod request_head;
pub mod response;
pub mod script_uri;
pub mod trailers;
pub mod violation;
