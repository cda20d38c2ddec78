//! One key of `cgi-studio.toml` set, everything else left as it stands, comments included.

use toml::de::{DeTable, DeValue};
use toml::{Spanned, Table, Value};

/// Why the text was not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The text is no TOML.
    #[error("cannot change the configuration, which is not sound: {reason}")]
    NotSound {
        /// What is wrong.
        reason: String,
    },
    /// It is written in a way that this cannot change by a word.
    #[error("cannot change the configuration without writing it anew: set {key} by hand")]
    TooOdd {
        /// The key.
        key: String,
    },
}

/// The text with the value at this path of keys; the last one is the key itself.
///
/// # Errors
/// The text is no TOML, or so written that more than this key would change.
pub fn set(text: &str, path: &[&str], value: &Value) -> Result<String, EditError> {
    let not_sound = |error: toml::de::Error| EditError::NotSound {
        reason: error.message().to_owned(),
    };
    let mut wanted: Table = text.parse().map_err(not_sound)?;
    let too_odd = || EditError::TooOdd {
        key: path.join("."),
    };
    put(&mut wanted, path, value).ok_or_else(too_odd)?;
    let edited = edit(text, path, value).ok_or_else(too_odd)?;
    // Whatever the ways of TOML: only what says just this is given back.
    match edited.parse::<Table>() {
        Ok(table) if table == wanted => Ok(edited),
        _ => Err(too_odd()),
    }
}

fn put(table: &mut Table, path: &[&str], value: &Value) -> Option<()> {
    let (last, parents) = path.split_last()?;
    let mut table = table;
    for key in parents {
        let entry = table
            .entry((*key).to_owned())
            .or_insert_with(|| Value::Table(Table::new()));
        table = entry.as_table_mut()?;
    }
    table.insert((*last).to_owned(), value.clone());
    Some(())
}

fn edit(text: &str, path: &[&str], value: &Value) -> Option<String> {
    let root = DeTable::parse(text).ok()?;
    let (depth, found) = walk(root.get_ref(), path);
    if let (Some(found), true) = (found, depth == path.len()) {
        let span = found.span();
        return Some(format!(
            "{}{value}{}",
            text.get(..span.start)?,
            text.get(span.end..)?
        ));
    }
    let rest = dotted(path.get(depth..)?);
    if let Some(inline) = found.and_then(|found| inline_start(text, found)) {
        let after = text.get(inline + 1..)?;
        let comma = if after.trim_start().starts_with('}') {
            ""
        } else {
            ","
        };
        return Some(format!(
            "{} {rest} = {value}{comma}{after}",
            text.get(..=inline)?
        ));
    }
    let parents = path.get(..depth)?;
    if !parents.is_empty() {
        if let Some(end) = header_end(text, parents) {
            return Some(format!(
                "{}{rest} = {value}\n{}",
                text.get(..end)?,
                text.get(end..)?
            ));
        }
        return Some(format!("{} = {value}\n{text}", dotted(path)));
    }
    let (table, keys) = path.split_first()?;
    let line = if text.is_empty() || text.ends_with('\n') {
        ""
    } else {
        "\n"
    };
    let gap = if text.is_empty() { "" } else { "\n" };
    let header = dotted(&[*table]);
    Some(format!(
        "{text}{line}{gap}[{header}]\n{} = {value}\n",
        dotted(keys)
    ))
}

/// How many of the keys are there, and the value of the last one of them.
fn walk<'t, 'i>(root: &'t DeTable<'i>, path: &[&str]) -> (usize, Option<&'t Spanned<DeValue<'i>>>) {
    let (mut table, mut found) = (Some(root), None);
    for (depth, key) in path.iter().enumerate() {
        let next = table.and_then(|table| table.iter().find(|(name, _)| name.get_ref() == key));
        let Some((_, value)) = next else {
            return (depth, found);
        };
        found = Some(value);
        table = match value.get_ref() {
            DeValue::Table(table) => Some(table),
            _ => None,
        };
    }
    (path.len(), found)
}

/// Where an inline table begins.
fn inline_start(text: &str, value: &Spanned<DeValue<'_>>) -> Option<usize> {
    let start = value.span().start;
    (text.get(start..)?.starts_with('{')).then_some(start)
}

/// The end of the line `[a.b]`, its line end included.
fn header_end(text: &str, keys: &[&str]) -> Option<usize> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        at += line.len();
        let bare = line.split('#').next().unwrap_or_default().trim();
        let inside = bare
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'));
        let names = inside.map(|inside| inside.split('.').map(str::trim));
        if line.ends_with('\n') && names.is_some_and(|names| names.eq(keys.iter().copied())) {
            return Some(at);
        }
    }
    None
}

/// Keys joined by dots, quoted where they must be.
fn dotted(keys: &[&str]) -> String {
    let plain = |key: &str| {
        !key.is_empty()
            && key
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || "-_".contains(letter))
    };
    let words = keys.iter().map(|key| match plain(key) {
        true => (*key).to_owned(),
        false => Value::String((*key).to_owned()).to_string(),
    });
    words.collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let value = Value::String("/opt/p y".into());
        let edited = set(text, &["scripts", "interpreters", ".py"], &value);
        assert_eq!(edited.as_deref(), Ok(expected));
    }

    #[test]
    fn a_key_that_is_there_gets_another_value_and_all_else_stays() {
        check(
            "# mine\n[scripts]\ninterpreters = { \".pl\" = \"/p\", \".py\" = \"/old\" } # why\nindex = []\n",
            "# mine\n[scripts]\ninterpreters = { \".pl\" = \"/p\", \".py\" = \"/opt/p y\" } # why\nindex = []\n",
        );
        check(
            "[scripts.interpreters]\n\".py\" = '/old' # a\n",
            "[scripts.interpreters]\n\".py\" = \"/opt/p y\" # a\n",
        );
    }

    #[test]
    fn a_key_that_is_not_there_finds_its_place() {
        check("", "[scripts]\ninterpreters.\".py\" = \"/opt/p y\"\n");
        check(
            "[server]\nlisten = \"127.0.0.1:1\"",
            "[server]\nlisten = \"127.0.0.1:1\"\n\n[scripts]\ninterpreters.\".py\" = \"/opt/p y\"\n",
        );
        check(
            "[scripts] # here\nindex = []\n",
            "[scripts] # here\ninterpreters.\".py\" = \"/opt/p y\"\nindex = []\n",
        );
        check(
            "[scripts]\ninterpreters = { \".pl\" = \"/p\" }\n",
            "[scripts]\ninterpreters = { \".py\" = \"/opt/p y\", \".pl\" = \"/p\" }\n",
        );
        check(
            "[scripts]\ninterpreters = {}\n",
            "[scripts]\ninterpreters = { \".py\" = \"/opt/p y\"}\n",
        );
        check(
            "[scripts.interpreters]\n\".pl\" = \"/p\"\n",
            "[scripts.interpreters]\n\".py\" = \"/opt/p y\"\n\".pl\" = \"/p\"\n",
        );
        check(
            "scripts.index = []\n",
            "scripts.interpreters.\".py\" = \"/opt/p y\"\nscripts.index = []\n",
        );
    }

    #[test]
    fn what_is_no_configuration_is_left_alone() {
        let value = Value::Boolean(true);
        for text in ["[", "scripts = 3\n", "a = \"x\n"] {
            set(text, &["scripts", "x"], &value).unwrap_err();
        }
        let odd = set(
            "[[options]]\na = 1\n",
            &["options", "record_locals"],
            &value,
        );
        assert!(matches!(odd, Err(EditError::TooOdd { .. })), "{odd:?}");
        let sound = set("", &["options", "record_locals"], &value);
        assert_eq!(sound.as_deref(), Ok("[options]\nrecord_locals = true\n"));
    }
}
