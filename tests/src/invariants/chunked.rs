//! A chunked body ends at the same byte however it comes.

use cgi_engine::cgi::chunked::{ChunkErrorKind, ChunkLimits, ChunkedScanner};

use super::in_pieces;

/// A body in pieces of these lengths ends, or breaks, where it does in one piece.
#[track_caller]
pub fn chunked(body: &[u8], lengths: &[usize]) {
    let tight = ChunkLimits {
        size_line_bytes: 12,
        extension_bytes: 20,
        trailer_bytes: 30,
    };
    for limits in [ChunkLimits::default(), tight] {
        let whole = scan([body], &limits);
        let pieces = scan(in_pieces(body, lengths), &limits);
        let written = body.escape_ascii();
        assert_eq!(pieces, whole, "in pieces of {lengths:?}: {written}");
        if let Ok(scanned) = whole {
            assert!(scanned.consumed <= body.len(), "{written}");
            assert!(scanned.data_bytes <= scanned.consumed as u64, "{written}");
            assert!(scanned.done || scanned.consumed == body.len(), "{written}");
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Scanned {
    consumed: usize,
    data_bytes: u64,
    done: bool,
}

fn scan<'a>(
    pieces: impl IntoIterator<Item = &'a [u8]>,
    limits: &ChunkLimits,
) -> Result<Scanned, (ChunkErrorKind, u64)> {
    let mut scanner = ChunkedScanner::new(limits.clone());
    let mut scanned = Scanned {
        consumed: 0,
        data_bytes: 0,
        done: false,
    };
    for piece in pieces {
        let progress = scanner
            .feed(piece)
            .map_err(|error| (error.kind, error.at))?;
        scanned.consumed += progress.consumed;
        scanned.done = progress.done;
        if progress.done {
            break;
        }
    }
    scanned.data_bytes = scanner.data_bytes();
    Ok(scanned)
}
