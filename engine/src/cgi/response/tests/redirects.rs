//! Responses with a Location.
use super::*;

#[test]
fn a_path_alone_is_a_local_redirect() {
    let local = &ResponseKind::LocalRedirect {
        location: to("/a?b=c"),
    };
    sent("Location: /a?b=c\n\n", local, "200 OK", &[], &[]);
    sent(
        "Location: /a?b=c\nSet-Cookie: x=1\n\n",
        local,
        "200 OK",
        &["Set-Cookie=x=1"],
        &[V::LocalRedirectWithFields],
    );
    sent(
        "Content-Type: a/b\nlocation: /a?b=c\n\n",
        local,
        "200 OK",
        &[],
        &[V::LocalRedirectWithFields],
    );
    refused(
        "Location: /a\nX: y\n\n",
        V::LocalRedirectWithFields,
        STRICT_ONLY,
    );
    assert!(!response("Location: /a\n\n").body_allowed);
}

#[test]
fn every_other_location_is_the_clients() {
    let client = |location: &str| ResponseKind::ClientRedirect {
        location: to(location),
    };
    sent(
        "Location: http://a/b#c\n\n",
        &client("http://a/b#c"),
        "302 Found",
        &["Location=http://a/b#c"],
        &[],
    );
    sent(
        "Location: mailto:x\n\n",
        &client("mailto:x"),
        "302 Found",
        &["Location=mailto:x"],
        &[],
    );
    sent(
        "Location: /a\nStatus: 301\n\n",
        &client("/a"),
        "301 Moved Permanently",
        &["Location=/a"],
        &[],
    );
    sent(
        "Status: 302 Go\nLocation: /a\n\n",
        &client("/a"),
        "302 Go",
        &["Location=/a"],
        &[],
    );
    sent(
        "Location: //host/x\n\n",
        &client("//host/x"),
        "302 Found",
        &["Location=//host/x"],
        &[V::NetworkPathLocation],
    );
    sent(
        "Location: x.py\n\n",
        &client("x.py"),
        "302 Found",
        &["Location=x.py"],
        &[V::RelativeLocation],
    );
    sent(
        "Location: ?q\n\n",
        &client("?q"),
        "302 Found",
        &["Location=?q"],
        &[V::RelativeLocation],
    );
    sent(
        "Location: /a#b\n\n",
        &client("/a#b"),
        "302 Found",
        &["Location=/a#b"],
        &[V::LocalFragment],
    );
    sent(
        "Location: http://a/b c\n\n",
        &client("http://a/b c"),
        "302 Found",
        &["Location=http://a/b c"],
        &[V::BadLocation],
    );
    for location in ["//host/x", "x.py", "1:2", ":x"] {
        let strict = interpret(
            &block(&format!("Location: {location}\n\n")),
            Strictness::Strict,
            false,
        );
        assert!(strict.refused.is_some(), "{location}");
    }
    sent(
        "Location: http://a/\nSet-Cookie: x=1\n\n",
        &client("http://a/"),
        "302 Found",
        &["Location=http://a/", "Set-Cookie=x=1"],
        &[],
    );
}

#[test]
fn a_redirect_may_carry_a_document() {
    let kind = &ResponseKind::ClientRedirectWithDocument {
        location: to("http://a/"),
    };
    let fields = ["Location=http://a/", "Content-Type=a/b"];
    sent(
        "Location: http://a/\nStatus: 303 See\nContent-Type: a/b\n\n",
        kind,
        "303 See",
        &fields,
        &[],
    );
    sent(
        "Location: http://a/\nContent-Type: a/b\n\n",
        kind,
        "302 Found",
        &fields,
        &[V::RedirectWithoutStatus],
    );
    refused(
        "Location: http://a/\nContent-Type: a/b\n\n",
        V::RedirectWithoutStatus,
        STRICT_ONLY,
    );
    assert!(response("Location: http://a/\nContent-Type: a/b\n\n").body_allowed);
}

#[test]
fn a_status_that_redirects_nobody_makes_location_an_ordinary_field() {
    let fields = ["Location=/new", "Content-Type=a/b"];
    sent(
        "Status: 201\nLocation: /new\nContent-Type: a/b\n\n",
        &ResponseKind::Document,
        "201 Created",
        &fields,
        &[],
    );
    let noted = [V::LocationWithoutRedirect];
    sent(
        "Status: 200\nLocation: /new\nContent-Type: a/b\n\n",
        &ResponseKind::Document,
        "200 OK",
        &fields,
        &noted,
    );
}
