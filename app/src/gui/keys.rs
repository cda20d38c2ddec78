//! Keys become commands before any panel is drawn.

use eframe::egui::{Context, Event, InputState, Modifiers, Popup};

use super::command::{Command, Shortcut, Verb, verbs};
use super::model::Model;
use super::model::site::SiteModel;

/// Takes the keys that are verbs out of the frame's input.
///
/// Keys that type are left to a text field, and the keys of lists to the list that has the keyboard.
pub(super) fn take(ctx: &Context, model: &Model, commands: &mut Vec<Command>) {
    if model.palette {
        return;
    }
    let typing = ctx.text_edit_focused();
    // The views of other hosts, of handing on and of the debugger cover the selected request: no letter may replay what is not seen.
    let site = model.site.as_ref();
    let covered = site.is_some_and(|site| {
        site.elsewhere.is_some() || site.hand_on.is_some() || site.is_debugging()
    });
    let asked = site.is_some_and(SiteModel::is_asking);
    // More modifiers first: a pattern without Shift also matches with Shift held.
    let mut keys: Vec<(Shortcut, &Verb)> = verbs()
        .flat_map(|verb| verb.keys.iter().map(move |key| (*key, verb)))
        .collect();
    keys.sort_by_key(|(key, _)| std::cmp::Reverse(modifier_count(key.modifiers)));
    for (key, verb) in keys {
        let is_free = match verb.command {
            // A menu closes itself.
            Command::Back => !Popup::is_any_open(ctx),
            _ if asked || is_of_list(&verb.command) => false,
            _ => !(key.types() && (typing || covered && verb.group == "Request")),
        };
        if !is_free || (verb.disabled)(model).is_some() {
            continue;
        }
        if ctx.input_mut(|input| consume(input, key)) {
            commands.push(verb.command.clone());
        }
    }
}

/// The list of requests takes these itself: it knows where it is scrolled to.
fn is_of_list(command: &Command) -> bool {
    use Command::{OpenDetail, SelectAbove, SelectBelow, SelectNewest, SelectOldest};
    matches!(
        command,
        OpenDetail | SelectAbove | SelectBelow | SelectNewest | SelectOldest
    )
}

fn modifier_count(modifiers: Modifiers) -> u32 {
    u32::from(modifiers.command) + u32::from(modifiers.shift) + u32::from(modifiers.alt)
}

/// Takes every press of the key; with Alt held it is another one.
fn consume(input: &mut InputState, key: Shortcut) -> bool {
    let before = input.events.len();
    input.events.retain(|event| match event {
        Event::Key {
            key: pressed,
            pressed: true,
            modifiers,
            ..
        } => !(*pressed == key.key && modifiers.matches_logically(key.modifiers) && !modifiers.alt),
        _ => true,
    });
    input.events.len() != before
}
