//! What the configuration reader accepts, and what it says about the rest.

use std::collections::BTreeMap;

use super::super::Strictness;
use super::*;

fn read_text(text: &str) -> (SiteConfig, Vec<ConfigProblem>) {
    parse(Path::new("cgi-studio.toml"), text)
}

/// The text gives exactly one problem, at this place, with this key and these words in it, and
/// every setting keeps its default.
#[track_caller]
fn check_problem(text: &str, line: u32, column: u32, key: Option<&str>, words: &str) {
    let (config, problems) = read_text(text);
    let [problem] = problems.as_slice() else {
        panic!("not one problem: {problems:#?}")
    };
    assert_eq!(
        (problem.line, problem.column, problem.key.as_deref()),
        (line, column, key),
        "{problem}"
    );
    assert!(
        problem.message.contains(words),
        "{words:?} is not in {:?}",
        problem.message
    );
    assert_eq!(config, SiteConfig::default());
}

#[test]
fn a_missing_file_is_all_defaults() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(
        SiteConfig::read(folder.path()),
        (SiteConfig::default(), vec![])
    );
}

#[test]
fn every_key_can_be_set() {
    let (config, problems) = read_text(
        r#"
        [server]
        listen = "[::1]:8080"
        [scripts]
        script_aliases = { "/run/" = "scripts" }
        aliases = { "/pics/" = "images" }
        suffixes = [".lua"]
        interpreters = { ".lua" = "/usr/bin/lua" }
        index = ["start.lua"]
        refuse_extra_path = ["scripts/a.lua"]
        [environment]
        GREETING = "hello"
        PATH = "/opt/bin"
        [limits]
        time_seconds = 1.5
        total_seconds = 60
        request_body_bytes = 0x10
        capture_bytes = 1_000
        grace_seconds = 0
        cpu_seconds = 5
        memory_bytes = 1_000_000
        processes = 7
        [options]
        strictness = "lenient"
        pass_authorization = true
        allow_outside_root = true
        directory_listing = false
        encoded_slashes = false
        run_in_script_folder = false
        cut_off_crashed = false
        record_locals = true
        [watch]
        quiet_milliseconds = 40
        ignore = ["*.log"]
        [history]
        runs = 1_000
        days = 30
        disk_bytes = 0
        "#,
    );
    assert_eq!(problems, []);
    assert_eq!(config.server.listen.map(|listen| listen.port()), Some(8080));
    assert_eq!(
        config.scripts.script_aliases.as_ref().map(BTreeMap::len),
        Some(1)
    );
    assert_eq!(
        config.scripts.aliases.get("/pics/"),
        Some(&PathBuf::from("images"))
    );
    assert_eq!(config.scripts.suffixes, [".lua"]);
    assert_eq!(config.scripts.index, ["start.lua"]);
    assert_eq!(config.path(), "/opt/bin");
    assert_eq!(
        config.limits.time_limit(),
        Some(std::time::Duration::from_millis(1500))
    );
    assert_eq!(config.limits.request_body_bytes, 16);
    assert_eq!(config.limits.capture_bytes, 1000);
    assert!(config.limits.grace().is_zero());
    assert_eq!(config.options.strictness, Strictness::Lenient);
    assert!(config.options.pass_authorization && config.options.allow_outside_root);
    assert!(!config.options.directory_listing);
    assert_eq!(config.watch.quiet_milliseconds, 40);
    let history = config.history;
    assert_eq!(
        (history.runs, history.days, history.disk_bytes),
        (Some(1000), Some(30), Some(0))
    );
}

#[test]
fn the_key_table_names_every_key_and_no_other() {
    let sections = SECTIONS.iter().filter(|(section, _)| *section != "scopes");
    for (section, keys) in sections {
        for key in *keys {
            let mut config = SiteConfig::default();
            let value = DeValue::parse("1979-05-27").unwrap();
            let mut reader = Reader::new(Path::new(""), "");
            let refused = reader.set(&mut config, section, key, &value).unwrap_err();
            assert!(refused.contains("must be"), "{section}.{key}: {refused}");
        }
    }
}

#[test]
fn every_key_is_documented_under_its_section() {
    let mut rest = include_str!("config.rs");
    for (section, keys) in SECTIONS {
        let section = if section == "scopes" {
            "[scopes]"
        } else {
            section
        };
        for row in std::iter::once(format!("| **`[{section}]`** |"))
            .chain(keys.iter().map(|key| format!("| `{key}` |")))
        {
            let at = rest
                .find(&row)
                .unwrap_or_else(|| panic!("no row {row:?} in its place"));
            rest = &rest[at + row.len()..];
        }
    }
}

#[test]
fn the_manual_has_the_same_table() {
    let rows = |text: &'static str, before: &'static str| -> Vec<&'static str> {
        text.lines()
            .filter_map(|line| line.strip_prefix(before))
            .filter(|line| line.starts_with("| "))
            .collect()
    };
    let documented = rows(include_str!("config.rs"), "/// ");
    let manual = rows(include_str!("../../../README.md"), "");
    let start = manual
        .iter()
        .position(|row| documented.first() == Some(row));
    let start = start.expect("the head of the table");
    assert_eq!(manual[start..start + documented.len()], documented);
}

#[test]
fn a_wrong_key_is_named_with_its_place_and_the_right_one() {
    check_problem(
        "# ä\n[limits]\n  time_secnods = 3\n",
        3,
        3,
        Some("limits.time_secnods"),
        "did you mean `time_seconds`?",
    );
    check_problem("[limit]\n", 1, 2, Some("limit"), "did you mean `limits`?");
    check_problem(
        "[server]\nq = 1\n",
        2,
        1,
        Some("server.q"),
        "known are listen",
    );
}

#[test]
fn a_wrong_value_says_what_it_must_be() {
    check_problem(
        "[limits]\ntime_seconds = \"3\"",
        2,
        16,
        Some("limits.time_seconds"),
        "must be a number of seconds, not text",
    );
    for (text, key, words) in [
        (
            "[limits]\ntime_seconds = -1",
            "limits.time_seconds",
            "from 0",
        ),
        (
            "[limits]\ntime_seconds = nan",
            "limits.time_seconds",
            "from 0",
        ),
        (
            "[limits]\ntime_seconds = inf",
            "limits.time_seconds",
            "from 0",
        ),
        (
            "[limits]\ncapture_bytes = 99999999999999999999",
            "limits.capture_bytes",
            "whole number",
        ),
        (
            "[limits]\ncapture_bytes = \"most\"",
            "limits.capture_bytes",
            "or \"all\"",
        ),
        (
            "[server]\nlisten = \"here\"",
            "server.listen",
            "127.0.0.1:8000",
        ),
        (
            "[scripts]\nsuffixes = [\"py\"]",
            "scripts.suffixes",
            "a dot and letters",
        ),
        (
            "[scripts]\naliases = {a = \"b\"}",
            "scripts.aliases",
            "does not start with \"/\"",
        ),
        (
            "[scripts]\nindex = [\"../x\"]",
            "scripts.index",
            "plain file names",
        ),
        (
            "[options]\nstrictness = \"hard\"",
            "options.strictness",
            "\"lenient\"",
        ),
        (
            "[options]\npass_authorization = 1",
            "options.pass_authorization",
            "true or false",
        ),
        (
            "[watch]\nquiet_milliseconds = 0",
            "watch.quiet_milliseconds",
            "from 1",
        ),
        ("[environment]\nA = 1", "environment.A", "text in quotes"),
        (
            "[environment]\n\"A=B\" = \"\"",
            "environment.A=B",
            "no variable",
        ),
        ("[environment]\nA = \"\\u0000\"", "environment.A", "NUL"),
        ("limits = 3", "limits", "write `[limits]`"),
    ] {
        let (_, problems) = read_text(text);
        let column = problems.first().map_or(0, |problem| problem.column);
        check_problem(text, text.lines().count() as u32, column, Some(key), words);
    }
}

#[test]
fn a_relative_interpreter_starts_at_the_site_and_a_bare_name_does_not() {
    let text = "[scripts.interpreters]\n\".py\" = \".venv/bin/python\"\n\".sh\" = \"sh\"\n\".pl\" = \"/bin/perl\"";
    let (config, problems) = parse(Path::new("/site/cgi-studio.toml"), text);
    assert_eq!(problems, []);
    let interpreters: Vec<&Path> = config
        .scripts
        .interpreters
        .values()
        .map(PathBuf::as_path)
        .collect();
    assert_eq!(
        interpreters,
        ["/bin/perl", "/site/.venv/bin/python", "sh"].map(Path::new)
    );
}

#[test]
fn one_wrong_key_does_not_cost_the_others() {
    let (config, problems) = read_text("[limits]\ntime_seconds = []\ntotal_seconds = 5\nx = 1\n");
    assert_eq!(problems.len(), 2);
    assert_eq!(config.limits.total_seconds, 5.0);
}

#[test]
fn a_file_that_is_not_toml_keeps_every_default() {
    let (config, problems) = read_text("[limits]\ntotal_seconds = 5\ntime_seconds = = 3\n");
    assert_eq!(config, SiteConfig::default());
    assert_eq!(
        problems
            .first()
            .map(|problem| (problem.line, problem.key.is_none())),
        Some((3, true))
    );
    let (_, problems) = read_text(&"= 1\n".repeat(1000));
    assert!((1..=MOST_SYNTAX_ERRORS).contains(&problems.len()));
}

#[test]
fn a_file_that_cannot_be_text_is_a_problem_and_no_stop() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cgi-studio.toml");
    std::fs::write(&file, b"\xEF\xBB\xBF[limits]\ntotal_seconds = 5\n").unwrap();
    assert_eq!(SiteConfig::read(folder.path()).0.limits.total_seconds, 5.0);
    std::fs::write(&file, b"[limits]\n\xFF").unwrap();
    assert!(
        SiteConfig::read(folder.path()).1[0]
            .message
            .contains("UTF-8 from byte 9")
    );
    std::fs::write(&file, vec![b'#'; 2 << 20]).unwrap();
    assert!(
        SiteConfig::read(folder.path()).1[0]
            .message
            .contains("larger than 1 MiB")
    );
    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir(&file).unwrap();
    assert!(
        SiteConfig::read(folder.path()).1[0]
            .message
            .contains("not a regular file")
    );
}

#[test]
fn a_link_to_a_configuration_that_is_not_there_closes_the_site() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cgi-studio.toml");
    std::os::unix::fs::symlink(folder.path().join("elsewhere.toml"), &file).unwrap();
    let (config, problems) = SiteConfig::read(folder.path());
    assert!(config.scopes[0].closed_because.is_some());
    assert!(
        problems[0]
            .message
            .contains("nothing of this site is served")
    );
}

#[test]
fn rules_are_not_lost_with_the_way_a_file_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let rules = "# rules\r[[scopes]]\rrequire = \"all denied\"\r";
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let large = [vec![b'#'; 2 << 20], b"\n[[scopes]]\n".to_vec()].concat();
    let written: [Vec<u8>; 4] = [
        rules.into(),
        wide(rules),
        [b"\xFF\xFE".to_vec(), wide(rules)].concat(),
        large,
    ];
    for text in written {
        std::fs::write(folder.path().join("cgi-studio.toml"), &text).unwrap();
        let (config, problems) = SiteConfig::read(folder.path());
        let closed = config
            .scopes
            .iter()
            .any(|scope| scope.closed_because.is_some());
        assert!(closed, "{problems:?}");
    }
}
