//! One section's directives about its own places, read one by one.

use crate::site::{AcceptPathInfo, ErrorDocument};

use super::access::{Merging, MethodLimit, Requires, is_require};
use super::compat::Compat;
use super::environment;
use super::handlers;
use super::notes::Notes;
use super::options::OptionsChange;
use super::paths::Paths;
use super::says::Says;
use super::tree::Directive;

/// Reads the directives of one section that are about its own places; the others are given back.
pub(super) fn read<'d>(
    directives: impl IntoIterator<Item = &'d Directive>,
    paths: &Paths,
    says: &mut Says,
    notes: &mut Notes,
) -> Vec<&'d Directive> {
    let mut reader = Reader {
        paths,
        says,
        notes,
        requires: Requires::of_section(),
    };
    let mut others = Vec::new();
    for directive in directives {
        if !reader.take(directive, None) {
            others.push(directive);
        }
    }
    let Reader { requires, says, .. } = reader;
    if let Some(requirement) = requires.requirement() {
        says.access.require = Some(requirement);
    }
    others
}

struct Reader<'a> {
    paths: &'a Paths,
    says: &'a mut Says,
    notes: &'a mut Notes,
    requires: Requires,
}

impl Reader<'_> {
    /// `false` when the directive is not about a section's own places.
    fn take(&mut self, directive: &Directive, limit: Option<&MethodLimit>) -> bool {
        let key = directive.key.as_str();
        if is_require(key) {
            self.requires.take(directive, limit, self.notes);
            return true;
        }
        match key {
            "limit" | "limitexcept" => self.limit(directive),
            "order" | "allow" | "deny" | "satisfy" => {
                let compat: &mut Compat = self.says.access.compat.get_or_insert_default();
                compat.take(directive, limit, self.notes);
            }
            "authmerging" => self.merging(directive),
            "authtype" | "authname" | "authuserfile" | "authbasicprovider" => {
                self.login(directive);
            }
            "options" => self.options(directive),
            "allowoverride" | "allowoverridelist" => self.allow_override(directive),
            "directoryindex" => self.index(directive),
            "acceptpathinfo" => self.accept_path_info(directive),
            "errordocument" => self.error_document(directive),
            "cgipassauth" => self.pass_authorization(directive),
            "cgivar" => self.notes.partly_harmless(
                directive,
                "REQUEST_URI is always the URL as the client sent it, which is Apache's default too",
            ),
            "limitrequestbody" => self.request_body(directive),
            "rewriteengine" => self
                .notes
                .harmless(directive, "it belongs to RewriteRule lines, which are told of where they stand"),
            "rewriterule" if passes_authorization(directive) => {
                self.says.plain.pass_authorization = Some(true);
                self.notes
                    .taken(directive, "it hands Authorization to scripts: pass_authorization");
            }
            "setenv" | "passenv" | "unsetenv" | "setenvif" | "setenvifnocase" => {
                environment::take(directive, &mut self.says.plain, self.notes);
            }
            _ => return handlers::take(directive, self.says, self.notes),
        }
        true
    }

    fn limit(&mut self, directive: &Directive) {
        let limit = MethodLimit {
            methods: directive.words.clone(),
            except: directive.key == "limitexcept",
        };
        for child in directive.children() {
            let is_access = is_require(&child.key)
                || matches!(child.key.as_str(), "order" | "allow" | "deny" | "satisfy");
            if !is_access {
                self.notes.partly(
                    child,
                    "<Limit> limits access only; this stands for all methods, with Apache too",
                );
            }
            if !self.take(child, is_access.then_some(&limit)) {
                super::meaning::note(child, self.notes);
            }
        }
        self.notes.taken(directive, "");
    }

    fn merging(&mut self, directive: &Directive) {
        self.says.merging = match lower(directive, 0).as_str() {
            "and" => Merging::And,
            "or" => Merging::Or,
            _ => Merging::Replace,
        };
        self.notes.taken(directive, "");
    }

    fn login(&mut self, directive: &Directive) {
        let first = directive.word(0).unwrap_or_default();
        match directive.key.as_str() {
            "authname" => self.says.realm = Some(first.to_owned()),
            "authuserfile" => {
                self.says.user_file = Some(self.paths.absolute(first));
            }
            "authbasicprovider" if !first.eq_ignore_ascii_case("file") => {
                self.notes.not_taken(
                    directive,
                    "logins are only checked against a file from htpasswd here",
                );
                return;
            }
            "authbasicprovider" => {}
            _ => {
                let kind = first.to_ascii_lowercase();
                if kind != "basic" && kind != "none" {
                    self.notes.not_taken(
                        directive,
                        "this studio checks Basic logins only; nobody can log in here",
                    );
                    self.says.login_kind = Some(kind);
                    return;
                }
                self.says.login_kind = Some(kind);
            }
        }
        self.notes.taken(directive, "");
    }

    fn options(&mut self, directive: &Directive) {
        let change = OptionsChange::of(directive);
        if change.is_wrong {
            let meaning = "a word in it is no option, or some have a sign and some have none; Apache does not start with it";
            self.notes.not_taken(directive, meaning);
            return;
        }
        let says = &mut *self.says;
        says.exec_cgi = change.exec_cgi.or(says.exec_cgi);
        says.plain.directory_listing = change.indexes.or(says.plain.directory_listing);
        self.note_options(directive, change);
    }

    /// What of the options is not ours: only what is switched on by name, or links switched off.
    fn note_options(&mut self, directive: &Directive, change: OptionsChange) {
        let names: Vec<String> = directive
            .words
            .iter()
            .map(|word| word.trim_start_matches('+').to_ascii_lowercase())
            .collect();
        let names_it = |name: &str| names.iter().any(|given| given == name);
        let includes = names_it("includes") || names_it("includesnoexec");
        if includes {
            self.notes.partly(
                directive,
                "no server-side includes here: such files are sent as they are",
            );
        } else if names_it("multiviews") {
            self.notes.partly(
                directive,
                "no MultiViews here: a URL has to name the file with its suffix",
            );
        } else if names_it("symlinksifownermatch") {
            self.notes
                .partly_harmless(directive, "symbolic links are followed whoever owns them");
        } else if change.follow_links == Some(false) {
            self.notes.partly_harmless(
                directive,
                "symbolic links are followed here all the same, out of the site's folder only with allow_outside_root",
            );
        } else {
            self.notes.taken(directive, "");
        }
    }

    fn allow_override(&mut self, directive: &Directive) {
        let allowed = self.says.allow_override.get_or_insert_default();
        if directive.key == "allowoverridelist" {
            let listed = directive.words.iter().map(|word| word.to_ascii_lowercase());
            allowed.listed = listed.filter(|word| word != "none").collect();
            self.notes.taken(directive, "");
        } else if allowed.take(directive) {
            self.notes.taken(directive, "");
        } else {
            self.notes.not_taken(
                directive,
                "a word in it is no class of directives; Apache does not start with it",
            );
        }
    }

    fn index(&mut self, directive: &Directive) {
        let index = self.says.plain.index.get_or_insert_default();
        let mut urls = Vec::new();
        for word in &directive.words {
            if word.eq_ignore_ascii_case("disabled") && directive.words.len() == 1 {
                index.clear();
            } else if word.contains('/') {
                urls.push(word.as_str());
            } else {
                index.push(word.clone());
            }
        }
        match urls.as_slice() {
            [] => self.notes.taken(directive, ""),
            urls => self.notes.partly(
                directive,
                format!(
                    "{} is not in the folder itself; only names of files in it are taken",
                    urls.join(", ")
                ),
            ),
        }
    }

    fn accept_path_info(&mut self, directive: &Directive) {
        let rule = match lower(directive, 0).as_str() {
            "on" => AcceptPathInfo::On,
            "off" => AcceptPathInfo::Off,
            _ => AcceptPathInfo::Default,
        };
        self.says.plain.accept_path_info = Some(rule);
        self.notes.taken(directive, "");
    }

    fn error_document(&mut self, directive: &Directive) {
        let status = directive.word(0).and_then(|word| word.parse().ok());
        let (Some(status @ 400..=599), Some(document)) = (status, directive.word(1)) else {
            let meaning = "a status from 400 to 599 and a document are wanted";
            self.notes.not_taken(directive, meaning);
            return;
        };
        if document.eq_ignore_ascii_case("default") {
            let forgotten = self.says.plain.error_documents.remove(&status);
            if forgotten.is_some() {
                self.notes.taken(directive, "");
            } else {
                self.notes.partly_harmless(
                    directive,
                    "a page set in a section around this one stays in force",
                );
            }
            return;
        }
        let is_url = document
            .split_once("://")
            .is_some_and(|(scheme, _)| scheme.bytes().all(|byte| byte.is_ascii_alphabetic()));
        let document = if is_url {
            ErrorDocument::Url(document.to_owned())
        } else if document.starts_with('/') {
            ErrorDocument::Path(document.to_owned())
        } else {
            // One word or many: httpd takes the rest of the line as it is.
            let rest = directive.words.get(1..).unwrap_or_default().join(" ");
            ErrorDocument::Text(rest.trim_start_matches('"').to_owned())
        };
        self.says.plain.error_documents.insert(status, document);
        self.notes.taken(directive, "");
    }

    fn pass_authorization(&mut self, directive: &Directive) {
        self.says.plain.pass_authorization = Some(lower(directive, 0) == "on");
        self.notes.taken(directive, "");
    }

    fn request_body(&mut self, directive: &Directive) {
        match directive.word(0).and_then(|word| word.parse::<u64>().ok()) {
            Some(bytes) => {
                self.says.request_body_bytes = Some(bytes);
                self.notes.taken(directive, "");
            }
            None => self.notes.not_taken(
                directive,
                "a number of bytes is wanted; Apache does not start with it",
            ),
        }
    }
}

/// `RewriteRule .* - [E=HTTP_AUTHORIZATION:%{HTTP:Authorization}]`, in its many spellings.
fn passes_authorization(directive: &Directive) -> bool {
    let flags = directive
        .words
        .get(2..)
        .unwrap_or_default()
        .concat()
        .to_ascii_lowercase();
    directive.word(1) == Some("-") && flags.contains("e=http_authorization:%{http:authorization}")
}

/// An argument in lower case; empty when it is missing.
pub(super) fn lower(directive: &Directive, index: usize) -> String {
    directive
        .word(index)
        .unwrap_or_default()
        .to_ascii_lowercase()
}
