//! Files that are wrong, odd or made to hurt.

use super::*;

#[test]
fn any_bytes_are_read_without_harm() {
    check_losses(
        b"SetEnv A caf\xE9\n# caf\xE9\nErrorLog \xFF\n",
        &["1 SetEnv: it is not UTF-8"],
    );
    check_losses(b"\0\0\0\n", &["1 \0\0\0: it is not UTF-8"]);
    check_losses(
        b"\xFF\xFE<\0D\0\n<\xFF>\n</\xFF>\n",
        &["not UTF-8", "not UTF-8"],
    );
    for text in [
        "",
        "\n\n",
        "\\",
        "<",
        ">",
        "</",
        "</>",
        "<>",
        "< >\n</ >",
        "\"",
        "<Directory \"",
        "~",
        "${",
        "<!",
    ] {
        let _ = convert_text(text);
    }
}

#[test]
fn sections_that_do_not_match_are_told_of() {
    check_losses(
        "<Directory /a>\nSetEnv A 1\n",
        &["1 <Directory>: this section is never closed"],
    );
    check_losses("</Directory>\n", &["1 </Directory>: it closes no section"]);
    check_losses(
        "<Directory /a\nSetEnv A 1\n</Directory>\n",
        &["1 <Directory>: its `>` is missing"],
    );
    check_losses(
        "<Directory>\n</Directory>\n<Files>\n</Files>\n",
        &["does not say for what"; 2],
    );
}

#[test]
fn unknown_directives_bring_the_one_that_was_meant() {
    check_losses(
        "ScriptAlais /a /b\nXyzzy 1\nRewriteRule ^a b\n<If \"true\">\nSetEnv A 1\n</If>\n",
        &[
            "1 ScriptAlais: no directive that we know; was ScriptAlias meant?",
            "2 Xyzzy: no directive that we know, so",
            "3 RewriteRule: URLs are not rewritten",
            "4 <If>: whether it holds",
        ],
    );
}

#[test]
fn expressions_that_only_pcre_knows_are_told_of() {
    check_losses(
        "<FilesMatch \"^(?!x)\">\nRequire all denied\n</FilesMatch>\nScriptAliasMatch (a)\\1 /b\n",
        &[
            "what it closes is open here",
            "4 ScriptAliasMatch: its expression",
        ],
    );
}

#[test]
fn a_directive_in_the_wrong_place_is_told_of() {
    check_losses(
        "<Directory /a>\nListen 80\nScriptAlias /a /b\n</Directory>\nOptions ExecCGI +Indexes\nOptions Nonsense\n",
        &["2 Listen", "3 ScriptAlias", "5 Options", "6 Options"],
    );
}

#[test]
fn depth_is_bounded() {
    let deep = "<Directory /a>\n".repeat(1000);
    let case = Case::new();
    let file = case.file("httpd.conf", deep);
    let error = read(&[file], &case.options).unwrap_err();
    assert!(matches!(error, ReadError::TooDeep { .. }), "{error}");
}

#[test]
fn length_is_bounded() {
    let case = Case::new();
    let long = case.file("long.conf", "Listen 1\n".repeat(100_001));
    let error = read(&[long], &case.options).unwrap_err();
    assert!(
        matches!(error, ReadError::TooManyDirectives { .. }),
        "{error}"
    );
    let large = case.file("large.conf", vec![b'#'; (4 << 20) + 1]);
    let error = read(&[large], &case.options).unwrap_err();
    assert!(matches!(error, ReadError::TooLarge { .. }), "{error}");
    let sections = "<Files a>\nSetEnv A 1\n</Files>\n".repeat(501);
    let many = case.file("many.conf", sections);
    let error = read(&[many], &case.options).unwrap_err();
    assert!(
        matches!(error, ReadError::TooManySections { .. }),
        "{error}"
    );
    let error = read(&["/dev/zero".into()], &case.options).unwrap_err();
    assert!(matches!(error, ReadError::NotReadable { .. }), "{error}");
    let error = read(&[case.path("missing")], &case.options).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("cannot read the configuration"),
        "{error}"
    );
}

#[test]
fn sections_that_multiply_are_stopped() {
    let folders = (0..200).map(|number| {
        format!("<Directory /a/{number}>\nOptions +ExecCGI\nRequire ip 10\n</Directory>\n")
    });
    let names = (0..200).map(|number| {
        format!("<Files {number}>\nSetHandler cgi-script\nRequire user u{number}\n</Files>\n")
    });
    let case = Case::new();
    let file = case.file("httpd.conf", folders.chain(names).collect::<String>());
    let error = read(&[file], &case.options).unwrap_err();
    assert!(
        matches!(error, ReadError::TooManySections { .. }),
        "{error}"
    );
}

#[test]
fn sections_that_overlap_without_effect_are_read_in_time() {
    let folders =
        (0..120).map(|number| format!("<Directory /a/{number}>\nRequire ip 10\n</Directory>\n"));
    let names = (0..120).map(|number| format!("<Files {number}>\nRequire local\n</Files>\n"));
    let conversion = convert_text(folders.chain(names).collect::<String>());
    assert_eq!(conversion.config.scopes.len(), 1 + 120 + 120);
}

#[test]
fn what_our_own_reader_would_refuse_is_told() {
    let many: String = (0..1_200)
        .map(|number| format!("AliasMatch ^/n{number}$ /srv/{number}\n"))
        .collect();
    let conversion = convert_text(many);
    let refused = conversion
        .notes
        .iter()
        .find(|note| note.file.as_os_str() == "cgi-studio.toml");
    let note = refused.expect("a note on what cannot be read back");
    assert!(note.meaning.contains("cannot be used"), "{note:?}");
    assert!(conversion.lost_something());
}
