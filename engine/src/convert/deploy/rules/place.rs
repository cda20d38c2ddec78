//! The place a site is moved to: another computer, another user, other folders.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::super::Severity::{Breaks, Differs, Note};
use super::super::Touched;
use super::super::case::{Case, Script, mode_of};
use super::super::source::has_word;
use super::{GENERAL, Rule, on};
use crate::convert::Host::{Apache, Caddy, Lighttpd, Nginx};
use crate::site::scope::Place;

/// suexec as Debian builds it runs no user below these (`suexec -V`: AP_UID_MIN, AP_GID_MIN).
const SUEXEC_LOWEST_ID: u32 = 100;

pub(super) const RULES: &[Rule] = &[
    Rule {
        row: Some(125),
        title: "rights of the server's user",
        here: "scripts run as you",
        there: &[on(
            &[Apache, Lighttpd, Nginx, Caddy],
            Breaks,
            "scripts run as another user, such as www-data, who may not read or start this",
            "run chmod a+rX on the folders and chmod a+rx on the scripts",
        )],
        touches: closed_to_others,
    },
    Rule {
        row: Some(125),
        title: "files that scripts write",
        here: "scripts run as you, and may write what you may",
        there: &[on(
            &[Apache, Lighttpd, Nginx, Caddy],
            Differs,
            "scripts run as another user, such as www-data, who may not write in the site's folder",
            "give that user a folder to write in, outside of what is served, and nothing else",
        )],
        touches: |case| case.lines(writes_files),
    },
    Rule {
        row: Some(125),
        title: "whose home folder it is",
        here: "the home folder is yours",
        there: &[on(
            &[Apache, Lighttpd, Nginx, Caddy],
            Differs,
            "it is that of the server's user, such as /var/www",
            "name the folder, or take it from a variable that the site sets",
        )],
        touches: |case| {
            case.lines(|line| {
                [
                    "expanduser(",
                    "Path.home(",
                    "getpass.getuser(",
                    "File::HomeDir",
                    "Dir.home",
                ]
                .iter()
                .any(|sign| line.contains(sign))
            })
        },
    },
    Rule {
        row: None,
        title: "a path that is only here",
        here: "the script names a folder of this computer",
        there: &[on(
            &[Apache, Lighttpd, Nginx, Caddy],
            Breaks,
            "there is no such folder, or the user that scripts run as may not enter it",
            "start from the script's own folder, which is the working directory on every host",
        )],
        touches: |case| {
            let root = case.site.root.display().to_string();
            case.lines(|line| names_home(line) || root.len() > 1 && has_path(line, &root))
        },
    },
    Rule {
        row: None,
        title: "modules that Python 3.13 removed",
        here: "the Python of this computer decides",
        there: &[on(
            &[Apache, Lighttpd, Nginx, Caddy],
            Differs,
            "from Python 3.13 on (Debian 13) there is no cgi and no cgitb",
            "install legacy-cgi there, or use urllib.parse and email instead",
        )],
        touches: |case| case.lines(imports_cgi),
    },
    Rule {
        row: None,
        title: "folders outside of the site",
        here: "an alias leads out of the site's folder (options.allow_outside_root)",
        there: &[on(
            &[Apache, Lighttpd, Nginx, Caddy],
            Differs,
            "the same path must exist there",
            "move that folder to the other computer too, to the same place",
        )],
        touches: outside_folders,
    },
    Rule {
        row: None,
        title: "symbolic links out of the site",
        here: "they are not followed (options.allow_outside_root is off)",
        there: &[on(
            &[Lighttpd, Nginx, Caddy],
            Differs,
            "they are followed",
            "remove such links, or copy what they lead to",
        )],
        touches: links_outside,
    },
    Rule {
        row: None,
        title: "a link around a rule of access",
        here: "a scope for a folder holds for what links lead to, too",
        there: &[on(
            &[Apache, Lighttpd, Nginx, Caddy],
            Breaks,
            "only the URL, or the path with the link in it, is judged: the link lets everybody in",
            "remove the link, or write a scope for its URL too",
        )],
        touches: links_around_rules,
    },
    Rule {
        row: None,
        title: "files that must stay private",
        here: "dot-files, cgi-studio.toml and saved requests are never served",
        there: &[on(
            &[Apache, Lighttpd, Nginx, Caddy],
            Note,
            "they are served by default; the written configuration denies them",
            "keep those lines of the written configuration, and copy no such files",
        )],
        touches: private_files,
    },
    Rule {
        row: Some(125),
        title: "a script that everybody may write",
        here: "it is run all the same",
        there: &[on(
            &[Apache, Lighttpd, Nginx, Caddy],
            Differs,
            "whoever has a login can make the server run anything; Apache's suexec refuses it",
            "run chmod go-w on it",
        )],
        touches: |case| {
            case.files(|script| {
                let mode = script.facts.mode;
                (mode & 0o002 != 0).then(|| format!("mode {mode:o}"))
            })
        },
    },
    Rule {
        row: Some(125),
        title: "suexec, where it is in use",
        here: "there is none",
        there: &[on(
            &[Apache],
            Note,
            "the script and its folder must belong to the user and group of SuexecUserGroup, be writable by nobody else, lie under /var/www, have no setuid bit, and the user's number must be 100 or more",
            "nothing unless SuexecUserGroup is set; then chown and chmod 755 both",
        )],
        touches: GENERAL,
    },
    Rule {
        row: Some(125),
        title: "a script with setuid or setgid bits",
        here: "Linux ignores them for scripts, and honours them for programs",
        there: &[on(
            &[Apache],
            Differs,
            "suexec refuses it",
            "remove the bits, or allow the one command by sudo",
        )],
        touches: |case| {
            case.files(|script| {
                let facts = &script.facts;
                (facts.mode & 0o6000 != 0).then(|| {
                    let low = facts.uid < SUEXEC_LOWEST_ID;
                    format!(
                        "mode {:o}{}",
                        facts.mode,
                        if low { ", of a system user" } else { "" }
                    )
                })
            })
        },
    },
];

/// What others than the owner and the group cannot use: the server's user is such another.
fn closed_to_others(case: &Case<'_>) -> Vec<Touched> {
    let mut touched = Vec::new();
    for Script { facts, .. } in &case.scripts {
        for folder in case.folders_to(&facts.path) {
            if let Some(mode) = mode_of(&folder).filter(|mode| mode & 0o001 == 0) {
                touched
                    .push(case.touched(&folder, format!("mode {mode:o}: others may not enter it")));
            }
        }
        // Only what runs here can stop running there.
        let Ok(plan) = facts.launch_plan() else {
            continue;
        };
        let mode = facts.mode;
        if facts.binary_format.is_none() && mode & 0o004 == 0 {
            touched.push(case.touched(
                &facts.path,
                format!("mode {mode:o}: others may not read it"),
            ));
        } else if plan.executable == facts.path && mode & 0o001 == 0 {
            touched.push(case.touched(
                &facts.path,
                format!("mode {mode:o}: others may not start it"),
            ));
        }
    }
    touched
}

/// Opening for writing, locking and the databases that are files.
fn writes_files(line: &str) -> bool {
    let opens = line.contains("open(") || line.contains("open ");
    let modes = ["\"w", "'w", "\"a", "'a", "\"x\"", "'x'", "\"r+", "'r+"];
    let to_write = opens && modes.iter().any(|mode| mode_argument(line, mode));
    let signs = [
        "sqlite3.connect(",
        ".write_text(",
        ".write_bytes(",
        "os.mkdir(",
        "os.makedirs(",
        ".mkdir(",
        "shelve.open(",
        "dbm.open(",
    ];
    to_write
        || signs.iter().any(|sign| line.contains(sign))
        || opens
            && ["\">\"", "\">>\"", "'>'", "'>>'", "\">:", "'>:"]
                .iter()
                .any(|mode| line.contains(mode))
}

/// Whether the quoted word is a mode: `"w"`, `'ab'`, `"w+"`.
fn mode_argument(line: &str, start: &str) -> bool {
    line.match_indices(start).any(|(at, found)| {
        let rest = line.get(at + found.len()..).unwrap_or_default();
        let end = rest.trim_start_matches(['b', 't', '+']);
        found.len() > 2 || end.starts_with(['"', '\'']) && rest.len() - end.len() <= 2
    })
}

fn names_home(line: &str) -> bool {
    let quotes = ["\"", "'"];
    let homes = ["/home/", "/root/", "/Users/"];
    quotes.iter().any(|quote| {
        homes
            .iter()
            .any(|home| line.contains(&format!("{quote}{home}")))
    })
}

fn has_path(line: &str, root: &str) -> bool {
    line.match_indices(root).any(|(at, found)| {
        let after = line.get(at + found.len()..).unwrap_or_default();
        after.starts_with(['/', '"', '\''])
    })
}

fn imports_cgi(line: &str) -> bool {
    let import = line.starts_with("import ") || line.starts_with("from ");
    let perl = line.ends_with(';') && line.contains("::");
    import && !perl && (imported(line, "cgi") || imported(line, "cgitb"))
}

/// The module itself, not a submodule or a name of another: `from x import cgi` is not meant.
fn imported(line: &str, module: &str) -> bool {
    match line.strip_prefix("from ") {
        Some(rest) => rest.split_whitespace().next() == Some(module),
        None => {
            has_word(line, module)
                && !line.contains(&format!("{module}."))
                && !line.contains(&format!(".{module}"))
        }
    }
}

fn outside_folders(case: &Case<'_>) -> Vec<Touched> {
    let scripts = &case.site.config.scripts;
    let aliases = scripts
        .script_aliases
        .iter()
        .flatten()
        .chain(&scripts.aliases);
    aliases
        .filter_map(|(url, folder)| {
            let there = case.site.root.join(folder);
            let real = there.canonicalize().unwrap_or(there);
            (!real.starts_with(&case.site.root))
                .then(|| case.touched(&real, format!("{url} stands for it")))
        })
        .collect()
}

fn links_outside(case: &Case<'_>) -> Vec<Touched> {
    if case.site.config.options.allow_outside_root {
        return Vec::new();
    }
    case.entries(|path| {
        let link = path
            .symlink_metadata()
            .is_ok_and(|metadata| metadata.is_symlink());
        let real = link.then(|| path.canonicalize().ok())??;
        (!real.starts_with(&case.site.root)).then(|| format!("it leads to {}", real.display()))
    })
}

fn links_around_rules(case: &Case<'_>) -> Vec<Touched> {
    let closed = case.site.config.scopes.iter().filter_map(|scope| {
        let restricts = scope.require.is_some() || scope.closed_because.is_some();
        match &scope.place {
            Place::Folder(folder) if restricts => case.site.root.join(folder).canonicalize().ok(),
            _ => None,
        }
    });
    let closed: Vec<PathBuf> = closed.collect();
    case.entries(|path| {
        let link = path.symlink_metadata().ok()?.is_symlink();
        let real = path.canonicalize().ok().filter(|_| link)?;
        let inside = |folder: &&PathBuf| real.starts_with(folder) || folder.starts_with(&real);
        // A link from within stays within.
        let folder = closed.iter().find(inside)?;
        (!path.starts_with(folder)).then(|| format!("it leads to {}", real.display()))
    })
}

fn private_files(case: &Case<'_>) -> Vec<Touched> {
    let private = |path: &Path| {
        let name = path.file_name()?.to_string_lossy().into_owned();
        let metadata = path.symlink_metadata().ok()?;
        let known =
            [".git", ".svn", ".hg", ".env", ".htpasswd", ".htaccess"].contains(&name.as_str());
        let ours = name.eq_ignore_ascii_case(crate::site::CONFIG_FILE_NAME);
        // A saved request may hold a password.
        let saved = crate::site::PRIVATE_SUFFIXES
            .iter()
            .any(|suffix| name.ends_with(suffix));
        (known || ours || saved).then(|| match metadata.is_dir() {
            true => "a folder".to_owned(),
            false => format!("{} bytes", metadata.size()),
        })
    };
    case.entries(private)
}
