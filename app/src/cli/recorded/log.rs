//! `log`: the recorded requests of a folder, line by line, the newest last.

use std::collections::BTreeSet;
use std::io::{self, Write as _};
use std::thread;
use std::time::Duration;

use cgi_engine::clock::Timestamp;
use cgi_engine::exchange::{ExchangeId, ExchangeRow, RowOrigin};
use cgi_engine::export::row_line;
use cgi_engine::history::filter::{self, Filter, Narrowing, Verdict};
use cgi_engine::history::store::Archive;

use super::archive;
use super::arguments::{LogArguments, LogFormat};
use crate::cli::ink::Ink;
use crate::cli::{Outcome, talk, text};

/// So many are listed where nothing is said of it.
const USUAL_LIMIT: usize = 100;
/// Between two looks for new requests.
const LOOK_AGAIN: Duration = Duration::from_millis(250);
/// A request that ends while so many that began later are recorded already is still seen.
const LATE: u64 = 1000;

/// Prints the rows that pass the filter.
pub(crate) fn log(asked: &LogArguments) -> anyhow::Result<Outcome> {
    let archive = archive(&asked.folder)?;
    let parsed = filter::parse(&asked.filter.join(" "));
    for problem in &parsed.problems {
        talk::warn(&text::visible(&format!(
            "in the filter: {}",
            problem.message
        )));
    }
    let mut judged: BTreeSet<ExchangeId> = BTreeSet::new();
    if asked.follow {
        // What comes while the log is printed comes again below.
        judged.extend(recent(&archive)?.iter().map(|row| row.id));
    }
    let limit = asked.limit.unwrap_or(USUAL_LIMIT);
    let rows = newest(&archive, &parsed.filter, limit)?;
    print(&rows, asked.format)?;
    if asked.limit.is_none() && rows.len() == limit {
        talk::say(&format!(
            "the newest {limit} are listed; --limit 0 lists all"
        ));
    }
    if asked.follow {
        follow(&archive, &parsed.filter, asked.format, judged)?;
    }
    Ok(Outcome::Fine)
}

/// Prints what comes until nobody reads it any more; `judged` was there before.
fn follow(
    archive: &Archive,
    filter: &Filter,
    format: LogFormat,
    mut judged: BTreeSet<ExchangeId>,
) -> anyhow::Result<()> {
    loop {
        thread::sleep(LOOK_AGAIN);
        let mut fresh = recent(archive)?;
        let first = fresh.first().map(|row| row.id).unwrap_or_default();
        fresh.retain(|row| judged.insert(row.id));
        judged = judged.split_off(&first);
        let mut passing = Vec::new();
        for row in fresh {
            if passes(archive, filter, None, &row)? {
                passing.push(row);
            }
        }
        print(&passing, format)?;
    }
}

/// The newest rows, oldest first.
fn recent(archive: &Archive) -> anyhow::Result<Vec<ExchangeRow>> {
    let since = archive.last_id()?.0.saturating_sub(LATE);
    let rows = archive.rows();
    let rows = rows.take_while(|row| row.as_ref().map_or(true, |row| row.id.0 > since));
    let mut rows = rows.collect::<Result<Vec<_>, _>>()?;
    rows.reverse();
    Ok(rows)
}

/// The newest rows that pass, oldest first; a row that cannot be read is told of and does not stop the others.
fn newest(archive: &Archive, filter: &Filter, limit: usize) -> anyhow::Result<Vec<ExchangeRow>> {
    let mut rows = Vec::new();
    let narrowing = archive.narrow(filter)?;
    for row in archive.rows() {
        match row {
            Ok(row) if passes(archive, filter, Some(&narrowing), &row)? => rows.push(row),
            Ok(_) => {}
            Err(error) => talk::warn(&text::visible(&error.to_string())),
        }
        if rows.len() == limit && limit > 0 {
            break;
        }
    }
    rows.reverse();
    Ok(rows)
}

fn passes(
    archive: &Archive,
    filter: &Filter,
    narrowing: Option<&Narrowing>,
    row: &ExchangeRow,
) -> anyhow::Result<bool> {
    let now = Timestamp::now();
    let verdict = match narrowing {
        Some(narrowing) => filter.judge_narrowed(row, narrowing, now),
        None => filter.judge_row(row, now),
    };
    Ok(match verdict {
        Verdict::Pass => true,
        Verdict::Fail => false,
        // Of what had to make room nobody can tell any more.
        Verdict::Unknown => archive
            .exchange(row.id)?
            .is_some_and(|exchange| filter.matches(row, &exchange, now)),
    })
}

fn print(rows: &[ExchangeRow], format: LogFormat) -> anyhow::Result<()> {
    let ink = Ink::of_stdout();
    let mut stdout = io::BufWriter::new(io::stdout().lock());
    for row in rows {
        let line = match format {
            LogFormat::Text => line(row, ink),
            LogFormat::Jsonl => row_line(row)?,
        };
        writeln!(stdout, "{line}")?;
    }
    stdout.flush()?;
    Ok(())
}

/// The line of the live log with its day, and what the user said of the request.
fn line(row: &ExchangeRow, ink: Ink) -> String {
    let moment = row.started.date_and_time();
    let day = moment.split(' ').next().unwrap_or_default();
    let mut line = format!("{} {}", ink.dim(day), text::log_line(row, ink));
    if row.origin == RowOrigin::Imported {
        line.push_str(&ink.dim("  imported"));
    }
    if row.pinned {
        line.push_str("  pinned");
    }
    if let Some(comment) = &row.comment {
        line.push_str(&format!("  {}", text::visible(&format!("{comment:?}"))));
    }
    line
}
