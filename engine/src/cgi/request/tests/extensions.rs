//! Variables beyond the RFC, and those of the site.
use super::*;

#[test]
fn https_is_set_only_when_it_is_on() {
    let head = format!("GET {SCRIPT} HTTP/1.0\r\n\r\n");
    value(&build(&head, &Given::default()), "HTTPS", None);
    let request = build(
        &head,
        &Given {
            https: true,
            ..Given::default()
        },
    );
    value(&request, "HTTPS", Some("on"));
    value(&request, "REQUEST_SCHEME", Some("https"));
}

#[test]
fn what_the_site_sets_wins() {
    let set = |name: &str, value: &[u8]| (name.to_owned(), Some(value.to_vec()));
    let site = vec![
        set("QUERY_STRING", b"mine"),
        set("X_NEW", b"1"),
        set("X_NEW", b"2"),
        set("Path", b"/opt"),
        set("REMOTE_USER", b"root"),
        set("BAD=NAME", b"x"),
        set("", b"x"),
        set("NUL", b"a\0b"),
        set("X_GONE", b"x"),
        ("X_GONE".to_owned(), None),
        ("http_referer".to_owned(), None),
        ("X_NEVER".to_owned(), None),
    ];
    let request = build(
        &format!("GET {SCRIPT}?theirs HTTP/1.0\r\nReferer: r\r\n\r\n"),
        &Given {
            site,
            ..Given::default()
        },
    );
    value(&request, "QUERY_STRING", Some("mine"));
    assert_eq!(
        request.get("QUERY_STRING").unwrap().provenance,
        Provenance::Site
    );
    value(&request, "X_NEW", Some("2"));
    value(&request, "Path", Some("/opt"));
    value(&request, "PATH", None);
    value(&request, "REMOTE_USER", Some("root"));
    assert_eq!(reason(&request, "REMOTE_USER"), None);
    for name in ["BAD=NAME", "", "NUL"] {
        value(&request, name, None);
        assert_eq!(
            reason(&request, name),
            Some(AbsenceReason::NotRepresentable),
            "{name:?}"
        );
    }
    for (name, times) in [("X_NEW", 1), ("X_GONE", 0), ("HTTP_REFERER", 0)] {
        let same = |variable: &&MetaVariable| variable.name == name;
        assert_eq!(
            request.variables.iter().filter(same).count(),
            times,
            "{name}"
        );
    }
    assert_eq!(
        reason(&request, "HTTP_REFERER"),
        Some(AbsenceReason::TakenAwayBySite)
    );
    let overridden: Vec<_> = request
        .overridden
        .iter()
        .map(|variable| (variable.name.as_str(), variable.value.as_slice()))
        .collect();
    assert_eq!(
        overridden,
        [
            ("QUERY_STRING", &b"theirs"[..]),
            ("PATH", b"/usr/bin"),
            ("HTTP_REFERER", b"r")
        ]
    );
}

#[test]
fn php_gets_the_status_it_insists_on() {
    let head = format!("GET {SCRIPT} HTTP/1.0\r\n\r\n");
    value(&build(&head, &Given::default()), "REDIRECT_STATUS", None);
    value(
        &build(
            &head,
            &Given {
                php: true,
                ..Given::default()
            },
        ),
        "REDIRECT_STATUS",
        Some("200"),
    );
}

#[test]
fn a_local_redirect_keeps_the_fields_and_leaves_the_body() {
    let head = "POST /cgi-bin/first.cgi?old HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Type: a/b\r\nCookie: c=1\r\n\r\n";
    let redirect = RedirectFacts {
        url: b"/cgi-bin/first.cgi",
        query: Some(b"old"),
        status: 200,
        method: b"GET",
        keeps_body: false,
    };
    let target = Some("/cgi-bin/a.cgi/next?new");
    let request = build(
        head,
        &Given {
            target,
            redirect: Some(redirect),
            ..Given::default()
        },
    );
    for (name, expected) in [
        ("REQUEST_METHOD", Some("GET")),
        ("SCRIPT_NAME", Some("/cgi-bin/a.cgi")),
        ("PATH_INFO", Some("/next")),
        ("QUERY_STRING", Some("new")),
        ("REQUEST_URI", Some("/cgi-bin/first.cgi?old")),
        ("REDIRECT_URL", Some("/cgi-bin/first.cgi")),
        ("REDIRECT_QUERY_STRING", Some("old")),
        ("REDIRECT_STATUS", Some("200")),
        ("HTTP_COOKIE", Some("c=1")),
        ("CONTENT_LENGTH", None),
        ("CONTENT_TYPE", None),
    ] {
        value(&request, name, expected);
    }
    assert_eq!(
        reason(&request, "CONTENT_LENGTH"),
        Some(AbsenceReason::LeftByRedirect)
    );
    assert_eq!(
        reason(&request, "HTTP_CONTENT_TYPE"),
        Some(AbsenceReason::LeftByRedirect)
    );
    assert!(request.get("SCRIPT_NAME").unwrap().sources.is_empty());
    assert_eq!(request.arguments, [b"new"]);
}

#[test]
fn a_script_that_handles_a_file_of_the_site_gets_the_request_with_its_body() {
    let head =
        "PUT /docs/page.md?q HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Type: a/b\r\n\r\n";
    let redirect = RedirectFacts {
        url: b"/docs/page.md",
        query: Some(b"q"),
        status: 200,
        method: b"PUT",
        keeps_body: true,
    };
    let request = build(
        head,
        &Given {
            target: Some("/cgi-bin/a.cgi/docs/page.md?q"),
            body: BodyFacts::Length(3),
            redirect: Some(redirect),
            ..Given::default()
        },
    );
    for (name, expected) in [
        ("REQUEST_METHOD", Some("PUT")),
        ("PATH_INFO", Some("/docs/page.md")),
        ("CONTENT_LENGTH", Some("3")),
        ("CONTENT_TYPE", Some("a/b")),
        ("REDIRECT_URL", Some("/docs/page.md")),
        ("REDIRECT_REQUEST_METHOD", None),
    ] {
        value(&request, name, expected);
    }
}

#[test]
fn the_script_of_an_error_document_learns_the_error_and_the_method() {
    let redirect = RedirectFacts {
        url: b"/nowhere",
        query: None,
        status: 404,
        method: b"GET",
        keeps_body: false,
    };
    let request = build(
        "DELETE /nowhere HTTP/1.1\r\nHost: h\r\n\r\n",
        &Given {
            target: Some(SCRIPT),
            redirect: Some(redirect),
            ..Given::default()
        },
    );
    for (name, expected) in [
        ("REQUEST_METHOD", Some("GET")),
        ("REDIRECT_STATUS", Some("404")),
        ("REDIRECT_REQUEST_METHOD", Some("DELETE")),
        ("REDIRECT_QUERY_STRING", None),
        ("REQUEST_URI", Some("/nowhere")),
    ] {
        value(&request, name, expected);
    }
}
