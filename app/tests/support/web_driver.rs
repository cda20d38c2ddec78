//! A real Chromium, driven through chromedriver (W3C WebDriver 2): as much of the protocol as the tests need.

use std::fs;
use std::io::{self, BufRead, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use super::program::{Program, command};
use super::studio::{is_gone, wait_until};

/// Far more than anything here takes, so that a busy machine fails no test.
const PATIENCE: Duration = Duration::from_secs(60);
/// The key under which an element's reference travels (WebDriver 2 §12.1, "web element identifier").
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// No sandbox, as a container may not offer one; and nothing that calls home.
const FLAGS: [&str; 10] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1200,900",
];

/// One browser with one page and a profile of its own. Dropped, it is closed.
pub(crate) struct Browser {
    port: u16,
    session: String,
    /// The browser's own process, which chromedriver puts in a group of its own.
    process: Option<Pid>,
    downloads: PathBuf,
    _driver: Program,
}

/// An element of the page.
pub(crate) struct Element<'a> {
    browser: &'a Browser,
    reference: String,
}

impl Browser {
    /// Opens a browser; its profile and downloads are put into this folder.
    pub(crate) fn open(home: &Path) -> Self {
        let mut chromedriver = command("chromedriver", home);
        chromedriver.arg("--port=0");
        let (driver, port) = Program::start_until(chromedriver, |line| {
            let (_, port) = line.split_once("started successfully on port ")?;
            port.trim().trim_end_matches('.').parse().ok()
        });
        let downloads = home.join("downloads");
        fs::create_dir_all(&downloads).unwrap();
        let opened = ask(
            port,
            "POST",
            "/session",
            Some(&capabilities(home, &downloads)),
        );
        let opened = opened.unwrap_or_else(|failure| panic!("no browser: {failure}"));
        let process = opened["capabilities"]["goog:processID"].as_i64();
        Self {
            port,
            session: opened["sessionId"].as_str().unwrap().to_owned(),
            process: process.and_then(|pid| Pid::from_raw(pid.try_into().ok()?)),
            downloads,
            _driver: driver,
        }
    }

    /// Goes to a page and waits until it is there.
    #[track_caller]
    pub(crate) fn go(&self, url: &str) {
        self.post("/url", &json!({ "url": url }));
    }

    pub(crate) fn address(&self) -> String {
        text_of(&self.get("/url"))
    }

    /// The page as the browser has it now, as HTML.
    pub(crate) fn source(&self) -> String {
        text_of(&self.get("/source"))
    }

    /// The text that a reader of the page sees.
    #[track_caller]
    pub(crate) fn text(&self) -> String {
        self.element("body").text()
    }

    /// Every cookie for this page that scripts in the browser may or may not see, as name and value.
    pub(crate) fn cookies(&self) -> Vec<(String, String)> {
        let cookies = self.get("/cookie");
        let cookies = cookies.as_array().unwrap().iter();
        let mut cookies: Vec<_> = cookies
            .map(|cookie| (text_of(&cookie["name"]), text_of(&cookie["value"])))
            .collect();
        cookies.sort();
        cookies
    }

    /// The elements that a CSS selector chooses, in the order of the page.
    #[track_caller]
    pub(crate) fn elements(&self, selector: &str) -> Vec<Element<'_>> {
        let found = self.post("/elements", &by_selector(selector));
        found
            .as_array()
            .unwrap()
            .iter()
            .map(|found| self.referred(found))
            .collect()
    }

    /// The first element that a CSS selector chooses; waits until there is one.
    #[track_caller]
    pub(crate) fn element(&self, selector: &str) -> Element<'_> {
        wait_until(&format!("the page has {selector}"), || {
            self.elements(selector).into_iter().next()
        })
    }

    /// Waits until the page's address ends like this: the answer to a form that was sent.
    #[track_caller]
    pub(crate) fn wait_for_address(&self, end: &str) {
        wait_until(&format!("the address ends with {end}"), || {
            let complete = self.run("return document.readyState", &json!([])) == "complete";
            (complete && self.address().ends_with(end)).then_some(())
        });
    }

    /// Waits until the first element that the selector chooses shows this text and nothing else.
    #[track_caller]
    pub(crate) fn wait_for_text(&self, selector: &str, text: &str) {
        // In one step, as an element may leave with its page between two.
        let script = "return document.querySelector(arguments[0])?.innerText ?? null";
        wait_until(&format!("{selector} shows {text:?}"), || {
            (self.run(script, &json!([selector])) == text).then_some(())
        });
    }

    /// Waits for a download that is complete, and returns its name and bytes.
    #[track_caller]
    pub(crate) fn downloaded(&self) -> (String, Vec<u8>) {
        wait_until("the download is complete", || {
            let entries = fs::read_dir(&self.downloads).unwrap();
            let names: Vec<String> = entries
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            // Both temporary names of Chromium vanish when the file gets its own.
            let [name] = names.as_slice() else {
                return None;
            };
            if name.ends_with(".crdownload") || name.starts_with('.') {
                return None;
            }
            let bytes = fs::read(self.downloads.join(name)).unwrap();
            Some((name.clone(), bytes))
        })
    }

    #[track_caller]
    fn run(&self, script: &str, arguments: &Value) -> Value {
        let call = json!({ "script": script, "args": arguments });
        self.post("/execute/sync", &call)
    }

    fn referred(&self, found: &Value) -> Element<'_> {
        Element {
            browser: self,
            reference: text_of(&found[ELEMENT]),
        }
    }

    #[track_caller]
    fn get(&self, path: &str) -> Value {
        self.ask("GET", path, None)
    }

    #[track_caller]
    fn post(&self, path: &str, body: &Value) -> Value {
        self.ask("POST", path, Some(body))
    }

    #[track_caller]
    fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        let path = format!("/session/{}{path}", self.session);
        ask(self.port, method, &path, body)
            .unwrap_or_else(|failure| panic!("{method} {path}: {failure}"))
    }
}

impl Element<'_> {
    /// The text as it is shown.
    #[track_caller]
    pub(crate) fn text(&self) -> String {
        text_of(&self.get("/text"))
    }

    /// What the field holds now.
    #[track_caller]
    pub(crate) fn value(&self) -> String {
        text_of(&self.get("/property/value"))
    }

    #[track_caller]
    pub(crate) fn click(&self) {
        self.post("/click", &json!({}));
    }

    #[track_caller]
    pub(crate) fn clear(&self) {
        self.post("/clear", &json!({}));
    }

    /// Types into a field; a file input takes the path of a file.
    #[track_caller]
    pub(crate) fn type_in(&self, keys: &str) {
        self.post("/value", &json!({ "text": keys }));
    }

    #[track_caller]
    fn get(&self, path: &str) -> Value {
        self.browser
            .get(&format!("/element/{}{path}", self.reference))
    }

    #[track_caller]
    fn post(&self, path: &str, body: &Value) -> Value {
        self.browser
            .post(&format!("/element/{}{path}", self.reference), body)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // What does not end when it is asked to is killed; the driver is killed after this.
        let session = format!("/session/{}", self.session);
        let _ = ask(self.port, "DELETE", &session, None);
        if let Some(process) = self.process.filter(|process| {
            let pid = process.as_raw_nonzero().get();
            !u32::try_from(pid).is_ok_and(is_gone)
        }) {
            let _ = kill_process(process, Signal::KILL);
        }
    }
}

fn capabilities(home: &Path, downloads: &Path) -> Value {
    let mut flags: Vec<String> = FLAGS.map(str::to_owned).to_vec();
    flags.push(format!(
        "--user-data-dir={}",
        home.join("profile").display()
    ));
    json!({ "capabilities": { "alwaysMatch": {
        "browserName": "chrome",
        "goog:chromeOptions": {
            "args": flags,
            "prefs": {
                "download.default_directory": downloads,
                "download.prompt_for_download": false,
            },
        },
    } } })
}

fn by_selector(selector: &str) -> Value {
    json!({ "using": "css selector", "value": selector })
}

#[track_caller]
fn text_of(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("no text: {value}"))
        .to_owned()
}

/// Asks chromedriver, and returns the value of its answer or the message of its refusal.
fn ask(port: u16, method: &str, path: &str, body: Option<&Value>) -> Result<Value, String> {
    let body = body.map(Value::to_string).unwrap_or_default();
    let answer = exchange(port, method, path, &body).map_err(|error| error.to_string())?;
    let mut content: Value = serde_json::from_slice(&answer).map_err(|error| error.to_string())?;
    let value = content["value"].take();
    match value["error"].as_str() {
        Some(error) => Err(format!("{error}: {}", value["message"])),
        None => Ok(value),
    }
}

/// One request on a connection of its own, and the content of its answer.
fn exchange(port: u16, method: &str, path: &str, body: &str) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\
         Content-Type: application/json; charset=utf-8\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut stream = BufReader::new(stream);
    // The driver says that it closes the connection, and then does not.
    let mut content = vec![0; content_length(&mut stream)?];
    stream.read_exact(&mut content)?;
    Ok(content)
}

/// Reads the head of an answer up to its empty line.
fn content_length(stream: &mut impl BufRead) -> io::Result<usize> {
    let mut length = None;
    loop {
        let mut line = String::new();
        stream.read_line(&mut line)?;
        match line.trim_end().split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.trim().parse().ok();
            }
            None if line.trim_end().is_empty() => break,
            _ => {}
        }
    }
    length.ok_or_else(|| io::Error::other("an answer without a length"))
}
