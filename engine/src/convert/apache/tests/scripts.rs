//! Which files are scripts, and what else sections say of their places.

use super::*;

#[test]
fn without_options_nothing_runs() {
    check("Listen 8080\n", &["the whole site: scripts=None"]);
}

#[test]
fn a_script_alias_runs_whatever_the_options_are() {
    check(
        "ScriptAlias /cgi-bin/ /srv/cgi/\n<Directory /srv>\nOptions None\n</Directory>\n",
        &[
            "the whole site: scripts=None",
            r#"folder = "/srv": listing=false"#,
            r#"folder = "/srv/cgi": scripts=All"#,
        ],
    );
}

#[test]
fn exec_cgi_and_add_handler_come_together_from_different_sections() {
    check(
        "AddHandler cgi-script .cgi py\n<Directory /srv/run>\nOptions +ExecCGI\n</Directory>\n\
         <Directory /srv/run/docs>\nRemoveHandler .py\n</Directory>\n\
         <Directory /srv/run/no>\nOptions -ExecCGI\n</Directory>\n",
        &[
            "the whole site: scripts=None",
            r#"folder = "/srv/run": scripts=ByName"#,
            r#"folder = "/srv/run/docs": suffixes=.cgi"#,
            r#"folder = "/srv/run/no": scripts=None"#,
        ],
    );
    let conversion = convert_text("AddHandler cgi-script .CGI py\n");
    assert_eq!(conversion.config.scripts.suffixes, [".cgi", ".py"]);
}

#[test]
fn options_without_signs_replace_all_others() {
    check(
        "<Directory /a>\nOptions Indexes ExecCGI\n</Directory>\n\
         <Directory /a/b>\nOptions Indexes\n</Directory>\n<Directory /a/c>\nOptions -Indexes\n</Directory>\n",
        &[
            "the whole site: scripts=None",
            r#"folder = "/a": scripts=ByName; listing=true"#,
            r#"folder = "/a/b": scripts=None; listing=true"#,
            r#"folder = "/a/c": listing=false"#,
        ],
    );
}

#[test]
fn sections_come_in_the_order_in_which_httpd_lays_them() {
    check(
        "<Location /x>\nSetEnv A 5\n</Location>\n<Files a.cgi>\nSetEnv A 4\n</Files>\n\
         <DirectoryMatch ^/z>\nSetEnv A 3\n</DirectoryMatch>\n<Directory /a/b/c>\nSetEnv A 2\n</Directory>\n\
         <Directory /q>\nSetEnv A 1\n<FilesMatch ^b>\nSetEnv B 1\n</FilesMatch>\n</Directory>\n\
         <Directory />\nSetEnv A 0\n</Directory>\n",
        &[
            "the whole site: scripts=None; A=0",
            r#"folder = "/q": A=1"#,
            r#"folder = "/a/b/c": A=2"#,
            r#"folder_match = "^/z": A=3"#,
            r#"the whole site, files = "a.cgi": A=4"#,
            r#"folder = "/q", files_match = "^b": B=1"#,
            r#"url = "/x": A=5"#,
        ],
    );
}

#[test]
fn a_handler_for_names_runs_only_where_options_let_it() {
    check(
        "<Directory /srv/run>\nOptions ExecCGI\n</Directory>\n<Files *.sh>\nSetHandler cgi-script\n</Files>\n",
        &[
            "the whole site: scripts=None",
            r#"folder = "/srv/run": scripts=ByName; listing=false"#,
            r#"the whole site, files = "*.sh": scripts=None; suffixes=; require=all denied"#,
            r#"folder = "/srv/run", files = "*.sh": scripts=All; require=all granted"#,
        ],
    );
}

#[test]
fn a_location_inherits_from_the_folder_it_leads_to() {
    check(
        "DocumentRoot /srv/www\n<Directory /srv/www>\nOptions ExecCGI\n</Directory>\n\
         <Directory /srv/www/x/deep>\nOptions None\n</Directory>\n\
         <Location /x>\nSetHandler cgi-script\n</Location>\n",
        &[
            "the whole site: scripts=None",
            r#"folder = "/srv/www": scripts=ByName; listing=false"#,
            r#"folder = "/srv/www/x/deep": scripts=None; listing=false"#,
            r#"url = "/x": scripts=All; suffixes=; require=all granted"#,
            r#"url = "/x/deep": scripts=None; require=all denied"#,
        ],
    );
}

#[test]
fn wild_cards_and_expressions_name_places() {
    check(
        "<Directory /home/*/cgi>\nSetEnv A 1\n</Directory>\n<Directory ~ \"^/x/(a|b)\">\nSetEnv A 2\n</Directory>\n\
         <Location /u/*>\nSetEnv A 3\n</Location>\n<LocationMatch \"^/v\">\nSetEnv A 4\n</LocationMatch>\n\
         <Files ~ \"\\.(gif|png)$\">\nSetEnv A 5\n</Files>\n",
        &[
            "the whole site: scripts=None",
            r#"folder_match = "^/home/[^/]*/cgi(?:/|$)": A=1"#,
            r#"folder_match = "^/x/(a|b)": A=2"#,
            r#"the whole site, files_match = "\\.(gif|png)$": A=5"#,
            r#"url_match = "^/u/[^/]*$": A=3"#,
            r#"url_match = "^/v": A=4"#,
        ],
    );
}

#[test]
fn what_has_a_key_of_its_own_outside_of_scopes_stands_there() {
    let config = convert_text(
        "Options Indexes\nDirectoryIndex a.html b.cgi\nDirectoryIndex c\nCGIPassAuth On\nTimeout 90\n\
         LimitRequestBody 1000\nListen 8080\nListen 8081\nServerName a.example:80\nServerAlias b.example *.example\n",
    )
    .config;
    assert!(config.options.directory_listing && config.options.pass_authorization);
    assert_eq!(config.scripts.index, ["a.html", "b.cgi", "c"]);
    assert_eq!(config.limits.time_seconds, 90.0);
    assert_eq!(config.limits.request_body_bytes, 1000);
    assert_eq!(config.server.listen, "127.0.0.1:8080".parse().ok());
    assert_eq!(config.server.hosts, ["a.example", "b.example"]);
}

#[test]
fn variables_and_documents_are_taken() {
    check(
        "SetEnv A \"one two\"\nSetEnv B\nPassEnv LANG\nSetEnv QUERY_STRING x\n\
         ErrorDocument 404 /missing.html\nErrorDocument 403 \"Go away\"\nErrorDocument 500 https://example.org/\n\
         AcceptPathInfo Off\nScript PUT /cgi-bin/put\n\
         <Directory /a>\nUnsetEnv A HTTP_REFERER\nSetEnv C 1\nUnsetEnv C\n</Directory>\n",
        &[
            "the whole site: scripts=None; path-info=Off; 403=Go away; 404=/missing.html; \
             500=https://example.org/; PUT->/cgi-bin/put; A=one two; B=; +LANG",
            r#"folder = "/a": C=1; -A"#,
        ],
    );
}

#[test]
fn actions_go_by_suffix_and_by_media_type() {
    check(
        "AddHandler markdown .md .markdown\nAction markdown /cgi-bin/md.py\nAction text/x-wiki /cgi-bin/wiki\n\
         <Directory /plain>\nRemoveHandler .md\n</Directory>\n",
        &[
            "the whole site: scripts=None; .markdown->/cgi-bin/md.py; .md->/cgi-bin/md.py; text/x-wiki->/cgi-bin/wiki",
            r#"folder = "/plain": .markdown->/cgi-bin/md.py; text/x-wiki->/cgi-bin/wiki"#,
        ],
    );
}

/// Found by fuzzing: such suffixes were written, and refused when they were read again.
#[test]
fn a_suffix_that_no_name_can_end_in_is_nothing() {
    let conversion = convert_text("AddHandler cgi-script .cgi . /var/www \"\"\n");
    assert_eq!(conversion.config.scripts.suffixes, [".cgi"]);
    check_round_trip(&conversion);
}

/// Found by fuzzing: such a template was written, and refused when it was read again.
#[test]
fn a_group_that_the_expression_does_not_have_is_nothing() {
    let conversion = convert_text("ScriptAliasMatch ^/run/(.*)$ /srv/$2$1$9/a$x\n");
    let matches = &conversion.config.scripts.script_alias_matches;
    assert_eq!(matches[0].to, "/srv/$1/a\\$x");
    check_round_trip(&conversion);
}

#[test]
fn aliases_keep_what_httpd_would_use() {
    let conversion = convert_text(
        "ServerRoot /srv\nDocumentRoot www\nAlias /a /srv/one\nAlias /a/b /srv/two\nScriptAlias /c/ /srv/c\n\
         ScriptAliasMatch ^/run/([^/]+)$ /srv/run/$1.cgi\nAliasMatch ^/m(.*) /srv/m$1\nAlias nowhere /x\n",
    );
    let scripts = &conversion.config.scripts;
    assert_eq!(
        conversion.config.server.document_root,
        Path::new("/srv/www")
    );
    assert_eq!(scripts.aliases.keys().collect::<Vec<_>>(), ["/a"]);
    let script_aliases = scripts.script_aliases.as_ref().unwrap();
    assert_eq!(script_aliases["/c/"], Path::new("/srv/c"));
    assert_eq!(scripts.script_alias_matches[0].to, "/srv/run/$1.cgi");
    assert_eq!(scripts.alias_matches[0].url.as_str(), "^/m(.*)");
    let losses = losses(&conversion);
    assert_eq!(losses.len(), 2, "{losses:#?}");
    assert!(
        losses[0].contains("/srv/cNAME") && losses[1].starts_with("8 Alias"),
        "{losses:#?}"
    );
    let shadowed = conversion.notes.iter().find(|note| note.line == 4).unwrap();
    assert!(
        shadowed.meaning.contains("never comes to it"),
        "{shadowed:?}"
    );
}

#[test]
fn paths_in_the_sites_folder_are_written_relative() {
    let mut case = Case::new();
    case.options.site_folder = Some(case.path("site"));
    case.file(
        "httpd.conf",
        "DocumentRoot $HERE/site/www\nScriptAlias /cgi-bin/ $HERE/site/cgi-bin/\n\
         <Directory $HERE/site>\nSetEnv A 1\n</Directory>\n",
    );
    let config = case.read("httpd.conf").config;
    assert_eq!(config.server.document_root, Path::new("www"));
    assert_eq!(
        config.scripts.script_aliases.unwrap()["/cgi-bin/"],
        Path::new("cgi-bin")
    );
    assert!(!config.options.allow_outside_root);
    let folders: Vec<String> = config.scopes.iter().map(describe).collect();
    assert_eq!(
        folders,
        [
            "the whole site: scripts=None",
            r#"folder = ".": A=1"#,
            r#"folder = "cgi-bin": scripts=All"#
        ]
    );
}

#[test]
fn what_decides_of_scripts_never_opens_what_is_closed() {
    check(
        "<Directory /a>\nOptions +ExecCGI\n</Directory>\n<Directory /a/b>\nRequire ip 10\n</Directory>\n\
         <FilesMatch x$>\nSetHandler cgi-script\n</FilesMatch>\n",
        &[
            "the whole site: scripts=None",
            r#"folder = "/a": scripts=ByName"#,
            r#"folder = "/a/b": require=ip 10.0.0.0/8"#,
            r#"the whole site, files_match = "x$": scripts=None; suffixes=; require=all denied"#,
            r#"folder = "/a", files_match = "x$": scripts=All; require=all granted"#,
            r#"folder = "/a/b", files_match = "x$": require=ip 10.0.0.0/8"#,
        ],
    );
}

#[test]
fn scripts_by_expression_run_wherever_they_lie() {
    check(
        "ScriptAliasMatch ^/run/(.*) /srv/$1\n<Directory /srv>\nOptions None\n</Directory>\n",
        &[
            "the whole site: scripts=None",
            r#"folder = "/srv": listing=false"#,
            r#"url_match = "^/run/(.*)": scripts=All"#,
        ],
    );
}

#[test]
fn an_expression_for_folders_that_says_where_the_path_ends_is_told_of() {
    check_losses(
        "<DirectoryMatch /a$>\n</DirectoryMatch>\n<DirectoryMatch /a>\n</DirectoryMatch>\n",
        &["1 <DirectoryMatch>: Apache compares it with the path of the file"],
    );
}

#[test]
fn parts_within_parts_are_told_apart() {
    check(
        "<Directory /a>\nOptions +ExecCGI\n</Directory>\n<Directory /a/b>\nOptions -ExecCGI\n</Directory>\n\
         <Directory /a/b/c>\nOptions +ExecCGI\n</Directory>\n<Files x>\nSetHandler cgi-script\n</Files>\n",
        &[
            "the whole site: scripts=None",
            r#"folder = "/a": scripts=ByName"#,
            r#"folder = "/a/b": scripts=None"#,
            r#"folder = "/a/b/c": scripts=ByName"#,
            r#"the whole site, files = "x": scripts=None; suffixes=; require=all denied"#,
            r#"folder = "/a", files = "x": scripts=All; require=all granted"#,
            r#"folder = "/a/b", files = "x": scripts=None; require=all denied"#,
            r#"folder = "/a/b/c", files = "x": scripts=All; require=all granted"#,
        ],
    );
}

#[test]
fn files_that_a_script_folder_would_show_are_told_of() {
    check_losses(
        "ScriptAlias /cgi-bin/ /srv/cgi/\n<Directory /srv/cgi/shown>\nSetHandler default-handler\n</Directory>\n",
        &["2 <Directory /srv/cgi/shown>: SetHandler in it"],
    );
}

#[test]
fn variables_of_the_request_stay_its_own() {
    let conversion = convert_text(
        "SetEnv PATH /opt/bin\nSetEnv REQUEST_METHOD X\nSetEnv CONTENT_LENGTH 1\nSetEnv HTTP_X y\n\
         CGIDScriptTimeout 30s\nAllowEncodedSlashes On\nAllowEncodedSlashes NoDecode\n",
    );
    let config = &conversion.config;
    assert_eq!(config.environment["PATH"], "/opt/bin");
    assert_eq!(config.limits.time_seconds, 30.0);
    let set: Vec<_> = config.scopes[0].set_environment.keys().collect();
    assert_eq!(set, ["HTTP_X"]);
    let lines: Vec<u32> = conversion
        .notes
        .iter()
        .filter(|note| note.matters)
        .map(|note| note.line)
        .collect();
    assert_eq!(lines, [3, 4, 7]);
}
