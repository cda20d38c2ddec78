//! The paths that a source text names, without its tests.

use std::collections::BTreeSet;

/// The text without its test modules.
pub(super) fn without_tests(text: &str) -> String {
    let mut kept = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line == "#[cfg(test)]" {
            let item = lines.by_ref().find(|line| !line.starts_with("#["));
            if item.is_some_and(|item| item.ends_with('{')) {
                lines.by_ref().find(|line| *line == "}");
            }
            continue;
        }
        kept.push_str(line);
        kept.push('\n');
    }
    kept
}

/// Every path of more than one part, and each one that `use` names; groups are taken apart.
pub(super) fn paths_in(text: &str) -> BTreeSet<String> {
    let code: String = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default().to_owned() + "\n")
        .collect();
    let mut paths = BTreeSet::new();
    let mut rest = code.as_str();
    while let Some(start) = rest.find(|symbol: char| symbol.is_alphabetic() || symbol == '_') {
        rest = tree("", &rest[start..], &mut paths);
    }
    paths
}

/// Reads one path, or one tree of a `use`; returns what follows it.
fn tree<'t>(prefix: &str, text: &'t str, paths: &mut BTreeSet<String>) -> &'t str {
    let end = text
        .find(|symbol: char| !symbol.is_alphanumeric() && symbol != '_')
        .unwrap_or(text.len());
    let (word, after) = text.split_at(end);
    let path = if prefix.is_empty() {
        word.to_owned()
    } else {
        format!("{prefix}::{word}")
    };
    let Some(more) = after.strip_prefix("::") else {
        if path.contains("::") {
            paths.insert(path);
        }
        return after;
    };
    let Some(mut group) = more.strip_prefix('{') else {
        if more.starts_with(|symbol: char| symbol.is_alphabetic() || symbol == '_') {
            return tree(&path, more, paths);
        }
        paths.insert(path + "::*");
        return more;
    };
    loop {
        group = group.trim_start_matches(|symbol: char| symbol.is_whitespace() || symbol == ',');
        match group.chars().next() {
            Some(symbol) if symbol.is_alphabetic() || symbol == '_' => {
                group = tree(&path, group, paths);
            }
            Some('}') => return &group[1..],
            Some('*') => {
                paths.insert(format!("{path}::*"));
                group = &group[1..];
            }
            _ => return group,
        }
        // `as name` says nothing about where it comes from.
        if let Some(renamed) = group.trim_start().strip_prefix("as ") {
            group = renamed
                .trim_start_matches(|symbol: char| symbol.is_alphanumeric() || symbol == '_');
        }
    }
}

/// The modules that exist in tests only, as paths without `.rs`.
pub(super) fn test_modules(file: &str, text: &str) -> Vec<String> {
    let folder = match file.rsplit_once('/') {
        Some((folder, "mod.rs" | "lib.rs")) => folder,
        _ => file.trim_end_matches(".rs"),
    };
    let mut modules = Vec::new();
    let mut lines = text.lines();
    while lines.by_ref().any(|line| line == "#[cfg(test)]") {
        let mut item = lines.next().unwrap_or_default();
        let mut elsewhere = None;
        while item.starts_with("#[") {
            // #[path = "x.rs"] is seen from the folder that the file is in.
            elsewhere =
                elsewhere.or_else(|| item.strip_prefix("#[path = \"")?.strip_suffix(".rs\"]"));
            item = lines.next().unwrap_or_default();
        }
        let name = item
            .split_once("mod ")
            .and_then(|(_, item)| item.strip_suffix(';'));
        let beside = file.rsplit_once('/').map_or("", |(folder, _)| folder);
        modules.extend(name.map(|name| match elsewhere {
            Some(path) => format!("{beside}/{path}"),
            None => format!("{folder}/{name}"),
        }));
    }
    modules
}

#[test]
fn groups_are_taken_apart() {
    let text = "use a::{b::{c, d as e}, f, *};\nuse g::*;\nlet x = h::i::<u8>();";
    let paths: Vec<String> = paths_in(text).into_iter().collect();
    assert_eq!(
        paths,
        ["a::*", "a::b::c", "a::b::d", "a::f", "g::*", "h::i::*"]
    );
}
