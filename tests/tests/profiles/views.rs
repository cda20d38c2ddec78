//! What is told of an old run, with nothing run again, against a run that is really made as that host.

use super::{request_for, site};
use crate::vectors::{outputs, requests};
use cgi_engine::Listen;
use cgi_engine::cgi::profile::{Difference, HostProfile};
use cgi_engine::diagnosis::host_view::view;
use cgi_engine::exchange::Exchange;
use cgi_engine::history::HistoryLimits;
use cgi_tests::TestEngine;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

/// Sends the request without a socket and waits for its record.
fn record(engine: &TestEngine, request: &[u8], profile: Option<HostProfile>) -> Arc<Exchange> {
    let (id, _) = engine.engine.submit_as(request.to_vec(), profile);
    engine.ended(id.unwrap().0)
}

/// A host's own environment is not in the record, PATH comes from there as well, and passwords are kept out of it.
fn known(differences: &[Difference]) -> Vec<&Difference> {
    const UNKNOWN: [&str; 5] = [
        "inherited environment",
        "PATH",
        "HTTP_AUTHORIZATION",
        "HTTP_PROXY_AUTHORIZATION",
        "REMOTE_USER",
    ];
    let unknown = |name: &str| UNKNOWN.contains(&name);
    differences
        .iter()
        .filter(|one| !unknown(&one.name))
        .collect()
}

#[test]
fn an_old_run_tells_what_a_host_would_have_made_of_it() {
    let engine = TestEngine::start_with(
        Path::new(env!("CARGO_BIN_EXE_cgi-child")),
        site(),
        Listen::Nowhere,
        HistoryLimits::default(),
    );
    let requests = requests()
        .into_iter()
        .map(|vector| (vector.name, vector.bytes));
    let outputs = outputs()
        .into_iter()
        .map(|vector| (format!("out:{}", vector.name), request_for(&vector.name)));
    let mut report = String::new();
    for (name, request) in requests.chain(outputs) {
        let plain = record(&engine, &request, None);
        for profile in HostProfile::ALL {
            let Some(view) = view(&plain, profile) else {
                assert!(plain.invocations.is_empty(), "{name}");
                continue;
            };
            let real = record(&engine, &request, Some(profile));
            let refused = real.request.refusal.as_ref().map(|refusal| refusal.status);
            if view.refused.as_ref().map(|refusal| refusal.status) != refused {
                let _ = writeln!(
                    report,
                    "{name} as {profile}: {:?} or {refused:?}",
                    view.refused
                );
                continue;
            }
            let Some(run) = real.invocations.first() else {
                continue;
            };
            let host = run.as_host.as_ref().unwrap();
            if known(&view.differences) != known(&host.differences) {
                let _ = writeln!(
                    report,
                    "{name} as {profile}: {:?}\n  or {:?}",
                    known(&view.differences),
                    known(&host.differences)
                );
            }
            // What a script prints tells of its environment; outputs that were laid ready do not change.
            let last = real
                .invocation()
                .and_then(|run| run.as_host.as_ref())
                .unwrap();
            if name.starts_with("out:") && !landed(&real) && view.verdict != last.verdict {
                let _ = writeln!(
                    report,
                    "{name} as {profile}: {:?}\n  or {:?}",
                    view.verdict, last.verdict
                );
            }
            for difference in &view.differences {
                let extension = difference.here.is_none() && difference.row == 0;
                if difference.row == 0 && !extension {
                    let _ = writeln!(report, "{name} as {profile}: no reason for {difference:?}");
                }
            }
        }
    }
    assert!(report.is_empty(), "{report}");
}

/// A script passed the request on, so that the answer tells of the environment.
fn landed(exchange: &Exchange) -> bool {
    exchange.invocations.len() > 1
}
