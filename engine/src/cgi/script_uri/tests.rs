//! Request targets, decoded and built again.
use super::*;

fn decoded(target: &str) -> Result<DecodedPath, TargetError> {
    RequestTarget::parse(target.as_bytes())?.decode_path()
}

#[track_caller]
fn check(target: &str, expected: &[u8]) {
    let path = decoded(target).unwrap();
    assert_eq!(
        path.bytes.escape_ascii().to_string(),
        expected.escape_ascii().to_string(),
        "{target}"
    );
}

#[track_caller]
fn refused(target: &str, kind: TargetErrorKind) {
    let error = decoded(target).expect_err(target);
    assert_eq!(error.kind, kind, "{target}");
    assert_eq!(error.status(), 400);
    assert!(error.section().starts_with("RFC "));
}

#[test]
fn a_second_question_mark_stays_in_the_query() {
    let target = RequestTarget::parse(b"/a?b=c?d=e").unwrap();
    assert_eq!(
        (target.path(), target.query()),
        (&b"/a"[..], Some(&b"b=c?d=e"[..]))
    );
    assert_eq!(
        RequestTarget::parse(b"/a?").unwrap().query(),
        Some(&b""[..])
    );
    assert_eq!(RequestTarget::parse(b"/a").unwrap().query(), None);
    assert_eq!(RequestTarget::parse(b"/a%3Fb").unwrap().query(), None);
}

#[test]
fn an_absolute_target_keeps_its_host() {
    let target = RequestTarget::parse(b"HTTP://example.com:99/a/b?c").unwrap();
    assert_eq!(target.authority(), Some(&b"example.com:99"[..]));
    assert_eq!(
        (target.path(), target.query()),
        (&b"/a/b"[..], Some(&b"c"[..]))
    );
    assert_eq!(&target.raw()[target.path_and_query()], b"/a/b?c");
    let bare = RequestTarget::parse(b"https://[::1]?x=http://y/").unwrap();
    assert_eq!(
        (bare.path(), bare.query()),
        (&b"/"[..], Some(&b"x=http://y/"[..]))
    );
    assert_eq!(bare.decode_path().unwrap().bytes, b"/");
    assert_eq!(bare.decode_path().unwrap().source_range(0..1), 13..13);
}

#[test]
fn other_forms_are_refused_by_name() {
    refused("*", TargetErrorKind::Asterisk);
    refused("example.com:80", TargetErrorKind::AuthorityForm);
    refused("[::1]:80", TargetErrorKind::AuthorityForm);
    refused("cgi-bin/a", TargetErrorKind::NoLeadingSlash);
    refused("", TargetErrorKind::NoLeadingSlash);
    refused("?a", TargetErrorKind::NoLeadingSlash);
    refused("ftp://a/", TargetErrorKind::UnsupportedScheme);
    refused("://a/", TargetErrorKind::UnsupportedScheme);
    refused("http:///a", TargetErrorKind::BadAuthority);
    refused("http://u:p@a/", TargetErrorKind::BadAuthority);
    refused("http://a:99999/", TargetErrorKind::BadAuthority);
}

#[test]
fn a_path_is_decoded_once() {
    check("/a%20b", b"/a b");
    check("/a%2520b", b"/a%20b");
    check("/%e4%bd%a0%FF", b"/\xe4\xbd\xa0\xff");
    check("/a+b", b"/a+b");
    check("/a;p=1/b%3Bc", b"/a;p=1/b;c");
    check("/a//b///", b"/a//b///");
    check("//a", b"//a");
    check("/A/b", b"/A/b");
    check("/a%0Ab", b"/a\nb");
}

#[test]
fn dot_segments_are_resolved_in_every_spelling() {
    check("/a/./b", b"/a/b");
    check("/a/../b", b"/b");
    check("/a/%2e%2E/b", b"/b");
    check("/a/.%2e/b", b"/b");
    check("/a/%2e/b", b"/a/b");
    check("/a/b/..", b"/a/");
    check("/a/b/.", b"/a/b/");
    check("/a/..", b"/");
    check("/.", b"/");
    check("/a//../b", b"/a/b");
    check("/...", b"/...");
    check("/a/..b/.c", b"/a/..b/.c");
    check("/a/..;x/b", b"/a/..;x/b");
    check("/a/b/c/../d/e/.././././..//f", b"/a/b//f");
    check("/a/b%2f..%2fc", b"/a/c");
    check("/a%2f%2e%2e%2fc", b"/c");
}

#[test]
fn nothing_leads_above_the_root() {
    for target in [
        "/..",
        "/../a",
        "/a/../..",
        "/a/../../b",
        "/%2e%2e/a",
        "/.%2e/a",
        "/a%2f..%2f..",
        "/./..",
        "/..%2fetc/passwd",
        "http://a/..",
    ] {
        refused(target, TargetErrorKind::AboveRoot);
    }
}

#[test]
fn a_bad_escape_or_a_nul_is_refused() {
    for target in ["/%", "/%2", "/%zz", "/a%g0", "/%+1", "/%%41", "/%u0041"] {
        refused(target, TargetErrorKind::BadEscape);
    }
    refused("/a%00b", TargetErrorKind::EncodedNul);
    refused("/a/%00/../b", TargetErrorKind::EncodedNul);
    // The query is the script's to decode, so nothing in it is judged here.
    check("/a?%zz%00", b"/a");
}

#[test]
fn an_encoded_slash_is_a_slash_and_is_flagged() {
    let path = decoded("/a%2Fb").unwrap();
    assert_eq!(
        (path.bytes.as_slice(), path.encoded_slash),
        (&b"/a/b"[..], true)
    );
    assert!(!decoded("/a/b").unwrap().encoded_slash);
    assert!(decoded("/a/./b").unwrap().dot_segments);
    assert!(!decoded("/a/b").unwrap().dot_segments);
}

#[test]
fn every_decoded_byte_knows_where_it_was_written() {
    let target = "http://h/a/x/../%62%20c/d";
    let path = decoded(target).unwrap();
    assert_eq!(path.bytes, b"/a/b c/d");
    let source = |range| &target[path.source_range(range)];
    assert_eq!(source(0..2), "/a");
    assert_eq!(source(3..6), "%62%20c");
    assert_eq!(source(6..8), "/d");
    assert_eq!(path.source_range(8..8), target.len()..target.len());
    assert_eq!(path.source_range(3..3).len(), 0);
}

#[test]
fn a_path_is_encoded_with_three_characters_reserved() {
    assert_eq!(encode_path(b"/this.is;a=b?c"), b"/this.is%3Ba%3Db%3Fc");
    assert_eq!(encode_path(b"/:@&+$,[]-_.!~*'()"), b"/:@&+$,[]-_.!~*'()");
    assert_eq!(
        encode_path(b" %\"<>#\\^`{|}\x7f\xff\n"),
        b"%20%25%22%3C%3E%23%5C%5E%60%7B%7C%7D%7F%FF%0A"
    );
    let uri = script_uri("http", b"[::1]", 80, b"/cgi-bin/a b", b"/x", b"q=1?");
    assert_eq!(uri, b"http://[::1]:80/cgi-bin/a%20b/x?q=1?");
}

/// B6: whatever path was decoded, the Script-URI built from it selects the same again.
#[test]
fn the_script_uri_selects_the_same_script_path_and_query() {
    let alphabet = b"/./..aB%;=?&+ \xff\x01~,[]\\\"<>#".to_vec();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = |bound: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % bound as u64).unwrap()
    };
    let mut survived = 0;
    for _ in 0..20_000 {
        let length = next(12);
        let text: Vec<u8> = (0..length)
            .map(|_| alphabet[next(alphabet.len())])
            .collect();
        let sent = [b"/", encode_path(&text).as_slice(), b"?q=%41"].concat();
        let Ok(first) = RequestTarget::parse(&sent).unwrap().decode_path() else {
            continue;
        };
        survived += 1;
        let split = next(first.bytes.len() + 1);
        let (script_name, path_info) = first.bytes.split_at(split);
        let uri = script_uri("http", b"h", 8000, script_name, path_info, b"q=%41");
        let again = RequestTarget::parse(&uri).unwrap();
        assert_eq!(
            again.decode_path().unwrap().bytes,
            first.bytes,
            "{}",
            uri.escape_ascii()
        );
        assert_eq!(again.query(), Some(&b"q=%41"[..]));
    }
    assert!(survived > 10_000, "{survived}");
}
