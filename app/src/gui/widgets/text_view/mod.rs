//! A viewer of bytes as lines of text.

pub mod visible;
