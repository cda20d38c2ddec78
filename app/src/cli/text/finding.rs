//! A finding: its headline, the place of the evidence, and what to do.

use std::borrow::Cow;

use cgi_engine::diagnosis::finding::EvidenceSource;
use cgi_engine::diagnosis::{Evidence, Finding, Severity};

use super::super::ink::Ink;
use super::{visible, visible_bytes};

/// No more of one line of evidence is shown: text and NUL bytes of a program make a line of thousands.
const EVIDENCE_CHARACTERS: usize = 160;

/// How much of a finding is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Detail {
    /// Headline, place and remedy: for a log.
    Short,
    /// Also the explanation, the lines of the evidence and the authority.
    Full,
}

/// The finding as lines, each with its line end, all indented by so many columns.
pub(crate) fn finding(finding: &Finding, detail: Detail, indent: usize, ink: Ink) -> String {
    let mut lines = vec![headline(finding, ink)];
    let mut below = |line: String| lines.push(format!("  {line}"));
    if detail == Detail::Full {
        finding
            .explanation
            .lines()
            .for_each(|line| below(visible(line)));
    }
    if let Some(evidence) = &finding.evidence {
        below(ink.dim(&place(evidence)));
        if detail == Detail::Full {
            evidence_lines(evidence, ink)
                .into_iter()
                .for_each(&mut below);
        }
    }
    // The evidence may be the same place already.
    if let Some((file, line)) = &finding.place
        && !matches!(
            &finding.evidence,
            Some(Evidence {
                source: EvidenceSource::File(..),
                ..
            })
        )
    {
        below(ink.dim(&format!("{}:{line}", visible(&file.to_string_lossy()))));
    }
    if !finding.remedy.is_empty() {
        below(format!("{} {}", ink.green("→"), visible(&finding.remedy)));
    }
    if detail == Detail::Full {
        for consequence in &finding.consequences {
            let code = format!("{} follows from it:", consequence.code);
            below(format!(
                "{} {}",
                ink.dim(&code),
                visible(&consequence.title)
            ));
        }
    }
    if detail == Detail::Full && !finding.authority.is_empty() {
        below(ink.dim(&visible(&finding.authority)));
    }
    let margin = " ".repeat(indent);
    lines
        .into_iter()
        .map(|line| format!("{margin}{line}\n"))
        .collect()
}

fn headline(finding: &Finding, ink: Ink) -> String {
    let label = format!("{} {}", finding.code, finding.severity);
    let label = match finding.severity {
        Severity::Error => ink.red(&label),
        Severity::Warning => ink.yellow(&label),
        Severity::Note => ink.dim(&label),
    };
    format!("{label}  {}", ink.bold(&visible(&finding.title)))
}

/// `stdout, line 3` or `cgi-bin/a.py:3`.
fn place(evidence: &Evidence) -> String {
    let marked = evidence
        .lines
        .iter()
        .find(|line| line.note.is_some())
        .or(evidence.lines.first());
    match (&evidence.source, marked) {
        (EvidenceSource::File(file, line), _) => {
            format!("{}:{line}", visible(&file.to_string_lossy()))
        }
        (EvidenceSource::Stream(stream, _), Some(line)) => {
            format!("{}, line {}", stream.label(), line.number)
        }
        (EvidenceSource::Stream(stream, range), None) => {
            format!("{}, byte {}", stream.label(), range.start)
        }
    }
}

/// The beginning of a line that is too long for a terminal.
fn cut(line: &str) -> Cow<'_, str> {
    match line.char_indices().nth(EVIDENCE_CHARACTERS) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()).into(),
        None => line.into(),
    }
}

fn evidence_lines(evidence: &Evidence, ink: Ink) -> Vec<String> {
    let shown = evidence.lines.iter().map(|line| {
        let bytes = visible_bytes(line.bytes.strip_suffix(b"\n").unwrap_or(&line.bytes));
        let numbered = format!("{:>5} │ {}", line.number, cut(&bytes));
        match line.note.as_deref() {
            Some("") => ink.bold(&numbered),
            Some(note) => format!(
                "{}  {}",
                ink.bold(&numbered),
                ink.red(&format!("← {}", visible(note)))
            ),
            None => numbered,
        }
    });
    shown.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use cgi_engine::diagnosis::finding::EvidenceLine;
    use cgi_engine::diagnosis::{Blame, RuleCode, Stage, StreamName};

    fn example() -> Finding {
        let line = |number, bytes: &[u8], note: Option<&str>| EvidenceLine {
            number,
            bytes: bytes.to_vec(),
            note: note.map(str::to_owned),
        };
        Finding {
            code: RuleCode(24),
            severity: Severity::Error,
            blame: Blame::Script,
            stage: Stage::Output,
            title: "The script printed HTML before its headers".to_owned(),
            explanation: "A response begins with header fields.".to_owned(),
            remedy: "Print the headers first".to_owned(),
            authority: "RFC 3875 §6.2".to_owned(),
            evidence: Some(Evidence {
                source: EvidenceSource::Stream(StreamName::Stdout, 0..7),
                lines: vec![
                    line(1, b"x\n", None),
                    line(2, b"<b>\x1b[2J\r\n", Some("no header")),
                ],
            }),
            place: Some(("/site/a.py".into(), 3)),
            consequences: Vec::new(),
            exception: None,
        }
    }

    #[test]
    fn a_log_shows_headline_place_and_remedy() {
        let expected = "\
\x20 CGI024 error  The script printed HTML before its headers
    stdout, line 2
    /site/a.py:3
    → Print the headers first
";
        assert_eq!(finding(&example(), Detail::Short, 2, Ink::PLAIN), expected);
    }

    #[test]
    fn a_report_shows_the_evidence_without_obeying_it() {
        let expected = "\
CGI024 error  The script printed HTML before its headers
  A response begins with header fields.
  stdout, line 2
      1 │ x
      2 │ <b>\\u{1b}[2J\\r  ← no header
  /site/a.py:3
  → Print the headers first
  RFC 3875 §6.2
";
        assert_eq!(finding(&example(), Detail::Full, 0, Ink::PLAIN), expected);
    }

    #[test]
    fn a_line_without_an_end_does_not_fill_the_terminal() {
        let mut long = example();
        if let Some(evidence) = &mut long.evidence {
            evidence.lines[0].bytes = vec![0xff; 4096];
        }
        let text = finding(&long, Detail::Full, 0, Ink::PLAIN);
        assert!(
            text.lines().all(|line| line.chars().count() < 200),
            "{text}"
        );
        assert!(text.contains("xFF…"), "{text}");
    }

    #[test]
    fn a_place_in_a_file_is_told_once() {
        let mut at_file = example();
        at_file.evidence = Some(Evidence {
            source: EvidenceSource::File("/site/a.py".into(), 3),
            lines: Vec::new(),
        });
        let text = finding(&at_file, Detail::Short, 0, Ink::PLAIN);
        assert_eq!(text.matches("/site/a.py:3").count(), 1, "{text}");
    }
}
