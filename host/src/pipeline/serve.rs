//! Which playbooks look at a case, and what happens where none does.

use super::tx::Tx;
use crate::model::{CaseId, Millis, Stage};

/// A case that nothing has looked at is looked at once there is a playbook, if it is not older.
const UNSERVED_MS: u64 = Millis::DAY;

impl Tx<'_> {
    /// Asks every serving playbook, at that time at the earliest.
    pub fn evaluation_due(&mut self, case: &CaseId, trigger: &str, not_before: Millis) {
        for id in &self.book.playbooks {
            for (playbook, stage) in crate::rollout::serving(self.state.plugins.values(), id) {
                self.due(case, playbook, stage, trigger, not_before);
            }
        }
    }

    fn is_served(&self) -> bool {
        let mut ids = self.book.playbooks.iter();
        ids.any(|id| {
            let mut serving = crate::rollout::serving(self.state.plugins.values(), id).into_iter();
            serving.any(|(_, stage)| stage != Stage::Shadow)
        })
    }

    /// An alert that no playbook looks at does not pass for one that was looked at.
    pub(super) fn tell_if_unserved(&mut self, case: &CaseId) {
        if self.is_served() {
            return;
        }
        let text = "no active playbook looks at this case; see: countersign plugin enrol";
        self.mark(case, "CS-case-04", text);
        let subject = "alerts arrive, and no active playbook looks at them";
        self.page(
            "unserved",
            "unserved",
            Some(case),
            subject,
            text,
            self.book.page_repeat_s,
        );
    }

    /// A version serves from now on: what nothing has looked at yet is looked at.
    pub fn serve_unserved(&mut self) {
        if !self.is_served() {
            return;
        }
        let since = Millis(self.now.0.saturating_sub(UNSERVED_MS));
        let waiting =
            self.state.cases.values().filter(|it| {
                it.last_evaluated.is_none() && it.due.is_empty() && it.opened >= since
            });
        let waiting: Vec<CaseId> = waiting.map(|it| it.id.clone()).collect();
        for case in waiting {
            self.evaluation_due(&case, "opened", self.now);
        }
        self.close_pages("unserved", "a playbook serves");
    }
}
