//! What time does: questions expire, leases end, orders are looked at again, pages are repeated.
//! All of it is read from the state, so that a restart forgets no deadline.

use super::tx::Tx;
use crate::journal::entry::ProposalState;
use crate::journal::state::EffectRecord;
use crate::model::{CaseId, Millis, Origin, PageId, ProposalId};

/// LIMIT: orders that are taken a step further in one step of the tenant.
const ORDERS_A_STEP: usize = 8;

impl Tx<'_> {
    /// Does what is due, and asks to be woken for what comes next.
    pub fn tick(&mut self) {
        self.expire();
        self.end_leases();
        self.look_at_orders();
        self.start_evaluations();
        self.repeat_pages();
        self.state
            .surge
            .forget(self.now, self.state.surge_window_ms);
    }

    /// Silence never means yes.
    fn expire(&mut self) {
        let (due, later): (Vec<_>, Vec<_>) = self
            .state
            .held()
            .filter_map(|it| it.expires.map(|at| (at, it.id.clone(), it.case.clone())))
            .partition(|(at, ..)| *at <= self.now);
        self.wake_for(later.into_iter().map(|(at, ..)| at));
        for (_, id, case) in due {
            self.expired(&id, &case);
        }
    }

    fn expired(&mut self, id: &ProposalId, case: &CaseId) {
        self.move_proposal(
            id,
            ProposalState::Expired,
            "nobody answered in time; silence is no approval",
        );
        self.close_held_page(id);
        self.evaluation_due(case, "decided", self.now);
    }

    fn end_leases(&mut self) {
        let in_force = self.state.effects_in_force();
        let ours = in_force.filter(|it| it.origin == Origin::Ours && it.lease_asked.is_none());
        let leased: Vec<EffectRecord> = ours
            .filter(|it| it.lease_until.is_some())
            .cloned()
            .collect();
        let (due, later): (Vec<_>, Vec<_>) = leased
            .into_iter()
            .partition(|it| it.lease_until.is_some_and(|at| at <= self.now));
        self.wake_for(later.into_iter().filter_map(|it| it.lease_until));
        due.iter().for_each(|effect| self.lease_ended(effect));
    }

    /// Takes orders a step further, in portions: whoever presses the red button waits behind one,
    /// not behind thousands.
    pub(super) fn look_at_orders(&mut self) {
        let open = self.state.open_orders().filter(|it| self.is_ready(it));
        // one without a time was never asked about, or its answer is gone with a crash
        let waiting = open.map(|it| (it.next.unwrap_or(self.now), it.id.clone()));
        let (due, later): (Vec<_>, Vec<_>) = waiting.partition(|(at, _)| *at <= self.now);
        self.wake_for(later.into_iter().map(|(at, _)| at));
        if due.len() > ORDERS_A_STEP {
            self.wake_at(self.now);
        }
        for (_, id) in due.iter().take(ORDERS_A_STEP) {
            self.advance(id);
        }
    }

    fn start_evaluations(&mut self) {
        let due: Vec<(CaseId, String, Millis)> = self
            .state
            .due_cases()
            .filter_map(|id| self.state.cases.get(id))
            .flat_map(|case| {
                case.due
                    .iter()
                    .map(|(version, due)| (case.id.clone(), version.clone(), due.not_before))
            })
            .collect();
        for (case, version, at) in due {
            if at <= self.now {
                self.start(&case, &version)
            } else {
                self.wake_at(at)
            }
        }
    }

    fn repeat_pages(&mut self) {
        let open = self.state.open_pages();
        let waiting: Vec<(Millis, PageId)> = open
            .filter_map(|it| it.next.map(|at| (at, it.id.clone())))
            .collect();
        for (at, id) in waiting {
            if at <= self.now {
                self.send_page(&id)
            } else {
                self.wake_at(at)
            }
        }
    }

    fn wake_for(&mut self, times: impl Iterator<Item = Millis>) {
        if let Some(first) = times.min() {
            self.wake_at(first);
        }
    }
}
