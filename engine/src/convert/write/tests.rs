//! What every host's file says of the same site.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::*;

fn put(root: &Path, name: &str, mode: u32) {
    let file = root.join(name);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, "#!/bin/sh\n").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
}

/// A site of these files with this configuration, over there at /srv/site.
fn written(host: Host, files: &[&str], config: &str) -> Result<Written, WriteError> {
    let folder = tempfile::tempdir().unwrap();
    for file in files {
        put(folder.path(), file, 0o755);
    }
    if !config.is_empty() {
        fs::write(folder.path().join("cgi-studio.toml"), config).unwrap();
    }
    let site = Site::open(folder.path()).unwrap();
    assert_eq!(site.problems, []);
    let deployment = Deployment {
        server_name: Some("example.org".to_owned()),
        root: Some("/srv/site".into()),
        ..Deployment::default()
    };
    let written = write(&site, host, &deployment);
    let here = folder.path().display().to_string();
    assert!(
        written
            .as_ref()
            .map_or(true, |written| !written.text.contains(&here)),
        "{written:?}"
    );
    written
}

#[track_caller]
fn check(host: Host, files: &[&str], config: &str, expected: &[&str]) {
    let text = written(host, files, config).unwrap().text;
    for line in expected {
        let found = text.lines().any(|written| written.trim() == *line);
        assert!(found, "no line {line}\n{text}");
    }
}

use Host::{Apache, Caddy, Lighttpd, Nginx};

#[test]
fn each_file_begins_with_what_it_is_and_how_it_is_installed() {
    for host in Host::ALL {
        let text = written(host, &["cgi-bin/a.cgi"], "").unwrap().text;
        let head: Vec<&str> = text
            .lines()
            .take_while(|line| line.starts_with('#'))
            .collect();
        assert!(
            head.len() >= 3 && head.concat().contains(host.label()),
            "{text}"
        );
        assert!(head.concat().to_lowercase().contains("install"), "{text}");
    }
}

#[test]
fn the_sites_folder_moves_and_other_paths_stay() {
    let config = "[options]\nallow_outside_root = true\n[scripts]\nscript_aliases = { \"/run/\" = \"scripts\" }\naliases = { \"/words/\" = \"/usr/share/dict\" }";
    let files = ["scripts/a.cgi"];
    check(
        Apache,
        &files,
        config,
        &[
            "Alias \"/run\" \"/srv/site/scripts\"",
            "Alias \"/words\" \"/usr/share/dict\"",
            "DocumentRoot \"/srv/site\"",
            "<Directory \"/srv/site/scripts\">",
        ],
    );
    check(
        Lighttpd,
        &files,
        config,
        &[
            "\"/run/\" => \"/srv/site/scripts/\",",
            "\"/words/\" => \"/usr/share/dict/\",",
            "server.document-root = \"/srv/site\"",
        ],
    );
    check(
        Nginx,
        &files,
        config,
        &[
            "location ^~ \"/run/\" {",
            "alias \"/usr/share/dict/\";",
            "root \"/srv/site\";",
        ],
    );
    check(
        Caddy,
        &files,
        config,
        &[
            "@script1 path_regexp `^/run/a\\.cgi(/.*)?$`",
            "cgi @script1 \"/srv/site/scripts/a.cgi\" {",
            "root * \"/usr/share/dict\"",
        ],
    );
}

#[test]
fn a_script_folder_is_closed_under_its_other_url_too() {
    let config = "[scripts]\nscript_aliases = { \"/run/\" = \"scripts\" }";
    check(
        Lighttpd,
        &["scripts/a"],
        config,
        &["$HTTP[\"url\"] =~ \"^(/run|/scripts)/\" {"],
    );
    check(
        Caddy,
        &["scripts/a"],
        config,
        &["@private4 path_regexp `^/scripts(/|$)`"],
    );
    let config = "[scripts]\nscript_aliases = { \"/\" = \".\" }";
    check(Lighttpd, &["a"], config, &["$HTTP[\"url\"] =~ \"^()/\" {"]);
}

#[test]
fn limits_and_environment_are_said() {
    let config = "[limits]\nrequest_body_bytes = 5000\ntime_seconds = 1.5\n[environment]\nA = \"b \\\"c\\\"\"\nPATH = \"/bin\"";
    check(
        Apache,
        &[],
        config,
        &[
            "LimitRequestBody 5000",
            "CGIDScriptTimeout 2s",
            "SetEnv \"A\" \"b \\\"c\\\"\"",
            "SetEnv \"PATH\" \"/bin\"",
        ],
    );
    check(
        Lighttpd,
        &[],
        config,
        &[
            "server.max-request-size = 5",
            "cgi.limits = (\"read-timeout\" => 2, \"write-timeout\" => 2)",
            "\"A\" => \"b \\\"c\\\"\",",
        ],
    );
    check(
        Nginx,
        &[],
        config,
        &[
            "client_max_body_size 5000;",
            "fastcgi_read_timeout 2s;",
            "fastcgi_param \"A\" \"b \\\"c\\\"\";",
        ],
    );
    check(
        Caddy,
        &["a.cgi"],
        config,
        &[
            "max_size 5000",
            "env \"DOCUMENT_ROOT=/srv/site\" \"PATH=/bin\" \"A=b \\\"c\\\"\"",
        ],
    );
}

#[test]
fn what_a_host_cannot_say_is_a_comment_and_in_the_list() {
    let config =
        "[limits]\ntotal_seconds = 7\n[scripts]\ninterpreters = { \".py\" = \"/usr/bin/python3\" }";
    for (host, number) in [(Apache, 2), (Lighttpd, 1), (Nginx, 2), (Caddy, 1)] {
        let written = written(host, &["cgi-bin/a.py"], config).unwrap();
        assert_eq!(written.left_out.len(), number, "{:?}", written.left_out);
        assert_eq!(
            written.text.matches("# LEFT OUT: ").count(),
            number,
            "{}",
            written.text
        );
    }
    check(
        Lighttpd,
        &["cgi-bin/a.py"],
        config,
        &["\".py\" => \"/usr/bin/python3\","],
    );
    check(
        Caddy,
        &["cgi-bin/a.py"],
        config,
        &["cgi @script1 \"/usr/bin/python3\" \"/srv/site/cgi-bin/a.py\" {"],
    );
}

#[test]
fn options_of_the_site_are_said_or_left_out() {
    let config = "[options]\nencoded_slashes = false\nrun_in_script_folder = false";
    check(Apache, &[], config, &["AllowEncodedSlashes Off"]);
    check(
        Nginx,
        &[],
        config,
        &["if ($request_uri ~* \"^[^?]*%2f\") { return 404; }"],
    );
    check(Caddy, &["cgi-bin/a.cgi"], config, &["dir \"/srv/site\""]);
    for (host, words) in [
        (Apache, "run_in_script_folder"),
        (Lighttpd, "run_in_script_folder"),
        (Nginx, "run_in_script_folder"),
        (Caddy, "encoded_slashes"),
    ] {
        let left_out = written(host, &[], config).unwrap().left_out;
        assert_eq!(left_out.len(), 1);
        assert!(left_out.concat().contains(words), "{left_out:?}");
    }
}

#[test]
fn hostile_paths_are_quoted_or_refused() {
    let files = ["cgi-bin/a b\"c$d.cgi"];
    check(
        Caddy,
        &files,
        "",
        &[
            "cgi @script1 \"/srv/site/cgi-bin/a b\\\"c$d.cgi\" {",
            "@script1 path_regexp `^/cgi-bin/a b\"c\\$d\\.cgi(/.*)?$`",
        ],
    );
    assert!(written(Caddy, &["cgi-bin/{a}.cgi"], "").is_err());
    for host in Host::ALL {
        let config = "[environment]\nA = \"b\\nSetEnv C d\"";
        let error = written(host, &["a.cgi"], config).unwrap_err().to_string();
        assert!(error.contains("line end"), "{error}");
    }
    let name = Deployment {
        server_name: Some("a b;".to_owned()),
        ..Deployment::default()
    };
    let folder = tempfile::tempdir().unwrap();
    let site = Site::open(folder.path()).unwrap();
    for host in Host::ALL {
        assert!(write(&site, host, &name).is_err());
    }
}

#[test]
fn a_dollar_in_a_path_has_a_variable_of_its_own_in_nginx() {
    let config = "[scripts]\naliases = { \"/x/\" = \"a$b {c}\" }";
    let text = written(Nginx, &["a$b {c}/index.html"], config)
        .unwrap()
        .text;
    assert!(
        text.contains("geo $cgi_studio_dollar {\n    default \"$\";\n}"),
        "{text}"
    );
    assert!(
        text.contains("alias \"/srv/site/a${cgi_studio_dollar}b {c}/\";"),
        "{text}"
    );
}

#[test]
fn caddy_names_each_index_script() {
    check(
        Caddy,
        &["cgi-bin/index.py"],
        "",
        &[
            "@index1 path_regexp `^/cgi-bin/$`",
            "rewrite @index1 \"/cgi-bin/index.py\"",
        ],
    );
}

/// No Caddy is at hand to read it: at least the braces pair, and each directive is a known one.
#[test]
fn a_caddyfile_is_well_formed() {
    let text = written(
        Caddy,
        &["cgi-bin/a.cgi", "b/index.cgi"],
        "[scripts]\naliases = { \"/x/\" = \"b\" }",
    )
    .unwrap()
    .text;
    let known = [
        "http://",
        "request_body",
        "max_size",
        "route",
        "request_header",
        "@",
        "rewrite",
        "cgi",
        "script_name",
        "dir",
        "env",
        "unbuffered_output",
        "error",
        "handle_path",
        "root",
        "file_server",
        "index",
        "}",
        "#",
    ];
    let mut depth = 0;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        assert!(known.iter().any(|word| line.starts_with(word)), "{line}");
        if !line.starts_with('#') {
            depth += i32::from(line.ends_with('{')) - i32::from(line == "}");
        }
        assert!(depth >= 0, "{text}");
        assert_eq!(line.matches('"').count() % 2, 0, "{line}");
    }
    assert_eq!(depth, 0, "{text}");
}
