//! Files of saved requests, and expectations.

use cgi_tests::invariants;
use proptest::proptest;

use crate::near::near;

const FILE: &[&[u8]] = &[
    b"\n",
    b"\r\n",
    b"\r",
    b"###",
    b"### x\n",
    b"# ",
    b"// ",
    b"@expect ",
    b"status 200",
    b"body contains \"x\"",
    b"@name ",
    b"=",
    b"# @raw\n",
    b"GET ",
    b"POST ",
    b"/a?b",
    b"http://h/",
    b" HTTP/1.1",
    b"Host: h",
    b"Content-Type: multipart/form-data; boundary=B\n",
    b"Content-Type: application/x-www-form-urlencoded\n",
    b"Transfer-Encoding: chunked\n",
    b"< ./file\n",
    b"< ",
    b"\\x41",
    b"\\",
    b"\\r\\n",
    b" ",
    b"\t",
    b"&b=1",
    b"{{x}}",
    b"> {%",
    b"\xff",
    b"GET /a HTTP/1.1\nHost: h\n\nbody\n",
];

const EXPECTATION: &[&[u8]] = &[
    b"status ",
    b"200",
    b"2xx",
    b",",
    b"not ",
    b"header ",
    b"X",
    b":",
    b"=",
    b"!=",
    b" ",
    b"env ",
    b"body ",
    b"stdout ",
    b"stderr ",
    b"empty",
    b"contains ",
    b"matches ",
    b"absent",
    b"present",
    b"\"",
    b"\\",
    b"x41",
    b"*",
    b"(",
    b"[",
    b"exit ",
    b"0",
    b"SIGKILL",
    b"time",
    b"<",
    b"5ms",
    b"finding ",
    b"none",
    b"no errors",
    b"CGI023",
    b"\xc3\xa9",
    b"\xff",
];

proptest! {
    #![proptest_config(crate::config("tests/properties/regressions/requests.txt"))]

    #[test]
    fn a_file_of_requests_is_written_as_it_was_read(bytes in near(FILE)) {
        invariants::saved_request(&bytes);
    }

    #[test]
    fn an_expectation_reads_the_same_again(bytes in near(EXPECTATION)) {
        invariants::expectation(&String::from_utf8_lossy(&bytes));
    }
}
