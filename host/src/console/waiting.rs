//! Who waits for whom. A page must not say "you can" to somebody whose approval would not count,
//! so the rule is the one of the verdict; what decides is judged again when somebody decides.

use crate::approval::{Emergency, Ineligible, Voter, eligible};
use crate::journal::entry::ProposalState;
use crate::journal::state::{Approval, JudgedRecord, ProposalRecord, State as Tenant};
use crate::model::{
    Ancestor, Approvals, AssetId, AssetKind, CauseId, Finding, GroupId, PersonId, Role,
};
use std::collections::{BTreeMap, BTreeSet};

/// Whether a person's approval would count now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mine {
    /// It would bring it further.
    Helps,
    /// It would count, and another role is still missing.
    Counts,
    /// It would not.
    No(Ineligible),
}

/// Where a decision stands, for one person.
#[derive(Clone, Debug, PartialEq)]
pub struct Stand {
    /// The approvals that count for what would happen now.
    pub given: Vec<Approval>,
    /// Who is still missing.
    pub missing: Approvals,
    /// Whether this person is one of them.
    pub mine: Mine,
    /// As what they would approve.
    pub as_roles: BTreeSet<Role>,
}

impl Stand {
    /// From what is needed and what was given.
    pub fn new(
        needs: &Approvals,
        given: Vec<Approval>,
        mine: Result<BTreeSet<Role>, Ineligible>,
    ) -> Self {
        let roles: BTreeSet<Role> = given
            .iter()
            .flat_map(|it| it.roles.iter().copied())
            .collect();
        let people: BTreeSet<PersonId> = given.iter().map(|it| it.person.clone()).collect();
        let count = needs.count - i64::try_from(people.len()).unwrap_or(i64::MAX);
        let missing = Approvals {
            count,
            roles: needs.roles.difference(&roles).copied().collect(),
            people: needs.people.difference(&people).cloned().collect(),
            emergency: needs.emergency,
        };
        // a lead is an analyst too, and more people than asked for never forbid
        let count = count.max(i64::from(
            !missing.roles.is_empty() || !missing.people.is_empty(),
        ));
        let missing = Approvals { count, ..missing };
        let as_roles = mine.clone().unwrap_or_default();
        let mine = match mine {
            Err(why) => Mine::No(why),
            Ok(roles) if helps(&missing, &roles) => Mine::Helps,
            Ok(_) => Mine::Counts,
        };
        Self {
            given,
            missing,
            mine,
            as_roles,
        }
    }

    /// What is still missing once this person has approved.
    pub fn after_me(&self) -> Approvals {
        let roles: BTreeSet<Role> = self
            .missing
            .roles
            .difference(&self.as_roles)
            .copied()
            .collect();
        let people = self.missing.people.clone();
        let count =
            (self.missing.count - 1).max(i64::from(!roles.is_empty() || !people.is_empty()));
        Approvals {
            count,
            roles,
            people,
            emergency: self.missing.emergency,
        }
    }
    /// Whether this person's approval would be the last that it takes.
    pub fn completes(&self) -> bool {
        self.can() && self.after_me().count == 0
    }

    /// How many there are to be in all.
    pub fn total(&self) -> usize {
        self.given.len() + usize::try_from(self.missing.count).unwrap_or(0)
    }
    /// Whether this person can approve it.
    pub fn can(&self) -> bool {
        !matches!(self.mine, Mine::No(_))
    }
}

fn helps(missing: &Approvals, roles: &BTreeSet<Role>) -> bool {
    let seats = i64::try_from(missing.roles.len()).unwrap_or(i64::MAX);
    missing.roles.iter().any(|it| roles.contains(it)) || missing.count > seats
}

/// What a finding asks of people. What needs nobody and is held all the same (there is no route,
/// or a doubt) is one person's decision.
pub fn needs(finding: &Finding) -> Approvals {
    match finding {
        Finding::Hold(people) => people.clone(),
        Finding::Execute | Finding::Refuse => Approvals {
            count: 1,
            ..Approvals::default()
        },
    }
}

/// Held proposals, one of each unit.
pub fn held(tenant: &Tenant) -> impl Iterator<Item = &ProposalRecord> {
    let held = tenant
        .proposals
        .values()
        .filter(|it| it.state == ProposalState::Held);
    held.filter(|it| {
        it.judged
            .as_ref()
            .is_none_or(|judged| judged.unit.first() == Some(&it.id))
    })
}

/// Where a held proposal stands, by its last judgement: for lists. The page of one proposal asks
/// the guards anew.
pub fn stand(
    tenant: &Tenant,
    record: &ProposalRecord,
    me: &PersonId,
    default_owner: Option<&PersonId>,
) -> Stand {
    let Some(judged) = &record.judged else {
        return Stand::new(
            &needs(&Finding::Execute),
            Vec::new(),
            Err(Ineligible::NoRole),
        );
    };
    let given: Vec<Approval> = record
        .approvals
        .iter()
        .filter(|it| it.digest == judged.digest)
        .cloned()
        .collect();
    let roles = roles_on(tenant, record, me, default_owner);
    let uploader = uploader(tenant, record);
    let mine = may(me, roles, record, uploader.as_ref(), &given);
    Stand::new(&needs(&judged.finding), given, mine)
}

/// The roles with which a person's approval would count, or why it would not.
pub fn may(
    me: &PersonId,
    roles: BTreeSet<Role>,
    record: &ProposalRecord,
    uploader: Option<&PersonId>,
    given: &[Approval],
) -> Result<BTreeSet<Role>, Ineligible> {
    let voter = Voter {
        person: me.clone(),
        roles,
    };
    eligible(&voter, &record.principal, uploader, given, Emergency::No)?;
    Ok(voter.roles)
}

fn uploader(tenant: &Tenant, record: &ProposalRecord) -> Option<PersonId> {
    let plugin = record.plugin.as_ref()?;
    let known = tenant
        .plugins
        .get(&(plugin.id.clone(), plugin.version.clone()));
    known.map(|it| it.by.clone())
}

/// The roles that a person holds on what is decided together: an owner owns all of it, or is none.
fn roles_on(
    tenant: &Tenant,
    record: &ProposalRecord,
    me: &PersonId,
    default_owner: Option<&PersonId>,
) -> BTreeSet<Role> {
    let known = tenant.people.get(me).map(|it| it.person.roles.clone());
    let mut roles = known.unwrap_or_default();
    roles.remove(&Role::Owner);
    let members = tenant.unit_of(record);
    let mut members = members
        .iter()
        .filter_map(|id| tenant.proposals.get(id)?.judged.as_ref());
    if members.all(|it| owns(tenant, it, me, default_owner)) {
        roles.insert(Role::Owner);
    }
    roles
}

fn owns(
    tenant: &Tenant,
    judged: &JudgedRecord,
    me: &PersonId,
    default_owner: Option<&PersonId>,
) -> bool {
    let inventory = &tenant.inventory;
    let mut owned = false;
    for ancestor in &judged.request.resource.ancestors {
        let (owners, deputies) = match ancestor {
            Ancestor::AssetGroup(id)
            | Ancestor::BusinessProcess(id)
            | Ancestor::AccountGroup(id)
            | Ancestor::Network(id) => group_people(tenant, id),
            Ancestor::Device(id) => {
                let asset = inventory.asset(&AssetId::new(id.clone()));
                (
                    asset.map(|it| it.owners.clone()).unwrap_or_default(),
                    BTreeSet::new(),
                )
            }
            Ancestor::Software(_) | Ancestor::Protection(_) => continue,
        };
        if owners.contains(me) || deputies.contains(me) {
            return true;
        }
        owned |= !owners.is_empty();
    }
    !owned && inventory.default_owners(default_owner).contains(me)
}

fn group_people(tenant: &Tenant, id: &GroupId) -> (BTreeSet<PersonId>, BTreeSet<PersonId>) {
    let group = tenant.inventory.group(id);
    group
        .map(|it| (it.owners.clone(), it.deputies.clone()))
        .unwrap_or_default()
}

/// More than this many alike of one cause are one decision.
pub const ALIKE_MAX: usize = 3;

/// Whether it stands apart from a group decision: protected, or nobody said what it is.
pub fn is_apart(record: &ProposalRecord) -> bool {
    record.judged.as_ref().is_some_and(|it| {
        let facts = &it.request.facts;
        let unreviewed = facts.asset_kind == AssetKind::Server && !facts.reviewed;
        unreviewed || !it.request.resource.protections().is_empty()
    })
}

/// How many decisions wait for a person: many alike of one cause are decided once.
pub fn count_for(tenant: &Tenant, me: &PersonId, default_owner: Option<&PersonId>) -> usize {
    let mine = held(tenant).filter(|it| stand(tenant, it, me, default_owner).mine == Mine::Helps);
    let mut alike: BTreeMap<&CauseId, usize> = BTreeMap::new();
    let mut apart = 0_usize;
    for it in mine {
        if is_apart(it) {
            apart += 1;
        } else {
            *alike.entry(&it.cause).or_default() += 1;
        }
    }
    apart
        + alike
            .values()
            .map(|it| if *it > ALIKE_MAX { 1 } else { *it })
            .sum::<usize>()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::model::{Digest, Millis};

    fn approval(person: &str, role: Role) -> Approval {
        Approval {
            person: person.into(),
            roles: BTreeSet::from([role]),
            at: Millis(0),
            digest: Digest::of(b""),
            comment: String::new(),
            emergency: false,
        }
    }

    fn two() -> Approvals {
        Approvals {
            count: 2,
            roles: BTreeSet::from([Role::Owner]),
            ..Approvals::default()
        }
    }

    #[test]
    fn a_free_seat_is_for_anybody_and_a_named_one_for_that_role() {
        let lead = || Ok(BTreeSet::from([Role::Lead]));
        let fresh = Stand::new(&two(), vec![], lead());
        assert_eq!((fresh.mine, fresh.total()), (Mine::Helps, 2));
        let one = Stand::new(&two(), vec![approval("ana", Role::Analyst)], lead());
        assert_eq!(
            (one.mine, one.missing.count, one.total()),
            (Mine::Counts, 1, 2)
        );
        let owner = Stand::new(
            &two(),
            vec![approval("ana", Role::Analyst)],
            Ok(BTreeSet::from([Role::Owner])),
        );
        assert_eq!((owner.mine, owner.completes()), (Mine::Helps, true));
        assert!(!fresh.completes() && fresh.after_me().roles.contains(&Role::Owner));
        // two people who are not the owner leave the owner's seat open
        let full = Stand::new(
            &two(),
            vec![approval("a", Role::Analyst), approval("b", Role::Lead)],
            lead(),
        );
        assert_eq!((full.missing.count, full.total()), (1, 3));
    }
}
