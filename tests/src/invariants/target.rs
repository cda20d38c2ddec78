//! A request target never leads above the root, and its Script-URI selects the same again
//! (RFC 3875 §3.3).

use std::path::PathBuf;

use cgi_engine::cgi::script_uri::{RequestTarget, script_uri};
use cgi_engine::site::{Site, Target, resolve};

/// No spelling leads up or holds a NUL, and wherever script and extra path part, the Script-URI of
/// the two decodes to the same path.
#[track_caller]
pub fn request_target(target: &[u8]) {
    let written = target.escape_ascii();
    let Ok(parsed) = RequestTarget::parse(target) else {
        return;
    };
    assert!(parsed.path_and_query().end == target.len(), "{written}");
    let Ok(path) = parsed.decode_path() else {
        return;
    };
    assert!(
        path.bytes.starts_with(b"/") && !path.bytes.contains(&0),
        "{written}"
    );
    let mut segments = path.bytes.split(|byte| *byte == b'/');
    assert!(
        !segments.any(|segment| matches!(segment, b"." | b"..")),
        "{written}"
    );
    let whole = path.source_range(0..path.bytes.len());
    for part in 0..=path.bytes.len() {
        let source = path.source_range(part..path.bytes.len());
        assert!(
            source.start >= whole.start && source.end == whole.end,
            "{written}"
        );
    }
    let query = parsed.query().unwrap_or_default();
    // Every place for short paths, a few for long ones: each costs a decoding.
    let step = (path.bytes.len() / 16).max(1);
    for part in (0..=path.bytes.len()).step_by(step) {
        let (script_name, path_info) = path.bytes.split_at(part);
        let again = script_uri("http", b"h", 80, script_name, path_info, query);
        let again = RequestTarget::parse(&again).unwrap();
        assert_eq!(again.decode_path().unwrap().bytes, path.bytes, "{written}");
        assert_eq!(again.query().unwrap_or_default(), query, "{written}");
    }
}

/// What a script of the site is told of itself, put together to the Script-URI and asked for, leads
/// to the same script, told the same (B6, B7). Says whether a script was selected.
#[track_caller]
pub fn selects_the_same(site: &Site, target: &[u8]) -> bool {
    let Some(told) = Told::of(site, target) else {
        return false;
    };
    let (script_name, path_info) = (&told.script_name, &told.path_info);
    let query = &told.query_string;
    let uri = script_uri("http", b"127.0.0.1", 8000, script_name, path_info, query);
    let again = Told::of(site, &uri);
    assert_eq!(
        again,
        Some(told),
        "{} {}",
        target.escape_ascii(),
        uri.escape_ascii()
    );
    true
}

/// What a script is told of the URL that selected it.
#[derive(Debug, PartialEq, Eq)]
struct Told {
    file: PathBuf,
    script_name: Vec<u8>,
    path_info: Vec<u8>,
    query_string: Vec<u8>,
}

impl Told {
    fn of(site: &Site, target: &[u8]) -> Option<Self> {
        let target = RequestTarget::parse(target).ok()?;
        let path = target.decode_path().ok()?.bytes;
        let Target::Script {
            file,
            script_name_length,
            ..
        } = resolve(site, &path).target
        else {
            return None;
        };
        let (script_name, path_info) = path.split_at(script_name_length);
        assert!(
            path_info.is_empty() || path_info.starts_with(b"/"),
            "{path:?}"
        );
        Some(Self {
            file,
            script_name: script_name.to_vec(),
            path_info: path_info.to_vec(),
            query_string: target.query().unwrap_or_default().to_vec(),
        })
    }
}
