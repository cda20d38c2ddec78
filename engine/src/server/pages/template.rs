//! Templates filled in, and foreign text made harmless on its way into them.

/// No more of one line of evidence is shown.
const EVIDENCE_LINE_BYTES: usize = 512;

/// The text of a file below `assets/pages`, compiled in.
macro_rules! template {
    ($name:literal) => {
        include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../assets/pages/",
            $name
        ))
    };
}

pub(super) use template;

/// The template without its comment, each `{name}` replaced once: values are never looked at again for names.
/// A name that ends in `_html` takes its value as it is; every other value is escaped.
pub(super) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut rest = match template
        .strip_prefix("<!--")
        .and_then(|text| text.split_once("-->\n"))
    {
        Some((_, text)) => text,
        None => template,
    };
    let mut html = String::with_capacity(rest.len() + 256);
    while let Some((before, after)) = rest.split_once('{') {
        html.push_str(before);
        let found = after.split_once('}').and_then(|(name, after)| {
            let (_, value) = values.iter().find(|(known, _)| *known == name)?;
            Some((name, *value, after))
        });
        debug_assert!(
            found.is_some(),
            "a place in a template without a value: {after:.40}"
        );
        match found {
            Some((name, value, after)) => {
                if name.ends_with("_html") {
                    html.push_str(value);
                } else {
                    html.push_str(&escaped(value));
                }
                rest = after;
            }
            None => {
                html.push('{');
                rest = after;
            }
        }
    }
    html.push_str(rest);
    html
}

/// Text in HTML, whether between tags or in a quoted attribute; control characters and those that turn the
/// writing direction are made harmless.
pub(super) fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + text.len() / 8);
    for character in text.chars() {
        escape_into(character, &mut html);
    }
    html
}

/// HTML in which what is not ASCII is written by its number.
pub(super) fn ascii(html: &str) -> String {
    let mut ascii = String::with_capacity(html.len() + 64);
    for character in html.chars() {
        match character.is_ascii() {
            true => ascii.push(character),
            false => ascii.push_str(&format!("&#{};", u32::from(character))),
        }
    }
    ascii
}

fn escape_into(character: char, html: &mut String) {
    match character {
        '&' => html.push_str("&amp;"),
        '<' => html.push_str("&lt;"),
        '>' => html.push_str("&gt;"),
        '"' => html.push_str("&quot;"),
        '\'' => html.push_str("&#39;"),
        '\n' | '\t' => html.push(character),
        '\0'..='\u{1f}' => html.extend(char::from_u32(0x2400 + u32::from(character))),
        _ if character.is_control() || is_hidden(character) => html.push('\u{fffd}'),
        _ => html.push(character),
    }
}

/// The bytes of a line with everything that cannot be seen made visible.
pub(super) fn visible_html(bytes: &[u8]) -> String {
    let shown = bytes.get(..EVIDENCE_LINE_BYTES).unwrap_or(bytes);
    let mut html = String::new();
    for chunk in shown.utf8_chunks() {
        for character in chunk.valid().chars() {
            match control(character) {
                Some((sign, name)) => html.push_str(&control_html(&sign, &name)),
                None => escape_into(character, &mut html),
            }
        }
        for byte in chunk.invalid() {
            html.push_str(&control_html(
                &format!("{byte:02X}"),
                "a byte that is not UTF-8",
            ));
        }
    }
    if shown.len() < bytes.len() {
        html.push('…');
    }
    html
}

fn control_html(sign: &str, name: &str) -> String {
    let named = sign
        .chars()
        .all(|character| character.is_ascii_alphanumeric() || character == '+');
    let part = fill(
        template!("parts/control.html"),
        &[
            ("kind", if named { "named" } else { "" }),
            ("name", name),
            ("sign", sign),
        ],
    );
    part.trim_end().to_owned()
}

/// Sign and full name of a character that cannot be seen.
fn control(character: char) -> Option<(String, String)> {
    let (sign, name) = match character {
        '\n' => ("↵", "line feed"),
        '\t' => ("→", "tab"),
        '\r' => ("CR", "carriage return"),
        '\0' => ("NUL", "null"),
        '\u{8}' => ("BS", "backspace"),
        '\u{c}' => ("FF", "form feed"),
        '\u{1b}' => ("ESC", "escape"),
        '\u{7f}' => ("DEL", "delete"),
        '\u{a0}' => ("NBSP", "no-break space"),
        '\u{feff}' => ("BOM", "byte order mark"),
        _ if character.is_control() || is_hidden(character) => {
            let number = u32::from(character);
            let sign = if number < 0x100 {
                format!("{number:02X}")
            } else {
                format!("U+{number:04X}")
            };
            return Some((sign, format!("U+{number:04X}")));
        }
        _ => return None,
    };
    Some((sign.to_owned(), name.to_owned()))
}

/// Characters without a width or with power over the writing direction: text with them is not what it looks like.
fn is_hidden(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{fff9}'..='\u{fffb}')
}
