//! Requirements in Apache's words: `Require` and the blocks around it.

use super::WriteError;
use super::quote::quoted;
use super::sheet::Sheet;
use crate::convert::Host;
use crate::site::requirement::Requirement;

/// The requirement as one directive or block that grants by itself.
pub(super) fn require(requirement: &Requirement, sheet: &mut Sheet) -> Result<(), WriteError> {
    match requirement {
        Requirement::All(parts) => container("RequireAll", parts, sheet),
        Requirement::Any(parts) => container("RequireAny", parts, sheet),
        // A negation grants nothing by itself.
        Requirement::Not(inner) => {
            sheet.open("<RequireAll>");
            sheet.line("Require all granted");
            refuse(inner, sheet)?;
            sheet.close("</RequireAll>");
            Ok(())
        }
        atom => {
            sheet.line(&format!("Require {}", words(atom)?));
            Ok(())
        }
    }
}

fn container(name: &str, parts: &[Requirement], sheet: &mut Sheet) -> Result<(), WriteError> {
    let all = name == "RequireAll";
    sheet.open(&format!("<{name}>"));
    let positive = parts
        .iter()
        .any(|part| !matches!(part, Requirement::Not(_)));
    if all && !positive {
        sheet.line("Require all granted");
    }
    if !all && parts.is_empty() {
        sheet.line("Require all denied");
    }
    for part in parts {
        match part {
            Requirement::Not(inner) if all => refuse(inner, sheet)?,
            other => require(other, sheet)?,
        }
    }
    sheet.close(&format!("</{name}>"));
    Ok(())
}

/// Inside of `<RequireAll>`: this must not hold. A login that is not there is taken for a refusal,
/// as in the studio.
fn refuse(inner: &Requirement, sheet: &mut Sheet) -> Result<(), WriteError> {
    match inner {
        Requirement::Granted => sheet.line("Require all denied"),
        Requirement::Denied => sheet.line("Require all granted"),
        // Twice no.
        Requirement::Not(inner) => require(inner, sheet)?,
        Requirement::All(_) | Requirement::Any(_) => {
            sheet.open("<RequireNone>");
            require(inner, sheet)?;
            sheet.close("</RequireNone>");
        }
        atom => sheet.line(&format!("Require not {}", words(atom)?)),
    }
    Ok(())
}

fn words(atom: &Requirement) -> Result<String, WriteError> {
    let all = |kind: &str, names: &[String]| {
        let names: Result<Vec<String>, WriteError> = names
            .iter()
            .map(|name| quoted(Host::Apache, "a name", name))
            .collect();
        Ok(format!("{kind} {}", names?.join(" ")))
    };
    match atom {
        Requirement::Granted => Ok("all granted".to_owned()),
        Requirement::Address(network) => Ok(format!("ip {network}")),
        Requirement::Host(name) => all("host", std::slice::from_ref(name)),
        Requirement::Local => Ok("local".to_owned()),
        Requirement::Users(users) => all("user", users),
        Requirement::ValidUser => Ok("valid-user".to_owned()),
        Requirement::Methods(methods) => all("method", methods),
        Requirement::Variable(name) => all("env", std::slice::from_ref(name)),
        Requirement::Denied | Requirement::Not(_) | Requirement::All(_) | Requirement::Any(_) => {
            Ok("all denied".to_owned())
        }
    }
}
