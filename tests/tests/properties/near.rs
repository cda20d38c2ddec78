//! Inputs near a grammar: words that its parser takes an interest in, and a few bytes of anything.

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any};
use proptest::prop_oneof;
use proptest::sample::select;

/// Up to 24 of the words, with foreign bytes among them.
pub(crate) fn near(words: &'static [&'static [u8]]) -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        12 => select(words).prop_map(<[u8]>::to_vec),
        1 => vec(any::<u8>(), 1..4),
        1 => (any::<u8>(), prop_oneof![4 => 1..100_usize, 1 => 100..1500_usize]).prop_map(|(byte, count)| vec![byte; count]),
    ];
    vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// Lengths of pieces, the small ones most of all.
pub(crate) fn lengths() -> impl Strategy<Value = Vec<usize>> {
    let length = prop_oneof![
        2 => Just(1_usize),
        2 => 2..5_usize,
        1 => 5..40_usize,
    ];
    vec(length, 1..6)
}
