//! Opens the window, or serves without one where no window can be had.

use std::convert::Infallible;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;
use cgi_engine::Engine;
use cgi_engine::process::Spawner;

use super::arguments::OpenArguments;
use super::display::{Displays, Plan};
use super::{Outcome, serve, talk, text};
use crate::{gui, preferences, samples};

/// Serves what was asked for and opens the window on it.
pub(crate) fn open(spawner: Spawner, asked: &OpenArguments) -> anyhow::Result<Outcome> {
    let folder = folder(asked)?;
    let displays = Displays::of_process();
    match displays.plan() {
        Plan::Window => {}
        Plan::WindowOnX11 => match retry_on_x11(spawner)? {},
        Plan::Headless(reason) => return without_window(spawner, folder, None, &reason),
    }
    // Serving begins before the first frame.
    let engine = folder
        .as_deref()
        .map(|folder| serve::start(spawner.clone(), folder, None))
        .transpose()?;
    if let Some(engine) = &engine {
        serve::announce(&engine.snapshot().state, "closing the window stops");
    }
    let mut start = gui::Start {
        spawner: spawner.clone(),
        folder: folder.clone(),
        engine,
    };
    let Err(gui::WindowError { reason }) = gui::run(&mut start) else {
        return Ok(Outcome::Fine);
    };
    let reason = text::visible(without_source_place(&reason));
    if displays.can_fall_back_to_x11() {
        drop(start);
        talk::say(&format!("no window on Wayland ({reason}); trying X11"));
        match retry_on_x11(spawner)? {}
    }
    without_window(spawner, folder, start.engine, &reason)
}

/// The window system's libraries tell where in their source they failed, which helps nobody here.
fn without_source_place(reason: &str) -> &str {
    let place = reason.rsplit_once(".rs:");
    place
        .and_then(|(_, rest)| rest.split_once(": "))
        .map_or(reason, |(_, words)| words)
}

/// The folder to open: given, or an example's, which is unpacked first; none is the start screen.
fn folder(asked: &OpenArguments) -> anyhow::Result<Option<PathBuf>> {
    if let Some(name) = &asked.example {
        return Ok(Some(unpacked(name)?));
    }
    if let Some(folder) = &asked.folder {
        meant_a_command(folder)?;
    }
    Ok(asked.folder.clone())
}

fn unpacked(example: &str) -> anyhow::Result<PathBuf> {
    let sample = samples::sample(example)?;
    let data = preferences::data_folder().context(samples::NOWHERE_TO_UNPACK)?;
    Ok(samples::unpack(sample, &data.join("examples"))?)
}

/// Nobody who mistypes a command wants to hear of folders.
fn meant_a_command(folder: &Path) -> anyhow::Result<()> {
    let name = folder.to_string_lossy();
    let near = ["serve", "run", "deploy"]
        .into_iter()
        .find(|command| strsim::damerau_levenshtein(command, &name) <= 1);
    match near {
        Some(command) if !folder.exists() => {
            anyhow::bail!(
                "there is no such folder, and no such command; did you mean `cgi-studio {command}`?: {folder:?}"
            )
        }
        _ => Ok(()),
    }
}

/// Serves with a live log in place of the window; without a folder, an example. An engine that serves already goes on.
fn without_window(
    spawner: Spawner,
    folder: Option<PathBuf>,
    engine: Option<Engine>,
    reason: &str,
) -> anyhow::Result<Outcome> {
    talk::say(&format!("no window: {reason}; serving without one"));
    if let Some(engine) = engine {
        return serve::headless(engine);
    }
    let folder = folder.map_or_else(|| unpacked("hello"), Ok)?;
    serve::headless(serve::start(spawner, &folder, None)?)
}

/// Begins again as another program image, for which there is no Wayland; returns only when that fails.
fn retry_on_x11(spawner: Spawner) -> anyhow::Result<Infallible> {
    // The spawner leaves with the last of its handles; the new image starts its own.
    drop(spawner);
    let executable = std::env::current_exe().context("cannot start again for X11")?;
    let mut again = Command::new(executable);
    again
        .args(std::env::args_os().skip(1))
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("WAYLAND_SOCKET");
    Err(again.exec()).context("cannot start again for X11")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_command_is_no_folder() {
        let refused = meant_a_command(Path::new("sevre")).unwrap_err().to_string();
        assert!(
            refused.contains("did you mean `cgi-studio serve`?"),
            "{refused}"
        );
        assert!(meant_a_command(Path::new("site")).is_ok());
    }

    #[test]
    fn an_unknown_example_brings_a_suggestion() {
        let asked = OpenArguments {
            example: Some("helo".to_owned()),
            ..OpenArguments::default()
        };
        let refused = folder(&asked).unwrap_err().to_string();
        assert!(refused.contains("did you mean \"hello\"?"), "{refused}");
    }

    #[test]
    fn a_reason_is_told_without_a_place_in_somebodys_source() {
        let reason = "os error at /home/x/winit/event_loop/mod.rs:92: Backend error: broken pipe";
        assert_eq!(without_source_place(reason), "Backend error: broken pipe");
        assert_eq!(without_source_place("no GL"), "no GL");
    }
}
