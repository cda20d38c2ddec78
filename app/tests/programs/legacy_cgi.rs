//! Python scripts of twenty years with the modules `cgi` and `cgitb`, which are a package of their own now.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use cgi_engine::process::Spawner;
use cgi_studio::legacy_cgi::{Install, InstallError, Into, install};

use crate::served::{
    FRAMINGS, PYTHON, Served, copy_of_site, every_byte, has_library, python_packages,
};
use crate::support::display::{Display, PROGRAMS};
use crate::support::program::{PATH, Sweep, command, installed, output};
use crate::support::studio::{Home, Serving, is_gone, wait_until};

/// The site beside the package, as its configuration expects.
fn served() -> Option<Served> {
    let pip = has_library("pip", PYTHON, &["-m", "pip", "--version"]);
    let wheels = pip.then(python_packages).flatten()?;
    let home = Home::new();
    let folder = copy_of_site("legacy-cgi", &home);
    let mut pip = command(PYTHON, home.path());
    pip.env("PIP_NO_INDEX", "1").env("PIP_FIND_LINKS", wheels);
    output(pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--target",
        "packages",
        "legacy-cgi",
    ]));
    Some(Served::start(home, &folder))
}

#[test]
fn the_fields_of_a_form_arrive_through_the_package() {
    let Some(site) = served() else { return };
    let asked = site.get("/cgi-bin/form.py?name=Zo%C3%AB&name=%3Cb%3E&none=");
    let module = site.home.path().join("packages/cgi.py");
    // Some Pythons still have a `cgi` of their own; this is the package's.
    asked.check(200, &format!("<p id=module>{}</p>", module.display()));
    asked.check(
        200,
        "<p class=field>name = Zoë</p>\n<p class=field>name = &lt;b&gt;</p>\n<p id=first>Zoë</p>",
    );
    let posted = site.curl("/cgi-bin/form.py?q=1", &["--data-urlencode", "name=é & ü"]);
    posted.check(
        200,
        "<p class=field>name = é &amp; ü</p>\n<p class=field>q = 1</p>",
    );
    let parts = ["--form-string", "name=a\nb", "--form-string", "name=2"];
    site.curl("/cgi-bin/form.py", &parts).check(
        200,
        "<p class=field>name = a\nb</p>\n<p class=field>name = 2</p>",
    );
    site.curl("/cgi-bin/functions.py?x=1", &["--data", "a=b"])
        .check(
            200,
            "('text/html', {'charset': 'utf-8', 'q': '1'})\n{'a': ['b'], 'x': ['1']}\n",
        );
    site.end_in_silence();
}

#[test]
fn uploads_of_every_framing_arrive() {
    let Some(site) = served() else { return };
    let upload = site.upload("Zoë.bin", &every_byte());
    for framing in FRAMINGS {
        let arguments = [
            "--header",
            framing,
            "--form",
            &upload.part(),
            "--form",
            "note=ja",
        ];
        let answer = site.curl("/cgi-bin/upload.py", &arguments);
        let expected = format!(
            "file Zoë.bin\ntype image/x-test\nsha256 {}\nnote ja\n",
            upload.sha256
        );
        assert_eq!(answer.text(), expected, "{framing}");
    }
    site.end_in_silence();
}

#[test]
fn a_failure_that_cgitb_reports_is_shown_and_found() {
    let Some(site) = served() else { return };
    let page = site.get("/cgi-bin/fails.py");
    page.check(200, "ZeroDivisionError");
    page.check(200, "(numbers=[])");
    site.end_with_finding("/cgi-bin/fails.py", "CGI069");
}

/// The variables of the commands that tests run, and where the package is.
fn variables(home: &Home, wheels: &str) -> Vec<(OsString, OsString)> {
    [
        ("PATH", PATH),
        ("HOME", home.path().to_str().unwrap()),
        ("PIP_NO_INDEX", "1"),
        ("PIP_FIND_LINKS", wheels),
    ]
    .map(|(name, value)| (name.into(), value.into()))
    .into()
}

#[test]
fn the_studio_installs_the_package_into_an_environment_that_it_makes() {
    let venv = has_library("venv", PYTHON, &["-c", "import venv, ensurepip"]);
    let Some(wheels) = venv.then(python_packages).flatten() else {
        return;
    };
    let home = Home::new();
    let spawner = Spawner::start(Path::new(env!("CARGO_BIN_EXE_cgi-studio"))).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let folder = home.path().join("python");
    let asked = Install {
        label: String::new(),
        meaning: String::new(),
        interpreter: PYTHON.into(),
        into: Into::NewEnvironment(folder.clone()),
    };
    let variables = variables(&home, wheels.to_str().unwrap());
    let wanted = AtomicBool::new(false);
    let mut printed = Vec::new();
    let told = |bytes: &[u8]| printed.extend_from_slice(bytes);
    let done = install(&spawner, &asked, &variables, &wanted, told);
    let python = runtime.block_on(done).unwrap();
    let printed = String::from_utf8(printed).unwrap();
    assert!(printed.contains("legacy-cgi"), "{printed}");
    let version = "import importlib.metadata as m; print(m.version('legacy-cgi'))";
    let mut asks = command(&python, home.path());
    assert!(!output(asks.args(["-c", version])).is_empty());

    let cancelled = AtomicBool::new(true);
    let stopped = install(&spawner, &asked, &variables, &cancelled, |_| {});
    assert!(matches!(
        runtime.block_on(stopped),
        Err(InstallError::Cancelled)
    ));
    let system = Install {
        into: Into::Interpreter,
        ..asked
    };
    let nothing =
        [("PATH", PATH), ("PIP_NO_INDEX", "1")].map(|(name, value)| (name.into(), value.into()));
    let refused = install(&spawner, &system, &nothing, &wanted, |_| {});
    let refused = runtime.block_on(refused);
    assert!(
        matches!(refused, Err(InstallError::Failed { program: "pip", .. })),
        "{refused:?}"
    );
}

/// Stands for a Python without `cgi`, into which packages may be installed; its pip never comes to an end.
const ENDLESS_PIP: &str = r#"#!/bin/sh
here=${0%/*}
case "$*" in
    *"-m pip install"*)
        cd "$here" && sleep 1000000 &
        echo $$ $! > "$here/pids"
        while :; do echo still downloading; sleep 0.01; done ;;
    *sysconfig*)
        echo '{"minor": 13, "venv": true, "managed": false, "writable": true}'
        : > "$here/asked" ;;
    *.py)
        printf 'Traceback (most recent call last):\n  File "%s", line 1, in <module>\n    import cgi\n' "$1" >&2
        echo "ModuleNotFoundError: No module named 'cgi'" >&2
        exit 1 ;;
    *)
        exit 2 ;;
esac
"#;

#[test]
fn an_installation_ends_with_the_window_and_takes_its_children_along() {
    if !installed(&PROGRAMS) {
        return;
    }
    let home = Home::new();
    let python = home.script("bin/python3.13", ENDLESS_PIP);
    let bin = python.parent().unwrap();
    let script = home.script("site/cgi-bin/a.py", "import cgi\ncgi.test()\n");
    let folder = script.ancestors().nth(2).unwrap();
    let configuration = format!(
        "[server]\nlisten = \"127.0.0.1:0\"\n[scripts]\ninterpreters = {{ \".py\" = {python:?} }}\n"
    );
    fs::write(folder.join("cgi-studio.toml"), configuration).unwrap();
    let display = Display::open(home.path());
    let _sweep = Sweep(bin);
    let mut studio = home.studio(&[folder.to_str().unwrap()]);
    studio
        .env("DISPLAY", &display.name)
        .env("LIBGL_ALWAYS_SOFTWARE", "1");
    let mut serving = Serving::start(studio);
    let window = display.window("^site .* CGI Studio$");
    assert!(serving.get("/cgi-bin/a.py").starts_with("HTTP/1.1 500"));
    // The dialog is open when the interpreter was asked where packages go.
    wait_until("the package is offered", || {
        display.press(&window, &["g", "ctrl+period"]);
        display.wait_until_settled(&window);
        bin.join("asked").exists().then_some(())
    });
    let running = wait_until("pip runs", || {
        display.press(&window, &["Return"]);
        let ids = fs::read_to_string(bin.join("pids")).ok()?;
        let ids: Vec<u32> = ids.split_whitespace().flat_map(str::parse).collect();
        (ids.len() == 2).then_some(ids)
    });
    display.close(&window, || serving.try_wait().is_some());
    assert_eq!(serving.wait().code(), Some(0));
    for pid in running {
        wait_until("pip and its child are gone", || is_gone(pid).then_some(()));
    }
}
