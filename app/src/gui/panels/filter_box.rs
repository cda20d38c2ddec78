//! The filter over the request log: its field, what the words mean, and the switches.

use std::sync::Arc;

use eframe::egui::text::{LayoutJob, TextFormat};
use eframe::egui::{
    CompletionPopup, FontSelection, Galley, Key, Label, Margin, Rect, RichText, Stroke, Suggestion,
    TextBuffer, TextEdit, Ui, UiBuilder, Vec2,
};

use super::log::named;
use super::regions::{Region, Regions};
use super::words;
use crate::gui::command::Command;
use crate::gui::model::details::Shown;
use crate::gui::model::filter::{Filter, SWITCHES, of_script, script_path};
use crate::gui::model::filter_words;
use crate::gui::model::search::Search;
use crate::gui::model::site::order::Order;
use crate::gui::model::site::{SiteModel, by_value};
use crate::gui::theme::{self, Theme};
use crate::gui::widgets::icon::Icon;
use crate::gui::widgets::{button, chip, offer_room};

/// Draws field, meaning and switches, one over the other.
pub(super) fn ui(
    ui: &mut Ui,
    site: &SiteModel,
    regions: &mut Regions,
    commands: &mut Vec<Command>,
) {
    field_ui(ui, site, regions, commands);
    meaning_ui(ui, site.search());
    chips_ui(ui, site, commands);
}

fn field_ui(ui: &mut Ui, site: &SiteModel, regions: &mut Regions, commands: &mut Vec<Command>) {
    let mut text = site.filter().text.clone();
    let mut layouter = |ui: &Ui, text: &dyn TextBuffer, _: f32| laid_out(ui, text, site.search());
    let field = TextEdit::singleline(&mut text)
        .hint_text("Filter: any words, status:5xx, stderr:Traceback, time>100ms …")
        .desired_width(f32::INFINITY)
        .layouter(&mut layouter)
        .margin(Margin {
            left: 10,
            right: 34,
            top: 7,
            bottom: 7,
        });
    let (ctx, id) = (ui.ctx().clone(), ui.make_persistent_id("filter"));
    let selected = match site.details.shown() {
        Shown::Here(detail) => Some(&*detail.exchange),
        _ => None,
    };
    let output = CompletionPopup::new(id)
        .align(eframe::egui::RectAlign::BOTTOM_START)
        // Enter is pressed by who has done with typing, whatever is offered.
        .accept_keys([Key::Tab])
        .show(ui, field, |query| {
            let offers = filter_words::offers(query.word, site.newest_rows(), selected);
            offer_room::make(&ctx, id, offers.len());
            let suggestion = |offer: filter_words::Offer| {
                Suggestion::new(offer.word).description(offer.description)
            };
            offers.into_iter().map(suggestion).collect()
        });
    let field = &output.text_edit.response.response;
    named(ui, field, "Filter requests");
    regions.note(Region::Filter, field.id);
    let (changed, place) = (field.changed() || output.accepted.is_some(), field.rect);
    if !site.filter().is_empty() {
        let place = Rect::from_center_size(
            place.right_center() - Vec2::new(18.0, 0.0),
            Vec2::splat(24.0),
        );
        let mut corner = ui.new_child(UiBuilder::new().max_rect(place));
        if button::icon_ui(&mut corner, Icon::Cross, "Clear filter").clicked() {
            commands.push(Command::ClearFilter);
            return;
        }
    }
    if changed {
        commands.push(Command::SetFilter(Filter::of(text)));
    }
}

/// The text with what could not be understood underlined.
fn laid_out(ui: &Ui, text: &dyn TextBuffer, search: &Search) -> Arc<Galley> {
    let theme = Theme::of(ui);
    let text = text.as_str();
    let plain = TextFormat {
        font_id: FontSelection::Default.resolve(ui.style()),
        color: theme.text,
        ..TextFormat::default()
    };
    let underlined = TextFormat {
        underline: Stroke::new(1.5, theme.fail),
        ..plain.clone()
    };
    let mut job = LayoutJob {
        break_on_newline: false,
        keep_trailing_whitespace: true,
        ..LayoutJob::default()
    };
    let mut at = 0;
    for problem in search.problems() {
        // The text may have changed in this very frame.
        let span = problem.span.clone();
        let (Some(before), Some(bad)) = (text.get(at..span.start), text.get(span.clone())) else {
            break;
        };
        job.append(before, 0.0, plain.clone());
        job.append(bad, 0.0, underlined.clone());
        at = span.end;
    }
    job.append(text.get(at..).unwrap_or_default(), 0.0, plain);
    ui.fonts_mut(|fonts| fonts.layout_job(job))
}

/// One line: what is wrong with the words, else what they mean.
fn meaning_ui(ui: &mut Ui, search: &Search) {
    let theme = Theme::of(ui);
    let line = match (search.problems().first(), search.in_words()) {
        (Some(problem), _) => RichText::new(&problem.message).color(theme.fail),
        (None, Some(meaning)) => theme.weak(format!("Shown: {meaning}")),
        (None, None) => return,
    };
    let line = line.font(theme::small());
    let whole = line.text().to_owned();
    ui.add(Label::new(line).truncate()).on_hover_text(whole);
}

/// Switches that put words into the filter and take them out.
fn chips_ui(ui: &mut Ui, site: &SiteModel, commands: &mut Vec<Command>) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = Vec2::new(6.0, 4.0);
        let filter = site.filter();
        for switch in SWITCHES {
            let count = Some((switch.count)(site.counts()) as u64).filter(|count| *count > 0);
            let chip = chip::ui_with_state(ui, filter.has(switch.condition), switch.label, count);
            if chip.on_hover_text(hint(switch.condition)).clicked() {
                let filter = filter.toggled(switch.condition);
                commands.push(Command::SetFilter(filter));
            }
        }
        script_chips_ui(ui, site, commands);
        list_chips_ui(ui, site, commands);
        progress_ui(ui, site, commands);
    });
}

fn hint(condition: &str) -> String {
    format!("The same as typing {condition}")
}

/// The scripts that the list is narrowed to, and the selected request's script to narrow it to.
fn script_chips_ui(ui: &mut Ui, site: &SiteModel, commands: &mut Vec<Command>) {
    let filter = site.filter();
    for condition in filter.scripts() {
        let name = condition.rsplit('/').next().unwrap_or(condition);
        if chip::ui_with_state(ui, true, name, None)
            .on_hover_text("Show all scripts again")
            .clicked()
        {
            commands.push(Command::SetFilter(filter.toggled(condition)));
        }
    }
    let row = site.selected().and_then(|id| site.row(id));
    let this = row.and_then(script_path).map(of_script);
    if let Some(condition) = this.filter(|condition| !filter.has(condition))
        && chip::ui_with_state(ui, false, "This script", None)
            .on_hover_text(hint(&condition))
            .clicked()
    {
        commands.push(Command::SetFilter(filter.toggled(&condition)));
    }
}

/// What else makes the list other than usual, each undone by a click.
fn list_chips_ui(ui: &mut Ui, site: &SiteModel, commands: &mut Vec<Command>) {
    if *site.order() != Order::default()
        && chip::ui_with_state(ui, true, "Sorted", None)
            .on_hover_text("Click to have the newest on top again")
            .clicked()
    {
        commands.push(Command::UsualOrder);
    }
    if let Some(marked) = site.marked()
        && chip::ui_with_state(ui, true, &format!("Marked {marked}"), None)
            .on_hover_text("Compare it with another request (D); click to unmark")
            .clicked()
    {
        commands.push(Command::Unmark);
    }
    let selected = site.selection_count();
    if selected > 1
        && chip::ui_with_state(
            ui,
            true,
            &format!("{} selected", words::count(selected as u64)),
            None,
        )
        .on_hover_text("Click to have only the last one selected")
        .clicked()
    {
        commands.extend(site.selected().map(Command::Select));
    }
}

/// How many there are; while records are looked through how far that is, and a way to end it.
fn progress_ui(ui: &mut Ui, site: &SiteModel, commands: &mut Vec<Command>) {
    // As a whole on the next line where this one is full.
    ui.add(Label::new(Theme::of(ui).weak(shown_words(site))).extend());
    let looks = site.search().waiting() > 0;
    if looks
        && chip::ui_with_state(ui, false, "Stop looking", None)
            .on_hover_text("What was found stays; what comes is looked at")
            .clicked()
    {
        commands.push(Command::StopSearch);
    }
}

fn shown_words(site: &SiteModel) -> String {
    let (shown, all) = (site.rows_shown() as u64, site.row_count() as u64);
    let (search, count) = (site.search(), words::count);
    let waiting = search.waiting() as u64;
    let unread = site.left_to_order() as u64;
    if unread > 0 {
        return format!("{}, reading {} to order them", count(shown), count(unread));
    }
    if site.is_too_long_to_order() {
        let most = count(by_value::MOST as u64);
        return format!("{}, not ordered: narrow to {most}", count(shown));
    }
    if waiting > 0 {
        format!(
            "{} so far, {} to look through",
            count(shown),
            count(waiting)
        )
    } else if search.is_stopped() {
        let looked_at = search.looked_at() as u64;
        format!(
            "{} among {} that were looked through",
            count(shown),
            count(looked_at)
        )
    } else if shown == all {
        words::counted(all, "request", "requests")
    } else {
        format!("{} of {}", count(shown), count(all))
    }
}
