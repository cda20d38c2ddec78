//! Starts the studio.
fn main() {}
