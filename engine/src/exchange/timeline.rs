//! When each thing happened in an exchange, as offsets from its first byte.

use std::time::Duration;

/// A moment worth a name, in the order in which they usually come.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Moment {
    /// The request head was complete.
    HeadComplete,
    /// The URL was turned into a script or file.
    Selected,
    /// The last byte of the request body had come.
    BodyComplete,
    /// The process existed.
    Spawned,
    /// The whole body was written to standard input, or standard input was closed by the script.
    StdinClosed,
    /// The first byte came from standard output.
    FirstOutput,
    /// The header block was complete.
    HeadersComplete,
    /// The response head was handed to the connection.
    ResponseStarted,
    /// Standard output ended.
    OutputEnded,
    /// The main process ended.
    Exited,
    /// The process was reaped and its group was gone.
    Reaped,
    /// The last byte of the response was handed to the connection.
    ResponseEnded,
    /// Nothing is left to happen.
    Finished,
    /// The script was saved while this run of it went on: it is the run of an older source.
    ScriptSaved,
}

impl Moment {
    /// A short label, as in the Time tab.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::HeadComplete => "request head complete",
            Self::Selected => "script chosen",
            Self::BodyComplete => "request body complete",
            Self::Spawned => "process started",
            Self::StdinClosed => "standard input closed",
            Self::FirstOutput => "first byte of output",
            Self::HeadersComplete => "header block complete",
            Self::ResponseStarted => "response started",
            Self::OutputEnded => "output ended",
            Self::Exited => "process ended",
            Self::Reaped => "process reaped",
            Self::ResponseEnded => "response complete",
            Self::Finished => "finished",
            Self::ScriptSaved => "script saved meanwhile",
        }
    }
}

/// The moments that came, in the order in which they came.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Timeline {
    moments: Vec<(Moment, Duration)>,
}

impl Timeline {
    /// Notes a moment; only the first time counts.
    pub fn note(&mut self, moment: Moment, at: Duration) {
        if self.at(moment).is_none() {
            self.moments.push((moment, at));
        }
    }

    /// When the moment came.
    #[must_use]
    pub fn at(&self, moment: Moment) -> Option<Duration> {
        self.moments
            .iter()
            .find(|(noted, _)| *noted == moment)
            .map(|(_, at)| *at)
    }

    /// The time from one moment to a later one, where both came.
    #[must_use]
    pub fn between(&self, from: Moment, to: Moment) -> Option<Duration> {
        self.at(to)?.checked_sub(self.at(from)?)
    }

    /// All moments in the order in which they came.
    pub fn iter(&self) -> impl Iterator<Item = (Moment, Duration)> + '_ {
        self.moments.iter().copied()
    }

    /// The last moment that came.
    #[must_use]
    pub fn last(&self) -> Option<Duration> {
        self.moments.iter().map(|(_, at)| *at).max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_time_of_a_moment_counts() {
        let mut timeline = Timeline::default();
        timeline.note(Moment::Spawned, Duration::from_millis(3));
        timeline.note(Moment::Spawned, Duration::from_millis(9));
        timeline.note(Moment::Exited, Duration::from_millis(10));
        assert_eq!(timeline.at(Moment::Spawned), Some(Duration::from_millis(3)));
        assert_eq!(
            timeline.between(Moment::Spawned, Moment::Exited),
            Some(Duration::from_millis(7))
        );
        assert_eq!(timeline.between(Moment::Exited, Moment::Spawned), None);
    }
}
