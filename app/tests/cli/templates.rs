//! New scripts from templates: each runs at once, with every Python that is here, and nothing is found against it.

use std::fs;
use std::path::{Path, PathBuf};

use cgi_engine::site::SiteConfig;
use cgi_studio::templates::{self, TEMPLATES};

use crate::studio::{Ended, Home};

/// A body as a browser sends a file.
const UPLOAD: &str = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a<b>.txt\"\r\nContent-Type: text/plain\r\n\r\nh\u{e9}\r\n--b--\r\n";

struct Asked {
    template: &'static str,
    more: &'static [&'static str],
    body: Option<&'static str>,
    has: &'static [&'static str],
}

const fn get(template: &'static str, has: &'static [&'static str]) -> Asked {
    Asked {
        template,
        more: &[],
        body: None,
        has,
    }
}

const FORM: &[&str] = &[
    "--method",
    "POST",
    "--header",
    "Content-Type: application/x-www-form-urlencoded",
];

/// What each is asked, and what its answer has.
static REQUESTS: &[Asked] = &[
    get("hello.py", &["200 OK", "<h1>Hello</h1>"]),
    get("form.py", &["200 OK", "Who are you?"]),
    Asked {
        template: "form.py",
        more: FORM,
        body: Some("name=%3Cb%3E+Zo%C3%AB"),
        has: &["200 OK", "Hello, &lt;b&gt; Zoë!"],
    },
    get("json_api.py", &["200 OK", "\"time\""]),
    Asked {
        template: "json_api.py",
        more: &[
            "--method",
            "POST",
            "--header",
            "Content-Type: application/json",
        ],
        body: Some("{\"numbers\": [1, 2, 3]}"),
        has: &["200 OK", "\"sum\": 6"],
    },
    Asked {
        template: "json_api.py",
        more: &[
            "--method",
            "POST",
            "--header",
            "Content-Type: application/json",
        ],
        body: Some("["),
        has: &["400 Bad Request"],
    },
    get("upload.py", &["200 OK", "Send a file"]),
    Asked {
        template: "upload.py",
        more: &[
            "--method",
            "POST",
            "--header",
            "Content-Type: multipart/form-data; boundary=b",
        ],
        body: Some(UPLOAD),
        has: &["200 OK", "a&lt;b&gt;.txt: 3 bytes"],
    },
    get(
        "download.py",
        &["200 OK", "attachment; filename=\"week.csv\"", "day,date"],
    ),
    get(
        "session.py",
        &["200 OK", "Visit number 1", "Set-Cookie: visits=1."],
    ),
    Asked {
        template: "session.py",
        more: &["--header", "Cookie: visits=7.forged"],
        body: None,
        has: &["Visit number 1"],
    },
    Asked {
        template: "sqlite.py",
        more: FORM,
        body: Some("text=%3Cnote%3E"),
        has: &["303 See Other"],
    },
    get("sqlite.py", &["200 OK", "<li>&lt;note&gt;</li>"]),
    get("redirect.py", &["302 Found", "Location: http://"]),
    Asked {
        template: "redirect.py",
        more: &["--query", "to=http://elsewhere.example/"],
        body: None,
        has: &["404 Not Found"],
    },
    Asked {
        template: "wsgi_app.py",
        more: &["--query", "name=%3CZo%C3%AB%3E"],
        body: None,
        has: &["200 OK", "Hello, &lt;Zoë&gt;"],
    },
    get(
        "shell.sh",
        &["200 OK", "Hello from the shell", "Method   GET"],
    ),
    Asked {
        template: "perl.pl",
        more: &["--query", "name=%3CZo%C3%AB%3E"],
        body: None,
        has: &["200 OK", "Hello, &lt;Zoë&gt;"],
    },
];

/// The Pythons of this computer that are supported: the one on PATH, and those of pyenv.
fn pythons() -> Vec<PathBuf> {
    let root = std::env::var_os("PYENV_ROOT").map(PathBuf::from);
    let root = root.or_else(|| Some(std::env::home_dir()?.join(".pyenv")));
    let versions = root.and_then(|root| fs::read_dir(root.join("versions")).ok());
    let mut found: Vec<PathBuf> = versions
        .into_iter()
        .flatten()
        .flatten()
        .filter(|version| {
            let name = version.file_name().to_string_lossy().into_owned();
            let minor = name
                .strip_prefix("3.")
                .and_then(|rest| rest.split('.').next()?.parse().ok());
            minor.is_some_and(|minor: u32| minor >= 8)
        })
        .map(|version| version.path().join("bin/python3"))
        .filter(|python| python.exists())
        .collect();
    found.push("/usr/bin/python3".into());
    found
}

fn ask(home: &Home, script: &Path, asked: &Asked) -> Ended {
    let mut arguments = vec!["run", script.to_str().unwrap()];
    arguments.extend_from_slice(asked.more);
    let given = asked.body.map(|text| format!("--body={text}"));
    if let Some(given) = &given {
        arguments.push(given);
    }
    home.end_of(&arguments)
}

#[track_caller]
fn check(home: &Home, script: &Path, asked: &Asked, with: &str) {
    let ended = ask(home, script, asked);
    let told = format!(
        "{} with {with}\n{}\n{}",
        asked.template, ended.stdout, ended.stderr
    );
    assert_eq!(ended.code, Some(0), "{told}");
    assert!(!ended.stdout.contains("\nFindings"), "{told}");
    for words in asked.has {
        assert!(ended.stdout.contains(words), "no {words:?}: {told}");
    }
}

#[test]
fn every_template_answers_rightly_and_without_a_finding() {
    for asked in REQUESTS {
        assert!(
            TEMPLATES
                .iter()
                .any(|template| template.file == asked.template)
        );
    }
    for python in pythons() {
        let home = Home::new();
        let mut config = SiteConfig::default();
        let interpreters = &mut config.scripts.interpreters;
        interpreters.insert(".py".to_owned(), python.clone());
        let with = python.display().to_string();
        for template in TEMPLATES {
            let site = home.path().join("site");
            let script = templates::make(&site, &config, template, template.file).unwrap();
            let asked: Vec<&Asked> = REQUESTS
                .iter()
                .filter(|asked| asked.template == template.file)
                .collect();
            assert!(!asked.is_empty(), "{} is never asked", template.file);
            for asked in asked {
                check(&home, &script, asked, &with);
            }
        }
        let checked = home.end_of(&["check", "site"]);
        assert_eq!(checked.code, Some(0), "{with}\n{}", checked.stdout);
    }
}

#[test]
fn no_browser_gets_what_a_template_keeps_beside_its_scripts() {
    let home = Home::new();
    let site = home.path().join("site");
    let config = SiteConfig::default();
    for name in ["session.py", "sqlite.py"] {
        let template = TEMPLATES.iter().find(|template| template.file == name);
        templates::make(&site, &config, template.unwrap(), name).unwrap();
    }
    let serving = home.serving(&["serve", "site", "--listen", "127.0.0.1:0"]);
    for name in ["session.py", "sqlite.py"] {
        let answer = serving.get(&format!("/cgi-bin/{name}"));
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    let kept = fs::read_dir(&site).unwrap().flatten();
    let kept: Vec<_> = kept.filter(|entry| entry.path().is_file()).collect();
    assert!(kept.len() >= 2, "a key and a database: {kept:?}");
    let kept = kept.iter().map(|entry| entry.file_name());
    let kept = kept.map(|name| name.into_string().unwrap());
    for name in kept.chain(["session.key".into(), "notes.sqlite".into()]) {
        let answer = serving.get(&format!("/{name}"));
        assert!(answer.starts_with("HTTP/1.1 404"), "{name}: {answer}");
    }
}
