//! What was recorded of a folder, without a window and without an engine: `log`, `show`, `replay`, `export`, `import`.

mod arguments;
mod export;
mod import;
mod log;
mod replay;
mod show;
mod wanted;

use std::path::Path;

use anyhow::Context as _;
use cgi_engine::exchange::{Exchange, ExchangeRow};
use cgi_engine::history::store::Archive;

pub(crate) use arguments::{
    ExportArguments, ImportArguments, LogArguments, ReplayArguments, ShowArguments,
};
pub(crate) use export::export;
pub(crate) use import::import;
pub(crate) use log::log;
pub(crate) use replay::replay;
pub(crate) use show::show;

use crate::recording;

/// What is recorded of the folder.
fn archive(folder: &Path) -> anyhow::Result<Archive> {
    let root = folder
        .canonicalize()
        .map_err(|error| anyhow::anyhow!("cannot open the folder: {error}: {folder:?}"))?;
    let state = recording::state_folder()
        .context("nothing is recorded: neither XDG_STATE_HOME nor HOME says where")?;
    let archive = Archive::open(&state, &root)?;
    archive.ok_or_else(|| {
        anyhow::anyhow!(
            "no requests of this folder are recorded; open it with `cgi-studio` or `cgi-studio serve` and ask for a page: {folder:?}"
        )
    })
}

/// The whole record of a row.
fn exchange(archive: &Archive, row: &ExchangeRow) -> anyhow::Result<Exchange> {
    archive.exchange(row.id)?.ok_or_else(|| {
        anyhow::anyhow!(
            "of request {} only its line in the log is left; the rest had to make room for newer ones",
            row.id
        )
    })
}
