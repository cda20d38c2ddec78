//! Request heads, and what scripts print before their bodies.

use cgi_tests::invariants;
use proptest::proptest;

use crate::near::{lengths, near};

const REQUEST: &[&[u8]] = &[
    b"GET ",
    b"POST ",
    b"get ",
    b"/",
    b"/a?b",
    b"*",
    b"http://h/",
    b" HTTP/1.1",
    b" HTTP/1.0",
    b" HTTP/2.0",
    b"\r\n",
    b"\n",
    b"\r",
    b"Host: h",
    b"Host:",
    b"Content-Length: ",
    b"5",
    b"Transfer-Encoding: chunked",
    b":",
    b" ",
    b"\t",
    b",",
    b"X",
    b"\r\n\r\n",
    b"\x16\x03",
    b"GET / HTTP/1.1\r\nHost: h\r\n",
    b"Cookie: a=b\r\n",
    b"Expect: 100-continue\r\n",
];

const OUTPUT: &[&[u8]] = &[
    b"Content-Type: a/b",
    b"Content-Type:",
    b"Status: ",
    b"404",
    b"200 OK",
    b"Location: ",
    b"/",
    b"http://",
    b"\n",
    b"\r\n",
    b"\r",
    b"\n\n",
    b"\r\n\r\n",
    b" ",
    b"\t",
    b":",
    b"<",
    b"HTTP/1.1",
    b"X",
    b"Content-Length: 5",
    b"Transfer-Encoding: x",
    b"Set-Cookie: a=b",
    b"Traceback (most recent call last):",
    b"\xef\xbb\xbf",
    b"x#y",
    b"Connection: close",
];

proptest! {
    #![proptest_config(crate::config("tests/properties/regressions/heads.txt"))]

    #[test]
    fn a_request_head_is_judged_the_same_however_it_comes(
        bytes in near(REQUEST),
        lengths in lengths(),
    ) {
        invariants::request_head(&bytes, &lengths);
    }

    #[test]
    fn output_is_read_the_same_however_it_comes(bytes in near(OUTPUT), lengths in lengths()) {
        invariants::header_block(&bytes, &lengths);
    }
}
