//! Playbooks are asked, and what they want is compared with what is there.
//!
//! A plan is a difference: what is in neither list stays as it is. The same intent changes
//! nothing, another one supersedes what is not ordered yet, and what people or guards turned
//! down comes back only if facts of the host or the target changed, never for new words.

use super::tx::{Command, Tx};
use crate::journal::entry::{Entry, Evaluated, ProposalState, Proposed};
use crate::journal::state::{CaseRecord, ProposalRecord};
use crate::model::{
    Attribute, CaseId, Digest, EffectId, Failure, Key, Millis, Plan, PluginRef, Principal,
    Proposal, ProposalId, Stage, Step, Subject,
};

/// LIMIT: design section 3. More evaluations than that are a playbook that cannot make up its mind.
pub const EVALUATIONS_MAX: u32 = 32;
/// LIMIT: design section 3.
pub const PROPOSALS_MAX: usize = 64;

/// Ends of a call that are the host's and not the plugin's (`docs/errors/run.md`).
const RETRIED: &[&str] = &["CS-run-54", "CS-run-55"];
const RETRY_MS: u64 = 1_000;

/// What came back from a playbook.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What it was given.
    pub subject: Subject,
    /// Which version answered.
    pub playbook: PluginRef,
    /// Its stage.
    pub stage: Stage,
    /// Its answer.
    pub result: Result<Plan, Failure>,
    /// Look-ups with their answers.
    pub lookups: Vec<serde_json::Value>,
    /// CPU used.
    pub fuel: u64,
    /// Whether the same input gives the same again.
    pub replayable: bool,
    /// What it logged.
    pub logs: Vec<String>,
}

impl Tx<'_> {
    /// Notes that a version is to be asked, and asks it if it is time.
    pub fn due(
        &mut self,
        case: &CaseId,
        playbook: PluginRef,
        stage: Stage,
        trigger: &str,
        not_before: Millis,
    ) {
        let version = playbook.to_string();
        let Some(record) = self.state.cases.get(case) else {
            return;
        };
        let made = record
            .evaluations
            .get(&version)
            .copied()
            .unwrap_or_default();
        if trigger != "revised" && made >= EVALUATIONS_MAX {
            let text = format!(
                "{version} was asked {EVALUATIONS_MAX} times about this case and is not asked again"
            );
            self.mark(case, "CS-case-01", text.clone());
            self.page(
                "plugin",
                &format!("bound:{case}:{version}"),
                Some(case),
                "a playbook does not come to an end",
                &text,
                0,
            );
            return;
        }
        self.record(Entry::EvaluationDue {
            case: case.clone(),
            playbook,
            stage,
            trigger: trigger.to_owned(),
            not_before,
        });
        self.start(case, &version);
    }

    /// Asks a version that is due, unless it is being asked already.
    pub fn start(&mut self, case: &CaseId, version: &str) {
        let Some(record) = self.state.cases.get(case) else {
            return;
        };
        let Some(due) = record.due.get(version).cloned() else {
            return;
        };
        let running = (case.clone(), version.to_owned());
        if self.state.running.contains_key(&running) {
            return;
        }
        if due.not_before > self.now {
            self.wake_at(due.not_before);
            return;
        }
        let subject = Box::new(self.subject(record, &due.playbook, &due.trigger));
        self.state.running.insert(running, due.n);
        self.command(Command::Evaluate {
            subject,
            playbook: due.playbook,
            stage: due.stage,
        });
    }

    /// The case as a playbook sees it.
    fn subject(&self, case: &CaseRecord, playbook: &PluginRef, trigger: &str) -> Subject {
        let own = self.state.proposals_of(case).filter(|it| {
            it.plugin.as_ref() == Some(playbook) && it.state != ProposalState::Superseded
        });
        let steps: Vec<Step> = own.map(step).collect();
        let skip = steps.len().saturating_sub(PROPOSALS_MAX);
        let made = case
            .evaluations
            .get(&playbook.to_string())
            .copied()
            .unwrap_or_default();
        Subject {
            id: case.id.clone(),
            revision: case.revision,
            evaluation: made.saturating_add(1).min(EVALUATIONS_MAX),
            trigger: trigger.to_owned(),
            now: self.now,
            detection: case.detection.clone(),
            steps: steps.into_iter().skip(skip).collect(),
            attributes: case
                .overreach
                .iter()
                .map(|tag| Attribute::new("countersign.overreach", tag))
                .collect(),
        }
    }

    /// Takes in what a playbook answered. An answer to what is not the latest is dropped, and
    /// the playbook is asked anew.
    pub fn evaluated(&mut self, answer: Answer) {
        let (case, version) = (answer.subject.id.clone(), answer.playbook.to_string());
        let asked = self.state.running.remove(&(case.clone(), version.clone()));
        let latest = self
            .state
            .cases
            .get(&case)
            .and_then(|record| record.due.get(&version))
            .map(|due| due.n);
        match (asked, latest) {
            (Some(asked), Some(latest)) if asked == latest => {}
            (_, Some(_)) => return self.start(&case, &version),
            _ => return,
        }
        if answer
            .result
            .as_ref()
            .is_err_and(|failure| RETRIED.contains(&failure.code.as_str()))
        {
            return self.again(&case, &version);
        }
        let subject = serde_json::to_vec(&answer.subject).unwrap_or_default();
        let entry = Evaluated {
            case: case.clone(),
            playbook: answer.playbook.clone(),
            stage: answer.stage,
            evaluation: answer.subject.evaluation,
            trigger: answer.subject.trigger.clone(),
            revision: answer.subject.revision,
            now: answer.subject.now,
            subject: Digest::of(&subject),
            lookups: answer.lookups,
            result: answer.result.clone(),
            fuel: answer.fuel,
            replayable: answer.replayable,
            logs: answer.logs,
        };
        self.record(Entry::Evaluated(Box::new(entry)));
        match answer.result {
            Ok(plan) => self.plan(&case, &answer.playbook, answer.stage, plan),
            Err(failure) => self.playbook_failed(&case, &answer.playbook, &failure),
        }
    }

    /// The host could not serve the call: that says nothing about the case, so it is asked again.
    fn again(&mut self, case: &CaseId, version: &str) {
        let Some(due) = self
            .state
            .cases
            .get(case)
            .and_then(|it| it.due.get(version))
            .cloned()
        else {
            return;
        };
        let not_before = self.now.plus(RETRY_MS);
        self.record(Entry::EvaluationDue {
            case: case.clone(),
            playbook: due.playbook,
            stage: due.stage,
            trigger: due.trigger,
            not_before,
        });
        self.wake_at(not_before);
    }

    /// A plugin that fails never hides a detection: the case is marked and people are told.
    fn playbook_failed(&mut self, case: &CaseId, playbook: &PluginRef, failure: &Failure) {
        let code = if failure.code.starts_with("CS-") {
            failure.code.clone()
        } else {
            "CS-run-30".to_owned()
        };
        let text = format!("{playbook}: {}", failure.message);
        self.mark(case, &code, text.clone());
        self.page(
            "plugin",
            &format!("plugin:{playbook}:{code}"),
            Some(case),
            &format!("{playbook} failed"),
            &text,
            0,
        );
    }

    fn plan(&mut self, case: &CaseId, playbook: &PluginRef, stage: Stage, plan: Plan) {
        let before = self.state.proposals.len();
        for key in &plan.withdraw {
            self.withdraw(case, playbook, key);
        }
        for unit in units(plan.propose) {
            self.reconcile(case, playbook, stage, unit);
        }
        // whoever has seen it is not told again because the case was looked at again
        if self.state.proposals.len() > before {
            self.tell_if_all_refused(case);
        }
    }

    /// The latest proposal of a key, if it was not superseded.
    fn latest(&self, case: &CaseId, playbook: &PluginRef, key: &Key) -> Option<&ProposalRecord> {
        let record = self.state.cases.get(case)?;
        let own = self
            .state
            .proposals_of(record)
            .filter(|it| it.plugin.as_ref() == Some(playbook) && it.proposal.key == *key);
        own.filter(|it| it.state != ProposalState::Superseded)
            .last()
    }

    /// Brings what is there in line with one unit of a plan.
    fn reconcile(
        &mut self,
        case: &CaseId,
        playbook: &PluginRef,
        stage: Stage,
        unit: Vec<Proposal>,
    ) {
        let principal = Principal::Playbook {
            tenant: self.state.tenant.clone(),
            plugin: playbook.id.clone(),
            version: playbook.version.clone(),
            stage,
        };
        let wanted = unit
            .iter()
            .any(|proposal| self.is_wanted(case, playbook, &principal, proposal));
        let ordered = unit.iter().any(|it| {
            self.latest(case, playbook, &it.key)
                .is_some_and(|known| known.state == ProposalState::Ordered)
        });
        if !wanted || ordered {
            return;
        }
        let wavers = unit
            .iter()
            .any(|proposal| self.wavers(case, playbook, proposal));
        self.supersede(case, playbook, &unit);
        if let Some(ids) = self.propose(case, &principal, Some(playbook), unit) {
            let doubt = wavers.then(|| {
                "it was proposed, changed and proposed again as before: a person decides".to_owned()
            });
            self.judge(&ids, doubt.into_iter().collect());
        }
    }

    /// Whether a proposal says something new.
    fn is_wanted(
        &self,
        case: &CaseId,
        playbook: &PluginRef,
        principal: &Principal,
        proposal: &Proposal,
    ) -> bool {
        let Some(known) = self.latest(case, playbook, &proposal.key) else {
            return true;
        };
        if !known.proposal.same_intent(proposal) {
            return true;
        }
        match known.state {
            ProposalState::Denied | ProposalState::Refused | ProposalState::Expired => {
                let before = known.judged.as_ref().map(|it| standing_facts(&it.request));
                let now = self
                    .assess(case, principal, proposal, None)
                    .ok()
                    .map(|it| standing_facts(&it.request));
                now.is_some() && before != now
            }
            ProposalState::Withdrawn => true,
            _ => false,
        }
    }

    /// A-B-A: what was proposed, replaced or given up, and is proposed again as it was.
    fn wavers(&self, case: &CaseId, playbook: &PluginRef, proposal: &Proposal) -> bool {
        let Some(record) = self.state.cases.get(case) else {
            return false;
        };
        let mut own = self
            .state
            .proposals_of(record)
            .filter(|it| it.plugin.as_ref() == Some(playbook) && it.proposal.key == proposal.key);
        own.any(|it| {
            matches!(
                it.state,
                ProposalState::Superseded | ProposalState::Withdrawn
            ) && it.proposal.same_intent(proposal)
        })
    }

    /// What the new unit replaces: the same keys, and the rest of the bundle that it changes.
    fn supersede(&mut self, case: &CaseId, playbook: &PluginRef, unit: &[Proposal]) {
        let Some(record) = self.state.cases.get(case) else {
            return;
        };
        let bundle = unit.first().and_then(|it| it.bundle.as_ref());
        let own = self
            .state
            .proposals_of(record)
            .filter(|it| it.plugin.as_ref() == Some(playbook) && it.state == ProposalState::Held);
        let replaced: Vec<ProposalId> = own
            .filter(|it| {
                unit.iter().any(|new| new.key == it.proposal.key)
                    || bundle.is_some() && it.proposal.bundle.as_ref() == bundle
            })
            .map(|it| it.id.clone())
            .collect();
        for id in replaced {
            self.move_proposal(
                &id,
                ProposalState::Superseded,
                "the playbook wants something else now",
            );
        }
    }

    /// Records proposals that are decided together. `None` if one of them names no one thing.
    pub fn propose(
        &mut self,
        case: &CaseId,
        principal: &Principal,
        plugin: Option<&PluginRef>,
        unit: Vec<Proposal>,
    ) -> Option<Vec<ProposalId>> {
        let record = self.state.cases.get(case)?;
        if record.proposals.len().saturating_add(unit.len()) > PROPOSALS_MAX && plugin.is_some() {
            let text = format!(
                "more than {PROPOSALS_MAX} proposals in one case; what came after them was not taken"
            );
            self.mark(case, "CS-case-02", text.clone());
            self.page(
                "plugin",
                &format!("bound:{case}"),
                Some(case),
                "a playbook proposes without end",
                &text,
                0,
            );
            return None;
        }
        let product = record.detection.product.clone();
        let mut made = Vec::new();
        for proposal in unit {
            let canonical = match self.canonical(&proposal.target, &product) {
                Ok(canonical) => canonical,
                Err(malformed) => {
                    self.mark(
                        case,
                        "CS-run-07",
                        format!("proposal {}: {malformed}", proposal.key),
                    );
                    return None;
                }
            };
            let restores: Option<EffectId> = proposal
                .action
                .ends()
                .and_then(|verb| self.state.in_force(verb, &canonical.id))
                .map(|effect| effect.id.clone());
            made.push(Proposed {
                id: ProposalId::new(format!("proposal-{}", uuid::Uuid::now_v7())),
                case: case.clone(),
                principal: principal.clone(),
                plugin: plugin.cloned(),
                proposal,
                canonical: canonical.id,
                restores,
            });
        }
        let ids = made.iter().map(|it| it.id.clone()).collect();
        made.into_iter()
            .for_each(|it| self.record(Entry::Proposed(Box::new(it))));
        Some(ids)
    }

    /// A playbook gives up a key: what is held is cancelled, what is in force is proposed to be
    /// given back, what is in flight is finished first (its outcome asks the playbook again).
    fn withdraw(&mut self, case: &CaseId, playbook: &PluginRef, key: &Key) {
        let Some(known) = self.latest(case, playbook, key) else {
            return;
        };
        let unit = self.state.unit_of(known);
        for id in unit.into_iter().rev() {
            let Some(record) = self.state.proposals.get(&id) else {
                continue;
            };
            match record.state {
                ProposalState::Held => {
                    self.move_proposal(&id, ProposalState::Withdrawn, "the playbook gave it up")
                }
                ProposalState::Done => {
                    let principal = record.principal.clone();
                    if let Some(effect) = self.effect_of(&id) {
                        self.give_back(
                            &effect,
                            case,
                            &principal,
                            Some(playbook),
                            "the playbook gave up what it had proposed",
                        );
                    }
                }
                _ => {}
            }
        }
    }

    /// The effect in force that a proposal of ours led to.
    fn effect_of(&self, proposal: &ProposalId) -> Option<EffectId> {
        let order = self.state.proposals.get(proposal)?.order.clone()?;
        self.state
            .effects
            .values()
            .find(|it| it.ended.is_none() && it.order.as_ref() == Some(&order))
            .map(|it| it.id.clone())
    }

    /// Moves a proposal to another state.
    pub fn move_proposal(&mut self, proposal: &ProposalId, state: ProposalState, reason: &str) {
        self.record(Entry::ProposalMoved {
            proposal: proposal.clone(),
            state,
            reason: reason.to_owned(),
        });
    }
}

/// What must differ before something that was turned down is asked again: facts of the host and
/// what the product claims, not the hour, the age, the surge or the impact, which move by themselves.
/// That a person denied or released it is no reason to ask again: the denial itself would be one.
fn standing_facts(request: &crate::model::Request) -> serde_json::Value {
    let mut value = serde_json::to_value(request).unwrap_or_default();
    if let Some(facts) = value
        .get_mut("facts")
        .and_then(serde_json::Value::as_object_mut)
    {
        for moving in ["fresh", "impact", "surge", "time"] {
            facts.remove(moving);
        }
        if let Some(history) = facts
            .get_mut("history")
            .and_then(serde_json::Value::as_object_mut)
        {
            history.remove("released");
        }
    }
    value
}

/// Proposals that are decided together, in the order of the plan.
fn units(propose: Vec<Proposal>) -> Vec<Vec<Proposal>> {
    let mut units: Vec<Vec<Proposal>> = Vec::new();
    for proposal in propose {
        let same = |unit: &&mut Vec<Proposal>| {
            proposal.bundle.is_some() && unit.first().is_some_and(|it| it.bundle == proposal.bundle)
        };
        match units.iter_mut().find(same) {
            Some(unit) => unit.push(proposal),
            None => units.push(vec![proposal]),
        }
    }
    units
}

fn step(record: &ProposalRecord) -> Step {
    Step {
        key: record.proposal.key.clone(),
        action: record.proposal.action,
        target: record.proposal.target.clone(),
        state: record.state.as_str().to_owned(),
        since: record.since,
        reason: record.reason.clone(),
    }
}
