//! URL paths that lead to files by an expression (Apache's ScriptAliasMatch and AliasMatch).

use std::iter;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::config::AliasMatch;
use super::pattern::Pattern;

/// An [`AliasMatch`], ready to be used.
#[derive(Debug, Clone)]
pub(super) struct PreparedMatch {
    pub(super) url: Pattern,
    /// Whether every regular file it leads to is a script.
    pub(super) runs_scripts: bool,
    /// The folder that the template begins with; what lies above it is nobody's choice.
    pub(super) folder: PathBuf,
    /// The template after that folder.
    rest: Vec<Piece>,
    /// What paths beneath the folder can come of the template; `None` if that says nothing.
    possible: Option<Pattern>,
}

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    /// `$0` to `$9`
    Group(usize),
}

impl PreparedMatch {
    /// `document_root` holds ordinary files: a template that could lead to any of them says nothing
    /// about what is a script.
    pub(super) fn new(
        root: &Path,
        document_root: &Path,
        alias: &AliasMatch,
        runs_scripts: bool,
    ) -> Self {
        let mut rest = pieces(&alias.to);
        let mut folder = root.to_owned();
        if let [Piece::Text(text), others @ ..] = rest.as_mut_slice() {
            let end = if others.is_empty() {
                text.len()
            } else {
                text.rfind('/').map_or(0, |slash| slash + 1)
            };
            let after = text.split_off(end);
            folder = root.join(&*text);
            *text = after;
        }
        rest.retain(|piece| !piece.is_empty());
        let says_nothing = document_root.starts_with(&folder)
            && !rest.iter().any(|piece| matches!(piece, Piece::Text(_)));
        let possible = (!says_nothing)
            .then(|| Pattern::parse(&expression_of(&rest)).ok())
            .flatten();
        Self {
            url: alias.url.clone(),
            runs_scripts,
            folder,
            rest,
            possible,
        }
    }

    /// What the URL path stands for, from the folder on; `None` if it does not match.
    pub(super) fn expand(&self, plain_url: &[u8]) -> Option<Vec<u8>> {
        let groups = self.url.captures(plain_url)?;
        let mut path = Vec::new();
        for piece in &self.rest {
            path.extend_from_slice(match piece {
                Piece::Text(text) => text.as_bytes(),
                Piece::Group(number) => groups.get(*number).map_or(b"", |group| group.as_bytes()),
            });
        }
        Some(path)
    }

    /// Whether the expression could lead to `real`, a path without symbolic links.
    pub(super) fn can_lead_to(&self, real: &Path) -> bool {
        let Some(possible) = &self.possible else {
            return false;
        };
        let folder = self.folder.canonicalize();
        let relative = folder.map(|folder| real.strip_prefix(folder).map(Path::as_os_str));
        matches!(relative, Ok(Ok(relative)) if possible.is_match(relative.as_bytes()))
    }
}

impl Piece {
    fn is_empty(&self) -> bool {
        matches!(self, Self::Text(text) if text.is_empty())
    }
}

/// The highest group that a template names.
pub(super) fn highest_group(template: &str) -> usize {
    let groups = pieces(template).into_iter().map(|piece| match piece {
        Piece::Group(number) => number,
        Piece::Text(_) => 0,
    });
    groups.max().unwrap_or(0)
}

fn pieces(template: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut rest = template.chars().peekable();
    while let Some(character) = rest.next() {
        let digit = |next: &char| next.is_ascii_digit();
        match character {
            '\\' if rest.peek() == Some(&'$') => text.extend(rest.next()),
            '$' => match rest.next_if(digit).and_then(|next| next.to_digit(10)) {
                Some(number) => {
                    pieces.push(Piece::Text(std::mem::take(&mut text)));
                    pieces.push(Piece::Group(number as usize));
                }
                None => text.push('$'),
            },
            other => text.push(other),
        }
    }
    pieces.extend(iter::once(Piece::Text(text)));
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

/// An expression for every path that the template can make. A template that names its file or
/// folder in full makes that, and all beneath it.
fn expression_of(pieces: &[Piece]) -> String {
    if pieces.is_empty() {
        return String::new();
    }
    let mut expression = String::from("^");
    for piece in pieces {
        match piece {
            Piece::Text(text) => expression.push_str(&regex::escape(text)),
            Piece::Group(_) => expression.push_str(".*"),
        }
    }
    expression.push('$');
    expression
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, to: &str, path: &[u8], expected: Option<(&str, &[u8])>) {
        let alias = AliasMatch {
            url: Pattern::parse(url).unwrap(),
            to: to.to_owned(),
        };
        let prepared = PreparedMatch::new(Path::new("/site"), Path::new("/site"), &alias, true);
        let expanded = prepared.expand(path);
        let got = expanded
            .as_deref()
            .map(|rest| (prepared.folder.to_str().unwrap(), rest));
        assert_eq!(got, expected, "{url} {to}");
    }

    #[test]
    fn groups_are_put_into_the_template() {
        check(
            "^/apps/([^/]+)/run",
            "apps/$1.cgi",
            b"/apps/x/run/more",
            Some(("/site/apps/", b"x.cgi")),
        );
        check(
            "^/cgi/(.*)",
            "/lib/cgi/$1",
            b"/cgi/\xFF.py/a/",
            Some(("/lib/cgi/", b"\xFF.py/a/")),
        );
        check(
            "^/one$",
            "apps/one.cgi",
            b"/one",
            Some(("/site/apps/one.cgi", b"")),
        );
        check("^/(a)?(b)", "$1$2", b"/b", Some(("/site", b"b")));
        check("^/x", "a\\$1/$$0$", b"/xy", Some(("/site/a$1/", b"$/x$")));
        check("^/x", "$0", b"/y", None);
    }

    #[test]
    fn a_template_names_its_groups() {
        for (template, highest) in [("", 0), ("a", 0), ("$3/$1", 3), ("\\$3", 0), ("$12", 1)] {
            assert_eq!(highest_group(template), highest, "{template}");
        }
    }
}
