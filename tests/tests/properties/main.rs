//! Properties: what holds for every input, tried with many that come near the grammar.
//!
//! The inputs are the same in each run. `PROPTEST_CASES=100000` tries more, `PROPTEST_RNG_SEED=7`
//! others; an input that failed once is kept in `regressions/` and tried first for ever.

// A property that panics does not hold: that is all an unwrap means here.
#![allow(clippy::unwrap_used)]

mod bodies;
mod heads;
mod near;
mod records;
mod requests;
mod seeds;
mod settings;
mod targets;

use std::env;

use proptest::test_runner::{Config, FileFailurePersistence, RngSeed};

/// The same inputs in each run, unless the environment asks for others.
fn config(regressions: &'static str) -> Config {
    let config = Config::default();
    let rng_seed = match config.rng_seed {
        RngSeed::Random => RngSeed::Fixed(3875),
        fixed => fixed,
    };
    let cases = match env::var_os("PROPTEST_CASES") {
        Some(_) => config.cases,
        None => 2000,
    };
    Config {
        cases,
        rng_seed,
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(regressions))),
        ..config
    }
}

/// The same for inputs that are written to disk: a quarter as many.
fn config_on_disk(regressions: &'static str) -> Config {
    let config = config(regressions);
    Config {
        cases: config.cases.div_ceil(4),
        ..config
    }
}
