//! The real window on a real display: what it shows, and what is left when it goes.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on ends where it stands"
)]

#[allow(dead_code, reason = "the tests with the browser use the rest")]
mod support;

use std::env;
use std::fs;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use rustix::process::Signal;
use support::display::{Colour, Display, PROGRAMS};
use support::program::{Sweep, command, installed, output, working_in};
use support::studio::{Home, Serving, children_of, is_gone, wait_until};

/// Serves on any free port.
const ANYWHERE: &str = "[server]\nlisten = \"127.0.0.1:0\"\n";
/// Runs for ever, with a child, and tells both ids.
const ENDLESS: &str = "#!/bin/sh\nsleep 1000000 &\necho $$ $! > pids\nwait\n";
/// What is asked for before a picture is taken; the last one fails.
const PICTURED: [&str; 7] = [
    "/",
    "/style.css",
    "/cgi-bin/html-first.py",
    "/cgi-bin/no-content-type.py",
    "/cgi-bin/nowhere.py",
    "/cgi-bin/crlf.py",
    "/cgi-bin/traceback-before-headers.py",
];

/// A site in an empty home: an example, or nothing at first.
struct Site {
    home: Home,
    folder: PathBuf,
}

impl Site {
    fn of_example(name: &str) -> Self {
        let home = Home::new();
        let folder = home.example(name);
        fs::write(folder.join("cgi-studio.toml"), ANYWHERE).unwrap();
        Self { home, folder }
    }

    fn of_endless_script() -> Self {
        let home = Home::new();
        let script = home.script("sites/endless/cgi-bin/endless.sh", ENDLESS);
        let folder = script.ancestors().nth(2).unwrap().to_owned();
        fs::write(folder.join("cgi-studio.toml"), ANYWHERE).unwrap();
        Self { home, folder }
    }

    fn choose_theme(&self, name: &str) {
        let folder = self.home.path().join("xdg_config_home/cgi-studio");
        fs::create_dir_all(&folder).unwrap();
        let preferences = format!("theme = \"{name}\"\n");
        fs::write(folder.join("preferences.toml"), preferences).unwrap();
    }

    /// The studio that is to show this site on a display.
    fn studio(&self, display: &Display<'_>) -> Command {
        let mut studio = self.home.studio(&[self.folder.to_str().unwrap()]);
        studio
            .env("DISPLAY", &display.name)
            .env("LIBGL_ALWAYS_SOFTWARE", "1");
        studio
    }

    /// Opens the window on this site and waits until it is there.
    #[track_caller]
    fn open(&self, display: &Display<'_>) -> (Serving, String) {
        let serving = Serving::start(self.studio(display));
        let name = self.folder.file_name().unwrap().to_str().unwrap();
        // xdotool compares bytes, and a dash has three.
        let window = display.window(&format!("^{name} .* CGI Studio$"));
        display.wait_until_shown(&window, "more than a ground", |picture| {
            picture.colours() > 16
        });
        (serving, window)
    }

    /// Edits a script as people do: vim moves the old file aside and writes a new one.
    #[track_caller]
    fn edit(&self, script: &str, substitution: &str) {
        let file = self.folder.join(script);
        let mut vim = command("vim", self.home.path());
        vim.args(["-u", "NONE", "-i", "NONE", "-n", "-es"]);
        vim.args(["-c", "set backupcopy=no", "-c", substitution, "-c", "wq"]);
        output(vim.arg(file));
    }

    /// Saves a request with what is expected of it.
    fn save_request(&self, name: &str, text: &str) {
        let folder = self.folder.join("requests");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(format!("{name}.http")), text).unwrap();
    }

    /// What is recorded of the site by now, a line a request.
    fn recorded(&self) -> String {
        let mut log = self.home.studio(&["log", self.folder.to_str().unwrap()]);
        String::from_utf8(output(&mut log)).unwrap()
    }

    /// Asks for the endless script and waits until it runs; the ids are its own and its child's.
    /// The client hangs up when it is dropped.
    fn run_endless(&self, serving: &Serving) -> (TcpStream, Vec<u32>) {
        let client = serving.ask("/cgi-bin/endless.sh");
        let told = self.folder.join("cgi-bin/pids");
        let running = wait_until("the script runs", || {
            let ids = fs::read_to_string(&told).ok()?;
            let ids: Vec<u32> = ids.split_whitespace().flat_map(str::parse).collect();
            (ids.len() == 2).then_some(ids)
        });
        (client, running)
    }
}

/// A colour of a theme by its role.
fn colour(theme: &str, role: &str) -> Colour {
    let themes = Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/theme");
    let file = themes.join(format!("{theme}.toml"));
    let theme: toml::Table = fs::read_to_string(file).unwrap().parse().unwrap();
    let digits = theme[role].as_str().unwrap().trim_start_matches('#');
    let [_, red, green, blue] = u32::from_str_radix(digits, 16).unwrap().to_be_bytes();
    [red, green, blue]
}

fn can_see() -> bool {
    installed(&PROGRAMS)
}

#[test]
fn the_window_shows_a_script_work_break_and_work_again() {
    if !can_see() || !installed(&["vim", "python3"]) {
        return;
    }
    let site = Site::of_example("hello");
    site.choose_theme("dark");
    let display = Display::open(site.home.path());
    let (serving, window) = site.open(&display);
    let (ok, fail) = (colour("dark", "ok"), colour("dark", "fail"));
    let before = display.picture(&window);
    assert_eq!(before.count(fail), 0, "a failure before any request");

    assert!(serving.get("/cgi-bin/hello.py").starts_with("HTTP/1.1 200"));
    let worked = display.wait_until_shown(&window, "a run that worked", |picture| {
        picture.count(ok) > before.count(ok) && picture.count(fail) == 0
    });

    site.edit("cgi-bin/hello.py", "%s/^print()$//");
    let answer = serving.get("/cgi-bin/hello.py");
    assert!(answer.starts_with("HTTP/1.1 500"), "{answer}");
    assert!(answer.contains("CGI023"), "{answer}");
    display.wait_until_shown(&window, "a run that failed", |picture| {
        picture.count(fail) > 0
    });

    site.edit("cgi-bin/hello.py", "%s/^$/print()/");
    let answer = serving.get("/cgi-bin/hello.py");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    display.wait_until_shown(&window, "another run that worked", |picture| {
        picture.count(ok) > worked.count(ok)
    });
}

/// Nobody asks for the script again: its last request runs by itself.
#[test]
fn a_save_in_vim_leads_to_the_new_result_on_the_screen() {
    if !can_see() || !installed(&["vim", "python3"]) {
        return;
    }
    let site = Site::of_example("hello");
    site.choose_theme("dark");
    site.save_request(
        "greets",
        "# @expect status 200\nGET /cgi-bin/hello.py?greets\n",
    );
    let display = Display::open(site.home.path());
    let (serving, window) = site.open(&display);
    let (ok, fail) = (colour("dark", "ok"), colour("dark", "fail"));
    // The ground of the stage that failed; lines that went have the colour of failures, too.
    let failed = colour("dark", "fail_ground");
    assert!(serving.get("/cgi-bin/hello.py").starts_with("HTTP/1.1 200"));
    let worked = display.wait_until_shown(&window, "a run that worked", |picture| {
        picture.count(ok) > 0 && picture.count(fail) == 0
    });
    // The Code workspace, where the run pane tells what changed.
    display.press(&window, &["ctrl+2"]);
    display.wait_until_shown(&window, "the run pane", |picture| *picture != worked);

    let saved = Instant::now();
    site.edit("cgi-bin/hello.py", "%s/^print()$//");
    display.wait_until_shown(&window, "a run that failed", |picture| {
        picture.count(failed) > 1000
    });
    println!(
        "from vim's start to the failure on the screen: {:?}",
        saved.elapsed()
    );

    wait_until("the saved request was sent, too", || {
        site.recorded()
            .contains("/cgi-bin/hello.py?greets")
            .then_some(())
    });

    site.edit("cgi-bin/hello.py", "%s/^$/print()/");
    display.wait_until_shown(&window, "another run that worked", |picture| {
        picture.count(failed) == 0 && picture.count(ok) > 0
    });
    keep_picture(&display, &window, &site, "loop-dark.png");
}

#[test]
fn without_opengl_the_folder_is_served_with_a_log() {
    if !can_see() || !installed(&["python3"]) {
        return;
    }
    let site = Site::of_example("hello");
    let display = Display::open_with(site.home.path(), &["-extension", "GLX"]);
    let mut studio = site.studio(&display);
    // No way around GLX either: a list of drivers that is empty.
    studio.env("__EGL_VENDOR_LIBRARY_FILENAMES", "/dev/null");
    let serving = Serving::start(studio);
    let said = serving.stderr_line("no window: ");
    assert!(said.contains("OpenGL") && said.len() < 200, "{said}");
    // What was served for the window is served on, at the same address.
    let line = serving.stderr_line("serving ");
    assert!(line.contains(&serving.address.to_string()), "{line}");
    assert!(serving.get("/cgi-bin/hello.py").starts_with("HTTP/1.1 200"));
    serving.stdout_line("/cgi-bin/hello.py");
}

#[test]
fn closing_the_window_ends_a_run_and_everything_with_it() {
    if !can_see() {
        return;
    }
    let site = Site::of_endless_script();
    let _sweep = Sweep(&site.folder);
    let display = Display::open(site.home.path());
    let (mut serving, window) = site.open(&display);
    let (_client, running) = site.run_endless(&serving);
    let spawners = children_of(serving.pid());
    assert!(!spawners.is_empty());
    display.close(&window, || serving.try_wait().is_some());
    assert_eq!(serving.wait().code(), Some(0));
    check_nothing_is_left(&site, &[running, spawners].concat());
}

#[test]
fn a_studio_that_is_killed_leaves_no_process_behind() {
    if !can_see() {
        return;
    }
    let site = Site::of_endless_script();
    let _sweep = Sweep(&site.folder);
    let display = Display::open(site.home.path());
    let (mut serving, _) = site.open(&display);
    let (_client, running) = site.run_endless(&serving);
    let spawners = children_of(serving.pid());
    assert!(!spawners.is_empty());
    serving.signal(Signal::KILL);
    assert_eq!(serving.wait().code(), None);
    check_nothing_is_left(&site, &[running, spawners].concat());
}

#[test]
fn unsaved_text_outlives_a_kill_and_a_new_script_runs_at_once() {
    if !can_see() || !installed(&["python3"]) {
        return;
    }
    let site = Site::of_endless_script();
    let display = Display::open(site.home.path());
    let (mut serving, window) = site.open(&display);
    let made = site.folder.join("cgi-bin/hello.py");
    // The dialog with its first template and its usual name.
    choose(&display, &window, &["n", "e", "w", "space", "s", "c", "r"]);
    display.press(&window, &["Return"]);
    wait_until("the script is made", || made.exists().then_some(()));
    display.wait_until_settled(&window);
    display.press(&window, &["ctrl+End", "numbersign", "z", "z"]);
    let unsaved = site.home.path().join("xdg_state_home/cgi-studio/unsaved");
    wait_until("the text is kept", || {
        kept_in(&unsaved).contains("#zz").then_some(())
    });
    assert!(!fs::read_to_string(&made).unwrap().contains("#zz"));
    serving.signal(Signal::KILL);
    serving.wait();
    let (_serving, window) = site.open(&display);
    choose(&display, &window, &["r", "e", "s", "t", "o", "r", "e"]);
    wait_until("the text is saved", || {
        display.press(&window, &["ctrl+s"]);
        let text = fs::read_to_string(&made).unwrap();
        text.ends_with("#zz").then_some(())
    });
    wait_until("nothing is kept any more", || {
        kept_in(&unsaved).is_empty().then_some(())
    });
}

/// Runs the command that the palette finds by these letters.
fn choose(display: &Display<'_>, window: &str, letters: &[&str]) {
    for keys in [&["ctrl+k"], letters, &["Return"]] {
        display.press(window, keys);
        display.wait_until_settled(window);
    }
}

/// The texts that sessions keep, one after the other.
fn kept_in(unsaved: &Path) -> String {
    let sessions = fs::read_dir(unsaved).into_iter().flatten().flatten();
    let files =
        sessions.flat_map(|session| fs::read_dir(session.path()).into_iter().flatten().flatten());
    // What is still being written has another name.
    let whole = files.filter(|file| file.path().extension().is_some_and(|end| end == "json"));
    let texts = whole.map(|file| fs::read_to_string(file.path()).unwrap_or_default());
    texts.collect()
}

#[test]
fn a_display_that_breaks_down_takes_no_process_for_ever() {
    if !can_see() {
        return;
    }
    let site = Site::of_endless_script();
    let _sweep = Sweep(&site.folder);
    let mut display = Display::open(site.home.path());
    let (mut serving, _) = site.open(&display);
    let (_client, running) = site.run_endless(&serving);
    let spawners = children_of(serving.pid());
    display.break_down();
    // Whatever it makes of that, it ends.
    serving.wait();
    check_nothing_is_left(&site, &[running, spawners].concat());
}

#[track_caller]
fn check_nothing_is_left(site: &Site, pids: &[u32]) {
    for pid in pids {
        wait_until(&format!("process {pid} is gone"), || {
            is_gone(*pid).then_some(())
        });
    }
    wait_until("nobody works in the site's folder", || {
        working_in(&site.folder).is_empty().then_some(())
    });
}

/// The pictures of the documentation are these; `CGI_STUDIO_PICTURES=FOLDER` keeps them.
#[track_caller]
fn check_picture(theme: &str) {
    if !can_see() || !installed(&["python3"]) {
        return;
    }
    let site = Site::of_example("broken");
    site.choose_theme(theme);
    let display = Display::open(site.home.path());
    let (serving, window) = site.open(&display);
    for path in PICTURED {
        serving.get(path);
    }
    // The newest is selected, and why it failed is explained on a ground of its own.
    display.press(&window, &["g"]);
    display.wait_until_shown(&window, "the line that failed", |picture| {
        picture.count(colour(theme, "base")) > 100_000
            && picture.count(colour(theme, "fail_ground")) > 10_000
    });
    display.wait_until_settled(&window);
    keep_picture(&display, &window, &site, &format!("window-{theme}.png"));
}

fn keep_picture(display: &Display<'_>, window: &str, site: &Site, name: &str) {
    let kept = env::var_os("CGI_STUDIO_PICTURES").map(PathBuf::from);
    let folder = kept.as_deref().unwrap_or(site.home.path());
    fs::create_dir_all(folder).unwrap();
    let file = folder.join(name);
    display.save_picture(window, &file);
    let png = fs::read(&file).unwrap();
    assert!(png.starts_with(b"\x89PNG"), "{} bytes", png.len());
}

#[test]
fn a_failed_run_is_explained_in_the_dark_theme() {
    check_picture("dark");
}

#[test]
fn a_failed_run_is_explained_in_the_light_theme() {
    check_picture("light");
}
