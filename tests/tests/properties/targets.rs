//! Request targets, and the scripts of a site that they lead to.

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use cgi_engine::site::Site;
use cgi_tests::invariants;
use proptest::proptest;
use proptest::test_runner::{TestCaseError, TestRunner};

use crate::near::near;

const TARGET: &[&[u8]] = &[
    b"/", b"//", b".", b"..", b"%2e", b"%2F", b"%", b"%00", b"%25", b"%3f", b"a", b"?", b"#",
    b"http://", b"h", b":80", b"%zz", b";", b"[::1]", b"\xff", b"%ff", b"=", b"+", b"&", b"*",
];

/// Names on disk, as bytes; each is written in several ways in a URL.
const FILES: [&[u8]; 8] = [
    b"cgi-bin/a.cgi",
    b"cgi-bin/deep/b.cgi",
    b"cgi-bin/deep/index.py",
    b"cgi-bin/sp ace.cgi",
    b"cgi-bin/per%2fcent.cgi",
    b"cgi-bin/qu?est;ion=.cgi",
    b"cgi-bin/\xe4\xff.cgi",
    b"plain/c.py",
];

const PATHS: &[&[u8]] = &[
    b"/cgi-bin/a.cgi",
    b"/cgi-bin/deep/b.cgi",
    b"/cgi-bin/deep/",
    b"/cgi-bin/deep",
    b"/cgi-bin/sp%20ace.cgi",
    b"/cgi-bin/per%252fcent.cgi",
    b"/cgi-bin/qu%3Fest%3bion%3d.cgi",
    b"/cgi-bin/qu%3fest;ion=.cgi",
    b"/cgi-bin/%e4%FF.cgi",
    b"/cgi-bin/\xe4\xff.cgi",
    b"/plain/c.py",
    b"/plain//c.py",
    b"/cgi-bin//a.cgi",
    b"/x/..",
    b"/",
    b"//",
    b"/.",
    b"/..",
    b"/%2e",
    b"%2F",
    b"/extra",
    b"/a%20b",
    b"?",
    b"?q=1",
    b"%3f",
    b";p=1",
    b"%25",
    b"/a.cgi",
    b"http://h",
];

proptest! {
    #![proptest_config(crate::config("tests/properties/regressions/targets.txt"))]

    #[test]
    fn no_target_leads_up_and_its_script_uri_decodes_to_the_same(target in near(TARGET)) {
        invariants::request_target(&target);
    }
}

fn site() -> (tempfile::TempDir, Site) {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    for name in FILES {
        let path = folder
            .path()
            .join(Path::new(std::ffi::OsStr::from_bytes(name)));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "#!/bin/sh\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let site = Site::open(folder.path()).unwrap();
    (folder, site)
}

/// B6 and B7 of the requirements: through the decoding of the target and through the site.
#[test]
fn a_script_uri_selects_the_same_script_told_the_same() {
    let (_folder, site) = site();
    let selected = std::cell::Cell::new(0);
    let mut runner = TestRunner::new(crate::config("tests/properties/regressions/sites.txt"));
    let cases = runner.config().cases;
    let outcome = runner.run(&near(PATHS), |target| {
        if invariants::selects_the_same(&site, &target) {
            selected.set(selected.get() + 1);
        }
        Ok::<_, TestCaseError>(())
    });
    outcome.unwrap();
    assert!(selected.get() > cases / 50, "{} of {cases}", selected.get());
    for target in PATHS
        .iter()
        .filter(|target| target.ends_with(b".cgi") && target.starts_with(b"/cgi-bin"))
    {
        assert!(
            invariants::selects_the_same(&site, target),
            "{}",
            target.escape_ascii()
        );
    }
}
