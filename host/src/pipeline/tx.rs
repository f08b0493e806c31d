//! One step of a tenant: what happened is recorded and applied at once, what is to be done
//! outside is only noted.
//!
//! INVARIANT: commands leave after the entries of the same step are durable, never before. So a
//! crash at any point leaves either nothing, or a state that says what is still to be done.

use super::book::Book;
use super::mail::Mail;
use crate::execute::{Dispatch, PageSend, Probe};
use crate::journal::entry::Entry;
use crate::journal::state::State;
use crate::model::{CaseId, Digest, Millis, PageId, PersonId, PluginRef, SourceId, Stage, Subject};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Something to do outside, once the step is durable.
#[derive(Debug)]
pub enum Command {
    /// Ask a source what a payload says.
    Normalise {
        /// Which.
        payload: Digest,
        /// Which source.
        source: SourceId,
        /// As declared by the sender.
        content_type: String,
        /// The bytes.
        bytes: Arc<[u8]>,
    },
    /// Ask a playbook what it wants.
    Evaluate {
        /// What it is given.
        subject: Box<Subject>,
        /// Which version.
        playbook: PluginRef,
        /// Its stage.
        stage: Stage,
    },
    /// Send an order.
    Send(Box<Dispatch>),
    /// Ask whether an order is in force.
    Ask(Box<Probe>),
    /// Tell people.
    Page(PageId, Box<PageSend>, BTreeSet<PersonId>),
    /// Tell people by mail.
    Mail(PageId, Box<Mail>, BTreeSet<PersonId>),
}

/// What a step recorded: entries with their attachments.
pub type Recorded = Vec<(Entry, Vec<Vec<u8>>)>;

/// A step in the making.
pub struct Tx<'a> {
    /// The state, already as the entries so far make it.
    pub state: &'a mut State,
    /// The tenant's behaviour: files, guards, what is configured.
    pub book: &'a Book,
    /// The time of this step.
    pub now: Millis,
    recorded: Recorded,
    commands: Vec<Command>,
    wake: Option<Millis>,
}

impl<'a> Tx<'a> {
    /// A step that has not done anything yet.
    pub fn new(state: &'a mut State, book: &'a Book, now: Millis) -> Self {
        Self {
            state,
            book,
            now,
            recorded: Vec::new(),
            commands: Vec::new(),
            wake: None,
        }
    }
    /// Records what happened.
    pub fn record(&mut self, entry: Entry) {
        self.record_with(entry, Vec::new());
    }
    /// Records what happened, with bytes that lie beside the chain.
    pub fn record_with(&mut self, entry: Entry, attachments: Vec<Vec<u8>>) {
        self.state.apply(self.now, &entry);
        self.recorded.push((entry, attachments));
    }
    /// Notes what is to be done outside.
    pub fn command(&mut self, command: Command) {
        self.commands.push(command);
    }
    /// Asks to be looked at again at that time at the latest.
    pub fn wake_at(&mut self, at: Millis) {
        self.wake = Some(self.wake.map_or(at, |known| known.min(at)));
    }
    /// Marks a case; the same is said once.
    pub fn mark(&mut self, case: &CaseId, code: &str, text: impl Into<String>) {
        let text = text.into();
        let known = self.state.cases.get(case);
        if known.is_some_and(|it| it.marks.iter().any(|it| it.code == code && it.text == text)) {
            return;
        }
        self.record(Entry::CaseMarked {
            case: case.clone(),
            code: code.to_owned(),
            text,
        });
    }
    /// What the step came to.
    pub fn finish(self) -> (Recorded, Vec<Command>, Option<Millis>) {
        (self.recorded, self.commands, self.wake)
    }
}

/// The case that an entry is about, for the timeline.
pub fn case_of(state: &State, entry: &Entry) -> Option<CaseId> {
    let of_proposal = |id| state.proposals.get(id).map(|it| it.case.clone());
    let of_order = |id| state.orders.get(id).map(|it| it.case.clone());
    match entry {
        Entry::CaseOpened(it) => Some(it.case.clone()),
        Entry::CaseRevised { case, .. }
        | Entry::CaseMarked { case, .. }
        | Entry::EvaluationDue { case, .. }
        | Entry::EffectClaimed { case, .. }
        | Entry::DriftSeen { case, .. } => Some(case.clone()),
        Entry::Evaluated(it) => Some(it.case.clone()),
        Entry::Proposed(it) => Some(it.case.clone()),
        Entry::Judged(it) => it.proposals.first().and_then(of_proposal),
        Entry::ProposalMoved { proposal, .. }
        | Entry::Concluded { proposal, .. }
        | Entry::LookDue { proposal, .. }
        | Entry::Looked { proposal, .. } => of_proposal(proposal),
        Entry::Approved { proposals, .. } | Entry::Denied { proposals, .. } => {
            proposals.first().and_then(of_proposal)
        }
        Entry::OrderMade(it) => Some(it.case.clone()),
        Entry::OrderDispatched { order, .. }
        | Entry::OrderAnswered { order, .. }
        | Entry::OrderWaits { order, .. }
        | Entry::OrderEnded { order, .. } => of_order(order),
        Entry::EffectBegan(it) => Some(it.case.clone()),
        Entry::LeaseSet { effect, .. }
        | Entry::LeaseAsked { effect }
        | Entry::EffectEnded { effect, .. } => state
            .effects
            .get(effect)
            .and_then(|it| it.claims.iter().next().cloned()),
        Entry::OverreachFound(it) => Some(it.case.clone()),
        Entry::OverreachAcknowledged { overreach, .. } | Entry::OverreachRepaired { overreach } => {
            state.overreaches.get(overreach).map(|it| it.case.clone())
        }
        Entry::PageDue(it) => it.case.clone(),
        Entry::PageSent { page, .. }
        | Entry::PageAcknowledged { page, .. }
        | Entry::PageClosed { page, .. } => state.pages.get(page).and_then(|it| it.case.clone()),
        _ => None,
    }
}
