//! What the headers of parts say: names, names of files, lengths and codings.
use super::*;

/// Where the parameters stand in a body of [`named`].
const NAMED_AT: usize = "--b\r\nContent-Disposition: form-data".len();

#[test]
fn names_are_read_as_browsers_and_other_clients_write_them() {
    let at = |offset| NAMED_AT + offset;
    for (disposition, name, filename, problems) in [
        (
            "; name=\"a\"; filename=\"b.txt\"",
            "a",
            Some("b.txt"),
            vec![],
        ),
        ("; name=a; filename=b.txt", "a", Some("b.txt"), vec![]),
        ("; filename=\"\"; name=\"\"", "", Some(""), vec![]),
        ("; name=\"a;b=c\"", "a;b=c", None, vec![]),
        // Browsers percent-encode three bytes and nothing else, so programs cannot decode it.
        ("; name=\"a%22%0D%0A%41\"", "a%22%0D%0A%41", None, vec![]),
        ("; name=\"S\u{e3}o\"", "S\\xc3\\xa3o", None, vec![]),
        (
            "; name=\"a\\\"b\"",
            "a\\\"b",
            None,
            vec![(Backslash, at(9))],
        ),
        (
            "; name=\"a\\\\b\"",
            "a\\\\b",
            None,
            vec![(Backslash, at(9))],
        ),
        (
            "; name=a; filename=\"C:\\Users\\n\\x.txt\"",
            "a",
            Some("C:\\\\Users\\\\n\\\\x.txt"),
            vec![(Backslash, at(22))],
        ),
        (
            "; name=a; filename=\"C:\\\"",
            "a",
            Some("C:\\\\"),
            vec![(Backslash, at(22))],
        ),
        ("; name=\"a", "a", None, vec![(UnclosedQuote, at(7))]),
        ("; name=a b", "a b", None, vec![(BadParameterValue, at(8))]),
        ("; name=a; name=b", "a", None, vec![]),
        (
            "; name",
            "",
            None,
            vec![(ParameterWithoutValue, at(2)), (NoName, 26)],
        ),
    ] {
        let body = named(disposition);
        let multipart = read(body.as_bytes());
        let filename = filename.map(str::to_owned);
        let expected = [(name.to_owned(), filename, "x".to_owned())];
        assert_eq!(
            parts(&multipart, body.as_bytes()),
            expected,
            "{disposition}"
        );
        assert_eq!(noted(&multipart.problems), problems, "{disposition}");
    }
}

#[test]
fn extended_names_are_decoded_and_noted() {
    let at = NAMED_AT + "; name=a; filename*=".len();
    for (written, expected) in [
        (
            "UTF-8''%e2%82%ac.txt",
            Some(("UTF-8", &b"\xe2\x82\xac.txt"[..])),
        ),
        ("iso-8859-1'en'%A3", Some(("iso-8859-1", b"\xa3"))),
        ("UTF-8''", Some(("UTF-8", b""))),
        ("UTF-8''%e", None),
        ("UTF-8''%zz", None),
        ("plain", None),
        ("UTF-8'plain", None),
    ] {
        let body = named(&format!("; name=a; filename*={written}"));
        let multipart = read(body.as_bytes());
        let name = multipart.parts[0].extended_filename.as_ref();
        let found = name.map(|name| {
            (
                str::from_utf8(&name.charset).unwrap(),
                name.value.as_slice(),
            )
        });
        assert_eq!(found, expected, "{written}");
        assert_eq!(
            multipart.parts[0].is_upload(),
            expected.is_some(),
            "{written}"
        );
        let problems = noted(&multipart.problems);
        assert!(problems.contains(&(ExtendedName, at)), "{written}");
        assert_eq!(
            problems.contains(&(BadExtendedName, at)),
            expected.is_none(),
            "{written}"
        );
    }
}

#[test]
fn what_a_part_says_of_its_content_is_judged() {
    let with = |field: &str| {
        format!("--b\r\nContent-Disposition: form-data; name=a\r\n{field}\r\n\r\nabc\r\n--b--")
    };
    let at = with("").find("\r\n\r\n").unwrap() + 2;
    for (field, problems) in [
        ("Content-Length: 3", vec![]),
        ("Content-Length: 4", vec![(WrongPartLength, at + 16)]),
        ("Content-Length: x", vec![(WrongPartLength, at + 16)]),
        ("Content-Transfer-Encoding: 8BIT", vec![]),
        (
            "Content-Transfer-Encoding: base64",
            vec![(TransferEncoding, at + 27)],
        ),
    ] {
        let body = with(field);
        assert_eq!(noted(&read(body.as_bytes()).problems), problems, "{field}");
    }
}
