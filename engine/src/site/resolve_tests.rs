//! URL paths against real folders: what answers, and the hostile ones.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use tempfile::TempDir;

use super::*;

fn site_of(files: &[(&str, &str, u32)]) -> (TempDir, Site) {
    let folder = tempfile::tempdir().unwrap();
    for (name, content, mode) in files {
        let file = folder.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, content).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(*mode)).unwrap();
    }
    let site = Site::open(folder.path()).unwrap();
    (folder, site)
}

fn usual_site() -> (TempDir, Site) {
    site_of(&[
        ("index.html", "<p>", 0o644),
        ("page.html", "<p>", 0o644),
        ("tool.py", "#!/usr/bin/python3\n", 0o644),
        ("tool.PY.bak", "#!/usr/bin/python3\n", 0o644),
        ("tool.py~", "#!/usr/bin/python3\n", 0o644),
        ("runme", "#!/bin/sh\n", 0o755),
        ("notrun", "#!/bin/sh\n", 0o644),
        ("photo.jpg", "\u{7f}no", 0o777),
        ("program", "\u{7f}ELF\u{2}", 0o755),
        ("with space/a b.py", "", 0o755),
        ("plain/x.txt", "", 0o644),
        ("indexed/index.py", "", 0o755),
        ("indexed/other.txt", "", 0o644),
        ("x.sh/inside.txt", "", 0o644),
        (".env", "SECRET", 0o644),
        (".git/config", "", 0o644),
        ("cgi-studio.toml", "", 0o644),
        ("cgi-bin/hello.py", "#!/usr/bin/python3\n", 0o755),
        ("cgi-bin/data.txt", "", 0o644),
        ("cgi-bin/.hidden.py", "", 0o755),
        ("cgi-bin/sub/deep.cgi", "", 0o755),
        ("cgi-bin/app/index.py", "", 0o755),
        ("cgi-binX/hello.py.txt", "", 0o644),
    ])
}

/// The target in one line: paths from the site's folder, and what is left of the URL.
pub(super) fn in_short(site: &Site, path: &[u8], target: &Target) -> String {
    let short = |file: &Path| {
        let inside = file.strip_prefix(&site.root).map(Path::to_path_buf);
        inside
            .unwrap_or_else(|_| file.to_owned())
            .to_string_lossy()
            .into_owned()
    };
    match target {
        Target::Script {
            file,
            script_name_length,
            path_translated,
        } => {
            let (name, extra) = path.split_at(*script_name_length);
            let translated = path_translated.as_deref().map(short);
            assert_eq!(translated.is_some(), !extra.is_empty());
            let (name, extra) = (
                String::from_utf8_lossy(name),
                String::from_utf8_lossy(extra),
            );
            format!("script {} {name}|{extra}", short(file))
        }
        Target::Action {
            file,
            handler,
            path_info,
            ..
        } => {
            let path_info = String::from_utf8_lossy(path_info);
            format!("action {} {handler}|{path_info}", short(file))
        }
        Target::File { file } => format!("file {}", short(file)),
        Target::Directory {
            folder,
            listable,
            url,
        } => {
            format!(
                "folder {}{} {url}",
                short(folder),
                if *listable { "" } else { " closed" }
            )
        }
        Target::AddSlash { location } => format!("slash {location}"),
        Target::NotFound { nearest } => format!("404 {}", nearest.as_deref().unwrap_or("-")),
        Target::Forbidden { .. } => "403".to_owned(),
    }
}

#[track_caller]
pub(super) fn check(site: &Site, path: impl AsRef<[u8]>, expected: &str) {
    let resolution = resolve(site, path.as_ref());
    let shown = String::from_utf8_lossy(path.as_ref());
    assert_eq!(
        in_short(site, path.as_ref(), &resolution.target),
        expected,
        "{shown}: {:#?}",
        resolution.steps
    );
    for step in &resolution.steps {
        assert!(!step.to_string().is_empty(), "{step:?}");
    }
}

#[test]
fn the_first_regular_file_wins_and_the_rest_is_extra_path() {
    let (_folder, site) = usual_site();
    for (path, expected) in [
        (
            "/cgi-bin/hello.py",
            "script cgi-bin/hello.py /cgi-bin/hello.py|",
        ),
        (
            "/cgi-bin/hello.py/",
            "script cgi-bin/hello.py /cgi-bin/hello.py|/",
        ),
        (
            "/cgi-bin/hello.py/a/b",
            "script cgi-bin/hello.py /cgi-bin/hello.py|/a/b",
        ),
        (
            "/cgi-bin/hello.py//a/./b/",
            "script cgi-bin/hello.py /cgi-bin/hello.py|//a/./b/",
        ),
        (
            "/cgi-bin/hello.py/.hidden",
            "script cgi-bin/hello.py /cgi-bin/hello.py|/.hidden",
        ),
        (
            "//cgi-bin///hello.py/x",
            "script cgi-bin/hello.py //cgi-bin///hello.py|/x",
        ),
        (
            "/./cgi-bin/hello.py",
            "script cgi-bin/hello.py /./cgi-bin/hello.py|",
        ),
        (
            "/cgi-bin/sub/deep.cgi/x",
            "script cgi-bin/sub/deep.cgi /cgi-bin/sub/deep.cgi|/x",
        ),
        (
            "/with space/a b.py",
            "script with space/a b.py /with space/a b.py|",
        ),
    ] {
        check(&site, path, expected);
    }
}

#[test]
fn a_prefix_matches_whole_components_only() {
    let (_folder, site) = usual_site();
    check(
        &site,
        "/cgi-binX/hello.py.txt",
        "file cgi-binX/hello.py.txt",
    );
    check(&site, "/cgi-bi/hello.py", "404 /cgi-bin");
}

#[test]
fn everything_in_a_script_folder_is_run_and_nothing_is_sent() {
    let (_folder, site) = usual_site();
    check(
        &site,
        "/cgi-bin/data.txt",
        "script cgi-bin/data.txt /cgi-bin/data.txt|",
    );
    check(&site, "/cgi-bin/", "403");
    check(&site, "/cgi-bin", "403");
    check(&site, "/cgi-bin/sub/", "403");
    check(
        &site,
        "/cgi-bin/app/",
        "script cgi-bin/app/index.py /cgi-bin/app/|",
    );
    check(&site, "/cgi-bin/app", "slash /cgi-bin/app/");
}

#[test]
fn elsewhere_a_script_is_known_by_its_suffix_or_by_what_it_is() {
    let (_folder, site) = usual_site();
    for (path, expected) in [
        ("/tool.py", "script tool.py /tool.py|"),
        ("/tool.py/x", "script tool.py /tool.py|/x"),
        ("/runme/x", "script runme /runme|/x"),
        ("/program", "script program /program|"),
        ("/notrun", "file notrun"),
        ("/photo.jpg", "file photo.jpg"),
        ("/tool.py~", "403"),
        ("/tool.PY.bak", "403"),
        ("/page.html", "file page.html"),
        ("/page.html/", "404 -"),
        ("/page.html/extra", "404 -"),
        ("/x.sh", "slash /x.sh/"),
        ("/x.sh/inside.txt", "file x.sh/inside.txt"),
    ] {
        check(&site, path, expected);
    }
}

#[test]
fn a_folder_answers_through_its_index_or_a_list() {
    let (_folder, site) = usual_site();
    for (path, expected) in [
        ("/", "file index.html"),
        ("//", "file index.html"),
        ("", "slash /"),
        ("/plain", "slash /plain/"),
        ("//plain", "slash /plain/"),
        ("/plain/", "folder plain /plain/"),
        ("/with space", "slash /with%20space/"),
        ("/indexed/", "script indexed/index.py /indexed/|"),
        ("/indexed/nothing", "404 -"),
    ] {
        check(&site, path, expected);
    }
}

#[test]
fn dot_files_and_the_configuration_do_not_exist() {
    let (_folder, site) = usual_site();
    for path in [
        "/.env",
        "/.git/config",
        "/cgi-studio.toml",
        "/CGI-Studio.TOML",
        "/requests/login.http",
        "/requests/Login.HTTP",
        "/cgi-bin/.hidden.py",
        "/../x",
        "/plain/../.env",
    ] {
        check(&site, path, "404 -");
    }
}

#[test]
fn what_is_missing_is_met_with_a_near_name() {
    let (_folder, site) = usual_site();
    for (path, expected) in [
        ("/cgi-bin/Hello.py", "404 /cgi-bin/hello.py"),
        ("/cgi-bin/hello", "404 /cgi-bin/hello.py"),
        ("/cgi-bin/helo.py/extra", "404 /cgi-bin/hello.py"),
        ("/hello.py", "404 /cgi-bin/hello.py"),
        ("/cgi-bin/page.html", "404 /page.html"),
        ("/with space/a c.py", "404 /with%20space/a%20b.py"),
        ("/.envx", "404 -"),
        ("/env", "404 -"),
        ("/something/else/entirely", "404 -"),
    ] {
        check(&site, path, expected);
    }
    check(&site, format!("/{}", "x".repeat(70_000)), "404 -");
    check(&site, "/a".repeat(30_000), "404 -");
}

#[test]
fn names_that_are_not_utf_8_work() {
    let (folder, mut site) = usual_site();
    let name = OsStr::from_bytes(b"caf\xE9.py");
    if fs::write(folder.path().join("cgi-bin").join(name), "").is_err() {
        return; // macOS refuses such names.
    }
    site.reload();
    let resolution = resolve(&site, b"/cgi-bin/caf\xE9.py/\xFF");
    let Target::Script {
        file,
        script_name_length,
        ..
    } = resolution.target
    else {
        panic!()
    };
    assert_eq!((file.file_name(), script_name_length), (Some(name), 16));
    check(&site, b"/cgi-bin/\xFF.py", "404 -");
}

#[test]
fn links_stay_within_the_site() {
    let (folder, mut site) = usual_site();
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("secret.txt"), "").unwrap();
    let link = |to: &Path, name: &str| symlink(to, folder.path().join(name)).unwrap();
    link(&outside.path().join("secret.txt"), "secret.txt");
    link(outside.path(), "out");
    link(Path::new("plain"), "in");
    link(Path::new("loop"), "loop");
    link(Path::new("nowhere"), "broken");
    link(Path::new("cgi-bin/data.txt"), "shown.txt");
    link(Path::new("tool.py"), "tool.txt");
    link(Path::new("cgi-bin"), "bin");
    for (path, expected) in [
        ("/secret.txt", "403"),
        ("/out/", "403"),
        ("/out/secret.txt", "403"),
        ("/out/guess", "403"),
        ("/in/x.txt", "file in/x.txt"),
        ("/in", "slash /in/"),
        ("/loop", "404 -"),
        ("/broken", "404 -"),
        // A second name must not turn a script's source into a text.
        ("/shown.txt", "script shown.txt /shown.txt|"),
        ("/tool.txt", "script tool.txt /tool.txt|"),
        ("/bin/data.txt", "script bin/data.txt /bin/data.txt|"),
    ] {
        check(&site, path, expected);
    }
    fs::write(
        folder.path().join("cgi-studio.toml"),
        "[options]\nallow_outside_root = true\n",
    )
    .unwrap();
    site.reload();
    check(&site, "/out/secret.txt", "file out/secret.txt");
}

#[test]
fn pipes_are_refused_without_being_opened() {
    let (folder, site) = usual_site();
    let pipe = folder.path().join("cgi-bin/pipe.py");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &pipe,
        rustix::fs::FileType::Fifo,
        0o600.into(),
        0,
    )
    .unwrap();
    check(&site, "/cgi-bin/pipe.py", "403");
}

#[test]
fn the_configuration_moves_folders_and_suffixes() {
    let (folder, mut site) = usual_site();
    let configured = r#"
        [scripts]
        script_aliases = { "/run/deep" = "cgi-bin/sub", "/one" = "cgi-bin/hello.py" }
        aliases = { "/run" = "plain", "/up" = ".." }
        suffixes = [".x"]
        interpreters = { ".TXT" = "cat" }
        index = ["other.txt"]
        refuse_extra_path = ["cgi-bin/hello.py"]
        [options]
        directory_listing = false
    "#;
    fs::write(folder.path().join("cgi-studio.toml"), configured).unwrap();
    site.reload();
    for (path, expected) in [
        (
            "/run/deep/deep.cgi/x",
            "script cgi-bin/sub/deep.cgi /run/deep/deep.cgi|/x",
        ),
        ("/run/deeper", "404 -"),
        ("/run/x.txt/y", "script plain/x.txt /run/x.txt|/y"),
        ("/one", "script cgi-bin/hello.py /one|"),
        ("/one/more", "404 -"),
        ("/up/", "403"),
        ("/up/x", "403"),
        ("/indexed/", "script indexed/other.txt /indexed/|"),
        ("/x.sh/", "folder x.sh closed /x.sh/"),
        ("/tool.py", "file tool.py"),
        // The folder keeps being a script folder, whatever URL leads there.
        (
            "/cgi-bin/sub/deep.cgi",
            "script cgi-bin/sub/deep.cgi /cgi-bin/sub/deep.cgi|",
        ),
    ] {
        check(&site, path, expected);
    }
}

#[test]
fn one_script_may_answer_for_the_whole_site() {
    let (folder, mut site) = usual_site();
    let configured = r#"
        [scripts]
        script_aliases = { "/" = "tool.py" }
        aliases = { "/plain" = "plain" }
    "#;
    fs::write(folder.path().join("cgi-studio.toml"), configured).unwrap();
    site.reload();
    for (path, expected) in [
        ("/", "script tool.py |/"),
        ("/a/b.html", "script tool.py |/a/b.html"),
        ("/cgi-bin/hello.py", "script tool.py |/cgi-bin/hello.py"),
        ("//a", "script tool.py |//a"),
        ("/plain/x.txt", "file plain/x.txt"),
    ] {
        check(&site, path, expected);
    }
}

#[test]
fn a_folder_that_is_a_cgi_bin_itself_works() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("cgi-bin");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("hello.py"), "").unwrap();
    fs::write(folder.join("notes.txt"), "").unwrap();
    let site = Site::open(&folder).unwrap();
    check(
        &site,
        "/cgi-bin/hello.py/x",
        "script hello.py /cgi-bin/hello.py|/x",
    );
    check(&site, "/hello.py/x", "script hello.py /hello.py|/x");
    check(&site, "/notes.txt", "script notes.txt /notes.txt|");
    check(&site, "/", "folder  /");
    check(&site, "/cgi-bin/", "403");
}

#[test]
fn a_site_without_a_script_folder_runs_scripts_where_they_are() {
    let (_folder, site) = site_of(&[("hello.py", "", 0o644), ("style.css", "", 0o644)]);
    check(&site, "/hello.py/x", "script hello.py /hello.py|/x");
    check(&site, "/style.css", "file style.css");
    check(&site, "/cgi-bin/hello.py", "404 /hello.py");
}

#[test]
fn the_steps_tell_the_story() {
    let (_folder, site) = usual_site();
    let steps = resolve(&site, b"/cgi-bin/sub/deep.cgi/more").steps;
    let told: Vec<String> = steps.iter().map(Step::to_string).collect();
    let [alias, folder, file, because] = told.as_slice() else {
        panic!("{told:#?}")
    };
    assert!(
        alias.starts_with("the URL starts with /cgi-bin/, which is the script folder /"),
        "{alias}"
    );
    assert_eq!(folder, "sub is a folder");
    assert_eq!(
        file,
        "deep.cgi is the first regular file; the rest, /more, is extra path"
    );
    assert_eq!(because, "it stands in a script folder, so it is run");
}
