//! `fix`: nothing is changed unasked, what is asked for is changed, and can be taken back.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use crate::studio::{Ended, Home};

const WINDOWS: &str = "#!/bin/sh\r\necho 'Content-Type: text/plain'\r\necho\r\n";

/// A site with a script that Windows wrote and nobody made executable.
fn site(home: &Home) -> PathBuf {
    let file = home.script("site/cgi-bin/a.sh", WINDOWS);
    fs::set_permissions(&file, Permissions::from_mode(0o640)).unwrap();
    file
}

#[track_caller]
fn fix(home: &Home, words: &[&str], code: i32) -> Ended {
    let arguments: Vec<&str> = ["fix", "site"].iter().chain(words).copied().collect();
    let ended = home.end_of(&arguments);
    assert_eq!(ended.code, Some(code), "{}{}", ended.stdout, ended.stderr);
    ended
}

fn mode(file: &PathBuf) -> u32 {
    fs::metadata(file).unwrap().permissions().mode() & 0o7777
}

#[test]
fn a_fix_is_shown_as_a_diff_and_changes_nothing() {
    let home = Home::new();
    let file = site(&home);
    let shown = fix(&home, &[], 1);
    for words in [
        "CGI001 cgi-bin/a.sh: Make executable",
        "--- cgi-bin/a.sh\n+++ cgi-bin/a.sh\nold mode 100640\nnew mode 100750\n",
        "CGI007 cgi-bin/a.sh: Convert line ends to LF",
        "@@ -1,3 +1,3 @@\n-#!/bin/sh\r\n",
        "+#!/bin/sh\n",
    ] {
        assert!(shown.stdout.contains(words), "{words}\n{}", shown.stdout);
    }
    assert!(shown.stderr.contains("nothing was changed"));
    assert_eq!(mode(&file), 0o640);
    assert_eq!(fs::read_to_string(&file).unwrap(), WINDOWS);
    let one = fix(&home, &["a.sh", "--code", "CGI007"], 1);
    assert!(!one.stdout.contains("CGI001"), "{}", one.stdout);
}

#[test]
fn what_is_applied_works_and_is_taken_back_step_by_step() {
    let home = Home::new();
    let file = site(&home);
    fix(&home, &["--apply"], 0);
    assert_eq!(mode(&file), 0o750);
    assert_eq!(
        fs::read_to_string(&file).unwrap(),
        WINDOWS.replace('\r', "")
    );
    assert_eq!(home.end_of(&["check", "site"]).code, Some(0));
    let again = fix(&home, &["--apply"], 0);
    assert!(again.stderr.contains("nothing that can be mended"));
    fix(&home, &["--undo"], 0);
    fix(&home, &["--undo", "a.sh"], 0);
    assert_eq!(mode(&file), 0o640);
    assert_eq!(fs::read_to_string(&file).unwrap(), WINDOWS);
    let none = fix(&home, &["--undo"], 2);
    assert!(none.stderr.contains("no fix to take back"));
}

#[test]
fn a_script_that_was_changed_since_is_not_taken_back() {
    let home = Home::new();
    let file = site(&home);
    fix(&home, &["--code", "7", "--apply"], 0);
    fs::write(&file, "#!/bin/sh\necho mine\n").unwrap();
    let refused = fix(&home, &["--undo"], 2);
    assert!(refused.stderr.contains("was changed after the fix"));
    assert_eq!(fs::read_to_string(&file).unwrap(), "#!/bin/sh\necho mine\n");
}

#[test]
fn what_a_recorded_run_showed_is_mended_too() {
    let home = Home::new();
    let script = "#!/bin/sh\necho 'Content-Type: text/html'\necho '<p>hello</p>'\n";
    let file = home.script("site/cgi-bin/b.sh", script);
    let serving = home.serving(&["serve", "site", "--listen", "127.0.0.1:0"]);
    assert!(serving.get("/cgi-bin/b.sh").starts_with("HTTP/1.1 500"));
    serving.stdout_line("CGI023");
    serving.end();
    fix(&home, &["--apply"], 0);
    let mended = fs::read_to_string(&file).unwrap();
    assert_eq!(mended, script.replace("text/html'\n", "text/html'\necho\n"));
}

#[test]
fn a_script_or_a_code_that_is_not_there_is_named() {
    let home = Home::new();
    site(&home);
    assert!(fix(&home, &["none.sh"], 2).stderr.contains("\"none.sh\""));
    assert!(
        fix(&home, &["--code", "CGI999"], 2)
            .stderr
            .contains("no such finding")
    );
    assert!(
        fix(&home, &["--undo", "--apply"], 2)
            .stderr
            .contains("--apply")
    );
}
