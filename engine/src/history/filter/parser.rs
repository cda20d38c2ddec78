//! From tokens to a filter. Every text gives one; what could not be understood is told with its place.

use std::ops::Range;

use super::field::Field;
use super::search::Needle;
use super::token::{Kind, Operator, Text, Token, tokens};
use super::value::{self, Test};
use super::{Clause, Expression, Filter, Flag};
use crate::site::near_name::nearest;

/// A longer text is no filter that somebody typed.
const LONGEST_BYTES: usize = 16 * 1024;
/// Parentheses within parentheses.
const DEEPEST: usize = 64;

/// What a text means.
#[derive(Clone, Debug, Default)]
pub struct Parsed {
    /// The filter, without the parts that could not be understood.
    pub filter: Filter,
    /// What could not be understood, in the order of the text.
    pub problems: Vec<Problem>,
}

/// A part of a filter that could not be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where it stands, in bytes of the text.
    pub span: Range<usize>,
    /// What is wrong with it, without a full stop.
    pub message: String,
}

/// Reads a filter; see the grammar in the module's description.
#[must_use]
pub fn parse(text: &str) -> Parsed {
    if text.len() > LONGEST_BYTES {
        let problem = Problem {
            span: 0..text.len(),
            message: format!("a filter has {LONGEST_BYTES} bytes at most"),
        };
        return Parsed {
            filter: Filter::default(),
            problems: vec![problem],
        };
    }
    let mut parser = Parser {
        tokens: tokens(text),
        at: 0,
        depth: 0,
        problems: Vec::new(),
    };
    let root = parser.filter();
    let mut problems = parser.problems;
    problems.sort_by_key(|problem| problem.span.start);
    Parsed {
        filter: Filter { root },
        problems,
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    problems: Vec<Problem>,
}

impl Parser {
    /// The whole text: a closing parenthesis without its opening one ends nothing.
    fn filter(&mut self) -> Expression {
        let mut parts = Vec::new();
        loop {
            parts.push(self.alternatives());
            match self.take() {
                Some(stray) => self.problem(stray.span, "this parenthesis was never opened"),
                None => return all_of(parts),
            }
        }
    }

    fn alternatives(&mut self) -> Expression {
        let mut parts = vec![self.conjunction()];
        while let Some(or) = self.take_if(&Kind::Or) {
            let next = self.conjunction();
            let lacks = |part: &Expression| matches!(part, Expression::All);
            if lacks(&next) || parts.last().is_some_and(lacks) {
                self.problem(or, "something must stand on both sides of \"or\"");
            }
            parts.push(next);
        }
        parts.retain(|part| !matches!(part, Expression::All));
        if parts.len() > 1 {
            Expression::Or(parts)
        } else {
            parts.pop().unwrap_or_default()
        }
    }

    fn conjunction(&mut self) -> Expression {
        let mut parts = Vec::new();
        loop {
            match self.tokens.get(self.at).map(|token| &token.kind) {
                None | Some(Kind::Close | Kind::Or) => return all_of(parts),
                Some(Kind::And) => {
                    let and = self.take().map(|token| token.span).unwrap_or_default();
                    if parts.is_empty() || self.ends_here() {
                        self.problem(and, "something must stand on both sides of \"and\"");
                    }
                }
                Some(_) => parts.push(self.negation()),
            }
        }
    }

    fn ends_here(&self) -> bool {
        matches!(
            self.tokens.get(self.at).map(|token| &token.kind),
            None | Some(Kind::Close | Kind::Or | Kind::And)
        )
    }

    fn negation(&mut self) -> Expression {
        let (mut negated, mut last) = (false, None);
        while let Some(not) = self.take_if(&Kind::Not) {
            negated = !negated;
            last = Some(not);
        }
        if let Some(not) = last.filter(|_| self.ends_here()) {
            self.problem(not, "something must follow \"not\"");
            return Expression::All;
        }
        let term = self.term();
        match term {
            // The opposite of no condition would hide everything.
            Expression::All => Expression::All,
            term if negated => Expression::Not(Box::new(term)),
            term => term,
        }
    }

    fn term(&mut self) -> Expression {
        let Some(token) = self.take() else {
            return Expression::All;
        };
        match token.kind {
            Kind::Open => self.group(token.span),
            Kind::Word(word) => self.word(&word, &token.span),
            Kind::Clause {
                field,
                key,
                operator,
                value,
                value_span,
            } => self.clause(field, key, operator, &value, value_span),
            Kind::Close | Kind::And | Kind::Or | Kind::Not => Expression::All,
        }
    }

    fn group(&mut self, open: Range<usize>) -> Expression {
        if self.depth == DEEPEST {
            self.at = self.tokens.len();
            self.problem(open, "there are too many parentheses within each other");
            return Expression::All;
        }
        self.depth += 1;
        let inside = self.alternatives();
        self.depth -= 1;
        if self.take_if(&Kind::Close).is_none() {
            self.problem(open, "this parenthesis is not closed");
        }
        inside
    }

    fn word(&mut self, word: &Text, span: &Range<usize>) -> Expression {
        self.check_quote(word, span);
        if word.text.is_empty() {
            return Expression::All;
        }
        if !word.quoted {
            if let Some((_, flag)) = Flag::ALL
                .into_iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(&word.text))
            {
                return Expression::Flag(flag);
            }
            self.check_spelling(&word.text, span);
        }
        Expression::Word(Needle::new(&word.text))
    }

    /// `statsu:500` is searched for as it stands, but it was hardly meant so.
    fn check_spelling(&mut self, word: &str, span: &Range<usize>) {
        let end = word.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        let Some((name, rest)) = end.and_then(|end| word.split_at_checked(end)) else {
            return;
        };
        let keyed = rest.starts_with('.');
        let asks = rest.starts_with([':', '=', '<', '>', '~']) || rest.starts_with("!=");
        if Field::named(name).is_some_and(|field| keyed && !field.takes_key() && rest.contains(':'))
        {
            let message = format!("{name} takes no name after a dot");
            return self.problem(span.clone(), &message);
        }
        let near = nearest(name, Field::ALL.into_iter().map(Field::name));
        if let Some(near) = near.filter(|_| asks && name.len() > 3) {
            let message = format!("no field is called {name}; did you mean {near}?");
            self.problem(span.start..span.start + name.len(), &message);
        }
    }

    fn clause(
        &mut self,
        field: Field,
        key: Option<String>,
        operator: Operator,
        value: &Text,
        span: Range<usize>,
    ) -> Expression {
        self.check_quote(value, &span);
        match value::test(field.kind(), operator, &value.text) {
            Ok(test) => Expression::Clause(Clause {
                field,
                key,
                test: directed(field, test),
            }),
            Err(message) => {
                // An empty value has no place of its own: the operator before it is underlined.
                let start = if span.is_empty() {
                    span.start.saturating_sub(1)
                } else {
                    span.start
                };
                self.problem(start..span.end, &format!("{} {message}", field.name()));
                Expression::All
            }
        }
    }

    fn check_quote(&mut self, text: &Text, span: &Range<usize>) {
        if text.open {
            self.problem(span.clone(), "the closing quote is missing");
        }
    }

    fn take(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += usize::from(token.is_some());
        token
    }

    fn take_if(&mut self, kind: &Kind) -> Option<Range<usize>> {
        let next = self
            .tokens
            .get(self.at)
            .filter(|token| token.kind == *kind)?;
        let span = next.span.clone();
        self.at += 1;
        Some(span)
    }

    fn problem(&mut self, span: Range<usize>, message: &str) {
        self.problems.push(Problem {
            span,
            message: message.to_owned(),
        });
    }
}

fn directed(field: Field, test: Test) -> Test {
    match test {
        Test::Began { moment, .. } => Test::Began {
            moment,
            since: field == Field::Since,
        },
        test => test,
    }
}

fn all_of(mut parts: Vec<Expression>) -> Expression {
    parts.retain(|part| !matches!(part, Expression::All));
    if parts.len() > 1 {
        Expression::And(parts)
    } else {
        parts.pop().unwrap_or_default()
    }
}
