//! `convert`: between `cgi-studio.toml` and the configuration of other hosts.

mod notes;
mod read;

use super::Outcome;
use super::arguments::ConvertArguments;

/// Reads another host's configuration.
pub(crate) fn convert(asked: &ConvertArguments) -> anyhow::Result<Outcome> {
    read::read(asked)
}
