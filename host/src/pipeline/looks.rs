//! What automation did alone on a server or on something protected is looked at by a person within
//! half an hour, or it pages. Swift is allowed; unseen is not: the incident that this host exists
//! for was found in the morning.

use super::refusal::Refusal;
use super::tx::Tx;
use crate::journal::entry::Entry;
use crate::journal::state::{OrderRecord, ProposalRecord};
use crate::model::{AssetKind, CaseId, PersonId, ProposalId};

/// LIMIT: design section 7.
const LOOK_MS: u64 = 30 * 60 * 1000;

impl Tx<'_> {
    /// An order is done: if nobody stood behind it, somebody may have to look.
    pub(super) fn look_due(&mut self, order: &OrderRecord) {
        let proposal = self.state.proposals.get(&order.proposal);
        let deserves = proposal.is_some_and(deserves_a_look);
        if !order.unattended || !order.action.takes_away() || !deserves {
            return;
        }
        let until = self.now.plus(LOOK_MS);
        self.record(Entry::LookDue {
            proposal: order.proposal.clone(),
            until,
        });
        self.wake_at(until);
    }

    /// Pages for what nobody has looked at in time.
    pub(super) fn look_overdue(&mut self) {
        let looks = self
            .state
            .looks()
            .filter_map(|it| Some((it.look.as_ref()?.until, it)));
        let (due, later): (Vec<_>, Vec<_>) = looks.partition(|(until, _)| *until <= self.now);
        let first = later.iter().map(|(until, _)| *until).min();
        let due: Vec<(ProposalId, CaseId, String)> = due
            .into_iter()
            .map(|(_, it)| {
                let what = format!("{} on {}", it.proposal.action, it.proposal.target.label());
                (it.id.clone(), it.case.clone(), what)
            })
            .collect();
        if let Some(at) = first {
            self.wake_at(at);
        }
        for (id, case, what) in due {
            let subject = format!("done without a person, and nobody has looked: {what}");
            let text = format!("look at the case, then: countersign proposal look {id}");
            let key = format!("look:{id}");
            self.page(
                "look",
                &key,
                Some(&case),
                &subject,
                &text,
                self.book.page_repeat_s,
            );
        }
    }

    /// A person has looked at what was done alone.
    ///
    /// # Errors
    /// It does not wait for a look, or they decide nothing.
    pub fn look(
        &mut self,
        id: &ProposalId,
        person: &PersonId,
        comment: &str,
    ) -> Result<(), Refusal> {
        self.decides(person, "looking at what was done")?;
        let record = self.state.proposals.get(id);
        let record = record.ok_or_else(|| Refusal::not_found("proposal", id.as_str()))?;
        if record.look.as_ref().is_none_or(|it| it.seen.is_some()) {
            let text = format!("proposal {id} does not wait for a look");
            return Err(Refusal::conflict("CS-approval-08", text));
        }
        self.looked(id, person, comment);
        Ok(())
    }

    /// Whoever gave it back has looked.
    pub(super) fn looked(&mut self, id: &ProposalId, person: &PersonId, comment: &str) {
        self.record(Entry::Looked {
            proposal: id.clone(),
            person: person.clone(),
            comment: comment.to_owned(),
        });
        self.close_pages(&format!("look:{id}"), &format!("seen by {person}"));
    }
}

/// On a server, on what is no known workstation, or on something protected.
fn deserves_a_look(record: &ProposalRecord) -> bool {
    record.judged.as_ref().is_none_or(|it| {
        let facts = &it.request.facts;
        let protected = !it.request.resource.protections().is_empty();
        facts.asset_kind == AssetKind::Server || protected
    })
}
