//! HTTP archives (HAR 1.2), out and in: what browsers and other inspectors exchange.

mod document;
mod facts;
mod read;
mod shape;
mod write;

pub use read::{HAR_BYTES, HAR_ENTRIES, HarError, ReadHar, read_har};
pub use write::har;

#[cfg(test)]
mod tests;
