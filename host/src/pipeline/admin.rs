//! Who may sign in, what is enrolled, what the tenant has. Tightening is immediate; loosening
//! waits for another person.

use super::refusal::Refusal;
use super::tx::Tx;
use crate::inventory::{Change, Seen};
use crate::journal::entry::Entry;
use crate::model::{Digest, Millis, PersonId, PluginRef, Role, Stage, TokenId};

/// A person's credential is short-lived: a shift, not a week.
const CREDENTIAL_MS: u64 = 12 * Millis::HOUR;

/// Who asks for something administrative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// The host itself: the first person, the shipped plugins.
    Host,
    /// A person.
    Person(PersonId),
}

impl By {
    pub(super) fn label(&self) -> String {
        match self {
            Self::Host => "countersign".to_owned(),
            Self::Person(person) => person.0.clone(),
        }
    }
}

impl Tx<'_> {
    pub(super) fn operator(&self, by: &By, what: &str) -> Result<(), Refusal> {
        let By::Person(person) = by else {
            return Ok(());
        };
        let known = self.state.people.get(person).ok_or_else(|| {
            Refusal::forbidden(format!("{person} is not a person of this tenant"))
        })?;
        if !known.person.operator {
            return Err(Refusal::forbidden(format!("{what} takes an operator")));
        }
        Ok(())
    }

    /// Trades a one-time code for a credential, whose digest is given.
    pub fn log_in(
        &mut self,
        code: &Digest,
        credential: Digest,
    ) -> Result<(PersonId, Millis), Refusal> {
        let known = self
            .state
            .members()
            .find(|it| it.code.as_ref() == Some(code) && it.code_until > self.now);
        let person = known.map(|it| it.person.id.clone());
        let person = person.ok_or_else(|| Refusal {
            code: "CS-auth-02",
            ..Refusal::forbidden(
                "the code is wrong, used or too old; ask an operator for a new one",
            )
        })?;
        let until = self.now.plus(CREDENTIAL_MS);
        self.record(Entry::LoggedIn {
            person: person.clone(),
            credential,
            until,
            code: code.clone(),
        });
        Ok((person, until))
    }

    /// Ends a person's own credential.
    pub fn log_out(&mut self, person: &PersonId, credential: &Digest) {
        let known = self.state.credentials.get(credential);
        if known.is_some_and(|it| it.person == *person) {
            self.record(Entry::LoggedOut {
                person: person.clone(),
                credential: credential.clone(),
            });
        }
    }

    /// Makes a machine's token.
    pub fn create_token(
        &mut self,
        name: &str,
        secret: Digest,
        by: &PersonId,
    ) -> Result<TokenId, Refusal> {
        self.operator(&By::Person(by.clone()), "creating a token")?;
        let token = TokenId::new(format!("token-{}", uuid::Uuid::now_v7()));
        self.record(Entry::TokenCreated {
            token: token.clone(),
            name: name.to_owned(),
            secret,
            by: by.clone(),
        });
        Ok(token)
    }

    /// Ends it.
    pub fn revoke_token(&mut self, token: &TokenId, by: &PersonId) -> Result<(), Refusal> {
        self.operator(&By::Person(by.clone()), "revoking a token")?;
        if !self.state.tokens.contains_key(token) {
            return Err(Refusal::not_found("token", token.as_str()));
        }
        self.record(Entry::TokenRevoked {
            token: token.clone(),
            by: by.clone(),
        });
        Ok(())
    }

    /// Pins a version's bytes. Whoever does it never approves what the version proposes.
    pub fn enrol(
        &mut self,
        plugin: PluginRef,
        kind: &str,
        stage: Stage,
        manifest: serde_json::Value,
        bytes: Vec<u8>,
        by: &By,
    ) -> Result<(), Refusal> {
        self.operator(by, "enrolling a plugin")?;
        let key = (plugin.id.clone(), plugin.version.clone());
        if let Some(known) = self.state.plugins.get(&key) {
            if known.plugin.digest != plugin.digest {
                let text = format!(
                    "{plugin} is already here with other content (sha256 {}, offered {}); raise the version",
                    known.plugin.digest, plugin.digest
                );
                return Err(Refusal::conflict("CS-load-19", text));
            }
            if known.stage != stage {
                let by = PersonId::new(by.label());
                self.record(Entry::StageSet {
                    plugin: plugin.id,
                    version: plugin.version,
                    stage,
                    by,
                });
            }
            return Ok(());
        }
        let by = PersonId::new(by.label());
        let entry = Entry::PluginEnrolled {
            plugin,
            kind: kind.to_owned(),
            stage,
            by,
            manifest,
        };
        self.record_with(entry, vec![bytes]);
        Ok(())
    }

    /// A lead confirms that a database which is not the one that ran here last may act.
    pub fn confirm_dispatch(&mut self, by: &PersonId) -> Result<(), Refusal> {
        if !self
            .state
            .people
            .get(by)
            .is_some_and(|it| it.person.roles.contains(&Role::Lead))
        {
            return Err(Refusal::forbidden(
                "confirming a restored database takes a lead",
            ));
        }
        self.record(Entry::DispatchConfirmed { by: by.clone() });
        Ok(())
    }

    /// Takes in sightings from an inventory or telemetry.
    pub fn import_sightings(
        &mut self,
        seen: Vec<Seen>,
        confirm: Option<Change>,
        by: &str,
    ) -> usize {
        if let Some(confirm) = confirm {
            self.record(Entry::InventoryChanged {
                changes: vec![confirm],
                by: by.to_owned(),
                why: "seen".to_owned(),
            });
        }
        let count = seen.len();
        if count > 0 {
            self.record(Entry::SoftwareSeen {
                seen,
                by: by.to_owned(),
            });
        }
        count
    }
}
