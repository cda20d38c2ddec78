//! `interpreters`: the interpreters of this computer, and the choice of one for a site.

use std::io::{self, Write as _};

use anyhow::Context as _;
use cgi_engine::interpreters::{Finder, Interpreter, Surroundings, choose};
use cgi_engine::process::Spawner;
use cgi_engine::site::Site;

use super::Outcome;
use super::arguments::{Format, InterpretersArguments};
use super::talk;
use super::text::visible;

/// Prints them, or writes the choice down.
pub(crate) fn interpreters(
    spawner: &Spawner,
    asked: &InterpretersArguments,
) -> anyhow::Result<Outcome> {
    let site = asked.folder.as_deref().map(Site::open).transpose()?;
    if let (Some(path), Some(site)) = (&asked.choose, &site) {
        let path = std::path::absolute(path)?;
        if !path.is_file() {
            anyhow::bail!("no such file: {path:?}");
        }
        choose(&site.root, &asked.suffix, &path)?;
        talk::say(&format!(
            "scripts with {} are run by {}; written into cgi-studio.toml",
            asked.suffix,
            visible(&path.to_string_lossy())
        ));
        return Ok(Outcome::Fine);
    }
    let surroundings = Surroundings::of_this_process();
    let found = Finder::default()
        .find(spawner, &surroundings, site.as_ref())
        .context("cannot look for interpreters")?;
    let report = match asked.format {
        Format::Text => text(&found),
        Format::Json => json(&found)?,
    };
    let mut stdout = io::stdout().lock();
    stdout.write_all(report.as_bytes())?;
    stdout.flush()?;
    Ok(Outcome::Fine)
}

fn text(found: &[Interpreter]) -> String {
    let mut report = String::new();
    for one in found {
        let path = visible(&one.path.to_string_lossy());
        let version = one.version.as_deref().map(|is| visible(is) + "  ");
        let version = version.unwrap_or_default();
        let mut notes = vec![visible(&one.origin.words())];
        if one.first {
            notes.push("found by #!/usr/bin/env".to_owned());
        }
        if !one.chosen_for.is_empty() {
            notes.push(format!(
                "chosen for {}",
                visible(&one.chosen_for.join(", "))
            ));
        }
        if one.unasked {
            notes.push("in the site or around it, so it was not started".to_owned());
        }
        if !one.lacks.is_empty() {
            notes.push(format!("lacks {}", visible(&one.lacks.join(", "))));
        }
        report.push_str(&format!(
            "{}  {version}{path}\n    {}\n",
            one.name,
            notes.join("; ")
        ));
    }
    if found.is_empty() {
        report.push_str("no interpreter was found\n");
    }
    report
}

fn json(found: &[Interpreter]) -> anyhow::Result<String> {
    let all: Vec<serde_json::Value> = found
        .iter()
        .map(|one| {
            serde_json::json!({
                "path": one.path.to_string_lossy(),
                "name": one.name,
                "version": one.version,
                "origin": one.origin.words(),
                "lacks": one.lacks,
                "started": !one.unasked,
                "found_by_env": one.first,
                "chosen_for": one.chosen_for,
            })
        })
        .collect();
    Ok(format!("{}\n", serde_json::to_string_pretty(&all)?))
}
