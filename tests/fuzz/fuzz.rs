//! One fuzz target for each parser; `CGI_STUDIO_FUZZ` names it (see `run`).
#![no_main]

use std::env;
use std::sync::LazyLock;

use cgi_tests::invariants::{INPUTS, Invariant};
use libfuzzer_sys::fuzz_target;

static CHOSEN: LazyLock<Invariant> = LazyLock::new(|| {
    let name = env::var("CGI_STUDIO_FUZZ").unwrap_or_default();
    let found = INPUTS.iter().find(|(known, _)| *known == name);
    let names: Vec<&str> = INPUTS.iter().map(|(known, _)| *known).collect();
    found
        .unwrap_or_else(|| panic!("CGI_STUDIO_FUZZ is one of: {}", names.join(" ")))
        .1
});

fuzz_target!(|bytes: &[u8]| (*CHOSEN)(bytes));
