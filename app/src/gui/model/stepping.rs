//! A request that is gone through step by step, and where in it the user is.

use cgi_engine::steps::{self, Step, Stop};

use super::details::Shown;
use super::site::SiteModel;

/// Where a request is being gone through.
#[derive(Clone, Debug)]
pub struct Stepping {
    /// The steps; there is always one.
    pub steps: Vec<Step>,
    /// Which step is shown.
    pub at: usize,
    /// Whether it goes on by itself.
    pub playing: bool,
    /// The state of the details that the steps were made from.
    version: u64,
    /// The run has ended: no more steps come.
    is_over: bool,
}

/// A way through the steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// To the first step.
    First,
    /// One step back.
    Back,
    /// One step on.
    Forward,
    /// To the last step.
    Last,
    /// To the first step of this stop.
    To(Stop),
}

impl Stepping {
    /// The step that is shown.
    #[must_use]
    pub fn step(&self) -> Option<&Step> {
        self.steps.get(self.at)
    }

    /// The state of the details that the steps were made from.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Whether it is the last one.
    #[must_use]
    pub fn is_last(&self) -> bool {
        self.at + 1 >= self.steps.len()
    }

    /// The stops that the request came by.
    pub fn reached(&self, stop: Stop) -> bool {
        self.steps.iter().any(|step| step.stop == stop)
    }

    fn go(&mut self, way: Move) {
        let last = self.steps.len().saturating_sub(1);
        self.at = match way {
            Move::First => 0,
            Move::Back => self.at.saturating_sub(1),
            Move::Forward => (self.at + 1).min(last),
            Move::Last => last,
            Move::To(stop) => self
                .steps
                .iter()
                .position(|step| step.stop == stop)
                .unwrap_or(self.at),
        };
        // A run that goes on has its next steps still to come.
        if self.at == last && self.is_over {
            self.playing = false;
        }
    }
}

impl SiteModel {
    /// Begins to go through the selected request.
    pub fn begin_steps(&mut self) {
        self.stepping = self.steps_of_selected();
    }

    /// A run that goes on gets new steps as it goes.
    pub fn keep_steps_fresh(&mut self) {
        let Some(version) = self.stepping.as_ref().map(|stepping| stepping.version) else {
            return;
        };
        if version == self.details.version() {
            return;
        }
        if let (Some(fresh), Some(old)) = (self.steps_of_selected(), &mut self.stepping) {
            let at = old.at.min(fresh.steps.len().saturating_sub(1));
            *old = Stepping {
                at,
                playing: old.playing && !(fresh.is_over && at + 1 == fresh.steps.len()),
                ..fresh
            };
        }
    }

    fn steps_of_selected(&self) -> Option<Stepping> {
        let Shown::Here(detail) = self.details.shown() else {
            return None;
        };
        let steps = steps::of(&detail.exchange, None, &detail.findings);
        (!steps.is_empty()).then(|| Stepping {
            steps,
            at: 0,
            playing: false,
            version: self.details.version(),
            is_over: detail.exchange.end.is_some(),
        })
    }

    /// Moves through the steps.
    pub fn step(&mut self, way: Move) {
        if let Some(stepping) = &mut self.stepping {
            stepping.go(way);
        }
    }
}

#[cfg(test)]
mod tests {
    use cgi_engine::clock::Timestamp;
    use cgi_engine::exchange::ExchangeId;
    use cgi_engine::history::Found;

    use super::super::testing::{refused, row, snapshot};
    use super::*;

    #[test]
    fn steps_are_walked_within_their_ends_and_another_selection_ends_them() {
        let mut site = SiteModel::new(snapshot((1..=2).map(row)));
        site.begin_steps();
        assert!(site.stepping.is_none(), "there are no details yet");
        site.select(Some(ExchangeId(2)));
        let found = Found::Exchange(refused(2).into());
        site.details.take(found, Timestamp::from_unix_millis(0));
        site.begin_steps();
        let at = |site: &SiteModel| site.stepping.as_ref().unwrap().at;
        let last = site.stepping.as_ref().unwrap().steps.len() - 1;
        site.step(Move::Back);
        assert_eq!(at(&site), 0);
        site.step(Move::Last);
        site.step(Move::Forward);
        assert_eq!(at(&site), last);
        assert!(site.stepping.as_ref().unwrap().is_last());
        site.step(Move::To(Stop::Arrival));
        assert_eq!(at(&site), 0);
        site.select(Some(ExchangeId(1)));
        assert!(site.stepping.is_none());
    }
}
