//! The type of a page guessed from its first bytes, as Go's net/http does it for the common cases.

/// The value of Content-Type for a page that begins with these bytes.
pub(super) fn type_of(body: &[u8]) -> &'static str {
    let text = body.trim_ascii_start();
    let begins = |tag: &[u8]| {
        let start = text.get(..tag.len());
        let after = text.get(tag.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(tag))
            && after.is_none_or(|byte| matches!(byte, b' ' | b'>'))
    };
    let tags: [&[u8]; 6] = [
        b"<!DOCTYPE HTML",
        b"<html",
        b"<head",
        b"<body",
        b"<p",
        b"<h1",
    ];
    if tags.into_iter().any(begins) {
        return "text/html; charset=utf-8";
    }
    if text.starts_with(b"<?xml") {
        return "text/xml; charset=utf-8";
    }
    let binary = |byte: &u8| matches!(byte, 0..=8 | 0x0b | 0x0e..=0x1a | 0x1c..=0x1f);
    if body.iter().take(512).any(binary) {
        return "application/octet-stream";
    }
    "text/plain; charset=utf-8"
}
