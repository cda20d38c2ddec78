//! A header block as a host reads it, and what its Status asks for.
use super::answer::Deviation;
use super::output_rules::{StatusForm, StatusRules};
use crate::cgi::grammar::{decimal, is_blank, trim};

/// A header block as far as it is read.
#[derive(Debug, Clone, Default)]
pub(super) struct Block {
    /// Names and values as they stand.
    pub fields: Vec<(Vec<u8>, Vec<u8>)>,
    /// A status line of HTTP that counts.
    pub status_line: Option<Vec<u8>>,
    pub deviations: Vec<Deviation>,
}

impl Block {
    pub(super) fn add(&mut self, line: &[u8]) {
        let colon = memchr::memchr(b':', line).unwrap_or(line.len());
        let (name, value) = line.split_at(colon);
        let value = trim(value.get(1..).unwrap_or_default());
        // Nobody sends on what has no name.
        if name.is_empty() {
            return;
        }
        self.fields.push((name.to_vec(), value.to_vec()));
    }

    pub(super) fn add_bare(&mut self, line: &[u8]) {
        self.fields.push((line.to_vec(), Vec::new()));
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.values(name)
            .next()
            .is_some_and(|value| !value.is_empty())
    }

    pub(super) fn values<'a>(&'a self, name: &'a str) -> impl DoubleEndedIterator<Item = &'a [u8]> {
        let named =
            move |field: &&(Vec<u8>, Vec<u8>)| field.0.eq_ignore_ascii_case(name.as_bytes());
        self.fields
            .iter()
            .filter(named)
            .map(|field| field.1.as_slice())
    }
}

/// What Status asks for.
pub(super) enum Asked {
    Nothing,
    Status { code: u16, value: Vec<u8> },
    Bad,
}

/// What the block asks for, by the host's rules.
pub(super) fn asked_status(rules: &StatusRules, block: &Block) -> Asked {
    if let Some(line) = &block.status_line {
        let value = line.split(|byte| *byte == b' ').skip(1).collect::<Vec<_>>();
        return status(rules, &value.join(&b' '));
    }
    let named = |field: &&(Vec<u8>, Vec<u8>)| {
        field.0 == b"Status" || !rules.exact && field.0.eq_ignore_ascii_case(b"status")
    };
    let mut fields = block.fields.iter().filter(named);
    let field = if rules.last {
        fields.next_back()
    } else {
        fields.next()
    };
    field.map_or(Asked::Nothing, |field| status(rules, &field.1))
}

fn status(rules: &StatusRules, value: &[u8]) -> Asked {
    let digits = value
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let length = match rules.form {
        StatusForm::Number => digits,
        StatusForm::ThreeDigits | StatusForm::FirstThree => 3,
    };
    let code = value.get(..length).and_then(decimal);
    let code = code.and_then(|code| u16::try_from(code).ok());
    let ends = match rules.form {
        StatusForm::ThreeDigits => value.get(3).is_none_or(|byte| is_blank(*byte)),
        StatusForm::Number | StatusForm::FirstThree => true,
    };
    match code.filter(|code| ends && (100..=999).contains(code)) {
        Some(code) => Asked::Status {
            code,
            value: value.to_vec(),
        },
        None => Asked::Bad,
    }
}
