//! From the text of a filter to its tokens. Nothing is refused here.

use std::ops::Range;

use super::field::Field;

/// A token and where it stands, in bytes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) span: Range<usize>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Open,
    Close,
    And,
    Or,
    Not,
    Word(Text),
    Clause {
        field: Field,
        /// What stands after the dot.
        key: Option<String>,
        operator: Operator,
        value: Text,
        value_span: Range<usize>,
    },
}

/// A word or a value.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Text {
    pub(super) text: String,
    pub(super) quoted: bool,
    /// The closing quote is missing.
    pub(super) open: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Has,
    Is,
    IsNot,
    Matches,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

impl Operator {
    /// The longer ones first.
    pub(super) const ALL: [(&str, Self); 8] = [
        ("!=", Self::IsNot),
        (">=", Self::GreaterOrEqual),
        ("<=", Self::LessOrEqual),
        (":", Self::Has),
        ("=", Self::Is),
        ("~", Self::Matches),
        (">", Self::Greater),
        ("<", Self::Less),
    ];
}

/// Takes a filter apart.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut lexer = Lexer { text, at: 0 };
    std::iter::from_fn(|| lexer.next()).collect()
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

impl Lexer<'_> {
    fn next(&mut self) -> Option<Token> {
        let spaces = self.rest().len() - self.rest().trim_start().len();
        self.at += spaces;
        let start = self.at;
        let kind = self.kind()?;
        Some(Token {
            kind,
            span: start..self.at,
        })
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn kind(&mut self) -> Option<Kind> {
        let first = self.rest().chars().next()?;
        match first {
            '(' => return Some(self.sign(Kind::Open)),
            ')' => return Some(self.sign(Kind::Close)),
            '"' => return Some(Kind::Word(self.text_here())),
            '!' | '-' if self.negates() => return Some(self.sign(Kind::Not)),
            _ => {}
        }
        if let Some(clause) = self.clause() {
            return Some(clause);
        }
        let word = self.text_here();
        Some(match word.text.as_str() {
            "and" | "AND" | "&&" => Kind::And,
            "or" | "OR" | "||" => Kind::Or,
            "not" | "NOT" => Kind::Not,
            _ => Kind::Word(word),
        })
    }

    fn sign(&mut self, kind: Kind) -> Kind {
        self.at += 1;
        kind
    }

    /// A minus or an exclamation mark negates what follows at once; alone it is a word.
    fn negates(&self) -> bool {
        let next = self.rest().chars().nth(1);
        next.is_some_and(|next| !next.is_whitespace() && next != ')' && next != '=')
    }

    fn clause(&mut self) -> Option<Kind> {
        let rest = self.rest();
        let name_end = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .unwrap_or(rest.len());
        let field = Field::named(rest.get(..name_end)?)?;
        let (key, key_end) = key_after(rest, name_end);
        if key.is_some() && !field.takes_key() {
            return None;
        }
        let after = rest.get(key_end..)?;
        let (sign, operator) = Operator::ALL
            .into_iter()
            .find(|(sign, _)| after.starts_with(sign))?;
        self.at += key_end + sign.len();
        let value_start = self.at;
        let value = self.text_here();
        Some(Kind::Clause {
            field,
            key,
            operator,
            value,
            value_span: value_start..self.at,
        })
    }

    /// A quoted text, or everything up to the next white space or closing parenthesis; may be empty.
    fn text_here(&mut self) -> Text {
        if self.rest().starts_with('"') {
            self.quoted()
        } else {
            self.bare()
        }
    }

    fn quoted(&mut self) -> Text {
        let mut text = String::new();
        let mut characters = self.rest().char_indices().skip(1);
        while let Some((at, character)) = characters.next() {
            match character {
                '"' => {
                    self.at += at + 1;
                    return Text {
                        text,
                        quoted: true,
                        open: false,
                    };
                }
                '\\' => text.extend(characters.next().map(|(_, escaped)| escaped)),
                _ => text.push(character),
            }
        }
        self.at = self.text.len();
        Text {
            text,
            quoted: true,
            open: true,
        }
    }

    /// Parentheses that open within the word close within it.
    fn bare(&mut self) -> Text {
        let mut depth = 0_usize;
        let end = self.rest().find(|c: char| match c {
            '(' => {
                depth += 1;
                false
            }
            ')' if depth == 0 => true,
            ')' => {
                depth -= 1;
                false
            }
            _ => c.is_whitespace(),
        });
        let length = end.unwrap_or(self.rest().len());
        let text = self.rest().get(..length).unwrap_or_default().to_owned();
        self.at += length;
        Text {
            text,
            ..Text::default()
        }
    }
}

/// The name after a dot, and where it ends.
fn key_after(rest: &str, name_end: usize) -> (Option<String>, usize) {
    let Some(after) = rest.get(name_end..).and_then(|rest| rest.strip_prefix('.')) else {
        return (None, name_end);
    };
    let length = after
        .find(|c: char| c.is_whitespace() || ":=!<>~\"()".contains(c))
        .unwrap_or(after.len());
    let key = after.get(..length).unwrap_or_default();
    (Some(key.to_owned()), name_end + 1 + length)
}
