//! Sections laid over one another, and written as scopes.
//!
//! Most of what a section says goes into a scope as it is, because both are merged alike. Which
//! files are scripts and who may have them is put together from several directives, which stand
//! in different sections: for these, what all the sections around one say is summed up first.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::convert::ScopeSource;
use crate::site::{AuthenticationSettings, Place, Requirement, ScopeConfig, ScriptsRule};

use super::ReadError;
use super::access::Access;
use super::paths::Paths;
use super::region::{Region, UrlMap};
use super::says::{Says, Section};

const SCRIPT: &str = "cgi-script";

/// What the sections around a place come to, where several of them count together.
#[derive(Debug, Clone, Default, PartialEq)]
struct Sum {
    exec_cgi: bool,
    set_handler: Option<String>,
    handlers: BTreeMap<String, String>,
    actions: BTreeMap<String, String>,
    script_alias: bool,
    access: Access,
    realm: Option<String>,
    user_file: Option<PathBuf>,
    login_kind: Option<String>,
}

/// What the sum means for us.
#[derive(Debug, Clone, PartialEq)]
struct Meaning {
    scripts: ScriptsRule,
    suffixes: Vec<String>,
    actions: BTreeMap<String, String>,
    require: Requirement,
    authentication: Option<(String, PathBuf)>,
}

/// What holds for the whole site, and the scopes with their sources.
pub(super) struct Laid {
    pub(super) suffixes: Vec<String>,
    pub(super) scopes: Vec<(ScopeConfig, Vec<ScopeSource>)>,
}

/// Sections that overlap in many ways make a scope for each of them.
const MOST_SCOPES: usize = 2_000;

/// Lays the sections, in httpd's order, over one another.
pub(super) fn lay(sections: &[Section], urls: &UrlMap, paths: &Paths) -> Result<Laid, ReadError> {
    let laying = Laying {
        sections,
        urls,
        paths,
        may_refuse: sections
            .iter()
            .any(|section| section.says.set_handler.as_deref() == Some(SCRIPT)),
    };
    let base_count = sections
        .iter()
        .take_while(|section| section.region == Region::default())
        .count();
    let (base, rest) = laying.base(base_count);
    let mut scopes: Vec<(ScopeConfig, Vec<ScopeSource>)> = Vec::new();
    scopes.extend(base.scope.map(|(scope, source)| (scope, vec![source])));
    for (index, section) in rest {
        for (scope, source) in laying.scopes(index, section) {
            match scopes.last_mut() {
                Some((last, sources)) if same_region(last, &scope) => {
                    merge(last, scope);
                    sources.push(source);
                }
                _ => scopes.push((scope, vec![source])),
            }
        }
        if scopes.len() > MOST_SCOPES {
            return Err(ReadError::TooManySections { most: MOST_SCOPES });
        }
    }
    Ok(Laid {
        suffixes: base.suffixes,
        scopes,
    })
}

struct Base {
    suffixes: Vec<String>,
    scope: Option<(ScopeConfig, ScopeSource)>,
}

struct Laying<'a> {
    sections: &'a [Section],
    urls: &'a UrlMap,
    paths: &'a Paths,
    /// Whether SetHandler stands anywhere, which refuses every file where ExecCGI is off: then
    /// what decides of scripts decides of access, too.
    may_refuse: bool,
}

impl<'a> Laying<'a> {
    /// What stands before all sections for parts of the site, as one scope.
    fn base(&self, count: usize) -> (Base, impl Iterator<Item = (usize, &'a Section)>) {
        let (base, _) = self.sections.split_at(count);
        let mut sum = Sum::default();
        let mut scope = ScopeConfig::default();
        for section in base {
            sum.lay(&section.says);
            merge(&mut scope, section.says.plain.clone());
        }
        let meaning = sum.meaning();
        if meaning.scripts != ScriptsRule::ByName {
            scope.scripts = Some(meaning.scripts);
        }
        if meaning.require != Requirement::Granted {
            scope.require = Some(meaning.require.clone());
        }
        scope.authentication = self.authentication(&meaning);
        scope.actions = meaning.actions;
        let source = ScopeSource {
            file: base
                .iter()
                .map(|section| section.source.file.clone())
                .next_back()
                .unwrap_or_default(),
            line: 0,
            section: "what stands outside of all sections, and Apache's defaults".to_owned(),
        };
        let scope = (scope != ScopeConfig::default()).then_some((scope, source));
        let rest = self.sections.iter().enumerate().skip(count);
        let suffixes = meaning.suffixes;
        (Base { suffixes, scope }, rest)
    }

    /// The scope of one section, and those for its parts where earlier sections say more.
    fn scopes(&self, index: usize, section: &Section) -> Vec<(ScopeConfig, ScopeSource)> {
        let above = self.sum(index, &section.region).meaning();
        let meaning = self.sum(index + 1, &section.region).meaning();
        let parts = self.parts(index, section);
        let mut scope = section.says.plain.clone();
        let force = !parts.is_empty();
        self.say(
            &mut scope,
            &section.says,
            &meaning,
            (!force).then_some(&above),
        );
        let mut scopes = Vec::new();
        scopes.extend(self.placed(scope, &section.region, &section.source));
        // What was said last for a region around a part holds there until the part is told apart.
        let mut said = vec![(section.region.clone(), meaning)];
        for part in parts {
            let of_part = self.sum(index + 1, &part).meaning();
            let mut around = said.iter().rev();
            let around = around.find(|(region, _)| region.contains(&part, self.urls));
            let mut scope = ScopeConfig::default();
            let around = around.map(|(_, meaning)| meaning);
            self.say(&mut scope, &section.says, &of_part, around);
            scopes.extend(self.placed(scope, &part, &section.source));
            said.push((part, of_part));
        }
        scopes
    }

    /// What all sections before `end` that surely hold for a region come to.
    fn sum(&self, end: usize, region: &Region) -> Sum {
        let mut sum = Sum::default();
        for section in self.sections.iter().take(end) {
            if section.region.contains(region, self.urls) {
                sum.lay(&section.says);
            }
        }
        sum
    }

    /// Where this section and an earlier one that is about the same meet, without the earlier one
    /// holding for all of this one.
    fn parts(&self, index: usize, section: &Section) -> Vec<Region> {
        let mut parts: Vec<Region> = Vec::new();
        let about = |says: &Says| (says.is_about_scripts(), self.is_about_access(says));
        let (scripts, access) = about(&section.says);
        for earlier in self.sections.iter().take(index) {
            let (earlier_scripts, earlier_access) = about(&earlier.says);
            let together = scripts && earlier_scripts || access && earlier_access;
            if !together || earlier.region.contains(&section.region, self.urls) {
                continue;
            }
            let part = section.region.both(&earlier.region, self.urls);
            parts.extend(part.filter(|part| !parts.contains(part)));
        }
        // Wider ones first: what comes later wins.
        let around = |part: &Region| {
            let holds = |other: &&Region| other.contains(part, self.urls);
            parts.iter().filter(holds).count()
        };
        let mut ordered: Vec<(usize, Region)> = parts
            .iter()
            .map(|part| (around(part), part.clone()))
            .collect();
        ordered.sort_by_key(|(around, _)| *around);
        ordered.into_iter().map(|(_, part)| part).collect()
    }

    /// Writes what `meaning` says, as far as the section is about it and `above` says otherwise.
    fn say(
        &self,
        scope: &mut ScopeConfig,
        says: &Says,
        meaning: &Meaning,
        above: Option<&Meaning>,
    ) {
        let differs =
            |same: fn(&Meaning, &Meaning) -> bool| above.is_none_or(|above| !same(above, meaning));
        if says.is_about_scripts() {
            if differs(|above, here| above.scripts == here.scripts) {
                scope.scripts = Some(meaning.scripts);
            }
            if differs(|above, here| above.suffixes == here.suffixes) {
                scope.suffixes = Some(meaning.suffixes.clone());
            }
            if differs(|above, here| above.actions == here.actions) {
                scope.actions = meaning.actions.clone();
            }
        }
        if self.is_about_access(says) && differs(|above, here| above.require == here.require) {
            scope.require = Some(meaning.require.clone());
        }
        if says.is_about_login()
            && differs(|above, here| above.authentication == here.authentication)
        {
            scope.authentication = self.authentication(meaning);
        }
    }

    fn is_about_access(&self, says: &Says) -> bool {
        says.is_about_access() || self.may_refuse && says.is_about_scripts()
    }

    fn authentication(&self, meaning: &Meaning) -> Option<AuthenticationSettings> {
        let (realm, user_file) = meaning.authentication.clone()?;
        Some(AuthenticationSettings {
            realm,
            user_file: self.paths.for_site(&user_file),
        })
    }

    /// The scope in its place, unless it says nothing.
    fn placed(
        &self,
        scope: ScopeConfig,
        region: &Region,
        source: &ScopeSource,
    ) -> Option<(ScopeConfig, ScopeSource)> {
        if scope == ScopeConfig::default() {
            return None;
        }
        let place = match &region.place {
            Place::Folder(folder) => Place::Folder(self.paths.for_site(folder)),
            other => other.clone(),
        };
        let scope = ScopeConfig {
            place,
            files: region.files.clone(),
            ..scope
        };
        Some((scope, source.clone()))
    }
}

impl Sum {
    fn lay(&mut self, says: &Says) {
        self.exec_cgi = says.exec_cgi.unwrap_or(self.exec_cgi);
        match says.set_handler.as_deref() {
            Some("none") => self.set_handler = None,
            Some(handler) => self.set_handler = Some(handler.to_owned()),
            None => {}
        }
        for (suffix, handler) in &says.handlers {
            match handler {
                Some(handler) => self.handlers.insert(suffix.clone(), handler.clone()),
                None => self.handlers.remove(suffix),
            };
        }
        let actions = says.actions.iter();
        self.actions
            .extend(actions.map(|(name, script)| (name.clone(), script.clone())));
        self.script_alias |= says.script_alias;
        self.access.lay(&says.access, says.merging);
        replace(&mut self.realm, &says.realm);
        replace(&mut self.user_file, &says.user_file);
        replace(&mut self.login_kind, &says.login_kind);
    }

    fn meaning(&self) -> Meaning {
        let suffixes = self.suffixes_of(SCRIPT);
        let by_name = if self.exec_cgi {
            ScriptsRule::ByName
        } else {
            ScriptsRule::None
        };
        let (scripts, suffixes, refused) = match self.set_handler.as_deref() {
            Some(SCRIPT) if self.exec_cgi || self.script_alias => {
                (ScriptsRule::All, suffixes, false)
            }
            // Without ExecCGI the handler refuses every file.
            Some(SCRIPT) => (ScriptsRule::None, suffixes, true),
            Some(_) => (ScriptsRule::None, Vec::new(), false),
            None if self.script_alias => (ScriptsRule::All, suffixes, false),
            None => (by_name, suffixes, false),
        };
        Meaning {
            scripts,
            suffixes,
            actions: self.actions(),
            require: if refused {
                Requirement::Denied
            } else {
                self.access.requirement()
            },
            authentication: self.authentication(),
        }
    }

    fn suffixes_of(&self, handler: &str) -> Vec<String> {
        let of_it = self.handlers.iter().filter(|(_, name)| *name == handler);
        of_it.map(|(suffix, _)| suffix.clone()).collect()
    }

    /// Action by media type, and by each suffix that has the action's handler.
    fn actions(&self) -> BTreeMap<String, String> {
        let mut actions = BTreeMap::new();
        for (name, script) in &self.actions {
            if name.contains('/') {
                actions.insert(name.clone(), script.clone());
            }
            for suffix in self.suffixes_of(name) {
                actions.insert(suffix, script.clone());
            }
        }
        actions
    }

    fn authentication(&self) -> Option<(String, PathBuf)> {
        (self.login_kind.as_deref() == Some("basic"))
            .then(|| Some((self.realm.clone()?, self.user_file.clone()?)))?
    }
}

fn replace<T: Clone>(value: &mut Option<T>, said: &Option<T>) {
    if said.is_some() {
        value.clone_from(said);
    }
}

fn same_region(one: &ScopeConfig, other: &ScopeConfig) -> bool {
    one.place == other.place && one.files == other.files
}

/// Lays one scope over another for the same region.
fn merge(scope: &mut ScopeConfig, over: ScopeConfig) {
    replace(&mut scope.scripts, &over.scripts);
    replace(&mut scope.suffixes, &over.suffixes);
    replace(&mut scope.index, &over.index);
    replace(&mut scope.accept_path_info, &over.accept_path_info);
    replace(&mut scope.directory_listing, &over.directory_listing);
    replace(&mut scope.pass_authorization, &over.pass_authorization);
    replace(&mut scope.require, &over.require);
    replace(&mut scope.authentication, &over.authentication);
    scope.error_documents.extend(over.error_documents);
    scope.actions.extend(over.actions);
    scope.method_scripts.extend(over.method_scripts);
    let names = over.set_environment.keys().chain(&over.pass_environment);
    for name in names.chain(&over.unset_environment) {
        scope.set_environment.remove(name);
        scope.pass_environment.retain(|other| other != name);
        scope.unset_environment.retain(|other| other != name);
    }
    scope.set_environment.extend(over.set_environment);
    scope.pass_environment.extend(over.pass_environment);
    scope.unset_environment.extend(over.unset_environment);
}

/// Whether a folder lies in the place of a section, and its path is not matched by an expression
/// of the user's own.
pub(super) fn holds_folder(region: &Region, folder: &Path) -> bool {
    use std::os::unix::ffi::OsStrExt as _;
    if region.files.is_some() {
        return false;
    }
    match &region.place {
        Place::Site => true,
        Place::Folder(outer) => folder.starts_with(outer),
        Place::FolderMatch(pattern) => pattern.is_match(folder.as_os_str().as_bytes()),
        Place::Url(_) | Place::UrlMatch(_) => false,
    }
}
