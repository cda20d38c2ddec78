//! Whether this client may have what its URL stands for, asked before anything of it is read or run (RFC 3875 §3.1).
//!
//! No name is looked up for a client's address, so a rule that asks for one lets nobody in but this computer
//! as `localhost`: what is not known never speaks for access.

use super::gateway::Visit;
use super::hop::Hop;
use super::login::LoginError;
use super::own_answer::OwnAnswer;
use super::reply;
use crate::cgi::credentials::Credentials;
use crate::exchange::{Origin, Refusal};
use crate::history::Found;
use crate::site::requirement::{Access, Asker, Requirement};
use crate::site::scope::AuthenticationSettings;
use crate::site::{EnvironmentChange, Settings};
use hyper::header::{HeaderValue, WWW_AUTHENTICATE};

impl Visit {
    /// Who has logged in, where a login was needed; an answer for whoever may not have it.
    pub(super) async fn admit(
        &self,
        settings: &Settings,
        hop: &Hop,
    ) -> Result<Option<String>, OwnAnswer> {
        if settings.require == Requirement::Granted {
            return Ok(None);
        }
        match self.judge(settings, hop, None) {
            Access::Granted => {
                self.note_step(format!(
                    "access: this client meets \"{}\"",
                    settings.require
                ));
                Ok(None)
            }
            Access::Denied => Err(self.closed(settings)),
            Access::NeedsLogin => self.log_in(settings, hop).await.map(Some),
        }
    }

    fn judge(&self, settings: &Settings, hop: &Hop, user: Option<&str>) -> Access {
        let address = self.connection.facts.peer.ip();
        settings.require.judge(&Asker {
            address,
            local: self.connection.is_local() || address == self.connection.facts.local.ip(),
            host: None,
            user,
            method: hop.method(&self.head),
            variable: &|name| self.is_set(settings, name),
        })
    }

    /// Whether the site sets the variable for requests like this one.
    fn is_set(&self, settings: &Settings, name: &str) -> bool {
        let mut set = self.site.config.environment.contains_key(name);
        for change in &settings.environment {
            match change {
                EnvironmentChange::Set { name: changed, .. } if changed == name => set = true,
                EnvironmentChange::Pass { name: changed } if changed == name => {
                    set |= std::env::var_os(name).is_some();
                }
                EnvironmentChange::Unset { name: changed } if changed == name => set = false,
                _ => {}
            }
        }
        set
    }

    async fn log_in(&self, settings: &Settings, hop: &Hop) -> Result<String, OwnAnswer> {
        let Some(authentication) = &settings.authentication else {
            return Err(self.refuse_access(
                settings,
                403,
                format!(
                    "only a login could open this (\"{}\"), and the settings name no way to log in",
                    settings.require
                ),
            ));
        };
        let user = self.user(settings, authentication).await?;
        self.pen
            .write(|exchange, _| exchange.request.login = Some(user.clone()));
        match self.judge(settings, hop, Some(&user)) {
            Access::Granted => {
                self.note_step(format!(
                    "access: {user} has logged in and meets \"{}\"",
                    settings.require
                ));
                Ok(user)
            }
            Access::NeedsLogin => {
                let reason = format!(
                    "{user} has logged in and is not among \"{}\"",
                    settings.require
                );
                Err(self.challenge(settings, authentication, reason))
            }
            Access::Denied => Err(self.closed(settings)),
        }
    }

    /// The user whose password was right.
    async fn user(
        &self,
        settings: &Settings,
        authentication: &AuthenticationSettings,
    ) -> Result<String, OwnAnswer> {
        if let Some(user) = self.user_of_original() {
            return Ok(user);
        }
        let challenge = |reason: &str| self.challenge(settings, authentication, reason.to_owned());
        let Some(field) = self.head.first("authorization") else {
            return Err(challenge("this needs a login"));
        };
        let Some(credentials) = Credentials::from_basic(field) else {
            return Err(challenge("the login is not a Basic one, or damaged"));
        };
        let user = credentials.user.clone();
        let logins = &self.connection.host.logins;
        match logins
            .is_right(credentials, &authentication.user_file)
            .await
        {
            Ok(true) => Ok(user),
            Ok(false) => Err(challenge("the name or the password is not right")),
            Err(error) => Err(self.cannot_check(settings, &error)),
        }
    }

    /// A recorded request keeps no password; sent again by the studio it is as good as it was then.
    fn user_of_original(&self) -> Option<String> {
        let (Origin::Replay(id) | Origin::ReplayOfSource(id)) = self.connection.origin else {
            return None;
        };
        let Found::Exchange(exchange) = self.connection.host.recorder.history.get(id) else {
            return None;
        };
        // What a file says of a login was not checked here.
        match exchange.origin {
            Origin::Imported { .. } => None,
            _ => exchange.request.login.clone(),
        }
    }

    fn closed(&self, settings: &Settings) -> OwnAnswer {
        let reason = match &settings.closed_because {
            Some(reason) => reason.clone(),
            None => format!(
                "this is open only to those who meet \"{}\"",
                settings.require
            ),
        };
        self.refuse_access(settings, 403, reason)
    }

    fn challenge(
        &self,
        settings: &Settings,
        authentication: &AuthenticationSettings,
        reason: String,
    ) -> OwnAnswer {
        let answer = self.refuse_access(settings, 401, reason);
        match HeaderValue::from_bytes(&challenge_value(&authentication.realm)) {
            Ok(value) => answer.with(WWW_AUTHENTICATE, value),
            Err(_) => answer,
        }
    }

    /// The settings are at fault; a client on this computer is told how.
    fn cannot_check(&self, settings: &Settings, error: &LoginError) -> OwnAnswer {
        if !self.rehearsed {
            let recorder = &self.connection.host.recorder;
            recorder.notice(true, error.to_string());
        }
        self.refuse_access(settings, 500, error.to_string())
    }

    fn refuse_access(&self, settings: &Settings, status: u16, reason: String) -> OwnAnswer {
        let refusal = Refusal {
            status,
            reason,
            authority: self.deciding_scope(settings),
            at: None,
            excerpt: Vec::new(),
        };
        self.note_step(format!("access: {}", refusal.reason));
        reply::refusal(self, refusal)
    }

    /// Where in the configuration the rule stands.
    fn deciding_scope(&self, settings: &Settings) -> String {
        let scopes = &self.site.config.scopes;
        let restricts = |index: &&usize| {
            scopes
                .get(**index)
                .is_some_and(|scope| scope.require.is_some() || scope.closed_because.is_some())
        };
        let index = settings.applied.iter().rev().find(restricts);
        match index.and_then(|index| scopes.get(*index).map(|scope| (index + 1, scope))) {
            Some((number, scope)) => {
                format!(
                    "[[scopes]] entry {number} in cgi-studio.toml ({})",
                    scope.place
                )
            }
            None => "cgi-studio.toml".to_owned(),
        }
    }
}

/// RFC 7617 §2: the realm as a quoted string, and the character set of names and passwords.
fn challenge_value(realm: &str) -> Vec<u8> {
    let mut value = b"Basic realm=\"".to_vec();
    for character in realm.chars().filter(|character| !character.is_control()) {
        if matches!(character, '"' | '\\') {
            value.push(b'\\');
        }
        value.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    }
    value.extend_from_slice(b"\", charset=\"UTF-8\"");
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_realm_cannot_leave_its_quotation_marks() {
        let value = String::from_utf8(challenge_value("a\"b\\c\r\nX: y")).unwrap();
        assert_eq!(value, r#"Basic realm="a\"b\\cX: y", charset="UTF-8""#);
    }
}
