//! The inspector: one request from its first byte to its last, a tab a question.

use cgi_engine::cgi::profile::HostProfile;
use cgi_engine::diagnosis::Stage;
use cgi_engine::diagnosis::pipeline::{StageMark, StageView};
use cgi_engine::exchange::{Debugger, Exchange, Moment};
use eframe::egui::{Align, Button, Id, Layout, Popup, ScrollArea, Ui};

use super::output_text::Stream;
use super::regions::{Region, Regions};
use super::time_chunks::Lane;
use super::{
    compare, environment, hosts_tab, log, output, overview, padded, process, request_tab, response,
    time, versions,
};
use crate::gui::command::{
    Command, DebugCommand, LoopCommand, RepeatCommand, SurroundingsCommand, verb_of,
};
use crate::gui::model::content::Contents;
use crate::gui::model::details::{Detail, Shown};
use crate::gui::model::earlier::Earlier;
use crate::gui::model::site::SiteModel;
use crate::gui::model::{Model, Tab};
use crate::gui::theme::{self, Theme};
use crate::gui::widgets::icon::Icon;
use crate::gui::widgets::mark::Mark;
use crate::gui::widgets::{button, chip, empty, strip, tabs, tag};

/// Below this height margins are small.
const LOW: f32 = 420.0;

/// What the inspector remembers.
#[derive(Default)]
pub(super) struct State {
    /// Which of several runs is shown; none is the last.
    run: Option<usize>,
    shown: Option<cgi_engine::exchange::ExchangeId>,
    environment: environment::State,
    request: request_tab::State,
    process: process::State,
    output: output::State,
    response: response::State,
    time: time::State,
    compare: compare::State,
    versions: versions::State,
    hosts: hosts_tab::State,
}

/// What every tab is given.
pub(super) struct Tabbed<'a> {
    pub(super) model: &'a Model,
    pub(super) detail: &'a Detail,
    /// Which of several runs is shown.
    pub(super) run: Option<usize>,
    /// Changes with what is shown, so that views look again.
    pub(super) version: u64,
    /// Bodies that a worker has read.
    pub(super) contents: &'a Contents,
    /// The run before this one.
    pub(super) earlier: &'a Earlier,
}

/// Draws the inspector over the place that is left.
pub(super) fn ui(
    ui: &mut Ui,
    model: &Model,
    site: &SiteModel,
    state: &mut State,
    regions: &mut Regions,
    commands: &mut Vec<Command>,
) {
    let Some(id) = site.selected() else {
        empty::ui(
            ui,
            "No request is selected",
            "Select one to see it from its first byte to its last",
            &[],
        );
        return;
    };
    if let Some(compared) = &site.compared {
        return compare::ui(
            ui,
            compared,
            model.preferences.compare_unified,
            &mut state.compare,
            commands,
        );
    }
    state.compare = compare::State::default();
    if let Some(between) = &site.versions {
        return versions::ui(ui, between, &mut state.versions, commands);
    }
    state.versions = versions::State::default();
    if state.shown != Some(id) {
        *state = State {
            shown: Some(id),
            environment: std::mem::take(&mut state.environment),
            request: state.request.of_another(),
            response: state.response.of_another(),
            ..State::default()
        };
    }
    match site.details.shown() {
        Shown::Loading => {}
        Shown::Here(detail) => {
            let tabbed = Tabbed {
                model,
                detail,
                run: state.run,
                version: site.details.version(),
                contents: &site.contents,
                earlier: &site.earlier,
            };
            detail_ui(ui, &tabbed, state, regions, commands);
        }
        Shown::Evicted => {
            let sentence = "Its details were removed to stay within the bound on memory; its row is all that is left";
            empty::ui(
                ui,
                &format!("Request {id} is known by its row only"),
                sentence,
                &[],
            );
        }
        Shown::Unknown => {
            empty::ui(
                ui,
                &format!("Request {id} is gone"),
                "It was removed from the list meanwhile",
                &[],
            );
        }
    }
}

fn detail_ui(
    ui: &mut Ui,
    tabbed: &Tabbed<'_>,
    state: &mut State,
    regions: &mut Regions,
    commands: &mut Vec<Command>,
) {
    let exchange = &tabbed.detail.exchange;
    ui.spacing_mut().item_spacing.y = 0.0;
    // In a low window the tabs need the place more than the margins do.
    let space: i8 = if ui.available_height() < LOW { 4 } else { 10 };
    padded(ui, 16, space, |ui| {
        ui.spacing_mut().item_spacing.y = f32::from(space);
        title_ui(ui, tabbed, commands);
        strip_ui(ui, tabbed.detail, commands);
        runs_ui(ui, exchange, &mut state.run);
    });
    let names = Tab::ALL.map(Tab::label);
    let open = Tab::ALL
        .iter()
        .position(|tab| *tab == tabbed.model.tab)
        .unwrap_or_default();
    let row = ui.scope(|ui| {
        ui.add_space(0.0);
        tabs::ui(ui, &names, open)
    });
    regions.note(Region::Detail, detail_focus(ui));
    commands.extend(
        row.inner
            .and_then(|tab| Tab::ALL.get(tab))
            .map(|tab| Command::ShowTab(*tab)),
    );
    match tabbed.model.tab {
        Tab::Overview => scrolled(ui, |ui| overview::ui(ui, tabbed, commands)),
        Tab::Request => request_tab::ui(ui, tabbed, &mut state.request, commands),
        Tab::Environment => environment::ui(ui, tabbed, &mut state.environment, commands),
        Tab::Process => process::ui(ui, tabbed, &mut state.process, commands),
        Tab::Output => output::ui(ui, tabbed, &mut state.output, commands),
        Tab::Response => response::ui(ui, tabbed, &mut state.response, commands),
        Tab::Time => time_ui(ui, tabbed, state, commands),
        Tab::Hosts => hosts_tab::ui(ui, tabbed, &mut state.hosts, commands),
    }
}

/// The bytes of a read are shown in the tab that has its stream.
fn time_ui(ui: &mut Ui, tabbed: &Tabbed<'_>, state: &mut State, commands: &mut Vec<Command>) {
    let mut wanted = None;
    scrolled(ui, |ui| wanted = time::ui(ui, tabbed, &mut state.time));
    let Some(chunk) = wanted else {
        return;
    };
    let stream = match chunk.lane {
        Lane::Stdin => return commands.push(Command::ShowTab(Tab::Request)),
        Lane::Stdout => Stream::Out,
        Lane::Stderr => Stream::Err,
    };
    state.output.reveal(stream, chunk.offset, chunk.bytes);
    commands.push(Command::ShowTab(Tab::Output));
}

/// The inspector as a whole takes the keyboard; Tab goes on into it.
fn detail_focus(ui: &mut Ui) -> Id {
    let id = ui.scope_id().with("detail focus");
    let place = ui.available_rect_before_wrap();
    let response = ui.interact(
        place.with_max_y(place.top() + 1.0),
        id,
        eframe::egui::Sense::focusable_noninteractive(),
    );
    response.widget_info(|| {
        eframe::egui::WidgetInfo::labeled(eframe::egui::Role::Pane, true, "Details of the request")
    });
    if response.has_focus() {
        ui.painter()
            .hline(place.x_range(), place.top() + 0.5, Theme::of(ui).focus());
    }
    id
}

fn scrolled(ui: &mut Ui, contents: impl FnOnce(&mut Ui)) {
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        padded(ui, 16, 16, |ui| {
            ui.spacing_mut().item_spacing.y = 12.0;
            contents(ui);
        });
    });
}

fn title_ui(ui: &mut Ui, tabbed: &Tabbed<'_>, commands: &mut Vec<Command>) {
    let exchange = &tabbed.detail.exchange;
    ui.horizontal(|ui| {
        ui.set_min_height(28.0);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if exchange.timeline.at(Moment::ScriptSaved).is_some() {
                let words = "The script was saved while this run of it went on";
                tag::ui(ui, "older source").on_hover_text(words);
            }
            if let (None, Some(verb)) = (&exchange.end, verb_of(&Command::StopSelected)) {
                let stop = ui.add(button::quiet("Stop")).on_hover_text(verb.hint());
                if stop.clicked() {
                    commands.push(Command::Stop(exchange.id));
                }
            }
            more_ui(ui, tabbed.model, commands);
            log::verb_button_ui(ui, tabbed.model, &Command::StepThrough, commands);
            log::verb_button_ui(ui, tabbed.model, &Command::Replay, commands);
            let path = title(exchange);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let text = eframe::egui::RichText::new(path.as_str()).font(theme::heading());
                ui.add(eframe::egui::Label::new(text).truncate().selectable(true))
                    .on_hover_text(path.as_str());
            });
        });
    });
}

/// What else can be done with the request.
fn more_ui(ui: &mut Ui, model: &Model, commands: &mut Vec<Command>) {
    let button = ui.add(button::quiet("More").icon(Icon::Down));
    Popup::menu(&button).show(|ui| {
        let verbs = [
            Command::EditAndResend,
            Command::Repeat(RepeatCommand::Ask),
            Command::ReplayWithSource,
            Command::Surroundings(SurroundingsCommand::Terminal),
            Command::Debug(DebugCommand::Begin(Debugger::Pdb)),
            Command::Debug(DebugCommand::Begin(Debugger::Debugpy)),
            Command::Compare,
            Command::MarkToCompare,
            Command::DetailAlone,
            Command::TogglePin,
            Command::EditComment,
            Command::Export,
            Command::WhichSave,
            Command::Loop(LoopCommand::PinSelected),
        ];
        for command in verbs {
            let Some(verb) = verb_of(&command) else {
                continue;
            };
            let enabled = (verb.disabled)(model).is_none();
            let item = Button::new(verb.label).right_text(Theme::of(ui).weak(verb.key_text()));
            if ui.add_enabled(enabled, item).clicked() {
                commands.push(command);
            }
        }
        ui.separator();
        ui.menu_button("Copy as", |ui| {
            let forms = [
                (Command::CopyAsCurl, "curl"),
                (Command::CopyAsHttp, ".http file"),
            ];
            for (command, name) in forms {
                if ui.button(name).clicked() {
                    commands.push(command);
                }
            }
        });
        ui.menu_button("Run again as", |ui| {
            for host in HostProfile::ALL {
                if ui.button(host.label()).clicked() {
                    commands.push(Command::ReplayAs(host));
                }
            }
        });
    });
}

/// Number, method and target; of a head that nobody understood its first line.
fn title(exchange: &Exchange) -> String {
    let target = exchange.request.target();
    match &exchange.request.head {
        Some(_) => format!("{}  {} {target}", exchange.id, exchange.request.method()),
        None => format!("{}  {target}", exchange.id),
    }
}

fn strip_ui(ui: &mut Ui, detail: &Detail, commands: &mut Vec<Command>) {
    let stages = stages_of(&detail.strip);
    if let Some(view) = strip::ui(ui, &stages).and_then(|index| detail.strip.get(index)) {
        commands.push(Command::ShowTab(tab_of(view.stage)));
    }
}

/// A local redirect makes a second run in the same exchange.
fn runs_ui(ui: &mut Ui, exchange: &Exchange, chosen: &mut Option<usize>) {
    if exchange.invocations.len() < 2 {
        return;
    }
    let last = exchange.invocations.len() - 1;
    ui.horizontal(|ui| {
        ui.label(Theme::of(ui).weak("Runs after local redirects"));
        for (index, run) in exchange.invocations.iter().enumerate() {
            let on = chosen.unwrap_or(last) == index;
            if chip::ui_with_state(ui, on, &format!("{}  {}", index + 1, run.script_name), None)
                .clicked()
            {
                *chosen = Some(index);
            }
        }
    });
}

/// The stages as the strip draws them.
pub(super) fn stages_of(views: &[StageView]) -> Vec<strip::Stage<'_>> {
    views
        .iter()
        .map(|view| strip::Stage {
            name: view.stage.label(),
            value: &view.figure,
            mark: mark_of(view.mark),
        })
        .collect()
}

fn mark_of(mark: StageMark) -> Mark {
    match mark {
        StageMark::Ok => Mark::Ok,
        StageMark::Warning => Mark::Warning,
        StageMark::Failed => Mark::Failed,
        StageMark::Running => Mark::Running,
        StageMark::NotReached => Mark::NotReached,
    }
}

fn tab_of(stage: Stage) -> Tab {
    match stage {
        Stage::Request => Tab::Request,
        Stage::Environment => Tab::Environment,
        Stage::Process => Tab::Process,
        Stage::Output => Tab::Output,
        Stage::Response => Tab::Response,
    }
}
