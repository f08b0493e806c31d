//! How each entry changes the state. Pure and total: an entry about something that is not there
//! changes nothing, because the journal of a later version may hold entries that this one does
//! not understand the object of, and a host that cannot start protects nobody.

mod admin;
mod cases;
mod effects;
mod orders;
mod people;
mod proposals;

pub(super) use cases::taken_devices;
pub use people::has_power;
pub use proposals::surge_device;

use super::State;
use crate::journal::entry::Entry;
use crate::model::Millis;

impl State {
    /// Applies what happened at `at`.
    pub fn apply(&mut self, at: Millis, entry: &Entry) {
        match entry {
            Entry::PayloadReceived { .. }
            | Entry::PayloadRead { .. }
            | Entry::CaseOpened(_)
            | Entry::CaseRevised { .. }
            | Entry::CaseMarked { .. }
            | Entry::EvaluationDue { .. }
            | Entry::Evaluated(_) => self.apply_case(at, entry),
            Entry::Proposed(_)
            | Entry::Judged(_)
            | Entry::ProposalMoved { .. }
            | Entry::Approved { .. }
            | Entry::Denied { .. } => self.apply_proposal(at, entry),
            Entry::OrderMade(_)
            | Entry::OrderDispatched { .. }
            | Entry::OrderAnswered { .. }
            | Entry::OrderWaits { .. }
            | Entry::OrderEnded { .. } => self.apply_order(at, entry),
            Entry::EffectBegan(_)
            | Entry::EffectClaimed { .. }
            | Entry::LeaseSet { .. }
            | Entry::LeaseAsked { .. }
            | Entry::EffectEnded { .. }
            | Entry::OverreachFound(_)
            | Entry::OverreachAcknowledged { .. }
            | Entry::OverreachRepaired { .. }
            | Entry::DriftSeen { .. } => self.apply_effect(at, entry),
            _ => self.apply_admin(at, entry),
        }
    }
}
