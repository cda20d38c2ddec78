//! The login shell of whatever kind is asked within bounds.

use crate::child;
use cgi_engine::terminal::{AskError, ask};
use cgi_tests::{TempSite, start_spawner};
use std::time::{Duration, Instant};

#[test]
fn a_shell_tells_its_variables_and_umask() {
    let terminal = ask(&start_spawner(child()), "/bin/sh".as_ref()).unwrap();
    assert!(terminal.get("PATH").is_some(), "{terminal:?}");
    assert_eq!(terminal.get("TERM"), None, "that is ours");
    assert!(terminal.umask.is_some_and(|umask| umask <= 0o777));
}

#[test]
fn a_shell_that_hangs_or_talks_nonsense_is_told() {
    let site = TempSite::new(child());
    let spawner = start_spawner(child());
    let mute = site.file("mute", "#!/bin/sh\nexec sleep 600\n", 0o755);
    let begun = Instant::now();
    assert!(matches!(
        ask(&spawner, &mute),
        Err(AskError::TooSlow { .. })
    ));
    assert!(begun.elapsed() < Duration::from_secs(30));
    let odd = site.file("odd", "#!/bin/sh\necho hello\n", 0o755);
    assert!(matches!(
        ask(&spawner, &odd),
        Err(AskError::NoAnswer { .. })
    ));
    let none = site.path("none");
    let error = ask(&spawner, &none).unwrap_err().to_string();
    assert!(error.starts_with("cannot ask the shell"), "{error}");
}
