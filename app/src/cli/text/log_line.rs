//! One line of the live log: a finished exchange, or a change in the folder.

use cgi_engine::diagnosis::RuleCode;
use cgi_engine::diagnosis::units::{human_bytes, human_duration};
use cgi_engine::exchange::{ExchangeRow, Progress};
use cgi_engine::message::SiteNews;
use cgi_engine::watch::{ChangeKind, SiteChange};

use super::super::ink::Ink;
use super::visible;

/// Targets up to this many columns leave what follows them aligned.
const TARGET_COLUMNS: usize = 36;

/// Time, number, method, target, status, duration, size and the headline's code.
pub(crate) fn log_line(row: &ExchangeRow, ink: Ink) -> String {
    let time = ink.dim(&row.started.time_of_day());
    let number = ink.dim(&format!("#{:<4}", row.id.0));
    let method = visible(&row.method);
    let target = visible(&row.target);
    let status = status(row, ink);
    let duration = row.duration.map_or_else(|| "–".to_owned(), human_duration);
    let size = human_bytes(row.response_bytes);
    let line = format!(
        "{time} {number} {method:<5} {target:<TARGET_COLUMNS$} {status} {duration:>8} {size:>8}"
    );
    match headline(row, ink) {
        Some(code) => format!("{line}  {code}"),
        None => line,
    }
}

fn status(row: &ExchangeRow, ink: Ink) -> String {
    let status = row
        .status
        .map_or_else(|| "–––".to_owned(), |status| status.to_string());
    let painted = match row.status {
        Some(..300) => ink.green(&status),
        Some(300..400) => status,
        Some(400..500) => ink.yellow(&status),
        _ => ink.red(&status),
    };
    match row.progress {
        Progress::CutOff => format!("{painted} {}", ink.red("cut off")),
        Progress::Unanswered => format!("{painted} {}", ink.red("no answer")),
        Progress::HungUp => format!("{painted} {}", ink.yellow("client gone")),
        Progress::Running | Progress::Answered => painted,
    }
}

fn headline(row: &ExchangeRow, ink: Ink) -> Option<String> {
    let (code, is_error) = row.headline?;
    let code = RuleCode(code).to_string();
    Some(if is_error {
        ink.red(&code)
    } else {
        ink.yellow(&code)
    })
}

/// Time, what happened, and to which file.
pub(crate) fn site_line(news: &SiteNews, ink: Ink) -> String {
    let time = ink.dim(&news.at.time_of_day());
    format!("{time}       {}", ink.dim(&change(&news.change)))
}

fn change(change: &SiteChange) -> String {
    let path = visible(&change.path.to_string_lossy());
    match change.kind {
        ChangeKind::Created => format!("created {path}"),
        ChangeKind::Modified {
            added_lines: Some(added),
            removed_lines: Some(removed),
        } => {
            format!("saved {path}  +{added} −{removed}")
        }
        ChangeKind::Modified { .. } => format!("saved {path}"),
        ChangeKind::ModeChanged => format!("changed the mode of {path}"),
        ChangeKind::Removed => format!("removed {path}"),
        ChangeKind::FolderGone => {
            "the folder has gone; requests are answered 404 until it is back".to_owned()
        }
        ChangeKind::FolderBack => "the folder is back".to_owned(),
        ChangeKind::ConfigChanged => format!("saved {path}; the configuration was read again"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cgi_engine::clock::Timestamp;
    use cgi_engine::exchange::{ExchangeId, RowKind};
    use std::time::Duration;

    fn row() -> ExchangeRow {
        ExchangeRow {
            id: ExchangeId(12),
            started: Timestamp::from_unix_millis(0),
            method: "GET".to_owned(),
            target: "/cgi-bin/hello.py?x=1".to_owned(),
            name: "hello.py".to_owned(),
            kind: RowKind::Script,
            progress: Progress::Answered,
            status: Some(200),
            duration: Some(Duration::from_millis(23)),
            stderr_lines: 0,
            response_bytes: 1500,
            headline: None,
            ..ExchangeRow::begun(ExchangeId(12), Timestamp::from_unix_millis(0))
        }
    }

    /// The time of day depends on where the computer is.
    #[track_caller]
    fn check(row: &ExchangeRow, expected: &str) {
        let line = log_line(row, Ink::PLAIN);
        assert_eq!(line.split_once(' ').map(|(_, rest)| rest), Some(expected));
    }

    #[test]
    fn a_line_tells_what_was_asked_and_what_came_of_it() {
        check(
            &row(),
            "#12   GET   /cgi-bin/hello.py?x=1                200    23 ms   1.5 KB",
        );
        let failed = ExchangeRow {
            status: Some(500),
            headline: Some((24, true)),
            ..row()
        };
        check(
            &failed,
            "#12   GET   /cgi-bin/hello.py?x=1                500    23 ms   1.5 KB  CGI024",
        );
    }

    #[test]
    fn a_missing_or_broken_answer_is_said() {
        let cut = ExchangeRow {
            progress: Progress::CutOff,
            ..row()
        };
        check(
            &cut,
            "#12   GET   /cgi-bin/hello.py?x=1                200 cut off    23 ms   1.5 KB",
        );
        let none = ExchangeRow {
            progress: Progress::Unanswered,
            status: None,
            duration: None,
            response_bytes: 0,
            ..row()
        };
        check(
            &none,
            "#12   GET   /cgi-bin/hello.py?x=1                ––– no answer        –      0 B",
        );
        assert!(cut.has_failed() && none.has_failed() && !row().has_failed());
    }

    #[test]
    fn a_clients_target_cannot_command_the_terminal() {
        let hostile = ExchangeRow {
            target: "/\u{1b}]0;x\u{7}\n".to_owned(),
            ..row()
        };
        let line = log_line(&hostile, Ink::PLAIN);
        assert!(!line.contains(char::is_control), "{line:?}");
    }

    #[test]
    fn a_save_tells_its_lines() {
        let kind = ChangeKind::Modified {
            added_lines: Some(3),
            removed_lines: Some(1),
        };
        let saved = SiteChange {
            path: "cgi-bin/a.py".into(),
            kind,
            is_script: true,
            hash: None,
        };
        assert_eq!(change(&saved), "saved cgi-bin/a.py  +3 −1");
    }
}
