//! Foreign bytes of every kind against every parser: none panics, and none cares how they are cut.
use bytes::Bytes;

use super::chunked::{ChunkLimits, ChunkedScanner};
use super::header_block::{HeaderBlock, HeaderBlockParser, HeaderLimits, Progress};
use super::request_head::{HeadLimits, find_end, parse};
use super::response::interpret;
use super::script_uri::RequestTarget;
use super::violation::Strictness;

/// A small generator with a fixed start, so that a failure comes back on the next run.
struct Noise(u64);

impl Noise {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound as u64).unwrap()
    }

    /// Up to `pieces` pieces of what a parser takes an interest in, and a few bytes of anything.
    fn text(&mut self, vocabulary: &[&str], pieces: usize) -> Vec<u8> {
        let mut text = Vec::new();
        for _ in 0..self.below(pieces + 1) {
            match self.below(8) {
                0 => text.push(u8::try_from(self.below(256)).unwrap()),
                _ => text.extend_from_slice(vocabulary[self.below(vocabulary.len())].as_bytes()),
            }
        }
        text
    }
}

const ROUNDS: usize = 4000;

#[test]
fn no_request_head_panics_or_depends_on_its_pieces() {
    let words = [
        "GET ",
        "POST ",
        "/",
        "/a?b",
        " HTTP/1.1",
        " HTTP/1.0",
        "\r\n",
        "\n",
        "\r",
        "Host: h",
        "Host:",
        "Content-Length: ",
        "5",
        "Transfer-Encoding: chunked",
        ":",
        " ",
        "\t",
        ",",
        "X",
        "\r\n\r\n",
    ];
    let mut noise = Noise(1);
    let limits = HeadLimits {
        head_bytes: 80,
        target_bytes: 20,
        fields: 3,
    };
    for _ in 0..ROUNDS {
        let text = noise.text(&words, 20);
        let Ok(Some(end)) = find_end(&text, 0, &limits) else {
            continue;
        };
        let cut = noise.below(end);
        assert!(
            !matches!(find_end(&text[..cut], 0, &limits), Ok(Some(_))),
            "{}",
            text.escape_ascii()
        );
        assert_eq!(
            find_end(&text, cut, &limits),
            Ok(Some(end)),
            "{}",
            text.escape_ascii()
        );
        if let Ok(head) = parse(Bytes::copy_from_slice(&text[..end]), &HeadLimits::default()) {
            for field in &head.fields {
                assert!(field.line.start <= field.name.start && field.value.end <= field.line.end);
            }
        }
    }
}

#[test]
fn no_target_panics_and_no_decoded_path_leads_up() {
    let words = [
        "/", "//", ".", "..", "%2e", "%2F", "%", "%00", "a", "?", "http://", "h", ":80", "%zz",
        ";", "[::1]",
    ];
    let mut noise = Noise(2);
    for _ in 0..ROUNDS {
        let target = noise.text(&words, 12);
        let Ok(path) = RequestTarget::parse(&target).and_then(|target| target.decode_path()) else {
            continue;
        };
        assert!(
            path.bytes.starts_with(b"/") && !path.bytes.contains(&0),
            "{}",
            target.escape_ascii()
        );
        let climbs = path
            .bytes
            .split(|byte| *byte == b'/')
            .any(|segment| matches!(segment, b"." | b".."));
        assert!(!climbs, "{}", target.escape_ascii());
        for start in 0..=path.bytes.len() {
            let source = path.source_range(start..path.bytes.len());
            assert!(source.start <= source.end && source.end <= target.len());
        }
    }
}

fn block_in_pieces(output: &[u8], piece: usize) -> HeaderBlock {
    let mut parser = HeaderBlockParser::new(HeaderLimits {
        line_bytes: 30,
        block_bytes: 60,
        fields: 4,
    });
    for part in output.chunks(piece) {
        if parser.feed(part) == Progress::Complete {
            return parser.into_block();
        }
    }
    parser.finish();
    parser.into_block()
}

#[test]
fn no_script_output_panics_or_depends_on_its_pieces() {
    let words = [
        "Content-Type: a/b",
        "Status: ",
        "404",
        "Location: ",
        "/",
        "http://",
        "\n",
        "\r\n",
        "\r",
        "\n\n",
        " ",
        ":",
        "<",
        "HTTP/1.1",
        "X",
        "Content-Length: 5",
        "Transfer-Encoding: x",
        "Traceback (most recent call last):",
        "\u{feff}",
        "x#y",
    ];
    let mut noise = Noise(3);
    for _ in 0..ROUNDS {
        let output = noise.text(&words, 14);
        let block = block_in_pieces(&output, output.len().max(1));
        for piece in [1, 2, 3, 7] {
            assert_eq!(
                block_in_pieces(&output, piece),
                block,
                "pieces of {piece}: {}",
                output.escape_ascii()
            );
        }
        assert!(block.length <= output.len());
        for strictness in [Strictness::Strict, Strictness::Default, Strictness::Lenient] {
            let response = interpret(&block, strictness, false);
            assert!((100..=999).contains(&response.status));
            assert!(
                response
                    .fields
                    .iter()
                    .all(|(name, value)| !name.is_empty() && !value.contains(&b'\n'))
            );
        }
    }
}

#[test]
fn no_chunked_body_panics_or_depends_on_its_pieces() {
    let words = [
        "0\r\n",
        "\r\n",
        "5\r\nhello\r\n",
        "1",
        "a",
        "ff",
        ";a=b",
        "\n",
        "\r",
        " ",
        "X: y\r\n",
        "0",
        "\"",
        "=",
        "\\",
    ];
    let mut noise = Noise(4);
    for _ in 0..ROUNDS {
        let body = noise.text(&words, 14);
        let scan = |piece: usize| {
            let mut scanner = ChunkedScanner::new(ChunkLimits::default());
            let mut total = 0;
            for part in body.chunks(piece) {
                let progress = scanner.feed(part).map_err(|error| (error.kind, error.at))?;
                total += progress.consumed;
                if progress.done {
                    break;
                }
            }
            Ok::<_, (super::chunked::ChunkErrorKind, u64)>((total, scanner.data_bytes()))
        };
        let whole = scan(body.len().max(1));
        for piece in [1, 2, 3, 7] {
            assert_eq!(
                scan(piece),
                whole,
                "pieces of {piece}: {}",
                body.escape_ascii()
            );
        }
    }
}
