//! Virtual hosts.

use super::*;

const TWO: &str = "DocumentRoot /main\nAlias /x /main-x\nSetEnv A main\n\
    <VirtualHost *:80>\nServerName one.example\nDocumentRoot /one\nAlias /x /one-x\nSetEnv A one\n</VirtualHost>\n\
    <VirtualHost *:80>\nServerName two.example\nServerAlias zwei.example\nDocumentRoot /two\n</VirtualHost>\n";

fn converted(host: Option<&str>) -> Result<Conversion, ReadError> {
    let mut case = Case::new();
    case.options.host = host.map(str::to_owned);
    let file = case.file("httpd.conf", TWO);
    read(&[file], &case.options)
}

#[track_caller]
fn check_host(host: Option<&str>, root: &str, alias: &str, variable: &str) {
    let conversion = converted(host).unwrap();
    let config = conversion.config;
    assert_eq!(config.server.document_root, Path::new(root));
    assert_eq!(config.scripts.aliases["/x"], Path::new(alias));
    assert_eq!(config.scopes[0].set_environment["A"], variable);
}

#[test]
fn the_first_host_is_taken_unless_another_is_named() {
    check_host(None, "/one", "/one-x", "one");
    check_host(Some("ONE.example"), "/one", "/one-x", "one");
    check_host(Some("zwei.example"), "/two", "/main-x", "main");
}

#[test]
fn other_hosts_are_told_of() {
    let losses = losses(&converted(None).unwrap());
    assert_eq!(losses.len(), 1, "{losses:#?}");
    assert!(losses[0].contains("--host two.example"), "{losses:#?}");
}

#[test]
fn an_unknown_host_is_refused_with_those_there_are() {
    let error = converted(Some("three.example")).unwrap_err().to_string();
    assert!(error.contains("one.example, two.example"), "{error}");
}

#[test]
fn an_encoded_slash_is_no_slash_unless_httpd_says_so() {
    let slashes = |text: &str| convert_text(text).config.options.encoded_slashes;
    assert!(!slashes("ScriptAlias /cgi-bin/ /srv/cgi-bin/\n"));
    assert!(!slashes("AllowEncodedSlashes Off\n"));
    assert!(slashes("AllowEncodedSlashes On\n"));
    check_losses(
        "AllowEncodedSlashes NoDecode\n",
        &["NoDecode Apache leaves it"],
    );
}
