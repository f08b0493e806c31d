//! The contract's limits, kept on the author's behalf.
//!
//! The host refuses a whole answer for one text that is too long, and most texts are built from
//! what an attacker named: without this, a file name of 2 kB would switch the response off. Texts
//! for people are cut; what selects a target is never touched.

use crate::prelude::{Detection, Entity, Evidence, Plan, Proposal, Receipt};

/// LIMIT: proposals in one answer, from the contract (`plan.propose`).
pub const PROPOSALS_MAX: usize = 16;
/// LIMIT: members of one bundle (R012).
pub const BUNDLE_MAX: usize = 16;
/// LIMIT: seconds of a lease, least and most (R006).
pub const LEASE_S: core::ops::RangeInclusive<u32> = 60..=2_592_000;
pub(crate) const LOG_LINE_BYTES_MAX: usize = 2048;
pub(crate) const MESSAGE_BYTES_MAX: usize = 1024;
pub(crate) const VALUE_BYTES_MAX: usize = 8192;
const EVIDENCE_MAX: usize = 16;
const RATIONALE_BYTES_MAX: usize = 1024;
const FINDING_BYTES_MAX: usize = 512;
const NOTE_BYTES_MAX: usize = 512;
const TITLE_BYTES_MAX: usize = 512;
const ATTRIBUTES_MAX: usize = 256;
const ENTITIES_MAX: usize = 64;
const TAKEN_MAX: usize = 64;

/// A text of at most `bytes_max` bytes: the whole, or its beginning with an ellipsis.
pub(crate) fn cut(text: &str, bytes_max: usize) -> String {
    const MARK: &str = "…";
    if text.len() <= bytes_max {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(bytes_max.saturating_sub(MARK.len()));
    format!("{}{MARK}", text.get(..end).unwrap_or_default())
}

fn cut_in_place(text: &mut String, bytes_max: usize) {
    if text.len() > bytes_max {
        *text = cut(text, bytes_max);
    }
}

/// A plan as the host takes it.
#[doc(hidden)]
#[must_use]
pub fn plan(mut plan: Plan) -> Plan {
    cut_in_place(&mut plan.note, NOTE_BYTES_MAX);
    plan.propose.iter_mut().for_each(proposal);
    plan
}

fn proposal(proposal: &mut Proposal) {
    cut_in_place(&mut proposal.rationale, RATIONALE_BYTES_MAX);
    proposal.evidence.truncate(EVIDENCE_MAX);
    for Evidence { finding, .. } in &mut proposal.evidence {
        cut_in_place(finding, FINDING_BYTES_MAX);
    }
}

/// Detections as the host takes them: what is too long is cut, what is too many dropped from the
/// end, the most important being first.
#[doc(hidden)]
#[must_use]
pub fn detections(mut all: Vec<Detection>) -> Vec<Detection> {
    for it in &mut all {
        cut_in_place(&mut it.title, TITLE_BYTES_MAX);
        it.entities.truncate(ENTITIES_MAX);
        // Oldest first: what the product did last is what stands.
        let surplus = it.taken.len().saturating_sub(TAKEN_MAX);
        it.taken.drain(..surplus);
        it.attributes.truncate(ATTRIBUTES_MAX);
        for Entity { attributes, .. } in &mut it.entities {
            attributes.truncate(ATTRIBUTES_MAX);
        }
    }
    all
}

/// A receipt as the host takes it.
#[doc(hidden)]
#[must_use]
pub fn receipt(mut receipt: Receipt) -> Receipt {
    cut_in_place(&mut receipt.detail, MESSAGE_BYTES_MAX);
    receipt.attributes.truncate(ATTRIBUTES_MAX);
    receipt
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::playbook::contain_device;
    use crate::testing::{CaseBuilder, device};

    #[test]
    fn a_text_is_cut_between_characters_and_never_beyond_its_limit() {
        assert_eq!(cut("short", 5), "short");
        assert_eq!(cut("longer", 5), "lo…");
        let text = "é".repeat(600);
        let short = cut(&text, 512);
        assert!(short.len() <= 512 && short.ends_with("é…"), "{short}");
    }

    #[test]
    fn an_answer_built_of_long_texts_is_one_that_the_host_takes() {
        let long = "x".repeat(5000);
        let contain = contain_device(&device()).because(&long);
        let mut wanted = Plan::empty(&long);
        wanted.propose((0..20).fold(contain, |it, _| it.evidence("taken", &long)));
        let wanted = plan(wanted);
        assert_eq!(wanted.note.len(), NOTE_BYTES_MAX);
        for it in &wanted.propose {
            assert_eq!(it.rationale.len(), RATIONALE_BYTES_MAX);
            assert_eq!(it.evidence.len(), EVIDENCE_MAX);
            assert!(
                it.evidence
                    .iter()
                    .all(|it| it.finding.len() == FINDING_BYTES_MAX)
            );
        }
    }

    #[test]
    fn of_too_many_actions_the_last_are_kept_because_they_say_what_stands() {
        let case = (0..70).fold(CaseBuilder::new(), |case, n| {
            case.taken(&format!("step-{n}"), device(), "done", "policy")
        });
        let mut detection = case.build().detection;
        detection.title = "x".repeat(5000);
        let fitted = detections(vec![detection]);
        for it in &fitted {
            assert_eq!(it.title.len(), TITLE_BYTES_MAX);
            assert_eq!(it.taken.len(), TAKEN_MAX);
            assert_eq!(
                it.taken.last().map(|it| it.action.as_str()),
                Some("step-69")
            );
        }
    }
}
