//! The process tab: what ran, where, by which interpreter, under which limits, how it ended and what it used.

use std::time::Duration;

use cgi_engine::diagnosis::standstill::{Standstill, stands_still, standstill};
use cgi_engine::exchange::{AppliedLimits, Invocation};
use cgi_engine::process::Exit;
use cgi_engine::site::script::InterpreterState;
use eframe::egui::{Align, Label, Layout, Ui};

use super::inspector::Tabbed;
use super::meaning_table::{self, NamedRow, Names};
use super::{padded, words};
use crate::gui::command::Command;
use crate::gui::theme::Theme;
use crate::gui::widgets::empty;
use crate::gui::widgets::mark::{self, Mark};

/// What the tab remembers.
#[derive(Default)]
pub(super) struct State {
    table: meaning_table::State,
}

/// Draws the tab over the place that is left.
pub(super) fn ui(ui: &mut Ui, tabbed: &Tabbed<'_>, state: &mut State, commands: &mut Vec<Command>) {
    let Some(run) = tabbed.detail.run(tabbed.run) else {
        let sentence = "Nothing was started for this request; the overview says what answered";
        empty::ui(ui, "No process", sentence, &[]);
        return;
    };
    let standstill = standstill(&tabbed.detail.exchange, run);
    let rows = rows(run, standstill.as_ref());
    padded(ui, 16, 10, |ui| {
        ui.horizontal(|ui| {
            let (mark, sentence) = headline(run, standstill.as_ref());
            mark::ui(ui, mark, &sentence);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                meaning_table::copy_ui(ui, &rows, &state.table, commands);
                if let Some(usage) = run.usage.filter(|usage| usage.measured) {
                    let cpu = words::duration(usage.user_time + usage.system_time);
                    let memory = words::size(usage.peak_memory_bytes);
                    ui.label(Theme::of(ui).weak(format!("{cpu} CPU, {memory} of memory")));
                }
            });
        });
        if let Some(told) = standstill.as_ref().filter(|_| stands_still(run)) {
            ui.add(Label::new(&told.sentence).wrap().selectable(true));
            let more = format!("{} {}", told.evidence, told.remedy);
            ui.add(Label::new(Theme::of(ui).weak(more)).wrap());
        }
    });
    let names = Names {
        table: "Process",
        name: "Fact",
        tag: "",
    };
    meaning_table::ui(ui, names, &rows, &mut state.table, commands);
}

/// How it ended, in a few words.
fn headline(run: &Invocation, standstill: Option<&Standstill>) -> (Mark, String) {
    if let Some(failure) = &run.launch_failure {
        return (Mark::Failed, format!("Not started: {}", failure.message));
    }
    match (run.pid, run.exit, run.stop) {
        (None, ..) => (Mark::Running, "Not started yet".to_owned()),
        (Some(pid), None, _) => {
            let now = standstill.filter(|_| stands_still(run));
            let words = if now.is_some() {
                "is silent"
            } else {
                "is running"
            };
            (Mark::Running, format!("Process {pid} {words}"))
        }
        (Some(pid), Some(exit), Some(stop)) => (
            Mark::Failed,
            format!("Process {pid} was stopped, {stop}; {exit}"),
        ),
        (Some(pid), Some(exit), None) => {
            let mark = match exit {
                Exit::Code(0) => Mark::Ok,
                Exit::Code(_) => Mark::Warning,
                Exit::Signal { .. } => Mark::Failed,
            };
            (mark, format!("Process {pid} ended: {exit}"))
        }
    }
}

struct Facts(Vec<NamedRow>);

impl Facts {
    fn add(&mut self, name: &str, value: impl Into<String>, meaning: &str) {
        self.0.push(NamedRow {
            name: name.to_owned(),
            value: value.into(),
            meaning: meaning.to_owned(),
            ..NamedRow::default()
        });
    }

    fn add_by(&mut self, name: &str, value: impl Into<String>, meaning: &str, authority: &str) {
        self.add(name, value, meaning);
        if let Some(row) = self.0.last_mut() {
            row.authority = authority.to_owned();
        }
    }
}

/// What is known of the process; what was not measured is left out rather than shown as zero.
fn rows(run: &Invocation, standstill: Option<&Standstill>) -> Vec<NamedRow> {
    let mut facts = Facts(Vec::new());
    if let Some(told) = standstill {
        silence(&mut facts, run, told);
    }
    program(&mut facts, run);
    interpreter(&mut facts, run);
    ending(&mut facts, run);
    usage(&mut facts, run);
    match &run.limits {
        Some(limits) => limits_of(&mut facts, limits),
        None => facts.add(
            "Limits",
            "not recorded",
            "This record does not say what the run was held to.",
        ),
    }
    facts.0
}

/// What it waits for, or waited for when it was last looked at.
fn silence(facts: &mut Facts, run: &Invocation, told: &Standstill) {
    let name = if stands_still(run) {
        "Now"
    } else {
        "While silent"
    };
    let meaning = format!("{} {}", told.evidence, told.remedy);
    facts.add(name, told.sentence.as_str(), &meaning);
}

fn program(facts: &mut Facts, run: &Invocation) {
    if let Some(program) = &run.program {
        facts.add(
            "Program",
            program.executable.display().to_string(),
            "The file that the system was asked to execute.",
        );
        for (index, word) in program.arguments.iter().enumerate() {
            let meaning = match index {
                0 => "The name that the program was started by.",
                _ => {
                    "A word of the command line; a query without an equals sign makes words as well."
                }
            };
            let authority = if index > 0 { "RFC 3875 §4.4" } else { "" };
            facts.add_by(
                &format!("argv[{index}]"),
                word.to_string_lossy(),
                meaning,
                authority,
            );
        }
        facts.add_by(
            "Working folder",
            program.directory.display().to_string(),
            "Relative names of files begin here.",
            "RFC 3875 §7.2",
        );
    }
    let script = &run.script;
    facts.add(
        "Script",
        script.path.display().to_string(),
        "The file that the URL led to.",
    );
    let mode = format!(
        "{:04o}, owner {}, group {}",
        script.mode, script.uid, script.gid
    );
    facts.add(
        "Its rights",
        mode,
        "The permission bits of the file, and to whom it belongs.",
    );
}

fn interpreter(facts: &mut Facts, run: &Invocation) {
    let path = run.interpreter.as_ref().map(|one| one.path.as_path());
    let Some(path) = path.or(run.script.interpreter.program()) else {
        let (value, meaning) = match run.script.interpreter {
            InterpreterState::Native => (
                "none",
                "The script is a program of this system and runs by itself.",
            ),
            _ => (
                "not found",
                "Nothing says which program reads the script, or that program is not there.",
            ),
        };
        return facts.add("Interpreter", value, meaning);
    };
    facts.add(
        "Interpreter",
        path.display().to_string(),
        "The program that reads the script.",
    );
    let version = run
        .interpreter
        .as_ref()
        .and_then(|one| one.version.as_ref());
    if let Some(version) = version {
        facts.add(
            "Its version",
            version.as_str(),
            "What it told when it was asked, once, away from any request.",
        );
    }
}

fn ending(facts: &mut Facts, run: &Invocation) {
    if let Some(pid) = run.pid {
        facts.add(
            "Process id",
            pid.to_string(),
            "Its number while it lived; its group had the same.",
        );
    }
    if let Some(failure) = &run.launch_failure {
        facts.add(
            "Not started",
            failure.message.as_str(),
            "What the system or the studio said to the attempt.",
        );
        if let Some(errno) = failure.errno {
            facts.add(
                "Error number",
                errno.to_string(),
                "The system's number for the reason.",
            );
        }
    }
    if let Some(exit) = run.exit {
        facts.add(
            "Ended with",
            exit.to_string(),
            "Zero is success to whoever asks; a signal is an end by force.",
        );
    }
    if let Some(stop) = run.stop {
        facts.add(
            "Stopped because",
            stop.to_string(),
            "Why the studio ended it: TERM first, two seconds later KILL.",
        );
    }
    let body = if run.stdin_refused {
        "It closed its standard input before the end of the body."
    } else {
        "Bytes of the request body that it took from its standard input."
    };
    facts.add(
        "Read from stdin",
        format!("{} bytes", words::count(run.stdin_taken)),
        body,
    );
    for holder in &run.holders {
        let value = format!("{}  {}", holder.pid, holder.command.to_string_lossy());
        let meaning = "It kept standard output open after the script had ended, so the answer had to wait for it.";
        facts.add("Held the pipe", value, meaning);
    }
}

fn usage(facts: &mut Facts, run: &Invocation) {
    let Some(usage) = run.usage.filter(|usage| usage.measured) else {
        return;
    };
    facts.add(
        "CPU, user",
        words::duration(usage.user_time),
        "Processor time in the program itself.",
    );
    facts.add(
        "CPU, system",
        words::duration(usage.system_time),
        "Processor time in the system on its behalf.",
    );
    facts.add(
        "Peak memory",
        words::size(usage.peak_memory_bytes),
        "The most memory that it had at a time.",
    );
    facts.add(
        "Minor faults",
        words::count(usage.minor_faults),
        "Pages of memory that it touched first and that were at hand.",
    );
    facts.add(
        "Major faults",
        words::count(usage.major_faults),
        "Pages that had to be read from the disk.",
    );
}

fn limits_of(facts: &mut Facts, limits: &AppliedLimits) {
    let time = |limit: Option<Duration>| limit.map_or_else(|| "none".to_owned(), words::duration);
    facts.add(
        "Limit of silence",
        time(limits.silence),
        "Nothing in or out for so long, and it is ended (limits.time_seconds).",
    );
    facts.add(
        "Limit in all",
        time(limits.total),
        "The longest that it may run (limits.total_seconds).",
    );
    facts.add(
        "After a hang-up",
        words::duration(limits.client_gone),
        "So long it may go on when its client has left (limits.grace_seconds).",
    );
    let resources = limits.resources;
    let number = |limit: Option<u64>, unit: &str| {
        limit.map_or_else(
            || "none".to_owned(),
            |most| format!("{}{unit}", words::count(most)),
        )
    };
    facts.add(
        "Limit of CPU",
        number(resources.cpu_seconds, " s"),
        "Processor time, then SIGXCPU (limits.cpu_seconds).",
    );
    let memory = resources
        .memory_bytes
        .map_or_else(|| "none".to_owned(), words::size);
    facts.add(
        "Limit of memory",
        memory,
        "What one process may map, then ENOMEM (limits.memory_bytes).",
    );
    facts.add(
        "Limit of processes",
        number(resources.processes, ""),
        "Processes of this user, then EAGAIN (limits.processes).",
    );
    facts.add(
        "Kept of a stream",
        words::size(limits.capture_bytes),
        "So much of each stream is kept in the record (limits.capture_bytes).",
    );
    if let Some(why) = &limits.refused {
        facts.add(
            "Limits refused",
            why.as_str(),
            "The system would not hold it to these limits.",
        );
        if let Some(row) = facts.0.last_mut() {
            row.problem =
                Some("The run was free of the limits on CPU, memory and processes.".to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gui::model::testing::ran;

    #[track_caller]
    fn value<'a>(rows: &'a [NamedRow], name: &str) -> Option<&'a str> {
        rows.iter()
            .find(|row| row.name == name)
            .map(|row| row.value.as_str())
    }

    #[test]
    fn a_process_is_told_by_its_facts() {
        let exchange = ran(1, b"Content-Type: text/plain\n\nhi", b"");
        let run = exchange.invocation().unwrap();
        let rows = rows(run, None);
        assert_eq!(value(&rows, "argv[0]"), Some("/srv/site/cgi-bin/hello.py"));
        assert_eq!(value(&rows, "Its version"), Some("3.13.1"));
        assert_eq!(value(&rows, "Limit of silence"), Some("30 s"));
        assert_eq!(value(&rows, "Limit of CPU"), Some("none"));
        assert_eq!(value(&rows, "Peak memory"), None, "nothing was measured");
        assert!(
            rows.iter()
                .all(|row| row.meaning.ends_with('.') || row.meaning.ends_with(")")),
            "{rows:?}"
        );
        assert_eq!(headline(run, None).0, Mark::Ok);
    }
}
