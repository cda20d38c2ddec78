//! The verbs of the loop from a save to what it changed.

use std::path::PathBuf;

use cgi_engine::exchange::ExchangeId;
use eframe::egui::Key;

use super::code::GROUP;
use super::{Command, Verb, ctrl, plain, verb};
use crate::gui::model::Model;

/// What can be done about runs on save.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoopCommand {
    /// Run the request of the script that is shown.
    RunNow,
    /// Run requests when their scripts are saved, or no longer.
    SwitchRun,
    /// Run saved requests with expectations when their scripts are saved, or no longer.
    SwitchTests,
    /// Let pages in the browser reload by themselves, or no longer.
    SwitchReload,
    /// The selected request runs from now on when its script is saved.
    PinSelected,
    /// This request does.
    Pin(ExchangeId),
    /// The last request of this script does.
    Unpin(PathBuf),
    /// Look at this run.
    Show(ExchangeId),
    /// Look at the run before.
    Earlier,
    /// Look at the run after.
    Later,
    /// Show this run in the list of requests.
    Inspect(ExchangeId),
    /// Show how the saved requests went.
    ShowTests,
}

const fn of(
    command: LoopCommand,
    label: &'static str,
    tooltip: &'static str,
    keys: &'static [super::Shortcut],
    disabled: fn(&Model) -> Option<&'static str>,
) -> Verb {
    verb(
        Command::Loop(command),
        GROUP,
        label,
        tooltip,
        keys,
        disabled,
    )
}

/// These verbs, in the order of the palette.
#[rustfmt::skip]
pub static VERBS: &[Verb] = &[
    of(LoopCommand::RunNow, "Run again now", "Send the request of the script that is shown again", &[ctrl(Key::Enter), plain(Key::F5)], with_script),
    of(LoopCommand::SwitchRun, "Run on save: on or off", "Send the last request of a script again, or the one that was chosen, whenever the script is saved", &[], with_site),
    of(LoopCommand::SwitchTests, "Saved requests on save: on or off", "Hold the saved requests of a script to what is expected whenever it is saved", &[], with_site),
    of(LoopCommand::SwitchReload, "Pages reload after a save: on or off", "Put a small script into pages, so that the browser shows what was saved", &[], with_site),
    of(LoopCommand::PinSelected, "Run this request on save", "Send the selected request whenever its script is saved", &[], with_selection),
    of(LoopCommand::ShowTests, "Show how saved requests went", "The saved requests and what is not as expected", &[], with_site),
];

fn with_site(model: &Model) -> Option<&'static str> {
    model.site.is_none().then_some("no folder is open")
}

fn with_selection(model: &Model) -> Option<&'static str> {
    super::with_selection(model)
}

fn with_script(model: &Model) -> Option<&'static str> {
    let Some(site) = &model.site else {
        return Some("no folder is open");
    };
    if site.is_covered() {
        return Some("something else is shown");
    }
    let none = model.loop_script().is_none();
    none.then_some("no script is shown that was asked for")
}
