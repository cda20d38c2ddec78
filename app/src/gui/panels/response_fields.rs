//! The fields of a sent head, and who wrote each.

use cgi_engine::cgi::field_dictionary::{describe_field, describe_script_field};
use cgi_engine::cgi::header_block::HeaderBlock;
use cgi_engine::exchange;

use super::meaning_table::NamedRow;
use super::request_fields;
use crate::gui::widgets::evidence::Tone;
use crate::gui::widgets::text_view::Highlight;

/// Who wrote a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Writer {
    /// The script, as it is.
    Script,
    /// The script wrote another value.
    Changed,
    /// The server added it.
    Server,
}

impl Writer {
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Script => "script",
            Self::Changed => "script, changed",
            Self::Server => "server",
        }
    }
}

/// One field of the sent head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SentField {
    pub(super) name: Vec<u8>,
    pub(super) value: Vec<u8>,
    pub(super) writer: Writer,
}

/// The fields of a sent head, with the status line left out.
pub(super) fn sent_fields(head: &[u8], block: Option<&HeaderBlock>) -> Vec<SentField> {
    exchange::sent_fields(head)
        .map(|field| SentField {
            name: field.name.to_vec(),
            value: field.value.to_vec(),
            writer: writer(field.name, field.value, block),
        })
        .collect()
}

fn writer(name: &[u8], value: &[u8], block: Option<&HeaderBlock>) -> Writer {
    let own = || {
        block
            .into_iter()
            .flat_map(|block| &block.fields)
            .filter(|field| field.name.eq_ignore_ascii_case(name))
    };
    if own().any(|field| field.value == value) {
        Writer::Script
    } else if own().next().is_some() {
        Writer::Changed
    } else {
        Writer::Server
    }
}

/// Fields that the script wrote and that did not go out as such: `Status`, a wrong length.
pub(super) fn kept_back(head: &[u8], block: Option<&HeaderBlock>) -> Vec<(Vec<u8>, Vec<u8>)> {
    let sent = sent_fields(head, block);
    let is_sent = |name: &[u8]| {
        sent.iter()
            .any(|field| field.name.eq_ignore_ascii_case(name))
    };
    let fields = block.into_iter().flat_map(|block| &block.fields);
    fields
        .filter(|field| !is_sent(&field.name))
        .map(|field| (field.name.clone(), field.value.clone()))
        .collect()
}

/// All fields as rows, each with its meaning; those that were kept back come last.
pub(super) fn rows(head: &[u8], block: Option<&HeaderBlock>) -> Vec<NamedRow> {
    let sent = sent_fields(head, block).into_iter().map(|field| {
        let mut row = request_fields::row_of(&field.name, &field.value, describe_field);
        row.tag = field.writer.label().to_owned();
        row
    });
    let kept = kept_back(head, block).into_iter().map(|(name, value)| {
        let mut row = request_fields::row_of(&name, &value, describe_script_field);
        row.tag = "not sent".to_owned();
        row
    });
    sent.chain(kept).collect()
}

/// The lines that the server added or changed, to be marked in the head as it went out.
pub(super) fn marks<'a>(head: &[u8], block: Option<&HeaderBlock>) -> Vec<Highlight<'a>> {
    exchange::sent_fields(head)
        .filter_map(|field| {
            let (tone, note) = match writer(field.name, field.value, block) {
                Writer::Script => return None,
                Writer::Changed => (Tone::Warn, "changed by the server"),
                Writer::Server => (Tone::Added, "added by the server"),
            };
            Some(Highlight {
                range: field.line,
                tone,
                note: Some(note),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use cgi_engine::cgi::header_block::{BlockEnd, ScriptField};

    fn block() -> HeaderBlock {
        let field = |name: &str, value: &str| ScriptField {
            name: name.into(),
            value: value.into(),
            line: 1,
            span: 0..0,
        };
        HeaderBlock {
            fields: vec![
                field("content-type", "text/html"),
                field("Status", "201 Made"),
                field("Content-Length", "9"),
            ],
            length: 60,
            violations: Vec::new(),
            end: BlockEnd::BlankLine,
        }
    }

    const HEAD: &[u8] =
        b"HTTP/1.1 201 Made\r\nContent-Type: text/html\r\ncontent-length: 12\r\nDate: Mon, 1 Jan\r\n\r\n";

    #[test]
    fn each_field_has_its_writer() {
        let fields = sent_fields(HEAD, Some(&block()));
        let writers: Vec<Writer> = fields.iter().map(|field| field.writer).collect();
        assert_eq!(writers, [Writer::Script, Writer::Changed, Writer::Server]);
        assert_eq!(fields[2].value, b"Mon, 1 Jan");
    }

    #[test]
    fn what_was_not_sent_is_named() {
        assert_eq!(
            kept_back(HEAD, Some(&block())),
            [(b"Status".to_vec(), b"201 Made".to_vec())]
        );
        assert!(kept_back(HEAD, None).is_empty());
    }

    #[test]
    fn what_the_server_had_a_hand_in_is_marked_in_the_head() {
        let marks = marks(HEAD, Some(&block()));
        let told: Vec<(&[u8], Option<&str>)> = marks
            .iter()
            .map(|mark| (&HEAD[mark.range.clone()], mark.note))
            .collect();
        let changed: &[u8] = b"content-length: 12";
        let added: &[u8] = b"Date: Mon, 1 Jan";
        assert_eq!(
            told,
            [
                (changed, Some("changed by the server")),
                (added, Some("added by the server"))
            ]
        );
    }

    #[test]
    fn every_field_has_a_row_and_those_kept_back_come_last() {
        let rows = rows(HEAD, Some(&block()));
        let tags: Vec<&str> = rows.iter().map(|row| row.tag.as_str()).collect();
        assert_eq!(tags, ["script", "script, changed", "server", "not sent"]);
        assert_eq!(rows[3].authority, "RFC 3875 §6.3.3");
    }

    #[test]
    fn bytes_that_are_no_head_give_no_fields() {
        assert!(sent_fields(b"", None).is_empty());
        assert!(sent_fields(b"\xff\xff no colon\nnone", None).is_empty());
    }
}
