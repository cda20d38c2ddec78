//! `test`: saved requests from the files to the report and the exit code.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::studio::{Ended, Home};

const HELLO: &str =
    "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\nhello %s\\n' \"$PATH_INFO\"\ncat\n";
const BROKEN: &str = "#!/bin/sh\necho no header\necho oops >&2\nexit 3\n";

fn site(home: &Home, requests: &[(&str, &str)]) -> PathBuf {
    home.script("site/cgi-bin/hello.sh", HELLO);
    home.script("site/cgi-bin/broken.sh", BROKEN);
    let site = home.path().join("site");
    for (name, text) in requests {
        let file = site.join("requests").join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    site
}

fn test(home: &Home, site: &std::path::Path, more: &[&str]) -> Ended {
    let mut arguments = vec!["test", site.to_str().unwrap()];
    arguments.extend_from_slice(more);
    home.end_of(&arguments)
}

#[track_caller]
fn check_contains(text: &str, all: &[&str]) {
    for words in all {
        assert!(text.contains(words), "no {words:?} in\n{text}");
    }
}

const FINE: &str = "\
# @expect status 200
# @expect header Content-Type: text/plain*
# @expect body contains \"hello /x\"
# @expect body contains \"a=1&b=2\"
# @expect env CONTENT_LENGTH = 7
# @expect env PATH_INFO = /x
# @expect stderr empty
# @expect exit 0
# @expect time < 30s
# @expect finding no errors
POST /cgi-bin/hello.sh/x
Content-Type: application/x-www-form-urlencoded

a=1
&b=2
";

#[test]
fn requests_that_are_as_expected_are_fine() {
    let home = Home::new();
    let site = site(
        &home,
        &[
            ("hello.http", FINE),
            ("plain.http", "GET /cgi-bin/hello.sh\n"),
        ],
    );
    let ended = test(&home, &site, &[]);
    assert_eq!(ended.code, Some(0), "{}\n{}", ended.stdout, ended.stderr);
    check_contains(
        &ended.stdout,
        &[
            "ok    hello",
            "nothing expected, no errors",
            "2 requests passed in",
        ],
    );
    assert!(!ended.stdout.contains('\x1b'), "colour without a terminal");
}

#[test]
fn what_is_not_as_expected_is_told_with_what_was_found_and_why() {
    let home = Home::new();
    let broken =
        "# @expect status 200\n# @expect stderr empty\n# @expect exit 3\nGET /cgi-bin/broken.sh\n";
    let requests = [
        ("hello.http", FINE),
        ("broken.http", broken),
        ("unread.http", "# @expect status\nGET /\n"),
        ("upload.http", "POST /cgi-bin/hello.sh\n\n< ./gone.bin\n"),
    ];
    let site = site(&home, &requests);
    let ended = test(&home, &site, &[]);
    assert_eq!(ended.code, Some(1), "{}\n{}", ended.stdout, ended.stderr);
    check_contains(
        &ended.stdout,
        &[
            "FAIL  broken",
            "requests/broken.http",
            "line 1: expected status 200, found 500 (status)",
            "line 2: expected stderr empty, found 5 bytes: \"oops\\n\" (standard error)",
            "CGI0",
            "ERROR  unread",
            "line 1: column 17: a status is wanted here",
            "cannot read the file: No such file or directory",
            "\"./gone.bin\"",
            "1 of 4 requests passed, 1 failed, 2 could not be run",
        ],
    );
    assert!(
        !ended.stdout.contains("expected exit 3"),
        "{}",
        ended.stdout
    );
}

#[test]
fn a_request_can_be_chosen_and_a_wrong_name_is_refused() {
    let home = Home::new();
    let site = site(
        &home,
        &[
            ("hello.http", FINE),
            ("broken.http", "GET /cgi-bin/broken.sh\n"),
        ],
    );
    let ended = test(&home, &site, &["hello"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stdout);
    check_contains(&ended.stdout, &["1 request passed"]);
    let ended = test(&home, &site, &["helo"]);
    assert_eq!(ended.code, Some(2));
    check_contains(&ended.stderr, &["did you mean \"hello\"?"]);
}

#[test]
fn a_site_without_saved_requests_is_told_how_to_make_one() {
    let home = Home::new();
    let site = site(&home, &[]);
    let ended = test(&home, &site, &[]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    check_contains(
        &ended.stdout,
        &["No saved requests", "requests", "GET /cgi-bin/hello.py"],
    );
    assert_eq!(test(&home, &home.path().join("nowhere"), &[]).code, Some(2));
}

#[test]
fn the_json_has_every_expectation_with_what_was_found() {
    let home = Home::new();
    let site = site(
        &home,
        &[(
            "broken.http",
            "# @expect status 200\nGET /cgi-bin/broken.sh\n",
        )],
    );
    let ended = test(&home, &site, &["--format", "json"]);
    assert_eq!(ended.code, Some(1));
    let report: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(report["failed"], 1);
    let request = &report["requests"][0];
    assert_eq!(request["verdict"], "failed");
    assert_eq!(request["status"], 500);
    assert_eq!(request["expectations"][0]["expected"], "status 200");
    assert_eq!(request["expectations"][0]["line"], 1);
    assert_eq!(request["expectations"][0]["found"], "500");
    assert!(!request["findings"].as_array().unwrap().is_empty());
}

#[test]
fn the_junit_report_is_as_build_servers_read_it() {
    let home = Home::new();
    let odd = "# @expect body contains \"]]>\\x00<\"\nGET /cgi-bin/broken.sh?a=\u{1f600}\n";
    let requests = [
        ("hello.http", FINE),
        ("a & <b>.http", odd),
        ("unread.http", "GET\n"),
    ];
    let site = site(&home, &requests);
    let file = home.path().join("report.xml");
    let ended = test(
        &home,
        &site,
        &["--format", "junit", "--output", file.to_str().unwrap()],
    );
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(ended.stdout.is_empty(), "{}", ended.stdout);
    check_contains(&ended.stderr, &["1 of 3 requests passed"]);
    let report = fs::read_to_string(&file).unwrap();
    check_contains(
        &report,
        &[
            "tests=\"3\"",
            "failures=\"1\"",
            "errors=\"1\"",
            "a &amp; &lt;b&gt;",
        ],
    );
    check_schema(report.as_bytes());
}

#[expect(
    clippy::disallowed_methods,
    reason = "the checker of the schema is another program"
)]
fn check_schema(report: &[u8]) {
    let checker = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/junit.py");
    let python = Command::new("/usr/bin/python3")
        .arg(checker)
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut python) = python else {
        assert!(
            std::env::var_os("CGI_STUDIO_CI").is_none(),
            "there is no Python"
        );
        println!("not checked against the schema: there is no Python");
        return;
    };
    python.stdin.take().unwrap().write_all(report).unwrap();
    let ended = python.wait_with_output().unwrap();
    assert!(
        ended.status.success(),
        "{}",
        String::from_utf8_lossy(&ended.stderr)
    );
}
