//! Everything that a person needs to decide one proposal, gathered in one step of the tenant: what
//! would happen as of now, what the guards say of it now, and where the decision stands.
//!
//! It is asked of the guards anew, and not read from the last judgement: a page whose digest is
//! already old could be read and not approved.

use crate::approval::Ineligible;
use crate::console::parts::decide::Names;
use crate::console::parts::reasons::Way;
use crate::console::parts::title::Titled;
use crate::console::waiting::{Stand, may, needs};
use crate::guard::{Asked, explain};
use crate::inventory::software_of;
use crate::journal::entry::ProposalState;
use crate::journal::state::{
    Approval, CaseRecord, LineageRecord, OrderRecord, OverreachRecord, PageRecord, ProposalRecord,
};
use crate::model::{
    Ancestor, Approvals, AssetId, AssetKind, Digest, Facts, Finding, GroupKind, Impact, Millis,
    PersonId, ProposalId, Reason, Request, Role, Software, Target,
};
use crate::pipeline::{Tx, Unit};
use crate::verdict::Part;
use std::collections::{BTreeMap, BTreeSet};

/// What there is to know of what is decided together.
pub struct Dossier {
    /// The proposal that was asked for.
    pub record: ProposalRecord,
    /// What is decided together, in order.
    pub members: Vec<ProposalRecord>,
    /// Its heading.
    pub titled: Titled,
    /// Its case.
    pub case: Option<CaseRecord>,
    /// What an approval is for, as of now; empty where a target can no longer be named.
    pub parts: Vec<Part>,
    /// Of that.
    pub digest: Digest,
    /// What the guards say.
    pub judgement: Option<Judgement>,
    /// Where the decision stands.
    pub stand: Stand,
    /// Who may approve as owner.
    pub owners: Vec<PersonId>,
    /// Who else could approve it now.
    pub others: Vec<PersonId>,
    /// People by name.
    pub names: Names,
    /// Assets by name.
    pub assets: BTreeMap<AssetId, String>,
    /// Business processes that stop with it.
    pub processes: Vec<String>,
    /// Since when the software is known.
    pub known: Known,
    /// What people said of it.
    pub said: Option<LineageRecord>,
    /// Orders made for it.
    pub orders: Vec<OrderRecord>,
    /// Open overreaches of the case.
    pub overreaches: Vec<OverreachRecord>,
    /// Whom the host told of it.
    pub pages: Vec<PageRecord>,
    /// Other proposals of the same cause that are held.
    pub same_cause: usize,
}

/// What the guards say, now or when it was decided.
pub struct Judgement {
    /// Of the guards that were asked.
    pub guards: Digest,
    /// What they say.
    pub finding: Finding,
    /// What stands against it.
    pub against: Vec<Reason>,
    /// What carries it.
    pub by: Vec<Reason>,
    /// Evaluation errors.
    pub errors: Vec<String>,
    /// What it takes in an emergency, where that differs.
    pub emergency: Option<Approvals>,
    /// What else could be done.
    pub ways: Vec<Way>,
    /// What is in the way beside the guards.
    pub obstacles: Vec<String>,
    /// Impact of the member that weighs most.
    pub impact: Impact,
    /// The facts of that member.
    pub facts: Facts,
    /// Of the member that stands on an asset, where one does.
    pub request: Request,
}

/// Since when software is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// On the asset of the case.
    pub here: Option<(Millis, Millis)>,
    /// Since when somebody has been looking there.
    pub looked: Option<(Millis, Millis)>,
    /// Anywhere.
    pub fleet: Option<(Millis, Millis)>,
    /// On how many assets.
    pub devices: usize,
}

impl Dossier {
    /// Gathers it; `None` where there is no such proposal.
    pub fn gather(tx: &Tx<'_>, id: &ProposalId, me: &PersonId) -> Option<Self> {
        let tenant = &*tx.state;
        let record = tenant.proposals.get(id)?.clone();
        let ids = tenant.unit_of(&record);
        let members: Vec<ProposalRecord> = ids
            .iter()
            .filter_map(|id| tenant.proposals.get(id).cloned())
            .collect();
        let unit = tx.unit(&ids);
        let held = record.state == ProposalState::Held;
        let judgement = match unit.as_ref().filter(|_| held) {
            Some(unit) => now(tx, unit, &record),
            None => then(&record),
        };
        let finding = judgement.as_ref().map(|it| it.finding.clone());
        let digest = unit.as_ref().filter(|_| held).map(|it| it.digest.clone());
        let digest = digest.or_else(|| record.judged.as_ref().map(|it| it.digest.clone()));
        let digest = digest.unwrap_or_else(|| Digest::of(b""));
        let given: Vec<Approval> = record
            .approvals
            .iter()
            .filter(|it| it.digest == digest)
            .cloned()
            .collect();
        let roles = unit.as_ref().map(|it| tx.roles(it)).unwrap_or_default();
        let can = |person: &PersonId| {
            let held = roles.get(person).cloned().unwrap_or_default();
            may(person, held, &record, tx.uploader(&record).as_ref(), &given)
        };
        let mine = if held {
            can(me)
        } else {
            Err(Ineligible::NoRole)
        };
        let stand = Stand::new(
            &needs(&finding.unwrap_or(Finding::Execute)),
            given.clone(),
            mine,
        );
        let others = roles
            .keys()
            .filter(|it| *it != me && can(it).is_ok())
            .cloned()
            .collect();
        let owners = unit.as_ref().map(owners).unwrap_or_default();
        let case = tenant.cases.get(&record.case).cloned();
        let parts: Vec<Part> = unit
            .iter()
            .flat_map(|it| it.assessed.iter().map(|it| it.part.clone()))
            .collect();
        Some(Self {
            titled: Titled::of(tenant, &record),
            assets: assets(tx, &parts),
            processes: processes(tx, judgement.as_ref()),
            known: known(tx, &record, case.as_ref()),
            said: tenant
                .lineage_of(&record)
                .and_then(|it| tenant.lineages.get(&it).cloned()),
            orders: members
                .iter()
                .filter_map(|it| tenant.orders.get(it.order.as_ref()?).cloned())
                .collect(),
            overreaches: tenant
                .overreaches
                .values()
                .filter(|it| it.case == record.case)
                .cloned()
                .collect(),
            pages: pages(tx, &record),
            same_cause: same_cause(tx, &record),
            names: names(tx),
            members,
            case,
            parts,
            digest,
            judgement,
            stand,
            owners: owners.into_iter().collect(),
            others,
            record,
        })
    }

    /// Whether it waits for people.
    pub fn is_held(&self) -> bool {
        self.record.state == ProposalState::Held
    }
}

/// People by name.
pub fn names(tx: &Tx<'_>) -> Names {
    let people = tx.state.people.values();
    people
        .map(|it| (it.person.id.clone(), it.person.name.clone()))
        .collect()
}

fn owners(unit: &Unit) -> BTreeSet<PersonId> {
    let mut all = unit.assessed.iter().map(|it| it.owners.clone());
    let first = all.next().unwrap_or_default();
    all.fold(first, |owners, it| {
        owners.intersection(&it).cloned().collect()
    })
}

fn now(tx: &Tx<'_>, unit: &Unit, record: &ProposalRecord) -> Option<Judgement> {
    let asked = unit.assessed.iter().map(|it| Asked {
        request: it.request.clone(),
        impact: it.impact_input.clone(),
    });
    let asked: Vec<Asked> = asked.collect();
    let told = explain(&tx.book.guards, &asked);
    let most = unit.assessed.iter().max_by_key(|it| it.impact.total)?;
    let stands = |it: &&crate::pipeline::Assessed| it.request.facts.asset_kind != AssetKind::None;
    let place = unit.assessed.iter().find(stands).unwrap_or(most);
    let mut obstacles = unit.unclear_routes();
    let doubts = record.judged.iter().flat_map(|it| it.obstacles.iter());
    obstacles.extend(
        doubts
            .filter(|it| !obstacles.contains(it))
            .cloned()
            .collect::<Vec<_>>(),
    );
    let emergency = told.emergency.and_then(|it| match it {
        Finding::Hold(people) => Some(people),
        _ => None,
    });
    let ways = told.alternatives.into_iter().rev();
    let ways = ways.map(|it| Way {
        verb: it.action,
        impact: Some(it.impact),
        finding: it.finding,
        link: None,
    });
    Some(Judgement {
        guards: tx.book.guards.digest().clone(),
        finding: told.finding,
        against: told.against,
        by: told.by,
        errors: told.errors,
        emergency,
        ways: ways.collect(),
        obstacles,
        impact: most.impact.clone(),
        facts: most.request.facts.clone(),
        request: place.request.clone(),
    })
}

/// What the guards said when it was decided.
pub fn then(record: &ProposalRecord) -> Option<Judgement> {
    let it = record.judged.as_ref()?;
    let ways = it.alternatives.iter().rev();
    let ways = ways.map(|(verb, finding)| Way {
        verb: *verb,
        impact: None,
        finding: finding.clone(),
        link: None,
    });
    Some(Judgement {
        guards: it.guards.clone(),
        finding: it.finding.clone(),
        against: it.against.clone(),
        by: it.by.clone(),
        errors: it.errors.clone(),
        emergency: it.emergency.clone(),
        ways: ways.collect(),
        obstacles: it.obstacles.clone(),
        impact: it.impact.clone(),
        facts: it.request.facts.clone(),
        request: it.request.clone(),
    })
}

fn assets(tx: &Tx<'_>, parts: &[Part]) -> BTreeMap<AssetId, String> {
    let ids = parts
        .iter()
        .flat_map(|it| it.assets.iter().map(|it| it.asset.clone()));
    let named =
        ids.filter_map(|id| Some((id.clone(), tx.state.inventory.asset(&id)?.name.clone())));
    named.collect()
}

fn processes(tx: &Tx<'_>, judgement: Option<&Judgement>) -> Vec<String> {
    let ancestors = judgement
        .iter()
        .flat_map(|it| it.request.resource.ancestors.iter());
    let named = ancestors.filter_map(|it| match it {
        Ancestor::BusinessProcess(id) => {
            let group = tx
                .state
                .inventory
                .group(id)
                .filter(|it| it.kind == GroupKind::BusinessProcess);
            Some(group.map_or_else(|| id.to_string(), |it| it.name.clone()))
        }
        _ => None,
    });
    named.collect()
}

/// The software that a proposal is about: its own target's, else that of the alert.
fn software(record: &ProposalRecord, case: Option<&CaseRecord>) -> Option<Software> {
    if let Target::Software(software) = &record.proposal.target {
        return Some(software.clone());
    }
    let entities = &case?.detection.entities;
    let same = entities
        .iter()
        .find(|it| it.target == record.proposal.target);
    let any = || {
        entities
            .iter()
            .filter(|it| it.role != "related")
            .find_map(software_of)
    };
    same.and_then(software_of).or_else(any)
}

fn known(tx: &Tx<'_>, record: &ProposalRecord, case: Option<&CaseRecord>) -> Known {
    let Some(software) = software(record, case) else {
        return Known::default();
    };
    let seen = &tx.state.sightings;
    let asset = case.and_then(|it| it.assets.first());
    let looked = asset
        .and_then(|it| seen.looked(it))
        .map(|it| (it.since, it.until));
    Known {
        here: asset.and_then(|it| seen.span(&software, Some(it))),
        looked,
        fleet: seen.span(&software, None),
        devices: seen.software_devices(&software),
    }
}

fn pages(tx: &Tx<'_>, record: &ProposalRecord) -> Vec<PageRecord> {
    let keys = [
        format!("held:{}", record.cause),
        format!("needs-person:{}", record.id),
        format!("emergency:{}", record.id),
        format!("overreach:{}", record.cause),
    ];
    let all = tx.state.pages.values().filter(|it| keys.contains(&it.key));
    all.cloned().collect()
}

fn same_cause(tx: &Tx<'_>, record: &ProposalRecord) -> usize {
    let held = crate::console::waiting::held(tx.state);
    held.filter(|it| it.cause == record.cause && it.id != record.id)
        .count()
}

/// Whether a lead could stand in for an owner who is missing.
pub fn may_break_glass(dossier: &Dossier) -> bool {
    let differs = dossier
        .judgement
        .as_ref()
        .is_some_and(|it| it.emergency.is_some());
    let (mine, missing) = (&dossier.stand.as_roles, &dossier.stand.missing.roles);
    let for_the_owner = missing.contains(&Role::Owner) && !mine.contains(&Role::Owner);
    differs && for_the_owner && mine.contains(&Role::Lead)
}
