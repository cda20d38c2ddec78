//! `check`: the same findings as text, JSON and SARIF; hostile files and interpreters cost bounded time.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::studio::{Ended, Home};

/// A site with an error, a warning and a script that is right.
fn site(home: &Home) {
    let file = home.script("site/cgi-bin/no bit.sh", "#!/bin/sh\necho\n");
    fs::set_permissions(file, fs::Permissions::from_mode(0o644)).unwrap();
    home.script(
        "site/cgi-bin/twice.py",
        "#!/usr/bin/env python3\nimport os, sys\nn = int(os.environ.get('CONTENT_LENGTH') or 0)\ntext = sys.stdin.read(n)\nprint('Content-Type: text/plain\\n')\n",
    );
    home.script(
        "site/cgi-bin/right.sh",
        "#!/bin/sh\necho 'Content-Type: text/plain'\necho\n",
    );
}

#[track_caller]
fn check(home: &Home, format: &str, code: i32) -> Ended {
    let ended = home.end_of(&["check", "site", "--format", format]);
    assert_eq!(ended.code, Some(code), "{}{}", ended.stdout, ended.stderr);
    ended
}

fn json(home: &Home, format: &str, code: i32) -> Value {
    serde_json::from_str(&check(home, format, code).stdout).unwrap()
}

/// The codes of the findings of a script.
fn codes(report: &Value, script: &str) -> Vec<String> {
    let scripts = report["scripts"].as_array().unwrap();
    let found = scripts.iter().find(|one| one["name"] == script).unwrap();
    let findings = found["findings"].as_array().unwrap().iter();
    let code = |finding: &Value| finding["code"].as_str().unwrap().to_owned();
    findings.map(code).collect()
}

#[test]
fn text_names_the_script_the_line_and_the_remedy() {
    let home = Home::new();
    site(&home);
    let told = check(&home, "text", 1).stdout;
    for words in [
        "cgi-bin/no bit.sh\n",
        "CGI001",
        "chmod 755",
        "twice.py:4",
        "3 scripts: 1 error",
    ] {
        assert!(told.contains(words), "{words}\n{told}");
    }
    assert!(!told.contains("right.sh"), "{told}");
}

#[test]
fn json_has_the_fields_of_a_recorded_run() {
    let home = Home::new();
    site(&home);
    let report = json(&home, "json", 1);
    assert_eq!(codes(&report, "cgi-bin/no bit.sh"), ["CGI001"]);
    assert_eq!(codes(&report, "cgi-bin/right.sh"), [""; 0]);
    let scripts = report["scripts"].as_array().unwrap();
    assert!(
        scripts
            .iter()
            .any(|one| one["url_path"] == "/cgi-bin/no%20bit.sh")
    );
    let serving = home.serving(&["serve", "site", "--listen", "127.0.0.1:0"]);
    serving.get("/cgi-bin/no%20bit.sh");
    serving.end();
    let shown = home.end_of(&["show", "site", "last", "--format", "json"]);
    let shown: Value = serde_json::from_str(&shown.stdout).unwrap();
    let names = |finding: &Value| {
        let fields = finding.as_object().unwrap();
        fields.keys().cloned().collect::<Vec<_>>()
    };
    let checked = scripts
        .iter()
        .find(|one| one["name"] == "cgi-bin/no bit.sh");
    let checked = &checked.unwrap()["findings"][0];
    assert_eq!(names(checked), names(&shown["findings"][0]));
    assert_eq!(checked["code"], shown["findings"][0]["code"]);
}

/// What SARIF 2.1.0 wants of each object (OASIS, §3.13 to §3.30): the members that are required, and their kinds.
#[test]
fn sarif_has_the_members_that_its_schema_requires() {
    let home = Home::new();
    site(&home);
    let report = json(&home, "sarif", 1);
    assert_eq!(report["version"], "2.1.0");
    assert!(report["$schema"].as_str().unwrap().contains("sarif"));
    let [run] = report["runs"].as_array().unwrap().as_slice() else {
        panic!("{report}");
    };
    let driver = &run["tool"]["driver"];
    assert!(driver["name"].is_string(), "§3.19.8");
    let rules = driver["rules"].as_array().unwrap();
    for rule in rules {
        assert!(rule["id"].is_string(), "§3.49.3: {rule}");
        for text in ["shortDescription", "fullDescription", "help"] {
            assert!(rule[text]["text"].is_string(), "§3.12.3: {rule}");
        }
    }
    let base = run["originalUriBaseIds"]["SITE"]["uri"].as_str().unwrap();
    assert!(
        base.starts_with("file:///") && base.ends_with('/'),
        "§3.14.14"
    );
    let results = run["results"].as_array().unwrap();
    assert!(results.len() >= 2, "{report}");
    for result in results {
        check_result(result, rules);
    }
    let uris = results.iter().map(|result| {
        let place = &result["locations"][0]["physicalLocation"];
        place["artifactLocation"]["uri"].as_str().unwrap()
    });
    assert!(uris.collect::<Vec<_>>().contains(&"cgi-bin/no%20bit.sh"));
}

fn check_result(result: &Value, rules: &[Value]) {
    assert!(!result["message"]["text"].as_str().unwrap().is_empty());
    let level = result["level"].as_str().unwrap();
    assert!(
        ["none", "note", "warning", "error"].contains(&level),
        "§3.27.10"
    );
    let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
    assert_eq!(rules[index]["id"], result["ruleId"], "§3.27.6");
    let place = &result["locations"][0]["physicalLocation"];
    assert!(place["artifactLocation"]["uri"].is_string(), "§3.29.2");
    assert!(
        place["region"]["startLine"].as_u64().unwrap() >= 1,
        "§3.30.5"
    );
    let prints = result["partialFingerprints"].as_object().unwrap();
    assert!(prints.values().all(Value::is_string), "§3.27.17");
}

#[test]
fn files_that_are_no_scripts_are_named_in_time() {
    let home = Home::new();
    let huge = [
        b"#!/usr/bin/env python3\n".to_vec(),
        b"x = 1\n".repeat(50 << 20 >> 1),
    ]
    .concat();
    let huge = &huge[..50 << 20];
    home.script("site/cgi-bin/huge.py", "");
    fs::write(home.path().join("site/cgi-bin/huge.py"), huge).unwrap();
    let noise: Vec<u8> = (0..1_000_000_u32)
        .map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    home.script("site/cgi-bin/noise.py", "");
    fs::write(home.path().join("site/cgi-bin/noise.py"), noise).unwrap();
    symlink("nowhere", home.path().join("site/cgi-bin/dangling.py")).unwrap();
    let secret = home.script("site/cgi-bin/secret.py", "print(1)\n");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o000)).unwrap();
    let begun = Instant::now();
    let report = json(&home, "json", 1);
    assert!(
        begun.elapsed() < Duration::from_secs(30),
        "{:?}",
        begun.elapsed()
    );
    assert!(
        codes(&report, "cgi-bin/noise.py")
            .iter()
            .any(|code| code.starts_with("CGI0"))
    );
    let is_closed = fs::read(&secret).is_err();
    let told = codes(&report, "cgi-bin/secret.py");
    assert!(
        told.iter()
            .any(|code| code == "CGI001" || is_closed && code == "CGI002"),
        "{told:?}"
    );
}

#[test]
fn an_interpreter_that_hangs_is_asked_once_and_one_that_lies_is_not_believed() {
    let home = Home::new();
    home.script("bin/hanging/python3", "#!/bin/sh\nexec sleep 1000\n");
    home.script(
        "bin/lying/python3",
        "#!/bin/sh\necho '[1, 2'\nhead -c 3000000 /dev/zero\n",
    );
    for (name, number) in [("hanging", 3), ("lying", 1)] {
        for number in 0..number {
            let python = home.path().join(format!("bin/{name}/python3"));
            let script = format!(
                "#!{}\nprint('Content-Type: text/plain\\n')\n",
                python.display()
            );
            home.script(&format!("site/cgi-bin/{name}{number}.py"), &script);
        }
    }
    let begun = Instant::now();
    let report = json(&home, "json", 0);
    assert!(
        begun.elapsed() < Duration::from_secs(19),
        "{:?}",
        begun.elapsed()
    );
    for script in ["hanging0", "hanging1", "hanging2", "lying0"] {
        let told = codes(&report, &format!("cgi-bin/{script}.py"));
        assert_eq!(told, ["CGI214"], "{script}");
    }
}

#[test]
fn a_script_that_is_too_long_to_be_read_whole_is_not_judged_by_its_beginning() {
    let home = Home::new();
    let mut long = String::from("#!/usr/bin/env python3\nprint('Content-Type: text/plain\\n')\n");
    // Wherever it is cut, it is within a text that goes on.
    long.push_str("TEXT = \"\"\"\n");
    long.push_str(&"a line of the text\n".repeat(500_000));
    long.push_str("\"\"\"\n");
    home.script("site/cgi-bin/long.py", &long);
    home.script(
        "site/cgi-bin/nul.py",
        "#!/usr/bin/env python3\nprint('')\n# \0\n",
    );
    let report = json(&home, "json", 1);
    assert_eq!(codes(&report, "cgi-bin/long.py"), [""; 0]);
    assert_eq!(codes(&report, "cgi-bin/nul.py"), ["CGI210"]);
    let line = &report["scripts"][1]["findings"][0]["line"];
    assert_eq!(*line, 3, "{report}");
}
