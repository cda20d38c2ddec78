//! The first tab: what went wrong and why, then the facts in a few lines.

use std::path::{Path, PathBuf};

use cgi_engine::diagnosis::finding::EvidenceSource;
use cgi_engine::diagnosis::{Finding, Severity, StreamName};
use cgi_engine::exchange::{Author, BodyEnd, End, Exchange, Invocation, Origin, SelectedTarget};
use eframe::egui::{Align, CollapsingHeader, Color32, Label, Layout, RichText, Ui, Vec2};

use super::inspector::Tabbed;
use super::{as_host, debug, fix_button, place_link, words};
use crate::gui::command::{Command, SurroundingsCommand};
use crate::gui::model::Tab;
use crate::gui::theme::{self, Theme};
use crate::gui::widgets::evidence::{self, EvidenceLine, Tone};
use crate::gui::widgets::{button, card};

/// Draws the tab.
pub(super) fn ui(ui: &mut Ui, tabbed: &Tabbed<'_>, commands: &mut Vec<Command>) {
    for finding in tabbed.detail.findings.iter() {
        finding_ui(ui, tabbed, finding, commands);
    }
    as_host::ui(ui, &tabbed.detail.exchange, tabbed.detail.run(tabbed.run));
    ui.label(theme::strong_text(if tabbed.detail.findings.is_empty() {
        "Facts"
    } else {
        "Facts of this run"
    }));
    ui.spacing_mut().item_spacing.y = 4.0;
    for (name, value) in facts(&tabbed.detail.exchange, tabbed.detail.run(tabbed.run)) {
        fact_ui(ui, name, &value);
    }
}

fn finding_ui(ui: &mut Ui, tabbed: &Tabbed<'_>, finding: &Finding, commands: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    let color = color_of(finding.severity, theme);
    card::edged_ui(ui, color, |ui| {
        ui.spacing_mut().item_spacing.y = 8.0;
        ui.add(
            Label::new(
                RichText::new(&finding.title)
                    .font(theme::heading())
                    .color(color),
            )
            .selectable(true),
        );
        ui.add(Label::new(&finding.explanation).wrap().selectable(true));
        evidence_ui(ui, finding);
        let run = tabbed.detail.run(tabbed.run);
        source_ui(ui, finding, run, commands);
        if let Some(exception) = finding.exception.as_ref().filter(|it| it.frames.len() > 1) {
            ui.spacing_mut().item_spacing.y = 4.0;
            place_link::calls_ui(ui, &exception.frames, run, commands);
            ui.spacing_mut().item_spacing.y = 8.0;
        }
        variables_ui(ui, tabbed, finding);
        if !finding.remedy.is_empty() {
            ui.add(Label::new(&finding.remedy).wrap().selectable(true));
        }
        for consequence in &finding.consequences {
            let text = format!(
                "Follows from it: {} ({})",
                consequence.title, consequence.code
            );
            ui.add(Label::new(theme.weak(text)).wrap());
        }
        buttons_ui(ui, tabbed, finding, commands);
    });
}

/// What can be done about it; not even an empty row where that is nothing.
fn buttons_ui(ui: &mut Ui, tabbed: &Tabbed<'_>, finding: &Finding, commands: &mut Vec<Command>) {
    let site = tabbed.model.site.as_ref();
    let asked = site.and_then(|site| {
        let question = site.question_of_run(&tabbed.detail.exchange, finding)?;
        let offer = fix_button::offer(&site.fixing, &question)?;
        Some((question, offer))
    });
    let shown = shown_in(finding);
    let elsewhere_fine = ELSEWHERE_FINE.contains(&finding.code.0);
    if asked.is_none() && shown.is_none() && !elsewhere_fine {
        return;
    }
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        if let Some((question, offer)) = asked {
            fix_button::ui(ui, question, offer, commands);
        }
        if let Some((label, tab)) = shown
            && ui.add(button::quiet(label)).clicked()
        {
            commands.push(Command::ShowTab(tab));
        }
        if elsewhere_fine {
            terminal_ui(ui, commands);
        }
    });
}

/// The variables of each call of the exception, where the run left them.
fn variables_ui(ui: &mut Ui, tabbed: &Tabbed<'_>, finding: &Finding) {
    let run = tabbed.detail.run(tabbed.run);
    let report = run.and_then(|run| run.locals.as_ref());
    let (Some(report), Some(_)) = (report, &finding.exception) else {
        return;
    };
    let Some(last) = report.exceptions.last() else {
        return;
    };
    ui.label(theme::strong_text("Variables when it failed"));
    let frames = last.frames.iter().enumerate().rev();
    for (index, frame) in frames.filter(|(_, frame)| !frame.locals.is_empty()) {
        let file = words::name_of(Path::new(&frame.file));
        let title = format!("{}  {file}:{}", frame.function, frame.line);
        CollapsingHeader::new(RichText::new(title).font(theme::mono()))
            .id_salt(("variables", index))
            .default_open(index + 1 == last.frames.len())
            .show(ui, |ui| {
                let id = format!("variables {index}");
                debug::locals_ui(ui, &id, &frame.locals, 220.0);
            });
    }
}

fn color_of(severity: Severity, theme: &Theme) -> Color32 {
    match severity {
        Severity::Error => theme.fail,
        Severity::Warning => theme.warn,
        Severity::Note => theme.teach,
    }
}

fn evidence_ui(ui: &mut Ui, finding: &Finding) {
    let Some(evidence) = finding
        .evidence
        .as_ref()
        .filter(|evidence| !evidence.lines.is_empty())
    else {
        return;
    };
    let tone = if finding.severity == Severity::Error {
        Tone::Fail
    } else {
        Tone::Warn
    };
    let lines: Vec<EvidenceLine<'_>> = evidence
        .lines
        .iter()
        .map(|line| EvidenceLine {
            number: Some(u64::from(line.number)),
            bytes: &line.bytes,
            mark: line.note.as_deref().map(|note| (tone, note)),
        })
        .collect();
    evidence::ui(ui, &lines);
}

/// Where it is, by which rule, under which code.
fn source_ui(
    ui: &mut Ui,
    finding: &Finding,
    run: Option<&Invocation>,
    commands: &mut Vec<Command>,
) {
    let theme = Theme::of(ui);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let place = finding.place.as_ref();
        if let Some((file, line)) = place {
            place_link::ui(ui, &place_link::of_run(file, run), *line, commands);
        }
        let mut first = place.is_none();
        let mut part = |ui: &mut Ui, text: RichText| {
            if !std::mem::take(&mut first) {
                ui.label(theme.weak("·"));
            }
            ui.add(Label::new(text).selectable(true));
        };
        if let Some(evidence) = &finding.evidence
            && !is_the_place(&evidence.source, finding.place.as_ref())
        {
            part(ui, theme.weak(source_words(&evidence.source)));
        }
        if !finding.authority.is_empty() {
            part(ui, theme.weak(finding.authority.clone()));
        }
        part(ui, theme.weak(finding.code.to_string()));
    });
}

/// The place was named already.
fn is_the_place(source: &EvidenceSource, place: Option<&(PathBuf, u32)>) -> bool {
    matches!(source, EvidenceSource::File(file, _) if place.is_some_and(|(other, _)| other == file))
}

fn source_words(source: &EvidenceSource) -> String {
    match source {
        EvidenceSource::Stream(stream, range) => {
            format!("{}, byte {}", stream.label(), words::count(range.start))
        }
        EvidenceSource::File(path, line) => format!("{}, line {line}", words::name_of(path)),
    }
}

/// The tab that has the evidence, and what the button to it says.
fn shown_in(finding: &Finding) -> Option<(&'static str, Tab)> {
    match finding.evidence.as_ref()?.source {
        EvidenceSource::Stream(StreamName::RequestHead, _) => {
            Some(("Show in the request", Tab::Request))
        }
        EvidenceSource::Stream(StreamName::Stdout | StreamName::Stderr, _) => {
            Some(("Show in the output", Tab::Output))
        }
        EvidenceSource::File(..) => None,
    }
}

/// Rows of the catalogue that a terminal usually knows nothing of: programs and modules that are not found, another
/// folder, an empty environment, encodings.
const ELSEWHERE_FINE: [u16; 9] = [8, 9, 35, 49, 51, 53, 54, 55, 56];

fn terminal_ui(ui: &mut Ui, commands: &mut Vec<Command>) {
    let hint = "Compare the environment of your shell with what this run got";
    let drawn = ui.add(button::quiet("Works in the terminal?"));
    if drawn.on_hover_text(hint).clicked() {
        commands.push(Command::Surroundings(SurroundingsCommand::Terminal));
    }
}

fn fact_ui(ui: &mut Ui, name: &str, value: &str) {
    let theme = Theme::of(ui);
    ui.horizontal_top(|ui| {
        let size = Vec2::new(110.0, 18.0);
        ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Min), |ui| {
            ui.set_min_width(size.x);
            ui.label(theme.weak(name));
        });
        ui.add(Label::new(value).wrap().selectable(true));
    });
}

/// The run in a few lines, each a name and a sentence; what did not happen is left out.
pub(super) fn facts(exchange: &Exchange, run: Option<&Invocation>) -> Vec<(&'static str, String)> {
    let mut facts = vec![("Started", exchange.started.date_and_time())];
    facts.extend(exchange.response.as_ref().map(|response| {
        let author = match response.author {
            Author::Script => "from the script",
            Author::NphScript => "from the script, untouched (nph-)",
            Author::File => "a file, sent as it is",
            Author::Studio => "written by the studio",
            Author::Elsewhere => "from another server, imported",
        };
        let body = words::size(response.body_bytes);
        (
            "Answer",
            format!("{}, {body} of body, {author}", response.status),
        )
    }));
    facts.push(("Ending", ending(exchange.end.as_ref())));
    facts.extend(target(exchange).map(|target| ("Target", target)));
    facts.extend(run.and_then(command_line).map(|line| ("Command", line)));
    facts.extend(run.and_then(process).map(|process| ("Process", process)));
    facts.extend(run.map(|run| {
        let (out, err) = (words::size(run.stdout.len()), words::size(run.stderr.len()));
        ("Output", format!("{out} on stdout, {err} on stderr"))
    }));
    facts.push(("Request", request(exchange)));
    facts
}

fn ending(end: Option<&End>) -> String {
    match end {
        None => "still running".to_owned(),
        Some(End::Answered) => "the response went out whole".to_owned(),
        Some(End::CutOff(cause)) => format!("the response was cut off: {cause}"),
        Some(End::Unanswered(cause)) => format!("nothing was answered: {cause}"),
    }
}

fn target(exchange: &Exchange) -> Option<String> {
    Some(match &exchange.selection.target {
        SelectedTarget::Undecided => return None,
        SelectedTarget::Script(path) => words::path(path),
        SelectedTarget::File(path) => format!("{}, a file", words::path(path)),
        SelectedTarget::Folder(path) => format!("{}, a folder without an index", words::path(path)),
        SelectedTarget::Nothing {
            nearest: Some(name),
        } => format!("nothing is there; {name} is nearly the same"),
        SelectedTarget::Nothing { nearest: None } => "nothing is there".to_owned(),
        SelectedTarget::Forbidden(why) => why.clone(),
    })
}

fn command_line(run: &Invocation) -> Option<String> {
    let program = run.program.as_ref()?;
    let arguments: Vec<String> = program
        .arguments
        .iter()
        .map(|argument| words::path(Path::new(argument)))
        .collect();
    Some(format!(
        "{}, in {}",
        arguments.join(" "),
        words::path(&program.directory)
    ))
}

fn process(run: &Invocation) -> Option<String> {
    if let Some(failure) = &run.launch_failure {
        return Some(format!("not started: {}", failure.message));
    }
    let pid = run.pid?;
    let mut text = format!("{pid}, ");
    match run.exit {
        Some(exit) => text.push_str(&exit.to_string()),
        None => text.push_str("running"),
    }
    if let Some(stop) = run.stop {
        text.push_str(&format!(", stopped: {stop}"));
    }
    if let Some(usage) = run.usage.filter(|usage| usage.measured) {
        let cpu = words::duration(usage.user_time + usage.system_time);
        text.push_str(&format!(
            ", {cpu} CPU, {} memory at most",
            words::size(usage.peak_memory_bytes)
        ));
    }
    Some(text)
}

fn request(exchange: &Exchange) -> String {
    let head = words::size(exchange.request.raw_head.len() as u64);
    let mut text = format!("{head} of head");
    if !exchange.request.body.is_empty() {
        text.push_str(&format!(
            ", {} of body",
            words::size(exchange.request.body.len())
        ));
    }
    if let Some(BodyEnd::Short { received, .. }) = &exchange.request.body_end {
        text.push_str(&format!(
            ", the body stopped after {}",
            words::size(*received)
        ));
    }
    let peer = exchange.connection.peer;
    text.push_str(&match &exchange.origin {
        Origin::Replay(of) => format!(", request {of} sent again"),
        Origin::ReplayOfSource(of) => {
            format!(", request {of} sent again to the script as it was then")
        }
        Origin::Studio => ", sent by the studio".to_owned(),
        Origin::Imported { from } => format!(", imported from {from}"),
        Origin::Socket => format!(", from {peer}"),
    });
    text
}
