//! Bodies of every kind, hostile ones first.
use super::super::problem::noted;
use super::super::{BodyForm, FormLimits};
use super::*;
use ProblemKind::*;

mod headers;

const TYPE: &str = "multipart/form-data; boundary=b";

fn read(body: &[u8]) -> Multipart {
    read_as(TYPE, body, &FormLimits::default())
}

fn read_as(content_type: &str, body: &[u8], limits: &FormLimits) -> Multipart {
    match BodyForm::read(content_type.as_bytes(), body, limits) {
        BodyForm::Multipart(multipart) => multipart,
        other => panic!("{other:?}"),
    }
}

fn text(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}

/// Name, file name and content of each part.
fn parts(multipart: &Multipart, body: &[u8]) -> Vec<(String, Option<String>, String)> {
    let leaves = multipart.leaves().into_iter().map(|part| {
        let name = part
            .name
            .as_ref()
            .map_or(String::new(), |name| text(&name.value));
        let filename = part.filename.as_ref().map(|name| text(&name.value));
        (name, filename, text(part.content(body)))
    });
    leaves.collect()
}

#[track_caller]
fn check(body: &str, expected: &[(&str, Option<&str>, &str)], problems: &[(ProblemKind, usize)]) {
    let multipart = read(body.as_bytes());
    let expected: Vec<_> = expected
        .iter()
        .map(|(name, filename, content)| {
            let filename = filename.map(str::to_owned);
            ((*name).to_owned(), filename, text(content.as_bytes()))
        })
        .collect();
    assert_eq!(parts(&multipart, body.as_bytes()), expected, "{body:?}");
    assert_eq!(noted(&multipart.problems), problems, "{body:?}");
}

/// A body of one part with that Content-Disposition after `form-data`.
fn named(disposition: &str) -> String {
    format!("--b\r\nContent-Disposition: form-data{disposition}\r\n\r\nx\r\n--b--\r\n")
}

#[test]
fn a_body_that_is_cut_anywhere_gives_what_came() {
    let whole = named("; name=a");
    let body = whole.as_bytes();
    let content = whole.find("x\r\n").unwrap();
    for length in 0..body.len() {
        let cut = &body[..length];
        let multipart = read(cut);
        let is_whole = length >= "--b--".len() + whole.find("--b--").unwrap();
        assert_eq!(multipart.epilogue.is_some(), is_whole, "{length}");
        assert_eq!(multipart.problems.is_empty(), is_whole, "{length}");
        if length > content {
            assert!(
                multipart.parts[0].content(cut).starts_with(b"x"),
                "{length}"
            );
        }
    }
    check("", &[], &[(NoParts, 0)]);
    check("--b", &[], &[(NoFinalBoundary, 3)]);
    check("--b\r\n", &[], &[(NoFinalBoundary, 5)]);
    check(
        "--b\r\nContent-Disposition: form-data; name=a\r\n\r\nlong con",
        &[("a", None, "long con")],
        &[(NoFinalBoundary, 55)],
    );
}

#[test]
fn without_a_usable_boundary_there_are_no_parts() {
    for (content_type, kind) in [
        ("multipart/form-data", NoBoundary),
        ("multipart/form-data; boundary", NoBoundary),
        ("multipart/form-data; boundary=\"\"", EmptyBoundary),
        ("multipart/form-data; boundary=other", NoParts),
    ] {
        let body = named("; name=a");
        let multipart = read_as(content_type, body.as_bytes(), &FormLimits::default());
        assert_eq!(multipart.parts, [], "{content_type}");
        assert_eq!(multipart.preamble, 0..body.len(), "{content_type}");
        assert_eq!(noted(&multipart.problems), [(kind, 0)], "{content_type}");
    }
}

#[test]
fn a_boundary_out_of_bounds_is_used_and_noted() {
    let long = "x".repeat(71);
    for (boundary, problems) in [
        (long.as_str(), vec![(LongBoundary, 0)]),
        ("a\tb", vec![(BadBoundary, 0)]),
        ("a ", vec![(BadBoundary, 0)]),
        ("a b", vec![]),
        ("gc0pJq0M:08jU534c0p", vec![]),
        ("a'()+_,-./:=?z", vec![]),
    ] {
        let body = named("; name=a").replace("--b", &format!("--{boundary}"));
        let content_type = format!("multipart/form-data; boundary=\"{boundary}\"");
        let multipart = read_as(&content_type, body.as_bytes(), &FormLimits::default());
        assert_eq!(multipart.parts.len(), 1, "{boundary:?}");
        assert_eq!(noted(&multipart.problems), problems, "{boundary:?}");
    }
}

#[test]
fn only_a_line_of_its_own_is_a_boundary() {
    // A longer boundary, one inside a line, one with text behind it, and one after a bare CR.
    for content in ["--bb", "x--b", "--b x", "--b-", "--b--x", "\r--b", "--b\r"] {
        let body =
            format!("--b\r\nContent-Disposition: form-data; name=a\r\n\r\n{content}\r\n--b--\r\n");
        check(&body, &[("a", None, content)], &[]);
    }
    // White space may pad it (RFC 2046 §5.1.1).
    check(
        "--b \t\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--b-- \t\r\nend",
        &[("a", None, "x")],
        &[],
    );
}

#[test]
fn a_boundary_is_found_wherever_a_block_of_bytes_ends() {
    for size in [1021, 1022, 1023, 1024, 65_535, 65_536, 65_537] {
        for tail in ["", "\r", "\n", "\r\n", "\r\n-", "\r\n--", "--b"] {
            let content = "x".repeat(size) + tail;
            let body =
                format!("--b\r\nContent-Disposition: form-data; name=a\r\n\r\n{content}\r\n--b--");
            let multipart = read(body.as_bytes());
            let part = &multipart.parts[0];
            assert_eq!(
                part.content(body.as_bytes()),
                content.as_bytes(),
                "{size} {tail:?}"
            );
        }
    }
}

#[test]
fn floods_are_bounded() {
    let limits = FormLimits {
        parts: 2,
        part_header_bytes: 100,
        ..FormLimits::default()
    };
    let body = "--b\r\n\r\n".repeat(5);
    let multipart = read_as(TYPE, body.as_bytes(), &limits);
    assert_eq!(multipart.parts.len(), 2);
    assert!(noted(&multipart.problems).contains(&(TooManyParts, 19)));

    let long = format!("--b\r\nA: {}\r\n\r\nx\r\n--b--", "a".repeat(100));
    let multipart = read_as(TYPE, long.as_bytes(), &limits);
    assert_eq!(noted(&multipart.problems)[0], (LongPartHeader, 5));
    assert_eq!(
        multipart.parts[0].content.end,
        long.len() - "\r\n--b--".len()
    );

    let endless = "--b\r\n".to_owned() + &"A: a\r\n".repeat(100_000);
    let multipart = read_as(TYPE, endless.as_bytes(), &limits);
    assert!(multipart.parts[0].fields.len() < 20);
}

#[test]
fn bodies_within_bodies_end_somewhere() {
    let mut body = String::new();
    for depth in 0..20 {
        body += &format!(
            "--{depth}x\r\nContent-Type: multipart/mixed; boundary={}x\r\n\r\n",
            depth + 1
        );
    }
    let content_type = "multipart/mixed; boundary=0x";
    let multipart = read_as(content_type, body.as_bytes(), &FormLimits::default());
    let kinds: Vec<_> = noted(&multipart.problems)
        .iter()
        .map(|(kind, _)| *kind)
        .collect();
    assert!(kinds.contains(&TooDeep), "{kinds:?}");
    assert_eq!(multipart.leaves().len(), 1);
}

#[test]
fn headers_of_parts_are_read_as_far_as_they_go() {
    check(
        "--b\r\n\r\nx\r\n--b--",
        &[("", None, "x")],
        &[(NoDisposition, 5)],
    );
    // Nothing is between the two lines, not even an empty line.
    check("--b\r\n--b--", &[("", None, "")], &[(NoDisposition, 5)]);
    check("--b\r\n\r\n--b--", &[("", None, "")], &[(NoDisposition, 5)]);
    // A header alone is a part without content, if its line is whole.
    check(
        "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n--b--",
        &[("a", None, "")],
        &[],
    );
    check(
        "--b\r\nContent-Disposition: form-data; name=a\r\n--b--",
        &[("a", None, "")],
        &[(NoEmptyLine, 43)],
    );
    check(
        "--b\r\nno field\r\nContent-Disposition: form-data; name=a\r\nb c: d\r\n\r\nx\r\n--b--",
        &[("a", None, "x")],
        &[(BadPartField, 5), (BadPartField, 55)],
    );
    check(
        "--b\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n--b--",
        &[("a", None, "x")],
        &[(OtherDisposition, 26)],
    );
    check(
        "--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--",
        &[("", None, "x")],
        &[(NoName, 26)],
    );
    // A field may be folded, and its name is written in any case.
    check(
        "--b\r\ncontent-DISPOSITION:form-data;\r\n\tNAME=a\r\n\r\nx\r\n--b--",
        &[("a", None, "x")],
        &[],
    );
}

#[test]
fn line_feeds_alone_are_read_and_noted() {
    check(
        "--b\nContent-Disposition: form-data; name=a\n\nx\n\n--b--\n",
        &[("a", None, "x\n")],
        &[(LineFeedOnly, 3)],
    );
    // The carriage return before such a boundary belongs to its line break.
    check(
        "--b\r\nContent-Disposition: form-data; name=a\n\nx\n--b--",
        &[("a", None, "x")],
        &[],
    );
}

#[test]
fn preamble_and_epilogue_are_kept_apart() {
    let part = named("; name=a");
    for (preamble, epilogue) in [
        ("", ""),
        ("hello", "bye"),
        ("\r\n", "\r\n--b\r\n"),
        ("--", "--b--"),
    ] {
        let body = format!("{preamble}\r\n{part}{epilogue}");
        let multipart = read(body.as_bytes());
        assert_eq!(&body[multipart.preamble.clone()], preamble);
        assert_eq!(&body[multipart.epilogue.clone().unwrap()], epilogue);
        assert_eq!(multipart.parts.len(), 1);
        assert!(multipart.problems.is_empty(), "{:?}", multipart.problems);
    }
}

/// The form of RFC 1867's and the W3C's examples, which CPython tests as well: files of one field in
/// a multipart body of their own.
#[test]
fn files_within_one_field_are_found() {
    let body = "--AaB03x\r\n\
        content-disposition: form-data; name=\"field1\"\r\n\
        \r\n\
        Joe Blow\r\n\
        --AaB03x\r\n\
        content-disposition: form-data; name=\"pics\"\r\n\
        Content-type: multipart/mixed; boundary=BbC04y\r\n\
        \r\n\
        --BbC04y\r\n\
        Content-disposition: attachment; filename=\"file1.txt\"\r\n\
        Content-Type: text/plain\r\n\
        \r\n\
        one\r\n\
        --BbC04y\r\n\
        Content-disposition: attachment; filename=\"file2.gif\"\r\n\
        Content-type: image/gif\r\n\
        \r\n\
        two\r\n\
        --BbC04y--\r\n\
        --AaB03x--\r\n";
    let content_type = "multipart/form-data; boundary=AaB03x";
    let multipart = read_as(content_type, body.as_bytes(), &FormLimits::default());
    let expected = [
        ("field1", None, "Joe Blow"),
        ("", Some("file1.txt"), "one"),
        ("", Some("file2.gif"), "two"),
    ];
    let expected = expected.map(|(name, filename, content)| {
        (
            name.to_owned(),
            filename.map(str::to_owned),
            content.to_owned(),
        )
    });
    assert_eq!(parts(&multipart, body.as_bytes()), expected);
    assert!(multipart.problems.is_empty(), "{:?}", multipart.problems);
    let pics = &multipart.parts[1];
    assert_eq!(pics.name.as_ref().unwrap().value, b"pics");
    let nested = pics.nested.as_ref().unwrap();
    assert_eq!(
        nested.parts[1].content_type(body.as_bytes()),
        Some(&b"image/gif"[..])
    );
}

/// What CPython's tests of `FieldStorage` ask beside the above.
#[test]
fn the_vectors_of_cpython_give_the_same_fields() {
    // White space before the first boundary.
    let body = "\r\n--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--b--";
    check(body, &[("a", None, "1")], &[]);
    // A text, a file, an empty line in a file, and a submit button.
    let body = "--b\r\nContent-Disposition: form-data; name=\"id\"\r\n\r\n1234\r\n\
        --b\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\n\r\n\
        --b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"test.txt\"\r\n\
        Content-Type: text/plain\r\n\r\nTesting 123.\n\r\n\
        --b\r\nContent-Disposition: form-data; name=\"submit\"\r\n\r\n Add \r\n\
        --b--\r\n";
    check(
        body,
        &[
            ("id", None, "1234"),
            ("title", None, ""),
            ("file", Some("test.txt"), "Testing 123.\n"),
            ("submit", None, " Add "),
        ],
        &[],
    );
    // Bytes that are no UTF-8 stay what they are.
    let body = b"--b\r\nContent-Disposition: form-data; name=\"id\"\r\n\r\n\xe7\xf1\x80\r\n--b--";
    assert_eq!(read(body).parts[0].content(body), b"\xe7\xf1\x80");
    // A line longer than any buffer.
    let body = named("; name=a").replace("x\r\n", &("x".repeat(1 << 20) + "\r\n"));
    assert_eq!(read(body.as_bytes()).parts[0].content.len(), 1 << 20);
}
