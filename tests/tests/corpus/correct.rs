//! Correct scripts of many kinds: not a word before, and not a word after.

use crate::case::{Place, Request, headline, in_words};
use crate::{corpus, say};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Language {
    needs: Vec<String>,
    scripts: BTreeMap<String, Script>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Script {
    /// Beside those of the language.
    needs: Vec<String>,
    config: String,
    files: BTreeMap<String, String>,
    requests: Vec<Request>,
    /// Statuses that the requests have to get, where not all get 200.
    statuses: Vec<u16>,
    /// Programs that are built from this source first: the command's words after the source and the target.
    build: Vec<String>,
}

#[test]
fn correct_scripts_are_silent() {
    let (mut silent, mut all, mut skipped, mut failures) = (0, 0, Vec::new(), Vec::new());
    for folder in crate::broken::sorted(&corpus().join("correct")) {
        let text = fs::read_to_string(folder.join("requests.toml")).unwrap();
        let language: Language =
            toml::from_str(&text).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
        holds_each_script(&folder, &language);
        for (name, script) in &language.scripts {
            all += 1;
            match judged(&folder, &language, name, script) {
                Ok(true) => silent += 1,
                Ok(false) => {
                    all -= 1;
                    skipped.push(name.clone());
                }
                Err(why) => failures.push(why),
            }
        }
    }
    say(&format!("\n{silent} of {all} correct scripts silent"));
    if !skipped.is_empty() {
        say(&format!(
            "not run, as their interpreter is not here: {}",
            skipped.join(", ")
        ));
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(
        std::env::var_os("CGI_STUDIO_CI").is_none() || skipped.is_empty(),
        "missing: {skipped:?}"
    );
    assert!(all + skipped.len() >= 60, "a corpus of {all}");
}

fn holds_each_script(folder: &Path, language: &Language) {
    let files: BTreeSet<String> = crate::broken::sorted(folder)
        .iter()
        .map(|file| file.file_name().unwrap().to_str().unwrap().to_owned())
        .filter(|name| name != "requests.toml")
        .collect();
    let named: BTreeSet<String> = language.scripts.keys().cloned().collect();
    assert_eq!(files, named, "{folder:?}");
}

/// `Ok(false)`: its interpreter is not here.
fn judged(folder: &Path, language: &Language, name: &str, script: &Script) -> Result<bool, String> {
    let needs: Vec<String> = script
        .needs
        .iter()
        .chain(&language.needs)
        .cloned()
        .collect();
    let built = tempfile::tempdir().unwrap();
    let (at, source) = match script.build.split_first() {
        Some((program, words)) if crate::interpreters::find(program).is_some() => {
            let target = built.path().join("program");
            let status = std::process::Command::new(program)
                .arg(folder.join(name))
                .arg("-o")
                .arg(&target)
                .args(words)
                .status()
                .unwrap();
            assert!(status.success(), "{name} is not built");
            (
                format!("cgi-bin/{}", name.split('.').next().unwrap()),
                fs::read(&target).unwrap(),
            )
        }
        _ => (
            format!("cgi-bin/{name}"),
            fs::read(folder.join(name)).unwrap(),
        ),
    };
    let files = script
        .files
        .iter()
        .map(|(name, text)| (name.clone(), text.clone().into_bytes()));
    let place = Place {
        script: &at,
        source: &source,
        mode: 0o755,
        config: &script.config,
        files: files.collect(),
        needs: &needs,
    };
    if place.missing().is_some()
        || script
            .build
            .first()
            .is_some_and(|program| crate::interpreters::find(program).is_none())
    {
        return Ok(false);
    }
    let requests = if script.requests.is_empty() {
        vec![Request::default()]
    } else {
        script.requests.clone()
    };
    for (number, told) in place.run(&requests).iter().enumerate() {
        let status = told
            .exchange
            .response
            .as_ref()
            .map_or(0, |response| response.status);
        let wanted = script.statuses.get(number).copied().unwrap_or(200);
        let noisy = headline(&told.before).or(headline(&told.after)).is_some();
        if noisy || status != wanted {
            return Err(format!(
                "{name}, request {}: {status}\n{}",
                number + 1,
                in_words(told)
            ));
        }
    }
    Ok(true)
}
