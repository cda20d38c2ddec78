//! The configuration of another host, for a site.

use std::path::Path;

use anyhow::Context as _;
use cgi_engine::convert::Host;
use cgi_engine::convert::write::{Deployment, Written, write};
use cgi_engine::site::Site;
use serde::Serialize;

use super::read;
use crate::cli::Outcome;
use crate::cli::arguments::{ConvertArguments, Format};
use crate::cli::talk;
use crate::cli::text::visible;

/// Prints or writes the file, and tells what it leaves out; then the exit code is 1.
pub(super) fn write_for(asked: &ConvertArguments, host: Host) -> anyhow::Result<Outcome> {
    let [folder] = asked.files.as_slice() else {
        anyhow::bail!("with --to, the one thing to name is the folder of the site");
    };
    let site = Site::open(folder)?;
    for problem in &site.problems {
        talk::warn(&visible(&problem.to_string()));
    }
    let written = write(&site, host, &deployment(asked)?)?;
    if let Some(output) = &asked.output {
        read::write(output, &written.text, asked.force)?;
    }
    match asked.format {
        Format::Text if asked.output.is_none() => read::print(&written.text)?,
        Format::Text => {}
        Format::Json => read::print(&json(host, &written)?)?,
    }
    for what in &written.left_out {
        talk::warn(&format!("left out: {}", visible(what)));
    }
    Ok(
        match written.left_out.is_empty() && site.problems.is_empty() {
            true => Outcome::Fine,
            false => Outcome::Findings,
        },
    )
}

fn deployment(asked: &ConvertArguments) -> anyhow::Result<Deployment> {
    let target = &asked.target;
    let default = Deployment::default();
    for path in [&target.root, &target.fcgiwrap_socket]
        .into_iter()
        .flatten()
    {
        anyhow::ensure!(
            path.is_absolute(),
            "a path on the other computer starts with a slash: {path:?}"
        );
    }
    Ok(Deployment {
        server_name: target.server_name.clone(),
        address: target.address,
        port: target.port.unwrap_or(default.port),
        root: target.root.as_deref().map(Path::to_owned),
        fcgiwrap_socket: target
            .fcgiwrap_socket
            .clone()
            .unwrap_or(default.fcgiwrap_socket),
    })
}

#[derive(Serialize)]
struct JsonWritten<'a> {
    host: &'a str,
    config: &'a str,
    left_out: &'a [String],
}

fn json(host: Host, written: &Written) -> anyhow::Result<String> {
    let report = JsonWritten {
        host: host.name(),
        config: &written.text,
        left_out: &written.left_out,
    };
    let text = serde_json::to_string_pretty(&report).context("cannot write the report as JSON")?;
    Ok(text + "\n")
}
