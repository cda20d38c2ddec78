//! `convert --to`: the configuration of another host, for a site.

use crate::studio::Home;

#[test]
fn the_file_is_on_stdout_and_names_the_other_computers_folder() {
    let home = Home::new();
    let site = home.example("hello");
    let here = site.to_str().unwrap();
    for (host, line) in [
        ("apache", "DocumentRoot \"/srv/site\""),
        ("lighttpd", "server.document-root = \"/srv/site\""),
        ("nginx", "server_name example.org;"),
        ("caddy", "http://example.org:80 {"),
    ] {
        let ended = home.end_of(&[
            "convert",
            here,
            "--to",
            host,
            "--root",
            "/srv/site",
            "--server-name",
            "example.org",
        ]);
        assert_eq!(
            (ended.code, ended.stderr.as_str()),
            (Some(0), ""),
            "{}",
            ended.stdout
        );
        assert!(ended.stdout.contains(line), "{}", ended.stdout);
        assert!(!ended.stdout.contains(here), "{}", ended.stdout);
    }
}

#[test]
fn what_is_left_out_is_told_and_is_exit_code_1() {
    let home = Home::new();
    let site = home.example("hello");
    std::fs::write(
        site.join("cgi-studio.toml"),
        "[limits]\ntotal_seconds = 9\n",
    )
    .unwrap();
    let ended = home.end_of(&["convert", site.to_str().unwrap(), "--to", "nginx"]);
    assert_eq!(ended.code, Some(1));
    assert!(
        ended.stderr.contains("left out: limits.total_seconds = 9"),
        "{}",
        ended.stderr
    );
    assert!(
        ended
            .stdout
            .contains("# LEFT OUT: limits.total_seconds = 9"),
        "{}",
        ended.stdout
    );
    let ended = home.end_of(&[
        "convert",
        site.to_str().unwrap(),
        "--to",
        "nginx",
        "--format",
        "json",
    ]);
    let value: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(
        (&value["host"], value["left_out"].as_array().unwrap().len()),
        (&"nginx".into(), 1)
    );
}

#[test]
fn a_file_is_not_written_over() {
    let home = Home::new();
    let site = home.example("hello");
    let output = home.path().join("site.conf");
    std::fs::write(&output, "mine").unwrap();
    let site = site.to_str().unwrap();
    let ended = home.end_of(&[
        "convert",
        site,
        "--to",
        "apache",
        "--output",
        output.to_str().unwrap(),
    ]);
    assert_eq!(ended.code, Some(2));
    assert_eq!(std::fs::read_to_string(&output).unwrap(), "mine");
    let ended = home.end_of(&[
        "convert",
        site,
        "--to",
        "apache",
        "--output",
        output.to_str().unwrap(),
        "--force",
    ]);
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (Some(0), ""),
        "{}",
        ended.stderr
    );
    assert!(
        std::fs::read_to_string(&output)
            .unwrap()
            .contains("<VirtualHost *:80>")
    );
}

#[test]
fn hostile_words_are_refused() {
    let home = Home::new();
    let site = home.example("hello");
    let site = site.to_str().unwrap();
    for arguments in [
        ["--server-name", "a b;"],
        ["--root", "srv"],
        ["--root", "/srv/a\nb"],
        ["--port", "x"],
    ] {
        let ended = home.end_of(&["convert", site, "--to", "nginx", arguments[0], arguments[1]]);
        assert_eq!(
            (ended.code, ended.stdout.as_str()),
            (Some(2), ""),
            "{}",
            ended.stderr
        );
    }
    assert_eq!(
        home.end_of(&["convert", site, "--root", "/srv"]).code,
        Some(2)
    );
}
