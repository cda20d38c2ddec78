//! Sizes, times and names as the window writes them.

use std::path::Path;
use std::time::Duration;

use cgi_engine::clock::Timestamp;

use crate::gui::model::site::since;

/// A number with its thousands parted: `12,345`.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number and what is counted, in the plural where it is one.
pub(super) fn counted(number: u64, one: &str, many: &str) -> String {
    if number == 1 {
        format!("1 {one}")
    } else {
        format!("{} {many}", count(number))
    }
}

/// The text with a capital at its beginning.
pub(super) fn as_title(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters
        .next()
        .map(|letter| letter.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

/// A size: exact below 1,000 bytes, then three digits in decimal units.
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KB", "MB", "GB", "TB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64;
    let mut unit = "B";
    for next in UNITS {
        if value < 999.5 {
            break;
        }
        value /= 1000.0;
        unit = next;
    }
    if value < 9.95 {
        format!("{value:.1} {unit}")
    } else {
        format!("{value:.0} {unit}")
    }
}

/// A duration with as many digits as tell something.
pub(super) fn duration(time: Duration) -> String {
    let millis = time.as_secs_f64() * 1000.0;
    if millis < 0.095 {
        format!("{millis:.2} ms")
    } else if millis < 9.95 {
        format!("{millis:.1} ms")
    } else if millis < 9999.5 {
        format!("{} ms", count(millis.round() as u64))
    } else {
        seconds(time)
    }
}

/// A duration in seconds, and minutes when they are many.
pub(super) fn seconds(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds < 60 {
        format!("{seconds} s")
    } else if seconds < 3600 {
        format!("{} min {} s", seconds / 60, seconds % 60)
    } else {
        format!("{} h {} min", seconds / 3600, seconds / 60 % 60)
    }
}

/// How long ago something was, as a person would say it.
pub(super) fn ago(then: Timestamp, now: Timestamp) -> String {
    let minutes = since(then, now).as_secs() / 60;
    let hours = minutes / 60;
    let days = hours / 24;
    match (minutes, hours, days) {
        (0, ..) => "just now".to_owned(),
        (1, ..) => "1 minute ago".to_owned(),
        (minutes, 0, _) => format!("{minutes} minutes ago"),
        (_, 1, _) => "1 hour ago".to_owned(),
        (_, hours, 0) => format!("{hours} hours ago"),
        (.., 1) => "yesterday".to_owned(),
        (.., days @ 2..=6) => format!("{days} days ago"),
        (.., 7..=13) => "last week".to_owned(),
        (.., days @ 14..=59) => format!("{} weeks ago", days / 7),
        (.., days) => format!("{} months ago", days / 30),
    }
}

/// A path with the home folder as `~`, for display.
pub(super) fn path(path: &Path) -> String {
    let home = std::env::home_dir();
    match home.and_then(|home| path.strip_prefix(home).ok()) {
        Some(rest) if rest.as_os_str().is_empty() => "~".to_owned(),
        Some(rest) => format!("~/{}", rest.display()),
        None => path.display().to_string(),
    }
}

/// A file's own name, for display.
pub(super) fn name_of(path: &Path) -> String {
    path.file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned()
}

/// Bytes for a line of text: not UTF-8 is marked, for display only.
pub(super) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_begins_with_a_capital() {
        assert_eq!(
            ["local redirects", "REMOTE_HOST", "ändern", ""].map(as_title),
            ["Local redirects", "REMOTE_HOST", "Ändern", ""]
        );
    }

    #[test]
    fn numbers_have_their_thousands_parted() {
        assert_eq!(
            [0, 999, 1000, 1_234_567].map(count),
            ["0", "999", "1,000", "1,234,567"]
        );
        assert_eq!(counted(1, "problem", "problems"), "1 problem");
        assert_eq!(counted(1200, "problem", "problems"), "1,200 problems");
    }

    #[test]
    fn sizes_are_exact_while_they_are_small() {
        let found = [
            0,
            231,
            999,
            1000,
            1234,
            9_960,
            999_400,
            999_600,
            84_000_000,
            u64::MAX,
        ]
        .map(size);
        let expected = [
            "0 B",
            "231 B",
            "999 B",
            "1.0 KB",
            "1.2 KB",
            "10 KB",
            "999 KB",
            "1.0 MB",
            "84 MB",
            "18446744 TB",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn durations_have_as_many_digits_as_tell_something() {
        let found = [41, 900, 1_940, 41_300, 1_204_000, 12_000_000, 125_000_000]
            .map(|micros| duration(Duration::from_micros(micros)));
        assert_eq!(
            found,
            [
                "0.04 ms",
                "0.9 ms",
                "1.9 ms",
                "41 ms",
                "1,204 ms",
                "12 s",
                "2 min 5 s"
            ]
        );
    }

    #[track_caller]
    fn check_ago(minutes: i64, expected: &str) {
        let now = Timestamp::from_unix_millis(1_700_000_000_000);
        let then = Timestamp::from_unix_millis(1_700_000_000_000 - minutes * 60_000);
        assert_eq!(ago(then, now), expected);
    }

    #[test]
    fn times_are_told_as_a_person_would() {
        check_ago(0, "just now");
        check_ago(59, "59 minutes ago");
        check_ago(60, "1 hour ago");
        check_ago(25 * 60, "yesterday");
        check_ago(3 * 24 * 60, "3 days ago");
        check_ago(8 * 24 * 60, "last week");
        check_ago(100 * 24 * 60, "3 months ago");
        check_ago(-5, "just now");
    }
}
