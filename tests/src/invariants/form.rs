//! What a form is taken apart into stands in it, in order, and nothing else is lost.

use std::borrow::Cow;
use std::ops::Range;

use cgi_engine::cgi::form::FormLimits;
use cgi_engine::cgi::form::content_type::ContentType;
use cgi_engine::cgi::form::cookies::Cookies;
use cgi_engine::cgi::form::multipart::Multipart;
use cgi_engine::cgi::form::problem::Problems;
use cgi_engine::cgi::form::urlencoded::{Urlencoded, decode};

/// Pairs stand in order, and nothing but `&` and `=` is between names and values.
#[track_caller]
pub fn urlencoded(source: &[u8]) {
    let written = source.escape_ascii();
    let limits = FormLimits {
        pairs: 50,
        ..FormLimits::default()
    };
    let form = Urlencoded::parse(source, &limits);
    check_problems(&form.problems, source);
    let mut end = 0;
    for pair in &form.pairs {
        let separators = &source[end..pair.name.start];
        assert!(separators.iter().all(|byte| *byte == b'&'), "{written}");
        let name = &source[pair.name.clone()];
        assert!(!name.contains(&b'&') && !name.contains(&b'='), "{written}");
        check_decoded(name);
        end = pair.name.end;
        if let Some(value) = &pair.value {
            assert_eq!(&source[end..value.start], b"=", "{written}");
            assert!(!source[value.clone()].contains(&b'&'), "{written}");
            check_decoded(&source[value.clone()]);
            end = value.end;
        }
    }
    let rest = &source[end..];
    let is_cut = form.pairs.len() == limits.pairs;
    assert!(is_cut || rest.iter().all(|byte| *byte == b'&'), "{written}");
}

/// What is decoded is no longer, and encoded again it decodes to the same.
fn check_decoded(encoded: &[u8]) {
    let decoded = decode(encoded);
    assert!(decoded.len() <= encoded.len());
    let plain = !encoded.contains(&b'%') && !encoded.contains(&b'+');
    assert_eq!(matches!(decoded, Cow::Borrowed(_)), plain);
    let again: String = decoded.iter().map(|byte| format!("%{byte:02x}")).collect();
    assert_eq!(decode(again.as_bytes()), decoded);
}

/// Cookies stand in order, and none reaches over a semicolon.
#[track_caller]
pub fn cookies(source: &[u8]) {
    let written = source.escape_ascii();
    let cookies = Cookies::parse(source, &FormLimits::default());
    check_problems(&cookies.problems, source);
    let mut end = 0;
    for cookie in &cookies.pairs {
        assert!(end <= cookie.name.start, "{written}");
        assert!(cookie.name.end <= cookie.value.start, "{written}");
        let whole = &source[cookie.name.start..cookie.value.end];
        assert!(!whole.contains(&b';'), "{written}");
        assert!(!source[cookie.name.clone()].contains(&b'='), "{written}");
        end = cookie.value.end;
    }
}

/// Whatever a Content-Type says, its parameters stand in it.
#[track_caller]
pub fn content_type(source: &[u8]) {
    let written = source.escape_ascii();
    let content_type = ContentType::parse(source);
    check_problems(&content_type.problems, source);
    for parameter in &content_type.parameters {
        let range = &parameter.written;
        assert!(
            range.start <= range.end && range.end <= source.len(),
            "{written}"
        );
        assert!(parameter.value.len() <= range.len(), "{written}");
    }
}

/// Preamble, parts and epilogue stand in order, and each part's content within the body.
#[track_caller]
pub fn multipart(content_type: &[u8], body: &[u8]) {
    self::content_type(content_type);
    let limits = FormLimits {
        parts: 50,
        part_header_bytes: 200,
        depth: 3,
        ..FormLimits::default()
    };
    let content_type = ContentType::parse(content_type);
    let multipart = Multipart::parse(&content_type, body, &limits);
    check_problems(&multipart.problems, body);
    check_multipart(&multipart, 0..body.len(), body);
    assert!(multipart.leaves().len() <= limits.parts);
}

#[track_caller]
fn check_multipart(multipart: &Multipart, within: Range<usize>, body: &[u8]) {
    let written = body.escape_ascii();
    assert_eq!(multipart.preamble.start, within.start, "{written}");
    let mut end = multipart.preamble.end;
    for part in &multipart.parts {
        assert!(end <= part.header.start, "{written}");
        assert!(part.header.start <= part.header.end, "{written}");
        assert!(
            part.header.end <= part.content.start || part.header.is_empty(),
            "{written}"
        );
        assert!(part.content.start <= part.content.end, "{written}");
        for field in &part.fields {
            assert!(
                end <= field.name.start && field.name.end <= field.value.start,
                "{written}"
            );
            assert!(field.value.end <= part.content.end, "{written}");
        }
        if let Some(nested) = &part.nested {
            check_multipart(nested, part.content.clone(), body);
        }
        end = part.content.end;
    }
    if let Some(epilogue) = &multipart.epilogue {
        assert!(
            end <= epilogue.start && epilogue.end == within.end,
            "{written}"
        );
    }
    assert!(end <= within.end, "{written}");
}

#[track_caller]
fn check_problems(problems: &Problems, source: &[u8]) {
    assert!(problems.kept().len() as u64 <= problems.total());
    for problem in problems.kept() {
        assert!(
            problem.at <= source.len(),
            "{problem}: {}",
            source.escape_ascii()
        );
    }
}
