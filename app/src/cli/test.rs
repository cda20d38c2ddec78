//! `test`: the saved requests of a site sent one after another, and what they were expected to be like.

mod json;
mod junit;
mod outcome;
mod selection;
mod text;

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use cgi_engine::expect::{self, Expectation};
use cgi_engine::history::HistoryLimits;
use cgi_engine::history::store::Recording;
use cgi_engine::process::Spawner;
use cgi_engine::saved_request::folder;
use cgi_engine::{Engine, EngineOptions, Listen, diagnosis};

use super::Outcome;
use super::arguments::{TestArguments, TestFormat};
use super::ink::Ink;
use super::{talk, text as shown};
use outcome::{Cause, Report, Tested};
use selection::{Chosen, Selected};

/// Sends the saved requests and tells what came of them.
pub(crate) fn test(spawner: Spawner, asked: &TestArguments) -> anyhow::Result<Outcome> {
    let engine = start(spawner, &asked.folder)?;
    let site = engine.site();
    for problem in &site.problems {
        talk::warn(&shown::visible(&problem.to_string()));
    }
    let listed = folder::list(&site.root).with_context(|| {
        let folder = site.root.join(folder::FOLDER);
        format!("cannot read the folder of saved requests: {folder:?}")
    })?;
    let selected = selection::select(listed, &asked.names)?;
    let begun = Instant::now();
    let mut all = Vec::new();
    let mut out = Output::new(asked)?;
    for chosen in &selected {
        let tested = run(&engine, &site.root, chosen);
        out.progress(&tested)?;
        all.push(tested);
    }
    engine.shut_down();
    let report = Report {
        site: site.root.clone(),
        all,
        took: begun.elapsed(),
    };
    out.end(&report)?;
    Ok(report.outcome())
}

fn start(spawner: Spawner, folder: &Path) -> anyhow::Result<Engine> {
    let options = EngineOptions {
        folder: folder.to_owned(),
        listen: Listen::Nowhere,
        history: HistoryLimits::default(),
        recording: Recording::Memory,
    };
    Ok(Engine::start(spawner, &options)?)
}

fn run(engine: &Engine, site: &Path, selected: &Selected) -> Tested {
    let begun = Instant::now();
    let cause = match &selected.chosen {
        Chosen::Broken(why) => Cause::Broken(why.clone()),
        Chosen::Request(request) => {
            let folder = selected.path.parent().unwrap_or(site);
            match request.request.to_bytes(folder) {
                Ok(bytes) => sent(engine, bytes, request.expectations()),
                Err(why) => Cause::NotSent(why.to_string()),
            }
        }
    };
    Tested {
        name: selected.name.clone(),
        file: selected
            .path
            .strip_prefix(site)
            .unwrap_or(&selected.path)
            .to_owned(),
        lines: selected.expectation_lines(),
        cause,
        took: begun.elapsed(),
    }
}

fn sent<'e>(
    engine: &Engine,
    bytes: Vec<u8>,
    expectations: impl Iterator<Item = &'e Expectation>,
) -> Cause {
    let (id, _) = engine.submit(bytes);
    let Some(exchange) = id.and_then(|id| engine.wait_for_end(id)) else {
        return Cause::NotSent("the record of the run is too large to be kept".to_owned());
    };
    let expectations: Vec<Expectation> = expectations.cloned().collect();
    Cause::Ran {
        outcomes: expect::check(&exchange, &expectations),
        findings: diagnosis::after_run(&exchange),
        exchange,
    }
}

/// Where the report goes: as it comes for text, at the end for programs.
struct Output {
    format: TestFormat,
    file: Option<fs::File>,
    ink: Ink,
}

impl Output {
    fn new(asked: &TestArguments) -> anyhow::Result<Self> {
        let file =
            match &asked.output {
                Some(path) => Some(fs::File::create(path).map_err(|error| {
                    anyhow::anyhow!("cannot write the report: {error}: {path:?}")
                })?),
                None => None,
            };
        Ok(Self {
            format: asked.format,
            ink: match file {
                Some(_) => Ink::PLAIN,
                None => Ink::of_stdout(),
            },
            file,
        })
    }

    fn progress(&mut self, tested: &Tested) -> io::Result<()> {
        match self.format {
            TestFormat::Text => self.write(text::one(tested, self.ink).as_bytes()),
            TestFormat::Junit | TestFormat::Json => Ok(()),
        }
    }

    fn end(&mut self, report: &Report) -> anyhow::Result<()> {
        let written = match self.format {
            TestFormat::Text => text::end(report, self.ink).into_bytes(),
            TestFormat::Junit => junit::report(report)?,
            TestFormat::Json => json::report(report)?,
        };
        self.write(&written)?;
        // Whoever reads a file still wants to know how it went.
        if self.file.is_some() && self.format != TestFormat::Text {
            talk::say(text::end(report, Ink::of_stderr()).trim_end());
        }
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.file {
            Some(file) => file.write_all(bytes),
            None => {
                let mut stdout = io::stdout().lock();
                stdout.write_all(bytes)?;
                stdout.flush()
            }
        }
    }
}

/// `0.4 ms`, in the words of the studio.
fn time(took: Duration) -> String {
    diagnosis::units::human_duration(took)
}
