//! Several files, variables, and what is read under a condition.

use super::*;

#[test]
fn files_are_included_where_they_are_named() {
    let case = Case::new();
    case.file("conf.d/b.conf", "SetEnv B ${WHO}\n");
    case.file("conf.d/a.conf", "Define WHO \"a b\"\n");
    case.file(
        "httpd.conf",
        "Include conf.d/*.conf\nIncludeOptional none/*.conf\n",
    );
    let conversion = case.read("httpd.conf");
    assert_eq!(conversion.config.scopes[0].set_environment["B"], "a b");
    assert_eq!(losses(&conversion), [""; 0]);
    let files: Vec<_> = conversion
        .notes
        .iter()
        .map(|note| (note.file.file_name().unwrap().to_str().unwrap(), note.line))
        .collect();
    assert!(
        files.contains(&("a.conf", 1)) && files.contains(&("b.conf", 1)),
        "{files:?}"
    );
}

#[test]
fn a_missing_include_and_a_loop_are_told_of() {
    let case = Case::new();
    case.file("loop.conf", "Include httpd.conf\nSetEnv A 1\n");
    case.file("httpd.conf", "Include missing.conf\nInclude loop.conf\n");
    let conversion = case.read("httpd.conf");
    let losses = losses(&conversion);
    assert_eq!(losses.len(), 2, "{losses:#?}");
    assert!(
        losses[0].starts_with("1 Include: there is no such file"),
        "{losses:#?}"
    );
    assert!(losses[1].contains("includes itself"), "{losses:#?}");
    assert_eq!(conversion.config.scopes[0].set_environment["A"], "1");
}

#[test]
fn files_that_multiply_are_stopped() {
    let case = Case::new();
    for number in 0..40 {
        let next = format!("Include {0}.conf\nInclude {0}.conf\n", number + 1);
        case.file(&format!("{number}.conf"), next);
    }
    case.file("40.conf", "");
    let error = read(&[case.path("0.conf")], &case.options).unwrap_err();
    assert!(matches!(error, ReadError::TooManyFiles { .. }), "{error}");
}

#[test]
fn variables_come_from_the_caller_too_and_a_missing_one_is_named() {
    let mut case = Case::new();
    case.options.defines = vec![("WHO".to_owned(), "me".to_owned())];
    case.file(
        "httpd.conf",
        "SetEnv A ${WHO}\nSetEnv B ${NOBODY}\nErrorLog ${APACHE_LOG_DIR}/x\n<IfDefine WHO>\nSetEnv C 1\n</IfDefine>\n\
         <IfDefine !WHO>\nSetEnv D 1\n</IfDefine>\n",
    );
    let conversion = case.read("httpd.conf");
    let variables = &conversion.config.scopes[0].set_environment;
    assert_eq!(variables.keys().collect::<Vec<_>>(), ["A", "C"]);
    assert_eq!(variables["A"], "me");
    let losses = losses(&conversion);
    assert_eq!(losses.len(), 1, "{losses:#?}");
    assert!(losses[0].contains("--define NOBODY=VALUE"), "{losses:#?}");
}

#[track_caller]
fn check_condition(condition: &str, holds: bool) {
    let (kind, _) = condition.split_once(' ').unwrap();
    let conversion = convert_text(format!(
        "<{condition}>\n<{kind} x>\n</{kind}>\nSetEnv A 1\n</{kind}>\n"
    ));
    let taken = conversion.config.scopes[0]
        .set_environment
        .contains_key("A");
    assert_eq!(taken, holds, "{condition}");
}

#[test]
fn conditions_are_judged_when_the_file_is_read() {
    check_condition("IfModule mod_alias.c", true);
    check_condition("IfModule cgid_module", true);
    check_condition("IfModule !mod_alias.c", false);
    check_condition("IfModule mod_ssl.c", false);
    check_condition("IfModule !ssl_module", true);
    check_condition("IfVersion >= 2.4", true);
    check_condition("IfVersion < 2.4", false);
    check_condition("IfVersion !< 2.4", true);
    check_condition("IfVersion ~ ^2\\.4", true);
    check_condition("IfDefine NOTHING", false);
    check_condition("IfFile /", true);
    check_condition("IfFile no-such-file", false);
    check_condition("IfDirective ScriptAlias", true);
}

#[test]
fn a_module_that_a_stock_server_has_not_is_told_of() {
    check_losses(
        "<IfModule mod_rewrite.c>\nRewriteEngine On\n</IfModule>\n",
        &["1 <IfModule>: mod_rewrite.c is not part of a stock server"],
    );
    check_losses(
        "LoadModule ssl_module x.so\n<IfModule mod_rewrite.c>\nA b\n</IfModule>\n",
        &[],
    );
}
