//! Fixes in the window: which findings have one, the one that is looked at before it is made, the one to take back.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use cgi_engine::compare::TextLine;
use cgi_engine::diagnosis::Finding;
use cgi_engine::exchange::{Exchange, ExchangeId, Origin};
use cgi_engine::fix::{Entry, Fix};
use cgi_engine::message::ScriptStatus;

use super::Model;
use super::editor::document::Document;
use super::site::SiteModel;
use crate::legacy_cgi::Install;

/// More answers are not kept; beyond that all are asked for again.
const MOST_KNOWN: usize = 20_000;
/// No more of what an installation prints is kept, in bytes.
const MOST_PRINTED: usize = 64 << 10;
/// A worker looks at no more findings at a time.
const MOST_ASKED: usize = 500;

/// A finding and the script that it is about, as that was when the finding was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// The script.
    pub script: PathBuf,
    /// What the script said, by its hash.
    pub hash: [u8; 32],
    /// The finding.
    pub finding: Finding,
    /// The run that failed so, to send its request again once it is mended.
    pub run: Option<ExchangeId>,
}

/// What tells questions from one another.
type Key = (PathBuf, [u8; 32], u16, Option<u32>, String);

/// Which details, which state of them, and which run's findings the editor shows.
type Seen = (Option<ExchangeId>, u64, Option<ExchangeId>);

/// What can be done about a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Offer {
    /// Nothing that is certain.
    Nothing,
    /// The script is another now.
    Changed,
    /// One of these, the most advisable first: what the buttons say.
    Ways(Vec<String>),
}

/// What the window knows of fixes.
#[derive(Debug, Default)]
pub struct Fixing {
    /// What was found, and after which look at the scripts.
    known: HashMap<Key, (u64, Offer)>,
    /// Rises when the scripts were looked at.
    looks: u64,
    /// A worker is at it.
    asking: bool,
    /// Everything is known as of this look, and of these details.
    settled: Option<(u64, Seen)>,
    /// What is looked at before it is made.
    pub dialog: Option<Dialog>,
    /// What would be taken back, the newest.
    pub undoable: Option<Entry>,
    /// Rises with every dialog: answers to an older one are late.
    number: u64,
}

/// A fix that is looked at before it is made.
#[derive(Debug)]
pub struct Dialog {
    /// Which of the dialogs of this window.
    pub number: u64,
    /// What it is to mend.
    pub question: Arc<Question>,
    /// How far it is.
    pub stage: Stage,
}

/// How far a dialog is.
#[derive(Debug)]
pub enum Stage {
    /// A worker looks what can be done.
    Looking {
        /// Which of the ways is shown first.
        way: usize,
    },
    /// The user chooses.
    Asking {
        /// What can be done.
        ways: Vec<Way>,
        /// Which of them is shown.
        chosen: usize,
    },
    /// A worker writes.
    Writing,
    /// A package is being installed.
    Installing(Installing),
    /// It cannot be done; why.
    Refused {
        /// In words.
        why: String,
        /// What a program printed.
        output: String,
    },
}

/// One way to mend it.
#[derive(Clone, Debug, PartialEq)]
pub enum Way {
    /// A file is changed.
    Change {
        /// The change.
        fix: Arc<Fix>,
        /// Its lines, as a comparison shows them; none where there are too many.
        lines: Option<Arc<[TextLine]>>,
    },
    /// A package is installed.
    Install(Arc<Install>),
}

impl Way {
    /// What the button says.
    #[must_use]
    pub fn label(&self) -> &str {
        match self {
            Self::Change { fix, .. } => &fix.label,
            Self::Install(install) => &install.label,
        }
    }

    /// What will be different.
    #[must_use]
    pub fn meaning(&self) -> &str {
        match self {
            Self::Change { fix, .. } => &fix.meaning,
            Self::Install(install) => &install.meaning,
        }
    }
}

/// An installation under way; it stops when nobody looks at it any more.
#[derive(Debug, Default)]
pub struct Installing {
    /// What was printed so far.
    pub output: String,
    /// Nobody wants it any more.
    pub cancelled: Arc<AtomicBool>,
}

impl Drop for Installing {
    fn drop(&mut self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }
}

impl Question {
    /// What a look at the scripts found.
    #[must_use]
    pub fn of_script(status: &ScriptStatus, finding: &Finding, run: Option<ExchangeId>) -> Self {
        Self {
            script: status.facts.path.clone(),
            hash: status.facts.hash,
            finding: finding.clone(),
            run,
        }
    }

    /// What a run showed; none where no script of this computer ran.
    #[must_use]
    pub fn of_run(exchange: &Exchange, finding: &Finding) -> Option<Self> {
        if matches!(exchange.origin, Origin::Imported { .. }) {
            return None;
        }
        let place = finding.place.as_ref().map(|(file, _)| file.as_path());
        let mut runs = exchange.invocations.iter().rev();
        let run = runs
            .find(|run| Some(run.script.path.as_path()) == place)
            .or_else(|| exchange.invocation())?;
        Some(Self {
            script: run.script.path.clone(),
            hash: run.script.hash,
            finding: finding.clone(),
            run: Some(exchange.id),
        })
    }

    /// The script's name.
    #[must_use]
    pub fn name(&self) -> String {
        name_of(&self.script)
    }

    fn key(&self) -> Key {
        let line = self.finding.place.as_ref().map(|(_, line)| *line);
        let title = self.finding.title.clone();
        (
            self.script.clone(),
            self.hash,
            self.finding.code.0,
            line,
            title,
        )
    }
}

impl Fixing {
    /// What can be done; none: nobody has looked yet.
    #[must_use]
    pub fn offer(&self, question: &Question) -> Option<&Offer> {
        self.known.get(&question.key()).map(|(_, offer)| offer)
    }

    /// Whether there is a way to mend it.
    #[must_use]
    pub fn is_certain(&self, question: &Question) -> bool {
        matches!(self.offer(question), Some(Offer::Ways(_)))
    }

    /// The findings that nobody has looked at since the scripts are what they are; none while a worker is at it.
    pub(super) fn take_errand(
        &mut self,
        seen: Seen,
        all: impl Iterator<Item = Question>,
    ) -> Option<Vec<Arc<Question>>> {
        let now = (self.looks, seen);
        if self.asking || self.settled == Some(now) {
            return None;
        }
        let is_due = |question: &Question| {
            let known = self.known.get(&question.key());
            known.is_none_or(|(look, _)| *look != self.looks)
        };
        let due: Vec<_> = all.filter(is_due).take(MOST_ASKED).map(Arc::new).collect();
        if due.len() < MOST_ASKED {
            self.settled = Some(now);
        }
        self.asking = !due.is_empty();
        self.asking.then_some(due)
    }

    /// The number of the look that an errand belongs to.
    #[must_use]
    pub fn looks(&self) -> u64 {
        self.looks
    }

    /// Takes what a worker found; `looks` is the number of the look that it was asked after.
    pub fn take(&mut self, looks: u64, found: Vec<(Arc<Question>, Offer)>) {
        self.asking = false;
        if self.known.len() + found.len() > MOST_KNOWN {
            self.known.clear();
        }
        let found = found.into_iter();
        self.known
            .extend(found.map(|(question, offer)| (question.key(), (looks, offer))));
    }

    /// The scripts are others now. What was found stays shown until it is found anew.
    pub fn look_again(&mut self) {
        self.looks += 1;
    }

    /// Begins to look at the fixes of a finding; the number of the look.
    pub fn begin(&mut self, question: Arc<Question>, way: usize) -> u64 {
        self.number += 1;
        self.dialog = Some(Dialog {
            number: self.number,
            question,
            stage: Stage::Looking { way },
        });
        self.number
    }

    /// Takes what a worker found for the dialog of that number.
    pub fn show(&mut self, number: u64, found: Result<Vec<Way>, String>) {
        let Some(dialog) = self
            .dialog
            .as_mut()
            .filter(|dialog| dialog.number == number)
        else {
            return;
        };
        dialog.stage = match found {
            Ok(ways) if ways.is_empty() => {
                refused("Nothing can be done about it that is certain".to_owned())
            }
            Ok(ways) => {
                let wanted = match dialog.stage {
                    Stage::Looking { way } => way,
                    _ => 0,
                };
                let chosen = wanted.min(ways.len() - 1);
                Stage::Asking { ways, chosen }
            }
            Err(why) => Stage::Refused {
                why,
                output: dialog.output(),
            },
        };
    }

    /// Shows another way.
    pub fn choose(&mut self, way: usize) {
        if let Some(Dialog {
            stage: Stage::Asking { ways, chosen },
            ..
        }) = &mut self.dialog
            && way < ways.len()
        {
            *chosen = way;
        }
    }

    /// The way that is shown is to be gone; none while there is none.
    pub fn take_chosen(&mut self) -> Option<(u64, Way, Arc<Question>)> {
        let dialog = self.dialog.as_mut()?;
        let Stage::Asking { ways, chosen } = &dialog.stage else {
            return None;
        };
        let way = ways.get(*chosen)?.clone();
        dialog.stage = match way {
            Way::Change { .. } => Stage::Writing,
            Way::Install(_) => Stage::Installing(Installing::default()),
        };
        Some((dialog.number, way, Arc::clone(&dialog.question)))
    }
}

impl Fixing {
    /// What tells the dialog's installation that nobody wants it any more.
    #[must_use]
    pub fn cancelled(&self) -> Arc<AtomicBool> {
        match self.dialog.as_ref().map(|dialog| &dialog.stage) {
            Some(Stage::Installing(installing)) => Arc::clone(&installing.cancelled),
            _ => Arc::new(AtomicBool::new(true)),
        }
    }

    /// The dialog's installation has printed this.
    pub fn print(&mut self, number: u64, text: &str) {
        if let Some(Dialog {
            stage: Stage::Installing(installing),
            ..
        }) = self
            .dialog
            .as_mut()
            .filter(|dialog| dialog.number == number)
            && installing.output.len() < MOST_PRINTED
        {
            installing.output.push_str(text);
        }
    }
}

impl Dialog {
    fn output(&mut self) -> String {
        match &mut self.stage {
            Stage::Installing(installing) => std::mem::take(&mut installing.output),
            _ => String::new(),
        }
    }
}

fn refused(why: String) -> Stage {
    Stage::Refused {
        why,
        output: String::new(),
    }
}

impl SiteModel {
    /// What a worker is to look at: the findings of the selected request and of all scripts.
    pub fn take_fix_errand(&mut self) -> Option<Vec<Arc<Question>>> {
        let mut fixing = std::mem::take(&mut self.fixing);
        let of_scripts = self.scripts.iter().flat_map(|script| {
            let findings = script.findings.iter();
            findings.map(move |finding| Question::of_script(script, finding, None))
        });
        let of_editor = self.editor.questions_of_run();
        let of_editor = of_editor.filter(|question| self.has_script(&question.script));
        let all = self.questions_of_run().chain(of_editor.cloned());
        let all = all.chain(of_scripts);
        let seen = (
            self.selected(),
            self.details.version(),
            self.editor.known_run(),
        );
        let errand = fixing.take_errand(seen, all);
        self.fixing = fixing;
        errand
    }

    /// The findings of the selected request that are about a script of this site: of nothing else, whatever a record
    /// says.
    fn questions_of_run(&self) -> impl Iterator<Item = Question> + '_ {
        let detail = self.details.here();
        let findings = detail.map_or(&[][..], |detail| &detail.findings);
        findings
            .iter()
            .filter_map(move |finding| self.question_of_run(&detail?.exchange, finding))
    }

    /// The question of a finding of a run; none where it is about no script of this site.
    #[must_use]
    pub fn question_of_run(&self, exchange: &Exchange, finding: &Finding) -> Option<Question> {
        let question = Question::of_run(exchange, finding)?;
        self.has_script(&question.script).then_some(question)
    }

    fn has_script(&self, path: &Path) -> bool {
        let mut scripts = self.scripts.iter();
        scripts.any(|script| script.facts.path == path)
    }

    /// The first finding of the selected request that can be mended.
    #[must_use]
    pub fn first_fixable(&self) -> Option<Question> {
        let mut questions = self.questions_of_run();
        questions.find(|question| self.fixing.is_certain(question))
    }

    fn fixable_in(&self, document: &Document) -> Option<Question> {
        let caret = document.line();
        let (above, below): (Vec<_>, Vec<_>) =
            document.marks.iter().partition(|mark| mark.line < caret);
        let questions = below.into_iter().chain(above);
        let mut questions = questions.filter_map(|mark| mark.question.as_deref());
        questions
            .find(|question| self.fixing.is_certain(question))
            .cloned()
    }
}

impl Model {
    /// What a key mends: in the editor the first problem from the caret's line on that can be mended, or else the
    /// first of the file; else, and in the list, the first finding of the selected request.
    #[must_use]
    pub fn fixable_at_hand(&self) -> Option<Question> {
        let site = self.site.as_ref()?;
        let document = site.editor.document().filter(|_| self.shows_code());
        let in_editor = document.and_then(|document| site.fixable_in(document));
        in_editor.or_else(|| site.first_fixable())
    }
}

pub(in crate::gui) fn name_of(file: &Path) -> String {
    let name = file.file_name().unwrap_or(file.as_os_str());
    name.to_string_lossy().into_owned()
}
