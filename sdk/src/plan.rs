//! Making plans.
//!
//! A plan is refused whole for one double key or one proposal too many, so neither can be made
//! here: an alert that names the same file twice, or forty files, must not switch the response
//! off.

use crate::bounds::{BUNDLE_MAX, PROPOSALS_MAX};
use crate::case::is_underway;
use crate::prelude::*;

impl Plan {
    /// A plan that wants nothing yet.
    pub fn empty(note: impl Into<String>) -> Self {
        Self {
            propose: Vec::new(),
            withdraw: Vec::new(),
            note: note.into(),
        }
    }
    /// Adds a proposal, unless its key is in the plan already. The first 16 of a plan are kept,
    /// and the log names the others.
    pub fn propose(&mut self, proposal: impl Into<Proposal>) {
        let proposal = proposal.into();
        if self.proposes(&proposal.key) {
            return;
        }
        if self.propose.len() >= PROPOSALS_MAX {
            return left_out(&proposal);
        }
        self.withdraw.retain(|key| *key != proposal.key);
        self.propose.push(proposal);
    }
    /// Adds proposals that make sense only together, in the order in which they run. The
    /// bundle is named after its first key, so that it has the same name next time. It is added
    /// whole or not at all.
    pub fn bundle(&mut self, proposals: Vec<Proposal>) {
        let name = proposals.first().map(|first| first.key.clone());
        let mut members: Vec<Proposal> = Vec::new();
        for proposal in proposals {
            let known = |it: &Proposal| it.key == proposal.key;
            if !members.iter().any(known) && !self.proposes(&proposal.key) {
                let bundle = name.clone();
                members.push(Proposal { bundle, ..proposal });
            }
        }
        if members.len() > BUNDLE_MAX || self.propose.len() + members.len() > PROPOSALS_MAX {
            return members.iter().for_each(left_out);
        }
        self.withdraw
            .retain(|key| members.iter().all(|it| it.key != *key));
        self.propose.extend(members);
    }
    /// Gives up one key, unless this plan proposes it.
    pub fn withdraw(&mut self, key: &str) {
        if !self.proposes(key) && !self.withdraw.iter().any(|known| known == key) {
            self.withdraw.push(key.to_owned());
        }
    }
    /// Gives up what is still held from earlier evaluations and not proposed again. What is in
    /// force stays.
    pub fn withdraw_held(&mut self, case: &Case) {
        self.withdraw_where(case, |state| state == "held");
    }
    /// Gives up everything of earlier evaluations that is not proposed again: what is held is
    /// cancelled, and the host proposes to give back what is in force.
    pub fn withdraw_all(&mut self, case: &Case) {
        self.withdraw_where(case, |state| state == "held" || is_underway(state));
    }

    fn withdraw_where(&mut self, case: &Case, state: impl Fn(&str) -> bool) {
        for step in &case.steps {
            if case.state(&step.key).is_some_and(&state) {
                self.withdraw(&step.key);
            }
        }
    }
    fn proposes(&self, key: &str) -> bool {
        self.propose.iter().any(|proposal| proposal.key == key)
    }
}

fn left_out(proposal: &Proposal) {
    let key = &proposal.key;
    log(
        Level::Warn,
        format!("{key} left out: a plan has at most {PROPOSALS_MAX} proposals"),
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::playbook::{quarantine_file, restore_file};
    use crate::testing::CaseBuilder;

    fn files(count: usize) -> Vec<File> {
        let device = Device::new("dev-1", "");
        let paths = (0..count).map(|n| format!("/tmp/{n}"));
        paths.map(|path| File::on(&device, path)).collect()
    }

    #[test]
    fn an_alert_that_names_a_file_twice_or_forty_files_still_gets_a_plan_the_host_takes() {
        let mut plan = Plan::empty("");
        for file in files(40).iter().chain(&files(3)) {
            plan.propose(quarantine_file(file));
        }
        assert_eq!(plan.propose.len(), 16);
        plan.bundle(vec![restore_file(&files(1).remove(0)).into()]);
        assert_eq!(
            plan.propose.len(),
            16,
            "a bundle is added whole or not at all"
        );
    }

    #[test]
    fn what_is_proposed_is_never_withdrawn_in_the_same_plan() {
        let file = files(1).remove(0);
        let proposal: Proposal = quarantine_file(&file).into();
        let case = CaseBuilder::new().step(&proposal, "held").build();
        let mut plan = Plan::empty("");
        plan.withdraw_held(&case);
        assert_eq!(plan.withdraw, std::slice::from_ref(&proposal.key));
        plan.propose(proposal);
        assert!(plan.withdraw.is_empty());
        plan.withdraw_all(&case);
        assert!(plan.withdraw.is_empty());
    }

    #[test]
    fn a_withdrawal_of_everything_leaves_alone_what_is_over() {
        let proposals: Vec<Proposal> = files(4)
            .iter()
            .map(|it| quarantine_file(it).into())
            .collect();
        let states = ["held", "done", "denied", "ended"];
        let case = proposals
            .iter()
            .zip(states)
            .fold(CaseBuilder::new(), |case, (it, state)| case.step(it, state))
            .build();
        let mut plan = Plan::empty("");
        plan.withdraw_all(&case);
        let keys: Vec<&String> = proposals.iter().take(2).map(|it| &it.key).collect();
        assert_eq!(plan.withdraw.iter().collect::<Vec<_>>(), keys);
    }
}
