//! What is not over yet, so that a step looks at that and not at everything that ever was.
//!
//! Derived from the records by the same hook that notes them for the store: a record that changes
//! without being touched would be lost by a restart anyway, so there is one thing to get right.

use super::{CaseRecord, EffectRecord, OrderRecord, PageRecord, ProposalRecord, State};
use crate::inventory::{lineage, software_of};
use crate::journal::entry::ProposalState;
use crate::model::{CaseId, EffectId, Entity, OrderId, PageId, ProposalId};
use std::collections::{BTreeSet, HashMap};

/// Ids of records that something is still to come of.
#[derive(Debug, Default)]
pub(super) struct Live {
    due: BTreeSet<CaseId>,
    held: BTreeSet<ProposalId>,
    looks: BTreeSet<ProposalId>,
    orders: BTreeSet<OrderId>,
    on_target: HashMap<String, BTreeSet<OrderId>>,
    effects: BTreeSet<EffectId>,
    pages: BTreeSet<PageId>,
    about: HashMap<String, BTreeSet<CaseId>>,
    /// Under which keys a case stands, as of which revision.
    keys: HashMap<CaseId, (u32, BTreeSet<String>)>,
}

impl State {
    /// Brings the sets in line with one record.
    pub(super) fn sort_in(&mut self, kind: &str, id: &str) {
        match kind {
            "case" => {
                let id = CaseId::from(id);
                let due = self.cases.get(&id).is_some_and(|it| !it.due.is_empty());
                keep(&mut self.live.due, id.clone(), due);
                self.sort_case(&id);
            }
            "proposal" => {
                let id = ProposalId::from(id);
                let record = self.proposals.get(&id);
                let held = record.is_some_and(|it| it.state == ProposalState::Held);
                let look = record.and_then(|it| it.look.as_ref());
                let look = look.is_some_and(|it| it.seen.is_none());
                keep(&mut self.live.looks, id.clone(), look);
                keep(&mut self.live.held, id, held);
            }
            "order" => self.sort_order(OrderId::from(id)),
            "effect" => {
                let id = EffectId::from(id);
                let stands = self.effects.get(&id).is_some_and(|it| it.ended.is_none());
                keep(&mut self.live.effects, id, stands);
            }
            "page" => {
                let id = PageId::from(id);
                let open = self.pages.get(&id).is_some_and(|it| it.closed.is_none());
                keep(&mut self.live.pages, id, open);
            }
            _ => {}
        }
    }

    /// A case stands under what its latest revision is about.
    fn sort_case(&mut self, id: &CaseId) {
        let Some(record) = self.cases.get(id) else {
            return;
        };
        let known = self.live.keys.get(id);
        if known.is_some_and(|(revision, _)| *revision == record.revision) {
            return;
        }
        let entities = record.detection.entities.iter();
        let keys: BTreeSet<String> = entities.flat_map(keys_of).collect();
        for key in &keys {
            let here = self.live.about.entry(key.clone()).or_default();
            here.insert(id.clone());
        }
        let now = (record.revision, keys);
        let (_, before) = self
            .live
            .keys
            .insert(id.clone(), now.clone())
            .unwrap_or_default();
        for key in before.difference(&now.1) {
            if let Some(here) = self.live.about.get_mut(key) {
                here.remove(id);
            }
        }
    }

    fn sort_order(&mut self, id: OrderId) {
        let Some(record) = self.orders.get(&id) else {
            return;
        };
        let open = !record.state.is_final();
        let on_target = &mut self.live.on_target;
        let here = on_target.entry(record.canonical.clone()).or_default();
        keep(here, id.clone(), open);
        if here.is_empty() {
            on_target.remove(&record.canonical);
        }
        keep(&mut self.live.orders, id, open);
    }

    /// Cases of which an evaluation is still to be made.
    pub fn due_cases(&self) -> impl ExactSizeIterator<Item = &CaseId> {
        self.live.due.iter()
    }
    /// Cases in which an entity stands under this key (see `keys_of`), the latest first.
    pub fn cases_about(&self, key: &str) -> impl Iterator<Item = &CaseRecord> {
        let ids = self.live.about.get(key).into_iter().flatten();
        let ids: Vec<&CaseId> = ids.collect();
        ids.into_iter().rev().filter_map(|id| self.cases.get(id))
    }
    /// Proposals that wait for people.
    pub fn held(&self) -> impl Iterator<Item = &ProposalRecord> {
        let ids = self.live.held.iter();
        ids.filter_map(|id| self.proposals.get(id))
    }
    /// What was done without a person, and nobody has looked at yet.
    pub fn looks(&self) -> impl Iterator<Item = &ProposalRecord> {
        let ids = self.live.looks.iter();
        ids.filter_map(|id| self.proposals.get(id))
    }
    /// Orders that have not ended.
    pub fn open_orders(&self) -> impl Iterator<Item = &OrderRecord> {
        let ids = self.live.orders.iter();
        ids.filter_map(|id| self.orders.get(id))
    }
    /// Orders for one canonical target that have not ended.
    pub fn open_orders_on(&self, canonical: &str) -> impl Iterator<Item = &OrderRecord> {
        let ids = self.live.on_target.get(canonical).into_iter().flatten();
        ids.filter_map(|id| self.orders.get(id))
    }
    /// Effects that are in force.
    pub fn effects_in_force(&self) -> impl Iterator<Item = &EffectRecord> {
        let ids = self.live.effects.iter();
        ids.filter_map(|id| self.effects.get(id))
    }
    /// Pages that nobody has acted on.
    pub fn open_pages(&self) -> impl Iterator<Item = &PageRecord> {
        let ids = self.live.pages.iter();
        ids.filter_map(|id| self.pages.get(id))
    }
}

/// What a thing is found by: the lineage of software, and what it is called.
pub fn keys_of(entity: &Entity) -> Vec<String> {
    let lineage = software_of(entity).and_then(|it| lineage(&it));
    let mut keys = vec![entity.target.label()];
    keys.extend(lineage.map(|it| it.to_string()));
    keys
}

fn keep<T: Ord>(set: &mut BTreeSet<T>, id: T, live: bool) {
    if live {
        set.insert(id);
    } else {
        set.remove(&id);
    }
}
