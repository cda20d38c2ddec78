//! A recorded request sent again: by the studio itself, and by curl from the command that is exported.

use crate::{child, get, post, serve, serve_configured, site, url};
use cgi_engine::exchange::{Exchange, Origin};
use cgi_engine::{ReplayError, export};
use cgi_tests::{TempSite, TestEngine};
use std::io::Write as _;
use std::process::{Command, Output};
use std::sync::Arc;

/// What the script was given: meta-variables that do not depend on the connection, command line and body.
fn given(exchange: &Exchange) -> (Vec<String>, Vec<Vec<u8>>, Vec<u8>) {
    let run = exchange.invocation().expect("a script ran");
    let of_the_connection = ["REMOTE_PORT"];
    let variables = run
        .request
        .variables
        .iter()
        .filter(|variable| !of_the_connection.contains(&variable.name.as_str()))
        .map(|variable| format!("{}={}", variable.name, variable.value.escape_ascii()))
        .collect();
    (
        variables,
        run.request.arguments.clone(),
        exchange.request.body.head().into_owned(),
    )
}

/// Requests that are hard to say again: odd bytes, absent fields, framing, methods.
pub(super) fn requests(address: &str) -> Vec<Vec<u8>> {
    let at = |text: String| {
        text.replace("Host: localhost", &format!("Host: {address}"))
            .into_bytes()
    };
    let echo = url(&["text", "echo"]);
    let mut requests = vec![
        at(get("/cgi-bin/child/a%20b/%C3%A9?word+two")),
        at(get("/cgi-bin/child/a%2fb/x;y?a=[1]&b={2}&c=%41'")),
        at(get("/cgi-bin//child/./x//y")),
        at(get(&url(&["text"])).replace("\r\n\r\n", "\r\nCookie: a=1\r\nCookie: b='2'\r\nX-Empty:\r\nAccept: */*\r\nUser-Agent: me/1 (x; y)\r\n\r\n")),
        at(post(&echo, "Content-Type: text/plain\r\nContent-Length: 11\r\n", "@not a file")),
        at(post(&echo, "Content-Length: 6\r\n", "a\r\nb\n%")),
        at(post(&echo, "Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")),
        at(get(&url(&["text"])).replacen("GET", "PURGE", 1)),
        at(get(&url(&["text"])).replacen("GET", "HEAD", 1)),
        format!("GET {} HTTP/1.0\r\n\r\n", url(&["text"])).into_bytes(),
        at(get(&url(&["text"])).replace("localhost", "other.example:99")),
    ];
    let mut binary = at(post(&echo, "Content-Length: 256\r\n", ""));
    binary.extend(0..=255_u8);
    requests.push(binary);
    let mut latin = at(get(&url(&["text"])));
    latin.truncate(latin.len() - 2);
    latin.extend_from_slice(b"X-Name: S\xe3o 'Paulo'\r\n\r\n");
    requests.push(latin);
    requests
}

fn last(engine: &TestEngine) -> u64 {
    engine.engine.rows().last_id().map_or(0, |id| id.0)
}

/// Sends the request and waits for its record; what is answered does not matter here.
pub(super) fn recorded(engine: &TestEngine, request: &[u8]) -> Arc<Exchange> {
    let number = last(engine) + 1;
    let mut client = engine.connect();
    client.send(request);
    engine.ended(number)
}

#[test]
fn a_replay_gives_the_script_the_same_and_says_what_it_is() {
    let engine = serve();
    for request in requests(&engine.address().to_string()) {
        let first = recorded(&engine, &request);
        let again = engine.engine.replay(first.id).unwrap().unwrap();
        let second = engine.ended(again.0);
        assert_eq!(second.request.raw_head, first.request.raw_head);
        assert_eq!(given(&second), given(&first));
        assert_eq!(second.origin, Origin::Replay(first.id));
    }
}

#[test]
fn what_is_not_kept_is_not_replayed() {
    let engine = serve();
    let unknown = cgi_engine::exchange::ExchangeId(99);
    assert_eq!(
        engine.engine.replay(unknown),
        Err(ReplayError::NotKept { id: unknown })
    );
    let small = TempSite::configured(child(), "[limits]\ncapture_bytes = 16\n");
    let engine = TestEngine::start(child(), small);
    let body = "x".repeat(200_000);
    let length = format!("Content-Length: {}\r\n", body.len());
    engine.ask(post(&url(&["text", "count"]), &length, &body));
    let id = engine.ended(1).id;
    assert!(matches!(
        engine.engine.replay(id),
        Err(ReplayError::NotResendable { .. })
    ));
}

/// Runs a command as a person would who has pasted it; none where the tool is missing, which no CI may have.
fn in_a_shell(tool: &str, command: &str) -> Option<Output> {
    // The test runs programs that only tests run.
    #[allow(clippy::disallowed_methods)]
    let run = |command: &str| {
        // A command line takes 128 KiB at most; a file takes any.
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(command.as_bytes()).unwrap();
        Command::new("bash").arg(file.path()).output()
    };
    let found = run(&format!("command -v {tool}"));
    if found.is_ok_and(|output| output.status.success()) {
        return Some(run(command).unwrap());
    }
    assert!(
        std::env::var_os("CGI_STUDIO_CI").is_none(),
        "{tool} is missing"
    );
    eprintln!("skipped: there is no {tool}");
    None
}

#[test]
fn curl_sends_the_very_request_that_was_recorded() {
    let engine = TestEngine::start(child(), site());
    let address = engine.address().to_string();
    let long: Vec<u8> = (0..=255_u8).cycle().take(1_500_000).collect();
    let head = post(
        &url(&["text"]),
        "Content-Type: a/b\r\nContent-Length: 1500000\r\n",
        "",
    );
    let head = head.replace("Host: localhost", &format!("Host: {address}"));
    let mut requests = requests(&address);
    requests.push([head.as_bytes(), &long].concat());
    for request in requests {
        let first = recorded(&engine, &request);
        let command = export::curl(&first, &address).unwrap();
        let Some(output) = in_a_shell("curl", &command) else {
            return;
        };
        assert!(output.status.success(), "{command}\n{output:?}");
        let second = engine.ended(last(&engine));
        assert_ne!(first.id, second.id, "{command}");
        assert_eq!(given(&second), given(&first), "{command}");
    }
}

#[test]
fn a_command_that_sends_less_than_was_announced_says_so() {
    let engine = serve();
    let told = post(&url(&["text"]), "Content-Length: 50\r\n", "ten bytes.");
    let mut client = engine.connect();
    client.send(told.as_bytes());
    client.finish();
    let command = export::curl(&engine.ended(1), "h:1").unwrap();
    let note = "# The client announced 50 bytes of body and sent 10;";
    assert!(command.starts_with(note), "{command}");
}

#[test]
fn the_shell_line_gives_the_program_the_same_and_gets_the_same_output() {
    let engine = serve();
    let told = url(&["text", "env", "argv", "cwd", "err=x", "echo"]);
    let mut requests = vec![
        get(&told).into_bytes(),
        get("/cgi-bin/child?a+b'c").into_bytes(),
    ];
    for length in [256, 100_000] {
        let body: Vec<u8> = (0..=255_u8).cycle().take(length).collect();
        let fields = format!("Content-Length: {length}\r\nX-Odd: 'a\"b$(c)\r\n");
        requests.push([post(&told, &fields, "").into_bytes(), body].concat());
    }
    let mut latin = get(&told.replace("?", "/a%20b/%E3%00?"));
    latin.truncate(latin.len() - 2);
    requests.push([latin.as_bytes(), b"X-Name: S\xe3o\r\n\r\n"].concat());
    for request in requests {
        let first = recorded(&engine, &request);
        let Ok(script) = export::shell_script(&first) else {
            assert!(first.invocation().is_none(), "{:?}", first.selection);
            continue;
        };
        let output = in_a_shell("env", &script).unwrap();
        let run = first.invocation().unwrap();
        assert_eq!(
            output.stdout.escape_ascii().to_string(),
            run.stdout.head().escape_ascii().to_string(),
            "{script}"
        );
        assert_eq!(output.stderr, run.stderr.head().as_ref(), "{script}");
    }
}

#[test]
fn an_archive_read_back_sends_the_very_request() {
    let engine = serve();
    for request in requests(&engine.address().to_string()) {
        let first = recorded(&engine, &request);
        let archive = export::har(&[&first]).unwrap();
        let read = export::read_har(archive.as_bytes()).unwrap();
        let imported = engine.engine.import(read.exchanges[0].clone(), "first.har");
        let kept = engine.ended(imported.0);
        assert_eq!(
            kept.origin,
            Origin::Imported {
                from: "first.har".into()
            }
        );
        assert_eq!(kept.request.raw_head, first.request.raw_head);
        let again = engine.engine.replay(imported).unwrap().unwrap();
        assert_eq!(given(&engine.ended(again.0)), given(&first));
    }
}

/// What a person, or another program, would make of an entry: a command for curl that knows nothing of `_cgi`.
fn curl_from_archive(entry: &serde_json::Value) -> String {
    let word =
        |value: &serde_json::Value| export::quoting::shell_word(value.as_str().unwrap().as_bytes());
    let request = &entry["request"];
    let mut command = format!(
        "curl -sS -i --globoff --path-as-is -A '' -H 'Accept:' -X {}",
        word(&request["method"])
    );
    for field in request["headers"].as_array().unwrap() {
        let (name, value) = (
            field["name"].as_str().unwrap(),
            field["value"].as_str().unwrap(),
        );
        let line = match value.is_empty() {
            true => format!("{name};"),
            false => format!("{name}: {value}"),
        };
        command.push_str(&format!(
            " -H {}",
            export::quoting::shell_word(line.as_bytes())
        ));
    }
    let body = &request["postData"];
    if body.is_object() {
        command.push_str(&format!(" --data-raw {}", word(&body["text"])));
        if body["mimeType"] == "" {
            command.push_str(" -H 'Content-Type:'");
        }
    }
    format!("{command} {}", word(&request["url"]))
}

#[test]
fn curl_sends_what_the_archive_says() {
    let engine = TestEngine::start(child(), site());
    let address = engine.address().to_string();
    for request in requests(&address) {
        // What HAR has no words for: bytes that are no text, HTTP/1.0, a HEAD that `-X` makes curl wait for,
        // another host than the one that is asked, a chunked body of its own making.
        let text = String::from_utf8(request.clone()).unwrap_or_default();
        let not_sayable = ["", "HEAD", "HTTP/1.0", "other.example", "chunked", "\0"];
        if text.is_empty() || not_sayable[1..].iter().any(|part| text.contains(part)) {
            continue;
        }
        let first = recorded(&engine, &request);
        let archive: serde_json::Value =
            serde_json::from_str(&export::har(&[&first]).unwrap()).unwrap();
        let command = curl_from_archive(&archive["log"]["entries"][0]);
        let Some(output) = in_a_shell("curl", &command) else {
            return;
        };
        assert!(output.status.success(), "{command}\n{output:?}");
        let second = engine.ended(last(&engine));
        assert_ne!(first.id, second.id, "{command}");
        assert_eq!(given(&second), given(&first), "{command}");
    }
}

#[test]
fn a_login_that_an_imported_record_claims_counts_for_nothing() {
    let configuration = "[[scopes]]\nurl = \"/cgi-bin\"\nrequire = \"valid-user\"\nauthentication = { realm = \"x\", user_file = \".htpasswd\" }\n";
    let engine = serve_configured(configuration);
    let mut claimed = (*recorded(&engine, get(&url(&["text"])).as_bytes())).clone();
    claimed.request.login = Some("alice".into());
    let imported = engine.engine.import(claimed, "a bundle");
    let again = engine.engine.replay(imported).unwrap().unwrap();
    assert!(engine.ended(again.0).invocations.is_empty());
}
