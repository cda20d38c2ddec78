//! The index of captured text: which runs may hold a text. Whether they do is for the filter to see.
//!
//! Every three characters in a row are an entry (FTS5's trigram tokenizer), whatever the case of letters. So parts of
//! words are found, and languages that put no spaces between theirs. What it cannot do:
//! - A text of less than three characters finds nothing in it. In Chinese or Japanese many a word is that short.
//! - Of a text of more than [`TEXT_BYTES`] only the beginning is in it; such runs count as candidates for everything.
//! - It is filled when nothing else is to be done; runs that it does not have yet count as candidates.
//!
//! In each of these cases records have to be looked at one by one: slower, and as right.

use super::blobs::Nothing;
use crate::exchange::{CapturedBody, Exchange, ExchangeId};
use crate::record::{self, RecordError};
use rusqlite::Connection;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Of each text so many bytes are indexed.
pub(super) const TEXT_BYTES: usize = 1 << 20;
/// A query is narrowed by so many entries; more of them find hardly less.
const MOST_ENTRIES: usize = 64;

/// All of it is indexed.
pub(super) const WHOLE: i64 = 1;
/// Only its beginning is.
pub(super) const BEGINNING: i64 = 2;

/// Which runs may hold a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Candidates {
    /// The index cannot tell: the text has less than three characters.
    All,
    /// None but these, in the order of their numbers.
    These(Vec<ExchangeId>),
}

/// What FTS5 is asked for: every entry of the text. None where it has none.
fn question(text: &str) -> Option<String> {
    let characters: Vec<char> = text.chars().collect();
    let entries: BTreeSet<&[char]> = characters
        .windows(3)
        // A NUL ends what FTS5 reads; it is a space in the index.
        .filter(|entry| !entry.contains(&'\0'))
        .collect();
    let step = entries.len().div_ceil(MOST_ENTRIES).max(1);
    let mut question = String::new();
    for entry in entries.into_iter().step_by(step) {
        if !question.is_empty() {
            question.push_str(" AND ");
        }
        let entry: String = entry.iter().collect();
        let _ = write!(question, "\"{}\"", entry.replace('"', "\"\""));
    }
    (!question.is_empty()).then_some(question)
}

/// Which runs may hold the text.
pub(super) fn search(connection: &Connection, text: &str) -> rusqlite::Result<Candidates> {
    // A run holds it in its own text, or in that of a blob; what is not indexed whole may hold anything.
    const FIND: &str = "
        WITH found(doc) AS (SELECT rowid FROM texts WHERE texts MATCH ?1),
        blob(number) AS (
            SELECT -doc FROM found WHERE doc < 0 UNION SELECT number FROM blobs WHERE indexed <> 1)
        SELECT doc FROM found WHERE doc > 0
        UNION SELECT id FROM records WHERE indexed <> 1
        UNION SELECT uses.run FROM blob JOIN uses ON uses.blob = blob.number
        ORDER BY 1";
    let Some(question) = question(text) else {
        return Ok(Candidates::All);
    };
    let mut find = connection.prepare_cached(FIND)?;
    let runs = find.query_map([question], |row| row.get(0).map(number))?;
    runs.collect::<rusqlite::Result<_>>().map(Candidates::These)
}

fn number(id: i64) -> ExchangeId {
    ExchangeId(u64::try_from(id).unwrap_or_default())
}

/// Enters the text of a record or (with the negative number of a blob) of a blob, and tells how much of it that was.
pub(super) fn enter(connection: &Connection, doc: i64, text: &[u8]) -> rusqlite::Result<i64> {
    let (text, state) = match text.get(..TEXT_BYTES) {
        Some(beginning) if beginning.len() < text.len() => (beginning, BEGINNING),
        _ => (text, WHOLE),
    };
    let text = String::from_utf8_lossy(text).replace('\0', " ");
    connection
        .prepare_cached("INSERT OR REPLACE INTO texts(rowid, text) VALUES(?1, ?2)")?
        .execute((doc, text))?;
    Ok(state)
}

/// Takes texts out of the index.
pub(super) fn remove(connection: &Connection, docs: &[i64]) -> rusqlite::Result<()> {
    let mut delete = connection.prepare_cached("DELETE FROM texts WHERE rowid = ?1")?;
    docs.iter()
        .try_for_each(|doc| delete.execute([doc]).map(drop))
}

/// The text of a packed record as the filter sees it, but for what stands in blobs: those have entries of their own.
pub(super) fn text_of(record: &[u8]) -> Result<Vec<u8>, RecordError> {
    record::unpack(record, &Nothing).map(|exchange| captured_text(&exchange))
}

fn captured_text(exchange: &Exchange) -> Vec<u8> {
    let mut text = Vec::new();
    let mut add = |bytes: &[u8]| {
        text.extend_from_slice(bytes);
        text.push(b'\n');
    };
    add(&exchange.request.raw_head);
    stream(&exchange.request.body, &mut add);
    for run in &exchange.invocations {
        for variable in &run.request.variables {
            add(&[variable.name.as_bytes(), b"=", &variable.value].concat());
        }
        for argument in run.program.iter().flat_map(|program| &program.arguments) {
            add(argument.as_encoded_bytes());
        }
        stream(&run.stdout, &mut add);
        stream(&run.stderr, &mut add);
        add(&run.script.source);
    }
    if let Some(response) = &exchange.response {
        add(&response.sent_head);
        add(&response.own_body);
    }
    text
}

fn stream(body: &CapturedBody, add: &mut impl FnMut(&[u8])) {
    add(&body.head());
    add(&body.tail());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_asks_for_every_three_characters() {
        for (text, asked) in [
            ("", None),
            ("ab", None),
            ("日本", None),
            ("a\0bc", None),
            ("abc", Some(r#""abc""#)),
            ("abcd", Some(r#""abc" AND "bcd""#)),
            ("日本語", Some(r#""日本語""#)),
            (r#"a"b"#, Some(r#""a""b""#)),
            ("aaaaaa", Some(r#""aaa""#)),
        ] {
            assert_eq!(question(text).as_deref(), asked, "{text:?}");
        }
        let long: String = (0..500_u32).filter_map(char::from_u32).collect();
        assert!(question(&long).unwrap().matches(" AND ").count() < MOST_ENTRIES);
    }
}
