//! `convert`: between `cgi-studio.toml` and the configuration of other hosts.

mod notes;
mod read;
mod write;

use super::Outcome;
use super::arguments::ConvertArguments;

/// Reads another host's configuration, or with `--to` writes it.
pub(crate) fn convert(asked: &ConvertArguments) -> anyhow::Result<Outcome> {
    match asked.target.to {
        Some(host) => write::write_for(asked, host),
        None => read::read(asked),
    }
}
