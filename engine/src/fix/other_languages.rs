//! Fixes of scripts in languages that are not parsed here: only single lines that cannot mean anything else.

use super::{Change, Part};
use crate::diagnosis::RuleCode;
use regex::bytes::Regex;

/// The change that mends this finding; none where the place is not certain.
pub(super) fn change(rule: RuleCode, language: &str, source: &[u8]) -> Option<Part> {
    match rule.0 {
        23 => empty_line(language, source),
        62 => enctype(source),
        _ => None,
    }
}

fn part(label: &str, meaning: String, before: &[u8], after: Vec<u8>) -> Part {
    Part {
        label: label.into(),
        meaning,
        change: Change::Content {
            before: before.to_vec(),
            after,
        },
    }
}

/// Prints the empty line after the last of the lines that print headers, where they follow one another.
fn empty_line(language: &str, source: &[u8]) -> Option<Part> {
    let (pattern, added): (&str, &[u8]) = match language {
        "sh" | "bash" | "dash" | "zsh" => (
            r#"^([ \t]*)(?:echo|printf)[ \t]+(?:-e[ \t]+)?["']?[A-Za-z-]+:[ \t][^;|&>]*$"#,
            b"echo",
        ),
        "perl" => (
            r#"^([ \t]*)print[ \t(]+(?:STDOUT[ \t]+)?["'][A-Za-z-]+:[ \t][^;]*;[ \t]*$"#,
            b"print \"\\n\";",
        ),
        _ => return None,
    };
    let header = Regex::new(pattern).ok()?;
    let lines: Vec<&[u8]> = source.split_inclusive(|&byte| byte == b'\n').collect();
    let of = |line: &[u8]| {
        header
            .captures(line.trim_ascii_end())
            .map(|found| found[1].to_vec())
    };
    let headers: Vec<usize> = (0..lines.len())
        .filter(|&at| of(lines[at]).is_some())
        .collect();
    let (first, last) = (*headers.first()?, *headers.last()?);
    if last - first + 1 != headers.len() {
        return None;
    }
    let indent = of(lines[last])?;
    let mut after = lines[..=last].concat();
    if !after.ends_with(b"\n") {
        after.push(b'\n');
    }
    after.extend([indent.as_slice(), added, b"\n"].concat());
    after.extend(lines[last + 1..].concat());
    let meaning = format!("An empty line is printed after line {}.", last + 1);
    Some(part(
        "Print an empty line after the headers",
        meaning,
        source,
        after,
    ))
}

/// Lets a form send its file (HTML §4.10.21.8): in a script as in a page.
fn enctype(source: &[u8]) -> Option<Part> {
    let form = Regex::new(r"(?is-u)<form\b[^<>]*>").ok()?;
    let end = Regex::new(r"(?i-u)</form\s*>").ok()?;
    let file = Regex::new(r#"(?i-u)<input\b[^<>]*\btype\s*=\s*\\?["']?file\b"#).ok()?;
    let sends_file = |found: &regex::bytes::Match<'_>| {
        let rest = &source[found.end()..];
        let inside = end.find(rest).map_or(rest, |end| &rest[..end.start()]);
        file.is_match(inside)
            && !found
                .as_bytes()
                .to_ascii_lowercase()
                .windows(7)
                .any(|word| word == b"enctype")
    };
    let mut forms = form.find_iter(source).filter(sends_file);
    let tag = forms.next().filter(|_| forms.next().is_none())?;
    let quote = quote_in(tag.as_bytes());
    let has_method = Regex::new(r"(?i-u)\bmethod\s*=")
        .ok()?
        .is_match(tag.as_bytes());
    let method = if has_method {
        String::new()
    } else {
        format!(" method={quote}post{quote}")
    };
    let added = format!("{method} enctype={quote}multipart/form-data{quote}");
    let at = tag.end() - 1;
    let after = [&source[..at], added.as_bytes(), &source[at..]].concat();
    let meaning = "The form sends its fields as parts, so that the file comes along.".to_owned();
    Some(part("Add enctype to the form", meaning, source, after))
}

/// How the tag's own attributes are quoted, so that a text around it is not ended; without any, a value needs none.
fn quote_in(tag: &[u8]) -> &'static str {
    if memchr::memmem::find(tag, b"\\\"").is_some() {
        "\\\""
    } else if tag.contains(&b'"') {
        "\""
    } else if tag.contains(&b'\'') {
        "'"
    } else {
        ""
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixed(rule: u16, language: &str, source: &str) -> Option<String> {
        match change(RuleCode(rule), language, source.as_bytes())?.change {
            Change::Content { after, .. } => Some(String::from_utf8(after).unwrap()),
            Change::Mode { .. } => None,
        }
    }

    #[test]
    fn the_empty_line_comes_after_the_last_header() {
        for (language, before, after) in [
            (
                "sh",
                "#!/bin/sh\n  echo 'A: 1'\n  echo \"Content-Type: text/html\"\necho '<p>'\n",
                "#!/bin/sh\n  echo 'A: 1'\n  echo \"Content-Type: text/html\"\n  echo\necho '<p>'\n",
            ),
            (
                "perl",
                "print \"Content-Type: text/html\\n\";",
                "print \"Content-Type: text/html\\n\";\nprint \"\\n\";\n",
            ),
        ] {
            assert_eq!(fixed(23, language, before).as_deref(), Some(after));
        }
        for (language, script) in [
            ("sh", "echo 'A: 1'\necho '<p>'\necho 'B: 2'\n"),
            ("sh", "echo 'A: 1' > file\n"),
            ("ruby", "puts 'A: 1'\n"),
        ] {
            assert_eq!(fixed(23, language, script), None, "{script}");
        }
    }

    #[test]
    fn a_form_with_a_file_gets_its_encoding() {
        let file = "<input type=file name=f></form>";
        for (tag, expected) in [
            (
                "<form method=\"post\">",
                "<form method=\"post\" enctype=\"multipart/form-data\">",
            ),
            (
                "<form action='x'>",
                "<form action='x' method='post' enctype='multipart/form-data'>",
            ),
            (
                "<FORM method=post>",
                "<FORM method=post enctype=multipart/form-data>",
            ),
            (
                "<form method=\\\"post\\\">",
                "<form method=\\\"post\\\" enctype=\\\"multipart/form-data\\\">",
            ),
        ] {
            let source = format!("print(\"\"\"<form></form>{tag}{file}\"\"\")");
            let after = source.replacen(tag, expected, 1);
            assert_eq!(fixed(62, "python3", &source), Some(after));
        }
        let twice = format!("<form>{file}<form>{file}");
        assert_eq!(fixed(62, "python3", &twice), None);
        assert_eq!(
            fixed(62, "python3", &format!("<form EncType=x>{file}")),
            None
        );
    }
}
