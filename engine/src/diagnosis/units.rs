//! Sizes and times in the words of the strip: three digits and a unit.

use std::time::Duration;

/// `214 B`, `1.2 KB`, `38 MB`: units of 1000, as disks and browsers count.
#[must_use]
pub fn human_bytes(count: u64) -> String {
    if count < 1000 {
        return format!("{count} B");
    }
    let mut scaled = count as f64;
    let mut unit = "B";
    for next in ["KB", "MB", "GB", "TB", "PB", "EB"] {
        // What would be rounded up to 1000 belongs to the next unit.
        if scaled < 999.5 {
            break;
        }
        scaled /= 1000.0;
        unit = next;
    }
    format!("{} {unit}", three_digits(scaled))
}

/// `0.4 ms`, `41 ms`, `2.5 s`, `1 min 5 s`, `2 h 3 min`.
#[must_use]
pub fn human_duration(time: Duration) -> String {
    let millis = time.as_secs_f64() * 1000.0;
    if millis < 0.095 {
        return format!("{millis:.2} ms");
    }
    if millis < 9.95 {
        return format!("{millis:.1} ms");
    }
    if millis < 999.5 {
        return format!("{millis:.0} ms");
    }
    let seconds = (millis / 1000.0).round();
    if millis < 59_950.0 {
        return format!("{} s", three_digits(millis / 1000.0));
    }
    let minutes = (seconds / 60.0).floor();
    if minutes < 60.0 {
        return format!("{minutes} min {} s", seconds - minutes * 60.0);
    }
    let hours = (minutes / 60.0).floor();
    format!("{hours} h {} min", minutes - hours * 60.0)
}

/// One decimal below 100, unless it is a zero.
fn three_digits(number: f64) -> String {
    let text = if number < 99.95 {
        format!("{number:.1}")
    } else {
        format!("{number:.0}")
    };
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_three_digits_at_most() {
        for (count, expected) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1 KB"),
            (1234, "1.2 KB"),
            (99_950, "100 KB"),
            (999_499, "999 KB"),
            (999_500, "1 MB"),
            (38_000_000, "38 MB"),
            (u64::MAX, "18.4 EB"),
        ] {
            assert_eq!(human_bytes(count), expected, "{count}");
        }
    }

    #[test]
    fn times_have_the_unit_that_fits() {
        for (micros, expected) in [
            (0, "0.00 ms"),
            (41, "0.04 ms"),
            (420, "0.4 ms"),
            (41_200, "41 ms"),
            (999_600, "1 s"),
            (2_540_000, "2.5 s"),
            (30_000_000, "30 s"),
            (59_990_000, "1 min 0 s"),
            (65_000_000, "1 min 5 s"),
            (7_380_000_000, "2 h 3 min"),
        ] {
            assert_eq!(
                human_duration(Duration::from_micros(micros)),
                expected,
                "{micros}"
            );
        }
    }
}
