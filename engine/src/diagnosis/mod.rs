//! Facts turned into findings: what went wrong, on whose side, and what to do.
