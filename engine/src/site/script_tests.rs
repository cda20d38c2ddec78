//! Facts of real files, the hostile ones first, and what each would take to start.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use tempfile::TempDir;

use super::super::content::{BINARY_SOURCE_BYTES, SOURCE_BYTES, open_regular};
use super::super::launch_plan::{LaunchPlan, NotRunnable};
use super::*;
use sha2::{Digest as _, Sha256};

struct Script {
    folder: TempDir,
    config: SiteConfig,
}

impl Script {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            config: SiteConfig::default(),
        }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn put(&self, name: &str, content: impl AsRef<[u8]>, mode: u32) -> PathBuf {
        let file = self.at(name);
        fs::write(&file, content).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        file
    }

    fn facts(&self, content: impl AsRef<[u8]>, mode: u32) -> ScriptFacts {
        ScriptFacts::read(&self.put("script.py", content, mode), &self.config)
    }
}

/// The plan in one word, for a table.
#[track_caller]
fn check_plan(content: impl AsRef<[u8]>, mode: u32, expected: &str) {
    let script = Script::new();
    let facts = script.facts(content, mode);
    let told = match facts.launch_plan() {
        Ok(plan) => {
            assert_eq!(
                plan,
                LaunchPlan {
                    executable: facts.path.clone(),
                    leading_arguments: vec![]
                }
            );
            "runs".to_owned()
        }
        Err(NotRunnable::Interpreter { problem, .. }) => format!("{problem:?}"),
        Err(NotRunnable::ForeignBinary { format, .. }) => format!("{format} elsewhere"),
        Err(NotRunnable::NotExecutable { .. }) => "not executable".to_owned(),
        Err(NotRunnable::NoInterpreter { .. }) => "no interpreter".to_owned(),
        Err(other) => other.to_string(),
    };
    assert_eq!(told, expected);
}

#[test]
fn the_plan_knows_what_the_system_would_refuse() {
    check_plan("#!/bin/sh\necho\n", 0o755, "runs");
    check_plan("#!/usr/bin/env no-such-program\n", 0o755, "runs");
    check_plan("#!/bin/sh\n", 0o644, "not executable");
    check_plan("#!/bin/sh\r\n", 0o755, "Missing");
    check_plan("#!/no/such/interpreter\n", 0o755, "Missing");
    check_plan("#!/tmp\n", 0o755, "NotAFile");
    check_plan("#!/etc/passwd\n", 0o755, "NotExecutable");
    check_plan("#!\n", 0o755, "Unnamed");
    check_plan("", 0o755, "no interpreter");
    check_plan("print()\n", 0o755, "no interpreter");
    check_plan("\u{feff}#!/bin/sh\n", 0o755, "no interpreter");
    check_plan(
        [&b"MZ\x90"[..], &[0; 64]].concat(),
        0o755,
        "Windows PE elsewhere",
    );
    check_plan(fs::read("/bin/sh").unwrap(), 0o755, "runs");
}

#[test]
fn a_mapped_interpreter_needs_neither_bits_nor_a_shebang() {
    let mut script = Script::new();
    script
        .config
        .scripts
        .interpreters
        .insert(".PY".to_owned(), "sh".into());
    let facts = script.facts("print()\n", 0o644);
    let plan = facts.launch_plan().unwrap();
    assert!(
        plan.executable.is_absolute() && plan.executable.ends_with("sh"),
        "{plan:?}"
    );
    assert_eq!(plan.leading_arguments, [facts.path.into_os_string()]);
    script
        .config
        .scripts
        .interpreters
        .insert(".PY".to_owned(), "/no/such".into());
    let refused = script.facts("", 0o644).launch_plan().unwrap_err();
    assert!(matches!(
        refused,
        NotRunnable::Interpreter {
            problem: InterpreterProblem::Missing,
            ..
        }
    ));
}

#[test]
fn facts_tell_of_the_file_and_its_first_line() {
    let script = Script::new();
    let facts = script.facts("#!/bin/sh -e\r\necho\r\n", 0o750);
    assert_eq!(
        (facts.kind, facts.size, facts.mode),
        (FileKind::Regular, 20, 0o750)
    );
    assert_eq!((facts.executable, facts.line_ends), (true, LineEnds::CrLf));
    assert_eq!(
        facts.hash,
        <[u8; 32]>::from(Sha256::digest("#!/bin/sh -e\r\necho\r\n"))
    );
    assert_eq!(
        (&*facts.source, facts.source_truncated),
        (&b"#!/bin/sh -e\r\necho\r\n"[..], false)
    );
    let shebang = facts.first_line.shebang.clone().unwrap();
    assert_eq!(
        (shebang.argument.as_deref(), shebang.ends_with_cr),
        (Some(&b"-e"[..]), true)
    );
    assert!(facts.modified.is_some());
    assert!(Arc::ptr_eq(&facts.source, &facts.clone().source));
}

#[test]
fn env_is_looked_through_on_the_path_of_the_scripts() {
    let mut script = Script::new();
    let program = script.put("snake", "", 0o755);
    let path = script.folder.path().to_str().unwrap().to_owned();
    script.config.environment.insert("PATH".to_owned(), path);
    let looked_up = |line: &str| match script.facts(line, 0o755).interpreter {
        InterpreterState::Shebang {
            found: true,
            through_env,
            env_found,
            problem: None,
            ..
        } => (through_env, env_found),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        looked_up("#!/usr/bin/env snake\n"),
        (Some(b"snake".to_vec()), Some(program))
    );
    assert_eq!(
        looked_up("#!/usr/bin/env snake\r\n"),
        (Some(b"snake\r".to_vec()), None)
    );
    assert_eq!(
        looked_up("#!/usr/bin/env sh\n"),
        (Some(b"sh".to_vec()), None)
    );
}

#[test]
fn what_is_no_regular_file_is_told_and_never_opened() {
    let script = Script::new();
    let pipe = script.at("pipe.py");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &pipe,
        rustix::fs::FileType::Fifo,
        0o755.into(),
        0,
    )
    .unwrap();
    symlink("loop", script.at("loop")).unwrap();
    let file = script.put("file", "", 0o644);
    let long = script.at(&"x".repeat(300));
    for (path, expected) in [
        (pipe.clone(), FileKind::Other),
        (PathBuf::from("/dev/zero"), FileKind::Other),
        (script.folder.path().to_owned(), FileKind::Directory),
        (script.at("missing"), FileKind::Missing),
        (file.join("below"), FileKind::Missing),
        (script.at("loop"), FileKind::Unreadable { errno: 40 }),
        (long, FileKind::Unreadable { errno: 36 }),
    ] {
        let facts = ScriptFacts::read(&path, &script.config);
        if cfg!(target_os = "linux") {
            assert_eq!(facts.kind, expected, "{path:?}");
        }
        assert!(facts.launch_plan().is_err() && facts.source.is_empty());
    }
    assert!(open_regular(&pipe).is_err());
}

#[test]
fn a_huge_script_is_kept_in_part_and_told_by_its_hash() {
    let script = Script::new();
    let mut content = vec![b'#'; SOURCE_BYTES + 1000];
    let before = script.facts(&content, 0o755);
    assert_eq!(
        (before.source.len(), before.size),
        (SOURCE_BYTES, content.len() as u64)
    );
    assert!(before.source_truncated);
    content.push(b'!');
    content.swap_remove(SOURCE_BYTES + 500);
    let after = script.facts(&content, 0o755);
    assert_eq!(
        (before.size, before.source == after.source),
        (after.size, true)
    );
    assert_ne!(before.hash, after.hash);
}

#[test]
fn a_binary_program_is_kept_by_its_head_only() {
    let facts = Script::new().facts([&b"\x7FELF"[..], &[b'\n'; 100_000]].concat(), 0o755);
    assert_eq!(
        (facts.source.len(), facts.source_truncated),
        (BINARY_SOURCE_BYTES, true)
    );
    assert_eq!((facts.size, facts.line_ends), (100_004, LineEnds::None));
}
