//! RFC 3875 as pure functions: no clock, no file system, no process, no environment.
