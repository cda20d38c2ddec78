//! Pins and comments: what the user keeps, and why.

use cgi_engine::exchange::ExchangeId;
use cgi_engine::message::MarkChange;

use super::Studio;
use super::command::Command;
use super::model::site::SiteModel;
use super::widgets::mark::Mark;

impl Studio {
    /// Does what a command says about the selected request.
    pub(super) fn mark_selected(&mut self, command: Command) {
        let Some(site) = &mut self.model.site else {
            return;
        };
        let selected = site.selected();
        match command {
            Command::EditComment => site.commenting = selected,
            Command::EndComment => site.commenting = None,
            Command::SetComment(words) => {
                if let Some(id) = site.commenting.take() {
                    let words = Some(words).filter(|words| !words.trim().is_empty());
                    self.tell_mark(id, &MarkChange::Comment(words));
                }
            }
            Command::TogglePin => {
                if let Some((id, pinned)) = selected.and_then(|id| Some((id, is_pinned(site, id)?)))
                {
                    self.tell_mark(id, &MarkChange::Pin(!pinned));
                }
            }
            _ => {}
        }
    }

    fn tell_mark(&mut self, id: ExchangeId, change: &MarkChange) {
        let marked = self
            .link
            .engine()
            .is_some_and(|engine| engine.mark(id, change));
        let words = match change {
            _ if !marked => "This request is not kept any more",
            MarkChange::Pin(true) => "Pinned: it is kept whatever else goes",
            MarkChange::Pin(false) => "Not pinned any more",
            MarkChange::Comment(Some(_)) => "Comment saved",
            MarkChange::Comment(None) => "Comment taken away",
        };
        let mark = if marked { Mark::Ok } else { Mark::Warning };
        self.notices.say(mark, words.to_owned());
    }
}

fn is_pinned(site: &SiteModel, id: ExchangeId) -> Option<bool> {
    site.row(id).map(|row| row.pinned)
}
