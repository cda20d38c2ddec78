//! `deploy`: what is told of a site that goes elsewhere.

use crate::studio::Home;

#[test]
fn what_breaks_is_exit_code_1_and_shows_the_line() {
    let home = Home::new();
    let script = home.script(
        "nph-a.py",
        "#!/usr/bin/python3\nprint(\"Location: /other\")\n",
    );
    let site = script.parent().unwrap().to_str().unwrap();
    let ended = home.end_of(&["deploy", site, "--to", "nginx"]);
    assert_eq!(ended.code, Some(1), "{}\n{}", ended.stdout, ended.stderr);
    for words in [
        "breaks  scripts whose name starts with nph-",
        "nph-a.py:2: print(",
        "there ",
        "remedy",
    ] {
        assert!(
            ended.stdout.contains(words),
            "no {words:?} in {}",
            ended.stdout
        );
    }
}

#[test]
fn the_hello_example_can_go_anywhere() {
    let home = Home::new();
    let site = home.example("hello");
    let site = site.to_str().unwrap();
    for host in ["apache", "lighttpd", "nginx", "nginx-fcgiwrap", "caddy"] {
        let ended = home.end_of(&["deploy", site, "--to", host]);
        assert_eq!(ended.code, Some(0), "{}", ended.stdout);
        assert!(
            ended
                .stdout
                .starts_with("Nothing in this site behaves differently on "),
            "{}",
            ended.stdout
        );
    }
    let ended = home.end_of(&["deploy", site, "--to", "caddy", "--all", "--format", "json"]);
    let value: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert!(value["differences"].as_array().unwrap().len() > 5);
    assert_eq!(ended.code, Some(0));
}

#[test]
fn an_unknown_host_brings_the_known_ones() {
    let ended = Home::new().end_of(&["deploy", ".", "--to", "iis"]);
    assert_eq!(ended.code, Some(2));
    assert!(
        ended.stderr.contains("apache, lighttpd, nginx, caddy"),
        "{}",
        ended.stderr
    );
}
