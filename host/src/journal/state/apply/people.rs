//! People: who they are, what somebody asked for them, and that they are gone.

use crate::inventory::Change;
use crate::journal::entry::Entry;
use crate::journal::state::{AskedRecord, PersonRecord, State};
use crate::model::{Digest, Millis, Person, PersonId};
use std::collections::BTreeSet;

impl State {
    pub(super) fn apply_person(&mut self, at: Millis, entry: &Entry) {
        match entry {
            Entry::PersonAdded {
                person,
                code,
                code_until,
                ..
            } => self.put_person(person, code, *code_until),
            Entry::PersonAsked {
                person,
                code,
                code_until,
                by,
            } => {
                let known = self.people.get(&person.id);
                let asked = AskedRecord {
                    person: person.clone(),
                    code: code.clone(),
                    code_until: *code_until,
                    by: by.clone(),
                    at,
                    viewer: known.is_none_or(|it| it.removed.is_some()),
                };
                if asked.viewer {
                    // they may sign in and look; what they may decide waits
                    let viewer = Person {
                        roles: BTreeSet::new(),
                        operator: false,
                        ..person.clone()
                    };
                    self.put_person(&viewer, code, *code_until);
                }
                self.with_person(&person.id, |record| record.asked = Some(asked));
            }
            Entry::PersonSettled {
                person, confirmed, ..
            } => {
                let asked = self.people.get_mut(person).and_then(|it| it.asked.take());
                self.touch("person", person);
                if let Some(asked) = asked.filter(|_| *confirmed) {
                    self.confirm_person(&asked);
                }
            }
            Entry::PersonRemoved { person, .. } => self.remove_person(at, person),
            _ => {}
        }
    }

    fn put_person(&mut self, person: &Person, code: &Digest, code_until: Millis) {
        let record = PersonRecord {
            person: person.clone(),
            code: Some(code.clone()),
            code_until,
            asked: None,
            removed: None,
            decided: false,
        };
        self.end_credentials(&person.id);
        self.people.insert(person.id.clone(), record);
        self.inventory.apply(&Change::PutPerson(person.clone()));
        self.touch("member", &person.id);
        self.touch("person", &person.id);
    }

    /// Whoever signed in with the code as a viewer stays signed in, and may more.
    fn confirm_person(&mut self, asked: &AskedRecord) {
        if !asked.viewer {
            return self.put_person(&asked.person, &asked.code, asked.code_until);
        }
        self.with_person(&asked.person.id, |it| it.person = asked.person.clone());
        self.inventory
            .apply(&Change::PutPerson(asked.person.clone()));
        self.touch("member", &asked.person.id);
    }

    fn remove_person(&mut self, at: Millis, person: &PersonId) {
        self.with_person(person, |record| {
            record.decided = !record.person.roles.is_empty();
            record.person.roles.clear();
            record.person.operator = false;
            record.code = None;
            record.asked = None;
            record.removed = Some(at);
        });
        self.end_credentials(person);
        self.inventory.apply(&Change::RemovePerson(person.clone()));
        self.touch("member", person);
    }

    fn end_credentials(&mut self, person: &PersonId) {
        let theirs = self
            .credentials
            .iter()
            .filter(|(_, it)| it.person == *person);
        let theirs: Vec<Digest> = theirs.map(|(digest, _)| digest.clone()).collect();
        for digest in theirs {
            self.credentials.remove(&digest);
            self.touch("credential", &digest);
        }
    }

    fn with_person(&mut self, id: &PersonId, change: impl FnOnce(&mut PersonRecord)) {
        if let Some(record) = self.people.get_mut(id) {
            change(record);
            self.touch("person", id);
        }
    }

    /// The people of the tenant, without those who are gone.
    pub fn members(&self) -> impl Iterator<Item = &PersonRecord> {
        self.people.values().filter(|it| it.removed.is_none())
    }
}

impl PersonRecord {
    /// Whether what they say counts as a decision somewhere, or they can make others who decide.
    pub fn has_power(&self) -> bool {
        has_power(&self.person)
    }
}

/// Whether a person decides, or can make others who decide.
pub fn has_power(person: &Person) -> bool {
    person.operator || !person.roles.is_empty()
}
