//! All cases asked of one host.

use super::case::{Case, Expect, Level, Need, Suite};
use super::host::Host;
use super::judge::{Mismatch, judge};
use super::site::MEMBERS;
use super::text::Words;
use super::wire::{Observed, observe};
use crate::conformance::case::Step;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// What came of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// One of the outcomes that pass; which one.
    Pass(usize),
    /// None of them; what is wrong in the nearest.
    Fail(Vec<Mismatch>),
    /// The host never came to an end; what was waited for.
    Hangs(String),
    /// The case says nothing about this host, because.
    NotApplicable(String),
}

/// One case and one host.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The case.
    pub case: Case,
    /// What came of it.
    pub verdict: Verdict,
    /// What was sent and what came.
    pub observed: Observed,
    /// What the placeholders stood for.
    pub words: Words,
    /// It was asked more than once and did not always end so.
    pub unsteady: bool,
}

/// How a host is asked.
#[derive(Debug, Clone, Copy)]
pub struct Asking {
    /// How long a case may take.
    pub patience: Duration,
    /// Cases asked at once.
    pub at_once: usize,
    /// How often each case is asked; the worst outcome counts.
    pub times: usize,
}

impl Outcome {
    fn badness(&self) -> u8 {
        match self.verdict {
            Verdict::Pass(_) | Verdict::NotApplicable(_) => 0,
            Verdict::Fail(_) => 1,
            Verdict::Hangs(_) => 2,
        }
    }
}

/// All cases and one host.
#[derive(Debug, Clone)]
pub struct Run {
    /// The host.
    pub host: Host,
    /// In the order of the cases.
    pub outcomes: Vec<Outcome>,
}

impl Run {
    /// How many cases of the level pass, and how many there are without those that do not apply.
    pub fn score(&self, level: Level) -> (usize, usize) {
        let asked = self.outcomes.iter().filter(|outcome| {
            outcome.case.level == level && !matches!(outcome.verdict, Verdict::NotApplicable(_))
        });
        let passed = asked.clone();
        let passed = passed.filter(|outcome| matches!(outcome.verdict, Verdict::Pass(_)));
        (passed.count(), asked.count())
    }

    /// The cases of the level that do not pass.
    pub fn failures(&self, level: Level) -> impl Iterator<Item = &Outcome> {
        self.outcomes.iter().filter(move |outcome| {
            let failed = matches!(outcome.verdict, Verdict::Fail(_) | Verdict::Hangs(_));
            outcome.case.level == level && failed
        })
    }
}

/// Asks the host every case.
pub fn run(host: &Host, suite: &Suite, asking: Asking) -> Run {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    let authenticates = asks_for_a_user(host, asking.patience);
    let work = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(case) = suite.cases.get(index) else {
                return;
            };
            let outcome = ask_again(host, case, authenticates, asking);
            let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
            done.push((index, outcome));
        }
    };
    thread::scope(|scope| {
        for number in 0..asking.at_once.saturating_sub(1) {
            let named = thread::Builder::new().name(format!("case {number}"));
            // Without a thread of its own the work is done by the others, or by this one.
            let _ = named.spawn_scoped(scope, work);
        }
        work();
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(index, _)| *index);
    Run {
        host: host.clone(),
        outcomes: done.into_iter().map(|(_, outcome)| outcome).collect(),
    }
}

fn words(host: &Host, case: Option<&Case>) -> Words {
    let script = case.and_then(Case::script_name);
    Words {
        authority: host.authority.clone(),
        address: host.host_name().to_owned(),
        port: host.address.port(),
        client: String::new(),
        script: format!("/cgi-bin/{}", script.as_deref().unwrap_or("dump.py")),
        folder: host.folder.clone(),
    }
}

/// The host protects [`MEMBERS`].
fn asks_for_a_user(host: &Host, patience: Duration) -> bool {
    let head = vec![
        format!("GET {MEMBERS}/dump.py HTTP/1.1"),
        "Host: {authority}".to_owned(),
        "Connection: close".to_owned(),
    ];
    let observed = observe(
        host.address,
        &[Step::Head(head)],
        &words(host, None),
        patience,
    );
    observed.is_ok_and(|observed| {
        let answer = observed.answers.last();
        answer.is_some_and(|answer| answer.status == 401)
    })
}

/// The worst of all tries; one that hangs is not tried again.
fn ask_again(host: &Host, case: &Case, authenticates: bool, asking: Asking) -> Outcome {
    let mut worst = ask(host, case, authenticates, asking.patience);
    for _ in 1..asking.times {
        if matches!(worst.verdict, Verdict::Hangs(_)) {
            break;
        }
        let other = ask(host, case, authenticates, asking.patience);
        let unsteady = worst.unsteady || other.badness() != worst.badness();
        if other.badness() > worst.badness() {
            worst = other;
        }
        worst.unsteady = unsteady;
    }
    worst
}

fn ask(host: &Host, case: &Case, authenticates: bool, patience: Duration) -> Outcome {
    let mut words = words(host, Some(case));
    let mut observed = Observed::default();
    let verdict = if case.needs.contains(&Need::Authentication) && !authenticates {
        Verdict::NotApplicable("it does not ask for users here".to_owned())
    } else {
        match observe(host.address, &case.steps(), &words, patience) {
            Ok(seen) => {
                observed = seen;
                words.client.clone_from(&observed.client);
                if case.expect.iter().any(|expect| expect.script_uri) {
                    follow_script_uri(host, &mut observed, patience);
                }
                verdict(case, &observed, &words)
            }
            Err(error) => Verdict::Hangs(format!("a connection: {error}")),
        }
    };
    Outcome {
        case: case.clone(),
        verdict,
        observed,
        words,
        unsteady: false,
    }
}

fn verdict(case: &Case, observed: &Observed, words: &Words) -> Verdict {
    let fits = |expect: &Expect| judge(expect, observed, words).is_empty();
    if let Some(waited_for) = &observed.hung {
        return Verdict::Hangs(waited_for.clone());
    }
    if let Some(other) = case.not_applicable.iter().find(|other| fits(&other.when)) {
        return Verdict::NotApplicable(other.because.clone());
    }
    if let Some(index) = case.expect.iter().position(fits) {
        return Verdict::Pass(index);
    }
    let all = case
        .expect
        .iter()
        .map(|expect| judge(expect, observed, words));
    Verdict::Fail(all.min_by_key(Vec::len).unwrap_or_default())
}

/// Asks for the URI that the script's variables spell.
fn follow_script_uri(host: &Host, observed: &mut Observed, patience: Duration) {
    let Some(seen) = &observed.seen else { return };
    let variable = |name: &str| {
        let value = seen.env.get(name).cloned().unwrap_or_default();
        String::from_utf8_lossy(&value).into_owned()
    };
    if variable("SERVER_PORT") != host.address.port().to_string() {
        // Nobody, or somebody else, listens there.
        return;
    }
    let target = String::from_utf8_lossy(&seen.script_target()).into_owned();
    let name = variable("SERVER_NAME");
    let head = vec![
        format!("GET {target} HTTP/1.1"),
        format!("Host: {name}:{}", host.address.port()),
        "Connection: close".to_owned(),
    ];
    let again = observe(
        host.address,
        &[Step::Head(head)],
        &words(host, None),
        patience,
    );
    observed.seen_again = again.ok().and_then(|again| again.seen);
}
