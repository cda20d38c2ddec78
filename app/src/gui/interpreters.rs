//! The interpreters of this computer and their versions, asked for away from the window's thread.

use cgi_engine::interpreter_version;
use cgi_engine::process::Spawner;
use cgi_engine::site::config::DEFAULT_PATH;
use cgi_engine::site::interpreters::find_interpreters;

use super::model::Interpreter;

/// The first interpreter of each name on the path that scripts get.
pub(super) fn find(spawner: &Spawner) -> Vec<Interpreter> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .ok();
    let mut found: Vec<Interpreter> = Vec::new();
    for candidate in find_interpreters(DEFAULT_PATH) {
        if found.iter().any(|other| other.name == candidate.name) {
            continue;
        }
        let version = runtime.as_ref().and_then(|runtime| {
            let asked = interpreter_version::ask(spawner, &candidate.path, DEFAULT_PATH);
            runtime.block_on(asked)
        });
        found.push(Interpreter {
            name: candidate.name.to_owned(),
            path: candidate.path,
            version,
        });
    }
    found
}
