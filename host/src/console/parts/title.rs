//! What is done to what, as a heading. The machine is named as the inventory names it, where the
//! target leads to one asset; what the alert calls things is marked as such.

use crate::console::{outside, words};
use crate::journal::state::{CaseRecord, ProposalRecord, State as Tenant};
use crate::model::{Device, Target, Verb};
use maud::{Markup, html};

/// What a heading needs.
#[derive(Clone, Debug, PartialEq)]
pub struct Titled {
    /// In order.
    pub verbs: Vec<Verb>,
    /// Of the first.
    pub target: Target,
    /// As the inventory names it.
    pub asset: Option<String>,
}

impl Titled {
    /// Of what is decided together with a proposal.
    pub fn of(tenant: &Tenant, record: &ProposalRecord) -> Self {
        let ids = tenant.unit_of(record);
        let members: Vec<&ProposalRecord> = ids
            .iter()
            .filter_map(|id| tenant.proposals.get(id))
            .collect();
        let target = |it: &&&ProposalRecord| {
            matches!(it.proposal.target, Target::File(_) | Target::Process(_))
        };
        let first = members.iter().find(target).copied().unwrap_or(record);
        let case = tenant.cases.get(&record.case);
        Self {
            verbs: members.iter().map(|it| it.proposal.action).collect(),
            target: first.proposal.target.clone(),
            asset: case.and_then(|it| asset_of(tenant, it, &first.proposal.target)),
        }
    }

    /// One action on one target.
    pub fn one(tenant: &Tenant, case: Option<&CaseRecord>, verb: Verb, target: &Target) -> Self {
        Self {
            verbs: vec![verb],
            target: target.clone(),
            asset: case.and_then(|it| asset_of(tenant, it, target)),
        }
    }

    /// The heading.
    pub fn markup(&self) -> Markup {
        html! { (self.doing()) " " (self.on()) }
    }

    /// The same on so many machines, of which this is one.
    pub fn many(&self, number: usize) -> Markup {
        let thing = outside::thing(&self.target);
        html! { (self.doing()) " " @if !matches!(self.target, Target::Device(_)) { (outside::Outside(&thing)) " " } "on " (number) " devices" }
    }

    /// The thing and its machine.
    pub fn on(&self) -> Markup {
        let thing = outside::thing(&self.target);
        match (&self.target, &self.asset) {
            (Target::Device(_), Some(asset)) => outside::asset(asset),
            (_, Some(asset)) => html! { (outside::Outside(&thing)) " on " (outside::asset(asset)) },
            (Target::Device(_), None) => html! { (outside::Outside(&thing)) },
            (target, None) => html! {
                (outside::Outside(&thing))
                @if let Some(device) = target.device() { " on " (outside::Outside(called(device))) }
            },
        }
    }

    /// The machine, or the thing where it stands on none.
    pub fn place(&self) -> Markup {
        match (&self.asset, self.target.device()) {
            (Some(asset), _) => outside::asset(asset),
            (None, Some(device)) => html! { (outside::Outside(called(device))) },
            (None, None) => self.on(),
        }
    }

    /// What is done: `Stop process and quarantine file`.
    pub fn doing(&self) -> String {
        let mut words: Vec<String> = Vec::new();
        for verb in &self.verbs {
            words.push(if words.is_empty() {
                words::title(*verb)
            } else {
                words::lower(*verb)
            });
        }
        words::and(&words)
    }
}

/// The asset that a target of a case stands on, as the inventory names it.
pub fn asset_of(tenant: &Tenant, case: &CaseRecord, target: &Target) -> Option<String> {
    let about_it = match (target.device(), &case.device) {
        (Some(of_target), Some(of_case)) => {
            of_target == of_case || of_target.id == of_case.id && !of_case.id.is_empty()
        }
        (None, _) => matches!(target, Target::Software(_)),
        _ => false,
    };
    let [only] = case.assets.as_slice() else {
        return None;
    };
    about_it
        .then(|| tenant.inventory.asset(only))?
        .map(|it| it.name.clone())
}

/// What an alert calls a machine.
pub fn called(device: &Device) -> &str {
    if device.name.is_empty() {
        &device.id
    } else {
        &device.name
    }
}
