//! The seeds of the fuzz targets, and what they once found: every invariant holds for them.

use std::fs;
use std::path::Path;

use cgi_tests::invariants::{INPUTS, apache_reads_back};

#[test]
fn every_seed_of_the_fuzz_targets_holds() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    let folders = fs::read_dir(&corpus).unwrap().count();
    assert_eq!(folders, INPUTS.len(), "a folder for each target");
    for (name, invariant) in INPUTS {
        let mut seeds = 0;
        for seed in fs::read_dir(corpus.join(name)).unwrap() {
            invariant(&fs::read(seed.unwrap().path()).unwrap());
            seeds += 1;
        }
        assert!(seeds > 1, "{name}");
    }
}

#[test]
fn what_is_made_of_the_seeds_for_httpd_is_read_as_it_was_written() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/apache");
    let folder = tempfile::tempdir().unwrap();
    for seed in fs::read_dir(corpus).unwrap() {
        apache_reads_back(folder.path(), &fs::read(seed.unwrap().path()).unwrap());
    }
}
