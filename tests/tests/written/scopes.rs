//! Scopes on live hosts: who may have something, logins, error documents, variables.

use crate::hosts::{LiveHost, live_hosts};
use crate::{CHILD, TELL, ask, get, post};
use cgi_tests::TempSite;

const USERS: &str =
    "ada:$apr1$saltsalt$LrttParrLPdxvgutaSXWJ0\nbob:$apr1$saltsalt$oMNfpl1VcEny2lckzXHCp1\n";
/// ada:secret, bob:other, ada:wrong.
const ADA: &str = "YWRhOnNlY3JldA==";
const BOB: &str = "Ym9iOm90aGVy";
const WRONG: &str = "YWRhOndyb25n";

const SCOPES: &str = r#"
[[scopes]]
folder = "cgi-bin/closed"
require = "all denied"
[[scopes]]
folder = "cgi-bin/off"
scripts = "none"
[[scopes]]
folder = "cgi-bin/own"
set_environment = { OWN = "quo\"te $x {y}" }
[[scopes]]
folder = "notes"
files = "*.txt"
require = "all denied"
[[scopes]]
url = "/cgi-bin/members"
require = "valid-user"
authentication = { realm = "Members \"only\"", user_file = ".users" }
[[scopes]]
url = "/cgi-bin/members/ada"
require = "user ada"
[[scopes]]
url = "/cgi-bin/near"
require = "ip 127.0.0.0/8 and not ip 10.0.0.0/8"
[[scopes]]
url = "/cgi-bin/far"
require = "ip 10.0.0.0/8 or method POST"
[[scopes]]
url = "/cgi-bin/either"
require = "ip 10.0.0.0/8 or valid-user"
authentication = { realm = "Either", user_file = ".users" }
"#;

const DOCUMENTS: &str = "
[[scopes]]
error_documents = { \"404\" = \"/errors/404.html\" }
";

fn site(configuration: &str) -> TempSite {
    let site = TempSite::configured(std::path::Path::new(CHILD), configuration);
    for folder in [
        "closed",
        "off",
        "own",
        "members",
        "members/ada",
        "near",
        "far",
        "either",
    ] {
        site.script(&format!("{folder}/tell.cgi"), TELL);
    }
    site.file("notes/a.txt", "private", 0o644);
    site.file("notes/a.html", "public", 0o644);
    site.file("errors/404.html", "<p>Gone astray", 0o644);
    site.file(".users", USERS, 0o644);
    for name in ["requests/login.http", "requests/login1.HTTP.bin"] {
        site.file(name, "a password", 0o644);
    }
    site
}

fn status(host: &LiveHost, target: &str, login: Option<&str>) -> u16 {
    let mut case = get(target);
    let field = login.map_or(String::new(), |login| {
        format!("Authorization: Basic {login}\r\n")
    });
    case.request = case
        .request
        .replace("Authorization: Basic eDp5\r\n", &field);
    ask(host.peer.address(), &case).status()
}

#[track_caller]
fn check(host: &LiveHost, target: &str, login: Option<&str>, expected: u16) {
    let found = status(host, target, login);
    assert_eq!(
        found,
        expected,
        "{}: {target} as {login:?}\n{}\n{}",
        host.name,
        host.text,
        host.peer.log()
    );
}

fn check_scopes(host: &LiveHost) {
    let of = |folder: &str| format!("/cgi-bin/{folder}/tell.cgi/extra");
    check(host, "/cgi-bin/closed/tell.cgi", None, 403);
    check(host, "/cgi-bin//closed/./tell.cgi", None, 403);
    check(host, "/cgi-bin/%63losed/tell.cgi", None, 403);
    check(host, "/cgi-bin/off/tell.cgi", None, 403);
    check(host, "/notes/a.txt", None, 403);
    check(host, "/notes/a.html", None, 200);
    check(host, &of("near"), None, 200);
    check(host, &of("far"), None, 403);
    for (login, members, ada) in [
        (None, 401, 401),
        (Some(WRONG), 401, 401),
        (Some(ADA), 200, 200),
    ] {
        check(host, &of("members"), login, members);
        check(host, &of("members/ada"), login, ada);
        check(host, &of("either"), login, members);
    }
    check(host, &of("members"), Some(BOB), 200);
    // Whether another login is asked for or refused is each host's own affair.
    assert!(
        [401, 403].contains(&status(host, &of("members/ada"), Some(BOB))),
        "{}",
        host.name
    );
    let answer = ask(host.peer.address(), &post("/cgi-bin/far/tell.cgi", "a=b"));
    assert_eq!(answer.status(), 200, "{}", host.name);
    let answer = ask(host.peer.address(), &get("/cgi-bin/own/tell.cgi"));
    assert_eq!(
        answer.told("own").as_deref(),
        Some("quo\"te $x {y}"),
        "{}",
        host.name
    );
}

#[test]
fn scopes_hold_on_every_host() {
    let site = site(SCOPES);
    for host in live_hosts(&site) {
        check_scopes(&host);
    }
}

/// A folder after a URL: Apache by itself would take them the other way round.
#[test]
fn the_order_of_the_scopes_holds_where_it_is_not_the_hosts_own() {
    let order = "
[[scopes]]
url = \"/cgi-bin\"
require = \"all denied\"
[[scopes]]
folder = \"cgi-bin/own\"
require = \"all granted\"
[[scopes]]
files = \"*.cgi\"
set_environment = { OWN = \"all\" }
";
    let site = site(order);
    for host in live_hosts(&site) {
        check(&host, "/cgi-bin/near/tell.cgi", None, 403);
        check(&host, "/cgi-bin/own/tell.cgi", None, 200);
        let answer = ask(host.peer.address(), &get("/cgi-bin/own/tell.cgi"));
        assert_eq!(answer.told("own").as_deref(), Some("all"), "{}", host.name);
    }
}

#[test]
fn an_error_document_answers_with_its_status() {
    let site = site(DOCUMENTS);
    for host in live_hosts(&site) {
        let answer = ask(host.peer.address(), &get("/none.html"));
        let expected = (404, "<p>Gone astray".to_owned());
        assert_eq!(
            (answer.status(), answer.text()),
            expected,
            "{}\n{}",
            host.name,
            host.text
        );
    }
}

#[test]
fn nothing_that_is_private_is_opened_again_by_a_scope() {
    let site = site("[[scopes]]\nurl = \"/\"\nrequire = \"all granted\"\n");
    for host in live_hosts(&site) {
        for target in [
            "/.users",
            "/cgi-studio.toml",
            "/CGI-studio.toml",
            "/requests/login.http",
            "/requests/login1.HTTP.bin",
        ] {
            let found = status(&host, target, None);
            assert!(
                [403, 404].contains(&found),
                "{} {target} {found}",
                host.name
            );
        }
    }
}

/// What an import from Apache looks like: nothing is a script, but for what a folder says.
const BY_FOLDER: &str = "
[scripts]
suffixes = []
index = [\"index.say\"]
[[scopes]]
scripts = \"none\"
[[scopes]]
folder = \"notes\"
scripts = \"by-name\"
suffixes = [\".say\"]
[[scopes]]
folder = \"cgi-bin\"
scripts = \"all\"
[[scopes]]
url = \"/far\"
require = \"all denied\"
";

#[test]
fn a_folder_may_have_scripts_of_its_own_and_never_shows_them() {
    let site = site(BY_FOLDER);
    site.file("notes/tell.say", TELL, 0o755);
    site.file("notes/tell.say~", TELL, 0o644);
    site.file("notes/deep/index.say", TELL, 0o755);
    for host in live_hosts(&site) {
        check(&host, "/cgi-bin/own/tell.cgi", None, 200);
        check(&host, "/notes/a.html", None, 200);
        check(&host, "/notes/tell.say~", None, 403);
        for (target, info) in [
            ("/notes/tell.say/extra", "/extra"),
            ("/notes/deep/", "unset"),
        ] {
            let answer = ask(host.peer.address(), &get(target));
            let ran = answer.status() == 200 && answer.told("info").as_deref() == Some(info);
            let closed = answer.status() == 403 && host.name == "nginx";
            let what = answer.text();
            assert!(
                ran || closed,
                "{} {target}: {what}\n{}",
                host.name,
                host.text
            );
        }
    }
}
