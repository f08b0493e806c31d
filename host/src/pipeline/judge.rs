//! The judging step: facts, guards, verdict. One task per tenant runs it, so surges and effects
//! are counted exactly, and two alerts in the same millisecond cannot both be the fifth.

use super::assess::Assessed;
use super::book::Route;
use super::order::Attendance;
use super::tx::Tx;
use crate::approval::{Emergency, Voter, count, eligible, expires};
use crate::journal::entry::{Entry, Judged, ProposalState};
use crate::journal::state::{Approval, ProposalRecord};
use crate::model::{
    Approvals, Digest, Finding, PersonId, Principal, ProposalId, Reason, Resolution, Role, Stage,
};
use crate::verdict::digest;
use std::collections::{BTreeMap, BTreeSet};

/// What is decided together, with everything that decides it, as of now.
pub struct Unit {
    /// Its members, in order.
    pub ids: Vec<ProposalId>,
    /// Each with request, impact and what an approval is for.
    pub assessed: Vec<Assessed>,
    /// The digest of what would happen.
    pub digest: Digest,
}

impl Unit {
    /// What the guards are asked.
    pub fn requests(&self) -> Vec<crate::model::Request> {
        self.assessed.iter().map(|it| it.request.clone()).collect()
    }
    /// What stands in the way that no guard knows of.
    pub fn unclear_routes(&self) -> Vec<String> {
        self.assessed
            .iter()
            .filter_map(|it| it.no_route.clone())
            .collect()
    }
}

impl Tx<'_> {
    /// Everything about proposals that are decided together, as of now. `None` if one of them
    /// can no longer be named.
    pub fn unit(&self, ids: &[ProposalId]) -> Option<Unit> {
        let mut assessed = Vec::new();
        let first = self.state.proposals.get(ids.first()?)?;
        for id in ids {
            let record = self.state.proposals.get(id)?;
            assessed.push(
                self.assess(
                    &record.case,
                    &record.principal,
                    &record.proposal,
                    record.restores.as_ref(),
                )
                .ok()?,
            );
        }
        let parts: Vec<_> = assessed.iter().map(|it| it.part.clone()).collect();
        let digest = digest(&self.state.tenant, &first.case, &parts);
        Some(Unit {
            ids: ids.to_vec(),
            assessed,
            digest,
        })
    }

    /// Judges a unit for the first time, or again after something changed.
    pub fn judge(&mut self, ids: &[ProposalId], doubts: Vec<String>) {
        let Some(unit) = self.unit(ids) else {
            ids.iter().for_each(|id| {
                self.move_proposal(
                    id,
                    ProposalState::Refused,
                    "the target can no longer be named",
                )
            });
            return;
        };
        let shadow = self.in_shadow(ids);
        let finding = self.record_judgement(&unit, doubts, shadow);
        let Some((finding, against, obstacles)) = finding else {
            return;
        };
        if shadow {
            let reason = format!("in shadow: would have been {}", finding.as_str());
            ids.iter()
                .for_each(|id| self.move_proposal(id, ProposalState::Refused, &reason));
            return;
        }
        match finding {
            Finding::Execute if obstacles.is_empty() => {
                self.order_unit(&unit, self.attendance(ids))
            }
            Finding::Refuse => {
                let reason = reasons(&against);
                ids.iter()
                    .for_each(|id| self.move_proposal(id, ProposalState::Refused, &reason));
            }
            Finding::Execute | Finding::Hold(_) => self.held(&unit, &finding, &against, &obstacles),
        }
        self.page_collisions(&unit);
    }

    /// What a person asks for has somebody behind it, also where nobody else is needed.
    fn attendance(&self, ids: &[ProposalId]) -> Attendance {
        let first = ids.first().and_then(|id| self.state.proposals.get(id));
        match first.map(|it| &it.principal) {
            Some(Principal::Person { .. }) => Attendance::Attended,
            _ => Attendance::Unattended,
        }
    }

    fn in_shadow(&self, ids: &[ProposalId]) -> bool {
        let first = ids.first().and_then(|id| self.state.proposals.get(id));
        matches!(
            first.map(|it| &it.principal),
            Some(Principal::Playbook {
                stage: Stage::Shadow,
                ..
            })
        )
    }

    /// Asks the guards and records what they said and of what.
    fn record_judgement(
        &mut self,
        unit: &Unit,
        doubts: Vec<String>,
        shadow: bool,
    ) -> Option<(Finding, Vec<Reason>, Vec<String>)> {
        let mut requests = unit.requests();
        if shadow {
            // judged as if it were active: what it would do is what its author wants to know
            requests.iter_mut().for_each(|it| {
                if let Principal::Playbook { stage, .. } = &mut it.principal {
                    *stage = Stage::Active
                }
            });
        }
        let guards = &self.book.guards;
        let answer = guards.answer(&requests);
        let hold = matches!(answer.finding, Finding::Hold(_));
        let emergency = hold
            .then(|| guards.in_emergency(&requests).finding)
            .and_then(|it| match it {
                Finding::Hold(needs) if Finding::Hold(needs.clone()) != answer.finding => {
                    Some(needs)
                }
                _ => None,
            });
        let alternatives = match (unit.assessed.first(), requests.first(), &answer.finding) {
            (Some(one), Some(request), Finding::Hold(_) | Finding::Refuse)
                if unit.assessed.len() == 1 =>
            {
                guards
                    .alternatives(request, &one.impact_input)
                    .into_iter()
                    .map(|it| (it.action, it.finding))
                    .collect()
            }
            _ => Vec::new(),
        };
        let mut obstacles = unit.unclear_routes();
        obstacles.extend(doubts);
        let first = self.state.proposals.get(unit.ids.first()?)?;
        let changed = self
            .state
            .cases
            .get(&first.case)
            .map(|case| case.changed.clone())
            .unwrap_or_default();
        let waits = hold || !obstacles.is_empty();
        let parts = unit
            .ids
            .iter()
            .filter_map(|id| self.state.proposals.get(id))
            .map(|it| (it.proposal.action, &it.proposal.target));
        let expires = if waits {
            expires(parts, self.now, &self.book.patience)
        } else {
            None
        };
        let judged = Judged {
            proposals: unit.ids.clone(),
            impacts: unit.assessed.iter().map(|it| it.impact.clone()).collect(),
            requests,
            guards: guards.digest().clone(),
            digest: unit.digest.clone(),
            finding: answer.finding.clone(),
            against: answer.against.clone(),
            by: answer.by,
            errors: answer.errors,
            emergency,
            alternatives,
            changed,
            obstacles: obstacles.clone(),
            expires,
        };
        self.record(Entry::Judged(Box::new(judged)));
        if let Some(at) = expires {
            self.wake_at(at);
        }
        Some((answer.finding, answer.against, obstacles))
    }

    /// It waits for people: they are told, once a cause.
    fn held(&mut self, unit: &Unit, finding: &Finding, against: &[Reason], obstacles: &[String]) {
        let needs = match finding {
            Finding::Hold(needs) => needs.clone(),
            _ => Approvals {
                count: 1,
                ..Approvals::default()
            },
        };
        let why = if obstacles.is_empty() {
            reasons(against)
        } else {
            obstacles.join("; ")
        };
        for id in &unit.ids {
            self.move_proposal(id, ProposalState::Held, &why);
        }
        let Some(first) = unit
            .ids
            .first()
            .and_then(|id| self.state.proposals.get(id))
            .cloned()
        else {
            return;
        };
        let what = unit
            .ids
            .iter()
            .filter_map(|id| self.state.proposals.get(id))
            .map(|it| format!("{} on {}", it.proposal.action, it.proposal.target.label()));
        let text = format!(
            "{}\nneeds {needs}\nbecause: {why}",
            what.collect::<Vec<_>>().join("\n")
        );
        let subject = format!("held: {} needs {needs}", first.proposal.action);
        self.page(
            "held",
            &format!("held:{}", first.cause),
            Some(&first.case),
            &subject,
            &text,
            self.book.page_repeat_s,
        );
        if !self.could_be_met(&first, unit, &needs) {
            let text = match self.uploader(&first) {
                Some(uploader) => format!(
                    "nobody in this tenant could open this hold: it needs {needs}, and {uploader}, who enrolled the playbook, is not counted; add people with these roles"
                ),
                None => format!(
                    "nobody in this tenant could open this hold: it needs {needs}; add people with these roles"
                ),
            };
            self.mark(&first.case, "CS-guard-20", text.clone());
            self.page(
                "unmeetable",
                &format!("unmeetable:{}", first.cause),
                Some(&first.case),
                "a hold that nobody can open",
                &text,
                0,
            );
        }
    }

    /// A name that stands for two machines beside something intrusive is itself worth a page.
    fn page_collisions(&mut self, unit: &Unit) {
        let ambiguous = unit.assessed.iter().find(|it| {
            it.request.action.takes_away() && it.request.facts.resolution == Resolution::Ambiguous
        });
        let Some(label) = ambiguous.map(|it| it.part.target.label()) else {
            return;
        };
        let case = unit
            .ids
            .first()
            .and_then(|id| self.state.proposals.get(id))
            .map(|it| it.case.clone());
        let text = format!(
            "{label} stands for more than one asset of the inventory; nothing is done to it without a lead"
        );
        self.page(
            "collision",
            &format!("collision:{label}"),
            case.as_ref(),
            "a name that stands for two machines",
            &text,
            0,
        );
    }

    /// Whether the people that there are could open a hold.
    fn could_be_met(&self, proposal: &ProposalRecord, unit: &Unit, needs: &Approvals) -> bool {
        let uploader = self.uploader(proposal);
        let roles = self.roles(unit);
        let able: Vec<(&PersonId, &BTreeSet<Role>)> = roles
            .iter()
            .filter(|(person, held)| {
                let voter = Voter {
                    person: (*person).clone(),
                    roles: (*held).clone(),
                };
                eligible(
                    &voter,
                    &proposal.principal,
                    uploader.as_ref(),
                    &[],
                    Emergency::No,
                )
                .is_ok()
            })
            .collect();
        let enough = i64::try_from(able.len()).unwrap_or(i64::MAX) >= needs.count;
        let roles = needs
            .roles
            .iter()
            .all(|role| able.iter().any(|(_, held)| held.contains(role)));
        enough
            && roles
            && needs
                .people
                .iter()
                .all(|named| able.iter().any(|(person, _)| *person == named))
    }

    /// Who enrolled the version that proposes: never among its approvers.
    pub fn uploader(&self, proposal: &ProposalRecord) -> Option<PersonId> {
        let plugin = proposal.plugin.as_ref()?;
        self.state
            .plugins
            .get(&(plugin.id.clone(), plugin.version.clone()))
            .map(|it| it.by.clone())
    }

    /// The roles that each person holds on a unit now: an owner owns all of it, or is none.
    pub fn roles(&self, unit: &Unit) -> BTreeMap<PersonId, BTreeSet<Role>> {
        let owns = |person: &PersonId| unit.assessed.iter().all(|it| it.owners.contains(person));
        let people = self.state.members().map(|it| {
            let mut roles: BTreeSet<Role> = it
                .person
                .roles
                .iter()
                .copied()
                .filter(|role| *role != Role::Owner)
                .collect();
            if owns(&it.person.id) {
                roles.insert(Role::Owner);
            }
            (it.person.id.clone(), roles)
        });
        people.collect()
    }

    /// What the approvals of a unit amount to now: those for what would happen now, by people
    /// who may approve it now.
    pub fn approvals(&self, unit: &Unit) -> Approvals {
        let Some(first) = unit.ids.first().and_then(|id| self.state.proposals.get(id)) else {
            return Approvals::default();
        };
        let given: Vec<Approval> = first
            .approvals
            .iter()
            .filter(|it| it.digest == unit.digest)
            .cloned()
            .collect();
        count(
            &given,
            &first.principal,
            self.uploader(first).as_ref(),
            &self.roles(unit),
        )
    }

    /// The connector that would carry it out.
    pub fn route_of(
        &self,
        action: crate::model::Verb,
        target: &crate::model::Target,
        assets: &[crate::model::AssetId],
        product: &str,
    ) -> Result<String, String> {
        let known: Vec<_> = assets
            .iter()
            .filter_map(|id| self.state.inventory.asset(id))
            .collect();
        match self.book.route(action, target, &known, product) {
            Route::To(instance, _) => Ok(instance.name.clone()),
            Route::Unclear(why) => Err(why),
        }
    }
}

/// Why, for people: the guards' own words.
pub fn reasons(against: &[Reason]) -> String {
    let words: Vec<String> = against
        .iter()
        .map(|it| format!("{} [{}]", it.reason, it.id))
        .collect();
    words.join(" ")
}
