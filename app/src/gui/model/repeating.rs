//! A request that is sent many times: what is asked for, how far it is, what came of it.

use std::fmt::Write as _;
use std::sync::Arc;

use cgi_engine::exchange::ExchangeId;
use cgi_engine::{RepeatControl, RepeatPlan, RepeatSummary};

use super::compose::draft::Draft;

/// What is sent again and again.
#[derive(Clone, Debug, PartialEq)]
pub enum Repeated {
    /// A recorded request.
    Run(ExchangeId),
    /// What is being written.
    Draft(Box<Draft>),
}

/// A repetition, from the question to the summary.
#[derive(Debug)]
pub struct Repeating {
    /// What is sent.
    pub what: Repeated,
    /// How often, as it is typed.
    pub times: String,
    /// How many at once, as it is typed.
    pub at_once: String,
    /// How far it is.
    pub stage: Stage,
}

/// How far a repetition is.
#[derive(Debug)]
pub enum Stage {
    /// It is asked how often.
    Asking,
    /// It is under way.
    Running {
        /// Which of the repetitions of this window.
        number: u64,
        /// How often in all.
        planned: u32,
        /// Tells how far it is, and stops it.
        control: Arc<RepeatControl>,
    },
    /// It is over.
    Done(Result<Box<RepeatSummary>, String>),
}

impl Repeating {
    /// The question.
    #[must_use]
    pub fn new(what: Repeated) -> Self {
        Self {
            what,
            times: "100".to_owned(),
            at_once: "4".to_owned(),
            stage: Stage::Asking,
        }
    }

    /// What is to be done, or what is wrong with the numbers.
    ///
    /// # Errors
    /// They are no numbers, or not within the bounds.
    pub fn plan(&self) -> Result<RepeatPlan, String> {
        let number = |text: &str| {
            let text = text.trim();
            text.parse::<u32>()
                .map_err(|_| format!("{text:?} is no whole number"))
        };
        RepeatPlan::new(number(&self.times)?, number(&self.at_once)?)
            .map_err(|error| error.to_string())
    }

    /// What is repeated, in words.
    #[must_use]
    pub fn in_words(&self) -> String {
        match &self.what {
            Repeated::Run(id) => format!("Request {id}"),
            Repeated::Draft(draft) => format!("{} {}", draft.method, draft.target),
        }
    }
}

/// The filter that shows just these runs; none where nothing was recorded.
#[must_use]
pub fn filter_of(summary: &RepeatSummary) -> Option<String> {
    let (first, last) = (summary.ids.first()?, summary.ids.last()?);
    let gaps = summary.ids.windows(2).filter_map(|pair| {
        let [before, after] = pair else { return None };
        Some((before.end() + 1, after.start() - 1))
    });
    let mut filter = format!("id>={} id<={}", first.start(), last.end());
    for (from, to) in gaps {
        // What came from elsewhere meanwhile.
        let _ = match from == to {
            true => write!(filter, " -id={from}"),
            false => write!(filter, " -(id>={from} id<={to})"),
        };
    }
    Some(filter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use cgi_engine::history::filter;

    #[test]
    fn the_numbers_are_read_or_refused() {
        let mut repeating = Repeating::new(Repeated::Run(ExchangeId(7)));
        assert_eq!(repeating.plan().unwrap().times(), 100);
        repeating.times = "x".into();
        assert_eq!(repeating.plan().unwrap_err(), "\"x\" is no whole number");
        repeating.times = "10001".into();
        assert!(repeating.plan().unwrap_err().contains("10000"));
    }

    #[test]
    fn the_filter_shows_just_these_runs() {
        let mut summary = RepeatSummary {
            ids: vec![3..=9, 11..=12, 20..=20],
            ..RepeatSummary::default()
        };
        let text = filter_of(&summary).unwrap();
        assert_eq!(text, "id>=3 id<=20 -id=10 -(id>=13 id<=19)");
        assert!(filter::parse(&text).problems.is_empty());
        summary.ids.clear();
        assert_eq!(filter_of(&summary), None);
    }
}
