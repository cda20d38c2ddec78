//! Who may: both families of directives, alone and together.

use super::*;

/// What one section for the whole site requires.
#[track_caller]
fn check_requirement(body: &str, expected: &str) {
    let conversion = convert_text(format!("<Directory /a>\n{body}\n</Directory>\n"));
    let scopes = &conversion.config.scopes;
    let scope = scopes.iter().find(|scope| scope.require.is_some());
    let require = scope.map(|scope| scope.require.clone().unwrap().to_string());
    assert_eq!(
        require.as_deref().unwrap_or("all granted"),
        expected,
        "{:#?}",
        conversion.notes
    );
}

#[test]
fn one_of_the_requirements_of_a_section_suffices() {
    check_requirement("Require all denied", "all denied");
    check_requirement(
        "Require ip 10.1 ::1 192.168.0.0/255.255.0.0",
        "ip 10.1.0.0/16 or ip ::1 or ip 192.168.0.0/16",
    );
    check_requirement(
        "Require local\nRequire host example.org",
        "local or host example.org",
    );
    check_requirement("Require user ann \"bob b\"", "user ann \"bob b\"");
    check_requirement("Require env A !B", "env A or not env B");
}

#[test]
fn containers_nest() {
    check_requirement(
        "<RequireAll>\nRequire valid-user\n<RequireNone>\nRequire user mallory\nRequire ip 10\n</RequireNone>\n\
         <RequireAny>\nRequire local\nRequire method GET\n</RequireAny>\n</RequireAll>",
        "valid-user and not (user mallory or ip 10.0.0.0/8) and (local or method GET)",
    );
    check_requirement(
        "<RequireAll>\nRequire all granted\nRequire not ip 10.0.0.1\n</RequireAll>",
        "not ip 10.0.0.1",
    );
}

#[test]
fn order_decides_what_holds_for_those_that_are_not_named() {
    check_requirement("Order allow,deny\nAllow from all", "all granted");
    check_requirement("Order allow,deny", "all denied");
    check_requirement("Order deny,allow", "all granted");
    check_requirement(
        "Order Deny,Allow\nDeny from all\nAllow from 10.0.0.0/8 .example.org",
        "ip 10.0.0.0/8 or host .example.org",
    );
    check_requirement(
        "Order Allow,Deny\nAllow from all\nDeny from 10.1.2.3 env=bad",
        "not (ip 10.1.2.3 or env bad)",
    );
    check_requirement(
        "Order deny,allow\nDeny from 10.1\nAllow from 10.1.2",
        "ip 10.1.2.0/24 or not ip 10.1.0.0/16",
    );
    check_requirement("Deny from all", "all denied");
}

#[test]
fn both_families_have_to_agree_unless_any_suffices() {
    check_requirement(
        "Order deny,allow\nDeny from all\nAllow from 10\nRequire valid-user",
        "ip 10.0.0.0/8 and valid-user",
    );
    check_requirement(
        "Order deny,allow\nDeny from all\nAllow from 10\nRequire valid-user\nSatisfy Any",
        "ip 10.0.0.0/8 or valid-user",
    );
}

#[test]
fn limits_are_about_methods() {
    check_requirement(
        "<Limit POST PUT>\nRequire valid-user\n</Limit>",
        "(method POST PUT and valid-user) or not method POST PUT",
    );
    check_requirement(
        "<LimitExcept GET>\nRequire valid-user\n</LimitExcept>",
        "(not method GET and valid-user) or method GET",
    );
    check_requirement(
        "<LimitExcept GET>\nOrder deny,allow\nDeny from all\n</LimitExcept>",
        "method GET",
    );
    check_requirement(
        "<Limit GET POST>\nRequire all granted\n</Limit>\n<LimitExcept GET POST>\nRequire all denied\n</LimitExcept>",
        "method GET POST",
    );
    check_requirement(
        "<Limit GET POST>\nOrder allow,deny\nAllow from all\n</Limit>\n\
         <LimitExcept GET POST>\nOrder deny,allow\nDeny from all\n</LimitExcept>",
        "method GET POST",
    );
    check_requirement(
        "Order allow,deny\nAllow from 10\n<Limit POST>\nAllow from 11\n</Limit>",
        "(method POST and (ip 10.0.0.0/8 or ip 11.0.0.0/8)) or (not method POST and ip 10.0.0.0/8)",
    );
    check_requirement(
        "<Limit GET>\nOrder allow,deny\nAllow from all\n</Limit>",
        "all granted",
    );
}

#[test]
fn a_narrower_section_replaces_its_own_family_only() {
    check(
        "<Directory />\nRequire all denied\n</Directory>\n<Directory /a>\nRequire all granted\n</Directory>\n\
         <Directory /a/b>\nOrder deny,allow\nDeny from all\n</Directory>\n\
         <Directory /a/b/c>\nRequire valid-user\nAuthMerging And\n</Directory>\n",
        &[
            "the whole site: scripts=None; require=all denied",
            r#"folder = "/a": require=all granted"#,
            r#"folder = "/a/b": require=all denied"#,
        ],
    );
}

#[test]
fn requirements_merge_when_told_so() {
    check(
        "<Directory /a>\nRequire ip 10\n</Directory>\n<Directory /a/b>\nAuthMerging And\nRequire valid-user\n</Directory>\n\
         <Directory /a/c>\nAuthMerging Or\nRequire local\n</Directory>\n",
        &[
            "the whole site: scripts=None",
            r#"folder = "/a": require=ip 10.0.0.0/8"#,
            r#"folder = "/a/b": require=ip 10.0.0.0/8 and valid-user"#,
            r#"folder = "/a/c": require=ip 10.0.0.0/8 or local"#,
        ],
    );
}

#[test]
fn a_login_is_put_together_from_several_sections() {
    check(
        "ServerRoot /etc/x\nAuthName \"The Club\"\n<Location /members>\nAuthType Basic\nAuthUserFile users\n\
         Require valid-user\n</Location>\n",
        &[
            "the whole site: scripts=None",
            r#"url = "/members": require=valid-user; login=The Club@/etc/x/users"#,
        ],
    );
}

#[test]
fn what_cannot_be_judged_is_closed() {
    check_requirement("Require group staff", "all denied");
    check_requirement("Require expr %{HTTP_USER_AGENT} == 'x'", "all denied");
    check_requirement(
        "<RequireAny>\nRequire ldap-user x\nRequire local\n</RequireAny>",
        "local",
    );
    check_requirement(
        "<RequireAll>\nRequire not group staff\nRequire local\n</RequireAll>",
        "all denied",
    );
}

#[test]
fn many_lists_of_methods_are_closed_and_do_not_multiply() {
    let body: String = (0..200)
        .map(|number| format!("<Limit M{number}>\nAllow from all\n</Limit>\n"))
        .collect();
    check_requirement(&body, "all denied");
}
