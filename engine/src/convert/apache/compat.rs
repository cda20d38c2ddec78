//! `Order`, `Allow`, `Deny` and `Satisfy` (mod_access_compat) as a requirement.

use crate::site::requirement::Requirement;

use super::access::{MethodLimit, address, all, any, name_of_host, negated};
use super::notes::Notes;
use super::tree::Directive;

/// `Order`, `Allow`, `Deny` and `Satisfy` of one section: together they replace what another said.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Compat {
    /// For some methods, or for all; the last that fits counts.
    orders: Vec<(Option<MethodLimit>, Order)>,
    allow: Vec<(Option<MethodLimit>, Requirement)>,
    deny: Vec<(Option<MethodLimit>, Requirement)>,
    pub(super) satisfy_any: bool,
    /// More lists of methods than are told apart: nobody may.
    is_too_much: bool,
}

/// Every list of methods doubles the cases.
const MOST_METHOD_LISTS: usize = 5;

/// Which list has the last word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Order {
    /// `deny,allow`: who is on no list may.
    #[default]
    AllowLast,
    /// `allow,deny`: who is on no list may not.
    DenyLast,
}

impl Compat {
    /// `Order allow,deny`: allowed and not denied. `Order deny,allow`, the default: allowed, or
    /// not denied. Methods that are limited in their own way are judged apart.
    pub(super) fn requirement(&self) -> Requirement {
        if self.is_too_much {
            return Requirement::Denied;
        }
        self.for_methods(&self.method_lists(), &mut Vec::new())
    }

    /// The limits, one for each list of methods.
    fn method_lists(&self) -> Vec<&MethodLimit> {
        let lists = self.allow.iter().chain(&self.deny).map(|(limit, _)| limit);
        let mut limits: Vec<&MethodLimit> = Vec::new();
        for limit in lists
            .chain(self.orders.iter().map(|(limit, _)| limit))
            .flatten()
        {
            if !limits.iter().any(|known| known.methods == limit.methods) {
                limits.push(limit);
            }
        }
        limits
    }

    /// Each limit parts the methods in two: those that are known to be in or out stand in `known`.
    fn for_methods(&self, limits: &[&MethodLimit], known: &mut Vec<MethodLimit>) -> Requirement {
        let Some((limit, rest)) = limits.split_first() else {
            return self.rule(known);
        };
        let mut side = |except: bool| {
            let side = MethodLimit {
                methods: limit.methods.clone(),
                except,
            };
            known.push(side.clone());
            let rule = self.for_methods(rest, known);
            known.pop();
            (side.requirement(), rule)
        };
        let ((inside, rule_inside), (outside, rule_outside)) = (side(false), side(true));
        if rule_inside == rule_outside {
            return rule_inside;
        }
        any(vec![
            all(vec![inside, rule_inside]),
            all(vec![outside, rule_outside]),
        ])
    }

    fn rule(&self, known: &[MethodLimit]) -> Requirement {
        let applies =
            |limit: &Option<MethodLimit>| limit.as_ref().is_none_or(|limit| known.contains(limit));
        let listed = |list: &[(Option<MethodLimit>, Requirement)]| {
            let listed = list.iter().filter(|(limit, _)| applies(limit));
            any(listed.map(|(_, requirement)| requirement.clone()).collect())
        };
        let (allowed, not_denied) = (listed(&self.allow), negated(listed(&self.deny)));
        let orders = self.orders.iter().filter(|(limit, _)| applies(limit));
        match orders
            .map(|&(_, order)| order)
            .next_back()
            .unwrap_or_default()
        {
            Order::AllowLast => any(vec![allowed, not_denied]),
            Order::DenyLast => all(vec![allowed, not_denied]),
        }
    }

    /// Takes an `Order`, `Allow`, `Deny` or `Satisfy`.
    pub(super) fn take(
        &mut self,
        directive: &Directive,
        limit: Option<&MethodLimit>,
        notes: &mut Notes,
    ) {
        if self.is_too_much {
            notes.not_taken(
                directive,
                "nobody may here, since the lines before could not be taken",
            );
            return;
        }
        match directive.key.as_str() {
            "order" => self.order(directive, limit, notes),
            "satisfy" => {
                let first = directive.word(0).unwrap_or_default();
                self.satisfy_any = first.eq_ignore_ascii_case("any");
                notes.taken(directive, "");
            }
            kind => {
                let hosts = hosts(directive, notes);
                let list = if kind == "allow" {
                    &mut self.allow
                } else {
                    &mut self.deny
                };
                list.extend(hosts.into_iter().map(|host| (limit.cloned(), host)));
            }
        }
        if self.method_lists().len() > MOST_METHOD_LISTS {
            self.is_too_much = true;
            notes.not_taken(
                directive,
                format!(
                    "there are more than {MOST_METHOD_LISTS} lists of methods; nobody may here"
                ),
            );
        }
    }

    fn order(&mut self, directive: &Directive, limit: Option<&MethodLimit>, notes: &mut Notes) {
        let order = directive.words.concat().to_ascii_lowercase();
        let order = match order.as_str() {
            "allow,deny" | "mutual-failure" => Order::DenyLast,
            "deny,allow" => Order::AllowLast,
            _ => {
                notes.not_taken(
                    directive,
                    "this is neither allow,deny nor deny,allow; Apache does not start with it",
                );
                return;
            }
        };
        self.orders.push((limit.cloned(), order));
        notes.taken(directive, "");
    }
}

/// The words after `from`.
fn hosts(directive: &Directive, notes: &mut Notes) -> Vec<Requirement> {
    let words = directive.words.iter().skip(1);
    let (known, unknown): (Vec<_>, Vec<_>) = words
        .map(|word| host_or_variable(word).ok_or(word.as_str()))
        .partition(Result::is_ok);
    let unknown: Vec<&str> = unknown.into_iter().filter_map(Result::err).collect();
    if unknown.is_empty() {
        notes.taken(directive, "");
    } else {
        let meaning = format!("{} is no address and no name", unknown.join(", "));
        notes.not_taken(directive, meaning);
    }
    known.into_iter().flatten().collect()
}

/// A word of `Allow from` or `Deny from`.
fn host_or_variable(word: &str) -> Option<Requirement> {
    if word.eq_ignore_ascii_case("all") {
        return Some(Requirement::Granted);
    }
    if let Some(name) = word.strip_prefix("env=!") {
        return Some(negated(Requirement::Variable(name.to_owned())));
    }
    if let Some(name) = word.strip_prefix("env=") {
        return Some(Requirement::Variable(name.to_owned()));
    }
    address(word).or_else(|| name_of_host(word))
}
