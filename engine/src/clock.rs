//! The one place that reads the wall clock.
//!
//! Everything else is handed a [`Timestamp`] or measures with [`std::time::Instant`],
//! which no change of the computer's date can disturb.

use std::fmt;

/// A moment of the wall clock, to the microsecond.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Timestamp(jiff::Timestamp);

impl Timestamp {
    /// Reads the wall clock.
    #[must_use]
    pub fn now() -> Self {
        // Finer than the records keep it, a moment would not come back from them as it was.
        Self::from_unix_micros(jiff::Timestamp::now().as_microsecond())
    }

    /// Microseconds since 1970-01-01 00:00 UTC.
    #[must_use]
    pub fn unix_micros(self) -> i64 {
        self.0.as_microsecond()
    }

    /// The moment `micros` after 1970-01-01 00:00 UTC; the epoch itself where that is out of range.
    #[must_use]
    pub fn from_unix_micros(micros: i64) -> Self {
        Self(jiff::Timestamp::from_microsecond(micros).unwrap_or(jiff::Timestamp::UNIX_EPOCH))
    }

    /// Milliseconds since 1970-01-01 00:00 UTC.
    #[must_use]
    pub fn unix_millis(self) -> i64 {
        self.0.as_millisecond()
    }

    /// The moment `millis` after 1970-01-01 00:00 UTC; the epoch itself where that is out of range.
    #[must_use]
    pub fn from_unix_millis(millis: i64) -> Self {
        Self(jiff::Timestamp::from_millisecond(millis).unwrap_or(jiff::Timestamp::UNIX_EPOCH))
    }

    /// The moment that a date of ISO 8601 with its offset names, as `2026-01-31T14:02:11.5+01:00`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }

    /// The time of day where the computer is, as `14:02:11`.
    #[must_use]
    pub fn time_of_day(self) -> String {
        self.local().strftime("%H:%M:%S").to_string()
    }

    /// Date and time where the computer is, as `2026-01-31 14:02:11`.
    #[must_use]
    pub fn date_and_time(self) -> String {
        self.local().strftime("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// The moment in UTC as a part of a file's name, `20260131-140211`.
    #[must_use]
    pub fn for_file_names(self) -> String {
        self.0.strftime("%Y%m%d-%H%M%S").to_string()
    }

    /// The moment so long before this one; the beginning of time where there is none.
    #[must_use]
    pub fn earlier_by(self, span: std::time::Duration) -> Self {
        Self(self.0.checked_sub(span).unwrap_or(jiff::Timestamp::MIN))
    }

    /// The last moment up to this one at which a clock where the computer is showed this hour and minute.
    /// This very moment where there is no such time of day.
    #[must_use]
    pub fn last_time_at(self, hour: i8, minute: i8) -> Self {
        let now = self.local();
        let Ok(time) = jiff::civil::Time::new(hour, minute, 0, 0) else {
            return self;
        };
        let at = |day: jiff::civil::Date| {
            let moment = day.to_datetime(time).to_zoned(now.time_zone().clone());
            moment.ok().map(|moment| Self(moment.timestamp()))
        };
        let yesterday = now.date().yesterday().unwrap_or(now.date());
        at(now.date())
            .filter(|today| *today <= self)
            .or_else(|| at(yesterday))
            .unwrap_or(self)
    }

    fn local(self) -> jiff::Zoned {
        self.0.to_zoned(jiff::tz::TimeZone::system())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.0)
    }
}
