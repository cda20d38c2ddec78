//! What answers for a folder: its index file, a list of its names, or the address that it should have had.

use super::resolution::{Step, Target};
use super::resolve::{Place, Walk, forbidden};
use super::scope::ScriptsRule;
use super::url_path::url_of_folder;

impl Walk<'_> {
    pub(super) fn directory(&mut self) -> Result<Target, Target> {
        self.look();
        let is_script_folder = self.route.runs_scripts
            || self.settings.scripts == ScriptsRule::All
            || self.site.in_script_folder(&self.place.real);
        let index = self.index(is_script_folder);
        let is_root = self.route.components.is_empty();
        if index.is_none() {
            self.steps.push(Step::NoIndex);
            if is_script_folder && !is_root {
                return Err(forbidden(
                    "a script folder is not listed, and this one has no index script",
                ));
            }
        }
        let url = url_of_folder(&self.route.components);
        if !self.path.ends_with(b"/") {
            return Ok(Target::AddSlash { location: url });
        }
        let Some((name, place)) = index else {
            return Ok(Target::Directory {
                folder: self.place.named.clone(),
                listable: self.settings.directory_listing,
                url,
            });
        };
        self.place = place;
        self.index_url = Some([self.path, name.as_bytes()].concat());
        self.looked = false;
        self.steps.push(Step::Index { name });
        self.first_file(self.path.len(), false)
    }

    /// The first index file there is; in a script folder only scripts count.
    fn index(&self, is_script_folder: bool) -> Option<(String, Place)> {
        let Place { named, real, .. } = &self.place;
        self.settings.index.iter().find_map(|name| {
            let named = named.join(name);
            let real = real.join(name).canonicalize().ok()?;
            let usable = real.is_file()
                && self.site.may_serve(&real)
                && (!is_script_folder || self.settings.script_suffix(&named).is_some());
            usable.then(|| {
                let place = Place {
                    named,
                    real,
                    is_folder: false,
                };
                (name.clone(), place)
            })
        })
    }
}
