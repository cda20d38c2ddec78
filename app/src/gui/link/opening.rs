//! Folders opened by workers: a typed or picked path, an example, the engine that serves it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use cgi_engine::history::HistoryLimits;
use cgi_engine::process::Spawner;
use cgi_engine::site::SiteConfig;
use cgi_engine::{BindError, Engine, EngineOptions, Listen, StartError};

use super::{Link, NO_DIALOG, News, Opened, Report, end};
use crate::gui::model::Completion;
use crate::gui::{surroundings, typed_path};
use crate::samples::Sample;
use crate::{address, recording, samples};

/// How long an engine of ours may take to give its port back, and how often it is asked for meanwhile.
const PORT_FREED: Duration = Duration::from_secs(2);
const ASK_AGAIN: Duration = Duration::from_millis(10);

impl Link {
    pub(super) fn take_opened(&mut self, folder: PathBuf, outcome: Result<Opened, String>) -> News {
        match outcome {
            Ok(opened) => {
                let snapshot = self.adopt(opened.engine);
                if let Some(path) = opened.first_request {
                    self.send(path);
                }
                News::Opened(Box::new(snapshot))
            }
            Err(text) => News::NotOpened { folder, text },
        }
    }

    /// The user asked for another folder meanwhile.
    pub(super) fn drop_unwanted(&mut self, outcome: Result<Opened, String>) {
        if let Ok(opened) = outcome {
            self.holder("engine-end", move || opened.engine.shut_down());
        }
    }

    /// Starts to open a folder; what became of it comes as news.
    pub(in crate::gui) fn open(&mut self, folder: PathBuf) {
        let (spawner, open) = (
            self.spawner.clone(),
            self.engine.as_ref().map(Arc::downgrade),
        );
        self.open_by("open-folder", folder.clone(), move || {
            Ok(Opened {
                engine: start(&spawner, &folder, open.as_ref())?,
                first_request: None,
            })
        });
    }

    /// Starts to unpack an example and to open it; its first request follows.
    pub(in crate::gui) fn open_sample(&mut self, sample: &'static Sample, into: PathBuf) {
        let (spawner, open) = (
            self.spawner.clone(),
            self.engine.as_ref().map(Arc::downgrade),
        );
        self.open_by("open-example", into.join(sample.name), move || {
            let folder = samples::unpack(sample, &into).map_err(|error| error.to_string())?;
            let first_request = Some(sample.first_request.clone());
            Ok(Opened {
                engine: start(&spawner, &folder, open.as_ref())?,
                first_request,
            })
        });
    }

    pub(super) fn open_by(
        &mut self,
        name: &str,
        folder: PathBuf,
        open: impl FnOnce() -> Result<Opened, String> + Send + 'static,
    ) {
        self.opening += 1;
        let number = self.opening;
        self.report_from(name, move || Report::Opened {
            number,
            folder,
            outcome: open(),
        });
    }

    /// Shows the system's dialog for folders.
    pub(in crate::gui) fn pick_folder(&self) {
        self.report_from("folder-dialog", || {
            let begun = Instant::now();
            let picked = rfd::FileDialog::new()
                .set_title("Open a folder of scripts")
                .pick_folder();
            Report::Other(match picked {
                Some(folder) => News::Picked(folder),
                None if begun.elapsed() < NO_DIALOG => News::NoDialog,
                None => News::PickedNothing,
            })
        });
    }

    /// Looks for interpreters and asks each about itself.
    pub(in crate::gui) fn find_interpreters(&self) {
        let spawner = self.spawner.clone();
        self.report_from("interpreters", move || {
            Report::Other(News::Interpreters(surroundings::find(&spawner, None)))
        });
    }

    /// Looks for folders that complete a path. One folder is read at a time, for a network may be slow to answer;
    /// of what is typed meanwhile only the last counts.
    pub(in crate::gui) fn complete_path(&mut self, typed: String) {
        if self.completing {
            self.complete_next = Some(typed);
            return;
        }
        self.completing = true;
        self.report_from("path-completion", move || {
            let folders = typed_path::complete(&typed, std::env::home_dir().as_deref());
            Report::Other(News::Completed(Completion { typed, folders }))
        });
    }

    pub(super) fn completed(&mut self) {
        self.completing = false;
        if let Some(typed) = self.complete_next.take() {
            self.complete_path(typed);
        }
    }
}

/// Starts to serve a folder. A fixed address that the open folder has is taken over from it.
fn start(spawner: &Spawner, folder: &Path, open: Option<&Weak<Engine>>) -> Result<Engine, String> {
    let configured = SiteConfig::read(folder).0.server.listen;
    let options = EngineOptions {
        folder: folder.to_owned(),
        listen: address::choose(None, configured),
        history: HistoryLimits::default(),
        recording: recording::of_user(),
    };
    let begun = Instant::now();
    let is_freed = give_up_place(&options, open);
    loop {
        match Engine::start(spawner.clone(), &options) {
            Err(StartError::Bind(BindError::Busy { .. }))
                if is_freed && begun.elapsed() < PORT_FREED =>
            {
                std::thread::sleep(ASK_AGAIN);
            }
            started => return started.map_err(|error| error.to_string()),
        }
    }
}

/// Stops the open folder's engine when another needs its very port, or the right to record the same folder's runs.
/// True when it was the port.
fn give_up_place(wanted: &EngineOptions, open: Option<&Weak<Engine>>) -> bool {
    let Some(engine) = open.and_then(Weak::upgrade) else {
        return false;
    };
    let held = engine.address().map_or(0, |held| held.port());
    let is_port =
        matches!(wanted.listen, Listen::Exactly(address) if address.port() == held && held != 0);
    let is_folder = wanted
        .folder
        .canonicalize()
        .is_ok_and(|folder| folder == engine.site().root);
    if is_port || is_folder {
        engine.begin_stop();
    }
    end(engine);
    is_port
}
