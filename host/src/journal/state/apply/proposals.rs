//! Proposals, judgements and what people said of them.

use crate::inventory::{lineage, software_at};
use crate::journal::entry::{Entry, Judged, ProposalState, Proposed};
use crate::journal::state::{Approval, Denial, JudgedRecord, LineageRecord, ProposalRecord, State};
use crate::model::{CauseId, Millis, ProposalId, Target};

impl State {
    pub(super) fn apply_proposal(&mut self, at: Millis, entry: &Entry) {
        match entry {
            Entry::Proposed(proposed) => self.proposed(at, proposed),
            Entry::Judged(judged) => self.judged(at, judged),
            Entry::ProposalMoved {
                proposal,
                state,
                reason,
            } => self.with_proposal(proposal, |record| {
                record.state = *state;
                record.since = at;
                record.reason.clone_from(reason);
                if !state.is_open() {
                    record.expires = None;
                }
            }),
            Entry::Approved {
                proposals,
                person,
                roles,
                digest,
                comment,
                emergency,
            } => {
                for id in proposals {
                    let approval = Approval {
                        person: person.clone(),
                        roles: roles.clone(),
                        at,
                        digest: digest.clone(),
                        comment: comment.clone(),
                        emergency: *emergency,
                    };
                    let first = self
                        .proposals
                        .get(id)
                        .is_some_and(|it| it.approvals.is_empty());
                    self.with_proposal(id, |record| record.approvals.push(approval));
                    if first {
                        // two people who approve the same thing have approved one thing
                        self.said(id, |lineage| {
                            lineage.approved = lineage.approved.saturating_add(1)
                        });
                    }
                }
            }
            Entry::Denied {
                proposals,
                person,
                comment,
            } => {
                for id in proposals {
                    let denial = Denial {
                        person: person.clone(),
                        at,
                        comment: comment.clone(),
                    };
                    self.with_proposal(id, |record| {
                        record.denied = Some(denial);
                        record.state = ProposalState::Denied;
                        record.since = at;
                        record.expires = None;
                    });
                    self.denied_lineage(id);
                }
            }
            _ => {}
        }
    }

    pub(super) fn with_proposal(
        &mut self,
        id: &ProposalId,
        change: impl FnOnce(&mut ProposalRecord),
    ) {
        if let Some(record) = self.proposals.get_mut(id) {
            change(record);
            self.touch("proposal", id);
        }
    }

    fn proposed(&mut self, at: Millis, proposed: &Proposed) {
        let cause = self
            .cases
            .get(&proposed.case)
            .map_or_else(|| CauseId::from("none"), |case| case.cause.clone());
        let record = ProposalRecord {
            id: proposed.id.clone(),
            case: proposed.case.clone(),
            cause,
            principal: proposed.principal.clone(),
            plugin: proposed.plugin.clone(),
            proposal: proposed.proposal.clone(),
            canonical: proposed.canonical.clone(),
            restores: proposed.restores.clone(),
            made: at,
            state: ProposalState::Held,
            since: at,
            reason: String::new(),
            judged: None,
            approvals: Vec::new(),
            denied: None,
            expires: None,
            order: None,
        };
        self.proposals.insert(proposed.id.clone(), record);
        self.touch("proposal", &proposed.id);
        self.with_case(at, &proposed.case, |case| {
            case.proposals.push(proposed.id.clone())
        });
    }

    fn judged(&mut self, at: Millis, judged: &Judged) {
        for ((id, request), impact) in judged
            .proposals
            .iter()
            .zip(&judged.requests)
            .zip(&judged.impacts)
        {
            let record = JudgedRecord {
                at,
                unit: judged.proposals.clone(),
                request: request.clone(),
                impact: impact.clone(),
                guards: judged.guards.clone(),
                digest: judged.digest.clone(),
                finding: judged.finding.clone(),
                against: judged.against.clone(),
                by: judged.by.clone(),
                errors: judged.errors.clone(),
                emergency: judged.emergency.clone(),
                alternatives: judged.alternatives.clone(),
                changed: judged.changed.clone(),
                obstacles: judged.obstacles.clone(),
            };
            self.with_proposal(id, |proposal| {
                // the time to answer runs from the first judgement; asking for more does not extend it
                if proposal.expires.is_none() {
                    proposal.expires = judged.expires;
                }
                proposal.judged = Some(record);
            });
            self.count_attempt(at, id);
        }
    }

    /// An attempt to take something away counts towards the surge of its cause, held or not.
    fn count_attempt(&mut self, at: Millis, id: &ProposalId) {
        let Some(proposal) = self.proposals.get(id) else {
            return;
        };
        let automatic = matches!(proposal.principal, crate::model::Principal::Playbook { .. });
        if automatic && proposal.proposal.action.takes_away() {
            let device = surge_device(&proposal.proposal.target);
            let cause = proposal.cause.clone();
            self.surge
                .attempt(&cause, &device, at, self.surge_window_ms);
        }
    }

    /// Notes what people said of the software that a proposal is about.
    fn said(&mut self, id: &ProposalId, change: impl FnOnce(&mut LineageRecord)) {
        let Some(lineage) = self.proposals.get(id).and_then(|it| self.lineage_of(it)) else {
            return;
        };
        change(
            self.lineages
                .entry(lineage.clone())
                .or_insert_with(|| LineageRecord::new(&lineage)),
        );
        self.touch("lineage", &lineage);
    }

    fn denied_lineage(&mut self, id: &ProposalId) {
        let takes_away = self
            .proposals
            .get(id)
            .is_some_and(|it| it.proposal.action.takes_away());
        self.said(id, |lineage| {
            lineage.denied = lineage.denied.saturating_add(1);
            // a denial of taking it away is a release of the software; one of giving it back is not
            if takes_away {
                lineage.released = lineage.released.saturating_add(1);
            }
        });
    }

    /// The lineage of the software that a proposal is directed at or that its case is about.
    pub fn lineage_of(&self, proposal: &ProposalRecord) -> Option<String> {
        let detection = &self.cases.get(&proposal.case)?.detection;
        let software = software_at(detection, &proposal.proposal.target)?;
        lineage(&software).map(|it| it.to_string())
    }
}

/// By what devices are told apart in a surge: the product's id, else the name.
pub fn surge_device(target: &Target) -> String {
    target.device().map_or_else(
        || target.label(),
        |device| {
            if device.id.is_empty() {
                device.name.clone()
            } else {
                device.id.clone()
            }
        },
    )
}
