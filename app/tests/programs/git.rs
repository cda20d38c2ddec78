//! `git-http-backend` and git itself: clone, fetch and push of a repository of 20 MB over HTTP.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::served::Served;
use crate::support::program::{command, installed, output};
use crate::support::studio::{Home, wait_until};

/// What `big` holds where it is big: noise, so that no compression makes it less.
const BIG: u64 = 20_000_000;
/// More than git sends in one piece by itself.
const SMALL: u64 = 2_000_000;

/// A bare repository that is served, and a clone of it with a file in it that nobody has pushed yet.
struct Hosted {
    site: Served,
    bare: PathBuf,
    work: PathBuf,
}

impl Hosted {
    fn new(bytes: u64) -> Option<Self> {
        if !installed(&["git", "curl"]) {
            return None;
        }
        let home = Home::new();
        let path = home.path().to_owned();
        let bare = path.join("repositories/a.git");
        git(&path, &["config", "--global", "user.name", "Tester"]);
        git(
            &path,
            &["config", "--global", "user.email", "tester@localhost"],
        );
        git(&path, &["config", "--global", "init.defaultBranch", "main"]);
        git(
            &path,
            &["init", "--quiet", "--bare", bare.to_str().unwrap()],
        );
        git(&bare, &["config", "http.receivepack", "true"]);
        let folder = path.join("site");
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("cgi-studio.toml"), configuration(&path)).unwrap();
        let site = Served::start(home, &folder);
        let work = path.join("work");
        git(
            &path,
            &["clone", "--quiet", &site.url("/git/a.git"), "work"],
        );
        let mut noise = Vec::new();
        let random = fs::File::open("/dev/urandom").unwrap();
        random.take(bytes).read_to_end(&mut noise).unwrap();
        fs::write(work.join("big"), noise).unwrap();
        git(&work, &["add", "big"]);
        git(&work, &["commit", "--quiet", "--message", "noise"]);
        Some(Self { site, bare, work })
    }

    /// Clones the repository into a new folder of the home.
    fn clone(&self, name: &str, arguments: &[&str]) -> PathBuf {
        let url = self.site.url("/git/a.git");
        let home = self.site.home.path();
        git(
            home,
            &[&["clone", "--quiet"], arguments, &[&url, name]].concat(),
        );
        home.join(name)
    }

    /// Both have the same head, and every object of it is whole.
    #[track_caller]
    fn check_equal(&self, other: &Path) {
        let heads = [&*self.bare, other].map(|folder| {
            git(folder, &["fsck", "--full", "--strict"]);
            git(folder, &["rev-parse", "refs/heads/main"])
        });
        assert_eq!(heads[0], heads[1]);
    }
}

fn configuration(home: &Path) -> String {
    let backend = git(home, &["--exec-path"]);
    format!(
        r#"
        [scripts]
        script_aliases = {{ "/git" = "{backend}/git-http-backend" }}
        [environment]
        GIT_PROJECT_ROOT = "{}/repositories"
        GIT_HTTP_EXPORT_ALL = "1"
        [options]
        allow_outside_root = true
        "#,
        home.display()
    )
}

/// Runs git in a folder; returns the first line that it prints.
#[track_caller]
pub(crate) fn git(folder: &Path, arguments: &[&str]) -> String {
    let printed = output(git_in(folder).args(arguments));
    let printed = String::from_utf8(printed).unwrap();
    printed.lines().next().unwrap_or_default().to_owned()
}

/// Runs git and returns what it says of its talk over HTTP.
#[track_caller]
fn talk(folder: &Path, arguments: &[&str]) -> String {
    let file = folder.join(".git/talk");
    let _ = fs::remove_file(&file);
    output(
        git_in(folder)
            .env("GIT_TRACE_CURL", &file)
            .env("GIT_TRACE_CURL_NO_DATA", "1")
            .args(arguments),
    );
    String::from_utf8_lossy(&fs::read(file).unwrap()).to_lowercase()
}

fn git_in(folder: &Path) -> Command {
    // The home is the nearest folder above that has the settings.
    let home = folder
        .ancestors()
        .find(|folder| folder.join("repositories").is_dir());
    let mut git = command("git", home.unwrap_or(folder));
    git.env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_TERMINAL_PROMPT", "0")
        .current_dir(folder);
    git
}

#[test]
fn twenty_megabytes_are_pushed_in_chunks_and_cloned() {
    let Some(hosted) = Hosted::new(BIG) else {
        return;
    };
    let said = talk(&hosted.work, &["push", "--quiet", "origin", "main"]);
    assert!(said.contains("transfer-encoding: chunked"), "{said}");
    let copy = hosted.clone("copy", &[]);
    hosted.check_equal(&copy);
    assert_eq!(fs::metadata(copy.join("big")).unwrap().len(), BIG);
    hosted.check_equal(&hosted.clone("bare-copy", &["--bare", "--config", "protocol.version=0"]));
    hosted.site.end_in_silence();
}

#[test]
fn twenty_megabytes_are_pushed_with_their_length() {
    let Some(hosted) = Hosted::new(BIG) else {
        return;
    };
    let length = ["-c", "http.postBuffer=100m"];
    let said = talk(
        &hosted.work,
        &[&length[..], &["push", "--quiet", "origin", "main"]].concat(),
    );
    assert!(said.contains("content-length: 200"), "{said}");
    hosted.check_equal(&hosted.work);
    hosted.check_equal(&hosted.clone("shallow", &["--depth", "1"]));
    hosted.site.end_in_silence();
}

#[test]
fn a_fetch_sends_what_it_has_compressed() {
    let Some(hosted) = Hosted::new(SMALL) else {
        return;
    };
    git(&hosted.work, &["push", "--quiet", "origin", "main"]);
    let copy = hosted.clone("copy", &[]);
    // Every commit that only the copy has is offered; a list so long is sent with gzip.
    for number in 0..200 {
        let message = format!("mine, {number}");
        git(
            &copy,
            &["commit", "--quiet", "--allow-empty", "--message", &message],
        );
    }
    git(
        &hosted.work,
        &["commit", "--quiet", "--allow-empty", "--message", "theirs"],
    );
    git(&hosted.work, &["push", "--quiet", "origin", "main"]);
    let said = talk(&copy, &["fetch", "--quiet", "origin"]);
    assert!(said.contains("content-encoding: gzip"), "{said}");
    let there = git(&hosted.bare, &["rev-parse", "main"]);
    assert_eq!(git(&copy, &["rev-parse", "origin/main"]), there);
    git(&copy, &["fsck", "--full"]);
    hosted.site.end_in_silence();
}

#[test]
fn a_push_may_wait_for_the_word_to_go_on() {
    let Some(hosted) = Hosted::new(SMALL) else {
        return;
    };
    for (buffer, number) in [("100m", 1), ("65536", 2)] {
        let message = format!("number {number}");
        git(
            &hosted.work,
            &["commit", "--quiet", "--allow-empty", "--message", &message],
        );
        let settings = [
            "-c",
            "http.extraHeader=Expect: 100-continue",
            "-c",
            &format!("http.postBuffer={buffer}"),
        ];
        let said = talk(
            &hosted.work,
            &[&settings[..], &["push", "--quiet", "origin", "main"]].concat(),
        );
        assert!(said.contains("http/1.1 100 continue"), "{said}");
        hosted.check_equal(&hosted.work);
    }
    hosted.site.end_in_silence();
}

#[test]
fn what_the_backend_does_not_serve_is_refused_by_the_backend() {
    let Some(hosted) = Hosted::new(SMALL) else {
        return;
    };
    git(&hosted.bare, &["config", "http.receivepack", "false"]);
    #[allow(clippy::disallowed_methods)] // tests drive the real programs
    let pushed = git_in(&hosted.work)
        .args(["push", "origin", "main"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&pushed.stderr).into_owned();
    assert!(!pushed.status.success() && said.contains("403"), "{said}");
    hosted
        .site
        .get("/git/a.git/info/refs?service=git-receive-pack")
        .check(403, "");
    hosted
        .site
        .get("/git/none.git/info/refs?service=git-upload-pack")
        .check(404, "");
    hosted.site.end_in_silence();
}

#[test]
fn a_client_of_the_old_protocol_fetches_file_by_file() {
    let Some(hosted) = Hosted::new(SMALL) else {
        return;
    };
    git(&hosted.work, &["push", "--quiet", "origin", "main"]);
    git(&hosted.bare, &["update-server-info"]);
    let home = hosted.site.home.path();
    let url = hosted.site.url("/git/a.git");
    output(
        git_in(home)
            .env("GIT_SMART_HTTP", "0")
            .args(["clone", "--quiet", &url, "dumb"]),
    );
    hosted.check_equal(&home.join("dumb"));
    hosted.site.end_in_silence();
}

#[test]
fn whoever_logs_in_may_push() {
    if !installed(&["openssl"]) {
        return;
    }
    let Some(hosted) = Hosted::new(SMALL) else {
        return;
    };
    // From now on the backend itself lets only those push whose name it is told (git-http-backend(1)).
    git(&hosted.bare, &["config", "--unset", "http.receivepack"]);
    let home = hosted.site.home.path();
    let mut openssl = command("openssl", home);
    let hash = String::from_utf8(output(openssl.args(["passwd", "-apr1", "secret"]))).unwrap();
    fs::write(home.join("users"), format!("ada:{hash}")).unwrap();
    let scope = r#"
        [[scopes]]
        url = "/git"
        authentication = { realm = "Repositories", user_file = "../users" }
        require = "valid-user"
    "#;
    fs::write(
        home.join("site/cgi-studio.toml"),
        configuration(home) + scope,
    )
    .unwrap();
    wait_until("the login is asked for", || {
        (hosted.site.get("/git/a.git/HEAD").status == 401).then_some(())
    });
    let helper = |password: &str| {
        format!("credential.helper=!echo username=ada; echo password={password}; :")
    };
    #[allow(clippy::disallowed_methods)] // tests drive the real programs
    let refused = git_in(&hosted.work)
        .args(["-c", &helper("wrong"), "push", "origin", "main"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("Authentication failed"), "{said}");
    // Of this length git sends the body in chunks.
    let login = ["-c", &helper("secret")];
    let push = [&login[..], &["push", "--quiet", "origin", "main"]].concat();
    let said = talk(&hosted.work, &push);
    assert!(said.contains("transfer-encoding: chunked"), "{said}");
    hosted.check_equal(&hosted.work);
    hosted.site.end_in_silence();
}
