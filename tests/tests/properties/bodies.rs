//! Request bodies: chunks, forms and uploads.

use cgi_engine::cgi::form::FormLimits;
use cgi_engine::cgi::form::content_type::ContentType;
use cgi_engine::cgi::form::multipart::Multipart;
use cgi_engine::cgi::form::urlencoded::Urlencoded;
use cgi_tests::invariants;
use proptest::collection::vec;
use proptest::prelude::{Strategy, any};
use proptest::{prop_assert, prop_assert_eq, proptest};

use crate::near::{lengths, near};

const CHUNKS: &[&[u8]] = &[
    b"0\r\n",
    b"\r\n",
    b"5\r\nhello\r\n",
    b"1",
    b"a",
    b"ff",
    b";a=b",
    b"\n",
    b"\r",
    b" ",
    b"X: y\r\n",
    b"0",
    b"\"",
    b"=",
    b"\\",
    b"0\r\n\r\n",
    b"ffffffffffffffff",
];

const FORM: &[&[u8]] = &[
    b"a",
    b"=",
    b"&",
    b"+",
    b"%41",
    b"%",
    b"%4",
    b"%zz",
    b"%00",
    b";",
    b"name=value",
    b"&&",
    b" ",
];

const COOKIES: &[&[u8]] = &[
    b"a=b",
    b";",
    b"; ",
    b"=",
    b"\"",
    b" ",
    b"\t",
    b",",
    b"a",
    b"$Version=1",
];

const CONTENT_TYPE: &[&[u8]] = &[
    b"multipart/form-data",
    b"a/b",
    b";",
    b"; ",
    b"boundary=b",
    b"boundary",
    b"=",
    b"\"",
    b"\\",
    b"\\\"",
    b" ",
    b"b",
    b"charset=utf-8",
];

const MULTIPART: &[&[u8]] = &[
    b"--b\r\nContent-Disposition: form-data; name=a\r\n\r\n",
    b"\r\n--b\r\n",
    b"\r\n--b--",
    b"--b\r\n",
    b"--b--\r\n",
    b"--b",
    b"--c\r\n",
    b"--c--\r\n",
    b"--",
    b"\r\n",
    b"\n",
    b"\r",
    b" ",
    b"Content-Disposition: form-data; name=a\r\n",
    b"Content-Disposition: form-data",
    b"; name=\"a\"",
    b"; filename=\"C:\\a\"",
    b"; filename*=UTF-8''%e2",
    b"\r\n\r\n",
    b"Content-Type: multipart/mixed; boundary=c\r\n\r\n",
    b"Content-Type: text/plain\r\n",
    b"Content-Length: 3\r\n",
    b"Content-Transfer-Encoding: base64\r\n",
    b"x",
    b":",
    b"\"",
    b"\\",
];

proptest! {
    #![proptest_config(crate::config("tests/properties/regressions/bodies.txt"))]

    #[test]
    fn a_chunked_body_ends_at_the_same_byte_however_it_comes(
        bytes in near(CHUNKS),
        lengths in lengths(),
    ) {
        invariants::chunked(&bytes, &lengths);
    }

    #[test]
    fn nothing_of_a_form_is_lost(bytes in near(FORM)) {
        invariants::urlencoded(&bytes);
    }

    #[test]
    fn no_cookie_reaches_into_the_next(bytes in near(COOKIES)) {
        invariants::cookies(&bytes);
    }

    #[test]
    fn parts_stand_in_order_whatever_the_body_is(
        content_type in near(CONTENT_TYPE),
        body in near(MULTIPART),
    ) {
        invariants::multipart(&content_type, &body);
        invariants::multipart(b"multipart/form-data; boundary=b", &body);
    }

    #[test]
    fn a_form_as_browsers_encode_it_is_read_back(
        pairs in vec((vec(any::<u8>(), 0..8), vec(any::<u8>(), 0..8)), 0..8),
    ) {
        let encode = |bytes: &[u8]| -> String {
            bytes.iter().map(|byte| match byte {
                b' ' => "+".to_owned(),
                byte if byte.is_ascii_alphanumeric() => char::from(*byte).to_string(),
                byte => format!("%{byte:02X}"),
            }).collect()
        };
        let fields = pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
        let source = fields.collect::<Vec<_>>().join("&").into_bytes();
        let form = Urlencoded::parse(&source, &FormLimits::default());
        let read = form.pairs.iter();
        let read: Vec<_> = read
            .map(|pair| (pair.name(&source).into_owned(), pair.value(&source).into_owned()))
            .collect();
        prop_assert_eq!(read, pairs);
    }

    #[test]
    fn an_upload_as_browsers_send_it_is_read_back(
        contents in vec(near(MULTIPART), 0..5),
        boundary in "[0-9a-z'()+_,./:=?-]{30,70}",
    ) {
        let mut body = Vec::new();
        for (index, content) in contents.iter().enumerate() {
            let head = format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"n{index}\"; filename=\"f\"\r\n\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        let content_type = format!("multipart/form-data; boundary=\"{boundary}\"");
        let content_type = ContentType::parse(content_type.as_bytes());
        let multipart = Multipart::parse(&content_type, &body, &FormLimits::default());
        let read = multipart.parts.iter().map(|part| part.content(&body).to_vec());
        prop_assert_eq!(read.collect::<Vec<_>>(), contents);
        for (index, part) in multipart.parts.iter().enumerate() {
            let name = part.name.as_ref().unwrap();
            let expected = format!("n{index}").into_bytes();
            prop_assert_eq!(&name.value, &expected);
        }
        prop_assert!(multipart.problems.is_empty(), "{:?}", multipart.problems);
    }
}

/// Not a strategy of its own: shows that the words above do make whole uploads now and then.
#[test]
fn the_words_make_whole_uploads() {
    use proptest::strategy::ValueTree as _;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let content_type = ContentType::parse(b"multipart/form-data; boundary=b");
    let whole = (0..2000).filter(|_| {
        let body = near(MULTIPART).new_tree(&mut runner).unwrap().current();
        let multipart = Multipart::parse(&content_type, &body, &FormLimits::default());
        multipart.epilogue.is_some() && multipart.parts.iter().any(|part| part.name.is_some())
    });
    assert!(whole.count() > 20);
}
