//! Who may have something, as a tree of questions that a host can ask one after the other.
//!
//! Apache says requirements as they are; the others know conditions on an address or a method, a
//! refusal and a login. What they cannot ask speaks against access, as in the studio.

use std::collections::BTreeSet;

use crate::site::requirement::{Network, Requirement};

/// A question that is answered without a login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Question {
    /// Does the client's address lie in this network?
    Address(Network),
    /// Is the method one of these? HEAD is among them where GET is.
    Methods(BTreeSet<String>),
}

/// What follows from the answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Decision {
    /// Everybody may.
    Granted,
    /// Nobody may.
    Denied,
    /// Anybody who logs in may.
    AnyLogin,
    /// These may, when they log in.
    Logins(BTreeSet<String>),
    /// It depends.
    Ask {
        /// On this.
        question: Question,
        /// What follows from yes.
        yes: Box<Decision>,
        /// What follows from no.
        no: Box<Decision>,
    },
}

/// Who gets in when all questions are answered.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Who {
    /// Without a login.
    anonymous: bool,
    named: Named,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Named {
    Only(BTreeSet<String>),
    AllBut(BTreeSet<String>),
}

/// The tree for a requirement, with what could not be asked and was taken to speak against access.
pub(super) fn decide(requirement: &Requirement) -> (Decision, Vec<String>) {
    let mut unasked = Vec::new();
    let known = without_unknown(requirement, false, &mut unasked);
    let decision = tree(&known, &mut unasked);
    unasked.sort();
    unasked.dedup();
    (decision, unasked)
}

/// `inverted` says that an odd number of `not` stands before.
fn without_unknown(
    requirement: &Requirement,
    inverted: bool,
    unasked: &mut Vec<String>,
) -> Requirement {
    let constant = |holds: bool| {
        if holds {
            Requirement::Granted
        } else {
            Requirement::Denied
        }
    };
    match requirement {
        Requirement::Host(_) | Requirement::Variable(_) => {
            unasked.push(requirement.to_string());
            constant(inverted)
        }
        Requirement::Local => {
            let loopback = ["127.0.0.0/8", "::1/128"]
                .iter()
                .filter_map(|network| network.parse().ok());
            Requirement::any(loopback.map(Requirement::Address).collect())
        }
        Requirement::Not(inner) => {
            Requirement::Not(Box::new(without_unknown(inner, !inverted, unasked)))
        }
        Requirement::All(parts) => Requirement::All(
            parts
                .iter()
                .map(|part| without_unknown(part, inverted, unasked))
                .collect(),
        ),
        Requirement::Any(parts) => Requirement::Any(
            parts
                .iter()
                .map(|part| without_unknown(part, inverted, unasked))
                .collect(),
        ),
        other => other.clone(),
    }
}

fn tree(requirement: &Requirement, unasked: &mut Vec<String>) -> Decision {
    let Some(question) = first_question(requirement) else {
        return decision_of(who(requirement, false), unasked);
    };
    let [yes, no] =
        [true, false].map(|answer| tree(&answered(requirement, &question, answer), unasked));
    if yes == no {
        return yes;
    }
    Decision::Ask {
        question,
        yes: Box::new(yes),
        no: Box::new(no),
    }
}

fn first_question(requirement: &Requirement) -> Option<Question> {
    match requirement {
        Requirement::Address(network) => Some(Question::Address(*network)),
        Requirement::Methods(methods) => Some(Question::Methods(with_head(methods))),
        Requirement::Not(inner) => first_question(inner),
        Requirement::All(parts) | Requirement::Any(parts) => parts.iter().find_map(first_question),
        _ => None,
    }
}

/// GET stands for HEAD too, and HEAD for GET.
fn with_head(methods: &[String]) -> BTreeSet<String> {
    let mut methods: BTreeSet<String> = methods.iter().cloned().collect();
    if methods.contains("GET") || methods.contains("HEAD") {
        methods.extend(["GET", "HEAD"].map(str::to_owned));
    }
    methods
}

/// The requirement when this question is answered; what became certain is taken out.
fn answered(requirement: &Requirement, question: &Question, answer: bool) -> Requirement {
    if matches!(
        requirement,
        Requirement::Address(_) | Requirement::Methods(_)
    ) {
        let same = first_question(requirement).as_ref() == Some(question);
        return match (same, answer) {
            (false, _) => requirement.clone(),
            (true, true) => Requirement::Granted,
            (true, false) => Requirement::Denied,
        };
    }
    let inside = |part: &Requirement| answered(part, question, answer);
    match requirement {
        Requirement::Not(inner) => match inside(inner) {
            Requirement::Granted => Requirement::Denied,
            Requirement::Denied => Requirement::Granted,
            other => Requirement::Not(Box::new(other)),
        },
        Requirement::All(parts) => {
            let parts: Vec<_> = parts
                .iter()
                .map(inside)
                .filter(|part| *part != Requirement::Granted)
                .collect();
            match parts.contains(&Requirement::Denied) {
                true => Requirement::Denied,
                false => Requirement::all(parts),
            }
        }
        Requirement::Any(parts) => {
            let parts: Vec<_> = parts
                .iter()
                .map(inside)
                .filter(|part| *part != Requirement::Denied)
                .collect();
            match parts.contains(&Requirement::Granted) {
                true => Requirement::Granted,
                false => Requirement::any(parts),
            }
        }
        other => other.clone(),
    }
}

/// Only logins are left.
fn who(requirement: &Requirement, inverted: bool) -> Who {
    let certain = |holds: bool| Who {
        anonymous: holds,
        named: if holds {
            Named::AllBut(BTreeSet::new())
        } else {
            Named::Only(BTreeSet::new())
        },
    };
    match requirement {
        Requirement::Granted => certain(true),
        Requirement::ValidUser => Who {
            anonymous: inverted,
            named: Named::AllBut(BTreeSet::new()),
        },
        Requirement::Users(users) => Who {
            anonymous: inverted,
            named: Named::Only(users.iter().cloned().collect()),
        },
        Requirement::Not(inner) => {
            let inner = who(inner, !inverted);
            Who {
                anonymous: !inner.anonymous,
                named: inner.named.inverted(),
            }
        }
        Requirement::All(parts) => parts.iter().fold(certain(true), |all, part| {
            let part = who(part, inverted);
            Who {
                anonymous: all.anonymous && part.anonymous,
                named: all.named.and(&part.named),
            }
        }),
        Requirement::Any(parts) => parts.iter().fold(certain(false), |any, part| {
            let part = who(part, inverted);
            Who {
                anonymous: any.anonymous || part.anonymous,
                named: any.named.inverted().and(&part.named.inverted()).inverted(),
            }
        }),
        _ => certain(false),
    }
}

impl Named {
    fn inverted(self) -> Self {
        match self {
            Self::Only(names) => Self::AllBut(names),
            Self::AllBut(names) => Self::Only(names),
        }
    }

    fn and(self, other: &Self) -> Self {
        match (self, other) {
            (Self::Only(a), Self::Only(b)) => Self::Only(a.intersection(b).cloned().collect()),
            (Self::Only(a), Self::AllBut(b)) => Self::Only(a.difference(b).cloned().collect()),
            (Self::AllBut(a), Self::Only(b)) => Self::Only(b.difference(&a).cloned().collect()),
            (Self::AllBut(a), Self::AllBut(b)) => Self::AllBut(a.union(b).cloned().collect()),
        }
    }
}

/// A login for everybody but some is known to Apache only.
fn decision_of(who: Who, unasked: &mut Vec<String>) -> Decision {
    match who {
        Who {
            anonymous: true, ..
        } => Decision::Granted,
        Who {
            named: Named::Only(names),
            ..
        } if names.is_empty() => Decision::Denied,
        Who {
            named: Named::Only(names),
            ..
        } => Decision::Logins(names),
        Who {
            named: Named::AllBut(names),
            ..
        } if names.is_empty() => Decision::AnyLogin,
        Who {
            named: Named::AllBut(names),
            ..
        } => {
            let names: Vec<String> = names.into_iter().collect();
            unasked.push(format!("not user {}", names.join(" ")));
            Decision::Denied
        }
    }
}

/// Questions with their answers, the first one first.
pub(super) type Way = Vec<(Question, bool)>;

impl Decision {
    /// What it can come to, each with what has to be answered for that.
    pub(super) fn ends(&self) -> Vec<(Way, &Self)> {
        let Self::Ask { question, yes, no } = self else {
            return vec![(Way::new(), self)];
        };
        let mut ends = Vec::new();
        for (branch, answer) in [(yes, true), (no, false)] {
            for (mut way, end) in branch.ends() {
                way.insert(0, (question.clone(), answer));
                ends.push((way, end));
            }
        }
        ends
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(decision: &Decision) -> String {
        match decision {
            Decision::Granted => "granted".to_owned(),
            Decision::Denied => "denied".to_owned(),
            Decision::AnyLogin => "login".to_owned(),
            Decision::Logins(names) => names.iter().cloned().collect::<Vec<_>>().join("+"),
            Decision::Ask { question, yes, no } => {
                let question = match question {
                    Question::Address(network) => network.to_string(),
                    Question::Methods(methods) => {
                        methods.iter().cloned().collect::<Vec<_>>().join("+")
                    }
                };
                format!("({question} ? {} : {})", shown(yes), shown(no))
            }
        }
    }

    #[track_caller]
    fn check(requirement: &str, expected: &str, unasked: &[&str]) {
        let (decision, not_asked) = decide(&Requirement::parse(requirement).unwrap());
        assert_eq!(shown(&decision), expected, "{requirement}");
        assert_eq!(not_asked, unasked, "{requirement}");
    }

    #[test]
    fn every_requirement_becomes_questions_and_what_follows() {
        check("all granted", "granted", &[]);
        check("all denied", "denied", &[]);
        check("ip 10.0.0.0/8", "(10.0.0.0/8 ? granted : denied)", &[]);
        check("not ip 10.0.0.0/8", "(10.0.0.0/8 ? denied : granted)", &[]);
        check(
            "ip 10.0.0.0/8 or valid-user",
            "(10.0.0.0/8 ? granted : login)",
            &[],
        );
        check(
            "ip 10.0.0.0/8 and user bob alice",
            "(10.0.0.0/8 ? alice+bob : denied)",
            &[],
        );
        check("valid-user or user bob", "login", &[]);
        check("valid-user and user bob", "bob", &[]);
        check("user bob and user alice", "denied", &[]);
        check("method GET", "(GET+HEAD ? granted : denied)", &[]);
        check("method GET or user bob", "(GET+HEAD ? granted : bob)", &[]);
        check("not (ip 10.0.0.1 or valid-user)", "denied", &[]);
    }

    #[test]
    fn what_cannot_be_asked_speaks_against_access() {
        check("host example.org", "denied", &["host example.org"]);
        check(
            "all granted and not host example.org",
            "denied",
            &["host example.org"],
        );
        check("env LAN or valid-user", "login", &["env LAN"]);
        check(
            "valid-user and not user mallory",
            "denied",
            &["not user mallory"],
        );
    }

    #[test]
    fn ways_lead_through_the_questions() {
        let (decision, _) = decide(&Requirement::parse("ip 10.0.0.0/8 and method POST").unwrap());
        let ways = decision.ends();
        let denied = ways.iter().filter(|(_, end)| **end == Decision::Denied);
        let answers: Vec<Vec<bool>> = denied
            .map(|(way, _)| way.iter().map(|(_, answer)| *answer).collect())
            .collect();
        assert_eq!(answers, [vec![true, false], vec![false]]);
    }
}
