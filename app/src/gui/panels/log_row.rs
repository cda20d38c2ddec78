//! A row of the request log as words, apart from how it is drawn.

use std::path::Path;
use std::time::Duration;

use cgi_engine::clock::Timestamp;
use cgi_engine::exchange::{Progress, RowKind, RowOrigin, RowRef};
use cgi_engine::message::SiteNews;
use cgi_engine::watch::ChangeKind;

use super::words;
use crate::gui::model::site::since;
use crate::gui::widgets::mark::Mark;

/// The words of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RowWords {
    pub(super) number: String,
    pub(super) time: String,
    pub(super) method: String,
    /// The script's name, with what the target says after it; the whole target where nothing was found.
    pub(super) script: String,
    pub(super) mark: Mark,
    pub(super) status: String,
    pub(super) millis: String,
    pub(super) stderr: String,
    pub(super) age: String,
    pub(super) target: String,
    pub(super) size: String,
    pub(super) finding: String,
    pub(super) comment: String,
    pub(super) pinned: bool,
    /// What else there is to say of where it came from: "replay of 12, as Apache".
    pub(super) remarks: String,
    /// A file that was sent as it is: it goes with the others, weaker.
    pub(super) dimmed: bool,
}

impl RowWords {
    pub(super) fn of<'r>(row: impl Into<RowRef<'r>>, now: Timestamp) -> Self {
        let row = row.into();
        let (mark, status) = outcome(row, now);
        Self {
            number: row.id.to_string(),
            time: row.started.time_of_day(),
            method: row.method.to_owned(),
            script: what(row),
            mark,
            status,
            millis: row.duration.map(millis).unwrap_or_default(),
            stderr: if row.stderr_lines == 0 {
                String::new()
            } else {
                format!("err {}", row.stderr_lines)
            },
            age: age(since(row.started, now)),
            target: row.target.to_owned(),
            size: match row.progress {
                Progress::Running => String::new(),
                _ => words::size(row.response_bytes),
            },
            finding: row
                .headline
                .map(|(code, _)| format!("CGI{code:03}"))
                .unwrap_or_default(),
            comment: row.comment.unwrap_or_default().to_owned(),
            pinned: row.pinned,
            remarks: remarks(row),
            dimmed: row.kind == RowKind::File,
        }
    }

    /// What a screen reader says of the row.
    pub(super) fn spoken(&self) -> String {
        let mut parts = vec![
            self.number.clone(),
            self.method.clone(),
            self.script.clone(),
            format!("{} {}", self.mark.word(), self.status),
        ];
        if !self.millis.is_empty() {
            parts.push(format!("{} ms", self.millis));
        }
        if !self.stderr.is_empty() {
            parts.push(self.stderr.replace("err", "stderr lines"));
        }
        if self.pinned {
            parts.push("pinned".to_owned());
        }
        for more in [&self.remarks, &self.comment] {
            if !more.is_empty() {
                parts.push(more.clone());
            }
        }
        parts.join(", ")
    }
}

/// How long ago, in a column's width.
fn age(time: Duration) -> String {
    let minutes = time.as_secs() / 60;
    match minutes {
        0 => "now".to_owned(),
        1..120 => format!("{minutes} min"),
        120..2_880 => format!("{} h", minutes / 60),
        _ => format!("{} d", minutes / 1_440),
    }
}

fn remarks(row: RowRef<'_>) -> String {
    let origin = match row.origin {
        RowOrigin::Replay(id) => Some(format!("replay of {id}")),
        RowOrigin::ReplayOfSource(id) => Some(format!("replay of {id} with its old source")),
        RowOrigin::Imported => Some("imported".to_owned()),
        RowOrigin::Client | RowOrigin::Studio => None,
    };
    let host = row.as_host.map(|host| format!("as {}", host.short()));
    let older = row.older_source.then(|| "older source".to_owned());
    let parts: Vec<String> = older.into_iter().chain(origin).chain(host).collect();
    parts.join(", ")
}

/// `form.py/extra?x=1`: runs of one script are told apart by what follows its name.
fn what(row: RowRef<'_>) -> String {
    let (name, target) = (row.name, row.target);
    if name.is_empty() {
        return target.to_owned();
    }
    let path_end = target.find('?').unwrap_or(target.len());
    let segment = format!("/{name}");
    let after = target[..path_end]
        .match_indices(&segment)
        .map(|(at, found)| &target[at + found.len()..])
        .find(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
    format!("{name}{}", after.unwrap_or_default())
}

/// How it went, and the word for it.
pub(super) fn outcome(row: RowRef<'_>, now: Timestamp) -> (Mark, String) {
    let status = row
        .status
        .map(|status| status.to_string())
        .unwrap_or_default();
    match row.progress {
        Progress::Running => (Mark::Running, words::seconds(since(row.started, now))),
        Progress::CutOff => (Mark::Failed, "cut off".to_owned()),
        Progress::Unanswered => (Mark::Failed, "no answer".to_owned()),
        Progress::HungUp if row.has_failed() => (Mark::Failed, "client gone".to_owned()),
        Progress::HungUp => (Mark::NotReached, "client gone".to_owned()),
        Progress::Answered if row.has_failed() => (Mark::Failed, status),
        Progress::Answered => match (mark_of_status(row.status), row.headline) {
            // It worked here, and something is wrong all the same.
            (Mark::Ok, Some(_)) => (Mark::Warning, status),
            (mark, _) => (mark, status),
        },
    }
}

fn mark_of_status(status: Option<u16>) -> Mark {
    match status {
        Some(300..=399) => Mark::Redirect,
        Some(400..=499) => Mark::Warning,
        Some(500..) | None => Mark::Failed,
        Some(_) => Mark::Ok,
    }
}

fn millis(time: Duration) -> String {
    let millis = time.as_secs_f64() * 1000.0;
    if millis < 0.95 {
        format!("{millis:.1}")
    } else {
        words::count(millis.round() as u64)
    }
}

/// A change in the folder as one line: `form.py saved 14:02:02   +3 −1`.
pub(super) fn news_line(news: &SiteNews, root: &Path) -> String {
    let path = &news.change.path;
    let name = path
        .strip_prefix(root)
        .unwrap_or(path)
        .to_string_lossy()
        .into_owned();
    let time = news.at.time_of_day();
    match &news.change.kind {
        ChangeKind::Modified {
            added_lines: Some(added),
            removed_lines: Some(removed),
        } => {
            format!("{name} saved {time}   +{added} −{removed}")
        }
        // A program or a very long file has no lines to count.
        ChangeKind::Modified { .. } => format!("{name} saved {time}"),
        ChangeKind::Created => format!("{name} created {time}"),
        ChangeKind::ModeChanged => format!("{name} has other permissions since {time}"),
        ChangeKind::Removed => format!("{name} removed {time}"),
        ChangeKind::FolderGone => format!("The folder is gone since {time}"),
        ChangeKind::FolderBack => format!("The folder is back since {time}"),
        ChangeKind::ConfigChanged => format!("{name} changed {time}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gui::model::testing::row;
    use cgi_engine::exchange::ExchangeId;
    use cgi_engine::watch::SiteChange;
    use std::path::PathBuf;

    #[track_caller]
    fn check(
        change: impl FnOnce(&mut cgi_engine::exchange::ExchangeRow),
        mark: Mark,
        status: &str,
    ) {
        let mut row = row(7);
        change(&mut row);
        let now = Timestamp::from_unix_millis(row.started.unix_millis() + 12_300);
        assert_eq!(outcome((&row).into(), now), (mark, status.to_owned()));
    }

    #[test]
    fn an_age_is_short() {
        let of = |minutes: u64| age(Duration::from_secs(minutes * 60 + 59));
        assert_eq!(
            [0, 1, 119, 120, 2_879, 2_880].map(of),
            ["now", "1 min", "119 min", "2 h", "47 h", "2 d"]
        );
    }

    #[test]
    fn a_row_says_what_marks_it() {
        use cgi_engine::cgi::profile::HostProfile;
        let mut row = row(7);
        row.origin = RowOrigin::Replay(ExchangeId(3));
        row.as_host = Some(HostProfile::Apache);
        row.pinned = true;
        row.comment = Some("look".into());
        let words = RowWords::of(&row, row.started);
        assert_eq!(words.remarks, "replay of 3, as Apache");
        assert_eq!(
            words.spoken(),
            "7, GET, hello.py, ok 200, 41 ms, pinned, replay of 3, as Apache, look"
        );
        row.older_source = true;
        let older = RowWords::of(&row, row.started).remarks;
        assert_eq!(older, "older source, replay of 3, as Apache");
    }

    #[test]
    fn a_row_says_how_it_went() {
        check(|_| {}, Mark::Ok, "200");
        check(|row| row.status = Some(303), Mark::Redirect, "303");
        check(|row| row.status = Some(403), Mark::Warning, "403");
        check(|row| row.status = Some(500), Mark::Failed, "500");
        check(|row| row.headline = Some((24, true)), Mark::Failed, "200");
        check(|row| row.headline = Some((31, false)), Mark::Warning, "200");
        check(
            |row| row.progress = Progress::Running,
            Mark::Running,
            "12 s",
        );
        check(
            |row| row.progress = Progress::HungUp,
            Mark::NotReached,
            "client gone",
        );
        check(
            |row| row.progress = Progress::CutOff,
            Mark::Failed,
            "cut off",
        );
        check(
            |row| (row.progress, row.status) = (Progress::Unanswered, None),
            Mark::Failed,
            "no answer",
        );
    }

    #[test]
    fn what_a_screen_reader_says_holds_all_that_is_seen() {
        let mut row = row(7);
        row.stderr_lines = 2;
        row.duration = Some(Duration::from_millis(1204));
        let words = RowWords::of(&row, row.started);
        assert_eq!(
            words.spoken(),
            "7, GET, hello.py, ok 200, 1,204 ms, stderr lines 2"
        );
    }

    #[test]
    fn runs_of_one_script_are_told_apart_by_what_follows_its_name() {
        let mut row = row(7);
        row.name = "form.py".into();
        for (target, shown) in [
            ("/cgi-bin/form.py", "form.py"),
            ("/cgi-bin/form.py?n=1", "form.py?n=1"),
            ("/cgi-bin/form.py/a/form.py?x", "form.py/a/form.py?x"),
            ("/cgi-bin/form.pyc/form.py", "form.py"),
            ("/?/form.py", "form.py"),
            ("/cgi-bin/f%6Frm.py?x", "form.py"),
        ] {
            row.target = target.into();
            assert_eq!(RowWords::of(&row, row.started).script, shown, "{target}");
        }
    }

    #[test]
    fn a_row_without_a_file_shows_its_target() {
        let mut row = row(7);
        row.name.clear();
        row.target = "/nowhere?x".into();
        assert_eq!(RowWords::of(&row, row.started).script, "/nowhere?x");
    }

    #[track_caller]
    fn check_news(kind: ChangeKind, start: &str, end: &str) {
        let news = SiteNews {
            at: Timestamp::from_unix_millis(0),
            after: ExchangeId(1),
            change: SiteChange {
                path: PathBuf::from("/srv/site/cgi-bin/form.py"),
                kind,
                is_script: true,
                hash: None,
            },
        };
        let line = news_line(&news, Path::new("/srv/site"));
        assert!(line.starts_with(start) && line.ends_with(end), "{line}");
    }

    #[test]
    fn a_change_is_told_in_a_line() {
        check_news(
            ChangeKind::Modified {
                added_lines: Some(3),
                removed_lines: Some(1),
            },
            "cgi-bin/form.py saved ",
            "+3 −1",
        );
        check_news(ChangeKind::Created, "cgi-bin/form.py created ", "");
        check_news(ChangeKind::FolderGone, "The folder is gone since ", "");
    }
}
