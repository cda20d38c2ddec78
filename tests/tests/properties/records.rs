//! Records with a byte that is another one: they are refused, or mean something else that can be shown.

use std::fs;
use std::path::Path;

use cgi_tests::invariants::record;

#[test]
fn a_record_with_one_wrong_byte_harms_nothing() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/record");
    let seed = fs::read(corpus.join("plain")).unwrap();
    for at in 0..seed.len() {
        // Another length, an empty map, an endless array, a number of 64 bits, nothing, one more.
        for byte in [0x00, 0x80, 0xdd, 0xcf, 0xc0, seed[at].wrapping_add(1)] {
            let mut broken = seed.clone();
            broken[at] = byte;
            record(&broken);
        }
        let mut shorter = seed.clone();
        shorter.remove(at);
        record(&shorter);
    }
}
