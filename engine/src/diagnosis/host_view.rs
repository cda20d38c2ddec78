//! What another host would have made of a run that is recorded: derived from the record alone, nothing is run.
use crate::cgi::head_rules::BodyFraming;
use crate::cgi::meta_variable::Provenance;
use crate::cgi::profile::{
    Deviation, Difference, HostProfile, HostReader, HostRefusal, HostVerdict, Surroundings,
};
use crate::cgi::request::{Authentication, BodyFacts, RequestFacts};
use crate::cgi::script_uri::RequestTarget;
use crate::exchange::{End, EndCause, Exchange, Invocation};
use std::os::unix::ffi::OsStrExt as _;

/// A recorded exchange as a host would have had it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostView {
    /// The host.
    pub profile: HostProfile,
    /// It answers itself, so that nothing below would have come about.
    pub refused: Option<HostRefusal>,
    /// Where the script's environment, command line and surroundings would have differed from the specification's.
    pub differences: Vec<Difference>,
    /// What it would have answered to the same output; absent where nothing is known of the output.
    pub verdict: Option<HostVerdict>,
    /// What is worth knowing about the way to that answer.
    pub deviations: Vec<Deviation>,
    /// The status that the client really got.
    pub status_here: Option<u16>,
}

impl HostView {
    /// The status that the client would have got; none for no answer at all.
    #[must_use]
    pub fn status_there(&self) -> Option<u16> {
        if let Some(refusal) = &self.refused {
            return Some(refusal.status);
        }
        match self.verdict.as_ref()? {
            HostVerdict::Answer(answer) => Some(answer.status),
            HostVerdict::LocalRedirect { .. } | HostVerdict::Silence { .. } => None,
        }
    }
}

/// The exchange as that host would have had it; none where no script was asked.
///
/// Local redirects are followed as far as the record does. A host's own environment is not known here.
#[must_use]
pub fn view(exchange: &Exchange, profile: HostProfile) -> Option<HostView> {
    let first = exchange.invocations.first()?;
    let head = exchange.request.head.as_ref()?;
    let recorded = Recorded::of(first);
    let target = RequestTarget::parse(head.target()).ok()?;
    let path = target.decode_path().ok()?;
    let facts = RequestFacts {
        head,
        target: &target,
        path: &path,
        script_name_length: recorded.value("SCRIPT_NAME").map_or(0, <[u8]>::len),
        script_filename: first.script.path.as_os_str().as_bytes(),
        document_root: recorded.value("DOCUMENT_ROOT").unwrap_or(b"/"),
        path_translated: recorded.value("PATH_TRANSLATED"),
        body: match head.body_framing() {
            BodyFraming::None => BodyFacts::None,
            BodyFraming::Length(bytes) => BodyFacts::Length(bytes),
            BodyFraming::Chunked => BodyFacts::Counted(exchange.request.body.len()),
        },
        trailers: &[],
        connection: &exchange.connection,
        authentication: recorded.login(),
        pass_authorization: recorded.value("HTTP_AUTHORIZATION").is_some(),
        server_software: crate::SERVER_SOFTWARE,
        path_variable: recorded.value("PATH").unwrap_or_default(),
        site_variables: &recorded.of_site(),
        redirect: None,
        php: recorded.value("REDIRECT_STATUS").is_some(),
    };
    let profiled = profile.request(&facts, &Surroundings::default());
    let to_head = head.method() == b"HEAD";
    let (run, verdict) = answering(exchange, first, profile, to_head);
    let mut deviations = verdict
        .as_ref()
        .map_or_else(Vec::new, |verdict| verdict.deviations().to_vec());
    deviations.extend(passed_over(run, profile, to_head));
    if exchange.end == Some(End::CutOff(EndCause::ScriptFailed)) {
        deviations.push(cut_off());
    }
    Some(HostView {
        profile,
        refused: profiled.refused,
        differences: profiled.differences,
        verdict,
        deviations,
        status_here: exchange.response.as_ref().map(|response| response.status),
    })
}

/// What the host of a run that was made as a host did in its own way.
#[must_use]
pub fn deviations_of(exchange: &Exchange) -> Vec<Deviation> {
    let Some(run) = exchange.invocation() else {
        return Vec::new();
    };
    let Some(host) = &run.as_host else {
        return Vec::new();
    };
    let to_head = exchange.request.method() == "HEAD";
    let verdict = host.verdict.as_ref();
    let mut deviations = verdict.map_or_else(Vec::new, |verdict| verdict.deviations().to_vec());
    deviations.extend(passed_over(run, host.profile, to_head));
    deviations
}

/// The run whose output the host answers with: it goes on to the next where it follows a local redirect itself.
fn answering<'a>(
    exchange: &'a Exchange,
    first: &'a Invocation,
    profile: HostProfile,
    to_head: bool,
) -> (&'a Invocation, Option<HostVerdict>) {
    let mut answer = (first, verdict(first, profile, to_head));
    for run in exchange.invocations.iter().skip(1) {
        if !matches!(answer.1, Some(HostVerdict::LocalRedirect { .. })) {
            break;
        }
        answer = (run, verdict(run, profile, to_head));
    }
    answer
}

fn verdict(run: &Invocation, profile: HostProfile, to_head: bool) -> Option<HostVerdict> {
    let mut reader = HostReader::new(profile, to_head);
    let output = run.stdout.head();
    let early = (!output.is_empty()).then(|| reader.feed(&output)).flatten();
    early.or_else(|| run.stdout_ended.then(|| reader.finish()))
}

/// What a host that does not read headers passes over, told by the specification's reading of them.
fn passed_over(run: &Invocation, profile: HostProfile, to_head: bool) -> Vec<Deviation> {
    match &run.header_block {
        Some(block) => profile.unread(block, to_head),
        None => Vec::new(),
    }
}

fn cut_off() -> Deviation {
    Deviation {
        what: "the script failed after its headers".into(),
        does: "ends the page as if it were whole".to_owned(),
        row: 118,
        breaks: None,
    }
}

/// A run's variables as the specification has them, whatever host it was made as.
struct Recorded<'a> {
    run: &'a Invocation,
}

impl<'a> Recorded<'a> {
    fn of(run: &'a Invocation) -> Self {
        Self { run }
    }

    fn value(&self, name: &str) -> Option<&'a [u8]> {
        let differences = self.run.as_host.as_ref().map(|host| &host.differences);
        let different = differences.and_then(|all| all.iter().find(|one| one.name == name));
        match different {
            Some(difference) => difference.here.as_deref(),
            None => Some(&self.run.request.get(name)?.value),
        }
    }

    fn login(&self) -> Option<Authentication<'a>> {
        let user = self.value("REMOTE_USER")?;
        let scheme = std::str::from_utf8(self.value("AUTH_TYPE")?).ok()?;
        Some(Authentication { scheme, user })
    }

    fn of_site(&self) -> Vec<(String, Option<Vec<u8>>)> {
        let variables = self.run.request.variables.iter();
        let set = variables.filter(|variable| variable.provenance == Provenance::Site);
        set.map(|variable| (variable.name.clone(), Some(variable.value.clone())))
            .collect()
    }
}
