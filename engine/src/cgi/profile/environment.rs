//! The environment that a host gives to a script, by its rules.
use super::rules::{FieldRules, HostRule, Letters, Repeated, Rules, Trimmed, Value};
use super::values::{Sources, body_is_left};
use crate::cgi::meta_variable::{MetaVariable, Provenance};
use crate::cgi::request_head::{HeadField, RequestHead};

/// Variables in the making: a name has one value.
pub(super) struct Environment {
    variables: Vec<MetaVariable>,
}

/// All that the host sets, where `usual` is what the specification sets: the origins are taken from it.
pub(super) fn environment(
    rules: &Rules,
    sources: &Sources<'_>,
    inherited: &[(Vec<u8>, Vec<u8>)],
    usual: &[MetaVariable],
) -> Vec<MetaVariable> {
    let mut environment = Environment {
        variables: Vec::new(),
    };
    for (name, value) in inherited.iter().filter(|_| rules.inherits) {
        let name = String::from_utf8_lossy(name);
        environment.set(&name, value.clone(), Provenance::Server);
    }
    environment.set_fields(&rules.fields, sources);
    for (name, rule) in rules.variables {
        if matches!(rule, Value::Redirected) {
            environment.set_redirected(sources);
        } else if let Some(value) = sources.value(rule) {
            environment.set(name, value, Provenance::Server);
        }
    }
    // What the site sets wins everywhere.
    for (name, value) in sources.facts.site_variables {
        match value {
            Some(value) => environment.set(name, value.clone(), Provenance::Site),
            None => environment
                .variables
                .retain(|variable| variable.name != *name),
        }
    }
    environment.take_origins(usual);
    environment.variables
}

impl Environment {
    fn set(&mut self, name: &str, value: Vec<u8>, provenance: Provenance) {
        if name.is_empty() || name.contains(['=', '\0']) || value.contains(&0) {
            return;
        }
        let variable = MetaVariable {
            name: name.to_owned(),
            value,
            provenance,
            sources: Vec::new(),
        };
        match self.place(name) {
            Some(place) => *place = variable,
            None => self.variables.push(variable),
        }
    }

    fn place(&mut self, name: &str) -> Option<&mut MetaVariable> {
        self.variables
            .iter_mut()
            .find(|variable| variable.name == name)
    }

    fn take_origins(&mut self, usual: &[MetaVariable]) {
        for variable in &mut self.variables {
            if let Some(same) = usual.iter().find(|same| same.name == variable.name) {
                variable.provenance.clone_from(&same.provenance);
                variable.sources.clone_from(&same.sources);
            }
        }
    }

    fn set_fields(&mut self, rules: &FieldRules, sources: &Sources<'_>) {
        let head = sources.facts.head;
        for field in head.fields.iter().filter(|_| rules.passed) {
            let name = head.name(field).to_ascii_lowercase();
            if name == b"host" || is_dropped(rules, &name, sources) {
                continue;
            }
            let Some(variable) = variable_name(rules.letters, &name) else {
                continue;
            };
            let value = trimmed(rules.trimmed, head, field);
            if !(rules.empty_dropped && value.is_empty()) {
                self.add_field(&variable, value, rules.repeated, head.name(field));
            }
        }
        if let Some(host) = host(rules.host, sources).filter(|_| rules.passed) {
            let name = "Host".to_owned();
            self.set("HTTP_HOST", host, Provenance::Header { name });
        }
    }

    fn add_field(&mut self, variable: &str, value: Vec<u8>, repeated: Repeated, written: &[u8]) {
        let name = String::from_utf8_lossy(written).into_owned();
        let Some(set) = self.place(variable) else {
            return self.set(variable, value, Provenance::Header { name });
        };
        let same = match &set.provenance {
            Provenance::Header { name: other } => other.eq_ignore_ascii_case(&name),
            _ => false,
        };
        match repeated {
            Repeated::First => {}
            // Two names that become one variable are two variables to such a host; the first is found.
            Repeated::Comma | Repeated::CommaAndCookies if !same => {}
            Repeated::Last => set.value = value,
            Repeated::Comma | Repeated::CommaAndCookies => {
                let cookies = repeated == Repeated::CommaAndCookies && variable == "HTTP_COOKIE";
                let separator: &[u8] = if cookies { b"; " } else { b", " };
                set.value = [&set.value, separator, &value].concat();
            }
        }
    }

    /// The variables of the request before, each behind `REDIRECT_`, then what is new.
    fn set_redirected(&mut self, sources: &Sources<'_>) {
        let Some(redirect) = sources.facts.redirect else {
            return;
        };
        for variable in sources.before {
            let name = format!("REDIRECT_{}", variable.name);
            self.set(&name, variable.value.clone(), Provenance::Redirect);
        }
        let status = redirect.status.to_string().into_bytes();
        self.set("REDIRECT_STATUS", status, Provenance::Redirect);
        self.set("REDIRECT_URL", redirect.url.to_vec(), Provenance::Redirect);
    }
}

fn is_dropped(rules: &FieldRules, name: &[u8], sources: &Sources<'_>) -> bool {
    let facts = sources.facts;
    let listed = |list: &[&str]| list.iter().any(|listed| listed.as_bytes() == name);
    let basic = || {
        let field = facts.head.first("authorization").unwrap_or_default();
        field
            .get(..6)
            .is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"basic "))
    };
    listed(rules.dropped)
        || listed(rules.withheld) && !facts.pass_authorization
        || rules.basic_dropped && name == b"authorization" && basic()
        || rules.length_dropped_with_post && name == b"content-length" && facts.method() == b"POST"
        // A redirected request is a GET without a body.
        || body_is_left(facts) && matches!(name, b"content-length" | b"content-type")
}

fn variable_name(letters: Letters, name: &[u8]) -> Option<String> {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
    if letters == Letters::Plain && !name.iter().all(plain) {
        return None;
    }
    let letter = |byte: &u8| match byte {
        b'-' => '_',
        byte if byte.is_ascii_alphanumeric() || letters == Letters::Kept => {
            char::from(byte.to_ascii_uppercase())
        }
        _ => '_',
    };
    Some(format!(
        "HTTP_{}",
        name.iter().map(letter).collect::<String>()
    ))
}

fn trimmed(rule: Trimmed, head: &RequestHead, field: &HeadField) -> Vec<u8> {
    let raw = head
        .raw
        .get(field.name.end + 1..field.line.end)
        .unwrap_or_default();
    let is_blank = |byte: &u8| match rule {
        Trimmed::Spaces => *byte == b' ',
        Trimmed::Both | Trimmed::Front => matches!(byte, b' ' | b'\t'),
    };
    let front = raw.iter().take_while(|byte| is_blank(byte)).count();
    let rest = raw.get(front..).unwrap_or_default();
    let back = match rule {
        Trimmed::Front => 0,
        _ => rest.iter().rev().take_while(|byte| is_blank(byte)).count(),
    };
    rest.get(..rest.len() - back).unwrap_or_default().to_vec()
}

fn host(rule: HostRule, sources: &Sources<'_>) -> Option<Vec<u8>> {
    let field = || sources.facts.head.first("host").map(<[u8]>::to_vec);
    match rule {
        HostRule::AsSent => field(),
        HostRule::Effective => sources.asked_host(),
        HostRule::EffectiveAlways => Some(sources.asked_host().unwrap_or_default()),
        HostRule::Normalized => {
            let (name, port) = sources.asked_name()?;
            match port.filter(|port| *port != sources.usual_port()) {
                Some(port) => Some([&name, format!(":{port}").as_bytes()].concat()),
                None => Some(name),
            }
        }
        HostRule::NameAlways => Some(sources.asked_name().map_or_else(Vec::new, |(name, _)| name)),
    }
}
