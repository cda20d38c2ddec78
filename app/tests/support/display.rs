//! A display of its own for a test: Xvfb with a window manager, keys pressed on it, and what it shows.

use std::collections::HashMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::program::{Program, command, output};
use super::studio::wait_until;

/// What [`Display::open`] and the methods need.
pub(crate) const PROGRAMS: [&str; 4] = ["Xvfb", "openbox", "xdotool", "import"];

/// A display on which nothing but the test's own windows are shown. Dropped, it goes.
pub(crate) struct Display<'a> {
    /// As in `DISPLAY`.
    pub(crate) name: String,
    home: &'a Path,
    // The order is that of the end: a window manager without a display would complain.
    _manager: Program,
    server: Program,
}

/// A colour as it is on the screen: red, green, blue.
pub(crate) type Colour = [u8; 3];

/// What a window shows: how often each colour occurs.
#[derive(PartialEq)]
pub(crate) struct Picture {
    pixels: HashMap<Colour, usize>,
}

impl<'a> Display<'a> {
    pub(crate) fn open(home: &'a Path) -> Self {
        Self::open_with(home, &[])
    }

    /// A display whose server gets more arguments.
    pub(crate) fn open_with(home: &'a Path, arguments: &[&str]) -> Self {
        let mut server = command("Xvfb", home);
        // It takes the first number that is free, and tells it when it is ready.
        server.args(["-displayfd", "1", "-screen", "0", "1600x1000x24"]);
        server
            .args(["-nolisten", "tcp", "-noreset"])
            .args(arguments);
        let (server, number) = Program::start_until(server, |line| line.trim().parse::<u32>().ok());
        let name = format!(":{number}");
        let mut manager = command("openbox", home);
        manager.env("DISPLAY", &name);
        Self {
            name,
            home,
            _manager: Program::start(manager),
            server,
        }
    }

    /// Takes the display away from everything that is shown on it.
    pub(crate) fn break_down(&mut self) {
        self.server.end();
    }

    /// Waits for a window with these words in its title.
    #[track_caller]
    pub(crate) fn window(&self, title: &str) -> String {
        let mut search = self.on_it("xdotool");
        search.args(["search", "--onlyvisible", "--name", title]);
        wait_until(&format!("a window is called {title:?}"), || {
            // It fails while there is none.
            #[allow(clippy::disallowed_methods)] // tests drive the real programs
            let found = search.output().unwrap().stdout;
            let found = String::from_utf8(found).unwrap();
            found.lines().next().map(str::to_owned)
        })
    }

    /// Presses keys in a window, as xdotool names them.
    #[track_caller]
    pub(crate) fn press(&self, window: &str, keys: &[&str]) {
        let mut press = self.on_it("xdotool");
        press.args(["windowactivate", "--sync", window, "key"]);
        output(press.args(keys));
    }

    /// Asks the window manager to close the window until it is so. Asked only once, a manager that is still
    /// starting may not have heard.
    #[track_caller]
    pub(crate) fn close(&self, window: &str, mut closed: impl FnMut() -> bool) {
        let mut asked: Option<Instant> = None;
        wait_until("the window is closed", || {
            if closed() {
                return Some(());
            }
            if asked.is_none_or(|asked| asked.elapsed() > Duration::from_secs(5))
                && self.has(window)
            {
                asked = Some(Instant::now());
                self.press(window, &["alt+F4"]);
            }
            None
        });
    }

    #[allow(clippy::disallowed_methods)] // Tests drive the real programs.
    fn has(&self, window: &str) -> bool {
        let mut ask = self.on_it("xdotool");
        ask.args(["getwindowname", window])
            .stderr(Stdio::null())
            .stdout(Stdio::null());
        ask.status().is_ok_and(|status| status.success())
    }

    #[track_caller]
    pub(crate) fn picture(&self, window: &str) -> Picture {
        let mut import = self.on_it("import");
        let bytes = output(import.args(["-window", window, "-depth", "8", "rgb:-"]));
        let mut pixels = HashMap::new();
        for pixel in bytes.as_chunks::<3>().0 {
            *pixels.entry(*pixel).or_default() += 1;
        }
        Picture { pixels }
    }

    /// Waits until a window shows this, and returns the picture.
    #[track_caller]
    pub(crate) fn wait_until_shown(
        &self,
        window: &str,
        what: &str,
        shown: impl Fn(&Picture) -> bool,
    ) -> Picture {
        wait_until(&format!("the window shows {what}"), || {
            Some(self.picture(window)).filter(&shown)
        })
    }

    /// Waits until a window looks the same twice running: nothing comes in any more, and nothing moves.
    #[track_caller]
    pub(crate) fn wait_until_settled(&self, window: &str) {
        let mut before = self.picture(window);
        wait_until("the window stands still", || {
            let now = self.picture(window);
            let same = now == before;
            before = now;
            same.then_some(())
        });
    }

    /// Writes a picture of a window, as PNG.
    #[track_caller]
    pub(crate) fn save_picture(&self, window: &str, file: &Path) {
        let mut import = self.on_it("import");
        // Nothing about this computer or this day belongs into the file.
        output(import.args(["-window", window, "-strip"]).arg(file));
    }

    fn on_it(&self, program: &str) -> Command {
        let mut command = command(program, self.home);
        command.env("DISPLAY", &self.name);
        command
    }
}

impl Picture {
    pub(crate) fn count(&self, colour: Colour) -> usize {
        self.pixels.get(&colour).copied().unwrap_or(0)
    }

    pub(crate) fn colours(&self) -> usize {
        self.pixels.len()
    }
}
