//! Lists of assets, groups and protection. Tightening is immediate; what loosens waits for those
//! whom touching the thing would take: a lead, and an owner of each thing that gets weaker, two
//! people at least. Who asked for it never approves it, but an owner who asked has wanted it.

use super::refusal::Refusal;
use super::tx::Tx;
use crate::inventory::Change;
use crate::inventory::import::{self, Diff, Format, ImportError, Loosened};
use crate::journal::entry::{ChangeHeld, Entry};
use crate::journal::state::{ChangeRecord, State};
use crate::model::{PersonId, Role};
use serde::Serialize;
use std::collections::BTreeSet;

/// What became of an inventory import.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Imported {
    /// Applied at once.
    pub applied: usize,
    /// Waits for other people, under this id.
    pub held: Option<String>,
    /// What makes protection weaker.
    pub loosens: Vec<String>,
}

impl Tx<'_> {
    /// Takes in a list. What tightens applies at once; if anything loosens, all of it waits.
    ///
    /// # Errors
    /// They may not import, or the list does not fit the inventory.
    pub fn import_assets(
        &mut self,
        list: String,
        format: Format,
        by: &PersonId,
    ) -> Result<Imported, Refusal> {
        self.may_import(by)?;
        let diff = self.compare(&list, format)?;
        let loosens = lines(&diff.loosens);
        if let Some(confirm) = diff.confirm {
            self.change_inventory(vec![confirm], by, "named again".to_owned());
        }
        let applied = diff.changes.len();
        if loosens.is_empty() {
            if applied > 0 {
                self.change_inventory(diff.changes, by, "import".to_owned());
            }
            return Ok(Imported {
                applied,
                held: None,
                loosens,
            });
        }
        let held = ChangeHeld {
            id: format!("change-{}", uuid::Uuid::now_v7()),
            list,
            format,
            owners: diff.loosens.iter().map(|it| self.owners_of(it)).collect(),
            changes: diff.changes,
            loosens: loosens.clone(),
            by: by.clone(),
        };
        let id = held.id.clone();
        self.record(Entry::ChangeHeld(Box::new(held)));
        let text = loosens.join("\n");
        let subject = "a change that loosens protection waits for a lead and the owners";
        self.page(
            "change",
            &format!("change:{id}"),
            None,
            subject,
            &text,
            self.book.page_repeat_s,
        );
        Ok(Imported {
            applied: 0,
            held: Some(id),
            loosens,
        })
    }

    /// Whether a person may bring lists of what there is and what was seen.
    ///
    /// # Errors
    /// They are neither lead nor operator.
    pub fn may_import(&self, by: &PersonId) -> Result<(), Refusal> {
        let known = self.state.people.get(by).map(|it| &it.person);
        if !known.is_some_and(|it| it.operator || it.roles.contains(&Role::Lead)) {
            let text = "importing takes a lead or an operator";
            return Err(Refusal::forbidden(text));
        }
        Ok(())
    }

    fn compare(&self, list: &str, format: Format) -> Result<Diff, Refusal> {
        let misfit = |errors: Vec<ImportError>| {
            let text: Vec<String> = errors.iter().map(ToString::to_string).collect();
            Refusal::invalid("CS-asset-01", text.join("\n"))
        };
        let document = import::read(list.as_bytes(), format).map_err(misfit)?;
        import::diff(&self.state.inventory, &document, self.now).map_err(misfit)
    }

    fn change_inventory(&mut self, changes: Vec<Change>, by: &PersonId, why: String) {
        self.record(Entry::InventoryChanged {
            changes,
            by: by.0.clone(),
            why,
        });
    }

    /// Those who own what gets weaker, as it is now, with their deputies.
    fn owners_of(&self, it: &Loosened) -> BTreeSet<PersonId> {
        let inventory = &self.state.inventory;
        let default = self.book.default_owner.as_ref();
        let owners = match (
            &it.asset,
            it.group.as_ref().and_then(|id| inventory.group(id)),
        ) {
            (Some(asset), _) => {
                let reach = self.reach_of_asset(asset);
                let owners = inventory.owners(&reach, default);
                owners.union(&inventory.deputies(&reach)).cloned().collect()
            }
            (None, Some(group)) => group.owners.union(&group.deputies).cloned().collect(),
            (None, None) => BTreeSet::new(),
        };
        if owners.is_empty() {
            inventory.default_owners(default)
        } else {
            owners
        }
    }

    /// One of those whom it takes lets a loosening change through, or somebody ends it.
    ///
    /// # Errors
    /// They are not one whom it takes, it is decided already, or what it would loosen is not what
    /// was shown any more.
    pub fn decide_change(
        &mut self,
        id: &str,
        person: &PersonId,
        approved: bool,
        comment: &str,
    ) -> Result<(), Refusal> {
        let known = self.state.changes.get(id).cloned();
        let record = known.ok_or_else(|| Refusal::not_found("change", id))?;
        if record.decided.is_some() {
            let text = format!("change {id} is decided already");
            return Err(Refusal::conflict("CS-approval-01", text));
        }
        let lead = self.person(person)?.contains(&Role::Lead);
        let owner = record.owners.iter().any(|it| it.contains(person));
        if !lead && !owner {
            let text = "deciding a change that loosens protection takes a lead or an owner of it";
            return Err(Refusal::forbidden(text));
        }
        if !approved {
            self.change_decided(&record, person, false, comment);
            return Ok(());
        }
        self.may_approve(&record, person)?;
        self.record(Entry::ChangeApproved {
            id: id.to_owned(),
            person: person.clone(),
            comment: comment.to_owned(),
        });
        if self
            .state
            .changes
            .get(id)
            .and_then(|it| change_needs(self.state, it))
            .is_some()
        {
            return Ok(());
        }
        self.let_loosen(&record, person, comment)
    }

    fn may_approve(&self, record: &ChangeRecord, person: &PersonId) -> Result<(), Refusal> {
        let refuse = |text: &str| Refusal {
            code: "CS-approval-03",
            ..Refusal::forbidden(text.to_owned())
        };
        if record.by == *person {
            return Err(refuse(
                "you asked for this change: somebody else must approve it",
            ));
        }
        if record.approvals.iter().any(|it| it.person == *person) {
            return Err(refuse("you have approved it already"));
        }
        Ok(())
    }

    /// Everybody whom it takes has wanted it: it is made, if it still loosens what was shown.
    fn let_loosen(
        &mut self,
        record: &ChangeRecord,
        person: &PersonId,
        comment: &str,
    ) -> Result<(), Refusal> {
        let diff = self.compare(&record.list, record.format);
        let same = diff
            .as_ref()
            .is_ok_and(|it| lines(&it.loosens) == record.loosens);
        let (true, Ok(diff)) = (same, diff) else {
            let why =
                "the inventory changed since; import it again to see what it would loosen now";
            self.change_decided(record, person, false, why);
            return Err(Refusal::conflict("CS-asset-13", why));
        };
        self.change_decided(record, person, true, comment);
        let why = format!("change {}, approved by {person}", record.id);
        self.change_inventory(diff.changes, &record.by, why);
        Ok(())
    }

    fn change_decided(
        &mut self,
        record: &ChangeRecord,
        person: &PersonId,
        approved: bool,
        comment: &str,
    ) {
        self.record(Entry::ChangeDecided {
            id: record.id.clone(),
            person: person.clone(),
            approved,
            comment: comment.to_owned(),
        });
        self.close_pages(&format!("change:{}", record.id), "decided");
    }
}

/// Whom a change still waits for, in words; `None` once everybody whom it takes has wanted it.
pub fn change_needs(state: &State, record: &ChangeRecord) -> Option<String> {
    let given: BTreeSet<&PersonId> = record.approvals.iter().map(|it| &it.person).collect();
    let lead = |it: &&PersonId| {
        let known = state.people.get(*it);
        known.is_some_and(|known| known.person.roles.contains(&Role::Lead))
    };
    let wanted = |owners: &&BTreeSet<PersonId>| {
        owners.contains(&record.by) || owners.iter().any(|it| given.contains(it))
    };
    let mut missing: Vec<String> = Vec::new();
    if !given.iter().any(lead) {
        missing.push("a lead".to_owned());
    }
    for owners in record.owners.iter().filter(|it| !wanted(it)) {
        let names: Vec<&str> = owners.iter().map(PersonId::as_str).collect();
        missing.push(format!("an owner ({})", names.join(" or ")));
    }
    (!missing.is_empty()).then(|| missing.join(", and "))
}

fn lines(loosens: &[Loosened]) -> Vec<String> {
    let line = |it: &Loosened| {
        let what = it.weaker.as_str();
        format!("{}: {what} {} -> {}", it.subject, it.before, it.after)
    };
    loosens.iter().map(line).collect()
}
