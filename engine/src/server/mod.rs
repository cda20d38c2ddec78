//! Bind, accept, drain.
