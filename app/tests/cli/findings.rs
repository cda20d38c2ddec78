//! Findings as the command line tells them: the code, the place of the evidence, the remedy.

use std::fs;

use crate::studio::{Home, Serving};

const FAILING: &str = "#!/bin/sh\necho '<html>'\n";

fn serve(home: &Home) -> Serving {
    home.serving(&["serve", ".", "--listen", "127.0.0.1:0"])
}

#[test]
fn a_failed_request_has_its_findings_below_its_line() {
    let home = Home::new();
    home.script("cgi-bin/bad.sh", FAILING);
    let serving = serve(&home);
    serving.get("/cgi-bin/bad.sh");
    let line = serving.stdout_line("/cgi-bin/bad.sh");
    let code = line.split_whitespace().last().unwrap();
    assert!(code.starts_with("CGI"), "{line}");
    assert!(serving.stdout_line("error").trim_start().starts_with(code));
    serving.stdout_line("stdout, line 1");
    serving.stdout_line("→");
}

#[test]
fn a_script_that_cannot_run_is_told_of_at_the_start() {
    let home = Home::new();
    fs::create_dir(home.path().join("cgi-bin")).unwrap();
    fs::write(
        home.path().join("cgi-bin/no-bit.py"),
        "#!/usr/bin/env python3\n",
    )
    .unwrap();
    let serving = serve(&home);
    assert!(serving.stderr_line("no-bit.py").contains("CGI"));
}

#[test]
fn a_run_of_each_broken_script_exits_1_with_the_code_of_its_failure() {
    let home = Home::new();
    let site = home.example("broken");
    // A second is as much too long as the thirty that the site allows by itself.
    fs::write(site.join("cgi-studio.toml"), "[limits]\ntime_seconds = 1\n").unwrap();
    for (script, code) in &cgi_studio::samples::sample("broken").unwrap().expected {
        let ended = home.end_of(&["run", site.join(script).to_str().unwrap()]);
        assert_eq!(
            ended.code,
            Some(1),
            "{script}: {}\n{}",
            ended.stdout,
            ended.stderr
        );
        let findings = ended.stdout.split("\nFindings").nth(1).unwrap_or_default();
        assert!(
            findings.contains(code),
            "{script} has no {code}:\n{}",
            ended.stdout
        );
    }
}
