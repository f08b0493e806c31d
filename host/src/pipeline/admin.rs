//! Who may sign in, what is enrolled, what the tenant has. Tightening is immediate; loosening
//! waits for another person.

use super::refusal::Refusal;
use super::tx::Tx;
use crate::inventory::{Change, Seen};
use crate::journal::entry::Entry;
use crate::model::{Digest, Millis, Person, PersonId, PluginRef, Role, Stage, TokenId};
use serde::Serialize;

/// A person's credential is short-lived: a shift, not a week.
const CREDENTIAL_MS: u64 = 12 * Millis::HOUR;
/// A one-time code waits for as long as it takes to walk over to somebody.
const CODE_MS: u64 = 24 * Millis::HOUR;

/// What became of an inventory import.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Imported {
    /// Applied at once.
    pub applied: usize,
    /// Waits for another person, under this id.
    pub held: Option<String>,
    /// What makes protection weaker.
    pub loosens: Vec<String>,
}

/// Who asks for something administrative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// The host itself: the first person, the shipped plugins.
    Host,
    /// A person.
    Person(PersonId),
}

impl By {
    fn label(&self) -> String {
        match self {
            Self::Host => "countersign".to_owned(),
            Self::Person(person) => person.0.clone(),
        }
    }
}

impl Tx<'_> {
    fn operator(&self, by: &By, what: &str) -> Result<(), Refusal> {
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

    /// Adds a person, or changes what they may. The code's digest is kept, never the code.
    pub fn add_person(&mut self, person: Person, code: Digest, by: &By) -> Result<(), Refusal> {
        self.operator(by, "adding a person")?;
        if let By::Person(asking) = by
            && *asking == person.id
        {
            return Err(Refusal::forbidden(
                "you cannot change what you may do yourself; ask another operator",
            ));
        }
        let code_until = self.now.plus(CODE_MS);
        self.record(Entry::PersonAdded {
            person,
            code,
            code_until,
            by: by.label(),
        });
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
            .people
            .values()
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

    /// Takes in changes of the inventory. What tightens applies at once; if anything loosens,
    /// all of it waits for a lead other than the person who asked.
    pub fn import_assets(
        &mut self,
        changes: Vec<Change>,
        confirm: Option<Change>,
        loosens: Vec<String>,
        by: &PersonId,
    ) -> Result<Imported, Refusal> {
        let roles = self
            .state
            .people
            .get(by)
            .map(|it| (it.person.roles.contains(&Role::Lead), it.person.operator));
        if !matches!(roles, Some((true, _) | (_, true))) {
            return Err(Refusal::forbidden(
                "importing assets takes a lead or an operator",
            ));
        }
        if let Some(confirm) = confirm {
            self.record(Entry::InventoryChanged {
                changes: vec![confirm],
                by: by.0.clone(),
                why: "named again".to_owned(),
            });
        }
        if changes.is_empty() {
            return Ok(Imported {
                applied: 0,
                held: None,
                loosens,
            });
        }
        if loosens.is_empty() {
            let applied = changes.len();
            self.record(Entry::InventoryChanged {
                changes,
                by: by.0.clone(),
                why: "import".to_owned(),
            });
            return Ok(Imported {
                applied,
                held: None,
                loosens,
            });
        }
        let id = format!("change-{}", uuid::Uuid::now_v7());
        let entry = Entry::ChangeHeld {
            id: id.clone(),
            changes,
            loosens: loosens.clone(),
            by: by.clone(),
        };
        self.record(entry);
        let text = loosens.join("\n");
        self.page(
            "change",
            &format!("change:{id}"),
            None,
            "a change that loosens protection waits for a lead",
            &text,
            self.book.page_repeat_s,
        );
        Ok(Imported {
            applied: 0,
            held: Some(id),
            loosens,
        })
    }

    /// A lead other than the requester lets a loosening change through, or ends it.
    pub fn decide_change(
        &mut self,
        id: &str,
        person: &PersonId,
        approved: bool,
        comment: &str,
    ) -> Result<(), Refusal> {
        let record = self
            .state
            .changes
            .get(id)
            .ok_or_else(|| Refusal::not_found("change", id))?
            .clone();
        if record.decided.is_some() {
            return Err(Refusal::conflict(
                "CS-approval-01",
                format!("change {id} is decided already"),
            ));
        }
        let lead = self
            .state
            .people
            .get(person)
            .is_some_and(|it| it.person.roles.contains(&Role::Lead));
        if !lead {
            return Err(Refusal::forbidden(
                "deciding a change that loosens protection takes a lead",
            ));
        }
        if record.by == *person && approved {
            return Err(Refusal {
                code: "CS-approval-03",
                ..Refusal::forbidden("you asked for this change: another lead must approve it")
            });
        }
        self.record(Entry::ChangeDecided {
            id: id.to_owned(),
            person: person.clone(),
            approved,
            comment: comment.to_owned(),
        });
        if approved {
            let why = format!("change {id}, approved by {person}");
            self.record(Entry::InventoryChanged {
                changes: record.changes,
                by: record.by.0,
                why,
            });
        }
        self.close_pages(&format!("change:{id}"), "decided");
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
