//! The drawer: what is wrong with scripts and configuration, and the server's own log.

use std::sync::Arc;

use cgi_engine::diagnosis::{Finding, Severity};
use cgi_engine::message::ScriptStatus;
use eframe::egui::{Align, Ui};

use super::{drawer_tests, fix_button, words};
use crate::gui::command::{Command, FixCommand};
use crate::gui::model::fixing::{Offer, Question};
use crate::gui::model::site::SiteModel;
use crate::gui::theme;
use crate::gui::widgets::mark::{self, Mark};
use crate::gui::widgets::rows::Rows;
use crate::gui::widgets::scroll::Scroll;
use crate::gui::widgets::{empty, tabs};

/// The tab of the saved requests.
const TESTS: usize = 2;

/// What the drawer remembers.
#[derive(Default)]
pub(super) struct State {
    tab: usize,
    problems: Scroll,
    log: Scroll,
    tests: Scroll,
    selected: Option<usize>,
}

impl State {
    /// Shows how the saved requests went.
    pub(super) fn show_tests(&mut self) {
        self.tab = TESTS;
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq)]
struct ProblemLine {
    mark: Mark,
    text: String,
    place: String,
    /// The script that it is about, by its place in the list.
    script: Option<usize>,
    /// What a fix would mend.
    question: Option<Arc<Question>>,
}

/// How many things are wrong; notes do not count.
pub(super) fn problem_count(site: &SiteModel) -> usize {
    let scripts = site
        .scripts
        .iter()
        .flat_map(|script| script.findings.iter());
    scripts
        .filter(|finding| finding.severity != Severity::Note)
        .count()
        + site.state.problems.len()
}

fn problem_lines(site: &SiteModel) -> Vec<ProblemLine> {
    let config = site.state.problems.iter().map(|problem| ProblemLine {
        mark: Mark::Warning,
        text: problem.message.clone(),
        place: format!("{}:{}", words::name_of(&problem.file), problem.line),
        script: None,
        question: None,
    });
    let scripts = site.scripts.iter().enumerate().flat_map(|(index, script)| {
        let findings = script
            .findings
            .iter()
            .filter(|finding| finding.severity != Severity::Note);
        findings.map(move |finding| ProblemLine {
            mark: if finding.severity == Severity::Error {
                Mark::Failed
            } else {
                Mark::Warning
            },
            text: finding.title.clone(),
            place: match &finding.place {
                Some((_, line)) => format!("{}:{line}  ·  {}", script.entry.name, finding.code),
                None => format!("{}  ·  {}", script.entry.name, finding.code),
            },
            script: Some(index),
            question: fixable(site, script, finding),
        })
    });
    config.chain(scripts).collect()
}

/// The finding as a question, where there is a fix for it.
fn fixable(site: &SiteModel, script: &ScriptStatus, finding: &Finding) -> Option<Arc<Question>> {
    let last = site.last_run(script).filter(|row| row.has_failed());
    let question = Question::of_script(script, finding, last.map(|row| row.id));
    let offer = site.fixing.offer(&question)?;
    matches!(offer, Offer::Ways(_)).then(|| Arc::new(question))
}

/// Draws the drawer over the place that is left.
pub(super) fn ui(ui: &mut Ui, site: &SiteModel, state: &mut State, commands: &mut Vec<Command>) {
    ui.spacing_mut().item_spacing.y = 0.0;
    let problems = format!("Problems {}", problem_count(site));
    let tests = drawer_tests::title(site);
    if let Some(tab) = tabs::ui(ui, &[&problems, "Server log", &tests], state.tab) {
        state.tab = tab;
    }
    match state.tab {
        0 => problems_ui(ui, site, state, commands),
        TESTS => drawer_tests::ui(ui, site, &mut state.tests, commands),
        _ => log_ui(ui, site, state),
    }
}

fn problems_ui(ui: &mut Ui, site: &SiteModel, state: &mut State, commands: &mut Vec<Command>) {
    let lines = problem_lines(site);
    if lines.is_empty() {
        empty::ui(
            ui,
            "No problems",
            "Every script looks as if it can run",
            &[],
        );
        return;
    }
    let mut buttons = Vec::new();
    let answer = Rows::new("Problems", lines.len())
        .selected(state.selected)
        .show(
            ui,
            &mut state.problems,
            |index| index as u64,
            |row| {
                let Some(line) = lines.get(row.index) else {
                    return String::new();
                };
                let mut place = row.rect.shrink2(eframe::egui::Vec2::new(16.0, 0.0));
                if let Some(question) = &line.question {
                    let (rest, button) =
                        place.split_left_right_at_x(place.right() - fix_button::WIDTH);
                    buttons.push((button, Arc::clone(question)));
                    place = rest;
                }
                let shown = row.text(
                    place.x_range(),
                    Align::Max,
                    &line.place,
                    theme::mono(),
                    row.weak(),
                );
                let text = place.with_max_x(shown.left() - 16.0);
                mark::paint(
                    row.painter,
                    text,
                    line.mark,
                    &line.text,
                    row.theme,
                    Some(row.theme.text),
                );
                format!("{}, {}, {}", line.mark.word(), line.text, line.place)
            },
        );
    let clip = answer.response.rect;
    for (place, question) in buttons {
        fix_button::link_ui(ui, place, clip, &question, commands);
    }
    if let Some(question) = answer
        .opened
        .and_then(|opened| lines.get(opened)?.question.clone())
    {
        commands.push(Command::Fix(FixCommand::Open { question, way: 0 }));
    }
    if let Some(chosen) = answer.chosen {
        state.selected = Some(chosen);
        let script = lines
            .get(chosen)
            .and_then(|line| line.script)
            .and_then(|index| site.scripts.get(index));
        let last = script.and_then(|script| site.last_run(script));
        commands.extend(last.map(|row| Command::Select(row.id)));
    }
}

fn log_ui(ui: &mut Ui, site: &SiteModel, state: &mut State) {
    if site.notices.is_empty() {
        empty::ui(
            ui,
            "Nothing to tell",
            "The server writes here what is not about one request",
            &[],
        );
        return;
    }
    Rows::new("Server log", site.notices.len())
        .follow_end()
        .show(
            ui,
            &mut state.log,
            |index| index as u64,
            |row| {
                let Some(notice) = site.notices.get(row.index) else {
                    return String::new();
                };
                let place = row.rect.shrink2(eframe::egui::Vec2::new(16.0, 0.0));
                let time = notice.at.time_of_day();
                row.text(
                    place.x_range(),
                    Align::Min,
                    &time,
                    theme::body(),
                    row.weak(),
                );
                let text = place.with_min_x(place.left() + 76.0);
                let color = if notice.failure {
                    row.theme.fail
                } else {
                    row.theme.text
                };
                row.text(
                    text.x_range(),
                    Align::Min,
                    &notice.text,
                    theme::body(),
                    color,
                );
                format!("{time}, {}", notice.text)
            },
        );
}
