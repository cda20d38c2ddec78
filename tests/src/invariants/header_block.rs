//! What a script prints is read the same however it comes, and only what can be sent is sent.

use cgi_engine::cgi::grammar::{is_field_value_byte, is_token};
use cgi_engine::cgi::header_block::{HeaderBlock, HeaderBlockParser, HeaderLimits, Progress};
use cgi_engine::cgi::response::interpret;
use cgi_engine::cgi::violation::Strictness;

use super::in_pieces;

/// Output in pieces of these lengths gives the block that it gives in one piece, and no response of
/// it breaks the message that it becomes.
#[track_caller]
pub fn header_block(output: &[u8], lengths: &[usize]) {
    let tight = HeaderLimits {
        line_bytes: 30,
        block_bytes: 60,
        fields: 4,
    };
    for limits in [HeaderLimits::default(), tight] {
        let whole = read([output], &limits);
        let pieces = read(in_pieces(output, lengths), &limits);
        let written = output.escape_ascii();
        assert_eq!(pieces, whole, "in pieces of {lengths:?}: {written}");
        let (block, _) = whole;
        assert!(block.length <= output.len(), "{written}");
        for field in &block.fields {
            assert!(
                is_token(&field.name) && field.span.end <= output.len(),
                "{written}"
            );
        }
        for strictness in [Strictness::Strict, Strictness::Default, Strictness::Lenient] {
            for is_head in [false, true] {
                check_response(&block, strictness, is_head);
            }
        }
    }
}

/// The block, and how many bytes were taken for it.
fn read<'a>(
    pieces: impl IntoIterator<Item = &'a [u8]>,
    limits: &HeaderLimits,
) -> (HeaderBlock, usize) {
    let mut parser = HeaderBlockParser::new(limits.clone());
    let mut taken = 0;
    for piece in pieces {
        let progress = parser.feed(piece);
        taken += parser.taken();
        if progress == Progress::Complete {
            return (parser.into_block(), taken);
        }
    }
    parser.finish();
    (parser.into_block(), taken)
}

#[track_caller]
fn check_response(block: &HeaderBlock, strictness: Strictness, is_head: bool) {
    let response = interpret(block, strictness, is_head);
    assert!((100..=999).contains(&response.status), "{block:?}");
    let sendable = |bytes: &[u8]| bytes.iter().copied().all(is_field_value_byte);
    assert!(sendable(&response.reason), "{block:?}");
    for (name, value) in &response.fields {
        assert!(is_token(name) && sendable(value), "{block:?}");
        let framing: [&[u8]; 2] = [b"content-length", b"transfer-encoding"];
        let frames = framing.iter().any(|other| name.eq_ignore_ascii_case(other));
        assert!(!frames, "{block:?}");
    }
}
