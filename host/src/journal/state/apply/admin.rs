//! Pages, inventory, plugins, people, tokens and the halt.

use crate::inventory::{Change, Sightings};
use crate::journal::entry::{ChangeHeld, Entry, PageDue};
use crate::journal::state::{
    ChangeRecord, CredentialRecord, Denial, HaltRecord, PageRecord, PluginRecord, State,
    TokenRecord,
};
use crate::model::{Millis, PageId};
use std::collections::BTreeSet;

impl State {
    pub(super) fn apply_admin(&mut self, at: Millis, entry: &Entry) {
        match entry {
            Entry::PageDue(due) => self.page_due(at, due),
            Entry::PageSent {
                page,
                delivered,
                detail,
                next,
                to,
                ..
            } => self.with_page(page, |record| {
                record.told.extend(to.iter().cloned());
                if *delivered {
                    record.sent = record.sent.saturating_add(1);
                } else {
                    record.undelivered = record.undelivered.saturating_add(1);
                }
                record.last = Some(detail.clone());
                record.next = *next;
            }),
            Entry::PageAcknowledged {
                page,
                person,
                comment,
                next,
            } => self.with_page(page, |record| {
                record.next = *next;
                record.seen = Some(Denial {
                    person: person.clone(),
                    at,
                    comment: comment.clone(),
                });
                if next.is_none() {
                    record.closed = Some(format!("seen by {person}: {comment}"));
                }
            }),
            Entry::PageClosed { page, why } => self.with_page(page, |record| {
                record.closed = Some(why.clone());
                record.next = None;
            }),
            Entry::InventoryChanged { changes, .. } => self.change_inventory(changes),
            Entry::ChangeHeld(held) => self.change_held(at, held),
            Entry::ChangeApproved {
                id,
                person,
                comment,
            } => {
                if let Some(record) = self.changes.get_mut(id) {
                    record.approvals.push(Denial {
                        person: person.clone(),
                        at,
                        comment: comment.clone(),
                    });
                    self.touch("change", id);
                }
            }
            Entry::ChangeDecided {
                id,
                person,
                approved,
                comment,
            } => {
                if let Some(record) = self.changes.get_mut(id) {
                    record.decided = Some(Denial {
                        person: person.clone(),
                        at,
                        comment: comment.clone(),
                    });
                    record.approved = Some(*approved);
                }
                self.touch("change", id);
            }
            Entry::SoftwareSeen { seen, .. } => {
                for seen in seen {
                    self.sightings.apply(seen);
                    self.touch("sighting", Sightings::id(&seen.lineage, &seen.asset));
                    if seen.covered {
                        self.touch("looked", &seen.asset);
                    }
                }
            }
            _ => self.apply_access(at, entry),
        }
    }

    fn with_page(&mut self, id: &PageId, change: impl FnOnce(&mut PageRecord)) {
        if let Some(record) = self.pages.get_mut(id) {
            change(record);
            self.touch("page", id);
        }
    }

    fn change_held(&mut self, at: Millis, held: &ChangeHeld) {
        let record = ChangeRecord {
            id: held.id.clone(),
            list: held.list.clone(),
            format: held.format,
            changes: held.changes.clone(),
            loosens: held.loosens.clone(),
            owners: held.owners.clone(),
            by: held.by.clone(),
            made: at,
            approvals: Vec::new(),
            decided: None,
            approved: None,
        };
        self.changes.insert(held.id.clone(), record);
        self.touch("change", &held.id);
    }

    fn page_due(&mut self, at: Millis, due: &PageDue) {
        let record = PageRecord {
            id: due.id.clone(),
            about: due.about.clone(),
            key: due.key.clone(),
            case: due.case.clone(),
            subject: due.subject.clone(),
            text: due.text.clone(),
            repeat_s: due.repeat_s,
            made: at,
            sent: 0,
            undelivered: 0,
            last: None,
            next: Some(at),
            closed: None,
            to: due.to.clone(),
            deadline: due.deadline,
            told: BTreeSet::new(),
            seen: None,
        };
        self.pages.insert(due.id.clone(), record);
        self.touch("page", &due.id);
    }

    fn change_inventory(&mut self, changes: &[Change]) {
        for change in changes {
            self.inventory.apply(change);
            for (kind, id) in change.documents() {
                self.touch(kind, id);
            }
        }
    }

    fn apply_access(&mut self, at: Millis, entry: &Entry) {
        match entry {
            Entry::PluginEnrolled {
                plugin,
                kind,
                stage,
                by,
                manifest,
            } => {
                let record = PluginRecord {
                    plugin: plugin.clone(),
                    kind: kind.clone(),
                    stage: *stage,
                    enrolled: at,
                    by: by.clone(),
                    manifest: manifest.clone(),
                };
                self.plugins
                    .insert((plugin.id.clone(), plugin.version.clone()), record);
                self.touch("plugin", plugin);
            }
            Entry::StageSet {
                plugin,
                version,
                stage,
                ..
            } => {
                if let Some(record) = self.plugins.get_mut(&(plugin.clone(), version.clone())) {
                    record.stage = *stage;
                }
                self.touch("plugin", format!("{plugin}@{version}"));
            }
            Entry::PersonAdded { .. }
            | Entry::PersonAsked { .. }
            | Entry::PersonSettled { .. }
            | Entry::PersonRemoved { .. } => self.apply_person(at, entry),
            Entry::LoggedIn {
                person,
                credential,
                until,
                ..
            } => {
                if let Some(record) = self.people.get_mut(person) {
                    record.code = None;
                }
                self.touch("person", person);
                self.credentials.insert(
                    credential.clone(),
                    CredentialRecord {
                        person: person.clone(),
                        until: *until,
                    },
                );
                self.touch("credential", credential);
            }
            Entry::LoggedOut { credential, .. } => {
                self.credentials.remove(credential);
                self.touch("credential", credential);
            }
            Entry::TokenCreated {
                token,
                name,
                secret,
                by,
            } => {
                let record = TokenRecord {
                    id: token.clone(),
                    name: name.clone(),
                    secret: secret.clone(),
                    made: at,
                    by: by.clone(),
                    revoked: false,
                };
                self.tokens.insert(token.clone(), record);
                self.touch("token", token);
            }
            Entry::TokenRevoked { token, .. } => {
                if let Some(record) = self.tokens.get_mut(token) {
                    record.revoked = true;
                }
                self.touch("token", token);
            }
            Entry::HaltSet { on, person, reason } => {
                self.halt = Some(HaltRecord {
                    on: *on,
                    person: person.clone(),
                    reason: reason.clone(),
                    at,
                });
                self.touch("halt", "halt");
            }
            _ => {}
        }
    }
}
