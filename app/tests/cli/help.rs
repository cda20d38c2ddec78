//! Help, version, and what is said to arguments that make no sense.

use crate::studio::Home;

const HELP: &str = include_str!("help.txt");

#[test]
fn help_is_as_written_down() {
    let ended = Home::new().end_of(&["--help"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    assert!(
        ended.stdout == HELP,
        "tests/cli/help.txt is not what --help prints:\n{}",
        ended.stdout
    );
}

#[test]
fn help_fits_on_one_screen() {
    assert!(HELP.lines().count() <= 27);
    assert!(HELP.lines().all(|line| line.chars().count() <= 80));
}

#[test]
fn version_is_one_line() {
    let ended = Home::new().end_of(&["--version"]);
    assert_eq!(ended.code, Some(0));
    assert_eq!(
        ended.stdout,
        concat!("cgi-studio ", env!("CARGO_PKG_VERSION"), "\n")
    );
}

#[test]
fn the_limits_are_the_page_of_the_guide() {
    let ended = Home::new().end_of(&["--limits"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    assert_eq!(
        ended.stdout,
        include_str!("../../../assets/guide/limits.md")
    );
}

#[track_caller]
fn check_refused(arguments: &[&str], words: &str) {
    let ended = Home::new().end_of(arguments);
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (Some(2), ""),
        "{}",
        ended.stderr
    );
    assert!(ended.stderr.contains(words), "{}", ended.stderr);
    assert!(
        !ended.stderr.contains('\x1b'),
        "colour without a terminal: {:?}",
        ended.stderr
    );
}

#[test]
fn usage_errors_say_what_is_wrong_and_exit_with_2() {
    check_refused(&["--no-such-flag"], "--no-such-flag");
    check_refused(&["serve"], "<FOLDER>");
    check_refused(&["serve", ".", "--listen", "here"], "127.0.0.1:8000");
    check_refused(&["run", "a.py", "--header", "no colon"], "'Name: value'");
    check_refused(&["run", "a.py", "--method", "GET /"], "a method");
}

#[test]
fn an_unknown_folder_is_named() {
    check_refused(&["serve", "no-such-site"], "\"no-such-site\"");
    check_refused(&["no-such-site"], "no such folder");
    check_refused(&["sevre"], "did you mean `cgi-studio serve`?");
}

#[test]
fn an_unknown_example_brings_the_one_that_was_meant() {
    check_refused(&["--example", "helo"], "did you mean \"hello\"?");
}
