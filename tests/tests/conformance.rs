//! The conformance suite: ours passes it, each peer breaks what it is known to break, and every case can fail.

// A test that panics has failed: that is all an unwrap means here.
#![allow(clippy::unwrap_used)]

use cgi_tests::conformance::{
    Answer, Asking, Expect, Host, InstalledSite, Level, Observed, Ours, Outcome, Requirement, Run,
    Suite, Verdict, judge, mutations, run,
};
use cgi_tests::peers::PeerKind;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

fn asking(patience: Duration) -> Asking {
    Asking {
        patience,
        at_once: 4,
        times: 1,
    }
}

fn suite() -> Suite {
    Suite::load(&Suite::folder()).unwrap()
}

/// One run over our engine for all tests that look at it.
static OURS: LazyLock<Run> = LazyLock::new(|| {
    let suite = suite();
    let ours = Ours::start(&suite, Path::new(env!("CARGO_BIN_EXE_cgi-child"))).unwrap();
    run(ours.host(), &suite, asking(cgi_tests::PATIENCE))
});

#[test]
fn our_engine_passes_every_case() {
    let failed: Vec<String> = OURS
        .outcomes
        .iter()
        .filter(|outcome| !passed(outcome))
        .map(|outcome| format!("{}: {:?}", outcome.case.name, outcome.verdict))
        .collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

/// A case that cannot fail proves nothing: what came must not fit the same expectation with one thing of it changed,
/// and the expectation must not fit what came with one thing of that spoilt.
#[test]
fn every_expectation_of_every_case_can_fail() {
    let mut bent = 0;
    for outcome in &OURS.outcomes {
        let Verdict::Pass(index) = outcome.verdict else {
            continue;
        };
        let expect = &outcome.case.expect[index];
        for (what, changed) in mutations(expect) {
            let found = judge(&changed, &outcome.observed, &outcome.words);
            assert!(!found.is_empty(), "{}: {what}", outcome.case.name);
            bent += 1;
        }
        for (what, spoilt) in spoilt(expect, &outcome.observed) {
            let found = judge(expect, &spoilt, &outcome.words);
            assert!(!found.is_empty(), "{}: {what}", outcome.case.name);
            bent += 1;
        }
    }
    assert!(
        bent > OURS.outcomes.len(),
        "some case expects nothing: {bent}"
    );
}

/// What came, with one thing of it spoilt that the expectation looks at and that cannot be expected otherwise.
fn spoilt(expect: &Expect, observed: &Observed) -> Vec<(&'static str, Observed)> {
    let mut all = Vec::new();
    if expect.script_uri {
        let mut nobody_answers = observed.clone();
        nobody_answers.seen_again = None;
        all.push(("the Script-URI", nobody_answers));
    }
    let first_line = observed.raw[observed.last_answer_at..]
        .windows(2)
        .position(|two| two == b"\r\n")
        .map(|end| observed.last_answer_at + end);
    let with = |bytes: &[u8], instead_of: usize| {
        let at = first_line.unwrap();
        let mut spoilt = observed.clone();
        let old = at..at + instead_of;
        spoilt.raw.splice(old, bytes.iter().copied());
        let rest = &spoilt.raw[observed.last_answer_at..];
        *spoilt.answers.last_mut().unwrap() = Answer::read(rest, b"GET", true).unwrap();
        spoilt
    };
    if expect.valid {
        all.push(("a line that is no field", with(b"\r\nno field", 0)));
    }
    if expect.line_ends {
        all.push(("a bare line feed", with(b"\n", 2)));
    }
    if !expect.silence {
        let mut nothing = observed.clone();
        nothing.answers.clear();
        nothing.raw.clear();
        all.push(("no answer", nothing));
    }
    all
}

#[test]
fn every_requirement_has_a_case_or_is_held_otherwise() {
    let suite = suite();
    assert!(suite.cases.len() >= 120, "{}", suite.cases.len());
    let requirements = Requirement::all().unwrap();
    let numbers: Vec<u8> = requirements.iter().map(|one| one.number).collect();
    assert_eq!(numbers, (1..=68).collect::<Vec<u8>>());
    for requirement in requirements {
        let number = requirement.number;
        let mut cases = suite.cases.iter();
        let asked = cases.any(|case| case.requirements.contains(&number));
        assert_eq!(asked, requirement.held.is_none(), "B{number}");
    }
}

/// The rows of the guide's table of scores: a host's name, and what it passes of how many at each level.
fn scores(guide: &str) -> Vec<(String, [(usize, usize); 3])> {
    let table = guide.split("## Scores").nth(1).unwrap();
    let table = table.split("\n\n").nth(2).unwrap();
    // Two lines of headings.
    let rows = table.lines().skip(2);
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let score = |cell: &str| {
            let (passed, asked) = cell.split_once(" of ").unwrap();
            (passed.parse().unwrap(), asked.parse().unwrap())
        };
        let levels = [score(cells[2]), score(cells[3]), score(cells[4])];
        (cells[0].to_owned(), levels)
    })
    .collect()
}

#[test]
fn the_guide_and_the_readme_tell_the_suite_as_it_is() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let guide = fs::read_to_string(root.join("assets/guide/conformance.md")).unwrap();
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let suite = suite();
    let [must, should, may] = [Level::Must, Level::Should, Level::May].map(|level| {
        let cases = suite.cases.iter();
        cases.filter(|case| case.level == level).count()
    });
    let scores = scores(&guide);
    let names: Vec<&str> = scores.iter().map(|(name, _)| name.as_str()).collect();
    let peers = PeerKind::ALL.map(PeerKind::name);
    assert_eq!(names, [&["ours"], &peers[..]].concat());
    assert_eq!(scores[0].1, [(must, must), (should, should), (may, may)]);
    let claim = format!(
        "{} cases, CGI Studio passes all {must} of the level MUST and all {should} of the level SHOULD",
        suite.cases.len()
    );
    assert!(readme.contains(&claim), "the README does not say: {claim}");
    let labels = [
        "Apache breaks",
        "lighttpd",
        "nginx + fcgiwrap",
        "CPython",
        "busybox",
        "Go",
    ];
    for ((name, [(passed, asked), ..]), label) in scores[1..].iter().zip(labels) {
        let claim = format!("{label} {}", asked - passed);
        assert!(
            readme.contains(&claim),
            "{name}: the README does not say: {claim}"
        );
    }
    for requirement in Requirement::all().unwrap() {
        let row = format!(
            "| B{} | {} | {} |",
            requirement.number, requirement.section, requirement.text
        );
        assert!(guide.contains(&row), "the guide does not say: {row}");
    }
}

/// The names of the cases of the level MUST that the host breaks.
fn broken(run: &Run) -> BTreeSet<&str> {
    let failures = run.failures(Level::Must);
    failures.map(|outcome| outcome.case.name.as_str()).collect()
}

fn passed(outcome: &Outcome) -> bool {
    matches!(outcome.verdict, Verdict::Pass(_))
}

/// What no host can get wrong: a run in which these fail says nothing about the others.
const PASSED_BY_ALL: [&str; 5] = [
    "b01-a-script-answers",
    "b19-the-interface",
    "b20-the-path-keeps-its-case",
    "b23-the-client-s-address",
    "b27-get",
];

#[track_caller]
fn check(kind: PeerKind, breaks: &[&str], passes: &[&str]) {
    if !kind.is_here() {
        return;
    }
    let suite = suite();
    let folder = tempfile::tempdir().unwrap();
    let site = InstalledSite::write(&suite, folder.path()).unwrap();
    let peer = Host::start_peer(kind, &site).unwrap();
    let host = Host::of_peer(&peer, &site);
    let run = run(&host, &suite, asking(Duration::from_secs(8)));
    let broken = broken(&run);
    assert!(broken.len() >= 3, "{kind} breaks {broken:?}");
    for name in breaks {
        assert!(broken.contains(name), "{kind} holds {name}");
    }
    for name in PASSED_BY_ALL.iter().chain(passes) {
        let mut outcomes = run.outcomes.iter();
        let outcome = outcomes.find(|outcome| outcome.case.name == *name).unwrap();
        assert!(passed(outcome), "{kind}: {name}: {:?}", outcome.verdict);
    }
}

#[test]
fn apache_is_as_it_is_known() {
    check(
        PeerKind::Apache,
        &[
            "b30-the-port-is-not-the-one-in-the-host-field",
            "b35-repeated-cookies-keep-their-meaning",
            "b39-a-chunked-body",
            "b44-all-words-or-none",
        ],
        &[
            "b26-the-user-after-a-login",
            "b41-head-has-no-body",
            "b43-words-of-a-search",
            "b47-nph-output-is-not-touched",
            "b50-a-local-redirect",
        ],
    );
}

#[test]
fn lighttpd_is_as_it_is_known() {
    check(
        PeerKind::Lighttpd,
        &[
            "b17-no-length-without-a-body",
            "b22-the-query-is-not-normalised",
            "b29-a-name-without-a-host-field",
        ],
        &[
            "b26-the-user-after-a-login",
            "b35-repeated-cookies-keep-their-meaning",
            "b39-a-chunked-body",
            "b50-a-local-redirect",
        ],
    );
}

#[test]
fn nginx_with_fcgiwrap_is_as_it_is_known() {
    check(
        PeerKind::NginxFcgiwrap,
        &[
            "b35-a-repeated-field-is-one-value",
            "b50-a-local-redirect",
            "b54-an-empty-status-is-no-field",
        ],
        &[
            "b26-the-user-after-a-login",
            "b29-the-name-that-the-client-asked-for",
            "b39-a-chunked-body-in-pieces",
            "b51-a-redirect-of-the-client",
        ],
    );
}

#[test]
fn cpython_is_as_it_is_known() {
    check(
        PeerKind::Cpython,
        &[
            "b18-no-type-without-the-field",
            "b26-no-user-without-a-login",
            "b41-head-has-no-body",
            "b51-a-redirect-of-the-client",
            "b59-a-status-with-its-phrase",
        ],
        &["b17-the-length-of-a-body", "b22-query-string-is-always-set"],
    );
}

#[test]
fn busybox_is_as_it_is_known() {
    check(
        PeerKind::Busybox,
        &[
            "b29-the-name-that-the-client-asked-for",
            "b30-the-port-of-the-connection",
            "b41-head-has-no-body",
            "b60-line-feeds-become-line-ends-of-http",
        ],
        &["b17-the-length-of-a-body", "b22-query-string-is-always-set"],
    );
}

#[test]
fn go_is_as_it_is_known() {
    check(
        PeerKind::Go,
        &[
            "b30-the-port-is-not-the-one-in-the-host-field",
            "b50-a-circle-of-local-redirects-ends",
            "b54-status-in-small-letters",
        ],
        &[
            "b35-repeated-cookies-keep-their-meaning",
            "b41-head-has-no-body",
            "b50-a-local-redirect",
        ],
    );
}
