//! What is written reads back as the same.

use std::collections::BTreeMap;

use super::super::config_reader::parse;
use super::super::pattern::{Pattern, Wildcard};
use super::super::requirement::Requirement;
use super::super::scope::AuthenticationSettings;
use super::*;

/// Strings that a careless writer would break on.
const ODD: [&str; 16] = [
    "plain",
    "",
    "a b",
    "quote\"and'both",
    "back\\slash",
    "line\nbreak",
    "cr\r\nlf",
    "tab\t\u{1}\u{7f}\u{85}",
    "'''\"\"\"",
    "# no comment",
    "[no.section]",
    "ä\u{1F600}\u{202e}",
    "$1 {} =",
    "trailing ",
    "\"",
    "\n",
];

#[track_caller]
fn check(config: &SiteConfig) -> String {
    let text = config.to_toml();
    let (read, problems) = parse(Path::new("/site/cgi-studio.toml"), &text);
    assert_eq!(problems, [], "{text}");
    assert_eq!(&read, config, "{text}");
    text
}

#[test]
fn the_defaults_are_no_text_at_all() {
    assert_eq!(check(&SiteConfig::default()), "");
}

fn map<V>(name: &str, value: V) -> BTreeMap<String, V> {
    BTreeMap::from([(name.to_owned(), value)])
}

fn full_scope(odd: &str) -> ScopeConfig {
    ScopeConfig {
        place: Place::Url(format!("/{odd}")),
        files: Some(FileNames::Like(Wildcard::parse(odd).unwrap())),
        scripts: Some(ScriptsRule::None),
        suffixes: Some(vec![]),
        index: Some(vec!["i.html".to_owned()]),
        accept_path_info: Some(AcceptPathInfo::Off),
        directory_listing: Some(false),
        pass_authorization: Some(false),
        strictness: Some(Strictness::Default),
        require: Some(Requirement::Users(vec![odd.to_owned()])),
        authentication: Some(AuthenticationSettings {
            realm: odd.to_owned(),
            user_file: PathBuf::from(format!("x{odd}")),
        }),
        error_documents: BTreeMap::from([
            (404, ErrorDocument::Path(format!("/{odd}"))),
            (403, ErrorDocument::Text(odd.to_owned())),
            (500, ErrorDocument::Url(format!("https://{odd}"))),
        ]),
        actions: map(&format!(".{odd}x"), format!("/{odd}")),
        method_scripts: map("PUT", format!("/{odd}")),
        set_environment: map(&format!("N{}", odd.replace('=', "")), odd.to_owned()),
        pass_environment: vec![format!("P{}", odd.replace('=', ""))],
        unset_environment: vec!["U".to_owned(), "V".to_owned()],
        closed_because: None,
    }
}

#[test]
fn odd_texts_read_back_as_they_were() {
    for odd in ODD {
        let mut config = SiteConfig::default();
        config.server.hosts = vec![odd.to_owned(), odd.to_owned()];
        config.server.document_root = PathBuf::from(format!("/{odd}"));
        let scripts = &mut config.scripts;
        scripts.script_aliases = Some(map(&format!("/{odd}"), PathBuf::from(odd)));
        scripts.aliases = map(&format!("/{odd}"), PathBuf::from(odd));
        scripts.alias_matches = vec![AliasMatch {
            url: Pattern::parse(&regex::escape(odd)).unwrap(),
            to: odd.replace('$', ""),
        }];
        scripts.interpreters = map(".x", PathBuf::from(format!("/{odd}")));
        scripts.refuse_extra_path = vec![PathBuf::from(odd)];
        let name = format!("N{}", odd.replace('=', ""));
        config.environment = map(&name, odd.to_owned());
        config.options.host_profile = Some(format!("x{odd}"));
        config.watch.ignore = vec![odd.to_owned()];
        if !odd.contains('/') {
            config.scopes = vec![full_scope(odd), ScopeConfig::default()];
        }
        check(&config);
    }
}

#[test]
fn every_place_number_and_choice_reads_back() {
    let mut config = SiteConfig::default();
    config.server.listen = Some("[::1]:80".parse().unwrap());
    config.scripts.script_aliases = Some(BTreeMap::new());
    config.scripts.suffixes = vec![];
    config.scripts.index = vec![];
    config.limits = LimitsConfig {
        time_seconds: 0.1,
        total_seconds: 31_536_000.0,
        request_body_bytes: u64::try_from(i64::MAX).unwrap(),
        capture_bytes: u64::MAX,
        grace_seconds: 1e-9,
        cpu_seconds: 1,
        memory_bytes: 2,
        processes: 3,
    };
    config.options = OptionsConfig {
        strictness: Strictness::Lenient,
        pass_authorization: true,
        allow_outside_root: true,
        directory_listing: false,
        encoded_slashes: false,
        run_in_script_folder: false,
        cut_off_crashed: false,
        record_locals: true,
        host_profile: None,
    };
    config.watch.quiet_milliseconds = 60_000;
    config.history = HistoryConfig {
        runs: Some(0),
        days: Some(30),
        disk_bytes: Some(1 << 40),
    };
    let pattern = || Pattern::parse("^/(a|b)$").unwrap();
    let in_place = |place: Place| ScopeConfig {
        place,
        files: Some(FileNames::Match(pattern())),
        ..ScopeConfig::default()
    };
    config.scopes = vec![
        in_place(Place::Folder(PathBuf::from("../a"))),
        in_place(Place::FolderMatch(pattern())),
        in_place(Place::UrlMatch(pattern())),
        in_place(Place::Site),
        ScopeConfig {
            scripts: Some(ScriptsRule::All),
            strictness: Some(Strictness::Strict),
            accept_path_info: Some(AcceptPathInfo::On),
            ..ScopeConfig::default()
        },
        ScopeConfig {
            scripts: Some(ScriptsRule::ByName),
            accept_path_info: Some(AcceptPathInfo::Default),
            ..ScopeConfig::default()
        },
    ];
    check(&config);
}

#[test]
fn what_is_closed_stays_closed() {
    let config = SiteConfig {
        scopes: vec![ScopeConfig {
            closed_because: Some("x".to_owned()),
            ..ScopeConfig::default()
        }],
        ..SiteConfig::default()
    };
    let (read, problems) = parse(Path::new("x"), &config.to_toml());
    assert_eq!(problems, []);
    assert_eq!(read.scopes[0].require, Some(Requirement::Denied));
}

#[test]
fn comments_stand_above_what_they_are_about() {
    let config = SiteConfig {
        environment: map("A B", "x".to_owned()),
        scopes: vec![ScopeConfig {
            require: Some(Requirement::Local),
            ..ScopeConfig::default()
        }],
        ..SiteConfig::default()
    };
    let text = config.to_toml_with_comments(|name| Some(format!("{name}\n\u{1}second")));
    let expected = "# environment
# second
[environment]
# environment.A B
# second
\"A B\" = \"x\"

# scopes[0]
# second
[[scopes]]
# scopes[0].require
# second
require = \"local\"
";
    assert_eq!(text, expected);
    assert_eq!(parse(Path::new("x"), &text), (config, vec![]));
}
