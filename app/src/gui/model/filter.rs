//! Which rows the list shows: words, and switches that put words in and take them out.
//!
//! The words are the one truth; what they mean is the business of [`super::search`].

use cgi_engine::exchange::RowRef;
use cgi_engine::history::Counts;
use cgi_engine::history::filter;

use super::filter_words;

/// What a row must be like to be shown. Empty shows all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// What was typed, in the language of [`cgi_engine::history::filter`].
    pub text: String,
}

/// A condition that is put in and taken out by one click.
#[derive(Clone, Copy, Debug)]
pub struct Switch {
    /// What is written on it.
    pub label: &'static str,
    /// The words that it puts in.
    pub condition: &'static str,
    /// How many rows it is about.
    pub count: fn(Counts) -> usize,
}

/// The switches, in their order.
pub const SWITCHES: [Switch; 5] = [
    Switch {
        label: "Failed",
        condition: "failed",
        count: |counts| counts.failed,
    },
    Switch {
        label: "Slow",
        condition: "slow",
        count: |counts| counts.slow,
    },
    Switch {
        label: "stderr",
        condition: "stderr:",
        count: |counts| counts.stderr,
    },
    Switch {
        label: "Pinned",
        condition: "pinned",
        count: |counts| counts.pinned,
    },
    Switch {
        label: "Hide static",
        condition: "-static",
        count: |counts| counts.files,
    },
];

impl Filter {
    /// These words.
    #[must_use]
    pub fn of(text: impl Into<String>) -> Self {
        Self { text: text.into() }
    }

    /// Whether every row is shown.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// Whether the condition is one of those that must all hold.
    #[must_use]
    pub fn has(&self, condition: &str) -> bool {
        filter::holds(&self.text, condition)
    }

    /// The filter with the condition if it had none, without it if it had.
    #[must_use]
    pub fn toggled(&self, condition: &str) -> Self {
        Self::of(filter::toggled(&self.text, condition))
    }

    /// The filter with one condition more.
    #[must_use]
    pub fn narrowed(&self, condition: &str) -> Self {
        Self::of(filter::with(&self.text, condition))
    }

    /// The scripts that the filter is narrowed to, as conditions.
    #[must_use]
    pub fn scripts(&self) -> Vec<&str> {
        let conditions = filter::conditions(&self.text);
        let is_script = |condition: &&str| condition.starts_with("script=/");
        conditions.into_iter().filter(is_script).collect()
    }
}

/// The condition that narrows the list to the script with this URL path.
#[must_use]
pub fn of_script(url_path: &str) -> String {
    filter_words::clause("script", url_path)
}

/// The URL path of the script that a row ran: its target up to the script's name.
#[must_use]
pub fn script_path<'r>(row: RowRef<'r>) -> Option<&'r str> {
    let path = row.target.split('?').next().unwrap_or_default();
    if row.name.is_empty() {
        return None;
    }
    let ends = path
        .match_indices('/')
        .map(|(at, _)| at + 1 + row.name.len());
    ends.filter_map(|end| path.split_at_checked(end))
        .find(|(before, after)| {
            before.ends_with(row.name)
                && before[..before.len() - row.name.len()].ends_with('/')
                && (after.is_empty() || after.starts_with('/'))
        })
        .map(|(before, _)| before)
}

#[cfg(test)]
mod tests {
    use super::super::testing::row;
    use super::*;

    #[test]
    fn a_switch_puts_its_words_in_and_takes_them_out() {
        for switch in SWITCHES {
            let on = Filter::of("paris").toggled(switch.condition);
            assert!(on.has(switch.condition), "{}", switch.label);
            assert_eq!(on.toggled(switch.condition), Filter::of("paris"));
            assert_eq!(filter::parse(&on.text).problems, [], "{}", switch.label);
        }
        assert!(Filter::default().is_empty() && Filter::of(" ").is_empty());
    }

    #[test]
    fn the_script_of_a_row_is_known_by_its_whole_path() {
        let of = |target: &str| {
            let mut row = row(1);
            row.target = target.into();
            script_path((&row).into()).map(str::to_owned)
        };
        assert_eq!(
            of("/cgi-bin/hello.py?a=/hello.py"),
            Some("/cgi-bin/hello.py".into())
        );
        assert_eq!(of("/a/hello.py/b/hello.py"), Some("/a/hello.py".into()));
        assert_eq!(
            of("/a/xhello.py/hello.py"),
            Some("/a/xhello.py/hello.py".into())
        );
        assert_eq!(of("/a/hello.pyc"), None);
        assert_eq!(of(""), None);
    }

    #[test]
    fn a_script_is_a_condition_like_any_other() {
        let filter = Filter::of("failed").toggled(&of_script("/cgi-bin/form.py"));
        assert_eq!(filter.text, "failed script=/cgi-bin/form.py");
        assert_eq!(filter.scripts(), ["script=/cgi-bin/form.py"]);
    }
}
