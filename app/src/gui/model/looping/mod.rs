//! The loop from a save to what it changed: which script is looked at, its request, and its runs one after another.
//!
//! What a run changed stays until what the next one changed is known: nothing flickers to empty.

mod change;

use std::collections::{HashMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cgi_engine::exchange::ExchangeId;
use cgi_engine::on_save::{Choice, SaveNews};

pub use change::{ChangeLine, Changed, Excerpt, Side, Tone};

/// So many runs of a script can be walked through.
const MOST_RUNS: usize = 100;

/// A question for a worker.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Errand {
    /// Which request runs when this script is saved?
    Choice(PathBuf),
    /// What is other in the later run?
    Change {
        /// The run before, if there is one.
        before: Option<ExchangeId>,
        /// The run.
        after: ExchangeId,
    },
}

/// The runs of one script that were set off by saves and by hand.
#[derive(Debug, Default)]
struct Trail {
    /// The oldest first.
    runs: VecDeque<ExchangeId>,
    /// What the last change that was found is of.
    shown: Option<Arc<Changed>>,
    /// The user looks at this one; otherwise at the newest.
    chosen: Option<ExchangeId>,
    /// Why the last save ran nothing.
    problem: Option<String>,
}

impl Trail {
    /// Until something was saved, the run that the next one is compared with is all there is to look at.
    fn begin_with(&mut self, request: ExchangeId) {
        if self.runs.len() <= 1 {
            self.runs = VecDeque::from([request]);
        }
    }
}

/// What the window knows of the loop.
#[derive(Debug, Default)]
pub struct Looping {
    script: Option<PathBuf>,
    trails: HashMap<PathBuf, Trail>,
    choices: HashMap<PathBuf, Option<Choice>>,
    /// A worker is asked; one at a time.
    asked: Option<Errand>,
    /// Scripts that were saved, for the saved requests that hit them; none: nothing was saved.
    saved: Option<Vec<PathBuf>>,
    /// What was said since the window looked: a file that is ignored.
    ignored: Vec<PathBuf>,
    /// Pages in the browser reload by themselves.
    pub reloads_pages: bool,
}

impl Looping {
    /// The script whose runs are shown.
    #[must_use]
    pub fn script(&self) -> Option<&Path> {
        self.script.as_deref()
    }

    /// Looks at this script from now on.
    pub fn look_at(&mut self, script: &Path) {
        if self.script.as_deref() != Some(script) {
            self.script = Some(script.to_owned());
        }
    }

    /// Takes what a save set off.
    pub fn take(&mut self, news: &SaveNews) {
        match news {
            SaveNews::Saved { scripts, .. } => {
                let saved = self.saved.get_or_insert_default();
                for script in scripts {
                    if !saved.contains(script) {
                        saved.push(script.clone());
                    }
                }
                // Nothing else is looked at.
                if self.script.is_none() {
                    self.script = scripts.first().cloned();
                }
            }
            SaveNews::Began {
                script,
                request,
                id,
            } => self.begin(script, *request, *id),
            SaveNews::NotRun { script, why } => {
                self.trail(script).problem = Some(why.clone());
            }
            SaveNews::Ignored { path } => self.ignored.push(path.clone()),
            SaveNews::Chosen => self.choices.clear(),
        }
    }

    fn begin(&mut self, script: &Path, request: ExchangeId, id: ExchangeId) {
        let trail = self.trail(script);
        trail.begin_with(request);
        trail.runs.push_back(id);
        while trail.runs.len() > MOST_RUNS {
            trail.runs.pop_front();
        }
        (trail.chosen, trail.problem) = (None, None);
        // A last request is another one now.
        self.choices.remove(script);
        self.script.get_or_insert_with(|| script.to_owned());
    }

    fn trail(&mut self, script: &Path) -> &mut Trail {
        self.trails.entry(script.to_owned()).or_default()
    }

    fn shown_trail(&self) -> Option<&Trail> {
        self.trails.get(self.script.as_deref()?)
    }

    /// The runs of the script, oldest first.
    pub fn runs(&self) -> impl DoubleEndedIterator<Item = ExchangeId> + '_ {
        let trail = self.shown_trail();
        trail
            .into_iter()
            .flat_map(|trail| trail.runs.iter().copied())
    }

    /// The run that is looked at: the chosen one, or the newest.
    #[must_use]
    pub fn run(&self) -> Option<ExchangeId> {
        let trail = self.shown_trail()?;
        trail.chosen.or_else(|| trail.runs.back().copied())
    }

    /// Looks at this run; the newest one is followed again.
    pub fn choose(&mut self, id: ExchangeId) {
        let Some(script) = self.script.clone() else {
            return;
        };
        let trail = self.trail(&script);
        if trail.runs.contains(&id) {
            trail.chosen = Some(id).filter(|id| trail.runs.back() != Some(id));
        }
    }

    /// Goes to the run before or after.
    pub fn walk(&mut self, on: bool) {
        let Some(run) = self.run() else {
            return;
        };
        let found = match on {
            true => self.runs().find(|id| *id > run),
            false => self.runs().rev().find(|id| *id < run),
        };
        if let Some(id) = found {
            self.choose(id);
        }
    }

    /// The last change that was found: of the run that is looked at, or of an earlier one until that is over.
    #[must_use]
    pub fn changed(&self) -> Option<&Arc<Changed>> {
        self.shown_trail()?.shown.as_ref()
    }

    /// Why the last save of the script ran nothing.
    #[must_use]
    pub fn problem(&self) -> Option<&str> {
        self.shown_trail()?.problem.as_deref()
    }

    /// The request that runs when the script is saved; none: there is none, or it is not known yet.
    #[must_use]
    pub fn choice(&self) -> Option<Choice> {
        *self.choices.get(self.script.as_deref()?)?
    }

    /// Whether it is known which request that is.
    #[must_use]
    pub fn knows_choice(&self) -> bool {
        let script = self.script.as_ref();
        script.is_some_and(|script| self.choices.contains_key(script))
    }

    /// A request of the script ended: the last one may be another.
    pub fn note_run(&mut self) {
        let stale = |choice: &Option<Choice>| choice.is_none_or(|choice| !choice.pinned);
        self.choices.retain(|_, choice| !stale(choice));
    }

    /// A question for a worker, when there is one and none is asked. `ended` tells whether a run is over.
    pub fn take_errand(&mut self, ended: impl Fn(ExchangeId) -> bool) -> Option<Errand> {
        if self.asked.is_some() {
            return None;
        }
        let script = self.script.clone()?;
        let errand = if self.knows_choice() {
            self.change_to_find(&ended)?
        } else {
            Errand::Choice(script)
        };
        self.asked = Some(errand.clone());
        Some(errand)
    }

    fn change_to_find(&self, ended: &impl Fn(ExchangeId) -> bool) -> Option<Errand> {
        let run = self.run()?;
        let trail = self.shown_trail()?;
        let known = trail.shown.as_ref().map(|shown| shown.after);
        // Meanwhile the newest one that is over.
        let after = match ended(run) {
            true => run,
            false => self.runs().rev().find(|id| *id < run && ended(*id))?,
        };
        let before = self.runs().rev().find(|id| *id < after && ended(*id));
        (known != Some(after)).then_some(Errand::Change { before, after })
    }

    /// Takes the answer to [`Errand::Choice`].
    pub fn take_choice(&mut self, script: PathBuf, choice: Option<Choice>) {
        let errand = Errand::Choice(script.clone());
        self.asked.take_if(|asked| *asked == errand);
        if let Some(choice) = choice {
            self.trail(&script).begin_with(choice.request);
        }
        self.choices.insert(script, choice);
    }

    /// Takes the answer to [`Errand::Change`]; none: the run is not kept any more.
    pub fn take_changed(&mut self, after: ExchangeId, changed: Option<Changed>) {
        let is_asked =
            |asked: &Errand| matches!(asked, Errand::Change { after: id, .. } if *id == after);
        if self.asked.take_if(|asked| is_asked(asked)).is_none() {
            return;
        }
        let of_run = |trail: &&mut Trail| trail.runs.contains(&after);
        let Some(trail) = self.trails.values_mut().find(of_run) else {
            return;
        };
        match changed {
            Some(changed) => trail.shown = Some(Arc::new(changed)),
            None => trail.runs.retain(|id| *id != after),
        }
    }

    /// The scripts that were saved since this was asked last; none: nothing was.
    pub fn take_saved(&mut self) -> Option<Vec<PathBuf>> {
        self.saved.take()
    }

    /// Files whose changes run nothing, as scripts write them: each is told of once.
    pub fn take_ignored(&mut self) -> Vec<PathBuf> {
        std::mem::take(&mut self.ignored)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gui::model::testing::ran;

    const SCRIPT: &str = "/srv/site/cgi-bin/hello.py";

    fn began(request: u64, id: u64) -> SaveNews {
        SaveNews::Began {
            script: SCRIPT.into(),
            request: ExchangeId(request),
            id: ExchangeId(id),
        }
    }

    fn with_choice() -> Looping {
        let mut looping = Looping::default();
        looping.look_at(Path::new(SCRIPT));
        answer_choice(&mut looping);
        looping
    }

    fn answer_choice(looping: &mut Looping) {
        let errand = looping.take_errand(|_| true);
        assert_eq!(errand, Some(Errand::Choice(SCRIPT.into())));
        looping.take_choice(SCRIPT.into(), None);
    }

    fn changed(after: u64) -> Option<Changed> {
        let run = ran(after, b"Content-Type: text/plain\n\n", b"");
        Some(Changed::of(&Arc::new(run), None))
    }

    fn change(before: u64, after: u64) -> Option<Errand> {
        let before = Some(ExchangeId(before));
        let after = ExchangeId(after);
        Some(Errand::Change { before, after })
    }

    #[test]
    fn before_a_save_the_run_is_looked_at_that_will_run_again() {
        let mut looping = with_choice();
        assert_eq!(looping.run(), None);
        for request in [2, 5] {
            looping.note_run();
            looping.take_errand(|_| true);
            let choice = Choice {
                request: ExchangeId(request),
                pinned: false,
                runs: true,
            };
            looping.take_choice(SCRIPT.into(), Some(choice));
            assert_eq!(looping.run(), Some(ExchangeId(request)));
        }
        let alone = Errand::Change {
            before: None,
            after: ExchangeId(5),
        };
        assert_eq!(looping.take_errand(|_| true), Some(alone));
        looping.take_changed(ExchangeId(5), changed(5));
        looping.take(&began(5, 6));
        answer_choice(&mut looping);
        assert_eq!(looping.take_errand(|_| true), change(5, 6));
    }

    #[test]
    fn what_changed_stays_until_the_next_run_is_over() {
        let mut looping = with_choice();
        looping.take(&began(3, 5));
        answer_choice(&mut looping);
        assert_eq!(looping.take_errand(|_| true), change(3, 5));
        assert_eq!(
            looping.take_errand(|_| true),
            None,
            "one question at a time"
        );
        looping.take_changed(ExchangeId(5), changed(5));
        looping.take(&began(3, 6));
        answer_choice(&mut looping);
        // Request 6 goes on.
        let ended = |id: ExchangeId| id.0 < 6;
        assert_eq!(looping.take_errand(ended), None);
        let shown = looping.changed().map(|changed| changed.after);
        assert_eq!(
            (shown, looping.run()),
            (Some(ExchangeId(5)), Some(ExchangeId(6)))
        );
        assert_eq!(looping.take_errand(|_| true), change(5, 6));
    }

    #[test]
    fn runs_are_walked_and_the_newest_is_followed_again() {
        let mut looping = with_choice();
        for id in 5..8 {
            looping.take(&began(3, id));
        }
        let runs: Vec<u64> = looping.runs().map(|id| id.0).collect();
        assert_eq!(runs, [3, 5, 6, 7]);
        looping.walk(false);
        looping.walk(false);
        assert_eq!(looping.run(), Some(ExchangeId(5)));
        looping.walk(true);
        looping.walk(true);
        looping.walk(true);
        assert_eq!(looping.run(), Some(ExchangeId(7)));
        looping.take(&began(3, 8));
        assert_eq!(looping.run(), Some(ExchangeId(8)));
        looping.choose(ExchangeId(99));
        assert_eq!(looping.run(), Some(ExchangeId(8)));
    }

    #[test]
    fn a_run_that_is_not_kept_any_more_is_left_out() {
        let mut looping = with_choice();
        looping.take(&began(3, 5));
        answer_choice(&mut looping);
        assert_eq!(looping.take_errand(|_| true), change(3, 5));
        looping.take_changed(ExchangeId(5), None);
        assert_eq!(looping.run(), Some(ExchangeId(3)));
    }

    #[test]
    fn a_choice_is_asked_for_again_when_it_may_be_another() {
        let mut looping = with_choice();
        assert_eq!(looping.take_errand(|_| true), None);
        looping.take(&SaveNews::Chosen);
        answer_choice(&mut looping);
        looping.note_run();
        answer_choice(&mut looping);
    }

    #[test]
    fn saves_gather_until_somebody_asks_and_the_first_is_looked_at() {
        let mut looping = Looping::default();
        let saved = |scripts: &[&str]| SaveNews::Saved {
            paths: Vec::new(),
            scripts: scripts.iter().map(PathBuf::from).collect(),
        };
        assert_eq!(looping.take_saved(), None);
        looping.take(&saved(&["/a.py"]));
        looping.take(&saved(&["/a.py", "/b.py"]));
        assert_eq!(looping.script(), Some(Path::new("/a.py")));
        assert_eq!(
            looping.take_saved(),
            Some(vec!["/a.py".into(), "/b.py".into()])
        );
        assert_eq!(looping.take_saved(), None);
    }

    #[test]
    fn runs_are_bounded() {
        let mut looping = with_choice();
        for id in 1..5000 {
            looping.take(&began(1, id));
        }
        assert_eq!(looping.runs().count(), MOST_RUNS);
    }
}
