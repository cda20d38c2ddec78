//! The site's configuration from what was read.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::convert::{Conversion, Grade, ScopeSource};
use crate::site::config::AliasMatch;
use crate::site::pattern::Pattern;
use crate::site::{ScopeConfig, SiteConfig};

use super::collect::{script_folder, script_urls};
use super::lay::Laid;
use super::notes::Notes;
use super::paths::Paths;
use super::region::{Region, UrlMap, below};
use super::says::Section;
use super::server::{Alias, Server};
use super::tree::Place;

/// No limit, as large as TOML can say it.
const UNLIMITED_BYTES: u64 = i64::MAX as u64;

/// Where URLs lead.
#[derive(Debug, Default)]
pub(super) struct Places {
    script_aliases: BTreeMap<String, PathBuf>,
    aliases: BTreeMap<String, PathBuf>,
    script_alias_matches: Vec<AliasMatch>,
    alias_matches: Vec<AliasMatch>,
    document_root: Option<PathBuf>,
    pub(super) urls: UrlMap,
}

/// Sorts out the aliases; httpd takes the first that fits, this studio the longest.
pub(super) fn places(server: &Server, paths: &Paths, notes: &mut Notes) -> Places {
    let mut places = Places {
        document_root: server.document_root.clone(),
        ..Places::default()
    };
    for alias in &server.aliases {
        if alias.is_expression {
            places.add_expression(alias, paths, notes);
        } else {
            places.add_prefix(alias, paths, notes);
        }
    }
    for alias in server.aliases.iter().filter(|alias| alias.is_expression) {
        places.note_order(alias, &server.aliases, notes);
    }
    let top = server.document_root.clone().or(paths.site_folder.clone());
    places
        .urls
        .prefixes
        .extend(top.map(|folder| ("/".to_owned(), folder)));
    places
}

impl Places {
    fn add_prefix(&mut self, alias: &Alias, paths: &Paths, notes: &mut Notes) {
        let directive = &alias.directive;
        let (url, to) = (&alias.url, &alias.to);
        if !url.starts_with('/') || to.is_empty() {
            notes.not_taken(
                directive,
                "the beginning of a URL path and a folder are wanted; Apache does not start with it",
            );
            return;
        }
        let taken = self.urls.prefixes.iter();
        if let Some((earlier, _)) = taken
            .clone()
            .find(|(earlier, _)| below(url, earlier).is_some())
        {
            notes.harmless(
                directive,
                format!("Apache never comes to it, since the alias for {earlier} stands before it and fits as well"),
            );
            return;
        }
        let folder = paths.absolute(to);
        self.urls.prefixes.push((url.clone(), folder.clone()));
        let aliases = if alias.runs_scripts {
            &mut self.script_aliases
        } else {
            &mut self.aliases
        };
        aliases.insert(url.clone(), folder);
        if url.ends_with('/') && url != "/" && !to.ends_with('/') {
            notes.partly(
                directive,
                format!("only one of both ends in a slash, so that Apache looks for {to}NAME; it was taken as {to}/NAME"),
            );
        } else {
            notes.taken(directive, "");
        }
    }

    fn add_expression(&mut self, alias: &Alias, paths: &Paths, notes: &mut Notes) {
        let url = match Pattern::parse(&alias.url) {
            Ok(url) if !alias.to.is_empty() => url,
            Ok(_) => {
                notes.not_taken(
                    &alias.directive,
                    "an expression and a path are wanted; Apache does not start with it",
                );
                return;
            }
            Err(error) => {
                notes.not_taken(&alias.directive, format!("its expression {error}"));
                return;
            }
        };
        let to = paths.server_root.join(template(&alias.to, url.groups()));
        let to = paths.for_site(&to).to_string_lossy().into_owned();
        let matches = if alias.runs_scripts {
            &mut self.script_alias_matches
        } else {
            &mut self.alias_matches
        };
        matches.push(AliasMatch { url, to });
    }

    /// Expressions are asked after the prefixes here, wherever they stand.
    fn note_order(&self, alias: &Alias, aliases: &[Alias], notes: &mut Notes) {
        let Ok(pattern) = Pattern::parse(&alias.url) else {
            return;
        };
        let later = aliases
            .iter()
            .skip_while(|other| !std::ptr::eq(*other, alias))
            .filter(|other| !other.is_expression)
            .find(|other| pattern.is_match(other.url.as_bytes()));
        match later {
            Some(later) => notes.partly(
                &alias.directive,
                format!(
                    "URLs below {} go by that alias here, while Apache asks this expression first",
                    later.url
                ),
            ),
            None if !alias.to.is_empty() => notes.taken(&alias.directive, ""),
            None => {}
        }
    }

    /// The sections that the folders of ScriptAlias amount to.
    pub(super) fn script_folders(&self, server: &Server) -> Vec<(usize, Section)> {
        let aliases = server.aliases.iter();
        aliases
            .filter(|alias| alias.runs_scripts && !alias.is_expression)
            .filter_map(|alias| {
                let folder = self.script_aliases.get(&alias.url)?;
                Some(script_folder(alias, folder))
            })
            .collect()
    }

    /// The sections that the expressions of ScriptAliasMatch amount to.
    pub(super) fn script_urls(&self, server: &Server) -> Vec<Section> {
        let aliases = server.aliases.iter();
        aliases
            .filter(|alias| alias.runs_scripts && alias.is_expression)
            .filter_map(|alias| {
                let mut matches = self.script_alias_matches.iter();
                let of_it = matches.find(|of| of.url.as_str() == alias.url)?;
                Some(script_urls(alias, &of_it.url))
            })
            .collect()
    }

    /// The folders that URLs lead to.
    pub(super) fn folders(&self, more: &[PathBuf]) -> Vec<PathBuf> {
        let aliases = self.script_aliases.values().chain(self.aliases.values());
        let mut folders: Vec<PathBuf> = self
            .document_root
            .iter()
            .chain(aliases)
            .chain(more)
            .cloned()
            .collect();
        folders.sort();
        folders.dedup();
        folders
    }

    fn leads_outside(&self, paths: &Paths) -> bool {
        self.folders(&[])
            .iter()
            .any(|folder| !paths.is_inside(folder))
    }
}

/// `$1` is a group in both; another `$` stands for itself, and has to be marked so. Of a group that
/// the expression does not have httpd makes nothing.
fn template(to: &str, groups: usize) -> String {
    let mut template = String::with_capacity(to.len());
    let mut rest = to.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '\\' if rest.peek() == Some(&'&') => template.extend(rest.next()),
            '\\' if rest.peek() == Some(&'$') => {
                template.push('\\');
                template.extend(rest.next());
            }
            '$' => match rest.peek().and_then(|next| next.to_digit(10)) {
                None => template.push_str("\\$"),
                Some(group) if group as usize > groups => {
                    rest.next();
                }
                Some(_) => template.push('$'),
            },
            other => template.push(other),
        }
    }
    template
}

/// Puts it all together.
pub(super) fn conversion(
    server: Server,
    places: Places,
    laid: Laid,
    sections: &[Section],
    mut notes: Notes,
    paths: &Paths,
) -> Conversion {
    let mut config = SiteConfig::default();
    let remarks = remarks(&places, &laid, paths);
    let mut scopes = laid.scopes;
    if let Some((base, sources)) = scopes.first_mut()
        && sources.first().is_some_and(|source| source.line == 0)
    {
        for_whole_site(&mut config, base);
        if *base == ScopeConfig::default() {
            scopes.remove(0);
        }
    } else {
        for_whole_site(&mut config, &mut ScopeConfig::default());
    }
    config.scripts.suffixes = laid.suffixes;
    config.options.allow_outside_root = places.leads_outside(paths);
    set_places(&mut config, places, paths);
    // Off is httpd's default.
    config.options.encoded_slashes = server.encoded_slashes.unwrap_or(false);
    config.server.hosts = server.hosts;
    config.server.listen = server.listen;
    let seconds = server.script_timeout_seconds.or(server.timeout_seconds);
    config.limits.time_seconds = seconds.unwrap_or(config.limits.time_seconds);
    set_request_body(&mut config, sections, &mut notes);
    note_handlers_of_script_folders(sections, &mut notes);
    let (scopes, scope_sources): (Vec<ScopeConfig>, Vec<Vec<ScopeSource>>) =
        scopes.into_iter().unzip();
    config.scopes = scopes;
    Conversion {
        config,
        notes: notes.into_sorted(),
        scope_sources,
        remarks,
    }
}

/// What has a place of its own outside of scopes, with httpd's defaults.
fn for_whole_site(config: &mut SiteConfig, base: &mut ScopeConfig) {
    let index = base.index.take();
    config.scripts.index = index.unwrap_or_else(|| vec!["index.html".to_owned()]);
    // Where interpreters are looked for, too.
    if let Some(path) = base.set_environment.remove("PATH") {
        config.environment.insert("PATH".to_owned(), path);
    }
    config.options.directory_listing = base.directory_listing.take().unwrap_or(false);
    config.options.pass_authorization = base.pass_authorization.take().unwrap_or(false);
}

fn set_places(config: &mut SiteConfig, places: Places, paths: &Paths) {
    let for_site = |aliases: BTreeMap<String, PathBuf>| {
        let each = aliases.into_iter();
        each.map(|(url, folder)| (url, paths.for_site(&folder)))
            .collect()
    };
    if let Some(document_root) = &places.document_root {
        config.server.document_root = paths.for_site(document_root);
    }
    config.scripts.script_aliases = Some(for_site(places.script_aliases));
    config.scripts.aliases = for_site(places.aliases);
    config.scripts.script_alias_matches = places.script_alias_matches;
    config.scripts.alias_matches = places.alias_matches;
}

/// There is one limit for the whole site: the one outside of sections, or else the largest.
fn set_request_body(config: &mut SiteConfig, sections: &[Section], notes: &mut Notes) {
    let bytes = |section: &Section| {
        let bytes = section.says.request_body_bytes?;
        Some(if bytes == 0 { UNLIMITED_BYTES } else { bytes })
    };
    let (base, parts): (Vec<_>, Vec<_>) = sections
        .iter()
        .partition(|section| section.region == Region::default());
    for part in parts.iter().filter(|part| bytes(part).is_some()) {
        let place = Place {
            file: Arc::from(part.source.file.as_path()),
            line: part.source.line,
        };
        let meaning = "LimitRequestBody in it: the limit is one for the whole site here, the one outside of sections or else the largest";
        notes.add_at(
            &place,
            part.source.section.clone(),
            Grade::Partly,
            true,
            meaning,
        );
    }
    let of_base = base.iter().filter_map(|section| bytes(section)).next_back();
    let largest = || parts.iter().filter_map(|section| bytes(section)).max();
    if let Some(bytes) = of_base.or_else(largest) {
        config.limits.request_body_bytes = bytes;
    }
}

/// Files in a script folder are never shown as text here.
fn note_handlers_of_script_folders(sections: &[Section], notes: &mut Notes) {
    let urls = UrlMap::default();
    for section in sections {
        let handler = section.says.set_handler.as_deref();
        let shows = handler.is_some_and(|handler| handler != "cgi-script" && handler != "none");
        let in_script_folder = || {
            let mut others = sections.iter().filter(|other| other.says.script_alias);
            others.any(|other| other.region.contains(&section.region, &urls))
        };
        if shows && in_script_folder() {
            let place = Place {
                file: Arc::from(section.source.file.as_path()),
                line: section.source.line,
            };
            let meaning = "SetHandler in it: files in the folder of a ScriptAlias are never shown as text here; they are 403";
            let label = section.source.section.clone();
            notes.add_at(&place, label, Grade::Partly, true, meaning);
        }
    }
}

fn remarks(places: &Places, laid: &Laid, paths: &Paths) -> Vec<String> {
    let mut remarks = vec![
        "An executable file that begins with #! is never shown as text here; Apache runs or shows files by their handler alone.".to_owned(),
    ];
    if !laid.suffixes.is_empty() {
        remarks.push(
            "Apache finds a suffix of AddHandler anywhere in a name (a.cgi.txt); here it counts only at the end.".to_owned(),
        );
    }
    if places.document_root.is_none() {
        remarks.push(
            "No DocumentRoot was read: / stands for the folder of cgi-studio.toml.".to_owned(),
        );
    }
    if places.leads_outside(paths) {
        let where_from = paths.site_folder.as_deref().map_or_else(
            || {
                "all paths are absolute, because it is not known where cgi-studio.toml will lie"
                    .to_owned()
            },
            |folder: &Path| format!("some folders lie outside of {folder:?}"),
        );
        remarks.push(format!(
            "allow_outside_root is on, since {where_from}; symbolic links may then lead anywhere, as with Apache's FollowSymLinks."
        ));
    }
    remarks
}
