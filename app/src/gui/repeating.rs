//! The window's side of repeated requests.

use std::sync::Arc;

use cgi_engine::{RepeatControl, RepeatSummary};

use super::Studio;
use super::command::{Command, RepeatCommand};
use super::model::filter::Filter;
use super::model::repeating::{Repeated, Repeating, Stage, filter_of};

impl Studio {
    /// Carries out a command of repetitions.
    pub(super) fn run_repeat(&mut self, command: RepeatCommand) {
        let Some(site) = &mut self.model.site else {
            return;
        };
        match command {
            RepeatCommand::Ask => {
                if let Some(id) = site.selected() {
                    site.repeating = Some(Repeating::new(Repeated::Run(id)));
                }
            }
            RepeatCommand::AskForDraft => {
                if let Some(draft) = site.composer.draft() {
                    let draft = Box::new(draft.clone());
                    site.repeating = Some(Repeating::new(Repeated::Draft(draft)));
                }
            }
            RepeatCommand::Type { times, at_once } => {
                if let Some(repeating) = &mut site.repeating {
                    (repeating.times, repeating.at_once) = (times, at_once);
                }
            }
            RepeatCommand::Begin => {
                let Some(repeating) = &mut site.repeating else {
                    return;
                };
                if let (Ok(plan), Stage::Asking) = (repeating.plan(), &repeating.stage) {
                    let control = Arc::new(RepeatControl::default());
                    let number =
                        self.link
                            .repeat(repeating.what.clone(), plan, Arc::clone(&control));
                    repeating.stage = Stage::Running {
                        number,
                        planned: plan.times(),
                        control,
                    };
                }
            }
            RepeatCommand::Stop => {
                if let (
                    Some(Repeating {
                        stage: Stage::Running { control, .. },
                        ..
                    }),
                    Some(engine),
                ) = (&site.repeating, self.link.engine())
                {
                    control.stop(engine);
                }
            }
            RepeatCommand::Close => {
                // Whoever closes it while it runs wants no more of it.
                self.run_repeat(RepeatCommand::Stop);
                if let Some(site) = &mut self.model.site {
                    site.repeating = None;
                }
            }
            RepeatCommand::Show => {
                let done = site
                    .repeating
                    .as_ref()
                    .and_then(|repeating| match &repeating.stage {
                        Stage::Done(Ok(summary)) => filter_of(summary),
                        _ => None,
                    });
                if let Some(text) = done {
                    site.repeating = None;
                    site.composer.open = false;
                    let filter = Filter { text };
                    self.commands.push(Command::SetFilter(filter));
                }
            }
        }
    }

    /// A repetition is over.
    pub(super) fn take_repeated(
        &mut self,
        number: u64,
        outcome: Result<Box<RepeatSummary>, String>,
    ) {
        let repeating = self
            .model
            .site
            .as_mut()
            .and_then(|site| site.repeating.as_mut());
        if let Some(repeating) = repeating
            && matches!(&repeating.stage, Stage::Running { number: running, .. } if *running == number)
        {
            repeating.stage = Stage::Done(outcome);
        }
    }
}
