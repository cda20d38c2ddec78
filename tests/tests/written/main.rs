//! The configuration that is written for a site, on live hosts: they accept it and answer as the studio does.

// A test that panics has failed: that is all an unwrap means here.
#![allow(clippy::unwrap_used)]

mod claims;
mod hosts;
mod scopes;

use cgi_tests::peers::Peer;
use cgi_tests::{Answer, Client, TempSite, TestEngine, eventually_some};
use hosts::{LiveHost, live_hosts};

/// The program that stands by as a script and as the engine's spawner.
const CHILD: &str = env!("CARGO_BIN_EXE_cgi-child");

/// Says what it was told, in a few lines that are the same everywhere.
const TELL: &str = "#!/bin/sh
printf 'Content-Type: text/plain\\n\\n'
printf 'name=%s\\ninfo=%s\\ntranslated=%s\\nquery=%s\\nmethod=%s\\n' \"$SCRIPT_NAME\" \"${PATH_INFO-unset}\" \"${PATH_TRANSLATED-unset}\" \"$QUERY_STRING\" \"$REQUEST_METHOD\"
printf 'root=%s\\nfile=%s\\npath=%s\\nown=%s\\ncwd=%s\\nlogin=%s\\n' \"$DOCUMENT_ROOT\" \"$SCRIPT_FILENAME\" \"$PATH\" \"$OWN\" \"$(pwd)\" \"${HTTP_AUTHORIZATION-unset}\"
printf 'proxy=%s\\ntype=%s\\nlength=%s\\nbody=' \"${HTTP_PROXY-unset}\" \"$CONTENT_TYPE\" \"${CONTENT_LENGTH:-0}\"
cat
";

/// A request, and what the studio and every host answer alike.
struct Case {
    request: String,
    /// Whether the bodies are the same too: pages about errors are everybody's own.
    same_body: bool,
}

fn get(target: &str) -> Case {
    Case {
        request: format!(
            "GET {target} HTTP/1.1\r\nHost: localhost\r\nProxy: http://evil.example/\r\nAuthorization: Basic eDp5\r\nConnection: close\r\n\r\n"
        ),
        same_body: true,
    }
}

fn status_of(target: &str) -> Case {
    Case {
        same_body: false,
        ..get(target)
    }
}

fn post(target: &str, body: &str) -> Case {
    let length = body.len();
    Case {
        request: format!(
            "POST {target} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        ),
        same_body: true,
    }
}

/// A host that has just begun closes a connection now and then without a word; it is asked again.
fn ask(address: std::net::SocketAddr, case: &Case) -> Answer {
    eventually_some("the host answers", || {
        let mut client = Client::connect(address);
        client.send(&case.request);
        client.try_answer()
    })
}

/// The lines of the body that are the same by right. A script that answers for its folder has two names, and hosts
/// choose the longer one; lighttpd maps extra path to the folder of an alias (the file says so).
fn body_of(host: &str, case: &Case, answer: &Answer) -> Vec<String> {
    let first = case.request.lines().next().unwrap();
    let for_folder = first.contains("/ HTTP/");
    let by_alias = host == "lighttpd"
        && ["%20", "/go", "/run"]
            .iter()
            .any(|part| first.contains(part));
    let own = |line: &&str| {
        for_folder && line.starts_with("name=") || by_alias && line.starts_with("translated=")
    };
    let text = answer.text();
    text.lines()
        .filter(|line| !own(line))
        .map(str::to_owned)
        .collect()
}

fn check_all(site: TempSite, cases: &[Case]) {
    let engine = TestEngine::start(std::path::Path::new(CHILD), site);
    for LiveHost { name, peer, text } in live_hosts(&engine.site) {
        let wrong: Vec<String> = cases
            .iter()
            .filter_map(|case| difference(name, &engine, &peer, case))
            .collect();
        assert!(
            wrong.is_empty(),
            "{name}: {}\n{text}\n{}",
            wrong.join("\n"),
            peer.log()
        );
    }
}

fn difference(host: &str, engine: &TestEngine, peer: &Peer, case: &Case) -> Option<String> {
    let (ours, theirs) = (ask(engine.address(), case), ask(peer.address(), case));
    let same_status = ours.status() == theirs.status();
    if same_status
        && (!case.same_body || body_of(host, case, &ours) == body_of(host, case, &theirs))
    {
        return None;
    }
    let answer = |answer: &Answer| format!("{} {}", answer.status(), answer.text());
    let first = case.request.lines().next().unwrap();
    Some(format!(
        "{first}\nours: {}\ntheirs: {}\n",
        answer(&ours),
        answer(&theirs)
    ))
}

#[test]
fn a_site_without_configuration_answers_alike() {
    let site = TempSite::new(std::path::Path::new(CHILD));
    site.script("tell.cgi", TELL);
    site.script("index.cgi", TELL);
    site.script("plain", TELL);
    site.script("deep/er/tell.sh", TELL);
    site.file("top.cgi", TELL, 0o755);
    site.file("tool", TELL, 0o755);
    site.file("sub/also.cgi", TELL, 0o755);
    site.file("sub/index.html", "<p>index", 0o644);
    site.file("page.html", "<p>page", 0o644);
    site.file(".secret", "secret", 0o644);
    site.file(".git/config", "secret", 0o644);
    site.file("top.cgi~", TELL, 0o644);
    check_all(
        site,
        &[
            get("/cgi-bin/tell.cgi"),
            get("/cgi-bin/tell.cgi?a=b&c=%20d"),
            get("/cgi-bin/tell.cgi/some/extra%20path"),
            get("/cgi-bin/tell.cgi/.git/info"),
            get("/cgi-bin/tell.cgi/a%2Fb"),
            get("/cgi-bin/plain/x"),
            get("/cgi-bin/deep/er/tell.sh/x?y=z"),
            get("/cgi-bin/"),
            get("/top.cgi/extra"),
            get("/tool/extra"),
            get("/sub/also.cgi"),
            get("/sub/"),
            get("/page.html"),
            post("/cgi-bin/tell.cgi", "name=Ada&n=1"),
            post("/top.cgi/x", ""),
            status_of("/cgi-bin/none.cgi"),
            status_of("/none.html"),
            status_of("/cgi-bin"),
            status_of("/sub"),
            Case {
                ..status_of("/cgi-binX/tell.cgi")
            },
        ],
    );
}

#[test]
fn odd_names_are_quoted_and_reach_their_files() {
    let configuration = r#"
[scripts]
script_aliases = { "/odd ones/" = "o d\"d$x {y}" }
aliases = { "/pa ges/" = "p'a$g{e}s" }
index = ["in dex$.html", "index.cgi"]
refuse_extra_path = ["o d\"d$x {y}/only.cgi"]
[environment]
OWN = "quo\"te $x {y} \\ #"
[limits]
request_body_bytes = 20
"#;
    let site = TempSite::configured(std::path::Path::new(CHILD), configuration);
    site.file("o d\"d$x {y}/t e$l{l}#.cgi", TELL, 0o755);
    site.file("o d\"d$x {y}/in+ (ner)/tell", TELL, 0o755);
    site.file("o d\"d$x {y}/only.cgi", TELL, 0o755);
    site.file("p'a$g{e}s/in dex$.html", "<p>pages", 0o644);
    site.file("p'a$g{e}s/script.cgi", TELL, 0o755);
    check_all(
        site,
        &[
            get("/odd%20ones/t%20e%24l%7Bl%7D%23.cgi/extra/"),
            get("/odd%20ones/in+%20(ner)/tell/extra"),
            get("/odd%20ones/only.cgi"),
            get("/pa%20ges/"),
            get("/pa%20ges/script.cgi/x"),
            post("/odd%20ones/only.cgi", "12345678901234567890"),
            Case {
                same_body: false,
                ..post("/odd%20ones/only.cgi", &"1".repeat(2000))
            },
            status_of("/odd%20ones/none"),
        ],
    );
}

#[test]
fn a_document_root_and_an_alias_to_one_script_answer_alike() {
    let configuration = r#"
[server]
document_root = "public"
[scripts]
script_aliases = { "/go" = "programs/single", "/run/" = "programs" }
suffixes = [".cgi"]
interpreters = { ".sh" = "/bin/sh" }
"#;
    let site = TempSite::configured(std::path::Path::new(CHILD), configuration);
    site.file("programs/single", TELL, 0o755);
    site.file("programs/other", TELL, 0o755);
    site.file("public/index.html", "<p>front", 0o644);
    site.file("public/top.cgi", TELL, 0o755);
    site.file("public/mapped.sh", TELL, 0o755);
    check_all(
        site,
        &[
            get("/"),
            get("/go"),
            get("/go/extra%20path/x"),
            get("/run/other/x"),
            get("/top.cgi/x"),
            get("/mapped.sh"),
            post("/go", "a=b"),
            status_of("/gone"),
            status_of("/programs/other"),
        ],
    );
}
