//! Which save broke it: the versions of a script between a run that was good and one that was not.
//!
//! Versions are known from runs only, each of which holds the source as it was. A save that nobody ran is not among
//! them; one that was run with other requests only is, and [`Version::is_untried`] says that this request is to be
//! tried on it.

use std::path::PathBuf;
use std::sync::Arc;

use super::text::{self, TextLine};
use crate::clock::Timestamp;
use crate::exchange::{Exchange, ExchangeId, Origin};

/// What is to be known of a run, without its streams: many are looked at.
#[derive(Clone, PartialEq, Debug)]
pub struct Witness {
    run: VersionRun,
    script: PathBuf,
    hash: [u8; 32],
    source: Arc<[u8]>,
    /// Its script was a copy of what it had been in another run.
    of_old: bool,
}

impl Witness {
    /// The last run of `exchange`, whose verdict is given by whoever judges runs; `asked` is the request that is
    /// looked into. None where no script was run, or its source is not kept.
    #[must_use]
    pub fn of(exchange: &Exchange, asked: &Exchange, failed: bool) -> Option<Self> {
        let script = &exchange.invocation()?.script;
        let (ours, theirs) = (&asked.request, &exchange.request);
        let same_request = (ours.method(), ours.target(), ours.body.len())
            == (theirs.method(), theirs.target(), theirs.body.len())
            && ours.body.bytes() == theirs.body.bytes();
        (!script.source_is_missing()).then(|| Self {
            run: VersionRun {
                id: exchange.id,
                started: exchange.started,
                failed,
                same_request,
            },
            script: script.path.clone(),
            hash: script.hash,
            source: Arc::clone(&script.source),
            of_old: matches!(exchange.origin, Origin::ReplayOfSource(_)),
        })
    }
}

/// A run of a version.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct VersionRun {
    /// The run.
    pub id: ExchangeId,
    /// When it began.
    pub started: Timestamp,
    /// It failed.
    pub failed: bool,
    /// It was made by the request that is looked into, and not by another of the same script.
    pub same_request: bool,
}

/// A state of the script's source.
#[derive(Clone, PartialEq, Debug)]
pub struct Version {
    /// SHA-256 of the source.
    pub hash: [u8; 32],
    /// The source.
    pub source: Arc<[u8]>,
    /// When it was first run.
    pub first_run: Timestamp,
    /// Lines that came in since the version before; none for the first.
    pub added: usize,
    /// Lines that were taken out since the version before.
    pub removed: usize,
    /// What changed since the version before, with the lines around; empty for the first, and where there are too
    /// many lines to compare.
    pub changes: Vec<TextLine>,
    /// Its runs, oldest first.
    pub runs: Vec<VersionRun>,
}

impl Version {
    /// Whether the request failed on it; none where it was never tried. One failure is enough.
    #[must_use]
    pub fn failed(&self) -> Option<bool> {
        let tried = self.runs.iter().filter(|run| run.same_request);
        tried
            .map(|run| run.failed)
            .reduce(|one, other| one || other)
    }

    /// Whether the request was never tried on it.
    #[must_use]
    pub fn is_untried(&self) -> bool {
        self.failed().is_none()
    }

    /// A run from which the version can be had again.
    #[must_use]
    pub fn any_run(&self) -> Option<ExchangeId> {
        self.runs.first().map(|run| run.id)
    }
}

/// What the versions say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Culprit {
    /// This version broke it: the one before was good.
    Version(usize),
    /// One of these did, first and last included: all but the last were never tried.
    OneOf(usize, usize),
    /// Good and bad runs have the very same source: it is not the script that broke.
    NotTheSource,
}

/// The versions between two runs.
#[derive(Clone, PartialEq, Debug)]
pub struct Versions {
    /// Oldest first; the good run's first, the bad run's last.
    pub versions: Vec<Version>,
    /// Which of them broke it.
    pub culprit: Culprit,
}

/// Why there is nothing to find.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NoVersions {
    /// A run has no script.
    #[error("request {id} ran no script")]
    NoScript {
        /// The request.
        id: ExchangeId,
    },
    /// They ran different scripts.
    #[error("requests {good} and {bad} ran different scripts")]
    OtherScript {
        /// The good one.
        good: ExchangeId,
        /// The bad one.
        bad: ExchangeId,
    },
    /// The good one came later.
    #[error("request {good} was good after {bad} was not, so nothing broke between the two")]
    Mended {
        /// The good one.
        good: ExchangeId,
        /// The bad one.
        bad: ExchangeId,
    },
    /// The source of a run is not kept.
    #[error("the source that request {id} ran is not kept")]
    NoSource {
        /// The request.
        id: ExchangeId,
    },
}

/// Puts the versions in order that these runs show. `runs` may hold any; those of the same script that lie between
/// the two count, and later ones that ran a version of old again.
///
/// # Errors
/// There is nothing to find: see [`NoVersions`].
pub fn between(
    good: &Exchange,
    bad: &Exchange,
    runs: impl IntoIterator<Item = Witness>,
) -> Result<Versions, NoVersions> {
    let (first, last) = (witness(good, bad, false)?, witness(bad, bad, true)?);
    check(&first, &last)?;
    let (good, bad, script) = (first.run.id, last.run.id, last.script.clone());
    let others = runs.into_iter();
    let others = others.filter(|run| run.run.id != good && run.run.id != bad);
    let mut all: Vec<Witness> = others.chain([first, last]).collect();
    all.sort_by_key(|run| run.run.id);
    let mut versions: Vec<Version> = Vec::new();
    let in_order = all.iter().filter(|run| {
        let between = (good..=bad).contains(&run.run.id);
        between && !run.of_old && run.script == script
    });
    for run in in_order {
        add(&mut versions, run);
    }
    for run in all.iter().filter(|run| run.of_old) {
        let of = versions.iter_mut();
        let of = of.filter(|version| version.hash == run.hash);
        of.for_each(|version| version.runs.push(run.run));
    }
    let culprit = culprit(&versions);
    Ok(Versions { versions, culprit })
}

fn witness(exchange: &Exchange, asked: &Exchange, failed: bool) -> Result<Witness, NoVersions> {
    let id = exchange.id;
    if exchange.invocation().is_none() {
        return Err(NoVersions::NoScript { id });
    }
    Witness::of(exchange, asked, failed).ok_or(NoVersions::NoSource { id })
}

fn check(good: &Witness, bad: &Witness) -> Result<(), NoVersions> {
    let ids = (good.run.id, bad.run.id);
    match ids {
        (good_id, bad_id) if good.script != bad.script => Err(NoVersions::OtherScript {
            good: good_id,
            bad: bad_id,
        }),
        (good, bad) if good > bad => Err(NoVersions::Mended { good, bad }),
        _ => Ok(()),
    }
}

fn add(versions: &mut Vec<Version>, run: &Witness) {
    match versions.last_mut() {
        Some(last) if last.hash == run.hash => last.runs.push(run.run),
        last => {
            let before = last.map(|last| Arc::clone(&last.source));
            let changes = before.and_then(|before| text::compare(&before, &run.source));
            let (added, removed) = changes
                .as_ref()
                .map_or((0, 0), |changes| (changes.added, changes.removed));
            versions.push(Version {
                hash: run.hash,
                source: Arc::clone(&run.source),
                first_run: run.run.started,
                added,
                removed,
                changes: changes.map_or_else(Vec::new, |changes| changes.lines),
                runs: vec![run.run],
            });
        }
    }
}

/// The first version that failed for good: no later one is known to be good.
fn culprit(versions: &[Version]) -> Culprit {
    let last_good = versions
        .iter()
        .rposition(|version| version.failed() == Some(false));
    let Some(last_good) = last_good else {
        // One version has good and bad runs.
        return Culprit::NotTheSource;
    };
    let first_bad = versions
        .iter()
        .enumerate()
        .skip(last_good + 1)
        .find(|(_, version)| version.failed() == Some(true));
    match first_bad {
        None => Culprit::NotTheSource,
        Some((bad, _)) if bad == last_good + 1 => Culprit::Version(bad),
        Some((bad, _)) => Culprit::OneOf(last_good + 1, bad),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::samples;
    use crate::process::Exit;

    /// A run with this number and source.
    fn run(id: u64, source: &str) -> Exchange {
        let mut run = samples::run(b"Content-Type: text/plain\n\n", b"", Exit::Code(0));
        let mut facts = (*run.script).clone();
        facts.source = source.as_bytes().into();
        facts.hash = [source.len() as u8; 32];
        run.script = facts.into();
        let mut exchange = samples::exchange(vec![run]);
        exchange.id = ExchangeId(id);
        exchange
    }

    fn other_request(mut exchange: Exchange) -> Exchange {
        exchange.request.raw_head = b"GET /another HTTP/1.1\r\n\r\n"[..].into();
        exchange
    }

    fn again(id: u64, of: u64, source: &str) -> Exchange {
        let mut exchange = run(id, source);
        exchange.origin = Origin::ReplayOfSource(ExchangeId(of));
        exchange
    }

    #[track_caller]
    fn check(
        good: &Exchange,
        bad: &Exchange,
        runs: &[(&Exchange, bool)],
        verdicts: &[Option<bool>],
        expected: Culprit,
    ) -> Versions {
        let runs = runs
            .iter()
            .filter_map(|(exchange, failed)| Witness::of(exchange, bad, *failed));
        let found = between(good, bad, runs).unwrap();
        let failed: Vec<Option<bool>> = found.versions.iter().map(Version::failed).collect();
        assert_eq!(failed, verdicts);
        assert_eq!(found.culprit, expected);
        found
    }

    #[test]
    fn the_version_after_the_last_good_one_broke_it() {
        let (good, still, bad) = (run(1, "a\n"), run(2, "a\nb\n"), run(4, "a\nb\nc\n"));
        let found = check(
            &good,
            &bad,
            &[(&still, false), (&run(3, "a\nb\n"), false)],
            &[Some(false), Some(false), Some(true)],
            Culprit::Version(2),
        );
        let sizes: Vec<_> = found
            .versions
            .iter()
            .map(|version| (version.added, version.removed, version.runs.len()))
            .collect();
        assert_eq!(sizes, [(0, 0, 1), (1, 0, 2), (1, 0, 1)]);
        assert!(!found.versions[2].changes.is_empty());
    }

    #[test]
    fn versions_that_were_not_tried_share_the_blame_until_they_are() {
        let (good, bad) = (run(1, "a\n"), run(3, "a\nb\nc\n"));
        let between = other_request(run(2, "a\nb\n"));
        let found = check(
            &good,
            &bad,
            &[(&between, true)],
            &[Some(false), None, Some(true)],
            Culprit::OneOf(1, 2),
        );
        assert!(found.versions[1].is_untried());
        assert_eq!(found.versions[1].any_run(), Some(ExchangeId(2)));
        check(
            &good,
            &bad,
            &[(&between, true), (&again(9, 2, "a\nb\n"), true)],
            &[Some(false), Some(true), Some(true)],
            Culprit::Version(1),
        );
    }

    #[test]
    fn a_version_that_was_good_and_bad_is_not_to_blame() {
        let (good, bad) = (run(1, "a\n"), run(2, "a\n"));
        check(&good, &bad, &[], &[Some(true)], Culprit::NotTheSource);
    }

    #[test]
    fn runs_outside_of_the_two_and_of_other_scripts_do_not_count() {
        let (good, bad) = (run(5, "a\n"), run(7, "a\nb\n"));
        let (early, late) = (run(1, "older\n"), run(9, "a\nb\nnewer\n"));
        let mut other = run(6, "another script\n");
        let mut facts = (*other.invocations[0].script).clone();
        facts.path = "/site/other.py".into();
        other.invocations[0].script = facts.into();
        check(
            &good,
            &bad,
            &[(&early, true), (&late, false), (&other, true)],
            &[Some(false), Some(true)],
            Culprit::Version(1),
        );
        let refused = between(&good, &other, []).unwrap_err();
        assert!(refused.to_string().contains("different scripts"));
        let mended = between(&bad, &good, []).unwrap_err();
        assert!(matches!(mended, NoVersions::Mended { .. }));
        let no_script = between(&good, &samples::exchange(Vec::new()), []).unwrap_err();
        assert!(matches!(no_script, NoVersions::NoScript { .. }));
    }
}
