//! Who may have what: rules, logins, and nothing that runs before they are met (RFC 3875 §3.1, §4.1.1, §4.1.11).

use crate::{child, get, site, url};
use cgi_engine::cgi::profile::HostProfile;
use cgi_engine::exchange::{Exchange, Origin};
use cgi_tests::{Answer, TestEngine};
use std::sync::Arc;

/// `alice` with bcrypt, `bob` with apr1, `carol` with SHA-512, `dave` with {SHA}: all "secret"; `eve` in plain text.
const USERS: &str = "\
alice:$2y$05$JombaIIIBZsVCm9SYuFL/.Pv4LvsUuf/uWoYM9636FsSe/B6KoK5u
bob:$apr1$abcdefgh$h9FWgUz3n9YxylKLlR5SQ/
carol:$6$saltsalt$TVLlQcbpFVof5W3Yz4DTP6gRstiNuHwwTt6GLc1E5n0U0aDehy0S5knV8wiOQSpT0Y77vwPZN.Pq.H91p5hVO1
dave:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=
eve:secret
";
const MEMBERS: &str = "authentication = { realm = \"The \\\"lab\\\"\", user_file = \".users\" }\n";

fn serve(scope: &str) -> TestEngine {
    let site = site();
    site.file(".users", USERS, 0o600);
    let configuration = format!("[[scopes]]\n{scope}\n");
    site.file("cgi-studio.toml", configuration, 0o644);
    let engine = TestEngine::start(child(), site);
    let problems = engine.engine.snapshot().state.problems;
    assert!(problems.is_empty(), "{problems:?}");
    engine
}

/// `alice:secret` in base 64, for instance.
fn login(credentials: &str) -> String {
    use std::fmt::Write as _;
    let mut encoded = String::new();
    for group in credentials.as_bytes().chunks(3) {
        let bits = group
            .iter()
            .chain(&[0, 0])
            .take(3)
            .fold(0_u32, |bits, &byte| bits << 8 | u32::from(byte));
        for digit in 0..=group.len() {
            let index = bits >> (18 - 6 * digit) & 0x3f;
            let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
            let _ = write!(encoded, "{}", char::from(digits[index as usize]));
        }
        encoded.push_str(&"=".repeat(3 - group.len()));
    }
    format!("Authorization: Basic {encoded}\r\n")
}

fn ask(engine: &TestEngine, target: &str, fields: &str) -> Answer {
    engine.ask(format!(
        "GET {target} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n"
    ))
}

fn env() -> String {
    url(&["text", "env"])
}

/// Nothing ran, the reason is on record, and so is the rule.
#[track_caller]
fn check_closed(engine: &TestEngine, number: u64, status: u16, reason: &str) -> Arc<Exchange> {
    let exchange = engine.ended(number);
    assert!(exchange.invocations.is_empty(), "a script ran");
    let refusal = exchange.request.refusal.as_ref().unwrap();
    assert_eq!(refusal.status, status);
    assert!(refusal.reason.contains(reason), "{refusal:?}");
    assert!(refusal.authority.contains("cgi-studio.toml"), "{refusal:?}");
    let steps = &exchange.selection.steps;
    assert!(steps.iter().any(|step| step.contains(reason)), "{steps:?}");
    exchange
}

#[test]
fn a_login_is_asked_for_and_nothing_runs_before_it_is_right() {
    let engine = serve(&format!("require = \"valid-user\"\n{MEMBERS}"));
    let mark = engine.site.path("mark");
    let target = url(&["text", "env", &format!("mark={}", mark.display())]);
    let wrong = [
        (String::new(), "needs a login"),
        (login("alice:wrong"), "not right"),
        (login("mallory:secret"), "not right"),
        (login("Alice:secret"), "not right"),
        (login("alice:"), "not right"),
        ("Authorization: Bearer x\r\n".to_owned(), "not a Basic one"),
        ("Authorization: Basic %%%\r\n".to_owned(), "not a Basic one"),
        (login("alice"), "not a Basic one"),
    ];
    for (number, (fields, reason)) in (1..).zip(&wrong) {
        let answer = ask(&engine, &target, fields);
        assert_eq!(answer.status(), 401, "{fields}");
        assert_eq!(
            answer.head.value("www-authenticate"),
            Some(r#"Basic realm="The \"lab\"", charset="UTF-8""#)
        );
        // The page for this computer says why.
        assert!(
            answer
                .text()
                .to_lowercase()
                .contains(&reason.to_lowercase()),
            "{}",
            answer.text()
        );
        check_closed(&engine, number, 401, reason);
        assert!(!mark.exists());
    }
    let answer = ask(&engine, &target, &login("alice:secret"));
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.told("env-AUTH_TYPE").as_deref(), Some("Basic"));
    assert_eq!(answer.told("env-REMOTE_USER").as_deref(), Some("alice"));
    assert_eq!(answer.told("env-HTTP_AUTHORIZATION"), None);
    assert!(mark.exists());
}

#[test]
fn every_kind_of_hash_lets_its_user_in_and_plain_text_none() {
    let engine = serve(&format!("require = \"valid-user\"\n{MEMBERS}"));
    for user in ["alice", "bob", "carol", "dave", "alice"] {
        let answer = ask(&engine, &env(), &login(&format!("{user}:secret")));
        assert_eq!(answer.told("env-REMOTE_USER").as_deref(), Some(user));
    }
    let answer = ask(&engine, &env(), &login("eve:secret"));
    assert_eq!(answer.status(), 500);
    check_closed(&engine, 6, 500, "plain text");
}

#[test]
fn a_strangers_password_lets_nobody_in() {
    let engine = serve(&format!("require = \"valid-user\"\n{MEMBERS}"));
    // The first user's password is right for that user only, and a first line that cannot be checked accuses nobody.
    assert_eq!(ask(&engine, &env(), &login("mallory:secret")).status(), 401);
    assert_eq!(ask(&engine, &env(), &login("alice:secret")).status(), 200);
    assert_eq!(ask(&engine, &env(), &login("mallory:secret")).status(), 401);
    engine.site.file(".users", "eve:secret\n", 0o600);
    assert_eq!(ask(&engine, &env(), &login("mallory:secret")).status(), 401);
}

#[test]
fn copies_of_the_rules_and_of_the_file_of_users_are_never_sent() {
    let users = MEMBERS.replace(".users", "users");
    let engine = serve(&format!(
        "url = \"/private\"\nrequire = \"valid-user\"\n{users}"
    ));
    for file in [
        "users",
        "users~",
        "users.bak",
        "cgi-studio.toml~",
        "cgi-studio.toml.orig",
    ] {
        engine.site.file(file, "alice:x", 0o644);
        assert_eq!(
            ask(&engine, &format!("/{file}"), "").status(),
            404,
            "{file}"
        );
    }
    engine.site.file("users.html", "x", 0o644);
    assert_eq!(ask(&engine, "/users.html", "").status(), 200);
}

#[test]
fn a_changed_file_of_users_counts_at_once() {
    let engine = serve(&format!("require = \"valid-user\"\n{MEMBERS}"));
    let status = |engine: &TestEngine| ask(engine, &env(), &login("alice:secret")).status();
    assert_eq!((status(&engine), status(&engine)), (200, 200));
    engine
        .site
        .file(".users", "alice:{SHA}AAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", 0o600);
    assert_eq!(status(&engine), 401);
    std::fs::remove_file(engine.site.path(".users")).unwrap();
    assert_eq!(status(&engine), 500);
}

#[test]
fn a_login_of_another_user_is_asked_again_and_one_that_cannot_help_is_not() {
    let engine = serve(&format!("require = \"user bob and method GET\"\n{MEMBERS}"));
    assert_eq!(ask(&engine, &env(), &login("bob:secret")).status(), 200);
    assert_eq!(ask(&engine, &env(), &login("alice:secret")).status(), 401);
    check_closed(&engine, 2, 401, "alice has logged in");
    let post = crate::post(
        &env(),
        &format!("{}Content-Length: 0\r\n", login("bob:secret")),
        "",
    );
    assert_eq!(engine.ask(post).status(), 403);
    check_closed(&engine, 3, 403, "method GET");
}

#[test]
fn what_needs_no_login_ignores_one() {
    let engine = serve("require = \"all granted\"");
    let answer = ask(&engine, &env(), &login("alice:secret"));
    assert_eq!(answer.status(), 200);
    for name in ["AUTH_TYPE", "REMOTE_USER", "HTTP_AUTHORIZATION"] {
        assert_eq!(answer.told(&format!("env-{name}")), None, "{name}");
    }
}

#[test]
fn addresses_methods_and_variables_decide_without_a_login() {
    for (require, status) in [
        ("local", 200),
        ("ip 127.0.0.1", 200),
        ("ip 127.0", 200),
        ("ip 10.0.0.0/8", 403),
        ("not ip 127.0.0.0/8", 403),
        ("all denied", 403),
        ("host localhost", 200),
        ("host example.org", 403),
        ("method GET", 200),
        ("method POST", 403),
        ("env LET_IN", 200),
        ("env NOT_SET", 403),
        ("valid-user", 403),
        ("ip 10.0.0.1 or local", 200),
    ] {
        let engine = serve(&format!(
            "require = \"{require}\"\nset_environment = {{ LET_IN = \"1\" }}\n"
        ));
        let answer = ask(&engine, &env(), "");
        assert_eq!(answer.status(), status, "{require}");
        if status == 403 {
            check_closed(&engine, 1, 403, require);
        }
    }
}

#[test]
fn a_rule_holds_for_files_for_folders_and_for_what_is_not_there() {
    let engine = serve("url = \"/private\"\nrequire = \"all denied\"\n");
    engine.site.file("private/page.html", "<p>secret", 0o644);
    for (number, target) in (1..).zip([
        "/private/page.html",
        "/private/",
        "/private",
        "/private/nothing",
        "//private/page.html",
        "/%70rivate/page.html",
        "/x/../private/page.html",
    ]) {
        let answer = ask(&engine, target, "");
        assert_eq!(answer.status(), 403, "{target}");
        assert!(!answer.text().contains("secret"));
        check_closed(&engine, number, 403, "all denied");
    }
    assert_eq!(ask(&engine, "/privateer", "").status(), 404);
    assert_eq!(ask(&engine, &env(), "").status(), 200);
}

#[test]
fn a_rule_for_an_index_by_its_url_holds_for_its_folder() {
    for (rule, others) in [
        ("url = \"/docs/index.html\"", "/docs/other.html"),
        ("url_match = \"^/docs/index\"", "/docs/other.html"),
        ("url_match = \"^/docs/$\"", "/docs/index.html"),
    ] {
        let engine = serve(&format!("{rule}\nrequire = \"all denied\"\n"));
        for file in ["docs/index.html", "docs/other.html"] {
            engine.site.file(file, "<p>", 0o644);
        }
        assert_eq!(ask(&engine, "/docs/", "").status(), 403, "{rule}");
        assert_eq!(ask(&engine, others, "").status(), 200, "{rule}");
    }
}

#[test]
fn names_that_a_visitor_may_not_have_are_not_told() {
    let engine = serve(&format!(
        "url = \"/reports\"\nfiles = \"*.txt\"\nrequire = \"valid-user\"\n{MEMBERS}\
         [[scopes]]\nfiles = \"secret*\"\nrequire = \"all denied\"\n"
    ));
    for file in [
        "reports/balance.txt",
        "reports/secret.html",
        "secret.html",
        "cgi-bin/secret.py",
    ] {
        engine.site.file(file, "x", 0o755);
    }
    for (target, status) in [
        ("/reports/balance.txd", 404),
        ("/reports/secre.html", 404),
        ("/reports/sekret.html", 404),
        ("/secre.html", 404),
        ("/cgi-bin/secre.py", 404),
        ("/nowhere/sekret.py", 404),
    ] {
        let answer = ask(&engine, target, "");
        assert_eq!(answer.status(), status, "{target}");
        for name in ["balance.txt", "secret.html", "secret.py"] {
            assert!(!answer.text().contains(name), "{target}: {}", answer.text());
        }
    }
}

#[test]
fn a_redirect_within_the_server_is_no_way_round_a_rule() {
    let engine = serve(&format!(
        "url = \"/cgi-bin/child/private\"\nrequire = \"valid-user\"\n{MEMBERS}"
    ));
    let target = url(&["out=Location: /cgi-bin/child/private?text=&env=\n\n"]);
    let answer = ask(&engine, &target, "");
    assert_eq!(answer.status(), 401);
    assert_eq!(engine.ended(1).invocations.len(), 1);
    let answer = ask(&engine, &target, &login("alice:secret"));
    assert_eq!(answer.told("env-REMOTE_USER").as_deref(), Some("alice"));
    // The script before the redirect needed no login and heard of none.
    let runs = &engine.ended(2).invocations;
    assert!(runs[0].request.get("REMOTE_USER").is_none());
}

#[test]
fn a_refused_upload_is_not_waited_for() {
    let engine = serve("require = \"all denied\"\n");
    let mut client = engine.connect();
    client.send(crate::post(
        &env(),
        "Content-Length: 1000000\r\nExpect: 100-continue\r\n",
        "",
    ));
    assert_eq!(client.answer().status(), 403);
    assert!(engine.ended(1).invocations.is_empty());
}

#[test]
fn a_password_is_not_recorded_unless_the_script_gets_it() {
    let engine = serve(&format!("require = \"valid-user\"\n{MEMBERS}"));
    let line = login("alice:secret");
    let secret = line.trim().rsplit_once(' ').unwrap().1.to_owned();
    let holds_secret = |exchange: &Exchange| format!("{exchange:?}").contains(&secret);
    ask(&engine, &env(), &line);
    ask(&engine, "/cgi-bin/child%00", &line);
    ask(&engine, "/cgi-bin/child", &format!("{line}X: a\0b\r\n"));
    for number in 1..=3 {
        let exchange = engine.ended(number);
        let raw = String::from_utf8_lossy(&exchange.request.raw_head).into_owned();
        assert!(raw.contains("Authorization: Basic ******"), "{raw}");
        assert!(!holds_secret(&exchange), "{number}");
    }
    let folded = format!("Authorization: Basic\r\n {secret}\r\n");
    let after_return = format!("X: a\r{line}");
    for (number, fields) in (4..).zip([folded, after_return]) {
        assert_eq!(ask(&engine, "/cgi-bin/child", &fields).status(), 400);
        let exchange = engine.ended(number);
        assert!(!holds_secret(&exchange), "{fields:?}");
        let excerpt = &exchange.request.refusal.as_ref().unwrap().excerpt;
        let excerpt = String::from_utf8_lossy(excerpt);
        assert!(!excerpt.contains(&secret), "{excerpt}");
    }
    let chunked = "Transfer-Encoding: chunked\r\n";
    let trailer = crate::post(
        "/cgi-bin/child",
        &format!("{line}{chunked}"),
        &format!("0\r\n{line}\r\n"),
    );
    assert_eq!(engine.ask(trailer).status(), 400);
    assert!(!holds_secret(&engine.ended(6)));
    let engine = serve("pass_authorization = true");
    let answer = ask(&engine, &env(), &line);
    assert_eq!(
        answer.told("env-HTTP_AUTHORIZATION"),
        Some(format!("Basic {secret}"))
    );
    assert!(holds_secret(&engine.ended(1)));
}

#[test]
fn a_replay_of_a_request_that_had_logged_in_is_logged_in() {
    let engine = serve(&format!("require = \"valid-user\"\n{MEMBERS}"));
    engine.site.file("page.html", "<p>", 0o644);
    ask(&engine, &env(), &login("alice:secret"));
    ask(&engine, &env(), "");
    // A file has no environment to tell, and Go tells its scripts of no login.
    ask(&engine, "/page.html", &login("alice:secret"));
    engine.ended(3);
    engine.engine.run_as(Some(HostProfile::Go));
    ask(&engine, &env(), &login("alice:secret"));
    engine.ended(4);
    engine.engine.run_as(None);
    for (number, status) in [(1, 200), (2, 401), (3, 200), (4, 200), (5, 200)] {
        let id = cgi_engine::exchange::ExchangeId(number);
        let again = engine.engine.replay(id).unwrap().unwrap();
        let exchange = engine.ended(again.0);
        assert_eq!(exchange.origin, Origin::Replay(id));
        assert_eq!(exchange.response.as_ref().unwrap().status, status);
    }
}

#[test]
fn many_clients_that_log_in_at_once_are_all_let_in() {
    let engine = serve(&format!("require = \"valid-user\"\n{MEMBERS}"));
    let address = engine.address();
    let request = get(&env()).replace("\r\n\r\n", &format!("\r\n{}\r\n", login("alice:secret")));
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..20)
            .map(|_| {
                scope.spawn(|| {
                    let mut client = cgi_tests::Client::connect(address);
                    client.send(&request);
                    client.answer().status()
                })
            })
            .collect();
        for client in clients {
            assert_eq!(client.join().unwrap(), 200);
        }
    });
}
