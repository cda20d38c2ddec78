//! Outputs of scripts, cut into pieces in every way.
use super::ViolationKind as V;
use super::*;

fn read_in_pieces(output: &[u8], limits: &HeaderLimits, cuts: &[usize]) -> HeaderBlock {
    let mut parser = HeaderBlockParser::new(limits.clone());
    let mut start = 0;
    for end in cuts.iter().copied().chain([output.len()]) {
        if parser.feed(&output[start..end]) == Progress::Complete {
            if parser.block().end == BlockEnd::BlankLine {
                assert_eq!(
                    start + parser.taken(),
                    parser.block().length,
                    "{}",
                    output.escape_ascii()
                );
            }
            return parser.into_block();
        }
        assert_eq!(parser.taken(), end - start);
        start = end;
    }
    parser.finish();
    parser.into_block()
}

/// Reads the output at once, cut in two at every place, and byte by byte: the same must come out.
#[track_caller]
fn read_with(output: &[u8], limits: &HeaderLimits) -> HeaderBlock {
    let whole = read_in_pieces(output, limits, &[]);
    for cut in 0..=output.len().min(300) {
        assert_eq!(
            read_in_pieces(output, limits, &[cut]),
            whole,
            "cut at {cut}: {}",
            output.escape_ascii()
        );
    }
    let bytes: Vec<usize> = (1..output.len()).collect();
    assert_eq!(
        read_in_pieces(output, limits, &bytes),
        whole,
        "bytes: {}",
        output.escape_ascii()
    );
    whole
}

#[track_caller]
fn read(output: &str) -> HeaderBlock {
    read_with(output.as_bytes(), &HeaderLimits::default())
}

fn fields(block: &HeaderBlock) -> Vec<String> {
    let text = |bytes: &[u8]| bytes.escape_ascii().to_string();
    block
        .fields
        .iter()
        .map(|field| format!("{}={}", text(&field.name), text(&field.value)))
        .collect()
}

/// Checks the fields, the bytes left for the body, and that nothing is wrong.
#[track_caller]
fn clean(output: &str, expected: &[&str], body: &str) {
    let block = read(output);
    assert_eq!(fields(&block), expected, "{output:?}");
    assert_eq!(&output[block.length..], body, "{output:?}");
    assert_eq!(
        (block.violations.as_slice(), block.end),
        (&[][..], BlockEnd::BlankLine),
        "{output:?}"
    );
}

/// Checks what is wrong and in which line, and the fields that were saved.
#[track_caller]
fn flawed(output: &str, expected: &[(V, u32)], end: BlockEnd, saved: &[&str]) {
    let block = read(output);
    let found: Vec<_> = block
        .violations
        .iter()
        .map(|violation| (violation.kind, violation.line))
        .collect();
    assert_eq!((found.as_slice(), block.end), (expected, end), "{output:?}");
    assert_eq!(fields(&block), saved, "{output:?}");
}

#[test]
fn lines_end_with_a_line_feed_with_or_without_a_carriage_return() {
    clean(
        "Content-Type: text/plain\n\nhi",
        &["Content-Type=text/plain"],
        "hi",
    );
    clean(
        "Content-Type: text/plain\r\n\r\nhi",
        &["Content-Type=text/plain"],
        "hi",
    );
    clean("A: 1\r\nB:2\nC:\t3 \n\r\n\n", &["A=1", "B=2", "C=3"], "\n");
    clean("A:\n\n", &["A="], "");
    clean("a_b!: x:y\n\n\r\n", &["a_b!=x:y"], "\r\n");
}

#[test]
fn bytes_beyond_ascii_stay_as_they_are() {
    let block = read_with(b"X: caf\xe9\n\n", &HeaderLimits::default());
    assert_eq!(
        (block.fields[0].value.as_slice(), block.violations.len()),
        (&b"caf\xe9"[..], 0)
    );
}

#[test]
fn a_field_knows_its_line_and_its_bytes() {
    let output = "A: 1\r\nContent-Type:  x \n\n";
    let block = read(output);
    assert_eq!(
        (block.fields[1].line, &output[block.fields[1].span.clone()]),
        (2, "Content-Type:  x ")
    );
    assert_eq!(&output[block.fields[0].span.clone()], "A: 1");
}

#[test]
fn an_output_that_ends_too_early_says_so() {
    flawed("", &[(V::EmptyOutput, 1)], BlockEnd::EndOfOutput, &[]);
    flawed(
        "A: 1\n",
        &[(V::NoBlankLine, 1)],
        BlockEnd::EndOfOutput,
        &["A=1"],
    );
    flawed(
        "A: 1\nB: 2",
        &[(V::NoBlankLine, 2)],
        BlockEnd::EndOfOutput,
        &["A=1", "B=2"],
    );
    flawed(
        "A: 1",
        &[(V::NoBlankLine, 1)],
        BlockEnd::EndOfOutput,
        &["A=1"],
    );
    flawed(
        "Hello",
        &[(V::TextBeforeHeaders, 1)],
        BlockEnd::Stopped,
        &[],
    );
    flawed(
        "A: 1\r\n\r",
        &[(V::BareCarriageReturn, 2)],
        BlockEnd::Stopped,
        &["A=1"],
    );
}

#[test]
fn what_stands_in_place_of_a_header_is_named() {
    let stopped = BlockEnd::Stopped;
    flawed(
        "<html>\nA: 1\n\n",
        &[(V::PageBeforeHeaders, 1)],
        stopped,
        &[],
    );
    flawed(
        "<html xmlns=\"http://x\">\n",
        &[(V::PageBeforeHeaders, 1)],
        stopped,
        &[],
    );
    flawed("  <p>\n", &[(V::PageBeforeHeaders, 1)], stopped, &[]);
    flawed(
        "A: 1\n<html>\n",
        &[(V::PageInsideHeaders, 2)],
        stopped,
        &["A=1"],
    );
    flawed(
        "debug\nA: 1\n\n",
        &[(V::TextBeforeHeaders, 1)],
        stopped,
        &[],
    );
    flawed(
        "A: 1\nhello there\n\n",
        &[(V::LineWithoutColon, 2)],
        stopped,
        &["A=1"],
    );
    flawed(
        "Traceback (most recent call last):\n  File\n",
        &[(V::TracebackInHeaders, 1)],
        stopped,
        &[],
    );
    flawed(
        "HTTP/1.1 200 OK\nA: 1\n\n",
        &[(V::HttpStatusLine, 1)],
        stopped,
        &[],
    );
    flawed(
        "HTTP/2 200: fine\n\n",
        &[(V::HttpStatusLine, 1)],
        stopped,
        &[],
    );
    flawed(
        "A: 1\rB: 2\r\rbody",
        &[(V::BareCarriageReturn, 1)],
        stopped,
        &[],
    );
    flawed(
        "A: 1\r\r\n\r\n",
        &[(V::BareCarriageReturn, 1)],
        stopped,
        &[],
    );
    flawed(
        "Content-type text/html\n\n",
        &[(V::TextBeforeHeaders, 1)],
        stopped,
        &[],
    );
}

#[test]
fn what_can_be_repaired_is_repaired_and_noted() {
    let blank = BlockEnd::BlankLine;
    flawed("\nbody", &[(V::BlankLineFirst, 1)], blank, &[]);
    flawed(" \t\nbody", &[(V::BlankLineFirst, 1)], blank, &[]);
    flawed("A : 1\n\n", &[(V::SpaceBeforeColon, 1)], blank, &["A=1"]);
    flawed("A\t: 1\n\n", &[(V::SpaceBeforeColon, 1)], blank, &["A=1"]);
    flawed(
        "A: 1\n  two\n\tthree: x\n\n",
        &[(V::ContinuationLine, 2), (V::ContinuationLine, 3)],
        blank,
        &["A=1 two three: x"],
    );
    flawed(
        " A: 1\nB: 2\n\n",
        &[(V::IndentedFirstLine, 1)],
        blank,
        &["A=1", "B=2"],
    );
    flawed(
        "A: 1\n \t\nbody",
        &[(V::BlankLineNotEmpty, 2)],
        blank,
        &["A=1"],
    );
    flawed(
        "\u{feff}A: 1\n\n",
        &[(V::ByteOrderMark, 1)],
        blank,
        &["A=1"],
    );
    flawed(
        "Bad Name: 1\nB: 2\n\n",
        &[(V::BadFieldName, 1)],
        blank,
        &["B=2"],
    );
    flawed(": 1\nB: 2\n\n", &[(V::BadFieldName, 1)], blank, &["B=2"]);
    flawed(
        "A: 1\0\nB: 2\u{7f}\nC: 3\n\n",
        &[(V::ControlInValue, 1), (V::ControlInValue, 2)],
        blank,
        &["C=3"],
    );
    flawed(
        "A: 1\n \0\n\n",
        &[(V::ContinuationLine, 2), (V::ControlInValue, 2)],
        blank,
        &["A=1"],
    );
}

#[test]
fn a_violation_quotes_the_line_and_the_block_ends_before_it() {
    let output = "A: 1\nhello \x1b there\n\n";
    let block = read(output);
    let violation = &block.violations[0];
    assert_eq!(&output[violation.span.clone()], "hello \x1b there");
    assert_eq!(violation.excerpt, b"hello \x1b there");
    assert_eq!(block.length, 5);
    let long = read(&format!("{}\n", "x".repeat(1000)));
    assert_eq!(
        (
            long.violations[0].excerpt.len(),
            long.violations[0].span.clone()
        ),
        (160, 0..1000)
    );
}

#[test]
fn limits_stop_the_reading() {
    let limits = HeaderLimits {
        line_bytes: 20,
        block_bytes: 50,
        fields: 3,
    };
    let kind = |output: &str| {
        let block = read_with(output.as_bytes(), &limits);
        block.violations.first().map(|violation| violation.kind)
    };
    assert_eq!(kind("A: 34567890123456789\n\n"), None);
    assert_eq!(kind("A: 345678901234567890\n\n"), Some(V::LineTooLong));
    assert_eq!(kind(&"x".repeat(30)), Some(V::TextBeforeHeaders));
    assert_eq!(
        kind(&format!("<{}", "x".repeat(30))),
        Some(V::PageBeforeHeaders)
    );
    assert_eq!(kind("A: 1\nB: 2\nC: 3\n\n"), None);
    assert_eq!(kind("A: 1\nB: 2\nC: 3\nD: 4\n\n"), Some(V::TooManyFields));
    assert_eq!(
        kind("A: 45678901234567\nB: 45678901234567\nC: 45678901234567\n\n"),
        Some(V::BlockTooLarge)
    );
    let many = (0..300)
        .map(|number| format!("X-{number}: y\n"))
        .collect::<String>()
        + "\n";
    let block = read_in_pieces(many.as_bytes(), &HeaderLimits::default(), &[]);
    assert_eq!((block.fields.len(), block.violations.len()), (300, 0));
    let long = format!("X: {}\n\n", "y".repeat(60_000));
    assert!(
        read_in_pieces(long.as_bytes(), &HeaderLimits::default(), &[])
            .violations
            .is_empty()
    );
    let longer = format!("X: {}\n\n", "y".repeat(100_000));
    let block = read_in_pieces(longer.as_bytes(), &HeaderLimits::default(), &[]);
    assert_eq!(block.violations[0].kind, V::LineTooLong);
}

#[test]
fn after_the_end_nothing_more_is_taken() {
    let mut parser = HeaderBlockParser::new(HeaderLimits::default());
    assert_eq!(parser.feed(b"A: 1\n\nbody"), Progress::Complete);
    assert_eq!(parser.taken(), 6);
    assert_eq!(parser.feed(b"B: 2\n"), Progress::Complete);
    parser.finish();
    assert_eq!(
        (
            parser.taken(),
            parser.block().fields.len(),
            parser.block().end
        ),
        (0, 1, BlockEnd::BlankLine)
    );
}
