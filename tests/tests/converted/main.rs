//! Configuration of Apache, converted and served by the studio: it answers as Apache does with the original.

// A test that panics has failed: that is all an unwrap means here.
#![allow(clippy::unwrap_used)]

use cgi_engine::convert::Conversion;
use cgi_engine::convert::apache::{ReadOptions, read};
use cgi_tests::peers::{Configuration, Peer, PeerKind, configuration};
use cgi_tests::{Answer, Client, TempSite, TestEngine};
use std::cell::RefCell;
use std::fs;
use std::path::Path;

/// The program that starts the engine's scripts.
const CHILD: &str = env!("CARGO_BIN_EXE_cgi-child");

/// Tells what the configuration decides.
const TELL: &str = "#!/bin/sh
printf 'Content-Type: text/plain\\n\\n'
printf '%s\\n' \"name=$SCRIPT_NAME\" \"info=${PATH_INFO-unset}\" \"site=${SITE-unset}\" \"folder=${FOLDER-unset}\"
printf '%s\\n' \"user=${REMOTE_USER-unset}\" \"login=${HTTP_AUTHORIZATION-unset}\" \"query=$QUERY_STRING\" \"method=$REQUEST_METHOD\" \"referer=${HTTP_REFERER-unset}\" \"path=$PATH\"
";

/// `ann` with the password `secret`.
const USERS: &str = "ann:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n";
const ANN: &str = "Authorization: Basic YW5uOnNlY3JldA==\r\n";

/// `$HERE` is the folder of the site, which is the document root too.
const CONFIGURATION: &str = r#"
ScriptAlias /cgi-bin/ $HERE/cgi-bin/
ScriptAliasMatch ^/apps/([a-z]+)/run$ $HERE/apps/$1.sh
Alias /pictures/ $HERE/images/
AliasMatch ^/old/(.*)\.gif$ $HERE/images/$1.txt
DirectoryIndex index.html index.sh
AddHandler cgi-script .sh
SetEnv SITE "from the site"
PassEnv NOBODY_SETS_THIS
AddHandler markdown .md
Action markdown /cgi-bin/tell.sh
Script PUT /cgi-bin/put.sh

<Directory $HERE>
    AllowOverride None
    Require all granted
</Directory>
<Directory $HERE/run>
    Options +ExecCGI
    AcceptPathInfo Off
</Directory>
<Directory "$HERE/run/deep">
    AcceptPathInfo On
    SetEnv FOLDER deep
    SetEnv REQUEST_METHOD FAKE
    SetEnv PATH "/opt/none:/usr/bin:/bin"
    UnsetEnv SITE HTTP_REFERER
</Directory>
<Directory $HERE/list>
    Options Indexes
</Directory>
<Directory $HERE/open>
    AllowOverride All
</Directory>
<Directory $HERE/closed>
    Order deny,allow
    Deny from all
</Directory>
<Directory $HERE/limited>
    Options ExecCGI
    <Limit POST>
        Require all denied
    </Limit>
</Directory>
<Directory $HERE/limited/not>
    Require all granted
    <Limit POST>
        Require user bob
    </Limit>
</Directory>
<Directory $HERE/limited/except>
    Require all granted
    <LimitExcept GET>
        Order deny,allow
        Deny from all
    </LimitExcept>
</Directory>
<Directory $HERE/merged>
    Require ip 10.0.0.0/8
</Directory>
<Directory $HERE/merged/and>
    AuthMerging And
    Require all granted
</Directory>
<Directory $HERE/merged/or>
    AuthMerging Or
    Require local
</Directory>
<Directory $HERE/run/none>
    Options None
    RemoveHandler .sh
    DirectoryIndex disabled
</Directory>
<Directory $HERE/images/shown>
    SetHandler default-handler
    Order allow,deny
    Allow from all
    Deny from 10.0.0.0/8 env=SITE_IS_CLOSED
</Directory>
<DirectoryMatch "/match/[a-z]*">
    SetHandler cgi-script
    Options +ExecCGI
</DirectoryMatch>
<Files "*.private">
    Require all denied
</Files>
<FilesMatch "\.(cgi|fcgi)$">
    SetHandler cgi-script
</FilesMatch>
<Location /images/mine>
    Order allow,deny
    Allow from 127.0.0.1 10.0.0.0/8
</Location>
<Location /images/theirs>
    Require ip 10.0.0.0/8
</Location>
<Location /cgi-bin/members.sh>
    AuthType Basic
    AuthName "The Club"
    AuthUserFile $HERE/users
    Require valid-user
</Location>
<Location /cgi-bin/bob.sh>
    AuthType Basic
    AuthName "The Club"
    AuthUserFile $HERE/users
    Require user bob
</Location>
<Location /cgi-bin/either.sh>
    AuthType Basic
    AuthName "The Club"
    AuthUserFile $HERE/users
    Order deny,allow
    Deny from all
    Require valid-user
    Satisfy Any
    CGIPassAuth On
</Location>
<LocationMatch "^/(never|nowhere)/">
    Require all denied
</LocationMatch>
"#;

/// The files of the site; those that begin with `#!` are executable.
fn site() -> TempSite {
    let site = TempSite::new(Path::new(CHILD));
    let put = TELL.replace("Content-Type", "Status: 201 Created\\nContent-Type");
    for (name, text) in [
        ("cgi-bin/tell.sh", TELL),
        ("cgi-bin/members.sh", TELL),
        ("cgi-bin/bob.sh", TELL),
        ("cgi-bin/either.sh", TELL),
        ("cgi-bin/put.sh", &put),
        ("apps/one.sh", TELL),
        ("run/a.sh", TELL),
        ("run/b.cgi", TELL),
        ("run/index.sh", TELL),
        ("run/deep/a.sh", TELL),
        ("run/plain.txt", "plain\n"),
        ("plain/a.sh", TELL),
        ("plain/b.cgi", TELL),
        ("plain/c.txt", "plain\n"),
        ("plain/d.private", "private\n"),
        ("notes/a.md", "# Notes\n"),
        ("list/a.txt", "a\n"),
        ("closed/a.txt", "a\n"),
        ("limited/a.sh", TELL),
        ("match/tool", TELL),
        ("matches/tool.txt", "tool\n"),
        ("limited/not/a.sh", TELL),
        ("limited/except/a.sh", TELL),
        ("merged/and/a.txt", "and\n"),
        ("merged/or/a.txt", "or\n"),
        ("run/none/a.sh", "shown\n"),
        ("run/none/index.html", "index\n"),
        ("run/none/b.cgi", TELL),
        ("images/shown/a.sh", "shown\n"),
        ("images/a.txt", "picture\n"),
        ("images/mine/a.txt", "mine\n"),
        ("images/theirs/a.txt", "theirs\n"),
        ("never/a.txt", "never\n"),
        ("users", USERS),
        ("missing.txt", "nothing here\n"),
        ("open/a.sh", TELL),
        ("open/a.txt", "a\n"),
        (
            "open/.htaccess",
            "Options +ExecCGI\nSetEnv FOLDER open\nErrorDocument 404 /missing.txt\nErrorDocument 403 \"Go away\"\n",
        ),
        ("open/theirs/a.txt", "theirs\n"),
        ("open/theirs/.htaccess", "Require ip 10.0.0.1\n"),
        ("open/mine/a.sh", TELL),
        ("open/mine/secret.sh", TELL),
        (
            "open/mine/.htaccess",
            "Require ip 127.0.0.1\n<Files secret.sh>\nRequire all denied\n</Files>\nCGIPassAuth On\n",
        ),
        ("run/.htaccess", "Require all denied\n"),
    ] {
        let mode = if text.starts_with("#!") { 0o755 } else { 0o644 };
        site.file(name, text, mode);
    }
    site
}

fn request(method: &str, target: &str, more: &str) -> String {
    format!("{method} {target} HTTP/1.1\r\nHost: localhost\r\n{more}Connection: close\r\n\r\n")
}

/// The requests, with what both answer: the status, and a part of the body.
fn cases() -> Vec<(String, u16, &'static str)> {
    let get = |target: &str| request("GET", target, "");
    let post = |target: &str| request("POST", target, "Content-Length: 0\r\n");
    let ann = |target: &str| request("GET", target, ANN);
    vec![
        (
            get("/cgi-bin/tell.sh/a/b?c"),
            200,
            "info=/a/b\nsite=from the site\nfolder=unset\nuser=unset\nlogin=unset\nquery=c",
        ),
        (get("/apps/one/run"), 200, "name=/apps/one/run\n"),
        (get("/apps/two/run"), 404, ""),
        (get("/pictures/a.txt"), 200, "picture\n"),
        (get("/old/a.gif"), 200, "picture\n"),
        (get("/run/"), 200, "info=unset\nsite=from the site\n"),
        (get("/run/a.sh"), 200, "site=from the site\n"),
        (get("/run/a.sh/more"), 404, ""),
        (get("/run/b.cgi"), 200, "name=/run/b.cgi\n"),
        (
            get("/run/deep/a.sh/more"),
            200,
            "info=/more\nsite=unset\nfolder=deep\n",
        ),
        (get("/run/plain.txt"), 200, "plain\n"),
        (get("/plain/a.sh"), 403, ""),
        (get("/plain/b.cgi"), 403, ""),
        (get("/plain/c.txt"), 200, "plain\n"),
        (get("/plain/c.txt/more"), 404, ""),
        (get("/plain/d.private"), 403, ""),
        (get("/plain/"), 403, ""),
        (get("/list/"), 200, "a.txt"),
        (
            get("/notes/a.md"),
            200,
            "name=/cgi-bin/tell.sh\ninfo=/notes/a.md\n",
        ),
        (get("/closed/a.txt"), 403, ""),
        (get("/limited/a.sh"), 200, "name=/limited/a.sh\n"),
        (
            request("POST", "/limited/a.sh", "Content-Length: 0\r\n"),
            403,
            "",
        ),
        (get("/match/tool"), 200, "name=/match/tool\n"),
        (get("/matches/tool.txt"), 200, "tool\n"),
        (post("/limited/not/a.sh"), 200, "method=POST\n"),
        (get("/limited/except/a.sh"), 200, "method=GET\n"),
        (post("/limited/except/a.sh"), 403, ""),
        (get("/merged/and/a.txt"), 403, ""),
        (get("/merged/or/a.txt"), 200, "or\n"),
        (get("/run/none/a.sh"), 200, "shown\n"),
        (get("/run/none/b.cgi"), 403, ""),
        (get("/run/none/"), 403, ""),
        (
            request("GET", "/run/deep/a.sh?q", "Referer: http://x/\r\n"),
            200,
            "query=q\nmethod=GET\nreferer=http://x/\npath=/opt/none:/usr/bin:/bin\n",
        ),
        (get("/images/shown/a.sh"), 200, "shown\n"),
        (get("/images/mine/a.txt"), 200, "mine\n"),
        (get("/images/theirs/a.txt"), 403, ""),
        (get("/never/a.txt"), 403, ""),
        (get("/cgi-bin/members.sh"), 401, ""),
        (ann("/cgi-bin/members.sh"), 200, "user=ann\nlogin=unset\n"),
        (ann("/cgi-bin/bob.sh"), 401, ""),
        (get("/cgi-bin/either.sh"), 401, ""),
        (
            ann("/cgi-bin/either.sh"),
            200,
            "login=Basic YW5uOnNlY3JldA==\n",
        ),
        (
            request("PUT", "/plain/c.txt", "Content-Length: 0\r\n"),
            201,
            "name=/cgi-bin/put.sh\ninfo=/plain/c.txt\n",
        ),
        (get("/open/a.sh"), 200, "site=from the site\nfolder=open\n"),
        (get("/open/none"), 404, "nothing here\n"),
        (get("/open/theirs/a.txt"), 403, "Go away"),
        (get("/open/theirs/none"), 403, "Go away"),
        (
            ann("/open/mine/a.sh"),
            200,
            "folder=open\nuser=unset\nlogin=Basic YW5uOnNlY3JldA==\n",
        ),
        (get("/open/mine/secret.sh"), 403, "Go away"),
    ]
}

fn ask(address: std::net::SocketAddr, request: &str) -> Answer {
    let mut client = Client::connect(address);
    client.send(request);
    client.answer()
}

/// What is wrong with the answers of one host.
fn wrong(host: &str, address: std::net::SocketAddr) -> Vec<String> {
    let cases = cases().into_iter();
    cases
        .filter_map(|(request, status, body)| {
            let answer = ask(address, &request);
            let line = request.lines().next().unwrap_or_default();
            let fits = answer.status() == status && answer.text().contains(body);
            (!fits).then(|| {
                format!(
                    "{host}: {line}: not {status} {body:?} but {} {:?}",
                    answer.status(),
                    answer.text()
                )
            })
        })
        .collect()
}

fn site_part(folder: &Path) -> String {
    CONFIGURATION.replace("$HERE", folder.to_str().unwrap())
}

fn convert(site: &TempSite, whole: &str) -> Conversion {
    let file = site.file("httpd.conf", whole, 0o644);
    let options = ReadOptions {
        site_folder: Some(site.root()),
        ..ReadOptions::default()
    };
    read(&[file], &options).unwrap()
}

/// Converts, checks that nothing that matters is lost, and writes the studio's own file.
fn install(site: &TempSite, whole: &str) {
    let conversion = convert(site, whole);
    let lost: Vec<_> = conversion
        .notes
        .iter()
        .filter(|note| note.matters && note.grade != cgi_engine::convert::Grade::Taken)
        .collect();
    assert!(lost.is_empty(), "{lost:#?}");
    site.file("cgi-studio.toml", conversion.to_toml(), 0o644);
}

#[test]
fn the_studio_answers_as_the_configuration_says() {
    let site = site();
    let root = site.root();
    let whole = format!("DocumentRoot {}\n{}", root.display(), site_part(&root));
    install(&site, &whole);
    let toml = fs::read_to_string(site.path("cgi-studio.toml")).unwrap();
    let engine = TestEngine::start(Path::new(CHILD), site);
    assert!(engine.engine.site().problems.is_empty(), "{toml}");
    let wrong = wrong("studio", engine.address());
    assert!(wrong.is_empty(), "{}\n{toml}", wrong.join("\n"));
}

#[test]
fn apache_answers_the_same_with_the_original() {
    if !PeerKind::Apache.is_here() {
        return;
    }
    let site = site();
    let original = RefCell::new(String::new());
    let text = |place: &configuration::Place| {
        let whole = configuration::frame(PeerKind::Apache, place, &site_part(&place.folder));
        original.replace(whole.clone());
        whole
    };
    let peer = Peer::start_with(PeerKind::Apache, &site.root(), &Configuration::Whole(&text));
    let peer = peer.unwrap();
    let wrong = wrong("apache", peer.address());
    assert!(wrong.is_empty(), "{}\n{}", wrong.join("\n"), peer.log());
    // With the modules, the address and all the rest of it.
    install(&site, &original.borrow());
}
