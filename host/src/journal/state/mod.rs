//! The sum of the journal: entries go in by `apply`, nothing else changes it.
//!
//! Applying all entries of a tenant from nothing gives the same state as loading the documents
//! that were written along with them; a test holds that. So the documents may be thrown away,
//! and a crash between two entries leaves nothing half-done.

mod apply;
mod live;
mod load;
mod records;
mod surge;

pub use apply::{has_power, surge_device};
pub use load::{Document, KINDS};
pub use records::{
    AnswerRecord, Approval, AskedRecord, CaseRecord, ChangeRecord, CredentialRecord, Denial,
    DriftRecord, Due, EffectRecord, HaltRecord, JudgedRecord, LineageRecord, LookRecord, Mark,
    OrderRecord, OverreachRecord, PageRecord, PayloadRecord, PersonRecord, PluginRecord,
    ProposalRecord, TokenRecord,
};
pub use surge::Surge;

use crate::inventory::{Inventory, Sightings};
use crate::model::{
    CaseId, Digest, EffectId, OrderId, OverreachId, PageId, PersonId, PluginId, ProposalId,
    TenantId, TokenId, Verb,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A document that `apply` touched: its kind and id.
pub type Touched = (&'static str, String);

/// All that is known of a tenant.
#[derive(Debug)]
pub struct State {
    /// Whose.
    pub tenant: TenantId,
    /// Cases by id.
    pub cases: BTreeMap<CaseId, CaseRecord>,
    /// Product and alert id to case.
    pub alerts: HashMap<(String, String), CaseId>,
    /// Proposals by id.
    pub proposals: BTreeMap<ProposalId, ProposalRecord>,
    /// Orders by id.
    pub orders: BTreeMap<OrderId, OrderRecord>,
    /// Effects by id, the ended ones too.
    pub effects: BTreeMap<EffectId, EffectRecord>,
    /// Overreaches by id.
    pub overreaches: BTreeMap<OverreachId, OverreachRecord>,
    /// Drift by asset and product.
    pub drifts: BTreeMap<String, DriftRecord>,
    /// Pages by id.
    pub pages: BTreeMap<PageId, PageRecord>,
    /// Payloads that are not read yet, or were rejected.
    pub payloads: BTreeMap<Digest, PayloadRecord>,
    /// Enrolled versions.
    pub plugins: BTreeMap<(PluginId, String), PluginRecord>,
    /// People.
    pub people: BTreeMap<PersonId, PersonRecord>,
    /// Short-lived credentials by the digest of their secret.
    pub credentials: BTreeMap<Digest, CredentialRecord>,
    /// Machines' tokens.
    pub tokens: BTreeMap<TokenId, TokenRecord>,
    /// Changes that loosen.
    pub changes: BTreeMap<String, ChangeRecord>,
    /// What people and products said of software lineages.
    pub lineages: BTreeMap<String, LineageRecord>,
    /// The inventory.
    pub inventory: Inventory,
    /// Where software was seen.
    pub sightings: Sightings,
    /// Devices attempted by cause.
    pub surge: Surge,
    /// How long an attempt counts; the tenant's setting.
    pub surge_window_ms: u64,
    /// Whether unattended action is stopped.
    pub halt: Option<HaltRecord>,
    /// Evaluations that are being made: case and version, and which one. Not kept: after a
    /// restart they are made again.
    pub running: BTreeMap<(CaseId, String), u64>,
    /// Orders whose connector is being called. Not kept: after a restart it is asked again.
    pub calling: BTreeSet<OrderId>,
    /// Pages that are being sent. Not kept.
    pub paging: BTreeSet<PageId>,
    live: live::Live,
    /// Documents that changed since the last `take_touched`.
    touched: BTreeSet<Touched>,
}

impl State {
    /// A tenant of which nothing is known.
    pub fn new(tenant: TenantId) -> Self {
        Self {
            tenant,
            cases: BTreeMap::new(),
            alerts: HashMap::new(),
            proposals: BTreeMap::new(),
            orders: BTreeMap::new(),
            effects: BTreeMap::new(),
            overreaches: BTreeMap::new(),
            drifts: BTreeMap::new(),
            pages: BTreeMap::new(),
            payloads: BTreeMap::new(),
            plugins: BTreeMap::new(),
            people: BTreeMap::new(),
            credentials: BTreeMap::new(),
            tokens: BTreeMap::new(),
            changes: BTreeMap::new(),
            lineages: BTreeMap::new(),
            inventory: Inventory::default(),
            sightings: Sightings::default(),
            surge: Surge::default(),
            surge_window_ms: crate::model::Millis::HOUR,
            halt: None,
            running: BTreeMap::new(),
            calling: BTreeSet::new(),
            paging: BTreeSet::new(),
            live: live::Live::default(),
            touched: BTreeSet::new(),
        }
    }
    /// Whether unattended action is stopped.
    pub fn halted(&self) -> bool {
        self.halt.as_ref().is_some_and(|halt| halt.on)
    }
    /// The proposals of a case, in the order in which they were made.
    pub fn proposals_of<'a>(
        &'a self,
        case: &'a CaseRecord,
    ) -> impl Iterator<Item = &'a ProposalRecord> {
        case.proposals
            .iter()
            .filter_map(|id| self.proposals.get(id))
    }
    /// What is decided together with a proposal, in order; itself alone if it was never judged.
    pub fn unit_of(&self, proposal: &ProposalRecord) -> Vec<ProposalId> {
        proposal
            .judged
            .as_ref()
            .map_or_else(|| vec![proposal.id.clone()], |judged| judged.unit.clone())
    }
    /// An effect is identified by tenant, action and canonical target: the same one is not begun
    /// twice.
    pub fn effect_id(&self, action: Verb, canonical: &str) -> EffectId {
        let digest = Digest::of_parts([
            b"countersign/effect/v1".as_slice(),
            self.tenant.as_str().as_bytes(),
            action.as_str().as_bytes(),
            canonical.as_bytes(),
        ]);
        EffectId::new(format!("effect-{}", digest.short()))
    }
    /// The effect of an action on a canonical target that is in force.
    pub fn in_force(&self, action: Verb, canonical: &str) -> Option<&EffectRecord> {
        let known = self.effects.get(&self.effect_id(action, canonical));
        known.filter(|it| it.ended.is_none())
    }
    /// Where a case is: `evaluating`, `waiting` for people, `acting`, or `ended`.
    pub fn case_state(&self, case: &CaseRecord) -> &'static str {
        use crate::journal::entry::ProposalState;
        let states: Vec<ProposalState> = self.proposals_of(case).map(|it| it.state).collect();
        let open_overreach = self
            .overreaches
            .values()
            .any(|it| it.case == case.id && it.acknowledged.is_none() && it.repaired.is_none());
        // not by the count: an evaluation for a vendor's revision does not count
        let unserved = case.last_evaluated.is_none();
        if !case.due.is_empty() {
            "evaluating"
        } else if states.contains(&ProposalState::Ordered) {
            "acting"
        } else if states
            .iter()
            .any(|it| matches!(it, ProposalState::Held | ProposalState::NeedsPerson))
            || open_overreach
            || unserved
        {
            "waiting"
        } else {
            "ended"
        }
    }
    /// The documents that changed, each once.
    pub fn take_touched(&mut self) -> BTreeSet<Touched> {
        std::mem::take(&mut self.touched)
    }
    fn touch(&mut self, kind: &'static str, id: impl std::fmt::Display) {
        // INVARIANT: a kind that a start does not read is forgotten by every restart.
        debug_assert!(
            KINDS.contains(&kind),
            "{kind} is no kind of document that a start reads"
        );
        let id = id.to_string();
        self.sort_in(kind, &id);
        self.touched.insert((kind, id));
    }
}
