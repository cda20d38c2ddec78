//! Any header set yields a legal environment block: tried with many sets that come near the rules.
use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any};
use proptest::sample::select;
use proptest::test_runner::{Config, FileFailurePersistence, RngSeed};
use proptest::{prop_oneof, proptest};

use super::*;
use crate::cgi::dictionary::describe;
use crate::cgi::meta_variable::MetaVariable;
use crate::cgi::request_head::RequestHead;

/// Names that a rule of RFC 3875 or of this server speaks of, and some that come close.
const NAMES: &[&str] = &[
    "Accept",
    "accept",
    "Authorization",
    "AUTHORIZATION",
    "Proxy-Authorization",
    "Proxy",
    "PROXY",
    "Content-Length",
    "Content-Type",
    "content_type",
    "Content.Type",
    "Cookie",
    "cookie",
    "Trailer",
    "Transfer-Encoding",
    "Connection",
    "X-A",
    "X_A",
    "x-a",
    "X--A",
    "Path",
    "Script-Name",
    "-",
    "_",
    "1",
    "!",
    "Host-",
    "X-Forwarded-For",
    "Upgrade",
    "Keep-Alive",
    "TE",
    "Remote-User",
    "Https",
];

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => select(NAMES).prop_map(str::to_owned),
        1 => "[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}",
    ]
}

/// Bytes that a field may hold.
fn value() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![4 => b' '..=b'~', 1 => Just(b'\t'), 1 => 0x80..=0xff_u8];
    vec(byte, 0..12)
}

/// What a site may set: `cgi-studio.toml` takes any name, and TOML any text.
fn site_variable() -> impl Strategy<Value = (String, Option<Vec<u8>>)> {
    let name = prop_oneof![
        3 => select(&["PATH", "path", "Path", "HTTP_X_A", "QUERY_STRING", "LANG", "A=B", ""][..])
            .prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    (name, proptest::option::of(vec(any::<u8>(), 0..6)))
}

fn trailer() -> impl Strategy<Value = Trailer> {
    (name(), value()).prop_map(|(name, value)| Trailer {
        name: name.into_bytes(),
        value,
    })
}

/// The same inputs in each run; `PROPTEST_CASES` asks for more, `PROPTEST_RNG_SEED` for others.
fn config() -> Config {
    let config = Config::default();
    let rng_seed = match config.rng_seed {
        RngSeed::Random => RngSeed::Fixed(3875),
        fixed => fixed,
    };
    let regressions = FileFailurePersistence::Direct("src/cgi/request/tests/regressions.txt");
    Config {
        rng_seed,
        failure_persistence: Some(Box::new(regressions)),
        ..config
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_header_set_yields_a_legal_environment_block(
        fields in vec((name(), value()), 0..12),
        query in "[ -~]{0,12}",
        site in vec(site_variable(), 0..4),
        trailers in vec(trailer(), 0..4),
        pass_authorization in any::<bool>(),
        body in prop_oneof![
            Just(BodyFacts::None),
            any::<u64>().prop_map(BodyFacts::Length),
            any::<u64>().prop_map(BodyFacts::Counted),
        ],
    ) {
        let mut head = format!("GET {SCRIPT}/x?{} HTTP/1.1\r\nHost: h\r\n", query.replace(' ', "+"))
            .into_bytes();
        for (name, value) in &fields {
            head.extend_from_slice(&[name.as_bytes(), b": ", value, b"\r\n"].concat());
        }
        head.extend_from_slice(b"\r\n");
        // What the head's own rules refuse never gets as far as an environment.
        if let Ok(head) = parse(Bytes::from(head), &HeadLimits::default()) {
            let given = Given { pass_authorization, site, trailers, body, ..Given::default() };
            check_environment(&head, &build_from(&head, &given), &given);
        }
    }
}

#[track_caller]
fn check_environment(head: &RequestHead, request: &CgiRequest, given: &Given<'_>) {
    let mut names = BTreeSet::new();
    let mut length = 0;
    for variable in &request.variables {
        let MetaVariable { name, value, .. } = variable;
        assert!(!name.is_empty() && !name.contains(['=', '\0']), "{name:?}");
        assert!(!value.contains(&0), "{name}");
        // §4.1: names that differ in case only must not stand for different variables.
        assert!(
            names.insert(name.to_ascii_uppercase()),
            "{name} is there twice"
        );
        length += name.len() + value.len() + 2;
        let from_site = given.site.iter().any(|(set, _)| set == name);
        assert!(
            from_site || is_allowed(variable, given.pass_authorization),
            "{variable:?}"
        );
    }
    // No byte is there that neither the client, nor the site, nor the table of variables has; the
    // names of fields are their own, the separators of duplicates two bytes each.
    let sent = head.raw.len() + given.trailers.iter().map(length_of).sum::<usize>();
    let site = given.site.iter();
    let site = site.map(|(name, value)| name.len() + value.as_ref().map_or(0, Vec::len) + 2);
    let bound = 4 * sent + 7 * head.fields.len() + site.sum::<usize>() + 4096;
    assert!(length <= bound, "{length} bytes of at most {bound}");
}

fn length_of(trailer: &Trailer) -> usize {
    trailer.name.len() + trailer.value.len() + 7
}

/// What the table lets reach a script: a variable that the dictionary knows, or a field by its name.
fn is_allowed(variable: &MetaVariable, pass_authorization: bool) -> bool {
    let name = variable.name.as_str();
    if let Some(field) = name.strip_prefix("HTTP_") {
        let withheld = matches!(field, "AUTHORIZATION" | "PROXY_AUTHORIZATION");
        let never = [
            "PROXY",
            "CONTENT_LENGTH",
            "CONTENT_TYPE",
            "TRANSFER_ENCODING",
            "TRAILER",
        ];
        let letters = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
        return !never.contains(&field)
            && (pass_authorization || !withheld)
            && field.bytes().all(letters)
            && matches!(
                variable.provenance,
                Provenance::Header { .. } | Provenance::Trailer { .. }
            );
    }
    describe(name).is_some()
}
