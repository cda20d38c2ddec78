//! Requirements as text, and what they say of whom.

use super::*;

/// Reads `text` and judges an asker of our making.
#[track_caller]
fn check(text: &str, asker: &Asker<'_>, expected: Access) {
    let requirement = Requirement::parse(text).unwrap();
    assert_eq!(requirement.judge(asker), expected, "{text}");
    let written = requirement.to_string();
    assert_eq!(Requirement::parse(&written), Ok(requirement), "{written}");
}

fn asker(address: &str) -> Asker<'static> {
    Asker {
        address: address.parse().unwrap(),
        local: false,
        host: None,
        user: None,
        method: b"GET",
        variable: &|name| name == "SET",
    }
}

use Access::{Denied, Granted, NeedsLogin};

#[test]
fn addresses_are_judged_by_their_network() {
    for (text, address, expected) in [
        ("all granted", "192.0.2.1", Granted),
        ("ALL DENIED", "192.0.2.1", Denied),
        ("ip 192.0.2.1", "192.0.2.1", Granted),
        ("ip 192.0.2.1", "192.0.2.2", Denied),
        ("ip 192.0.2.1", "::ffff:192.0.2.1", Granted),
        ("ip 10.0.0.0/8", "10.200.3.4", Granted),
        ("ip 10.9.9.9/8", "10.200.3.4", Granted),
        ("ip 10.0.0.0/255.0.0.0", "10.200.3.4", Granted),
        ("ip 10", "10.200.3.4", Granted),
        ("ip 10.1", "10.1.3.4", Granted),
        ("ip 10.1", "10.10.3.4", Denied),
        ("ip 10.1.", "10.1.3.4", Granted),
        ("ip 10.1 192.168", "192.168.3.4", Granted),
        ("ip 2001:db8::/32", "2001:db8::1", Granted),
        ("ip 2001:db8::/32", "2001:db9::1", Denied),
        ("ip ::1", "::1", Granted),
        ("ip 0.0.0.0/0", "::1", Denied),
        ("not ip ::ffff:10.0.0.0/104", "10.0.0.1", Denied),
        ("not ip ::ffff:10.0.0.1/128", "::ffff:10.0.0.1", Denied),
        ("ip ::ffff:10.0.0.0/104", "11.0.0.1", Denied),
        ("not ip 10", "10.0.0.1", Denied),
        ("not not ip 10", "10.0.0.1", Granted),
        ("ip 10 and not ip 10.1", "10.1.0.1", Denied),
        ("ip 1 or ip 10 and all denied", "1.0.0.1", Granted),
        ("(ip 1 or ip 10) and all denied", "1.0.0.1", Denied),
        ("(ip 1)or(ip 10)", "10.0.0.1", Granted),
    ] {
        check(text, &asker(address), expected);
    }
}

#[test]
fn a_login_is_asked_for_only_where_it_can_help() {
    for (text, user, expected) in [
        ("valid-user", None, NeedsLogin),
        ("valid-user", Some("alice"), Granted),
        ("user alice bob", Some("bob"), Granted),
        ("user alice bob", Some("carol"), NeedsLogin),
        ("user Alice", Some("alice"), NeedsLogin),
        ("user \"al ice\" \"or\"", Some("or"), Granted),
        ("ip 10 and valid-user", None, Denied),
        ("ip 10 or valid-user", None, NeedsLogin),
        ("ip 192 or valid-user", None, Granted),
        // Nobody knows yet that it is not mallory.
        ("not user mallory", None, NeedsLogin),
        ("not user mallory", Some("mallory"), NeedsLogin),
        ("not user mallory", Some("alice"), Granted),
        ("not valid-user", Some("alice"), Denied),
        ("not (ip 10 and valid-user)", None, Granted),
        ("not (ip 192 and valid-user)", None, Denied),
    ] {
        let asker = Asker {
            user,
            ..asker("192.0.2.1")
        };
        check(text, &asker, expected);
    }
}

#[test]
fn a_host_that_nobody_looked_up_never_grants() {
    for (text, host, expected) in [
        ("host example.org", None, Denied),
        ("not host example.org", None, Denied),
        ("not (host example.org and valid-user)", None, Denied),
        ("host example.org or all granted", None, Granted),
        ("host example.org", Some("www.Example.ORG."), Granted),
        ("host .org", Some("example.org"), Granted),
        ("host example.org", Some("badexample.org"), Denied),
        ("host example.org", Some("org"), Denied),
        ("not host example.org", Some("example.net"), Granted),
        ("host localhost", None, Denied),
    ] {
        let asker = Asker {
            host,
            ..asker("192.0.2.1")
        };
        check(text, &asker, expected);
    }
    check("host localhost", &asker("127.0.0.1"), Granted);
}

#[test]
fn methods_variables_and_this_computer_are_known() {
    for (text, expected) in [
        ("method GET POST", Granted),
        ("method HEAD", Granted),
        ("method get", Denied),
        ("method POST", Denied),
        ("env SET", Granted),
        ("env UNSET", Denied),
        ("env UNSET SET", Granted),
        ("local", Denied),
    ] {
        check(text, &asker("192.0.2.1"), expected);
    }
    let local = Asker {
        local: true,
        ..asker("192.0.2.1")
    };
    check("local", &local, Granted);
}

#[test]
fn what_is_no_requirement_says_what_is_wrong() {
    for (text, words) in [
        ("", "ends where a requirement should stand"),
        ("  ", "ends where"),
        ("ip 10 or", "ends where"),
        ("all", "without `granted` or `denied`"),
        ("all grented", "without `granted` or `denied`"),
        ("ip", "without an address"),
        ("ip and local", "without an address"),
        ("ip ten", "no address such as"),
        ("ip 10.1.2.3.4", "no address such as"),
        ("ip 10..1", "no address such as"),
        ("ip 10.0.0.0/33", "no address such as"),
        ("ip 10.0.0.0/255.0.255.0", "no address such as"),
        ("user", "without a name"),
        ("valid-usr", "did you mean `valid-user`?"),
        ("group staff", "known are all, ip"),
        ("local local", "has \"local\" where `and`"),
        ("(local", "never closes a ("),
        ("local)", "has \")\" where"),
        ("user \"alice", "never closes a \""),
        ("and local", "no requirement called \"and\""),
        (&"(".repeat(100_000), "64 deep"),
        (&"not ".repeat(100_000), "64 deep"),
    ] {
        let error = Requirement::parse(text).unwrap_err().to_string();
        assert!(error.contains(words), "{text:.40}: {error}");
    }
}

#[test]
fn any_value_reads_back_as_what_it_means() {
    let host = |name: &str| Requirement::Host(name.to_owned());
    for name in ["", "a b", "q\"uo\\te", "NOT", "(", "\n", "ä", "all", "\\"] {
        let requirement = Requirement::All(vec![
            Requirement::Users(vec![name.to_owned(), "x".to_owned()]),
            Requirement::Not(Box::new(Requirement::Any(vec![
                host(name),
                Requirement::Not(Box::new(host("x"))),
                Requirement::All(vec![host(name), Requirement::Local]),
            ]))),
        ]);
        let written = requirement.to_string();
        assert_eq!(Requirement::parse(&written), Ok(requirement), "{written}");
    }
    for (value, text) in [
        (Requirement::All(vec![]), "all granted"),
        (Requirement::Any(vec![]), "all denied"),
        (Requirement::Users(vec![]), "all denied"),
        (
            Requirement::Not(Box::new(Requirement::All(vec![host("x")]))),
            "not host x",
        ),
        (
            Requirement::Any(vec![Requirement::All(vec![]), Requirement::Local]),
            "all granted or local",
        ),
        (
            Requirement::All(vec![
                Requirement::All(vec![Requirement::Any(vec![host("x"), host("y")])]),
                Requirement::Local,
            ]),
            "(host x or host y) and local",
        ),
    ] {
        assert_eq!(value.to_string(), text);
    }
    assert_eq!(Requirement::all(vec![host("x")]), host("x"));
    assert_eq!(Requirement::any(vec![]), Requirement::Denied);
}
