//! A scope in one line.

use crate::site::{ErrorDocument, ScopeConfig};

pub(super) fn describe(scope: &ScopeConfig) -> String {
    let mut says = Vec::new();
    if let Some(scripts) = scope.scripts {
        says.push(format!("scripts={scripts:?}"));
    }
    if let Some(suffixes) = &scope.suffixes {
        says.push(format!("suffixes={}", suffixes.join(",")));
    }
    if let Some(index) = &scope.index {
        says.push(format!("index={}", index.join(",")));
    }
    if let Some(rule) = scope.accept_path_info {
        says.push(format!("path-info={rule:?}"));
    }
    if let Some(on) = scope.directory_listing {
        says.push(format!("listing={on}"));
    }
    if let Some(on) = scope.pass_authorization {
        says.push(format!("authorization={on}"));
    }
    if let Some(require) = &scope.require {
        says.push(format!("require={require}"));
    }
    if let Some(login) = &scope.authentication {
        says.push(format!(
            "login={}@{}",
            login.realm,
            login.user_file.display()
        ));
    }
    for (status, document) in &scope.error_documents {
        let (ErrorDocument::Path(text) | ErrorDocument::Text(text) | ErrorDocument::Url(text)) =
            document;
        says.push(format!("{status}={text}"));
    }
    for (name, script) in scope.actions.iter().chain(&scope.method_scripts) {
        says.push(format!("{name}->{script}"));
    }
    for (name, value) in &scope.set_environment {
        says.push(format!("{name}={value}"));
    }
    says.extend(scope.pass_environment.iter().map(|name| format!("+{name}")));
    says.extend(
        scope
            .unset_environment
            .iter()
            .map(|name| format!("-{name}")),
    );
    let files = scope.files.as_ref().map(|files| format!(", {files}"));
    format!(
        "{}{}: {}",
        scope.place,
        files.unwrap_or_default(),
        says.join("; ")
    )
}
