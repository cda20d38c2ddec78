//! What answers a URL path, and the steps that led there in words.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use super::{Magic, Settings};

/// What answers a URL path, and the steps that led there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolution {
    /// What answers whoever may have it: judging [`Settings::require`] is the caller's.
    pub target: Target,
    /// Why, in the order it was found out.
    pub steps: Vec<Step>,
    /// What holds for the target; for what does not exist, what would hold if it did.
    pub settings: Arc<Settings>,
}

impl Resolution {
    /// Whether the site keeps the path from everybody, whatever is done with it: its name is hidden, or leads
    /// where the site may not.
    #[must_use]
    pub fn is_withheld(&self) -> bool {
        let hides = |step: &Step| matches!(step, Step::Hidden { .. } | Step::BrokenLink { .. });
        matches!(self.target, Target::Forbidden { .. }) || self.steps.iter().any(hides)
    }
}

/// What answers a URL path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A script to run.
    Script {
        /// The script, as the URL names it: links in it are not resolved.
        file: PathBuf,
        /// How many bytes of the decoded path are `SCRIPT_NAME`; the rest is `PATH_INFO`.
        script_name_length: usize,
        /// What the extra path stands for as a URL path of its own (`PATH_TRANSLATED`, RFC 3875
        /// §4.1.6), by [`Site::translate`](super::Site::translate); `None` without extra path.
        path_translated: Option<PathBuf>,
    },
    /// A file that a script shows (Apache's `Action`). The script gets the file's URL path as
    /// `PATH_INFO`.
    Action {
        /// The file to be shown.
        file: PathBuf,
        /// The URL path of the script, as it was configured.
        handler: String,
        /// The suffix or media type that chose it.
        chosen_by: String,
        /// The URL path of the file, decoded, with its extra path: the script's `PATH_INFO`.
        path_info: Vec<u8>,
        /// The file with its extra path: the script's `PATH_TRANSLATED`.
        path_translated: PathBuf,
    },
    /// A file to send as it is.
    File {
        /// The file.
        file: PathBuf,
    },
    /// A folder without an index file.
    Directory {
        /// The folder.
        folder: PathBuf,
        /// Whether its names may be shown.
        listable: bool,
        /// Its URL path, percent-encoded, with a slash at the end.
        url: String,
    },
    /// A folder asked for without its slash: relative links would go wrong.
    AddSlash {
        /// The URL path with the slash, percent-encoded; the query is not in it.
        location: String,
    },
    /// 404.
    NotFound {
        /// The URL path, percent-encoded, that was probably meant.
        nearest: Option<String>,
    },
    /// 403.
    Forbidden {
        /// Why, as a sentence without its full stop.
        reason: String,
    },
}

/// One step of a resolution; its `Display` is a sentence without a full stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The URL starts with this prefix, which stands for this folder.
    Alias {
        /// The prefix as it was configured.
        prefix: String,
        /// Where it leads.
        folder: PathBuf,
        /// Whether every file there is a script.
        runs_scripts: bool,
    },
    /// The URL fits this expression, which makes this of it.
    AliasMatch {
        /// The expression as it was configured.
        expression: String,
        /// What it makes of the URL path.
        file: PathBuf,
        /// Whether every file there is a script.
        runs_scripts: bool,
    },
    /// The folder that a prefix stands for does not exist.
    NoSuchFolder {
        /// Where the prefix leads.
        folder: PathBuf,
    },
    /// A component is a folder.
    Folder {
        /// The component.
        name: Vec<u8>,
    },
    /// A component is a symbolic link.
    Link {
        /// The component.
        name: Vec<u8>,
        /// The canonical path it leads to.
        to: PathBuf,
    },
    /// A component is the first regular file.
    FirstFile {
        /// The component.
        name: Vec<u8>,
        /// What follows in the URL, decoded; may be empty.
        extra_path: Vec<u8>,
    },
    /// A folder answers through this file.
    Index {
        /// The file's name.
        name: String,
    },
    /// The folder has none of the index files.
    NoIndex,
    /// A scope of the configuration applies.
    Scope {
        /// Its place among the scopes, from 0.
        index: usize,
        /// Where it applies, as it is written.
        place: String,
    },
    /// More scopes apply than are told one by one.
    MoreScopes {
        /// How many.
        count: usize,
    },
    /// The file is a script because it stands in a script folder.
    ScriptByFolder,
    /// The file is a script because a scope says so of all files.
    ScriptByScope,
    /// The file is a script because of its suffix.
    ScriptBySuffix {
        /// The suffix with its dot.
        suffix: String,
    },
    /// The file is a script because it is executable and starts like a program.
    ScriptByMagic {
        /// How it starts.
        magic: Magic,
    },
    /// A scope runs no scripts here.
    ScriptsForbidden,
    /// A script shows such files.
    Action {
        /// The suffix or media type.
        chosen_by: String,
        /// The URL path of the script.
        handler: String,
    },
    /// The file is none of these.
    PlainFile,
    /// A part of the configuration that restricts access cannot be read.
    Closed,
    /// Nothing may follow this file in a URL.
    ExtraPathRefused,
    /// Nothing has this name.
    Missing {
        /// The component.
        name: Vec<u8>,
        /// The folder it was looked for in.
        folder: PathBuf,
    },
    /// The name is one of those that are never served.
    Hidden {
        /// The component.
        name: Vec<u8>,
    },
    /// A symbolic link leads nowhere, or in a circle.
    BrokenLink {
        /// The component.
        name: Vec<u8>,
    },
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lossy = String::from_utf8_lossy;
        match self {
            Self::Alias {
                prefix,
                folder,
                runs_scripts: true,
            } => {
                write!(
                    f,
                    "the URL starts with {prefix}, which is the script folder {}",
                    folder.display()
                )
            }
            Self::Alias {
                prefix,
                folder,
                runs_scripts: false,
            } => {
                write!(
                    f,
                    "the URL starts with {prefix}, which is the folder {}",
                    folder.display()
                )
            }
            Self::AliasMatch {
                expression,
                file,
                runs_scripts,
            } => write!(
                f,
                "the URL fits {expression}, which makes it the {} {}",
                if *runs_scripts { "script" } else { "file" },
                file.display()
            ),
            Self::NoSuchFolder { folder } => write!(f, "there is no folder {}", folder.display()),
            Self::Folder { name } => write!(f, "{} is a folder", lossy(name)),
            Self::Link { name, to } => {
                write!(f, "{} is a symbolic link to {}", lossy(name), to.display())
            }
            Self::FirstFile { name, extra_path } if extra_path.is_empty() => {
                write!(f, "{} is a file, and the URL ends there", lossy(name))
            }
            Self::FirstFile { name, extra_path } => write!(
                f,
                "{} is the first regular file; the rest, {}, is extra path",
                lossy(name),
                lossy(extra_path)
            ),
            Self::Index { name } => write!(f, "the folder answers through {name}"),
            Self::NoIndex => write!(f, "the folder has no index file"),
            Self::Scope { index, place } => {
                write!(f, "scopes[{index}] applies, which is for {place}")
            }
            Self::MoreScopes { count } => write!(f, "{count} more scopes apply"),
            Self::ScriptByScope => write!(f, "a scope makes every file a script, so it is run"),
            Self::ScriptsForbidden => {
                write!(
                    f,
                    "a scope says that no scripts are run here, so it is refused"
                )
            }
            Self::Action { chosen_by, handler } => {
                write!(f, "files by {chosen_by} are shown by {handler}")
            }
            Self::Closed => write!(
                f,
                "a part of the configuration that restricts access cannot be read, so it is refused"
            ),
            Self::ScriptByFolder => write!(f, "it stands in a script folder, so it is run"),
            Self::ScriptBySuffix { suffix } => write!(f, "its name ends in {suffix}, so it is run"),
            Self::ScriptByMagic {
                magic: Magic::Shebang,
            } => {
                write!(f, "it is executable and starts with #!, so it is run")
            }
            Self::ScriptByMagic {
                magic: Magic::Binary(format),
            } => {
                write!(f, "it is executable and a program ({format}), so it is run")
            }
            Self::PlainFile => write!(f, "it is no script, so it is sent as it is"),
            Self::ExtraPathRefused => write!(f, "nothing may follow this file's name in a URL"),
            Self::Missing { name, folder } => {
                write!(f, "there is no {} in {}", lossy(name), folder.display())
            }
            Self::Hidden { name } => {
                write!(
                    f,
                    "{} is never served: dot-files, the configuration and files of passwords are private",
                    lossy(name)
                )
            }
            Self::BrokenLink { name } => {
                write!(f, "{} is a symbolic link that leads nowhere", lossy(name))
            }
        }
    }
}
