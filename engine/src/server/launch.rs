//! One run made ready: the script that was chosen, what it is told, and the beginning of its record.

use super::as_host;
use super::gateway::Visit;
use super::hop::Hop;
use super::intake::{Intake, KnownBody};
use super::run::{self, Outcome, Plan, RunLimits};
use super::site_rules;
use crate::SERVER_SOFTWARE;
use crate::cgi::head_rules::BodyFraming;
use crate::cgi::header_block::HeaderLimits;
use crate::cgi::profile::HostProfile;
use crate::cgi::request::{Authentication, BodyFacts, CgiRequest, RedirectFacts, RequestFacts};
use crate::cgi::response;
use crate::debugger::{Hook, is_hooked_python};
use crate::exchange::{
    CapturedBody, Debugger, Interpreter, Invocation, LaunchFailure, ProgramRecord, StopCause,
    Timeline,
};
use crate::process::{Program, Resources};
use crate::site::config::SiteConfig;
use crate::site::script::{NotRunnable, ScriptFacts};
use crate::site::{EnvironmentChange, Settings};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What holds for one run beside the script itself: what the site says there, and who has logged in.
#[derive(Clone, Copy)]
pub(super) struct Terms<'a> {
    pub(super) settings: &'a Settings,
    pub(super) user: Option<&'a str>,
}

/// The script that was chosen.
pub(super) struct Script {
    pub(super) file: PathBuf,
    pub(super) facts: Arc<ScriptFacts>,
    pub(super) script_name_length: usize,
    /// What the extra path stands for, if there is one.
    pub(super) path_translated: Option<PathBuf>,
    /// The folder that the extra path is mapped to.
    pub(super) document_root: PathBuf,
}

/// A run made ready.
pub(super) struct Prepared {
    pub(super) request: Arc<CgiRequest>,
    pub(super) program: Result<Program, NotRunnable>,
    /// Its output goes to the client untouched (RFC 3875 §5).
    pub(super) nph: bool,
    as_host: Option<as_host::Prepared>,
}

impl Script {
    /// The facts as the record has them: of the script that the URL names, whatever file was run for it.
    fn recorded_facts(&self) -> Arc<ScriptFacts> {
        if self.facts.path == self.file {
            return Arc::clone(&self.facts);
        }
        Arc::new(ScriptFacts {
            path: self.file.clone(),
            ..(*self.facts).clone()
        })
    }

    /// Where a copy is run, SCRIPT_FILENAME names it: an interpreter may run what that says.
    fn name_copy(&self, request: &mut CgiRequest) {
        let own = self.file.as_os_str().as_bytes();
        let named = request
            .variables
            .iter_mut()
            .find(|variable| variable.name == "SCRIPT_FILENAME" && variable.value == own);
        if let Some(variable) = named
            && self.facts.path != self.file
        {
            request.overridden.push(variable.clone());
            variable.value = self.facts.path.as_os_str().as_bytes().to_vec();
        }
    }

    /// `folder`: where it is to run, if not in the script's own.
    fn program(
        &self,
        plan: crate::site::script::LaunchPlan,
        request: &CgiRequest,
        folder: Option<&Path>,
    ) -> Program {
        let mut arguments = vec![plan.executable.clone().into_os_string()];
        arguments.extend(plan.leading_arguments);
        arguments.extend(
            request
                .arguments
                .iter()
                .map(|word| std::ffi::OsString::from_vec(word.clone())),
        );
        let environment = request
            .variables
            .iter()
            .map(|variable| {
                (
                    variable.name.clone().into(),
                    std::ffi::OsString::from_vec(variable.value.clone()),
                )
            })
            .collect();
        let directory = match folder {
            Some(folder) => folder.to_owned(),
            None => self.file.parent().unwrap_or(Path::new("/")).to_owned(),
        };
        Program {
            executable: plan.executable,
            arguments,
            environment,
            directory,
        }
    }
}

impl Visit {
    /// Prepares one run, records how it was prepared, and starts it.
    pub(super) async fn run(
        &self,
        script: &Script,
        hop: &Hop,
        terms: Terms<'_>,
        intake: Intake,
    ) -> Outcome {
        let host = &self.connection.host;
        let Prepared {
            request,
            program,
            nph,
            as_host,
        } = self.prepare(script, hop, terms, intake.known());
        let hook = self.hook(script);
        let limits = self.limits(hook.as_ref());
        let mut invocation = invocation(
            script,
            hop,
            request,
            program.as_ref(),
            nph,
            &host.recorder.stream(limits.capture_bytes),
        );
        invocation.limits = Some(Box::new(limits.record()));
        invocation.interpreter = script.facts.interpreter.program().map(|path| Interpreter {
            version: host.interpreter_version(path),
            path: path.to_owned(),
        });
        invocation.debugged = hook.as_ref().map(Hook::what);
        invocation.as_host = as_host.map(|host| Box::new(host.record));
        let passes_passwords = terms.settings.pass_authorization;
        let index = self.pen.write(|exchange, _| {
            // What the site hands to its scripts is theirs to be seen, and to be sent again.
            if passes_passwords {
                exchange.request.raw_head = self.head.raw.clone();
                exchange.request.head = Some(Arc::clone(&self.head));
            }
            exchange.invocations.push(invocation);
            exchange.invocations.len() - 1
        });
        let program = match program {
            Ok(program) => program,
            Err(reason) => {
                let failure = LaunchFailure {
                    message: reason.to_string(),
                    errno: None,
                };
                run::note(&self.pen, index, |run, _| {
                    run.launch_failure = Some(failure);
                });
                return Outcome::Failed;
            }
        };
        let program = match &hook {
            Some(hook) => hook.told(program),
            None => program,
        };
        let head_request = self.head.method() == b"HEAD";
        let strictness = site_rules::strictness(terms.settings);
        let plan = Plan {
            program,
            intake,
            nph,
            head_request,
            strictness,
            cut_off_crashed: self.site.config.options.cut_off_crashed,
            profile: self.profile,
            limits,
            hook,
            index,
        };
        if host.stopping.is_cancelled() {
            run::note(&self.pen, index, |run, _| {
                run.stop = Some(StopCause::Shutdown);
            });
            return Outcome::Failed;
        }
        run::start(plan, &self.connection, &self.pen)
            .await
            .unwrap_or(Outcome::Failed)
    }

    /// What will be started, and what it will be told.
    pub(super) fn prepare(
        &self,
        script: &Script,
        hop: &Hop,
        terms: Terms<'_>,
        body: KnownBody<'_>,
    ) -> Prepared {
        let (mut request, as_host) = match self.profile {
            None => (self.cgi_request(script, hop, body, terms), None),
            Some(profile) => self.request_as_host(profile, script, hop, body, terms),
        };
        script.name_copy(&mut request);
        let options = &self.site.config.options;
        let folder = (!options.run_in_script_folder).then_some(self.site.root.as_path());
        let program = script.facts.launch_plan().map(|plan| {
            let program = script.program(plan, &request, folder);
            match &as_host {
                Some(host) => host.start(program, script),
                None => program,
            }
        });
        let nph = script
            .file
            .file_name()
            .is_some_and(|name| response::is_nph(name.as_bytes()))
            && self.profile.is_none_or(HostProfile::knows_nph);
        Prepared {
            request: Arc::new(request),
            program,
            nph,
            as_host,
        }
    }

    /// What the script is to do beside its work: what the connection wants, else what the site wants of every run.
    fn hook(&self, script: &Script) -> Option<Hook> {
        if !is_hooked_python(&script.facts) {
            return None;
        }
        let wanted = self.connection.hook().cloned();
        let records = self.site.config.options.record_locals;
        wanted.or_else(|| {
            records
                .then(|| self.connection.host.locals_hook())
                .flatten()
        })
    }

    /// Whoever looks at a script line by line needs time.
    fn limits(&self, hook: Option<&Hook>) -> RunLimits {
        let stands = hook.is_some_and(|hook| hook.what() != Debugger::Locals);
        let limits = &self.site.config.limits;
        let some = |most: u64| (most > 0).then_some(most);
        RunLimits {
            silence: limits.time_limit().filter(|_| !stands),
            total: limits.total_limit().filter(|_| !stands),
            client_gone: limits.grace(),
            capture_bytes: self.connection.host.capture_bytes(),
            resources: Resources {
                cpu_seconds: some(limits.cpu_seconds),
                memory_bytes: some(limits.memory_bytes),
                processes: some(limits.processes),
            },
            header: HeaderLimits::default(),
        }
    }

    /// What the script is told, with where each word of it is from.
    fn cgi_request(
        &self,
        script: &Script,
        hop: &Hop,
        body: KnownBody<'_>,
        terms: Terms<'_>,
    ) -> CgiRequest {
        self.with_facts(script, hop, body, terms, CgiRequest::build)
    }

    /// Hands all that a request is made from to `make`.
    pub(super) fn with_facts<T>(
        &self,
        script: &Script,
        hop: &Hop,
        body: KnownBody<'_>,
        terms: Terms<'_>,
        make: impl FnOnce(&RequestFacts<'_>) -> T,
    ) -> T {
        let config = &self.site.config;
        let user = terms.user.map(|user| Authentication {
            scheme: "Basic",
            user: user.as_bytes(),
        });
        make(&RequestFacts {
            head: &self.head,
            target: &hop.target,
            path: &hop.path,
            script_name_length: script.script_name_length,
            script_filename: script.file.as_os_str().as_bytes(),
            document_root: script.document_root.as_os_str().as_bytes(),
            path_translated: script
                .path_translated
                .as_ref()
                .map(|path| path.as_os_str().as_bytes()),
            body: match body.facts {
                BodyFacts::None
                    if !hop.body_left && self.head.body_framing() == BodyFraming::Length(0) =>
                {
                    BodyFacts::Length(0)
                }
                known => known,
            },
            trailers: body.trailers,
            connection: &self.connection.facts,
            authentication: user,
            pass_authorization: terms.settings.pass_authorization,
            server_software: SERVER_SOFTWARE,
            path_variable: config.path().as_bytes(),
            site_variables: &site_variables(config, terms.settings),
            redirect: hop.from.as_ref().map(|from| RedirectFacts {
                url: &from.url,
                query: from.query.as_deref(),
                status: from.status,
                method: hop.method(&self.head),
                keeps_body: !hop.body_left,
            }),
            php: site_rules::runs_php(&script.facts),
        })
    }
}

fn invocation<E>(
    script: &Script,
    hop: &Hop,
    request: Arc<CgiRequest>,
    program: Result<&Program, &E>,
    nph: bool,
    stream: &CapturedBody,
) -> Invocation {
    let name = &hop.path.bytes[..script.script_name_length.min(hop.path.bytes.len())];
    Invocation {
        script: script.recorded_facts(),
        script_name: String::from_utf8_lossy(name).into_owned(),
        nph,
        request,
        program: program.ok().map(|program| {
            Arc::new(ProgramRecord {
                executable: program.executable.clone(),
                arguments: program.arguments.clone(),
                directory: program.directory.clone(),
            })
        }),
        interpreter: None,
        limits: None,
        as_host: None,
        launch_failure: None,
        pid: None,
        stdin_taken: 0,
        stdin_refused: false,
        stdout: stream.clone(),
        stderr: stream.clone(),
        stdout_ended: false,
        header_block: None,
        response: None,
        stop: None,
        exit: None,
        usage: None,
        holders: Vec::new(),
        silence: None,
        debugged: None,
        locals: None,
        timeline: Timeline::default(),
    }
}

/// The site's own variables, then what its scopes change; PATH has a place of its own unless a scope names it.
fn site_variables(config: &SiteConfig, settings: &Settings) -> Vec<(String, Option<Vec<u8>>)> {
    let own = config
        .environment
        .iter()
        .filter(|(name, _)| *name != "PATH")
        .map(|(name, value)| (name.clone(), Some(value.clone().into_bytes())));
    let changes = settings.environment.iter().filter_map(|change| {
        Some(match change {
            EnvironmentChange::Set { name, value } => {
                (name.clone(), Some(value.clone().into_bytes()))
            }
            EnvironmentChange::Pass { name } => {
                (name.clone(), Some(std::env::var_os(name)?.into_vec()))
            }
            EnvironmentChange::Unset { name } => (name.clone(), None),
        })
    });
    own.chain(changes).collect()
}
