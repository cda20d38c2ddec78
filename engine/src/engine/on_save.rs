//! The front door for what a save sets off.

use super::Engine;
use crate::exchange::ExchangeId;
use crate::on_save::Choice;
use crate::server::ChooseError;
use std::path::{Path, PathBuf};

impl Engine {
    /// Runs the request of a script again whenever the script is saved, or what it uses; off at first.
    pub fn run_on_save(&self, on: bool) {
        self.host.run_on_save(on);
    }

    /// The request that is run when the script is saved; none when it was never asked for. May read the disk.
    #[must_use]
    pub fn on_save(&self, script: &Path) -> Option<Choice> {
        self.host.choice(script)
    }

    /// From now on this request is run when the script that it ran is saved; the script is given back. The request is
    /// kept for as long, and the choice outlives the engine where runs are kept on disk. May read the disk.
    ///
    /// # Errors
    /// The request is not kept, ran no script, or the choice cannot be written down: see [`ChooseError`].
    pub fn pin_on_save(&self, id: ExchangeId) -> Result<PathBuf, ChooseError> {
        self.host.pin_on_save(id)
    }

    /// The last request of the script is the one that is run from now on.
    ///
    /// # Errors
    /// That cannot be written down.
    pub fn unpin_on_save(&self, script: &Path) -> Result<(), ChooseError> {
        self.host.unpin_on_save(script)
    }

    /// Runs the request of a script now, whether or not it runs on save. What comes of it is told as events; false
    /// when there is no request. May read the disk.
    pub fn run_choice(&self, script: &Path) -> bool {
        match &self.runtime {
            Some(runtime) => {
                let _inside = runtime.enter();
                self.host.run_choice(script)
            }
            None => false,
        }
    }

    /// Pages that browsers show reload by themselves after a save; off at first. They get a script for that, and a
    /// field that says so.
    pub fn reload_pages(&self, on: bool) {
        self.host.reload.switch(on);
    }

    /// Whether they do.
    #[must_use]
    pub fn reloads_pages(&self) -> bool {
        self.host.reload.is_on()
    }

    /// The folder for what is kept of this site beside its runs; none where nothing is kept on disk.
    #[must_use]
    pub fn site_folder(&self) -> Option<PathBuf> {
        self.host.recorder.site_folder()
    }
}
