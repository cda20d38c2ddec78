//! What is read of scopes, and that mistakes in them close and never open.

use std::path::{Path, PathBuf};

use super::super::config::{ConfigProblem, SiteConfig, Strictness};
use super::super::config_reader::parse;
use super::super::scope::{AcceptPathInfo, AuthenticationSettings, ErrorDocument};
use super::*;

fn read(text: &str) -> (SiteConfig, Vec<ConfigProblem>) {
    parse(Path::new("cgi-studio.toml"), text)
}

#[test]
fn every_key_of_a_scope_can_be_set() {
    let (config, problems) = read(
        r#"
        [[scopes]]
        folder = "cgi-bin"
        files = "*.cgi"
        scripts = "all"
        suffixes = [".cgi"]
        index = ["start.cgi"]
        accept_path_info = "on"
        directory_listing = false
        pass_authorization = true
        strictness = "strict"
        require = "local or ip 10.0.0.0/8"
        authentication = { realm = "Members", user_file = "/etc/htpasswd" }
        error_documents = { 404 = "/missing.html", "403" = "text:Go away", "500" = "HTTPS://x/" }
        actions = { ".md" = "/show", "text/x-wiki" = "/wiki" }
        method_scripts = { PUT = "/put" }
        set_environment = { NAME = "value" }
        pass_environment = ["LANG"]
        unset_environment = ["HTTP_REFERER"]
        [[scopes]]
        folder_match = "/private$"
        files_match = "^\\."
        [[scopes]]
        url = "/admin"
        [[scopes]]
        url_match = "^/[a-z]+$"
        [[scopes]]
        "#,
    );
    assert_eq!(problems, []);
    let [first, second, third, fourth, fifth] = config.scopes.as_slice() else {
        panic!("{:#?}", config.scopes)
    };
    assert_eq!(first.place, Place::Folder(PathBuf::from("cgi-bin")));
    assert_eq!(first.scripts, Some(ScriptsRule::All));
    assert_eq!(first.suffixes.as_deref(), Some(&[".cgi".to_owned()][..]));
    assert_eq!(first.index.as_deref(), Some(&["start.cgi".to_owned()][..]));
    assert_eq!(first.accept_path_info, Some(AcceptPathInfo::On));
    assert_eq!(first.directory_listing, Some(false));
    assert_eq!(first.pass_authorization, Some(true));
    assert_eq!(first.strictness, Some(Strictness::Strict));
    let require = first.require.as_ref().unwrap();
    assert_eq!(require.to_string(), "local or ip 10.0.0.0/8");
    let authentication = AuthenticationSettings {
        realm: "Members".to_owned(),
        user_file: PathBuf::from("/etc/htpasswd"),
    };
    assert_eq!(first.authentication, Some(authentication));
    let documents: Vec<_> = first.error_documents.clone().into_iter().collect();
    let expected = [
        (403, ErrorDocument::Text("Go away".to_owned())),
        (404, ErrorDocument::Path("/missing.html".to_owned())),
        (500, ErrorDocument::Url("HTTPS://x/".to_owned())),
    ];
    assert_eq!(documents, expected);
    assert_eq!(first.actions.len(), 2);
    assert_eq!(first.method_scripts.len(), 1);
    assert_eq!(first.set_environment.len(), 1);
    assert_eq!(first.pass_environment, ["LANG"]);
    assert_eq!(first.unset_environment, ["HTTP_REFERER"]);
    assert_eq!(second.place.to_string(), "folder_match = \"/private$\"");
    assert!(matches!(&second.files, Some(FileNames::Match(_))));
    assert_eq!(third.place, Place::Url("/admin".to_owned()));
    assert!(matches!(&fourth.place, Place::UrlMatch(_)));
    assert_eq!(*fifth, ScopeConfig::default());
}

#[test]
fn every_key_is_known_to_the_table() {
    for key in SCOPE_KEYS {
        let (_, problems) = read(&format!("[[scopes]]\n{key} = 1979-05-27"));
        let [problem] = problems.as_slice() else {
            panic!("{key}: {problems:#?}")
        };
        assert_eq!((problem.line, problem.column), (2, key.len() as u32 + 4));
        assert_eq!(problem.key, Some(format!("scopes[0].{key}")));
        assert!(problem.message.contains("must be"), "{problem}");
    }
}

/// What became of the one scope.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Became {
    Applied,
    Dropped,
    /// Closed, in the scope's own place.
    Closed,
    ClosedSite,
}

/// The keys give one problem with these words, and this becomes of the scope.
#[track_caller]
fn check(keys: &str, words: &str, expected: Became) {
    let (config, problems) = read(&format!("[[scopes]]\n{keys}\n"));
    let [problem] = problems.as_slice() else {
        panic!("{keys}: not one problem: {problems:#?}")
    };
    assert!(problem.message.contains(words), "{keys}: {problem}");
    let (became, said) = match config.scopes.as_slice() {
        [] => (Became::Dropped, "this scope is not applied"),
        [scope] if scope.closed_because.is_none() => (Became::Applied, ""),
        [scope] if scope.place == Place::Site => {
            (Became::ClosedSite, "nothing of this site is served")
        }
        [_] => (Became::Closed, "nothing in this scope is served"),
        more => panic!("{more:#?}"),
    };
    assert_eq!(became, expected, "{keys}: {problem}");
    assert!(problem.message.contains(said), "{keys}: {problem}");
}

#[test]
fn one_wrong_key_costs_one_key_where_nothing_is_guarded() {
    for (keys, words) in [
        ("index = 3", "a list of texts"),
        (
            "index = 3\nfolder = \"a\"\nrequire = \"local\"",
            "it is left out",
        ),
        (
            "accept_path_info = \"of\"",
            "\"default\", \"on\" or \"off\"",
        ),
        ("directory_listing = 1", "true or false"),
        ("strictness = \"x\"", "\"lenient\""),
        (
            "error_documents = { \"200\" = \"/x\" }",
            "not 400 to 599: \"200\"",
        ),
        (
            "error_documents = { \"404\" = \"x\" }",
            "must be a URL path such as",
        ),
        (
            "error_documents = { \"404\" = 3 }",
            "has \"404\", which must be text",
        ),
        (
            "method_scripts = { \"P T\" = \"/x\" }",
            "cannot be one: \"P T\"",
        ),
        ("method_scripts = { PUT = \"x\" }", "starts with \"/\""),
        (
            "set_environment = { \"A=B\" = \"x\" }",
            "no variable can have",
        ),
        ("pass_environment = [\"\"]", "no variable can have"),
        ("unset_environment = \"A\"", "a list of texts"),
        ("indx = []", "did you mean `index`?"),
        (
            "qqqqqqqqqqqq = 1\nindex = []",
            "known are folder, folder_match",
        ),
    ] {
        check(keys, words, Became::Applied);
    }
}

#[test]
fn what_restricts_and_cannot_be_read_is_closed() {
    for (guard, words) in [
        ("require = \"all grunted\"", "`granted` or `denied`"),
        ("require = []", "text in quotes"),
        ("require = \"valid-usr\"", "did you mean `valid-user`?"),
        ("authentication = { realm = \"x\" }", "with both"),
        (
            "authentication = { realm = \"x\", user_file = \"y\", z = \"\" }",
            "without \"z\"",
        ),
        ("scripts = \"non\"", "\"by-name\", \"all\" or \"none\""),
        ("suffixes = [\"cgi\"]", "a dot and letters"),
        ("actions = { md = \"/x\" }", "a dot and letters"),
        ("actions = { \".md\" = \"x\" }", "starts with \"/\""),
        ("requires = \"all denied\"", "did you mean `require`?"),
        ("Scripts = \"none\"", "did you mean `scripts`?"),
    ] {
        check(guard, words, Became::ClosedSite);
        check(&format!("{guard}\nurl = \"/a\""), words, Became::Closed);
        check(&format!("folder = \"a\"\n{guard}"), words, Became::Closed);
    }
}

#[test]
fn a_place_in_doubt_closes_the_site_if_the_scope_restricts() {
    for (place, words) in [
        ("folder = 3", "text in quotes"),
        ("folder = \"\"", "must name a folder"),
        ("folder_match = \"(\"", "no regular expression"),
        ("url = \"a\"", "starts with \"/\""),
        ("url_match = \"a(?!b)\"", "no regular expression"),
        (
            "folder = \"a\"\nurl = \"/a\"",
            "not both `folder` and `url`",
        ),
        ("floder = \"a\"", "did you mean `folder`?"),
        ("directory = \"a\"", "unknown key `directory`"),
    ] {
        let guarded = |guard: &str| format!("{place}\n{guard}");
        check(
            &guarded("require = \"all denied\""),
            words,
            Became::ClosedSite,
        );
        check(
            &guarded("require = \"valid-user\""),
            words,
            Became::ClosedSite,
        );
        check(&guarded("scripts = \"none\""), words, Became::ClosedSite);
        check(
            &guarded("require = \"all granted\""),
            words,
            Became::Dropped,
        );
    }
    check("folder = 3\nindex = []", "text in quotes", Became::Dropped);
}

#[test]
fn a_name_in_doubt_closes_its_place() {
    for (names, words) in [
        ("files = \"[z-a]\"", "no regular expression"),
        ("files_match = \"*\"", "no regular expression"),
        ("files = \"a\"\nfiles_match = \"a\"", "not both"),
        ("file = \"*.pub\"", "did you mean `files`?"),
        ("methods_only = \"GET\"", "unknown key"),
    ] {
        let with = |rest: &str| format!("folder = \"a\"\n{names}\n{rest}");
        check(&with("require = \"all denied\""), words, Became::Closed);
        check(&with("require = \"all granted\""), words, Became::Dropped);
    }
}

#[test]
fn rules_of_access_in_a_wrong_place_close_the_site() {
    for text in [
        "[scopes]\nrequire = \"all denied\"",
        "[scopes]\nfolder = \"a\"\nscripts = \"none\"",
        "[[scope]]\nindex = []",
        "[[rules]]\nrequire = \"local\"",
        "require = \"all denied\"",
        "[options]\nrequires = \"local\"",
        "[[scripts.scopes]]\nfolder = \"a\"",
        "[[server.places]]\nauthentication = { realm = \"x\", user_file = \"y\" }",
        "server = [{ require = \"local\" }]",
        "[[scopes]\nrequire = \"all denied\"",
        "[[scopes]]\nrequire = \"local\"\nrequire = \"local\"",
    ] {
        let (config, problems) = read(text);
        let [problem] = problems.as_slice() else {
            panic!("{text}: {problems:#?}")
        };
        let said = "nothing of this site is served";
        assert!(problem.message.contains(said), "{text}: {problem}");
        let [scope] = config.scopes.as_slice() else {
            panic!("{text}: {:#?}", config.scopes)
        };
        assert_eq!(scope.place, Place::Site);
        let reason = scope.closed_because.as_deref().unwrap();
        assert!(reason.contains("cgi-studio.toml, line "), "{reason}");
    }
    for text in ["scopes = [1]", "scopes = 1", "[scopes]\nindex = []"] {
        let (config, problems) = read(text);
        assert_eq!((config.scopes.len(), problems.len()), (0, 1), "{text}");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_closed_if_it_may_hold_rules() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cgi-studio.toml");
    let scopes = b"[[scopes]]\nrequire = \"all denied\"\n";
    let comment = b"# the scopes require nothing\n";
    for (start, rest, closed) in [
        (&scopes[..], &b"\xFF"[..], true),
        (scopes, &vec![b'#'; 2 << 20], true),
        (comment, b"\xFF", false),
        (comment, b"[", false),
    ] {
        std::fs::write(&file, [start, rest].concat()).unwrap();
        let (config, problems) = SiteConfig::read(folder.path());
        assert_eq!((config.scopes.len() == 1, problems.len()), (closed, 1));
    }
}

#[test]
fn a_flood_of_scopes_and_mistakes_is_read_in_bounds() {
    let scope = |n: usize| format!("[[scopes]]\nurl = \"/a{n}\"\nfiles = \"*.cgi\"\n");
    let text: String = (0..10_000).map(scope).collect();
    let (config, problems) = read(&text);
    assert_eq!((config.scopes.len(), problems.len()), (10_000, 0));
    let wrong: String = (0..10_000)
        .map(|n| format!("[[scopes]]\nx{n} = 1\n"))
        .collect();
    let (_, problems) = read(&wrong);
    assert_eq!(problems.len(), 101);
    let last = problems.last().unwrap();
    assert!(last.message.starts_with("9900 more problems"), "{last}");
    assert_eq!(last.line, 202);
    let expression = |n: usize| format!("[[scopes]]\nurl_match = \"x{n}(a|b)+\"\n");
    let many: String = (0..1_001).map(expression).collect();
    let (config, problems) = read(&many);
    assert_eq!((config.scopes.len(), problems.len()), (1_000, 1));
    assert!(problems[0].message.contains("one expression too many"));
}

#[test]
fn expressions_that_lead_to_files_are_read_whole_or_not_at_all() {
    let read_matches = |list: &str| read(&format!("[scripts]\nscript_alias_matches = {list}\n"));
    let (config, problems) = read_matches(r#"[{ url = "^/a/(.*)", to = "a/$1" }]"#);
    assert_eq!(problems, []);
    let [alias] = config.scripts.script_alias_matches.as_slice() else {
        panic!("not one")
    };
    assert_eq!(
        (alias.url.as_str(), alias.to.as_str()),
        ("^/a/(.*)", "a/$1")
    );
    for (list, words) in [
        ("3", "must be a list such as"),
        ("[3]", "must be a list such as"),
        (r#"[{ url = "^/a" }]"#, "must be a list such as"),
        (
            r#"[{ url = "^/a", to = "a", z = 1 }]"#,
            "must be a list such as",
        ),
        (r#"[{ url = "(", to = "a" }]"#, "no regular expression"),
        (
            r#"[{ url = "(a)", to = "$2" }]"#,
            "a group that \"(a)\" does not have",
        ),
    ] {
        let (config, problems) = read_matches(list);
        assert_eq!(config, SiteConfig::default());
        assert!(problems[0].message.contains(words), "{list}: {problems:?}");
    }
}
