//! Imports point down only: a test reads the paths that each source file names and holds ARCHITECTURE.md to it.

// A test that panics has failed: that is all an unwrap means here.
#![allow(clippy::unwrap_used)]

mod paths;

use paths::{paths_in, test_modules, without_tests};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The rooms of the engine and how high each stands. Rooms of one height do not know each other,
/// apart from the pairs in [`NEIGHBOURS`].
const HEIGHTS: &[(&str, u8)] = &[
    ("cgi", 0),
    ("process", 0),
    ("python", 0),
    ("site", 0),
    ("clock", 0),
    ("whole_file", 0),
    ("exchange", 1),
    ("interpreter_version", 1),
    ("record", 1),
    ("bundle", 2),
    ("history", 2),
    ("diagnosis", 2),
    ("convert", 2),
    ("compare", 2),
    ("export", 2),
    ("expect", 2),
    ("debugger", 2),
    ("fix", 3),
    ("on_save", 3),
    ("watch", 3),
    ("saved_request", 3),
    ("steps", 3),
    ("terminal", 3),
    ("lesson", 3),
    ("interpreter_word", 3),
    ("interpreters", 4),
    ("message", 4),
    ("check", 5),
    ("recorder", 5),
    ("server", 6),
    ("engine", 7),
    ("lib", 8),
];

/// Who may look at a room of the same height: one-way.
const NEIGHBOURS: &[(&str, &str)] = &[
    ("export", "diagnosis"),
    ("expect", "diagnosis"),
    ("record", "exchange"),
    ("site", "clock"),
];

/// Paths that only some files may name.
struct Rule {
    /// Paths, or beginnings of paths with a star.
    paths: &'static [&'static str],
    /// Whom the rule is for.
    whom: &'static [&'static str],
    /// Who may all the same.
    except: &'static [&'static str],
    why: &'static str,
}

const RULES: [Rule; 9] = [
    Rule {
        paths: &[
            "tokio",
            "std::fs",
            "std::process",
            "std::env",
            "std::time::Instant",
            "std::time::SystemTime",
            "std::net::TcpStream",
        ],
        whom: &["engine/src/cgi/"],
        except: &[],
        why: "the rules of CGI are pure functions",
    },
    Rule {
        paths: &["hyper", "http"],
        whom: &[
            "engine/src/process",
            "engine/src/site",
            "engine/src/exchange",
        ],
        except: &[],
        why: "HTTP belongs to the server",
    },
    Rule {
        paths: &["egui", "eframe", "clap", "winit"],
        whom: &["engine/src/"],
        except: &[],
        why: "the engine has no face",
    },
    Rule {
        paths: &[
            "std::process::Command",
            "tokio::process",
            "std::process::Stdio",
        ],
        whom: &["engine/src/", "app/src/"],
        // It replaces itself by exec and starts nothing.
        except: &["engine/src/process/", "app/src/cli/window.rs"],
        why: "programs are started in process/ only",
    },
    Rule {
        paths: &[
            "SystemTime::now",
            "std::time::SystemTime::now",
            "jiff::Timestamp::now",
            "jiff::Zoned::now",
            "Zoned::now",
        ],
        whom: &["engine/src/", "app/src/"],
        except: &["engine/src/clock.rs"],
        why: "the wall clock is read in one place",
    },
    Rule {
        paths: &[
            "Color32::from_*",
            "Rgba::from_*",
            "Hsva::new",
            "egui::hex_color",
        ],
        whom: &["app/src/"],
        except: &["app/src/gui/theme"],
        why: "colours are made by the theme",
    },
    Rule {
        paths: &[
            "std::fs",
            "std::net",
            "cgi_engine::Engine",
            "tokio",
            "std::process",
        ],
        whom: &["app/src/gui/panels/"],
        except: &[],
        why: "panels show and push commands, and never act",
    },
    Rule {
        paths: &[
            "cgi_engine::Engine",
            "cgi_engine::history",
            "cgi_engine::message",
            "std::fs",
        ],
        whom: &["app/src/gui/widgets/"],
        except: &[],
        why: "widgets know no engine but the values they draw",
    },
    Rule {
        paths: &["egui", "eframe"],
        whom: &["app/src/cli/"],
        except: &["app/src/cli/window.rs"],
        why: "the command line has no window",
    },
];

/// Methods by which a path or an entry of a folder asks the disk.
const FILE_METHODS: [&str; 8] = [
    ".read_dir(",
    ".is_dir(",
    ".is_file(",
    ".exists(",
    ".try_exists(",
    ".metadata(",
    ".symlink_metadata(",
    ".canonicalize(",
];

/// What the source text of the file breaks; pure, so that the rules themselves can be tried.
fn violations(file: &str, text: &str) -> Vec<String> {
    let paths = paths_in(&without_tests(text));
    let mut broken = Vec::new();
    if let Some(module) = file.strip_prefix("engine/src/") {
        let here = module_of(module);
        let known: BTreeSet<&str> = paths
            .iter()
            .filter_map(|path| room_named(path, &here))
            .collect();
        let room = here.first().map_or("lib", String::as_str);
        let imports = known.into_iter().filter(|other| !may_import(room, other));
        broken.extend(imports.map(|other| format!("{file}: {room} imports {other}")));
    }
    for rule in RULES {
        let within = |folders: &[&str]| folders.iter().any(|folder| file.starts_with(folder));
        if !within(rule.whom) || within(rule.except) {
            continue;
        }
        for path in &paths {
            if rule.paths.iter().any(|named| names(path, named)) {
                broken.push(format!("{file}: {path}: {}", rule.why));
            }
        }
    }
    broken.extend(calls_to_files(file, text));
    broken
}

/// Methods of a path reach the disk without naming `std::fs`.
fn calls_to_files(file: &str, text: &str) -> Vec<String> {
    if !["app/src/gui/panels/", "app/src/gui/widgets/"]
        .iter()
        .any(|folder| file.starts_with(folder))
    {
        return Vec::new();
    }
    let text = without_tests(text);
    let code = text.lines().map(|line| line.split("//").next());
    let calls = code.flatten().flat_map(|line| {
        FILE_METHODS
            .iter()
            .filter(move |method| line.contains(*method))
    });
    calls
        .map(|call| format!("{file}: {call}: a frame does not wait for a disk"))
        .collect()
}

fn may_import(room: &str, other: &str) -> bool {
    let height = |name: &str| {
        let found = HEIGHTS.iter().find(|(known, _)| *known == name);
        found
            .unwrap_or_else(|| panic!("the room {name} has no height yet: see HEIGHTS"))
            .1
    };
    room == other || height(other) < height(room) || NEIGHBOURS.contains(&(room, other))
}

/// `rule` is a path or, with a star, the beginning of one.
fn names(path: &str, rule: &str) -> bool {
    match rule.strip_suffix('*') {
        Some(beginning) => path.starts_with(beginning) || path.contains(&format!("::{beginning}")),
        None => {
            path == rule
                || path
                    .strip_prefix(rule)
                    .is_some_and(|rest| rest.starts_with("::"))
        }
    }
}

/// `server/pages/template.rs` is the module `server::pages::template`, `server/mod.rs` is `server`.
fn module_of(file: &str) -> Vec<String> {
    let mut module: Vec<String> = file
        .trim_end_matches(".rs")
        .split('/')
        .map(str::to_owned)
        .collect();
    if matches!(module.last().map(String::as_str), Some("mod" | "lib")) {
        module.pop();
    }
    module
}

/// The room of the engine that a path leads to, seen from a module.
fn room_named<'p>(path: &'p str, here: &[String]) -> Option<&'p str> {
    let mut parts = path.split("::").peekable();
    let mut up = 0;
    match parts.next()? {
        "crate" => up = here.len(),
        "super" => {
            up += 1;
            while parts.next_if_eq(&"super").is_some() {
                up += 1;
            }
        }
        _ => return None,
    }
    // Whatever stays below the own room is the room's own affair.
    if up < here.len() {
        return None;
    }
    let room = parts.next()?;
    HEIGHTS
        .iter()
        .any(|(known, _)| *known == room)
        .then_some(room)
}

fn sources(folder: &Path, found: &mut Vec<(String, String)>, root: &Path) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        let name = entry.file_name().into_string().unwrap();
        if path.is_dir() {
            sources(&path, found, root);
        } else if name.ends_with(".rs") {
            let file = path
                .strip_prefix(root)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            found.push((file, fs::read_to_string(&path).unwrap()));
        }
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

#[test]
fn imports_point_down_only_and_each_power_has_one_home() {
    let mut files = Vec::new();
    for package in ["engine/src", "app/src"] {
        sources(&root().join(package), &mut files, root());
    }
    assert!(files.len() > 50, "the sources are read");
    // Tests may look anywhere.
    let tests: Vec<String> = files
        .iter()
        .flat_map(|(file, text)| test_modules(file, text))
        .collect();
    files.retain(|(file, _)| {
        let module = file.trim_end_matches(".rs");
        !tests
            .iter()
            .any(|test| module == test || module.starts_with(&format!("{test}/")))
    });
    let broken: Vec<String> = files
        .iter()
        .flat_map(|(file, text)| violations(file, text))
        .collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn there_is_one_egui() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    for package in ["egui", "eframe", "hyper", "tokio"] {
        let versions = lock
            .lines()
            .filter(|line| *line == format!("name = \"{package}\""))
            .count();
        assert_eq!(versions, 1, "{package}");
    }
}

#[test]
fn a_planted_violation_is_found() {
    for (file, text) in [
        ("engine/src/cgi/request.rs", "use tokio::sync::mpsc;"),
        (
            "engine/src/cgi/request.rs",
            "use std::{fmt, fs::{self, File}};",
        ),
        (
            "engine/src/cgi/request.rs",
            "fn now() -> u8 { std::env::args(); 0 }",
        ),
        ("engine/src/cgi/request.rs", "use crate::site::Site;"),
        (
            "engine/src/cgi/request.rs",
            "use super::super::process::Exit;",
        ),
        ("engine/src/cgi/mod.rs", "use super::process::Exit;"),
        (
            "engine/src/cgi/request.rs",
            "use std::time::{Duration, Instant};",
        ),
        ("engine/src/process/launch.rs", "use hyper::Request;"),
        (
            "engine/src/process/launch.rs",
            "use crate::cgi::request::CgiRequest;",
        ),
        ("engine/src/site/mod.rs", "use crate::process::Spawner;"),
        ("engine/src/exchange/mod.rs", "use crate::recorder::Pen;"),
        (
            "engine/src/history/mod.rs",
            "use crate::{\n    exchange::Exchange,\n    server::Host,\n};",
        ),
        ("engine/src/server/mod.rs", "use crate::engine::Listen;"),
        (
            "engine/src/server/run.rs",
            "fn f() { tokio::process::Command::new(\"sh\"); }",
        ),
        (
            "engine/src/server/run.rs",
            "use egui as gui;\nfn f() { egui::Context::default(); }",
        ),
        (
            "engine/src/recorder.rs",
            "fn f() { let _ = std::time::SystemTime::now(); }",
        ),
        (
            "engine/src/recorder.rs",
            "use std::time::SystemTime;\nfn f() { let _ = SystemTime::now(); }",
        ),
        (
            "app/src/gui/panels/log.rs",
            "fn f() { ui.label(Color32::from_rgb(1, 2, 3)); }",
        ),
        (
            "app/src/gui/panels/log.rs",
            "fn f() { egui::Color32::from_gray(1); }",
        ),
        (
            "app/src/gui/panels/log.rs",
            "use std::fs;\nfn f() { fs::read(\"x\"); }",
        ),
        (
            "app/src/gui/panels/log.rs",
            "use cgi_engine::{Engine, exchange::Exchange};",
        ),
        (
            "app/src/gui/panels/start.rs",
            "fn f(path: &Path) { path.read_dir(); }",
        ),
        (
            "app/src/gui/widgets/icon.rs",
            "fn f(path: &Path) -> bool { path.is_dir() }",
        ),
        (
            "app/src/cli/serve.rs",
            "use std::process::{Command, ExitCode};",
        ),
    ] {
        assert!(!violations(file, text).is_empty(), "{file}: {text}");
    }
}

#[test]
fn what_is_allowed_is_not_found() {
    for (file, text) in [
        (
            "engine/src/cgi/request.rs",
            "use super::meta_variable::MetaVariable;\nuse std::time::Duration;\n// tokio::sync is what we do not use\n",
        ),
        (
            "engine/src/cgi/mod.rs",
            "#[cfg(test)]\nmod tests {\n    use std::fs;\n}\n",
        ),
        ("engine/src/process/launch.rs", "use std::process::Command;"),
        (
            "engine/src/server/run.rs",
            "use crate::{cgi::response, exchange::End};\nuse super::body::Piece;\nfn f() { std::process::id(); }",
        ),
        (
            "engine/src/clock.rs",
            "fn now() { jiff::Timestamp::now(); }",
        ),
        ("engine/src/recorder.rs", "fn f() { Timestamp::now(); }"),
        (
            "app/src/gui/theme.rs",
            "const RED: Color32 = Color32::from_rgb(1, 2, 3);",
        ),
        (
            "app/src/gui/panels/log.rs",
            "use egui::Color32;\nfn f() { Color32::TRANSPARENT; }",
        ),
        (
            "app/src/gui/typed_path.rs",
            "fn f(path: &Path) { path.read_dir(); }",
        ),
    ] {
        assert_eq!(violations(file, text), [""; 0], "{text}");
    }
}
