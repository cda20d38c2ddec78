//! What a draft has that the request which it began as had not, in words.

use super::draft::{BodyKind, Draft, Field};

/// What was changed; empty for a draft that would send the same bytes.
#[must_use]
pub fn of(draft: &Draft, origin: &Draft) -> Vec<String> {
    if draft.raw.is_some() || origin.raw.is_some() {
        let differs = draft.raw != origin.raw;
        return differs.then(|| "bytes".to_owned()).into_iter().collect();
    }
    let (path, query) = parts(&draft.target);
    let (old_path, old_query) = parts(&origin.target);
    let fields = changed_fields(draft, origin);
    let told = [
        (draft.method != origin.method, "method".to_owned()),
        (path != old_path, "path".to_owned()),
        (query != old_query, "query".to_owned()),
        (draft.version != origin.version, "version".to_owned()),
        (fields > 0, counted(fields)),
        (!same_body(draft, origin), "body".to_owned()),
        (draft.pace != origin.pace, "pace".to_owned()),
    ];
    told.into_iter()
        .filter_map(|(is_changed, words)| is_changed.then_some(words))
        .collect()
}

fn counted(fields: usize) -> String {
    match fields {
        1 => "1 header".to_owned(),
        more => format!("{more} headers"),
    }
}

fn parts(target: &str) -> (&str, Option<&str>) {
    match target.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (target, None),
    }
}

/// Fields that are there on one side only, or with another value. What follows the body is not counted.
fn changed_fields(draft: &Draft, origin: &Draft) -> usize {
    let mut before: Vec<(&str, &str)> = sent(origin).collect();
    let mut new = 0_usize;
    for (name, value) in sent(draft) {
        match before.iter().position(|old| *old == (name, value)) {
            Some(at) => {
                before.remove(at);
            }
            None => new += 1,
        }
    }
    new.max(before.len())
}

fn sent(draft: &Draft) -> impl Iterator<Item = (&str, &str)> {
    let counts = |field: &&Field| field.on && !field.automatic;
    draft
        .fields
        .iter()
        .filter(counts)
        .map(|field| (field.name.as_str(), field.value.as_str()))
}

fn same_body(draft: &Draft, origin: &Draft) -> bool {
    draft.body == origin.body
        && match draft.body {
            BodyKind::None => true,
            BodyKind::Form => draft.form == origin.form,
            BodyKind::Multipart => draft.parts == origin.parts && draft.boundary == origin.boundary,
            BodyKind::Json => draft.json == origin.json,
            BodyKind::Text => draft.text == origin.text,
            BodyKind::Kept => draft.kept == origin.kept,
            BodyKind::File => draft.file == origin.file,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_told_by_their_parts() {
        let origin = Draft::blank("/a?x=1", "h");
        let mut draft = origin.clone();
        assert!(of(&draft, &origin).is_empty());
        draft.choose_body(BodyKind::Text);
        draft.text = "x".into();
        draft.fields[1].value = "other".into();
        draft.fields.push(Field::new("X", "1"));
        assert_eq!(of(&draft, &origin), ["method", "2 headers", "body"]);
        draft.target = "/b?x=2".into();
        assert_eq!(of(&draft, &origin)[1..3], ["path", "query"]);
        draft.raw = Some("GET".into());
        assert_eq!(of(&draft, &origin), ["bytes"]);
    }
}
