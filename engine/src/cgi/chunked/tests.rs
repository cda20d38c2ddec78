//! Chunked bodies, whole and hostile, in every split.
use super::*;

/// The bytes the body takes and the content it holds, the same for every split in two and for
/// single bytes.
fn scan(bytes: &[u8]) -> Result<Option<(usize, u64)>, ChunkErrorKind> {
    let once = scan_in_pieces(bytes, bytes.len().max(1));
    for piece in 1..bytes.len().min(40) {
        assert_eq!(
            scan_in_pieces(bytes, piece),
            once,
            "pieces of {piece}: {}",
            bytes.escape_ascii()
        );
    }
    once
}

fn scan_in_pieces(bytes: &[u8], piece: usize) -> Result<Option<(usize, u64)>, ChunkErrorKind> {
    let mut scanner = ChunkedScanner::new(ChunkLimits::default());
    let mut total = 0;
    for part in bytes.chunks(piece) {
        let progress = scanner.feed(part).map_err(|error| error.kind)?;
        total += progress.consumed;
        if progress.done {
            return Ok(Some((total, scanner.data_bytes())));
        }
        assert_eq!(progress.consumed, part.len());
    }
    Ok(None)
}

#[track_caller]
fn ends(body: &str, data_bytes: u64) {
    let bytes = [body.as_bytes(), b"GET / HTTP/1.1\r\n"].concat();
    assert_eq!(scan(&bytes), Ok(Some((body.len(), data_bytes))), "{body:?}");
}

#[track_caller]
fn refused(body: &str, kind: ChunkErrorKind) {
    assert_eq!(scan(body.as_bytes()), Err(kind), "{body:?}");
}

#[test]
fn a_body_ends_after_its_last_chunk_and_trailers() {
    ends("0\r\n\r\n", 0);
    ends("5\r\nhello\r\n0\r\n\r\n", 5);
    ends(
        "a\r\n0123456789\r\n00A\r\n\r\n\n\r\n\r\n00\r\r\n000\r\n\r\n",
        20,
    );
    ends("1\r\n\r\r\n0\r\n\r\n", 1);
    ends("0\r\nX-Sum: abc\r\nY:\r\n\r\n", 0);
    ends("5;a\r\nhello\r\n0;b=c\r\n\r\n", 5);
}

#[test]
fn an_unfinished_body_waits() {
    for body in [
        "",
        "5",
        "5\r",
        "5\r\nhel",
        "5\r\nhello\r\n",
        "0\r\n",
        "0\r\nA: b\r\n",
        "0\r\n\r",
    ] {
        assert_eq!(scan(body.as_bytes()), Ok(None), "{body:?}");
    }
}

#[test]
fn a_size_is_hexadecimal_digits_only() {
    for size in [
        "", " 5", "+5", "-5", "0x5", "5_0", "g", "\t5", "5\t", "5\0", "5,5", "5:5", "\u{ff15}",
        "5h",
    ] {
        refused(
            &format!("{size}\r\nhello\r\n0\r\n\r\n"),
            ChunkErrorKind::BadSize,
        );
    }
    refused("5 \r\nhello\r\n0\r\n\r\n", ChunkErrorKind::BadSize);
    refused("5 5\r\nhello\r\n0\r\n\r\n", ChunkErrorKind::BadSize);
    refused("10000000000000005\r\nhello", ChunkErrorKind::SizeOverflow);
    refused(
        &format!("{}\r\n", "f".repeat(17)),
        ChunkErrorKind::SizeOverflow,
    );
    ends(&format!("{}5\r\nhello\r\n0\r\n\r\n", "0".repeat(100)), 5);
}

#[test]
fn a_line_ends_with_both_bytes_or_not_at_all() {
    refused("5\nhello\r\n0\r\n\r\n", ChunkErrorKind::BareLineFeed);
    refused("5\r\nhello\n0\r\n\r\n", ChunkErrorKind::BareLineFeed);
    refused("0\r\n\n", ChunkErrorKind::BareLineFeed);
    refused("0\r\nA: b\n\r\n", ChunkErrorKind::BareLineFeed);
    refused("5;a\nhello\r\n0\r\n\r\n", ChunkErrorKind::BareLineFeed);
    refused("5\rhello\r\n", ChunkErrorKind::BareCarriageReturn);
    refused("5\r\r\nhello\r\n", ChunkErrorKind::BareCarriageReturn);
    refused("5;a\rb\r\nhello\r\n", ChunkErrorKind::BareCarriageReturn);
    refused("5\r\nhello\rX", ChunkErrorKind::BareCarriageReturn);
    refused("5\r\nhelloX", ChunkErrorKind::NoLineEndAfterData);
    refused("5\r\nhello0\r\n\r\n", ChunkErrorKind::NoLineEndAfterData);
}

#[test]
fn an_extension_is_a_name_with_an_optional_value() {
    for extension in [
        ";",
        ";;",
        ";a=",
        ";=b",
        ";a b",
        ";a=\"b",
        ";a=\"b\"c",
        ";\ta",
        "; a\t",
        ";a=\u{7f}",
        ";a=\"\0\"",
        ";a ",
        ";a=\"\\",
    ] {
        refused(
            &format!("5{extension}\r\nhello\r\n0\r\n\r\n"),
            ChunkErrorKind::BadExtension,
        );
    }
    for extension in [
        ";a",
        " ;a",
        "; a",
        ";a=b;c=d",
        ";a = b ;c",
        ";a=\"\"",
        ";a=\"b;\\\"c\"",
        ";a=\"b\\\\\"",
    ] {
        ends(&format!("5{extension}\r\nhello\r\n0\r\n\r\n"), 5);
    }
}

#[test]
fn a_trailer_is_a_field_that_cannot_change_the_framing() {
    for line in ["X", "X : a", " X: a", ": a", "X: \0", "X: a\u{7f}"] {
        refused(&format!("0\r\n{line}\r\n\r\n"), ChunkErrorKind::BadTrailer);
    }
    for line in [
        "Content-Length: 5",
        "transfer-encoding: chunked",
        "HOST: a",
        "Trailer: x",
        "Authorization: Basic x",
        "content-type: text/plain",
        "Range: bytes=0-1",
    ] {
        refused(
            &format!("0\r\n{line}\r\n\r\n"),
            ChunkErrorKind::ForbiddenTrailer,
        );
    }
}

#[test]
fn framing_has_limits() {
    refused(
        &format!("{}1\r\n", "0".repeat(5000)),
        ChunkErrorKind::TooLarge,
    );
    refused(
        &format!("0\r\nX: {}", "a".repeat(20_000)),
        ChunkErrorKind::TooLarge,
    );
    let chunk = format!("1;{}\r\nx\r\n", "a".repeat(1000));
    let mut scanner = ChunkedScanner::new(ChunkLimits::default());
    let error = scanner.feed(chunk.repeat(20).as_bytes()).unwrap_err();
    assert_eq!(
        (error.kind, error.status()),
        (ChunkErrorKind::TooLarge, 413)
    );
}

#[test]
fn an_error_says_where() {
    let error = ChunkedScanner::new(ChunkLimits::default())
        .feed(b"5\r\nhello\r\n0x5\r\n")
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "a chunk size is not a hexadecimal number at byte 11 of the body: \"0x\""
    );
    assert_eq!((error.status(), error.section()), (400, "RFC 9112 §7.1"));
}

#[test]
fn trailers_must_be_among_those_that_the_request_announces() {
    let scan = |announced: &[&str], line: &str| {
        let names = announced.iter().map(|name| name.as_bytes().to_vec());
        let mut scanner =
            ChunkedScanner::new(ChunkLimits::default()).announcing(Some(names.collect()));
        let fed = scanner.feed(format!("0\r\n{line}\r\n\r\n").as_bytes());
        fed.map(|_| scanner.into_trailers())
            .map_err(|error| error.kind)
    };
    let trailer = Trailer {
        name: b"X-SUM".to_vec(),
        value: b"a b".to_vec(),
    };
    assert_eq!(scan(&["Other", "x-sum"], "X-SUM:  a b "), Ok(vec![trailer]));
    let refused = Err(ChunkErrorKind::UnannouncedTrailer);
    assert_eq!(scan(&["Other"], "X-Sum: a"), refused);
    assert_eq!(scan(&[], "X-Sum: a"), refused);
    let late = Err(ChunkErrorKind::ForbiddenTrailer);
    assert_eq!(scan(&["Host"], "Host: a"), late);
}

#[test]
fn an_error_shows_no_password() {
    let mut scanner = ChunkedScanner::new(ChunkLimits::default());
    let error = scanner.feed(b"0\r\nAuthorization: Basic YTpi\r\n\r\n");
    let words = error.unwrap_err().to_string();
    assert!(words.contains("Authorization: Basic ****"), "{words}");
}
