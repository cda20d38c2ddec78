//! The recipes of `assets/guide/programs.md`, carried out as they stand there.

use std::fs;
use std::path::Path;

use crate::served::{PYTHON, Served, has_library, python_packages};
use crate::support::program::{command, installed, output, skipped};
use crate::support::studio::Home;

const GUIDE: &str = include_str!("../../../assets/guide/programs.md");
/// The folder and the address that the guide names; a test has its own.
const FOLDER: &str = "/srv/try";
const ADDRESS: &str = "http://127.0.0.1:8000";
const SERVE: &str = "cgi-studio serve site";

/// What a recipe has one do, in order.
enum Step {
    /// Commands for a shell.
    Commands(String),
    /// A file with this path and content.
    File(String, String),
    /// The studio serves the folder `site`.
    Serve,
    /// An address to visit, without its host.
    Visit(String),
}

/// The steps of a section: a block of commands, a block after a line with a file's name, and `<http://…>` in the text.
fn steps(title: &str) -> Vec<Step> {
    let sections = GUIDE.split("\n## ");
    let section = sections
        .into_iter()
        .find_map(|section| section.strip_prefix(title)?.strip_prefix('\n'));
    let mut lines = section
        .unwrap_or_else(|| panic!("no recipe {title:?}"))
        .lines();
    let mut steps = Vec::new();
    let mut file = None;
    while let Some(line) = lines.next() {
        if let Some(kind) = line.strip_prefix("```") {
            let content: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            match file.take() {
                Some(name) => steps.push(Step::File(name, content.join("\n") + "\n")),
                None => steps.extend(commands(kind, &content)),
            }
        } else if let Some(name) = line
            .strip_prefix('`')
            .and_then(|line| line.strip_suffix("`:"))
        {
            file = Some(name.to_owned());
        } else {
            let targets = line
                .split('<')
                .filter_map(|part| part.strip_prefix(ADDRESS)?.split('>').next());
            steps.extend(targets.map(|target| Step::Visit(target.to_owned())));
        }
    }
    steps
}

fn commands(kind: &str, lines: &[&str]) -> Vec<Step> {
    assert_eq!(kind, "sh", "a block without a file's name: {lines:?}");
    let serves = lines.last() == Some(&SERVE);
    let before = &lines[..lines.len() - usize::from(serves)];
    let mut steps = Vec::new();
    if !before.is_empty() {
        steps.push(Step::Commands(before.join("\n")));
    }
    steps.extend(serves.then_some(Step::Serve));
    steps
}

/// Carries out a recipe; the studio must have had nothing to object to, whatever was asked.
#[track_caller]
fn follow(title: &str) {
    let home = Home::new();
    let folder = home.path().join("try");
    fs::create_dir(&folder).unwrap();
    let mut home = Some(home);
    let mut served: Option<Served> = None;
    for step in steps(title) {
        let here = |text: &str| {
            let text = text.replace(FOLDER, folder.to_str().unwrap());
            served
                .as_ref()
                .map_or(text.clone(), |site| text.replace(ADDRESS, &site.url("")))
        };
        match step {
            Step::Commands(commands) => run(&here(&commands), &folder),
            Step::File(name, content) => {
                let file = folder.join(name);
                fs::create_dir_all(file.parent().unwrap()).unwrap();
                fs::write(file, here(&content)).unwrap();
            }
            Step::Serve => {
                served = home
                    .take()
                    .map(|home| Served::start(home, &folder.join("site")));
            }
            Step::Visit(target) => {
                let answer = served.as_ref().unwrap().curl(&target, &["--location"]);
                assert_eq!(answer.status, 200, "{target}: {}", answer.text());
            }
        }
    }
    served.unwrap().end_in_silence();
}

#[track_caller]
fn run(commands: &str, folder: &Path) {
    let mut shell = command("/bin/sh", folder);
    shell.args(["-e", "-c", commands]);
    if let Some(packages) = std::env::var_os("CGI_STUDIO_PYTHON_PACKAGES") {
        shell
            .env("PIP_NO_INDEX", "1")
            .env("PIP_FIND_LINKS", packages);
    }
    output(&mut shell);
}

#[test]
fn git_over_http() {
    // The recipe names the place of Debian's package.
    let backend = Path::new("/usr/lib/git-core/git-http-backend");
    if installed(&["git", "curl"]) && (backend.exists() || skipped("git-http-backend")) {
        follow("git over HTTP");
    }
}

#[test]
fn git_over_http_with_a_login() {
    let backend = Path::new("/usr/lib/git-core/git-http-backend");
    if installed(&["git", "openssl"]) && (backend.exists() || skipped("git-http-backend")) {
        follow("git over HTTP, with a login");
    }
}

#[test]
fn gitweb() {
    let program = Path::new("/usr/share/gitweb/gitweb.cgi");
    if installed(&["git", "curl"]) && (program.exists() || skipped("gitweb")) {
        follow("gitweb");
    }
}

#[test]
fn mercurial() {
    if installed(&["hg"]) && has_library("mercurial", PYTHON, &["-c", "import mercurial"]) {
        follow("Mercurial");
    }
}

#[test]
fn flask() {
    if has_library("Flask", PYTHON, &["-c", "import flask"]) {
        follow("Flask");
    }
}

#[test]
fn django() {
    if installed(&["django-admin"]) && has_library("Django", PYTHON, &["-c", "import django"]) {
        follow("Django");
    }
}

#[test]
fn bottle() {
    if has_library("bottle", PYTHON, &["-c", "import bottle"]) {
        follow("bottle");
    }
}

#[test]
fn scripts_that_import_cgi() {
    if has_library("pip", PYTHON, &["-m", "pip", "--version"]) && python_packages().is_some() {
        follow("Scripts that import cgi");
    }
}

#[test]
fn perl_with_cgi_pm() {
    if has_library("CGI.pm", "/usr/bin/perl", &["-MCGI", "-e1"]) {
        follow("Perl with CGI.pm");
    }
}

#[test]
fn php() {
    if installed(&["curl", "php-cgi"]) {
        follow("PHP");
    }
}

#[test]
fn every_recipe_is_carried_out() {
    let sections = GUIDE.split("\n## ").skip(1);
    let titles: Vec<&str> = sections
        .filter_map(|section| section.lines().next())
        .collect();
    let source = include_str!("guide.rs");
    for title in &titles {
        assert!(source.contains(&format!("follow({title:?})")), "{title}");
    }
    assert_eq!(titles.len(), 10);
}
