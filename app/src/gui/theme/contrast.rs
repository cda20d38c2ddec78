//! Contrast between a text colour and its ground, as WCAG 2.2 (1.4.3) counts it.
#![cfg(test)]

use eframe::egui::{Color32, Rgba};

use super::{DARK, LIGHT, Theme};

/// The ratio that text of ordinary size must reach (level AA).
const AA: f32 = 4.5;

fn luminance(color: Color32) -> f32 {
    let linear = Rgba::from(color);
    0.2126 * linear.r() + 0.7152 * linear.g() + 0.0722 * linear.b()
}

fn ratio(first: Color32, second: Color32) -> f32 {
    let (first, second) = (luminance(first), luminance(second));
    (first.max(second) + 0.05) / (first.min(second) + 0.05)
}

fn themes() -> [(&'static str, &'static Theme); 2] {
    [("dark", &DARK), ("light", &LIGHT)]
}

#[track_caller]
fn check(text: &str, grounds: &[&str]) {
    for (name, theme) in themes() {
        for ground in grounds {
            let found = ratio(role(theme, text), role(theme, ground));
            assert!(
                found >= AA,
                "{name}: {text} on {ground} is {found:.2}, below {AA}"
            );
        }
    }
}

fn role(theme: &Theme, name: &str) -> Color32 {
    match name {
        "base" => theme.base,
        "panel" => theme.panel,
        "raised" => theme.raised,
        "raised_hover" => theme.raised_hover,
        "raised_press" => theme.raised_press,
        "row_hover" => theme.row_hover,
        "row_selected" => theme.row_selected,
        "text" => theme.text,
        "weak" => theme.weak,
        "accent" => theme.accent,
        "accent_hover" => theme.accent_hover,
        "accent_text" => theme.accent_text,
        "ok" => theme.ok,
        "redirect" => theme.redirect,
        "warn" => theme.warn,
        "fail" => theme.fail,
        "running" => theme.running,
        "teach" => theme.teach,
        "evidence" => theme.evidence,
        "fail_ground" => theme.fail_ground,
        "warn_ground" => theme.warn_ground,
        "ok_ground" => theme.ok_ground,
        "mark_ground" => theme.mark_ground,
        "selection" => theme.selection,
        "code_comment" => theme.code_comment,
        "code_string" => theme.code_string,
        "code_number" => theme.code_number,
        "code_keyword" => theme.code_keyword,
        "code_name" => theme.code_name,
        "code_type" => theme.code_type,
        other => panic!("no role {other:?}"),
    }
}

const GROUNDS: [&str; 5] = ["base", "panel", "raised", "row_hover", "evidence"];

#[test]
fn both_themes_are_complete() {
    for (_, theme) in themes() {
        assert_ne!(theme.text, theme.base);
    }
}

#[test]
fn text_can_be_read_on_every_ground() {
    check("text", &GROUNDS);
    check(
        "text",
        &["raised_hover", "raised_press", "row_selected", "selection"],
    );
    check(
        "text",
        &["fail_ground", "warn_ground", "ok_ground", "mark_ground"],
    );
}

#[test]
fn every_status_can_be_read_on_every_plain_ground() {
    for status in [
        "weak", "accent", "ok", "redirect", "warn", "fail", "running", "teach",
    ] {
        check(status, &GROUNDS);
    }
}

#[test]
fn what_is_marked_can_be_read_on_its_own_ground() {
    check("fail", &["fail_ground", "row_selected"]);
    check("warn", &["warn_ground", "mark_ground"]);
    check("ok", &["ok_ground"]);
    check("accent", &["row_selected", "selection"]);
    check("accent_text", &["accent", "accent_hover"]);
}

#[test]
fn source_text_can_be_read_on_every_line_of_the_editor() {
    for role in [
        "code_comment",
        "code_string",
        "code_number",
        "code_keyword",
        "code_name",
        "code_type",
    ] {
        check(
            role,
            &["base", "panel", "evidence", "row_hover", "mark_ground"],
        );
    }
}
