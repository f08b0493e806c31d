//! Whom a page is for, and who of them is told now.
//!
//! Silence refuses, so before it does more and more people are asked: those at work first, then
//! everybody whom it takes, then who stands in for the owners, then every lead.

use super::tx::Tx;
use crate::config::Whom;
use crate::journal::entry::Audience;
use crate::journal::state::PageRecord;
use crate::model::{Approvals, AssetId, CaseId, Millis, Person, PersonId, Role};
use std::collections::BTreeSet;

impl Tx<'_> {
    /// Whom it takes to open a hold.
    pub(super) fn audience_of_hold(&self, case: &CaseId, needs: &Approvals) -> Audience {
        let mut audience = self.audience("held", Some(case));
        if !needs.roles.is_empty() {
            audience.roles = needs.roles.clone();
        }
        if !audience.roles.contains(&Role::Owner) {
            audience.owners.clear();
        }
        audience.owners.extend(needs.people.iter().cloned());
        audience.roles.remove(&Role::Owner);
        audience
    }

    /// Whom a kind of page is for.
    pub(super) fn audience(&self, about: &str, case: Option<&CaseId>) -> Audience {
        let (owners, deputies) = self.owners_of_case(case);
        let (roles, owners, operators): (&[Role], _, _) = match about {
            "plugin" | "unserved" | "collision" | "unmeetable" => (&[Role::Lead], None, true),
            "people" | "change" => (&[Role::Lead], Some(owners), false),
            "emergency" => (&[Role::Lead], Some(owners), false),
            "overreach" => (&[Role::Analyst, Role::Lead], Some(owners), false),
            _ => (&[Role::Analyst], Some(owners), false),
        };
        Audience {
            roles: roles.iter().copied().collect(),
            owners: owners.unwrap_or_default(),
            deputies,
            operators,
        }
    }

    /// The owners of what a case is about and who stands in for them.
    fn owners_of_case(&self, case: Option<&CaseId>) -> (BTreeSet<PersonId>, BTreeSet<PersonId>) {
        let inventory = &self.state.inventory;
        let default = self.book.default_owner.as_ref();
        let assets: &[AssetId] = case
            .and_then(|id| self.state.cases.get(id))
            .map_or(&[], |it| it.assets.as_slice());
        let Some(asset) = assets.first() else {
            return (inventory.default_owners(default), BTreeSet::new());
        };
        let reach = self.reach_of_asset(asset);
        (
            inventory.owners(&reach, default),
            inventory.deputies(&reach),
        )
    }

    /// Who is told now. Nobody is an answer that does not exist: then it is the default owner.
    pub(super) fn told_now(&self, page: &PageRecord) -> BTreeSet<PersonId> {
        let share = self.share_over(page);
        let due = self
            .book
            .page_steps
            .iter()
            .filter(|it| it.at_percent <= share);
        let whom: BTreeSet<Whom> = due.flat_map(|it| it.to.iter().copied()).collect();
        let mut told: BTreeSet<PersonId> = BTreeSet::new();
        for whom in whom {
            told.extend(self.people_of(page, whom));
        }
        if told.is_empty() {
            told = self
                .state
                .inventory
                .default_owners(self.book.default_owner.as_ref());
        }
        told
    }

    fn people_of(&self, page: &PageRecord, whom: Whom) -> BTreeSet<PersonId> {
        let needed = || self.of(|it| is_needed(&page.to, it));
        match whom {
            Whom::Needed => needed(),
            Whom::OnDuty => {
                let on_duty = self.of(|it| is_needed(&page.to, it) && self.at_work(it));
                if on_duty.is_empty() {
                    needed()
                } else {
                    on_duty
                }
            }
            Whom::Deputies => self.of(|it| page.to.deputies.contains(&it.id)),
            Whom::Leads => self.of(|it| it.roles.contains(&Role::Lead)),
        }
    }

    fn of(&self, which: impl Fn(&Person) -> bool) -> BTreeSet<PersonId> {
        let people = self.state.members().map(|it| &it.person);
        people
            .filter(|it| which(it))
            .map(|it| it.id.clone())
            .collect()
    }

    fn at_work(&self, person: &Person) -> bool {
        let zone = person.zone.as_deref();
        let calendar = &self.book.calendar;
        calendar
            .time_of_day(self.now, zone, &BTreeSet::new())
            .working_hours
    }

    /// Which share of the time is over. Without a deadline each time it was told is a quarter.
    fn share_over(&self, page: &PageRecord) -> u64 {
        match page.deadline {
            Some(deadline) => {
                let whole = deadline.since(page.made).max(1);
                self.now.since(page.made).saturating_mul(100) / whole
            }
            None => u64::from(page.sent).saturating_mul(25),
        }
    }

    /// When the next step of a page with a deadline is.
    pub(super) fn next_step(&self, page: &PageRecord) -> Option<Millis> {
        let deadline = page.deadline?;
        let whole = deadline.since(page.made);
        let steps = self.book.page_steps.iter();
        let times = steps.map(|it| {
            page.made
                .plus(whole.saturating_mul(it.at_percent).div_ceil(100))
        });
        times.filter(|at| *at > self.now).min()
    }
}

fn is_needed(to: &Audience, person: &Person) -> bool {
    // a lead is an analyst too
    let analyst = to.roles.contains(&Role::Analyst) && person.roles.contains(&Role::Lead);
    analyst
        || !to.roles.is_disjoint(&person.roles)
        || to.owners.contains(&person.id)
        || to.operators && person.operator
}
