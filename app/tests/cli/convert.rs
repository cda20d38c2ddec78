//! `convert`: configuration of Apache in, `cgi-studio.toml` out, and what was not taken told.

use std::fs;

use crate::studio::Home;

const TUTORIAL: &str = "ScriptAlias /cgi-bin/ /var/www/cgi-bin/\n\
    <Directory \"/var/www/cgi-bin\">\n   AllowOverride None\n   Options +ExecCGI\n   Order allow,deny\n   Allow from all\n</Directory>\n\
    AddHandler cgi-script .cgi .pl .py\n";

fn home_with(name: &str, text: &str) -> Home {
    let home = Home::new();
    fs::write(home.path().join(name), text).unwrap();
    home
}

#[test]
fn the_tutorials_configuration_comes_out_as_toml_without_loss() {
    let home = home_with("httpd.conf", TUTORIAL);
    let ended = home.end_of(&["convert", "httpd.conf"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let config: toml::Table = ended.stdout.parse().unwrap();
    assert_eq!(
        config["scripts"]["script_aliases"]["/cgi-bin/"].as_str(),
        Some("/var/www/cgi-bin")
    );
    let last = ended.stderr.lines().next_back().unwrap();
    assert_eq!(
        last,
        "7 directives taken, 0 left out without effect, 0 that change what the site does"
    );
}

#[test]
fn what_is_lost_is_told_with_its_line_and_exit_code_1() {
    let home = home_with(
        "httpd.conf",
        "KeepAlive On\nRewriteRule ^a b\nScriptAlais /a /b\n",
    );
    let ended = home.end_of(&["convert", "httpd.conf"]);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    for words in [
        "KeepAlive httpd.conf:1\n",
        "httpd.conf:2  RewriteRule  URLs are not rewritten here",
        "httpd.conf:3  ScriptAlais  no directive that we know; was ScriptAlias meant?",
        "0 directives taken, 1 left out without effect, 2 that change what the site does",
    ] {
        assert!(
            ended.stderr.contains(words),
            "no {words:?} in {}",
            ended.stderr
        );
    }
}

#[test]
fn a_file_is_written_whole_and_never_over_another_unless_told() {
    let home = home_with("httpd.conf", TUTORIAL);
    let output = home.path().join("cgi-studio.toml");
    let ended = home.end_of(&["convert", "httpd.conf", "--output", "cgi-studio.toml"]);
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (Some(0), ""),
        "{}",
        ended.stderr
    );
    let written = fs::read_to_string(&output).unwrap();
    assert!(written.contains("[[scopes]]"), "{written}");

    fs::write(&output, "mine").unwrap();
    let ended = home.end_of(&["convert", "httpd.conf", "--output", "cgi-studio.toml"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("--force"), "{}", ended.stderr);
    assert_eq!(fs::read_to_string(&output).unwrap(), "mine");

    let ended = home.end_of(&[
        "convert",
        "httpd.conf",
        "--output",
        "cgi-studio.toml",
        "--force",
    ]);
    assert_eq!(ended.code, Some(0));
    assert_eq!(fs::read_to_string(&output).unwrap(), written);
}

#[test]
fn programs_get_json() {
    let home = home_with("httpd.conf", "RewriteRule a b\nSetEnv A ${WHO}\n");
    let ended = home.end_of(&[
        "convert",
        "httpd.conf",
        "--format",
        "json",
        "--define",
        "WHO=me",
    ]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(1), ""));
    let report: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(report["lost_something"], true);
    assert_eq!(report["notes"][0]["directive"], "RewriteRule");
    assert_eq!(report["notes"][0]["line"], 1);
    assert_eq!(report["notes"][0]["grade"], "not taken");
    let config = report["config"].as_str().unwrap();
    assert!(config.contains("A = \"me\""), "{config}");
}

#[test]
fn what_cannot_be_read_is_named() {
    let home = home_with(
        "httpd.conf",
        "<VirtualHost *:80>\nServerName a.example\n</VirtualHost>\n",
    );
    let ended = home.end_of(&["convert", "missing.conf"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("missing.conf\""), "{}", ended.stderr);
    let ended = home.end_of(&["convert", "httpd.conf", "--host", "b.example"]);
    assert_eq!(ended.code, Some(2));
    assert!(
        ended.stderr.contains("there are: a.example"),
        "{}",
        ended.stderr
    );
    assert_eq!(home.end_of(&["convert"]).code, Some(2));
}
