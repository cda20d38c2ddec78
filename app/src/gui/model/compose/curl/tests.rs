//! Commands as people copy them, and what is sent for them.

use super::*;
use crate::gui::model::compose::escapes;

/// What is sent, as the Raw tab shows it; the User-Agent is left out.
#[track_caller]
fn check(command: &str, sent: &str, left_out: &[&str]) {
    let taken = take(command).unwrap();
    let bytes = taken.draft.to_bytes(&|path| match path {
        "/tmp/a.png" => Ok(b"PNG".to_vec()),
        _ => Err("no".into()),
    });
    let agent = concat!("User-Agent: CGI-Studio/", env!("CARGO_PKG_VERSION"), "\n");
    assert_eq!(
        escapes::written(&bytes.unwrap()).replace(agent, ""),
        sent,
        "{command}"
    );
    assert_eq!(taken.left_out, left_out, "{command}");
}

#[test]
fn a_plain_address_is_a_get() {
    check(
        "curl http://h:8000/a?x=1#top",
        "GET /a?x=1 HTTP/1.1\nHost: h:8000\nAccept: */*\n\n",
        &[],
    );
    check("$ curl h", "GET / HTTP/1.1\nHost: h\nAccept: */*\n\n", &[]);
    check(
        "curl -sSvk --http1.0 u:p@h?q",
        "GET /?q HTTP/1.0\nHost: h\nAccept: */*\n\n",
        &[],
    );
}

#[test]
fn fields_are_given_emptied_and_taken_away() {
    check(
        "curl 'http://h/' -H 'X-A: 1' -H'X-B;' -H 'Accept:' -H 'Host: other' -b 'a=1; b=2' -A me -e r",
        "GET / HTTP/1.1\nX-A: 1\nX-B: \nHost: other\nCookie: a=1; b=2\nUser-Agent: me\nReferer: r\n\n",
        &[],
    );
    check(
        "curl h -u me:secret",
        "GET / HTTP/1.1\nHost: h\nAccept: */*\nAuthorization: Basic bWU6c2VjcmV0\n\n",
        &[],
    );
}

#[test]
fn data_makes_a_post_unless_it_goes_into_the_query() {
    let form =
        "Host: h\nAccept: */*\nContent-Type: application/x-www-form-urlencoded\nContent-Length";
    check(
        "curl h -d a=1 -d b=2",
        &format!("POST / HTTP/1.1\n{form}: 7\n\na=1&b=2"),
        &[],
    );
    check(
        "curl h -XPUT --data-raw '@x'",
        &format!("PUT / HTTP/1.1\n{form}: 2\n\n@x"),
        &[],
    );
    check(
        "curl h --data-binary $'a\\nb'",
        &format!("POST / HTTP/1.1\n{form}: 3\n\na\\n\\\nb"),
        &[],
    );
    check(
        "curl -G h?z -d a=1 -d b",
        "GET /?z&a=1&b HTTP/1.1\nHost: h\nAccept: */*\n\n",
        &[],
    );
    check(
        "curl h --data-urlencode 'n=ä b'",
        &format!("POST / HTTP/1.1\n{form}: 10\n\nn=%C3%A4+b"),
        &[],
    );
    check(
        "curl h --json '{\"a\":1}'",
        "POST / HTTP/1.1\nHost: h\nAccept: application/json\nContent-Type: application/json\nContent-Length: 7\n\n{\"a\":1}",
        &[],
    );
    check(
        "curl -I h",
        "HEAD / HTTP/1.1\nHost: h\nAccept: */*\n\n",
        &[],
    );
}

#[test]
fn parts_are_rows_and_files_are_read_when_sent() {
    check(
        "curl h -F a=1 -F 'f=@/tmp/a.png;type=image/png;filename=b.png'",
        "POST / HTTP/1.1\nHost: h\nAccept: */*\n\
        Content-Type: multipart/form-data; boundary=----CGI-Studio-7f1c2d9a\nContent-Length: 222\n\n\
        ------CGI-Studio-7f1c2d9a\nContent-Disposition: form-data; name=\"a\"\n\n1\n\
        ------CGI-Studio-7f1c2d9a\nContent-Disposition: form-data; name=\"f\"; filename=\"b.png\"\n\
        Content-Type: image/png\n\nPNG\n------CGI-Studio-7f1c2d9a--\n",
        &[],
    );
}

#[test]
fn what_is_not_understood_is_said() {
    check(
        "curl -L --proxy p h -b jar.txt -d @file -z x --retry=3 second",
        "GET / HTTP/1.1\nHost: h\nAccept: */*\n\n",
        &[
            "--location",
            "--proxy p",
            "--cookie jar.txt",
            "--data @file",
            "-z",
            "x",
            "--retry 3",
            "second",
        ],
    );
}

#[test]
fn what_is_no_command_is_refused() {
    for (text, error) in [
        ("", NoCommand::NotCurl),
        ("curly h", NoCommand::NotCurl),
        ("wget h", NoCommand::NotCurl),
        ("curl 'h", NoCommand::Quotes),
        ("curl -s", NoCommand::NoAddress),
        ("curl -X", NoCommand::NoAddress),
    ] {
        assert_eq!(take(text).unwrap_err(), error, "{text:?}");
    }
}

#[test]
fn a_header_with_a_line_end_cannot_begin_another_one() {
    let taken = take("curl h -H $'A: b\\r\\nInjected: 1'").unwrap();
    let sent = taken.draft.to_bytes(&|_| Err(String::new()));
    let field = taken.draft.field("Injected");
    assert!(sent.is_ok() && field.is_none_or(|field| field.value == "1"));
}

#[test]
fn no_line_makes_it_fail_otherwise() {
    let long = "x".repeat(100_000);
    for line in [
        "curl -",
        "curl --",
        "curl -- h",
        "curl -H",
        "curl -H '' h",
        "curl -F '' h",
        "curl -F =@ h",
        "curl -u '' -b = -d '' -X '' h",
        "curl 'http://'",
        "curl '#'",
        "curl '?'",
        "curl ://?#",
        "curl $'\\xff\\u0000\\UFFFFFFFF' -d $'\\0'",
        "curl é -é -H é:é --é=é",
        "curl h -X 'A B' -H 'A B: C'",
        "curl h -H 'Content-Length: 7' -d abc",
        "curl h -H 'Transfer-Encoding: chunked' -d abc",
        &format!("curl {long} -d {long} -H X:{long}"),
    ] {
        if let Ok(taken) = take(line) {
            let sent = taken.draft.to_bytes(&|_| Err("no".into()));
            assert!(sent.is_ok() || line.contains("-F"), "{line:?}: {sent:?}");
        }
    }
}
