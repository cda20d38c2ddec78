//! Files of requests are read, written again, and sent as they say.

use std::io;
use std::path::Path;

use super::*;
use crate::expect;

fn files(path: &Path) -> io::Result<Vec<u8>> {
    match path.to_str() {
        Some("./a.bin") => Ok(b"\0\xff".to_vec()),
        _ => Err(io::Error::other("there is none")),
    }
}

#[track_caller]
fn sends(text: &str, expected: &[u8]) {
    let file = parse(text.as_bytes()).unwrap();
    let sent = file.requests[0].request.to_bytes_with(&files).unwrap();
    assert_eq!(
        escapes::written(&sent),
        escapes::written(expected),
        "{text}"
    );
    let again = parse(&write(&file)).unwrap();
    assert_eq!(write(&again), write(&file));
    assert_eq!(
        again.requests[0].request.to_bytes_with(&files).unwrap(),
        sent
    );
}

#[test]
fn a_request_is_sent_as_it_is_written() {
    sends(
        "GET /a?b HTTP/1.1\nHost: h\nX:y\n",
        b"GET /a?b HTTP/1.1\r\nHost: h\r\nX:y\r\n\r\n",
    );
    sends("/a", b"GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n");
    sends("http://h:80?x#y", b"GET /?x HTTP/1.1\r\nHost: h:80\r\n\r\n");
    sends(
        "GET /s\u{e3} HTTP/1.0\nHost: h",
        b"GET /s%C3%A3 HTTP/1.0\r\nHost: h\r\n\r\n",
    );
    sends(
        "GET /a\n  ?b=1\n  &c=2 HTTP/1.1\nHost: h\n",
        b"GET /a?b=1&c=2 HTTP/1.1\r\nHost: h\r\n\r\n",
    );
    sends(
        "POST /a\nHost: h\n\n{\n}\n",
        b"POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n{\n}",
    );
    sends(
        "POST /a\r\nHost: h\r\n\r\n{\r\n}\r\n",
        b"POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n{\n}",
    );
    sends(
        "POST /a\nHost: h\n\nx\n\n",
        b"POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nx\n",
    );
    sends(
        "POST /a\nHost: h\n\n\n\n",
        b"POST /a HTTP/1.1\r\nHost: h\r\n\r\n",
    );
    sends(
        "POST /a\nHost: h\nContent-Length: 9\n\nx",
        b"POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nx",
    );
    sends(
        "POST /a\nHost: h\nTransfer-Encoding: chunked\n\nhello",
        b"POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    );
    sends(
        "POST /a\nHost: h\nContent-Type: application/x-www-form-urlencoded\n\na=1\n&b=2\n",
        b"POST /a HTTP/1.1\r\nHost: h\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 7\r\n\r\na=1&b=2",
    );
    sends(
        "POST /a\nHost: h\nContent-Type: multipart/form-data; boundary=B\n\n--B\nX: y\n\n< ./a.bin\n--B--\n",
        b"POST /a HTTP/1.1\r\nHost: h\r\nContent-Type: multipart/form-data; boundary=B\r\nContent-Length: 24\r\n\r\n--B\r\nX: y\r\n\r\n\0\xff\r\n--B--\r\n",
    );
    sends(
        "POST /a\nHost: h\n\n<@ ./a.bin\n",
        b"POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n\0\xff",
    );
}

#[test]
fn raw_bytes_are_sent_as_they_are() {
    sends(
        "# @raw\nGET / HTTP/1.1\nHost: a\nHost: b\n\\r\\n\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    );
    sends("# @raw\nG\\xff\\n\n", b"G\xff\n");
    sends("# @raw\n", b"");
    sends("# @raw\n< ./a.bin\n", b"\0\xff");
    sends("# @raw\n< ./a.bin\nx", b"< ./a.bin\r\nx");
}

#[test]
fn any_bytes_can_be_written_raw() {
    let all: Vec<u8> = (0..=255).collect();
    for bytes in [
        &b""[..],
        b"\n",
        b"\r\n",
        b"\r\n\r\n",
        b"a\\\r\n",
        b"a\\\n",
        b"### x\r\n### y",
        b"< ./a.bin",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\n\n",
        b"\r\n###\n###\r",
        &all,
    ] {
        let file = RequestFile {
            requests: vec![SavedRequest::new(RequestText::raw(bytes)); 2],
            end: Vec::new(),
        };
        let written = write(&file);
        // As editors do to the end of a file.
        let trimmed = [written.trim_ascii_end(), b"\n"].concat();
        for text in [&written, &trimmed] {
            for request in parse(text).unwrap().requests {
                assert_eq!(
                    request.request.to_bytes_with(&files).unwrap(),
                    bytes,
                    "{}",
                    escapes::written(text)
                );
            }
        }
    }
}

#[test]
fn several_requests_stand_in_one_file_and_are_written_as_they_stood() {
    let text = "\
# The front page
### Front page
// looked at first
# @expect status 200
GET /
Accept: */*
# what browsers say
User-Agent: x

### Second
# @name two
POST /b HTTP/1.1
Host: h

body

### Raw
# @raw
GET

###
";
    let file = parse(text.as_bytes()).unwrap();
    let names: Vec<_> = file.requests.iter().map(SavedRequest::name).collect();
    let expected = ["Front page", "two", "Raw"].map(|name| Some(name.to_owned()));
    assert_eq!(names, expected);
    assert_eq!(String::from_utf8(write(&file)).unwrap(), text);
    let body = file.requests[1].request.to_bytes_with(&files).unwrap();
    assert!(
        body.ends_with(b"\r\n\r\nbody"),
        "{}",
        escapes::written(&body)
    );
    assert_eq!(file.requests[0].expectations().count(), 1);
}

#[track_caller]
fn refused(text: &[u8], line: usize, word: &str) {
    let error = parse(text).unwrap_err();
    assert_eq!(error.line, line, "{error}");
    assert!(error.what.contains(word), "{error}");
}

#[test]
fn what_cannot_be_read_is_told_with_its_line() {
    refused(b"", 1, "no request");
    refused(b"# only\n# comments\n", 2, "no request");
    refused(b"###\n", 1, "no request");
    refused(b"GET\n", 1, "a request line is wanted");
    refused(b"\nGET /a b HTTP/1.1\n", 2, "%20");
    refused(b"Host: h\n", 1, "no method");
    refused(b"@host = h\nGET /\n", 1, "variables");
    refused(b"GET http://{{host}}/\n", 1, "variables");
    refused(b"GET /\nAuthorization: {{token}}\n", 2, "variables");
    refused(b"GET /\nno field\n", 2, "an empty line ends");
    refused(b"GET /\n: x\n", 2, "empty");
    refused(b"GET /\nA: b\n folded: c\n", 3, "an empty line ends");
    refused(b"# @expect status 20\nGET /\n", 1, "column 18: a status");
    refused(b"  //  @expect  body is\nGET /\n", 1, "column 21");
    refused(b"# @expects status 200\nGET /\n", 1, "@expect");
    refused(b"# @expect body contains \xff\nGET /\n", 1, "UTF-8");
    refused(
        b"GET /\n# @expect status 200\n",
        2,
        "before the request line",
    );
    refused(
        b"GET /\n\n# @expect status 200\n",
        3,
        "before the request line",
    );
    refused(
        b"GET /\n\n###\n# @expect status 200\n",
        4,
        "no request follows",
    );
    refused(b"GET /\n\n< \n", 3, "name of a file");
    refused(b"GET /\n\n> {%\n%}\n", 3, "scripts of other clients");
    refused(b"# @name\nGET /\n", 1, "a name is wanted");
    refused(b"# @raw x\nGET /\n", 1, "nothing stands behind");
    refused(b"# @raw\nGET /\nX: \\q\n", 3, "no escape");
    refused(b"# @raw\nGET /\n\xff\n", 3, "no UTF-8");
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let file = parse(b"POST /\n\n< ./b.bin\n").unwrap();
    let error = file.requests[0].request.to_bytes_with(&files).unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot read the file: there is none: \"./b.bin\""
    );
}

#[test]
fn expectations_and_request_change_around_the_comments() {
    let text = "# first\n# @expect status 200\n# between\n# @expect exit 0\n# last\nGET /\n# of X\nX: 1\n# at the end\n";
    let mut file = parse(text.as_bytes()).unwrap();
    let request = &mut file.requests[0];
    let expect = |texts: &[&str]| -> Vec<_> {
        texts
            .iter()
            .map(|text| expect::parse(text).unwrap())
            .collect()
    };
    request.set_expectations(expect(&["status 404", "exit 1", "stderr empty"]));
    let other = parse(b"POST /b\nHost: h\nX: 2\n")
        .unwrap()
        .requests
        .remove(0);
    request.set_request(other.request);
    request.set_name(Some("login".to_owned()));
    let expected = "# @name login\n# first\n# @expect status 404\n# between\n# @expect exit 1\n# @expect stderr empty\n# last\nPOST /b\nHost: h\n# of X\nX: 2\n# at the end\n";
    assert_eq!(String::from_utf8(write(&file)).unwrap(), expected);
    let request = &mut file.requests[0];
    request.set_expectations(expect(&["status 500"]));
    request.set_name(None);
    let expected = "# first\n# @expect status 500\n# between\n# last\nPOST /b\nHost: h\n# of X\nX: 2\n# at the end\n";
    assert_eq!(String::from_utf8(write(&file)).unwrap(), expected);
}
