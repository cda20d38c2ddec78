//! The window's side of interpreters and of the terminal's environment.

use std::path::{Path, PathBuf};

use cgi_engine::exchange::ExchangeId;
use cgi_engine::history::Found;
use cgi_engine::interpreters::{self, Finder, Interpreter, Surroundings};
use cgi_engine::process::Spawner;
use cgi_engine::site::Site;
use cgi_engine::terminal::{self, Difference};

use super::Studio;
use super::command::{Command, SurroundingsCommand};
use super::link::News;
use super::model::surroundings::{Asked, Dialog};
use super::widgets::mark::Mark;

/// What workers found.
#[derive(Debug)]
pub(super) enum SurroundingsNews {
    /// The interpreters.
    Interpreters(Result<Vec<Interpreter>, String>),
    /// A choice was written into the site's configuration, or why not; in words.
    Chosen(Result<String, String>),
    /// The terminal against a run: the shell and the differences.
    Terminal(ExchangeId, Result<(String, Vec<Difference>), String>),
}

impl Studio {
    /// Carries out a command about interpreters or the terminal.
    pub(super) fn run_surroundings(&mut self, command: SurroundingsCommand) {
        let spawner = self.link.spawner();
        let Some(site) = &mut self.model.site else {
            return;
        };
        let folder = site.state.folder.clone();
        match command {
            SurroundingsCommand::Interpreters => {
                site.surroundings = Dialog::Interpreters(None);
                self.link.ask_engine("interpreters", move |_| {
                    let found = find(&spawner, Some(&folder));
                    News::Surroundings(SurroundingsNews::Interpreters(found))
                });
            }
            SurroundingsCommand::Choose { suffix, path } => {
                self.link.ask_engine("choose-interpreter", move |_| {
                    let chosen = interpreters::choose(&folder, &suffix, &path);
                    let words = format!("Scripts with {suffix} are run by {}", path.display());
                    let chosen = chosen.map(|()| words).map_err(|error| error.to_string());
                    News::Surroundings(SurroundingsNews::Chosen(chosen))
                });
            }
            SurroundingsCommand::RecordLocals(on) => {
                self.link.ask_engine("record-locals", move |_| {
                    let written = interpreters::record_locals(&folder, on);
                    let words = match on {
                        true => "Python scripts that fail leave their variables in the record",
                        false => "Variables are recorded no longer",
                    };
                    let written = written.map(|()| words.to_owned());
                    let written = written.map_err(|error| error.to_string());
                    News::Surroundings(SurroundingsNews::Chosen(written))
                });
            }
            SurroundingsCommand::Terminal => {
                if let Some(id) = site.selected() {
                    site.surroundings = Dialog::Terminal(id, Asked::NotYet);
                }
            }
            SurroundingsCommand::AskTerminal => {
                let Dialog::Terminal(id, asked) = &mut site.surroundings else {
                    return;
                };
                *asked = Asked::Waiting;
                let id = *id;
                self.link.ask_engine("terminal", move |engine| {
                    let found = compare(&spawner, engine.find(id));
                    News::Surroundings(SurroundingsNews::Terminal(id, found))
                });
            }
            SurroundingsCommand::Close => site.surroundings = Dialog::Closed,
        }
    }

    /// Takes what a worker found.
    pub(super) fn take_surroundings(&mut self, news: SurroundingsNews) {
        let Some(site) = &mut self.model.site else {
            return;
        };
        match news {
            SurroundingsNews::Interpreters(found) => {
                if let Dialog::Interpreters(shown) = &mut site.surroundings {
                    *shown = Some(found);
                }
            }
            SurroundingsNews::Terminal(of, found) => {
                if let Dialog::Terminal(id, asked) = &mut site.surroundings
                    && *id == of
                {
                    *asked = Asked::Answered(found);
                }
            }
            SurroundingsNews::Chosen(Err(why)) => {
                self.notices.say(Mark::Failed, why);
            }
            SurroundingsNews::Chosen(Ok(words)) => {
                site.surroundings = Dialog::Closed;
                self.notices
                    .say(Mark::Ok, format!("{words}; written into cgi-studio.toml"));
                self.commands.push(Command::Restart);
            }
        }
    }
}

/// The interpreters of this computer, with what each lacks for the site in this folder.
pub(super) fn find(spawner: &Spawner, site: Option<&Path>) -> Result<Vec<Interpreter>, String> {
    let site = site.map(Site::open).transpose();
    let site = site.map_err(|error| error.to_string())?;
    let found = Finder::default().find(spawner, &Surroundings::of_this_process(), site.as_ref());
    found.map_err(|error| error.to_string())
}

fn compare(spawner: &Spawner, found: Found) -> Result<(String, Vec<Difference>), String> {
    let Found::Exchange(exchange) = found else {
        return Err("The details of the request are not kept any more".to_owned());
    };
    let run = exchange.invocation();
    let run = run.ok_or("No script was run for this request")?;
    let shell = std::env::var_os("SHELL").map_or_else(|| PathBuf::from("/bin/sh"), PathBuf::from);
    let terminal = terminal::ask(spawner, &shell).map_err(|error| error.to_string())?;
    let own = own_umask();
    let differences = terminal::differences(&terminal, run, own);
    Ok((shell.display().to_string(), differences))
}

/// proc(5): scripts inherit it from us.
fn own_umask() -> Option<u32> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("Umask:"))?;
    u32::from_str_radix(line.trim(), 8).ok()
}
