//! `<IfModule>`, `<IfDefine>`, `<IfVersion>`, `<IfFile>` and `<IfDirective>`: what is decided when
//! the file is read.

use std::cmp::Ordering;

use super::glob::regex;
use super::meaning;
use super::modules::Presence;
use super::reader::Reader;
use super::tree::Directive;

/// The version that `<IfVersion>` is judged by: any 2.4 of the last years answers alike.
const VERSION: [u32; 3] = [2, 4, 66];

/// Whether what a section encloses is read.
pub(super) struct Verdict {
    pub(super) holds: bool,
    /// Why, in words.
    pub(super) meaning: String,
    /// Whether another server could well decide otherwise.
    pub(super) matters: bool,
}

/// The verdict on a section, `None` for sections that are no such question.
pub(super) fn judge(section: &Directive, reader: &Reader) -> Option<Verdict> {
    let argument = section.raw.trim();
    let (negated, name) = match argument.strip_prefix('!') {
        Some(name) => (true, name.trim()),
        None => (false, section.word(0).unwrap_or_default()),
    };
    let verdict = match section.key.as_str() {
        "ifmodule" => module(name, reader.modules.presence(name)),
        "ifdefine" => plain(
            reader.variables.is_defined(name),
            &format!("{name} is defined"),
            &format!("{name} is not defined (--define {name} would)"),
        ),
        "iffile" => plain(
            reader.server_root.join(name).exists(),
            &format!("{name} exists"),
            &format!("{name} does not exist"),
        ),
        "ifdirective" => plain(
            meaning::is_known(name),
            &format!("{name} is a directive of Apache"),
            &format!("{name} is no directive that we know"),
        ),
        "ifversion" => version(section, negated),
        _ => return None,
    };
    Some(Verdict {
        holds: verdict.holds != negated,
        ..verdict
    })
}

fn plain(holds: bool, yes: &str, no: &str) -> Verdict {
    Verdict {
        holds,
        meaning: if holds { yes } else { no }.to_owned(),
        matters: false,
    }
}

fn module(name: &str, presence: Presence) -> Verdict {
    let meaning = match presence {
        Presence::Loaded => format!("{name} is loaded"),
        Presence::Assumed => format!("{name} is part of a stock server"),
        Presence::AssumedForCgi => {
            format!(
                "{name} is taken to be loaded, though no LoadModule line says so: no scripts without it"
            )
        }
        Presence::Absent => format!("{name} is not loaded"),
        Presence::AbsentFromStock => {
            format!(
                "{name} is not part of a stock server; a LoadModule line for it would change this"
            )
        }
    };
    Verdict {
        holds: presence.is_there(),
        meaning,
        matters: matches!(
            presence,
            Presence::AbsentFromStock | Presence::AssumedForCgi
        ),
    }
}

/// `[!]OPERATOR VERSION`, where `~` and `/…/` are regular expressions.
fn version(section: &Directive, negated: bool) -> Verdict {
    let first = section.word(0).unwrap_or_default();
    let first = if negated {
        first.trim_start_matches('!')
    } else {
        first
    };
    let (operator, wanted) = match (first, section.word(1)) {
        ("", Some(wanted)) => ("=", wanted),
        (operator, Some(wanted)) => (operator, wanted),
        (wanted, None) => ("=", wanted),
    };
    let [major, minor, patch] = VERSION;
    let ours = format!("{major}.{minor}.{patch}");
    let expression = wanted
        .strip_prefix('/')
        .and_then(|wanted| wanted.strip_suffix('/'))
        .or((operator == "~").then_some(wanted));
    let holds = match expression {
        Some(expression) => regex(expression).is_some_and(|regex| regex.is_match(ours.as_bytes())),
        None => compares(VERSION, operator, wanted),
    };
    Verdict {
        holds,
        meaning: format!("the version is taken to be {ours}"),
        matters: false,
    }
}

/// Numbers that are left out are 0: `>= 2.4` holds for 2.4.66, `= 2.4` does not.
fn compares(ours: [u32; 3], operator: &str, wanted: &str) -> bool {
    let mut numbers = wanted.split('.').map(|number| number.parse().unwrap_or(0));
    let wanted = [(); 3].map(|()| numbers.next().unwrap_or(0));
    let ordering = ours.cmp(&wanted);
    match operator {
        "=" | "==" => ordering == Ordering::Equal,
        ">" => ordering == Ordering::Greater,
        ">=" => ordering != Ordering::Less,
        "<" => ordering == Ordering::Less,
        "<=" => ordering != Ordering::Greater,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_number() {
        for (operator, wanted, expected) in [
            (">=", "2.4", true),
            (">=", "2.4.100", false),
            ("<", "2.10", true),
            ("=", "2.4", false),
            (">", "2.2", true),
            ("<=", "2.4.66", true),
            ("?", "2.4", false),
            ("=", "2.4.66", true),
        ] {
            assert_eq!(
                compares(VERSION, operator, wanted),
                expected,
                "{operator} {wanted}"
            );
        }
    }
}
