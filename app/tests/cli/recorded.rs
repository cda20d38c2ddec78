//! `log`, `show`, `replay`, `export` and `import`: what one studio recorded, another command tells.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::process::Stdio;

use crate::studio::{Ended, Home, wait_until};

/// Prints what it was asked, and fails on request.
const SCRIPT: &str = "#!/bin/sh\n[ \"$QUERY_STRING\" = fail ] && { echo oops >&2; exit 3; }\nprintf 'Content-Type: text/plain\\nSet-Cookie: session=fedcba9876543210\\n\\n'\necho \"$REQUEST_METHOD $QUERY_STRING $HTTP_COOKIE\"\ncat\n";

/// A site of which three requests are recorded: a GET, a failure, and a POST with a cookie and a password.
fn recorded() -> Home {
    let home = Home::new();
    home.script("site/cgi-bin/a.sh", SCRIPT);
    let studio = home.serving(&["serve", "site", "--listen", "127.0.0.1:0"]);
    studio.get("/cgi-bin/a.sh?x=1");
    studio.get("/cgi-bin/a.sh?fail");
    let mut stream = TcpStream::connect(studio.address).unwrap();
    let body = "user=zo&password=open+sesame";
    write!(
        stream,
        "POST /cgi-bin/a.sh HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nCookie: session=0123456789abcdef\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        studio.address,
        body.len()
    )
    .unwrap();
    stream.read_to_end(&mut Vec::new()).unwrap();
    studio.end();
    home
}

#[track_caller]
fn fine(ended: &Ended) -> &str {
    assert_eq!(ended.code, Some(0), "{ended:?}");
    &ended.stdout
}

#[track_caller]
fn refused(ended: &Ended, expected: &str) {
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains(expected), "{}", ended.stderr);
    assert_eq!(ended.stdout, "");
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// The line without what differs from run to run: day, time of day and duration.
fn steady(line: &str) -> String {
    let words: Vec<&str> = line.split_whitespace().skip(2).collect();
    let kept = words
        .iter()
        .enumerate()
        .filter(|(at, _)| !(5..7).contains(at));
    kept.map(|(_, word)| *word).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_log_lists_and_filters_what_was_recorded() {
    let home = recorded();
    let log = home.end_of(&["log", "site"]);
    let lines: Vec<String> = fine(&log).lines().map(steady).collect();
    assert_eq!(lines.len(), 3, "{log:?}");
    assert!(
        lines[0].starts_with("GET /cgi-bin/a.sh?x=1 200")
            || lines[0].starts_with("#1 GET /cgi-bin/a.sh?x=1 200"),
        "{lines:?}"
    );
    assert!(
        lines[1].contains("/cgi-bin/a.sh?fail 500") && lines[1].contains(" CGI"),
        "{lines:?}"
    );
    assert!(lines[2].contains("POST /cgi-bin/a.sh 200"), "{lines:?}");
    let failed = home.end_of(&[
        "log",
        "site",
        "status:5xx",
        "stderr:oops",
        "--format",
        "jsonl",
    ]);
    let failed = json(fine(&failed).trim_end());
    assert_eq!(
        (&failed["id"], &failed["failed"]),
        (&2.into(), &true.into())
    );
    let newest = home.end_of(&["log", "site", "--limit", "1", "--format", "jsonl"]);
    assert_eq!(json(fine(&newest).trim_end())["id"], 3);
    assert!(!newest.stderr.contains("--limit"), "{}", newest.stderr);
    let nothing = home.end_of(&["log", "site", "status:404"]);
    assert_eq!(fine(&nothing), "");
    let broken = home.end_of(&["log", "site", "status:maybe"]);
    fine(&broken);
    assert!(broken.stderr.contains("in the filter"), "{}", broken.stderr);
}

#[test]
fn the_log_says_when_it_lists_only_the_newest() {
    let home = recorded();
    fine(&home.end_of(&[
        "export", "site", "1", "--format", "har", "--output", "1.har",
    ]));
    let archive: serde_json::Value =
        serde_json::from_slice(&fs::read(home.path().join("1.har")).unwrap()).unwrap();
    let mut many = archive.clone();
    many["log"]["entries"] = vec![archive["log"]["entries"][0].clone(); 100].into();
    fs::write(home.path().join("100.har"), many.to_string()).unwrap();
    fine(&home.end_of(&["import", "site", "100.har"]));
    let log = home.end_of(&["log", "site"]);
    assert_eq!(fine(&log).lines().count(), 100);
    assert!(log.stderr.contains("--limit 0 lists all"), "{}", log.stderr);
    let all = home.end_of(&["log", "site", "--limit", "0"]);
    assert_eq!(fine(&all).lines().count(), 103);
    assert_eq!(all.stderr, "");
}

#[test]
fn a_request_is_shown_by_number_and_by_what_became_of_it() {
    let home = recorded();
    let shown = home.end_of(&["show", "site", "last-failed"]);
    let text = fine(&shown);
    assert!(
        text.starts_with("#2 ") && text.contains("exit 3") && text.contains("oops"),
        "{text}"
    );
    let whole = home.end_of(&["show", "site", "3", "--format", "json"]);
    let whole = json(fine(&whole));
    assert_eq!(
        whole["request"]["form"]["fields"][1]["value"],
        "open sesame"
    );
    let variables = whole["runs"][0]["variables"].as_array().unwrap();
    let method = variables
        .iter()
        .find(|one| one["name"] == "REQUEST_METHOD")
        .unwrap();
    assert_eq!(
        (&method["value"], &method["provenance"]["kind"]),
        (&"POST".into(), &"request_line".into())
    );
    assert_eq!(whole["runs"][0]["exit"]["code"], 0);
    assert_eq!(whole["runs"][0]["script"]["source"], SCRIPT);
}

#[test]
fn what_is_not_there_is_told_with_what_is() {
    let home = recorded();
    refused(
        &home.end_of(&["show", "site", "99"]),
        "there is no request 99; the newest is 3",
    );
    refused(
        &home.end_of(&["export", "site", "7-9", "--format", "har"]),
        "there are no requests 7 to 9; the newest is 3",
    );
    refused(&home.end_of(&["show", "site", "1-2"]), "only one request");
    refused(&home.end_of(&["show", "site", "first"]), "a range as 3-7");
    refused(&home.end_of(&["log", "nowhere"]), "cannot open the folder");
    fs::create_dir(home.path().join("fresh")).unwrap();
    refused(
        &home.end_of(&["log", "fresh"]),
        "no requests of this folder are recorded",
    );
}

#[test]
fn secrets_are_hidden_unless_they_are_wanted() {
    let home = recorded();
    for format in ["har", "curl", "shell", "http", "markdown", "json"] {
        let export = home.end_of(&["export", "site", "last", "--format", format]);
        let text = fine(&export);
        for secret in ["sesame", "0123456789abcdef", "fedcba9876543210"] {
            assert!(!text.contains(secret), "{format}: {secret} in {text}");
        }
        assert!(
            text.contains("user=zo") && text.contains("***"),
            "{format}: {text}"
        );
        assert!(
            export
                .stderr
                .contains("hidden: form or JSON field password in request body, standard output\n"),
            "{}",
            export.stderr
        );
        let open = home.end_of(&["export", "site", "last", "--format", format, "--no-redact"]);
        assert!(
            fine(&open).contains("0123456789abcdef") && open.stderr.is_empty(),
            "{format}"
        );
    }
    let short = home.end_of(&["export", "site", "3", "--format", "http", "--hide-lengths"]);
    assert!(fine(&short).contains("password=***\n"), "{short:?}");
}

#[test]
fn streams_are_written_byte_by_byte_and_never_over_others() {
    let home = recorded();
    let arguments = [
        "export",
        "site",
        "3",
        "--format",
        "raw",
        "--no-redact",
        "--output",
        "raw",
    ];
    fine(&home.end_of(&arguments));
    let read = |name: &str| fs::read_to_string(home.path().join("raw").join(name)).unwrap();
    assert_eq!(read("stdin"), "user=zo&password=open+sesame");
    assert!(read("request-head").starts_with("POST /cgi-bin/a.sh HTTP/1.1\r\n"));
    assert_eq!(
        read("body"),
        "POST  session=0123456789abcdef\nuser=zo&password=open+sesame"
    );
    assert!(read("stdout").ends_with(&read("body")) && read("stderr").is_empty());
    assert!(read("response-head").starts_with("HTTP/1.1 200 OK\r\n"));
    refused(&home.end_of(&arguments), "--force writes over it");
    fine(&home.end_of(&[&arguments[..], &["--force"]].concat()));
    refused(
        &home.end_of(&["export", "site", "3", "--format", "raw", "--no-redact"]),
        "--output names the folder",
    );
}

#[test]
fn an_archive_goes_out_and_in_and_its_request_can_be_sent_again() {
    let home = recorded();
    fine(&home.end_of(&[
        "export",
        "site",
        "1-3",
        "--format",
        "har",
        "--no-redact",
        "--output",
        "all.har",
    ]));
    let import = home.end_of(&["import", "site", "all.har"]);
    fine(&import);
    assert!(
        import.stderr.contains("imported 3 requests as 4 to 6"),
        "{}",
        import.stderr
    );
    let log = home.end_of(&["log", "site", "--limit", "1", "--format", "jsonl"]);
    assert_eq!(json(fine(&log).trim_end())["origin"], "imported");
    let replay = home.end_of(&["replay", "site", "last"]);
    assert!(
        fine(&replay).contains("user=zo&password=open+sesame"),
        "{replay:?}"
    );
    assert!(
        replay
            .stderr
            .contains("request 6 was sent again, as request 7"),
        "{}",
        replay.stderr
    );
    let failed = home.end_of(&["replay", "site", "2"]);
    assert_eq!(failed.code, Some(1), "{failed:?}");
    let shown = home.end_of(&["show", "site", "8", "--format", "json"]);
    assert_eq!(json(fine(&shown))["origin"]["replay_of"], 2);
    fs::write(home.path().join("no.har"), "{\"log\":\n7}").unwrap();
    refused(
        &home.end_of(&["import", "site", "no.har"]),
        "line 2 column 1",
    );
}

#[test]
fn a_replay_may_run_the_script_as_it_was_then() {
    let home = recorded();
    let now = "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n'\necho changed\n";
    home.script("site/cgi-bin/a.sh", now);
    let then = home.end_of(&["replay", "site", "1", "--with-source"]);
    assert!(fine(&then).contains("GET x=1"), "{then:?}");
    let told = "request 1 was sent again, to the scripts as they were then, as request 4";
    assert!(then.stderr.contains(told), "{}", then.stderr);
    assert!(fine(&home.end_of(&["replay", "site", "1"])).contains("changed"));
    let shown = home.end_of(&["show", "site", "4", "--format", "json"]);
    let origin = &json(fine(&shown))["origin"];
    assert_eq!(origin["replay_of"], 1, "{origin}");
    assert_eq!(origin["kind"], "replay_of_source", "{origin}");
}

#[test]
fn a_replay_tells_the_script_the_port_of_then() {
    let home = recorded();
    let environment = |id: &str| {
        let shown = home.end_of(&["show", "site", id, "--format", "json"]);
        let shown = json(fine(&shown));
        let variables = shown["runs"][0]["variables"].as_array().unwrap().clone();
        let mut port = variables.into_iter();
        port.find(|variable| variable["name"] == "SERVER_PORT")
            .unwrap()["value"]
            .clone()
    };
    fine(&home.end_of(&["replay", "site", "1"]));
    assert_eq!(environment("4"), environment("1"));
}

#[test]
fn what_is_shown_of_a_request_has_its_fields_and_its_body() {
    let home = recorded();
    let shown = home.end_of(&["show", "site", "3"]);
    let text = fine(&shown);
    for part in [
        "  Content-Type: application/x-www-form-urlencoded\n",
        "Request body  28 B\n  user=zo&password=open+sesame\n",
        "/bin/sh, process ",
        "response complete\n",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn a_bundle_brings_everything_but_the_secrets_to_another_folder() {
    let home = recorded();
    fine(&home.end_of(&[
        "export",
        "site",
        "2-3",
        "--format",
        "bundle",
        "--output",
        "two.cgiruns",
    ]));
    fs::create_dir(home.path().join("other")).unwrap();
    let import = home.end_of(&["import", "other", "two.cgiruns"]);
    fine(&import);
    assert!(
        import.stderr.contains("imported 2 requests as 1 to 2"),
        "{}",
        import.stderr
    );
    let shown = home.end_of(&["show", "other", "last", "--format", "json"]);
    let text = fine(&shown);
    assert!(
        !text.contains("sesame") && !text.contains("0123456789abcdef"),
        "{text}"
    );
    let shown = json(text);
    assert_eq!(shown["origin"]["from"], "two.cgiruns");
    let hidden = SCRIPT.replace("fedcba9876543210", "****************");
    assert_eq!(shown["runs"][0]["script"]["source"], hidden);
    assert_eq!(shown["request"]["form"]["fields"][0]["value"], "zo");
    fs::write(home.path().join("bad.cgiruns"), b"PK\x03\x04 and no more").unwrap();
    refused(
        &home.end_of(&["import", "other", "bad.cgiruns"]),
        "cannot import",
    );
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let home = recorded();
    for arguments in [
        &["log", "site"][..],
        &["show", "site", "1"],
        &["export", "site", "1", "--format", "json"],
    ] {
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        let mut studio = home.studio(arguments);
        #[expect(
            clippy::disallowed_methods,
            reason = "the program under test is started here"
        )]
        let ended = studio
            .stdout(writer)
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert_eq!(ended.status.code(), Some(0), "{arguments:?}: {stderr}");
        assert!(
            !stderr.contains("panicked") && !stderr.contains("error"),
            "{stderr}"
        );
    }
}

#[test]
fn the_log_follows_what_another_process_records() {
    let home = recorded();
    let mut follower = home.studio(&[
        "log", "site", "--follow", "--limit", "1", "--format", "jsonl",
    ]);
    #[expect(
        clippy::disallowed_methods,
        reason = "the program under test is started here"
    )]
    let mut follower = follower.stdout(Stdio::piped()).spawn().unwrap();
    let lines = crate::studio::lines(follower.stdout.take().unwrap());
    let next = || wait_until("a line comes", || lines.try_recv().ok());
    assert_eq!(json(&next())["id"], 3);
    let studio = home.serving(&["serve", "site", "--listen", "127.0.0.1:0"]);
    studio.get("/cgi-bin/a.sh?later");
    let line = json(&next());
    assert_eq!(
        (&line["id"], &line["target"]),
        (&4.into(), &"/cgi-bin/a.sh?later".into())
    );
    follower.kill().unwrap();
    follower.wait().unwrap();
    studio.end();
}
