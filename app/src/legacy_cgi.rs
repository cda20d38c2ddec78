//! The package `legacy-cgi`, which brings back the modules `cgi` and `cgitb` that Python 3.13 no longer has (PEP 594):
//! where it can be installed for a script, and the installation itself.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use cgi_engine::diagnosis::Finding;
use cgi_engine::process::{Exit, LaunchError, Program, Spawner, Stdin};
use cgi_engine::site::{ScriptFacts, Site};
use serde::Deserialize;
use tokio::io::AsyncReadExt as _;
use tokio::time::{Instant, sleep, timeout};

const PACKAGE: &str = "legacy-cgi";
const LABEL: &str = "Install legacy-cgi";
/// The finding that it mends.
const MODULE_REMOVED: u16 = 49;
/// An interpreter that says nothing of itself in this time is not asked to install anything.
const PROBE_LIMIT: Duration = Duration::from_secs(10);
const PROBE_BYTES: usize = 16 << 10;
/// A download that takes longer is given up.
const INSTALL_LIMIT: Duration = Duration::from_secs(300);
/// How long an installation that is cancelled has to tidy up.
const GRACE: Duration = Duration::from_secs(2);
/// How often it is looked whether it was cancelled.
const LOOK: Duration = Duration::from_millis(100);
/// Asks an interpreter about itself; nothing of the site is imported (`-I`).
const PROBE: &str = "import json, os, sys, sysconfig; print(json.dumps({\
    'minor': sys.version_info[1], 'venv': sys.prefix != sys.base_prefix, \
    'managed': os.path.exists(os.path.join(sysconfig.get_path('stdlib'), 'EXTERNALLY-MANAGED')), \
    'writable': os.access(sysconfig.get_path('purelib'), os.W_OK)}))";

/// Where the package would go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Into {
    /// Into the interpreter that runs the script.
    Interpreter,
    /// Into a new environment in this folder, made of that interpreter, which the site's scripts then get.
    NewEnvironment(PathBuf),
}

/// An installation as it is offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Install {
    /// What the button says.
    pub label: String,
    /// What will be different, in a sentence or two.
    pub meaning: String,
    /// The interpreter that runs the script.
    pub interpreter: PathBuf,
    /// Where the package goes.
    pub into: Into,
}

/// Why it was not installed.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// The program was not started.
    #[error(transparent)]
    Launch(#[from] LaunchError),
    /// It failed; what it printed says why.
    #[error("{program} failed, {exit}; its output says why")]
    Failed {
        /// What was run.
        program: &'static str,
        /// How it ended.
        exit: Exit,
    },
    /// It took too long.
    #[error("it was given up after {} seconds", INSTALL_LIMIT.as_secs())]
    TimedOut,
    /// The user wanted no more of it.
    #[error("it was cancelled")]
    Cancelled,
}

/// What an interpreter says of itself.
#[derive(Debug, Deserialize)]
struct Word {
    minor: u32,
    venv: bool,
    managed: bool,
    writable: bool,
}

/// What a button says before the interpreter is asked; none where the package is of no use, or the interpreter is
/// one of the site's own programs: these are started by requests only, never to look at something.
#[must_use]
pub fn label(finding: &Finding, site: &Site, script: &ScriptFacts) -> Option<&'static str> {
    let python = script.interpreter.program()?;
    (finding.code.0 == MODULE_REMOVED && !site.holds(python)).then_some(LABEL)
}

/// What can be installed for this finding; none where the package is of no use, or the interpreter does not answer.
///
/// `state`: the folder in which a new environment may be made.
pub async fn offer(
    spawner: &Spawner,
    finding: &Finding,
    site: &Site,
    script: &ScriptFacts,
    state: &Path,
) -> Option<Install> {
    label(finding, site, script)?;
    let interpreter = script.interpreter.program()?;
    let program = program(interpreter, ["-I", "-c", PROBE], &[]);
    let answer = spawner.run_to_end(program, PROBE_LIMIT, PROBE_BYTES);
    let answer = answer.await.ok().filter(|answer| !answer.timed_out)?;
    let word: Word = serde_json::from_slice(&answer.stdout).ok()?;
    Some(plan(&word, interpreter, state))
}

fn plan(word: &Word, interpreter: &Path, state: &Path) -> Install {
    let name = interpreter.display();
    let told = format!("Python 3.{}", word.minor);
    if word.venv || (word.writable && !word.managed) {
        return Install {
            label: LABEL.into(),
            meaning: format!(
                "{name} -m pip install {PACKAGE} is run: {told} gets the modules cgi and cgitb back, for every \
                 script that it runs. The script stays as it is."
            ),
            interpreter: interpreter.to_owned(),
            into: Into::Interpreter,
        };
    }
    let why = match word.managed {
        true => "is managed by the system, which wants no packages installed by hand (PEP 668)",
        false => "lies where this user may not write",
    };
    let folder = state.join("python");
    Install {
        label: "Install legacy-cgi into a new environment".into(),
        meaning: format!(
            "{name} {why}. So an environment of its own is made for this site in {}, legacy-cgi is installed there, \
             and cgi-studio.toml lets it run the site's scripts with this suffix.",
            folder.display()
        ),
        interpreter: interpreter.to_owned(),
        into: Into::NewEnvironment(folder),
    }
}

/// Installs with these variables; `told` gets what is printed, piece by piece. The interpreter that has the package
/// then.
///
/// # Errors
/// It was not started, failed, took too long or was cancelled.
pub async fn install(
    spawner: &Spawner,
    install: &Install,
    environment: &[(OsString, OsString)],
    cancelled: &AtomicBool,
    mut told: impl FnMut(&[u8]),
) -> Result<PathBuf, InstallError> {
    let mut python = install.interpreter.clone();
    if let Into::NewEnvironment(folder) = &install.into {
        let words = [OsStr::new("-m"), OsStr::new("venv"), folder.as_os_str()];
        let venv = program(&python, words, environment);
        run(spawner, venv, "venv", cancelled, &mut told).await?;
        python = folder.join("bin/python3");
    }
    let words = [
        "-m",
        "pip",
        "install",
        "--no-input",
        "--disable-pip-version-check",
        PACKAGE,
    ];
    let pip = program(&python, words, environment);
    run(spawner, pip, "pip", cancelled, &mut told).await?;
    Ok(python)
}

fn program<W: std::convert::Into<OsString>>(
    python: &Path,
    words: impl IntoIterator<Item = W>,
    environment: &[(OsString, OsString)],
) -> Program {
    let words = words.into_iter().map(std::convert::Into::into);
    Program {
        executable: python.to_owned(),
        arguments: std::iter::once(python.into()).chain(words).collect(),
        environment: environment.to_vec(),
        directory: PathBuf::from("/"),
    }
}

/// Runs one program to its end and hands on what it prints.
async fn run(
    spawner: &Spawner,
    program: Program,
    name: &'static str,
    cancelled: &AtomicBool,
    told: &mut impl FnMut(&[u8]),
) -> Result<(), InstallError> {
    let (mut process, mut pipes) = spawner.launch(program, Stdin::Null).await?;
    let deadline = Instant::now() + INSTALL_LIMIT;
    let (mut out, mut err) = ([0; 4096], [0; 4096]);
    let (mut out_open, mut err_open) = (true, true);
    while out_open || err_open {
        let why = if cancelled.load(Ordering::Relaxed) {
            Some(InstallError::Cancelled)
        } else {
            (Instant::now() >= deadline).then_some(InstallError::TimedOut)
        };
        if let Some(why) = why {
            process.end_group(GRACE).await;
            process.reap().await;
            return Err(why);
        }
        tokio::select! {
            read = pipes.stdout.read(&mut out), if out_open => match read {
                Ok(count @ 1..) => told(out.get(..count).unwrap_or_default()),
                _ => out_open = false,
            },
            read = pipes.stderr.read(&mut err), if err_open => match read {
                Ok(count @ 1..) => told(err.get(..count).unwrap_or_default()),
                _ => err_open = false,
            },
            () = sleep(LOOK) => {}
        }
    }
    // It has closed both outputs, so its end is near.
    let _ = timeout(GRACE, process.exited()).await;
    match process.reap().await.exit {
        Exit::Code(0) => Ok(()),
        exit => Err(InstallError::Failed {
            program: name,
            exit,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cgi_engine::diagnosis::{Blame, RuleCode, Severity, Stage};
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    #[track_caller]
    fn check(venv: bool, managed: bool, writable: bool, into: &Into) {
        let word = Word {
            minor: 13,
            venv,
            managed,
            writable,
        };
        let plan = plan(&word, Path::new("/usr/bin/python3"), Path::new("/state"));
        assert_eq!(&plan.into, into);
        assert!(
            plan.meaning.contains("/usr/bin/python3"),
            "{}",
            plan.meaning
        );
    }

    #[test]
    fn a_python_that_the_system_manages_is_left_alone() {
        let new = Into::NewEnvironment("/state/python".into());
        check(true, false, true, &Into::Interpreter);
        // An environment inherits the mark of the system's library.
        check(true, true, true, &Into::Interpreter);
        check(false, false, true, &Into::Interpreter);
        check(false, true, true, &new);
        check(false, false, false, &new);
    }

    #[test]
    fn a_program_of_the_site_is_not_offered_to_be_asked() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("cgi-bin")).unwrap();
        fs::write(at("cgi-bin/a.py"), "import cgi\n").unwrap();
        fs::write(at("x.sh"), "#!/bin/sh\n").unwrap();
        fs::set_permissions(at("x.sh"), fs::Permissions::from_mode(0o755)).unwrap();
        let outside = tempfile::tempdir().unwrap();
        let link = outside.path().join("python3");
        std::os::unix::fs::symlink(at("x.sh"), &link).unwrap();
        for (interpreter, offered) in [
            ("/bin/sh", true),
            ("./x.sh", false),
            ("cgi-bin/../x.sh", false),
            (link.to_str().unwrap(), false),
        ] {
            let text = format!("[scripts]\ninterpreters = {{ \".py\" = {interpreter:?} }}\n");
            fs::write(at("cgi-studio.toml"), text).unwrap();
            let site = Site::open(folder.path()).unwrap();
            let script = site.script_facts(&site.root.join("cgi-bin/a.py"));
            assert!(script.interpreter.program().is_some());
            let finding = Finding {
                code: RuleCode(MODULE_REMOVED),
                severity: Severity::Error,
                blame: Blame::Script,
                stage: Stage::Process,
                title: String::new(),
                explanation: String::new(),
                remedy: String::new(),
                authority: String::new(),
                evidence: None,
                place: None,
                consequences: Vec::new(),
                exception: None,
            };
            let label = label(&finding, &site, &script);
            assert_eq!(label.is_some(), offered, "{interpreter}");
        }
    }
}
