//! Another host's configuration into `cgi-studio.toml`.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use cgi_engine::convert::Conversion;
use cgi_engine::convert::apache::{self, ReadOptions};
use cgi_engine::whole_file::{self, Before, Manner};
use serde::Serialize;

use super::notes::report;
use crate::cli::Outcome;
use crate::cli::arguments::{ConvertArguments, Format};
use crate::cli::ink::Ink;
use crate::cli::talk;

/// Prints or writes the configuration, and tells what was not taken; if that changes what the
/// site does, the exit code is 1.
pub(super) fn read(asked: &ConvertArguments) -> anyhow::Result<Outcome> {
    let options = ReadOptions {
        server_root: asked.server_root.clone(),
        defines: asked.defines.clone(),
        host: asked.host.clone(),
        site_folder: asked.output.as_deref().map(folder_of),
    };
    let conversion = apache::read(&asked.files, &options)?;
    let toml = conversion.to_toml();
    if let Some(output) = &asked.output {
        write(output, &toml, asked.force)?;
    }
    match asked.format {
        Format::Text => {
            if asked.output.is_none() {
                print(&toml)?;
            }
            talk::say(&report(
                &conversion,
                &base_of(&asked.files),
                Ink::of_stderr(),
            ));
        }
        Format::Json => print(&json(&conversion, &toml)?)?,
    }
    Ok(if conversion.lost_something() {
        Outcome::Findings
    } else {
        Outcome::Fine
    })
}

/// The folder of a file that may not be there yet.
fn folder_of(file: &Path) -> PathBuf {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Where the names of files in the report start.
fn base_of(files: &[PathBuf]) -> PathBuf {
    let first = files.first().map(|file| folder_of(file));
    let folder = first.unwrap_or_default();
    std::path::absolute(&folder).unwrap_or(folder)
}

/// All of it or nothing, and nothing over a file that is there already, unless that is wanted.
pub(super) fn write(output: &Path, toml: &str, force: bool) -> anyhow::Result<()> {
    let manner = match force {
        true => Manner::USUAL,
        false => Manner::USUAL.before(Before::Stays),
    };
    whole_file::write(output, toml.as_bytes(), manner).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => anyhow::anyhow!(
            "there is such a file already; with --force it is written over: {output:?}"
        ),
        _ => anyhow::anyhow!("cannot write the configuration: {error}: {output:?}"),
    })
}

pub(super) fn print(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

#[derive(Serialize)]
struct JsonReport<'a> {
    config: &'a str,
    lost_something: bool,
    notes: Vec<JsonNote<'a>>,
    remarks: &'a [String],
}

#[derive(Serialize)]
struct JsonNote<'a> {
    file: String,
    line: u32,
    directive: &'a str,
    grade: &'static str,
    matters: bool,
    meaning: &'a str,
}

fn json(conversion: &Conversion, toml: &str) -> anyhow::Result<String> {
    let notes = conversion.notes.iter().map(|note| JsonNote {
        file: note.file.to_string_lossy().into_owned(),
        line: note.line,
        directive: &note.directive,
        grade: note.grade.label(),
        matters: note.matters,
        meaning: &note.meaning,
    });
    let report = JsonReport {
        config: toml,
        lost_something: conversion.lost_something(),
        notes: notes.collect(),
        remarks: &conversion.remarks,
    };
    let text = serde_json::to_string_pretty(&report).context("cannot write the report as JSON")?;
    Ok(text + "\n")
}
