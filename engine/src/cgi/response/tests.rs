//! Header blocks and the responses they mean, in all three modes.
use super::ViolationKind as V;
use super::*;
use crate::cgi::header_block::{HeaderBlockParser, HeaderLimits};

mod redirects;

const MODES: [Strictness; 3] = [Strictness::Strict, Strictness::Default, Strictness::Lenient];

fn block(output: &str) -> HeaderBlock {
    let mut parser = HeaderBlockParser::new(HeaderLimits::default());
    parser.feed(output.as_bytes());
    parser.finish();
    parser.into_block()
}

fn response(output: &str) -> ScriptResponse {
    interpret(&block(output), Strictness::Default, false)
}

/// Checks kind, status line, fields and violations of an output that the default mode sends.
#[track_caller]
fn sent(output: &str, kind: &ResponseKind, status: &str, fields: &[&str], violations: &[V]) {
    let found = response(output);
    assert_eq!(found.refused, None, "{output:?}");
    assert_eq!(&found.kind, kind, "{output:?}");
    assert_eq!(
        format!("{} {}", found.status, found.reason.escape_ascii()),
        status,
        "{output:?}"
    );
    let forwarded: Vec<_> = found
        .fields
        .iter()
        .map(|(name, value)| format!("{}={}", name.escape_ascii(), value.escape_ascii()))
        .collect();
    assert_eq!(forwarded, fields, "{output:?}");
    let kinds: Vec<_> = found
        .violations
        .iter()
        .map(|violation| violation.kind)
        .collect();
    assert_eq!(kinds, violations, "{output:?}");
}

/// Checks in which of strict, default and lenient an output is refused, and for what.
#[track_caller]
fn refused(output: &str, kind: V, expected: [bool; 3]) {
    let found = MODES.map(|mode| interpret(&block(output), mode, false));
    for (mode, response) in MODES.iter().zip(&found) {
        let first = response
            .refused
            .as_ref()
            .map_or(kind, |violation| violation.kind);
        assert_eq!(first, kind, "{mode:?}: {output:?}");
        assert!(
            response
                .violations
                .iter()
                .any(|violation| violation.kind == kind),
            "{mode:?}: {output:?}"
        );
    }
    assert_eq!(
        found.map(|response| response.refused.is_some()),
        expected,
        "{output:?}"
    );
}

fn to(location: &str) -> Vec<u8> {
    location.as_bytes().to_vec()
}

const ALL: [bool; 3] = [true, true, true];
const NOT_LENIENT: [bool; 3] = [true, true, false];
const STRICT_ONLY: [bool; 3] = [true, false, false];
const NEVER: [bool; 3] = [false, false, false];

#[test]
fn a_document_has_the_status_the_script_gives() {
    let document = &ResponseKind::Document;
    sent(
        "Content-Type: a/b\n\n",
        document,
        "200 OK",
        &["Content-Type=a/b"],
        &[],
    );
    sent(
        "content-type: a/b\nSTATUS: 404 Gone Fishing\n\n",
        document,
        "404 Gone Fishing",
        &["content-type=a/b"],
        &[],
    );
    sent(
        "Status: 404\nContent-Type: a/b\n\n",
        document,
        "404 Not Found",
        &["Content-Type=a/b"],
        &[],
    );
    sent(
        "Status: 678 \nContent-Type: a/b\n\n",
        document,
        "678 Extension Status",
        &["Content-Type=a/b"],
        &[],
    );
    sent(
        "Status: 999 x\nContent-Type: a/b\n\n",
        document,
        "999 x",
        &["Content-Type=a/b"],
        &[],
    );
    sent(
        "Status:\nContent-Type: a/b\n\n",
        document,
        "200 OK",
        &["Content-Type=a/b"],
        &[],
    );
    sent("Status: 204\n\n", document, "204 No Content", &[], &[]);
}

#[test]
fn a_status_that_is_no_final_answer_is_refused() {
    for status in [
        "abc",
        "30",
        "404NotFound",
        "OK",
        "099",
        "-404",
        "+404",
        "4o4",
        "1000",
        "20 OK",
        "2000 OK",
    ] {
        refused(
            &format!("Status: {status}\nContent-Type: a/b\n\n"),
            V::BadStatus,
            NOT_LENIENT,
        );
    }
    for status in ["100", "101 Switching", "199"] {
        refused(
            &format!("Status: {status}\nContent-Type: a/b\n\n"),
            V::InterimStatus,
            ALL,
        );
    }
    let lenient = interpret(
        &block("Status: 404NotFound\nContent-Type: a/b\n\n"),
        Strictness::Lenient,
        false,
    );
    assert_eq!(lenient.status, 404);
}

#[test]
fn a_missing_type_is_repaired_only_where_that_is_asked_for_or_a_status_stands_in() {
    refused("X: y\n\n", V::NoContentType, NOT_LENIENT);
    refused("Content-Type:\nX: y\n\n", V::NoContentType, NOT_LENIENT);
    refused(
        "Status: 404 Not Found\n\n",
        V::NoContentTypeBesideStatus,
        STRICT_ONLY,
    );
    assert!(
        response("Status: 304\nETag: \"x\"\n\n")
            .violations
            .is_empty()
    );
}

#[test]
fn what_the_block_breaks_is_judged_by_the_table() {
    refused("", V::EmptyOutput, ALL);
    refused("<html>\n", V::PageBeforeHeaders, ALL);
    refused("Content-Type: a/b\nhello\n\n", V::LineWithoutColon, ALL);
    refused("Content-Type: a/b\n", V::NoBlankLine, NOT_LENIENT);
    refused("\nhello", V::BlankLineFirst, NOT_LENIENT);
    refused("Content-Type : a/b\n\n", V::SpaceBeforeColon, NOT_LENIENT);
    refused(
        "Content-Type: a/b\n c\n\n",
        V::ContinuationLine,
        NOT_LENIENT,
    );
    refused(
        "Bad Name: x\nContent-Type: a/b\n\n",
        V::BadFieldName,
        NOT_LENIENT,
    );
    refused(
        "X: a\0\nContent-Type: a/b\n\n",
        V::ControlInValue,
        NOT_LENIENT,
    );
    refused("HTTP/1.1 200 OK\n\n", V::HttpStatusLine, ALL);
    let blank_first = response("\nhello");
    assert_eq!(
        blank_first.violations.len(),
        1,
        "the missing type follows from the missing headers"
    );
}

#[test]
fn a_cgi_field_counts_once() {
    refused(
        "Content-Type: a/b\nContent-Type: c/d\n\n",
        V::DuplicateCgiField,
        STRICT_ONLY,
    );
    sent(
        "Content-Type: a/b\ncontent-type: c/d\n\n",
        &ResponseKind::Document,
        "200 OK",
        &["Content-Type=a/b"],
        &[V::DuplicateCgiField],
    );
    sent(
        "Status: 404\nStatus: 200\nContent-Type: a/b\n\n",
        &ResponseKind::Document,
        "404 Not Found",
        &["Content-Type=a/b"],
        &[V::DuplicateCgiField],
    );
    sent(
        "Content-Type:\nContent-Type: a/b\n\n",
        &ResponseKind::Document,
        "200 OK",
        &["Content-Type=a/b"],
        &[],
    );
}

#[test]
fn other_fields_pass_as_they_are() {
    let output =
        "Set-Cookie: a=1\nX: 1\nContent-Type: a/b\nSet-Cookie: b=2\nx: 2\nX-Empty:\nX-CGI-Y: z\n\n";
    let fields = [
        "Set-Cookie=a=1",
        "X=1",
        "Content-Type=a/b",
        "Set-Cookie=b=2",
        "x=2",
        "X-CGI-Y=z",
    ];
    sent(output, &ResponseKind::Document, "200 OK", &fields, &[]);
    let strict = interpret(
        &block("Content-Type: a/b\nX-CGI-Y: z\n\n"),
        Strictness::Strict,
        false,
    );
    assert_eq!((strict.fields.len(), strict.refused), (1, None));
}

#[test]
fn what_only_the_server_can_say_is_taken_out() {
    let output = "Content-Type: a/b\nConnection: close\nKeep-Alive: x\nDate: x\nServer: y\n\n";
    let expected = [
        V::ConnectionField,
        V::ConnectionField,
        V::ServerField,
        V::ServerField,
    ];
    sent(
        output,
        &ResponseKind::Document,
        "200 OK",
        &["Content-Type=a/b"],
        &expected,
    );
    refused(
        "Content-Type: a/b\nConnection: close\n\n",
        V::ConnectionField,
        STRICT_ONLY,
    );
    refused("Content-Type: a/b\nDate: x\n\n", V::ServerField, NEVER);
    refused(
        "Content-Type: a/b\nTransfer-Encoding: chunked\n\n",
        V::TransferEncoding,
        NOT_LENIENT,
    );
    let lenient = interpret(
        &block("Content-Type: a/b\nTransfer-Encoding: chunked\n\n"),
        Strictness::Lenient,
        false,
    );
    assert_eq!(lenient.fields.len(), 1);
}

#[test]
fn a_declared_length_is_compared_and_never_forwarded() {
    let declared = response("Content-Type: a/b\nContent-Length: 7\n\n");
    assert_eq!(
        (declared.declared_length, declared.fields.len()),
        (Some(7), 1)
    );
    let kind = |actual| {
        declared
            .length_violation(actual)
            .map(|violation| (violation.kind, violation.line))
    };
    assert_eq!(kind(7), None);
    assert_eq!(kind(50), Some((V::LengthTooShort, 2)));
    assert_eq!(kind(3), Some((V::LengthTooLong, 2)));
    assert_eq!(kind(0), Some((V::LengthTooLong, 2)));
    let head = interpret(
        &block("Content-Type: a/b\nContent-Length: 7\n\n"),
        Strictness::Default,
        true,
    );
    assert_eq!(head.length_violation(0), None);
    assert_eq!(response("Content-Type: a/b\n\n").length_violation(5), None);
    for wrong in ["abc", "-1", "7x", "7, 7", "18446744073709551616"] {
        refused(
            &format!("Content-Type: a/b\nContent-Length: {wrong}\n\n"),
            V::BadContentLength,
            STRICT_ONLY,
        );
    }
    refused(
        "Content-Type: a/b\nContent-Length: 1\nContent-Length: 2\n\n",
        V::BadContentLength,
        STRICT_ONLY,
    );
    assert_eq!(
        response("Content-Type: a/b\nContent-Length: 1\nContent-Length: 2\n\n").declared_length,
        None
    );
}

#[test]
fn some_answers_have_no_body() {
    for (output, head, allowed) in [
        ("Content-Type: a/b\n\n", false, true),
        ("Content-Type: a/b\n\n", true, false),
        ("Status: 204\n\n", false, false),
        ("Status: 304\n\n", false, false),
        ("Status: 404\nContent-Type: a/b\n\n", false, true),
    ] {
        assert_eq!(
            interpret(&block(output), Strictness::Default, head).body_allowed,
            allowed,
            "{output:?}"
        );
    }
    let kind = |output: &str, head, actual| {
        interpret(&block(output), Strictness::Default, head)
            .body_violation(actual)
            .map(|violation| violation.kind)
    };
    assert_eq!(kind("Status: 204\n\n", false, 5), Some(V::BodyNotAllowed));
    assert_eq!(kind("Status: 204\n\n", false, 0), None);
    assert_eq!(kind("Content-Type: a/b\n\n", true, 5), Some(V::BodyForHead));
    assert_eq!(kind("Content-Type: a/b\n\n", false, 5), None);
}

#[test]
fn a_script_is_nph_by_its_name() {
    assert!(is_nph(b"nph-drip.cgi"));
    assert!(!is_nph(b"drip-nph-.cgi"));
    assert!(!is_nph(b"NPH-x"));
}

#[test]
fn without_a_page_no_content_type_is_missed_and_all_else_still_is() {
    let without = |text: &str| {
        let response = interpret(&block(text), Strictness::Strict, false);
        assert!(response.refused.is_some(), "{text}");
        let depends = response.depends_on_page();
        (
            depends,
            response
                .without_page(Strictness::Strict)
                .refused
                .map(|violation| violation.kind),
        )
    };
    assert_eq!(without("Status: 403 Forbidden\n\n"), (true, None));
    let told_twice = "Status: 403 Forbidden\nStatus: 404 Not Found\n\n";
    assert_eq!(without(told_twice), (false, Some(V::DuplicateCgiField)));
    assert_eq!(without("X: y\n\n"), (false, Some(V::NoContentType)));
}
