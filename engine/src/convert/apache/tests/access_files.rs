//! `.htaccess`.

use super::*;

/// A site with an access file in `$HERE/www/a`, and what is lost of it.
fn site(allow: &str, access_file: &str) -> Conversion {
    let case = Case::new();
    case.file("www/a/.htaccess", access_file);
    case.file(
        "httpd.conf",
        format!(
            "DocumentRoot $HERE/www\n<Directory $HERE/www>\nAllowOverride {allow}\n</Directory>\n"
        ),
    );
    let mut conversion = case.read("httpd.conf");
    let here = case.folder.path().to_str().unwrap().to_owned();
    for scope in &mut conversion.config.scopes {
        if let crate::site::Place::Folder(folder) = &mut scope.place {
            *folder = folder.to_str().unwrap().replace(&here, "").into();
        }
    }
    conversion
}

#[track_caller]
fn check_site(allow: &str, access_file: &str, scopes: &[&str], lost: &[&str]) {
    let conversion = site(allow, access_file);
    let found: Vec<String> = conversion.config.scopes.iter().map(describe).collect();
    assert_eq!(found, scopes, "{:#?}", conversion.notes);
    let losses = losses(&conversion);
    assert_eq!(losses.len(), lost.len(), "{losses:#?}");
    for (loss, needle) in losses.iter().zip(lost) {
        assert!(loss.contains(needle), "{needle:?} in {loss:?}");
    }
}

#[test]
fn what_is_allowed_becomes_a_scope() {
    check_site(
        "All",
        "Options +ExecCGI\nAddHandler cgi-script .cgi\nRequire ip 10\nSetEnv A 1\nErrorDocument 404 /x\n\
         <Files secret>\nRequire all denied\n</Files>\n",
        &[
            "the whole site: scripts=None",
            r#"folder = "/www/a": scripts=ByName; suffixes=.cgi; require=ip 10.0.0.0/8; 404=/x; A=1"#,
            r#"folder = "/www/a", files = "secret": require=all denied"#,
        ],
        &[],
    );
}

#[test]
fn without_allow_override_nothing_of_it_counts() {
    check_site(
        "None",
        "Options +ExecCGI\nRequire all denied\n",
        &["the whole site: scripts=None"],
        &[],
    );
    let conversion = site("None", "Options +ExecCGI\n");
    let note = conversion
        .notes
        .iter()
        .find(|note| note.directive == "Options")
        .unwrap();
    assert!(
        note.meaning
            .starts_with("ignored by Apache, since AllowOverride is None"),
        "{note:?}"
    );
}

#[test]
fn each_class_is_allowed_on_its_own() {
    let all = "Options +ExecCGI\nAddHandler cgi-script .x\nRequire local\nOrder allow,deny\nDirectoryIndex a\n";
    let cases: [(&str, &str); 5] = [
        ("Options", "scripts=ByName"),
        ("FileInfo", "suffixes=.x"),
        ("AuthConfig", "require=local"),
        ("Limit", "require=all denied"),
        ("Indexes", "index=a"),
    ];
    for (class, expected) in cases {
        let conversion = site(class, all);
        let found = describe(conversion.config.scopes.last().unwrap());
        assert_eq!(found, format!(r#"folder = "/www/a": {expected}"#));
        let losses = losses(&conversion);
        assert_eq!(losses.len(), 4, "{losses:#?}");
        assert!(
            losses
                .iter()
                .all(|loss| loss.contains("Apache answers 500")),
            "{losses:#?}"
        );
    }
}

#[test]
fn what_may_never_stand_there_is_told_of() {
    check_site(
        "All",
        "ScriptAlias /x /y\nInclude /etc/passwd\nDefine A b\n<Directory /a>\n</Directory>\nFrobnicate\n",
        &["the whole site: scripts=None"],
        &[
            "ScriptAlias",
            "Include",
            "Define",
            "<Directory>",
            "Frobnicate",
        ],
    );
}

#[test]
fn an_access_file_or_a_folder_can_be_read_by_itself() {
    let case = Case::new();
    let file = case.file(
        "www/.htaccess",
        "Options +ExecCGI\nAddHandler cgi-script .py\n",
    );
    for what in [file, case.path("www")] {
        let options = ReadOptions {
            site_folder: Some(case.path("www")),
            ..ReadOptions::default()
        };
        let conversion = read(&[what], &options).unwrap();
        let found: Vec<String> = conversion.config.scopes.iter().map(describe).collect();
        assert_eq!(
            found,
            [
                "the whole site: scripts=None",
                r#"folder = ".": scripts=ByName; suffixes=.py"#
            ]
        );
        assert_eq!(losses(&conversion), [""; 0]);
        assert_eq!(conversion.config.server.document_root, Path::new("."));
    }
}

#[test]
fn links_among_folders_do_not_lead_the_search_astray() {
    let case = Case::new();
    case.file("www/.htaccess", "SetEnv A 1\n");
    std::os::unix::fs::symlink(".", case.path("www/loop")).unwrap();
    let conversion = read(&[case.path("www")], &case.options).unwrap();
    assert_eq!(conversion.config.scopes.len(), 2);
}

#[test]
fn a_folder_without_access_files_is_told_of() {
    let case = Case::new();
    case.file("www/index.html", "");
    let told = |conversion: &Conversion| conversion.remarks.concat().contains("No directive");
    assert!(told(&read(&[case.path("www")], &case.options).unwrap()));
    case.file("www/deep/.htaccess", "SetEnv A 1\n");
    assert!(!told(&read(&[case.path("www")], &case.options).unwrap()));
}
