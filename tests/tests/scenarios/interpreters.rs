//! Interpreters of every kind are asked within bounds: honest ones, ones that hang, ones that lie.

use crate::child;
use cgi_engine::interpreters::{Finder, Origin, Surroundings, choose};
use cgi_engine::process::Spawner;
use cgi_engine::site::Site;
use cgi_tests::{TempSite, start_spawner};
use std::time::{Duration, Instant};

fn spawner() -> Spawner {
    start_spawner(child())
}

/// A site whose scripts find only the programs in its `programs/`, which lies beside it.
fn site_with(programs: &[(&str, &str)]) -> (TempSite, tempfile::TempDir) {
    let beside = tempfile::tempdir().unwrap();
    let path = beside.path().to_str().unwrap();
    let site = TempSite::configured(
        child(),
        &format!("# mine\n[environment]\nPATH = {path:?}\n"),
    );
    site.script(
        "uses.py",
        "#!/usr/bin/env python3\nimport os, no_such_module_anywhere\n",
    );
    for (name, text) in programs {
        let file = site.file("program", text, 0o755);
        std::fs::rename(file, beside.path().join(name)).unwrap();
    }
    (site, beside)
}

#[test]
fn an_interpreter_that_hangs_or_lies_is_listed_within_bounds() {
    let programs = [
        ("python3", "#!/bin/sh\nwhile :; do :; done\n"),
        ("perl", "#!/bin/sh\ncat /dev/zero\n"),
        ("ruby", "#!/bin/sh\necho '{\"version\": 3}'\n"),
    ];
    let (site, _beside) = site_with(&programs);
    let opened = Site::open(&site.root()).unwrap();
    let begun = Instant::now();
    let mut finder = Finder::default();
    let found = finder
        .find(&spawner(), &Surroundings::default(), Some(&opened))
        .unwrap();
    assert!(begun.elapsed() < Duration::from_secs(30));
    let of_path: Vec<_> = found
        .iter()
        .filter(|one| one.origin == Origin::ScriptPath)
        .collect();
    let told: Vec<_> = of_path
        .iter()
        .map(|one| (one.name.as_str(), one.version.as_deref()))
        .collect();
    assert_eq!(told, [("python3", None), ("perl", None), ("ruby", None)]);
    assert!(of_path.iter().all(|one| one.lacks.is_empty() && one.first));
    // Asked once: the second time nothing is started.
    let begun = Instant::now();
    finder
        .find(&spawner(), &Surroundings::default(), Some(&opened))
        .unwrap();
    assert!(
        begun.elapsed() < Duration::from_secs(3),
        "{:?}",
        begun.elapsed()
    );
}

#[test]
fn a_real_python_tells_what_it_lacks_and_its_choice_counts() {
    let (site, beside) = site_with(&[]);
    let real = ["/usr/bin/python3", "/usr/local/bin/python3"];
    let real = real
        .iter()
        .find(|path| std::path::Path::new(path).is_file())
        .unwrap();
    std::os::unix::fs::symlink(real, beside.path().join("python3")).unwrap();
    let opened = Site::open(&site.root()).unwrap();
    let found = Finder::default()
        .find(&spawner(), &Surroundings::default(), Some(&opened))
        .unwrap();
    let python = found
        .iter()
        .find(|one| one.first && one.name == "python3")
        .unwrap();
    assert!(python.version.as_deref().unwrap().starts_with("3."));
    assert!(
        python.lacks.contains(&"no_such_module_anywhere".to_owned()),
        "{python:?}"
    );
    assert!(!python.lacks.contains(&"os".to_owned()));
    choose(&site.root(), ".py", &python.path).unwrap();
    let text = std::fs::read_to_string(site.path("cgi-studio.toml")).unwrap();
    assert!(text.starts_with("# mine\n"), "{text}");
    let opened = Site::open(&site.root()).unwrap();
    assert_eq!(opened.problems, []);
    let found = Finder::default()
        .find(&spawner(), &Surroundings::default(), Some(&opened))
        .unwrap();
    let chosen = found.iter().find(|one| !one.chosen_for.is_empty()).unwrap();
    assert_eq!(
        (&chosen.path, chosen.chosen_for.as_slice()),
        (&python.path, &[".py".to_owned()][..])
    );
}

#[test]
fn an_interpreter_in_the_site_is_not_started() {
    let site = TempSite::new(child());
    let trace = site.path("started");
    let program = format!("#!/bin/sh\ntouch {:?}\n", trace.to_str().unwrap());
    site.file(".venv/bin/python", program, 0o755);
    site.file(
        ".venv/pyvenv.cfg",
        "home = /usr/bin\nversion = 3.13.2\n",
        0o644,
    );
    let opened = Site::open(&site.root()).unwrap();
    let found = Finder::default()
        .find(&spawner(), &Surroundings::default(), Some(&opened))
        .unwrap();
    let own = found.iter().find(|one| one.unasked).unwrap();
    assert_eq!(own.version.as_deref(), Some("3.13.2"));
    assert_eq!(own.lacks, ["cgi"]);
    assert!(!trace.exists());
}

#[test]
fn an_environment_of_the_project_around_the_site_is_started_only_where_it_is_active() {
    let project = tempfile::tempdir().unwrap();
    let at = |path: &str| project.path().canonicalize().unwrap().join(path);
    let site = TempSite::new(child());
    let program = format!("#!/bin/sh\ntouch {:?}\n", at("started").to_str().unwrap());
    let made = site.file("program", program, 0o755);
    std::fs::create_dir_all(at("www/cgi-bin")).unwrap();
    std::fs::create_dir_all(at(".venv/bin")).unwrap();
    std::fs::copy(made, at(".venv/bin/python")).unwrap();
    std::fs::write(at(".venv/pyvenv.cfg"), "version = 3.12.4\n").unwrap();
    let opened = Site::open(&at("www")).unwrap();
    let find = |surroundings: &Surroundings| {
        let found = Finder::default().find(&spawner(), surroundings, Some(&opened));
        let mut found = found.unwrap().into_iter();
        found
            .find(|one| one.path == at(".venv/bin/python"))
            .unwrap()
    };
    let around = find(&Surroundings::default());
    assert_eq!(around.version.as_deref(), Some("3.12.4"));
    assert!(around.unasked && !at("started").exists());
    let active = find(&Surroundings {
        virtual_env: Some(at(".venv")),
        ..Surroundings::default()
    });
    assert!(!active.unasked && at("started").exists());
}
