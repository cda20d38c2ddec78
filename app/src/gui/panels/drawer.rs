//! The drawer: what is wrong with scripts and configuration, and the server's own log.

use std::path::PathBuf;
use std::sync::Arc;

use cgi_engine::diagnosis::{Finding, Severity};
use cgi_engine::message::ScriptStatus;
use eframe::egui::{Align, Rect, Ui, Vec2};

use super::place_link::{self, RowLink};
use super::{drawer_tests, fix_button, words};
use crate::gui::command::Command;
use crate::gui::model::fixing::Question;
use crate::gui::model::site::SiteModel;
use crate::gui::theme;
use crate::gui::widgets::mark::{self, Mark};
use crate::gui::widgets::rows::Rows;
use crate::gui::widgets::scroll::Scroll;
use crate::gui::widgets::{empty, tabs};

/// The tab of the saved requests.
const TESTS: usize = 2;
/// The room for the number of a rule, and between the parts of a row, in points.
const CODE: f32 = 56.0;
const GAP: f32 = 16.0;
/// A place is cut beyond this, in points.
const MOST_PLACE: f32 = 320.0;

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
    /// The number of the rule, where there is one.
    code: String,
    /// `form.py:14`, and where that is.
    place: String,
    file: PathBuf,
    line: Option<u32>,
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
        code: String::new(),
        place: format!("{}:{}", words::name_of(&problem.file), problem.line),
        file: site.state.folder.join(&problem.file),
        line: Some(problem.line),
        script: None,
        question: None,
    });
    let scripts = site.scripts.iter().enumerate().flat_map(|(index, script)| {
        let findings = script
            .findings
            .iter()
            .filter(|finding| finding.severity != Severity::Note);
        findings.map(move |finding| problem_line(site, index, script, finding))
    });
    config.chain(scripts).collect()
}

fn problem_line(
    site: &SiteModel,
    index: usize,
    script: &ScriptStatus,
    finding: &Finding,
) -> ProblemLine {
    let own = &script.entry.path;
    // What is wrong may stand in a module of the script's.
    let (file, line) = match &finding.place {
        Some((file, line)) if file.is_absolute() => (file.clone(), Some(*line)),
        Some((_, line)) => (own.clone(), Some(*line)),
        None => (own.clone(), None),
    };
    let name = match file == *own {
        true => script.entry.name.clone(),
        false => words::name_of(&file),
    };
    ProblemLine {
        mark: match finding.severity {
            Severity::Error => Mark::Failed,
            _ => Mark::Warning,
        },
        text: finding.title.clone(),
        code: finding.code.to_string(),
        place: line.map_or_else(|| name.clone(), |line| format!("{name}:{line}")),
        file,
        line,
        script: Some(index),
        question: fixable(site, script, finding),
    }
}

/// The finding as a question, where there is a fix for it.
fn fixable(site: &SiteModel, script: &ScriptStatus, finding: &Finding) -> Option<Arc<Question>> {
    let last = site.last_run(script).filter(|row| row.has_failed());
    let question = Question::of_script(script, finding, last.map(|row| row.id));
    site.fixing
        .is_certain(&question)
        .then(|| Arc::new(question))
}

impl ProblemLine {
    fn spoken(&self) -> String {
        let parts = [self.mark.word(), &self.text, &self.place, &self.code];
        let said = parts.into_iter().filter(|part| !part.is_empty());
        said.collect::<Vec<_>>().join(", ")
    }
}

/// Where the parts of a row stand: the sentence and the place, the number of the rule, the fix.
struct Parts {
    rest: Rect,
    code: Rect,
    fix: Rect,
}

impl Parts {
    fn of(row: Rect, any_fix: bool) -> Self {
        let inner = row.shrink2(Vec2::new(GAP, 0.0));
        let fix = if any_fix { fix_button::WIDTH } else { 0.0 };
        let (inner, fix) = inner.split_left_right_at_x(inner.right() - fix);
        let (rest, code) = inner.split_left_right_at_x(inner.right() - CODE);
        Self {
            rest: rest.with_max_x(rest.right() - GAP),
            code,
            fix,
        }
    }
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
    let any_fix = lines.iter().any(|line| line.question.is_some());
    let mut drawn = Vec::new();
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
                let parts = Parts::of(row.rect, any_fix);
                let width = row.width_of(&line.place, theme::mono(), MOST_PLACE);
                let (text, link) = parts.rest.split_left_right_at_x(parts.rest.right() - width);
                drawn.push((row.index, link, parts.fix));
                let code = parts.code.x_range();
                row.text(code, Align::Min, &line.code, theme::mono(), row.weak());
                let (sign, color) = (line.mark, Some(row.theme.text));
                let text = text.with_max_x(text.right() - GAP);
                mark::paint(row.painter, text, sign, &line.text, row.theme, color);
                line.spoken()
            },
        );
    let clip = answer.response.rect;
    for (index, place, fix) in drawn {
        let Some(line) = lines.get(index) else {
            continue;
        };
        let link = RowLink {
            place,
            clip,
            text: &line.place,
            file: &line.file,
            line: line.line,
        };
        place_link::row_ui(ui, &link, commands);
        if let Some(question) = &line.question {
            fix_button::link_ui(ui, fix, clip, question, commands);
        }
    }
    if let Some(line) = answer.opened.and_then(|opened| lines.get(opened)) {
        commands.push(place_link::open(&line.file, line.line));
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
                let place = row.rect.shrink2(Vec2::new(GAP, 0.0));
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
