//! `${NAME}`: what Define, the command line and Debian's `envvars` say.

use std::collections::BTreeMap;
use std::path::Path;

use super::line::words;

/// What Debian's `envvars` sets when it stands in `/etc/apache2` itself.
const DEBIAN: [(&str, &str); 7] = [
    ("APACHE_RUN_USER", "www-data"),
    ("APACHE_RUN_GROUP", "www-data"),
    ("APACHE_PID_FILE", "/var/run/apache2/apache2.pid"),
    ("APACHE_RUN_DIR", "/var/run/apache2"),
    ("APACHE_LOCK_DIR", "/var/lock/apache2"),
    ("APACHE_LOG_DIR", "/var/log/apache2"),
    ("LANG", "C"),
];

/// The variables that are known so far.
#[derive(Debug, Default)]
pub(super) struct Variables {
    defined: BTreeMap<String, String>,
    environment: BTreeMap<String, String>,
}

impl Variables {
    /// Sets a variable, as Define does; without a value it only exists.
    pub(super) fn define(&mut self, name: &str, value: &str) {
        self.defined.insert(name.to_owned(), value.to_owned());
    }

    pub(super) fn undefine(&mut self, name: &str) {
        self.defined.remove(name);
    }

    /// Whether `<IfDefine>` holds; the environment does not count.
    pub(super) fn is_defined(&self, name: &str) -> bool {
        self.defined.contains_key(name)
    }

    /// The variables that Debian's scripts hand to the server: the defaults, and over them the
    /// assignments in the text of `envvars`.
    pub(super) fn add_debian(&mut self, envvars: &str) {
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        self.environment.extend(DEBIAN.map(owned));
        for line in envvars.lines() {
            let line = line.trim();
            let line = line.strip_prefix("export ").unwrap_or(line);
            let Some((name, value)) = line.split_once('=') else {
                continue;
            };
            if is_name(name) {
                // $SUFFIX parts several servers of one computer; the plain one has none.
                let value = value.replace("${SUFFIX}", "").replace("$SUFFIX", "");
                let value = words(&value).into_iter().next().unwrap_or_default();
                self.environment.insert(name.to_owned(), value);
            }
        }
    }

    /// `text` with every `${NAME}` replaced that has a value. The others stay as they are, as
    /// with httpd, and the first of them is named.
    pub(super) fn resolve(&self, text: &str) -> (String, Option<String>) {
        let mut resolved = String::with_capacity(text.len());
        let mut unknown = None;
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            resolved.push_str(before);
            let Some((name, behind)) = after.split_once('}') else {
                resolved.push_str("${");
                rest = after;
                continue;
            };
            match self.value(name) {
                Some(value) => resolved.push_str(value),
                None => {
                    resolved.push_str(&format!("${{{name}}}"));
                    unknown.get_or_insert_with(|| name.to_owned());
                }
            }
            rest = behind;
        }
        resolved.push_str(rest);
        (resolved, unknown)
    }

    fn value(&self, name: &str) -> Option<&str> {
        let found = self.defined.get(name);
        found
            .or_else(|| self.environment.get(name))
            .map(String::as_str)
    }
}

/// Whether Debian keeps servers in this folder: `/etc/apache2`, `/etc/apache2-name`.
pub(super) fn is_debian_root(folder: &Path) -> bool {
    let name = folder.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| name == "apache2" || name.starts_with("apache2-"))
        && folder
            .parent()
            .is_some_and(|parent| parent.ends_with("etc"))
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str, unknown: Option<&str>) {
        let mut variables = Variables::default();
        variables.define("root", "/srv/a b");
        variables.define("flag", "");
        variables.add_debian("export APACHE_LOG_DIR=/logs$SUFFIX # x\n if [ a = b ] ; then\n");
        assert_eq!(
            variables.resolve(text),
            (expected.to_owned(), unknown.map(str::to_owned))
        );
    }

    #[test]
    fn known_names_are_replaced_and_others_stay() {
        check("${root}/x", "/srv/a b/x", None);
        check("a${flag}b${LANG}", "abC", None);
        check("${APACHE_LOG_DIR}/error.log", "/logs/error.log", None);
        check("${APACHE_RUN_USER}", "www-data", None);
        check("${no}${nor}", "${no}${nor}", Some("no"));
    }

    #[test]
    fn halves_of_a_variable_are_text() {
        check("$root ${root $} ${", "$root ${root $} ${", Some("root $"));
        check("${a", "${a", None);
        check("", "", None);
    }

    #[test]
    fn debian_is_known_by_its_folder() {
        for (folder, expected) in [
            ("/etc/apache2", true),
            ("/etc/apache2-blue", true),
            ("/tmp/x/etc/apache2", true),
            ("/home/apache2", false),
            ("/etc/httpd", false),
        ] {
            assert_eq!(is_debian_root(Path::new(folder)), expected, "{folder}");
        }
    }
}
