//! The two corpora: correct scripts stay silent, broken ones are named right, before and after a run; the score is printed.
//!
//! `corpus/correct/LANGUAGE/` holds scripts and `requests.toml` with what each is asked. `corpus/broken/` holds a file for
//! each row of the catalogue, with several scripts each and the headline that a run of it has to have.

// A test that panics has failed: that is all an unwrap means here.
#![allow(clippy::unwrap_used)]
// Compilers and interpreters are asked, not served.
#![allow(clippy::disallowed_methods)]

mod broken;
mod case;
mod correct;
mod guide;
mod interpreters;
mod mended;

use std::path::{Path, PathBuf};

fn child() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_cgi-child"))
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

/// Prints past the harness, so that the score is seen without `--nocapture`.
fn say(text: &str) {
    use std::io::Write as _;
    let mut stdout = std::io::stdout();
    let _ = writeln!(stdout, "{text}");
}
