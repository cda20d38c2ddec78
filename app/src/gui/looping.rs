//! The loop from a save to what it changed: what the window does about it, and what its workers ask of the engine.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use cgi_engine::compare::Comparison;
use cgi_engine::exchange::{ExchangeId, Progress};
use cgi_engine::history::Found;
use cgi_engine::on_save::Choice;
use cgi_engine::{Engine, PreviewedAnswer};

use super::Studio;
use super::command::LoopCommand;
use super::link::{Link, News};
use super::model::Workspace;
use super::model::looping::{Changed, Errand};
use super::model::saved::SavedRow;
use super::model::site::SiteModel;
use super::saved;
use super::widgets::mark::Mark;

/// What workers tell of the loop.
pub(super) enum LoopNews {
    /// The request that runs when this script is saved.
    Choice(PathBuf, Option<Choice>),
    /// What is other in this run; none: it is not kept any more.
    Changed(ExchangeId, Option<Box<Changed>>),
    /// So many saved requests hit the scripts that were saved, and are sent now.
    TestsFound(usize),
    /// A request was chosen, or why not.
    Pinned(Result<ExchangeId, String>),
    /// A script was to be run, and there is no request for it.
    NothingToRun,
}

impl Studio {
    /// Tells the engine of a folder that was opened what the user wants.
    pub(super) fn begin_loop(&mut self) {
        if let Some(engine) = self.link.engine() {
            engine.run_on_save(self.model.preferences.run_on_save);
        }
    }

    /// Carries out a command of the loop.
    pub(super) fn run_loop(&mut self, command: LoopCommand) {
        let script = self.model.loop_script().map(Path::to_owned);
        let (Some(site), Some(engine)) = (&mut self.model.site, self.link.engine()) else {
            return;
        };
        let preferences = &mut self.model.preferences;
        match command {
            LoopCommand::RunNow => {
                if let Some(script) = script {
                    site.looping.look_at(&script);
                    run_now(&mut self.link, script);
                }
            }
            LoopCommand::SwitchRun => {
                preferences.run_on_save = !preferences.run_on_save;
                engine.run_on_save(preferences.run_on_save);
                let words = match preferences.run_on_save {
                    true => "Requests run again when their scripts are saved",
                    false => "Nothing runs by itself when a script is saved",
                };
                self.notices.say(Mark::Ok, words);
            }
            LoopCommand::SwitchTests => {
                preferences.tests_on_save = !preferences.tests_on_save;
                let words = match preferences.tests_on_save {
                    true => "Saved requests with expectations run when their scripts are saved",
                    false => "Saved requests do not run by themselves",
                };
                self.notices.say(Mark::Ok, words);
            }
            LoopCommand::SwitchReload => {
                let on = !engine.reloads_pages();
                engine.reload_pages(on);
                site.looping.reloads_pages = on;
                let words = match on {
                    true => {
                        "Pages reload after a save: they get a small script, which the response lists. Load the page once again for that"
                    }
                    false => "Pages stay as they are after a save",
                };
                self.notices.say(Mark::Ok, words);
            }
            LoopCommand::PinSelected => {
                if let Some(id) = site.selected() {
                    pin(&mut self.link, id);
                }
            }
            LoopCommand::Pin(id) => pin(&mut self.link, id),
            LoopCommand::Unpin(script) => {
                // It may write to the disk, and nobody waits for it.
                self.link.ask_engine("unpin", move |engine| {
                    let _ = engine.unpin_on_save(&script);
                    News::Loop(LoopNews::Choice(script.clone(), engine.on_save(&script)))
                });
            }
            LoopCommand::Show(id) => site.looping.choose(id),
            LoopCommand::Earlier => site.looping.walk(false),
            LoopCommand::Later => site.looping.walk(true),
            LoopCommand::Inspect(id) => {
                site.uncover();
                site.select(Some(id));
                self.model.workspace = Workspace::Inspect;
            }
            LoopCommand::ShowTests => {
                self.model.drawer = true;
                self.panels.show_tests();
            }
        }
    }

    /// Takes what a worker tells.
    pub(super) fn take_loop(&mut self, news: LoopNews) {
        let Some(site) = &mut self.model.site else {
            return;
        };
        match news {
            LoopNews::Choice(script, choice) => site.looping.take_choice(script, choice),
            LoopNews::Changed(after, changed) => {
                site.looping
                    .take_changed(after, changed.map(|changed| *changed));
            }
            LoopNews::TestsFound(count) => site.saved.to_come = count,
            LoopNews::Pinned(Ok(id)) => {
                let words = format!("Request {id} runs whenever its script is saved");
                self.notices.say(Mark::Ok, words);
            }
            LoopNews::Pinned(Err(why)) => {
                self.notices.say(Mark::Warning, why);
            }
            LoopNews::NothingToRun => {
                let words = "No request of this script is kept. Send one first";
                self.notices.say(Mark::Warning, words.to_owned());
            }
        }
    }

    /// What has to be done about the loop whether or not anybody asks.
    pub(super) fn keep_loop(&mut self) {
        let script = self.model.loop_script().map(Path::to_owned);
        let shows_code = self.model.workspace == Workspace::Code;
        let tests = self.model.preferences.tests_on_save;
        let Some(site) = &mut self.model.site else {
            return;
        };
        if let Some(script) = script.filter(|_| shows_code) {
            site.looping.look_at(&script);
        }
        let mut looping = std::mem::take(&mut site.looping);
        let ended = |id: ExchangeId| {
            site.row(id)
                .is_none_or(|row| row.progress != Progress::Running)
        };
        let errand = looping.take_errand(ended);
        let ignored = looping.take_ignored();
        let saved = match site.saved.to_come {
            0 => looping.take_saved(),
            // What was saved meanwhile comes next.
            _ => None,
        };
        site.looping = looping;
        let rows = saved.filter(|_| tests).map(|scripts| {
            let rows = site.saved.rows.iter().filter(|row| expects(row));
            (rows.cloned().collect::<Vec<SavedRow>>(), scripts)
        });
        if let Some(errand) = errand {
            find(&mut self.link, errand);
        }
        if let Some((rows, scripts)) = rows.filter(|(rows, _)| !rows.is_empty()) {
            run_tests(&mut self.link, rows, scripts);
        }
        for path in ignored {
            let words = format!(
                "{} changes with run after run, so its changes run nothing",
                path.display()
            );
            self.notices.say(Mark::Warning, words);
        }
    }
}

impl super::Model {
    /// The script that the loop is about: the one whose code is shown, or the one of the selected request.
    #[must_use]
    pub fn loop_script(&self) -> Option<&Path> {
        let site = self.site.as_ref()?;
        match self.workspace {
            Workspace::Code => script_in_editor(site)
                .or_else(|| site.looping.script())
                .or_else(|| script_of_selected(site)),
            Workspace::Inspect => script_of_selected(site).or_else(|| site.looping.script()),
        }
    }

    /// The script of the selected request, where the editor would come up empty.
    #[must_use]
    pub fn script_to_open(&self) -> Option<&Path> {
        let site = self.site.as_ref()?;
        let is_empty = site.editor.page().is_none();
        let script = script_of_selected(site).filter(|_| is_empty)?;
        known(site, script)
    }
}

/// A file in the editor that is no script is a part of the one that was looked at before.
fn script_in_editor(site: &SiteModel) -> Option<&Path> {
    known(site, &site.editor.page()?.path)
}

/// The script of the site that this file is.
fn known<'a>(site: &'a SiteModel, file: &Path) -> Option<&'a Path> {
    let scripts = site.scripts.iter();
    let mut paths = scripts.map(|script| script.entry.path.as_path());
    paths.find(|path| *path == file)
}

fn script_of_selected(site: &SiteModel) -> Option<&Path> {
    let detail = site.details.here()?;
    let first = detail.exchange.invocations.first()?;
    Some(&first.script.path)
}

fn expects(row: &SavedRow) -> bool {
    let request = row.request.as_ref();
    request.is_ok_and(|request| request.expectations().next().is_some())
}

fn pin(link: &mut Link, id: ExchangeId) {
    link.ask_engine("pin-on-save", move |engine| {
        let pinned = engine.pin_on_save(id);
        let outcome = pinned.map(|_| id).map_err(|why| why.to_string());
        News::Loop(LoopNews::Pinned(outcome))
    });
}

fn run_now(link: &mut Link, script: PathBuf) {
    link.ask_engine("run-again", move |engine| {
        News::Loop(match engine.run_choice(&script) {
            true => LoopNews::Choice(script.clone(), engine.on_save(&script)),
            false => LoopNews::NothingToRun,
        })
    });
}

fn find(link: &mut Link, errand: Errand) {
    link.ask_engine("what-changed", move |engine| {
        News::Loop(match errand {
            Errand::Choice(script) => {
                let choice = engine.on_save(&script);
                LoopNews::Choice(script, choice)
            }
            Errand::Change { before, after } => {
                let changed = changed(engine, before, after);
                LoopNews::Changed(after, changed.map(Box::new))
            }
        })
    });
}

/// Waits until the run is over: its row says so a moment before its record does.
fn changed(engine: &Engine, before: Option<ExchangeId>, after: ExchangeId) -> Option<Changed> {
    let after = engine.wait_for_end(after)?;
    let before = before.and_then(|id| match engine.find(id) {
        Found::Exchange(exchange) => Some(exchange),
        Found::Evicted | Found::Unknown => None,
    });
    let comparison = before.as_ref().and_then(|before| {
        // It is never given up: it says so when it is.
        Comparison::of(before, &after, &AtomicBool::new(false)).ok()
    });
    let earlier = before.as_deref().zip(comparison.as_ref());
    Some(Changed::of(&after, earlier))
}

/// Sends the saved requests that hit the scripts that were saved.
fn run_tests(link: &mut Link, rows: Vec<SavedRow>, scripts: Vec<PathBuf>) {
    link.tell_from_engine("tests-on-save", move |engine, tell| {
        let hit: Vec<SavedRow> = rows
            .into_iter()
            .filter(|row| hits(engine, row, &scripts))
            .collect();
        if hit.is_empty() || !tell(News::Loop(LoopNews::TestsFound(hit.len()))) {
            return;
        }
        for row in hit {
            let verdict = saved::run(engine, &row);
            let news = News::SavedRan {
                place: row.place,
                verdict,
                alone: false,
            };
            if !tell(news) {
                return;
            }
        }
    });
}

fn hits(engine: &Engine, row: &SavedRow, scripts: &[PathBuf]) -> bool {
    let Ok(request) = &row.request else {
        return false;
    };
    let folder = row.place.path.parent().unwrap_or(Path::new("."));
    let Ok(bytes) = request.request.to_bytes(folder) else {
        return false;
    };
    match engine.preview(&bytes).answer {
        PreviewedAnswer::Script(run) => scripts.contains(&run.script.path),
        PreviewedAnswer::Nobody | PreviewedAnswer::Studio { .. } => false,
    }
}
