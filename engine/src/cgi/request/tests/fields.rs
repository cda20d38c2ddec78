//! Header fields on their way to a script, and those that stop before it.
use super::*;

#[test]
fn every_field_becomes_a_variable() {
    check(
        SCRIPT,
        "xx-yy123: foo\r\nX-Empty:\r\nCookie: a\r\n",
        &[
            ("HTTP_XX_YY123", Some("foo")),
            ("HTTP_X_EMPTY", Some("")),
            ("HTTP_COOKIE", Some("a")),
        ],
    );
    check(
        SCRIPT,
        "Accept: a\r\nACCEPT: b\r\nCookie: x=1\r\ncookie: y=2\r\n",
        &[
            ("HTTP_ACCEPT", Some("a, b")),
            ("HTTP_COOKIE", Some("x=1; y=2")),
        ],
    );
    check(
        SCRIPT,
        "Connection: close\r\nExpect: 100-continue\r\n",
        &[
            ("HTTP_CONNECTION", Some("close")),
            ("HTTP_EXPECT", Some("100-continue")),
        ],
    );
}

#[test]
fn a_field_that_must_not_reach_the_script_is_named_as_absent() {
    let lines = "Proxy: x\r\nAuthorization: Basic eA==\r\nProxy-Authorization: y\r\nX_Forwarded_For: z\r\na.b: c\r\n\
                 Content-Type: t/u\r\nContent-Length: 0\r\n";
    let head = format!("POST {SCRIPT} HTTP/1.1\r\nHost: h\r\n{lines}\r\n");
    let request = build(
        &head,
        &Given {
            body: BodyFacts::Length(0),
            ..Given::default()
        },
    );
    let expected = [
        ("HTTP_PROXY", AbsenceReason::Httpoxy),
        ("HTTP_AUTHORIZATION", AbsenceReason::WithheldAuthorization),
        (
            "HTTP_PROXY_AUTHORIZATION",
            AbsenceReason::WithheldAuthorization,
        ),
        (
            "HTTP_X_FORWARDED_FOR",
            AbsenceReason::AmbiguousName {
                header: "X_Forwarded_For".into(),
            },
        ),
        (
            "HTTP_A_B",
            AbsenceReason::AmbiguousName {
                header: "a.b".into(),
            },
        ),
        (
            "HTTP_CONTENT_TYPE",
            AbsenceReason::CoveredBy {
                variable: "CONTENT_TYPE".into(),
            },
        ),
        (
            "HTTP_CONTENT_LENGTH",
            AbsenceReason::CoveredBy {
                variable: "CONTENT_LENGTH".into(),
            },
        ),
    ];
    for (name, expected) in expected {
        value(&request, name, None);
        assert_eq!(reason(&request, name), Some(expected), "{name}");
    }
    value(&request, "CONTENT_TYPE", Some("t/u"));
    value(&request, "CONTENT_LENGTH", Some("0"));
    let proxy = request
        .absent
        .iter()
        .find(|absent| absent.name == "HTTP_PROXY")
        .unwrap();
    assert_eq!(&head[proxy.sources[0].clone()], "Proxy: x");
}

#[test]
fn passwords_are_passed_on_only_when_the_site_asks() {
    let head = format!("GET {SCRIPT} HTTP/1.1\r\nHost: h\r\nAuthorization: Basic eA==\r\n\r\n");
    let request = build(
        &head,
        &Given {
            pass_authorization: true,
            ..Given::default()
        },
    );
    value(&request, "HTTP_AUTHORIZATION", Some("Basic eA=="));
    // A header alone is no login: nobody has checked it.
    value(&request, "REMOTE_USER", None);
    value(&request, "AUTH_TYPE", None);
    let login = Authentication {
        scheme: "Basic",
        user: b"zo\xeb",
    };
    let request = build(
        &head,
        &Given {
            authentication: Some(login),
            ..Given::default()
        },
    );
    value(&request, "AUTH_TYPE", Some("Basic"));
    value(&request, "REMOTE_USER", Some("zo\\xeb"));
    value(&request, "HTTP_AUTHORIZATION", None);
}

#[test]
fn a_chunked_body_is_counted_and_its_coding_is_gone() {
    let head = format!(
        "POST {SCRIPT} HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTrailer: x\r\n\r\n"
    );
    let request = build(
        &head,
        &Given {
            body: BodyFacts::Counted(12),
            ..Given::default()
        },
    );
    value(&request, "CONTENT_LENGTH", Some("12"));
    assert_eq!(
        request.get("CONTENT_LENGTH").unwrap().provenance,
        Provenance::Body
    );
    value(&request, "HTTP_TRANSFER_ENCODING", None);
    assert_eq!(
        reason(&request, "HTTP_TRANSFER_ENCODING"),
        Some(AbsenceReason::HopByHop)
    );
    assert_eq!(
        reason(&request, "HTTP_TRAILER"),
        Some(AbsenceReason::HopByHop)
    );
}

fn trailer(name: &str, value: &str) -> Trailer {
    Trailer {
        name: name.into(),
        value: value.into(),
    }
}

/// What becomes of trailers beside these header lines.
#[track_caller]
fn check_trailers(
    lines: &str,
    trailers: Vec<Trailer>,
    expected: &[(&str, Option<&str>, Option<AbsenceReason>)],
) {
    let head = format!("POST {SCRIPT} HTTP/1.1\r\nHost: h\r\n{lines}\r\n");
    let request = build(
        &head,
        &Given {
            body: BodyFacts::Counted(3),
            trailers,
            ..Given::default()
        },
    );
    for (name, expected, absence) in expected {
        value(&request, name, *expected);
        assert_eq!(reason(&request, name), *absence, "{name}");
    }
}

#[test]
fn announced_trailers_reach_the_script_and_others_do_not() {
    let sums = || vec![trailer("X-Sum", "1"), trailer("x-sum", "2")];
    check_trailers(
        "Trailer: X-Sum\r\n",
        sums(),
        &[("HTTP_X_SUM", Some("1, 2"), None)],
    );
    let unannounced = AbsenceReason::UnannouncedTrailer;
    check_trailers("", sums(), &[("HTTP_X_SUM", None, Some(unannounced))]);
    check_trailers(
        "Trailer: X-Sum\r\nX-Sum: 0\r\n",
        sums(),
        &[(
            "HTTP_X_SUM",
            Some("0"),
            Some(AbsenceReason::TrailerBesideHeader),
        )],
    );
    check_trailers(
        "Trailer: Proxy, X_Y\r\n",
        vec![trailer("Proxy", "http://evil"), trailer("X_Y", "1")],
        &[
            ("HTTP_PROXY", None, Some(AbsenceReason::Httpoxy)),
            (
                "HTTP_X_Y",
                None,
                Some(AbsenceReason::AmbiguousName {
                    header: "X_Y".to_owned(),
                }),
            ),
        ],
    );
}

#[test]
fn a_trailer_says_where_it_is_from() {
    let request = build(
        &format!("POST {SCRIPT} HTTP/1.1\r\nHost: h\r\nTrailer: X-Sum\r\n\r\n"),
        &Given {
            trailers: vec![trailer("X-Sum", "1")],
            ..Given::default()
        },
    );
    let variable = request.get("HTTP_X_SUM").unwrap();
    assert_eq!(variable.provenance.label(), "trailer X-Sum");
}
