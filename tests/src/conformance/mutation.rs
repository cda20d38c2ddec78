//! Expectations with one thing of them changed, to prove that each can fail.

use super::case::{Expect, Status, Test, Value};

/// What was changed, and the expectation with it.
type Changed = (String, Expect);

/// A value of an expectation, by its name.
type Place = (&'static str, fn(&mut Expect) -> &mut Option<Value>);

const PLACES: [Place; 6] = [
    ("reason", |expect| &mut expect.reason),
    ("body", |expect| &mut expect.body),
    ("raw", |expect| &mut expect.raw),
    ("after", |expect| &mut expect.after),
    ("cwd", |expect| &mut expect.cwd),
    ("stdin", |expect| &mut expect.stdin),
];

/// The expectation with one thing of it changed at a time, and what was changed: an answer that fits the original
/// fits none of these, or the thing was not looked at.
pub fn mutations(expect: &Expect) -> Vec<Changed> {
    if expect.silence {
        return vec![changed(expect, "silence", |expect| expect.silence = false)];
    }
    let mut all = values(expect);
    all.extend(maps(expect));
    all.extend(plain(expect));
    all
}

fn changed(expect: &Expect, what: &str, change: impl FnOnce(&mut Expect)) -> Changed {
    let mut copy = expect.clone();
    change(&mut copy);
    (what.to_owned(), copy)
}

fn values(expect: &Expect) -> Vec<Changed> {
    let mut all = Vec::new();
    for (name, place) in PLACES {
        let value = place(&mut expect.clone()).clone();
        for bent in value.iter().flat_map(bent) {
            all.push(changed(expect, name, |expect| *place(expect) = Some(bent)));
        }
    }
    all
}

fn maps(expect: &Expect) -> Vec<Changed> {
    let mut all = Vec::new();
    for (name, value) in &expect.fields {
        for bent in bent(value) {
            all.push(changed(expect, name, |expect| {
                expect.fields.insert(name.clone(), bent);
            }));
        }
    }
    for (name, value) in &expect.env {
        for bent in bent(value) {
            all.push(changed(expect, name, |expect| {
                expect.env.insert(name.clone(), bent);
            }));
        }
    }
    for name in expect.env_as_field.keys() {
        all.push(changed(expect, name, |expect| {
            let other = "Content-Type".to_owned();
            expect.env_as_field.insert(name.clone(), other);
        }));
    }
    all
}

fn plain(expect: &Expect) -> Vec<Changed> {
    let mut all = Vec::new();
    if !expect.status.is_empty() {
        all.push(changed(expect, "status", |expect| {
            expect.status = vec![Status::Code(598)];
        }));
    }
    if let Some(whole) = expect.whole {
        all.push(changed(expect, "whole", |expect| {
            expect.whole = Some(!whole);
        }));
    }
    if expect.interim.is_some() {
        all.push(changed(expect, "interim", |expect| {
            expect.interim = Some(vec![199]);
        }));
    }
    if expect.argv.is_some() {
        all.push(changed(expect, "argv", |expect| {
            expect.argv.get_or_insert_default().push("~".to_owned());
        }));
    }
    if expect.early_milliseconds.is_some() {
        all.push(changed(expect, "early", |expect| {
            expect.early_milliseconds = Some(3_600_000);
        }));
    }
    if expect.within_milliseconds.is_some() {
        all.push(changed(expect, "within", |expect| {
            expect.within_milliseconds = Some(0);
        }));
    }
    all
}

/// The value changed, each of its tests by itself.
fn bent(value: &Value) -> Vec<Value> {
    match value {
        Value::Present(there) => vec![Value::Present(!there)],
        Value::Equal(text) => vec![Value::Equal(format!("{text}~"))],
        Value::Each(each) => vec![Value::Each([each.as_slice(), &["~".to_owned()]].concat())],
        Value::Test(test) => bent_test(test).into_iter().map(Value::Test).collect(),
    }
}

fn bent_test(test: &Test) -> Vec<Test> {
    const NEVER: &str = "{x00}~never~";
    let none = Test::default;
    let all = [
        test.matches.as_ref().map(|_| Test {
            matches: Some("[^\\s\\S]".to_owned()),
            ..none()
        }),
        test.contains.as_ref().map(|_| Test {
            contains: Some(NEVER.to_owned()),
            ..none()
        }),
        test.lacks.as_ref().map(|text| Test {
            contains: Some(text.clone()),
            ..none()
        }),
        test.one_of.as_ref().map(|_| Test {
            one_of: Some(vec![NEVER.to_owned()]),
            ..none()
        }),
        test.length.map(|length| Test {
            length: Some(length + 1),
            ..none()
        }),
        test.there.map(|there| Test {
            there: Some(!there),
            ..none()
        }),
    ];
    all.into_iter().flatten().collect()
}
