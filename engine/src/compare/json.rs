//! Two JSON texts by their structure: the order of keys and the white space do not count.

use std::collections::BTreeMap;

use serde_json::Value;

use super::FieldChange;

/// Larger texts are compared as lines.
const LARGEST_BYTES: usize = 4 << 20;

/// The values that differ, by their place (`$.items[2].name`); none where either text is no JSON of more than one value.
pub(super) fn compare(before: &[u8], after: &[u8]) -> Option<Vec<FieldChange>> {
    let (old, new) = (leaves(before)?, leaves(after)?);
    let names: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let changes = names.into_iter().filter_map(|name| {
        let (before, after) = (old.get(name).cloned(), new.get(name).cloned());
        (before != after).then(|| FieldChange {
            name: name.clone(),
            before,
            after,
            volatile: false,
        })
    });
    Some(changes.collect())
}

fn leaves(text: &[u8]) -> Option<BTreeMap<String, Vec<u8>>> {
    let is_structure = text
        .iter()
        .find(|byte| !byte.is_ascii_whitespace())
        .is_some_and(|byte| b"{[".contains(byte));
    if !is_structure || text.len() > LARGEST_BYTES {
        return None;
    }
    // The parser itself refuses what is nested too deeply.
    let value: Value = serde_json::from_slice(text).ok()?;
    let mut found = BTreeMap::new();
    walk("$", &value, &mut found);
    Some(found)
}

fn walk(place: &str, value: &Value, found: &mut BTreeMap<String, Vec<u8>>) {
    match value {
        Value::Object(entries) if !entries.is_empty() => {
            for (key, value) in entries {
                walk(&format!("{place}.{key}"), value, found);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (index, value) in items.iter().enumerate() {
                walk(&format!("{place}[{index}]"), value, found);
            }
        }
        leaf => {
            found.insert(place.to_owned(), leaf.to_string().into_bytes());
        }
    }
}
