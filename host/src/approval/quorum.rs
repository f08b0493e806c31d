//! Whose approval counts, and what the approvals that are there amount to.

use crate::journal::state::Approval;
use crate::model::{Approvals, PersonId, Principal, Role};
use std::collections::{BTreeMap, BTreeSet};

/// A person and the roles that they hold on the target now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voter {
    /// Who.
    pub person: PersonId,
    /// As what.
    pub roles: BTreeSet<Role>,
}

/// Why an approval does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ineligible {
    /// Whoever proposes does not approve.
    Proposer,
    /// Whoever uploaded the version that proposes does not approve.
    Uploader,
    /// No role that approves.
    NoRole,
    /// Has approved this already.
    Already,
    /// Only a lead breaks the glass.
    NotALead,
}

impl Ineligible {
    /// What the person reads.
    pub fn text(self) -> &'static str {
        match self {
            Self::Proposer => "you proposed this: somebody else must approve it",
            Self::Uploader => {
                "you enrolled the playbook version that proposes this: somebody else must approve it"
            }
            Self::NoRole => {
                "you hold no role on this target that approves; analyst, lead or owner do"
            }
            Self::Already => "you have approved this already; another person is needed",
            Self::NotALead => "only a lead can break the glass",
        }
    }
}

/// Whether a person's approval would count.
pub fn eligible(
    voter: &Voter,
    principal: &Principal,
    uploader: Option<&PersonId>,
    given: &[Approval],
    emergency: Emergency,
) -> Result<(), Ineligible> {
    if matches!(principal, Principal::Person { person, .. } if *person == voter.person) {
        return Err(Ineligible::Proposer);
    }
    if uploader == Some(&voter.person) {
        return Err(Ineligible::Uploader);
    }
    if voter.roles.is_empty() {
        return Err(Ineligible::NoRole);
    }
    if given.iter().any(|it| it.person == voter.person) {
        return Err(Ineligible::Already);
    }
    if emergency == Emergency::BreakGlass && !voter.roles.contains(&Role::Lead) {
        return Err(Ineligible::NotALead);
    }
    Ok(())
}

/// Whether an approval breaks the glass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Emergency {
    /// An ordinary one.
    No,
    /// A lead stands in for the owner, with a reason; the owner is told.
    BreakGlass,
}

/// What the approvals amount to, with the roles that people hold now. Who left, or proposes,
/// does not count any more.
pub fn count(
    given: &[Approval],
    principal: &Principal,
    uploader: Option<&PersonId>,
    roles: &BTreeMap<PersonId, BTreeSet<Role>>,
) -> Approvals {
    let mut people = BTreeSet::new();
    let mut all = BTreeSet::new();
    let mut emergency = false;
    for approval in given {
        let Some(held) = roles.get(&approval.person) else {
            continue;
        };
        let voter = Voter {
            person: approval.person.clone(),
            roles: held.clone(),
        };
        if eligible(&voter, principal, uploader, &[], Emergency::No).is_err() {
            continue;
        }
        all.extend(held.iter().copied());
        emergency |= approval.emergency && held.contains(&Role::Lead);
        people.insert(approval.person.clone());
    }
    Approvals {
        count: i64::try_from(people.len()).unwrap_or(i64::MAX),
        roles: all,
        people,
        emergency,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Digest, Millis, TenantId};

    fn approval(person: &str, emergency: bool) -> Approval {
        Approval {
            person: person.into(),
            roles: BTreeSet::new(),
            at: Millis(0),
            digest: Digest::of(b""),
            comment: String::new(),
            emergency,
        }
    }
    fn roles(of: &[(&str, &[Role])]) -> BTreeMap<PersonId, BTreeSet<Role>> {
        of.iter()
            .map(|(person, roles)| (PersonId::from(*person), roles.iter().copied().collect()))
            .collect()
    }
    fn by(person: &str) -> Principal {
        Principal::Person {
            tenant: TenantId::from("t"),
            person: person.into(),
        }
    }

    #[test]
    fn the_same_person_twice_is_one_and_the_proposer_is_none() {
        let held = roles(&[("ana", &[Role::Analyst]), ("lea", &[Role::Lead])]);
        let given = [
            approval("ana", false),
            approval("ana", false),
            approval("lea", true),
        ];
        let all = count(&given, &by("otto"), None, &held);
        assert_eq!((all.count, all.emergency), (2, true));
        assert_eq!(count(&given, &by("ana"), None, &held).count, 1);
        assert_eq!(
            count(&given, &by("otto"), Some(&"lea".into()), &held).count,
            1
        );
        assert_eq!(
            count(&given, &by("otto"), None, &roles(&[("ana", &[])])).count,
            0
        );
    }

    #[test]
    fn only_a_lead_breaks_the_glass() {
        let ana = Voter {
            person: "ana".into(),
            roles: BTreeSet::from([Role::Analyst, Role::Owner]),
        };
        assert_eq!(
            eligible(&ana, &by("x"), None, &[], Emergency::BreakGlass),
            Err(Ineligible::NotALead)
        );
        assert_eq!(eligible(&ana, &by("x"), None, &[], Emergency::No), Ok(()));
        assert_eq!(
            eligible(
                &ana,
                &by("x"),
                None,
                &[approval("ana", false)],
                Emergency::No
            ),
            Err(Ineligible::Already)
        );
    }
}
