//! Which URL prefix stands for which folder.

use std::path::{Path, PathBuf};

use super::SiteConfig;
use super::alias_match::PreparedMatch;
use super::config::AliasMatch;
use super::url_path::{Component, names_in};

/// One URL prefix and the folder, or file, it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mapping {
    /// As it is written, such as `/cgi-bin/`.
    pub(super) prefix: String,
    /// Where it leads, not canonical; it may be missing.
    pub(super) folder: PathBuf,
    /// Whether every regular file there is a script.
    pub(super) runs_scripts: bool,
}

impl Mapping {
    /// The prefix as path components, so that `/cgi-bin` never matches `/cgi-binX`.
    pub(super) fn components(&self) -> impl Iterator<Item = &[u8]> {
        names_in(self.prefix.as_bytes())
    }

    /// Whether the URL path is the prefix or goes on with a slash after it.
    pub(super) fn fits(&self, url: &[Component<'_>]) -> bool {
        let mut given = url.iter();
        self.components()
            .all(|name| given.next().is_some_and(|component| component.name == name))
    }

    /// Whether the prefix is `/`.
    pub(super) fn is_root(&self) -> bool {
        self.components().next().is_none()
    }

    /// The URL of something in the folder, decoded.
    pub(super) fn url_of(&self, relative: &[u8]) -> Vec<u8> {
        let mut url = vec![b'/'];
        for component in self.components() {
            url.extend_from_slice(component);
            url.push(b'/');
        }
        url.extend_from_slice(relative);
        url
    }
}

/// The mappings of a site, longest prefix first; `/` stands for the document root unless an alias
/// says otherwise.
pub(super) fn mappings(root: &Path, config: &SiteConfig) -> Vec<Mapping> {
    let mapping = |runs_scripts: bool| {
        move |(prefix, folder): (&String, &PathBuf)| Mapping {
            prefix: prefix.clone(),
            folder: root.join(folder),
            runs_scripts,
        }
    };
    let mut mappings: Vec<Mapping> = match &config.scripts.script_aliases {
        Some(aliases) => aliases.iter().map(mapping(true)).collect(),
        None => vec![Mapping {
            prefix: "/cgi-bin/".to_owned(),
            folder: default_script_folder(root),
            runs_scripts: true,
        }],
    };
    mappings.extend(config.scripts.aliases.iter().map(mapping(false)));
    if !mappings.iter().any(Mapping::is_root) {
        mappings.push(Mapping {
            prefix: "/".to_owned(),
            folder: config.document_root(root),
            runs_scripts: false,
        });
    }
    mappings.sort_by_key(|mapping| std::cmp::Reverse(mapping.components().count()));
    mappings
}

/// The expressions of a site in the order in which they are asked: those for scripts first.
pub(super) fn matches(root: &Path, config: &SiteConfig) -> Vec<PreparedMatch> {
    let scripts = &config.scripts;
    let document_root = config.document_root(root);
    let prepared = |runs_scripts: bool| {
        let document_root = &document_root;
        move |alias: &AliasMatch| PreparedMatch::new(root, document_root, alias, runs_scripts)
    };
    let for_scripts = scripts.script_alias_matches.iter().map(prepared(true));
    for_scripts
        .chain(scripts.alias_matches.iter().map(prepared(false)))
        .collect()
}

/// `cgi-bin` under the site; or the site itself when it is somebody's `cgi-bin` folder, because
/// its pages link to `/cgi-bin/…`.
fn default_script_folder(root: &Path) -> PathBuf {
    let inner = root.join("cgi-bin");
    if root.file_name().is_some_and(|name| name == "cgi-bin") && !inner.is_dir() {
        return root.to_owned();
    }
    inner
}
