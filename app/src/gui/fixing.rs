//! Fixes: what the window does about them, and what its workers ask of the disk.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use cgi_engine::clock::Timestamp;
use cgi_engine::compare::text_lines;
use cgi_engine::exchange::ExchangeId;
use cgi_engine::fix::{Change, Entry, Fix};
use cgi_engine::interpreters;
use cgi_engine::process::Spawner;
use cgi_engine::{Command as EngineCommand, Engine};

use super::Studio;
use super::command::{Command, FixCommand};
use super::link::{Link, News};
use super::model::fixing::{Offer, Question, Way, name_of};
use super::widgets::mark::Mark;
use crate::fixing;
use crate::legacy_cgi::{self, Install, Into};

/// What workers tell of fixes.
pub(super) enum FixNews {
    /// What can be done about findings, asked after this look at the scripts.
    Offered(u64, Vec<(Arc<Question>, Offer)>),
    /// The fixes for the dialog of this number, or why there are none.
    Shown(u64, Result<Vec<Way>, String>),
    /// A fix for the dialog of this number was made, or why not.
    Fixed(u64, Result<Fixed, String>),
    /// The installation of the dialog of this number printed this.
    Printed(u64, String),
    /// A package was installed: in words, and the run to try again.
    Installed(u64, Result<(String, Option<ExchangeId>), String>),
    /// What can be taken back now.
    Undoable(Option<Entry>),
    /// A fix was taken back, in words, or why not; and what can be taken back now.
    Undone(Result<String, String>, Option<Entry>),
}

/// A fix that was made.
pub(super) struct Fixed {
    words: String,
    undoable: Option<Entry>,
    /// The run to try again.
    run: Option<ExchangeId>,
}

/// The notice of the last fix and what its buttons do.
#[derive(Default)]
pub(super) struct FixNotice {
    number: Option<u64>,
    actions: Vec<Command>,
}

impl FixNotice {
    /// The command of a button of this notice.
    pub(super) fn command(&self, number: u64, action: usize) -> Option<Command> {
        let actions = (self.number == Some(number)).then_some(&self.actions)?;
        actions.get(action).cloned()
    }
}

impl Studio {
    /// Carries out a command about fixes.
    pub(super) fn run_fix(&mut self, command: FixCommand) {
        let Some(site) = &mut self.model.site else {
            return;
        };
        match command {
            FixCommand::Open { question, way } => {
                let number = site.fixing.begin(Arc::clone(&question), way);
                show(&mut self.link, number, question);
            }
            FixCommand::OpenFirst => {
                if let Some(question) = self.model.fixable_at_hand() {
                    let question = Arc::new(question);
                    self.run_fix(FixCommand::Open { question, way: 0 });
                }
            }
            FixCommand::Choose(way) => site.fixing.choose(way),
            FixCommand::Apply => {
                let Some((number, way, question)) = site.fixing.take_chosen() else {
                    return;
                };
                match way {
                    Way::Change { fix, .. } if site.editor.has_unsaved(&fix.file) => {
                        let words = "The editor has text of it that is not saved: save it first, or close it";
                        site.fixing.show(number, Err(words.to_owned()));
                    }
                    Way::Change { fix, .. } => apply(&mut self.link, number, fix, question),
                    Way::Install(install) => {
                        let cancelled = site.fixing.cancelled();
                        let work = Work {
                            number,
                            install,
                            question,
                            cancelled,
                        };
                        install_package(&mut self.link, work);
                    }
                }
            }
            FixCommand::Close => site.fixing.dialog = None,
            FixCommand::Undo => {
                if let Some(entry) = site.fixing.undoable.take() {
                    undo(&mut self.link, entry);
                }
            }
            FixCommand::TryAgain(id) => self.link.replay(id, None),
        }
    }

    /// Takes what a worker tells.
    pub(super) fn take_fixing(&mut self, news: FixNews) {
        let Some(site) = &mut self.model.site else {
            return;
        };
        match news {
            FixNews::Offered(looks, found) => site.fixing.take(looks, found),
            FixNews::Shown(number, found) => site.fixing.show(number, found),
            FixNews::Fixed(number, Err(why)) => {
                site.fixing.show(number, Err(why));
            }
            FixNews::Fixed(number, Ok(fixed)) => {
                if site.fixing.dialog.as_ref().map(|dialog| dialog.number) == Some(number) {
                    site.fixing.dialog = None;
                }
                site.fixing.undoable = fixed.undoable;
                self.say_fixed(&fixed.words, fixed.run);
            }
            FixNews::Printed(number, text) => site.fixing.print(number, &text),
            FixNews::Installed(number, Err(why)) => site.fixing.show(number, Err(why)),
            FixNews::Installed(number, Ok((words, run))) => {
                if site.fixing.dialog.as_ref().map(|dialog| dialog.number) == Some(number) {
                    site.fixing.dialog = None;
                }
                self.say_installed(&words, run);
                self.tell(EngineCommand::Recheck);
            }
            FixNews::Undoable(entry) => site.fixing.undoable = entry,
            FixNews::Undone(outcome, undoable) => {
                site.fixing.undoable = undoable;
                self.hide_fix_notice();
                match outcome {
                    Ok(words) => self.notices.say(Mark::Ok, words),
                    Err(why) => self.notices.say(Mark::Failed, why),
                };
            }
        }
    }

    /// Looks what can be taken back in the open folder: also what was fixed before the last restart.
    pub(super) fn find_undoable(&mut self) {
        self.link.ask_engine("fix-journal", |engine| {
            News::Fixing(FixNews::Undoable(newest(engine)))
        });
    }

    fn say_fixed(&mut self, words: &str, run: Option<ExchangeId>) {
        self.hide_fix_notice();
        let mut actions = vec![("Undo", Command::Fix(FixCommand::Undo))];
        actions.extend(run.map(|id| ("Run again", Command::Fix(FixCommand::TryAgain(id)))));
        let labels = actions.iter().map(|(label, _)| *label);
        let number = self.notices.offer_each(Mark::Ok, words, labels);
        self.fix_notice = FixNotice {
            number: Some(number),
            actions: actions.into_iter().map(|(_, command)| command).collect(),
        };
    }

    fn say_installed(&mut self, words: &str, run: Option<ExchangeId>) {
        self.hide_fix_notice();
        let again = run.map(|id| ("Run again", Command::Fix(FixCommand::TryAgain(id))));
        let label = again.iter().map(|(label, _)| *label);
        let number = self.notices.offer_each(Mark::Ok, words, label);
        self.fix_notice = FixNotice {
            number: Some(number),
            actions: again.into_iter().map(|(_, command)| command).collect(),
        };
    }

    fn hide_fix_notice(&mut self) {
        if let Some(number) = std::mem::take(&mut self.fix_notice).number {
            self.notices.hide(number);
        }
    }
}

/// Looks which findings have a fix.
pub(super) fn look(link: &mut Link, looks: u64, questions: Vec<Arc<Question>>) {
    link.ask_engine("fix-offers", move |engine| {
        let offer = |question: Arc<Question>| {
            let offer = match found(engine, &question) {
                Err(_) => Offer::Changed,
                Ok(fixes) => {
                    let mut labels: Vec<String> = fixes.into_iter().map(|fix| fix.label).collect();
                    let site = engine.site();
                    let script = site.script_facts(&question.script);
                    let install = legacy_cgi::label(&question.finding, &site, &script);
                    labels.extend(install.map(str::to_owned));
                    match labels.is_empty() {
                        true => Offer::Nothing,
                        false => Offer::Ways(labels),
                    }
                }
            };
            (question, offer)
        };
        let offers = questions.into_iter().map(offer).collect();
        News::Fixing(FixNews::Offered(looks, offers))
    });
}

fn show(link: &mut Link, number: u64, question: Arc<Question>) {
    let spawner = link.spawner();
    link.ask_engine("fix-preview", move |engine| {
        let ways = found(engine, &question).map(|fixes| {
            let install = install_for(engine, &spawner, &question).map(Arc::new);
            let changes = fixes.into_iter().map(way);
            changes.chain(install.map(Way::Install)).collect()
        });
        News::Fixing(FixNews::Shown(number, ways))
    });
}

/// The package that mends it, too.
fn install_for(engine: &Engine, spawner: &Spawner, question: &Question) -> Option<Install> {
    let site = engine.site();
    let script = site.script_facts(&question.script);
    let state = fixing::state_of(&site.root).ok()?;
    let offer = legacy_cgi::offer(spawner, &question.finding, &site, &script, &state);
    let install = runtime().ok()?.block_on(offer)?;
    // An environment is chosen by suffix.
    let can = install.into == Into::Interpreter || suffix(&question.script).is_some();
    can.then_some(install)
}

fn suffix(script: &Path) -> Option<String> {
    Some(format!(".{}", script.extension()?.to_str()?))
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
}

/// An installation that a worker is given.
struct Work {
    number: u64,
    install: Arc<Install>,
    question: Arc<Question>,
    cancelled: Arc<AtomicBool>,
}

fn install_package(link: &mut Link, work: Work) {
    let (spawner, tell) = (link.spawner(), link.teller());
    link.ask_engine("install-package", move |engine| {
        let number = work.number;
        let told = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes).into_owned();
            // A window that is gone needs to hear no more of it.
            let _ = tell(News::Fixing(FixNews::Printed(number, text)));
        };
        let done = carry_out(engine, &spawner, &work, told);
        let done = done.map(|words| (words, work.question.run));
        News::Fixing(FixNews::Installed(number, done))
    });
}

fn carry_out(
    engine: &Engine,
    spawner: &Spawner,
    work: &Work,
    told: impl FnMut(&[u8]),
) -> Result<String, String> {
    let runtime = runtime().map_err(|error| error.to_string())?;
    // As in the user's terminal: proxies, indexes and certificates are told to pip by variables.
    let own: Vec<_> = std::env::vars_os().collect();
    let done = legacy_cgi::install(spawner, &work.install, &own, &work.cancelled, told);
    let python = runtime.block_on(done).map_err(|error| error.to_string())?;
    if work.install.into == Into::Interpreter {
        return Ok(format!("{} has legacy-cgi now", python.display()));
    }
    let suffix = suffix(&work.question.script).unwrap_or_default();
    let chosen = interpreters::choose(&engine.site().root, &suffix, &python);
    chosen.map_err(|error| error.to_string())?;
    Ok(format!(
        "Scripts in {suffix} are run by {} now, which has legacy-cgi",
        python.display()
    ))
}

/// The fixes of a finding, made from the script as it is now, if that is what the finding is about.
fn found(engine: &Engine, question: &Question) -> Result<Vec<Fix>, String> {
    let site = engine.site();
    let script = site.script_facts(&question.script);
    if script.hash != question.hash {
        let name = question.name();
        return Err(format!(
            "{name} has changed since this was found, so nothing is changed in it; run it once more"
        ));
    }
    Ok(fixing::fixes(&site, &question.finding, &script))
}

fn way(fix: Fix) -> Way {
    let lines = match &fix.change {
        Change::Mode { .. } => None,
        Change::Content { before, after } => text_lines(before, after),
    };
    Way::Change {
        fix: Arc::new(fix),
        lines: lines.map(Arc::from),
    }
}

fn apply(link: &mut Link, number: u64, fix: Arc<Fix>, question: Arc<Question>) {
    link.ask_engine("fix", move |engine| {
        let made = fixing::journal(&engine.site().root)
            .map_err(|error| error.to_string())
            .and_then(|journal| {
                let made = journal.apply(&fix, Timestamp::now());
                made.map_err(|error| error.to_string())
            });
        let fixed = made.map(|_| Fixed {
            words: format!("Fixed {}: {}", question.name(), fix.label),
            undoable: newest(engine),
            run: question.run,
        });
        News::Fixing(FixNews::Fixed(number, fixed))
    });
}

fn undo(link: &mut Link, entry: Entry) {
    link.ask_engine("fix-undo", move |engine| {
        let outcome = fixing::journal(&engine.site().root)
            .map_err(|error| error.to_string())
            .and_then(|journal| {
                let undone = journal.undo(entry.number);
                undone.map_err(|error| error.to_string())
            });
        let words = outcome.map(|file| {
            let name = name_of(&file);
            format!("{name} is again as it was before: {}", entry.label)
        });
        News::Fixing(FixNews::Undone(words, newest(engine)))
    });
}

fn newest(engine: &Engine) -> Option<Entry> {
    let journal = fixing::journal(&engine.site().root).ok()?;
    fixing::entries(&journal).into_iter().next()
}
