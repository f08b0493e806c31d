//! What happens, told to whoever listens, once it is durable.

use crate::model::{CaseId, Millis, TenantId};
use serde_json::json;
use std::sync::Arc;
use tokio::sync::broadcast;

/// LIMIT: events that a slow listener may be behind; after that it is told how many it missed.
const BEHIND_MAX: usize = 1024;

/// Something that happened.
#[derive(Clone, Debug)]
pub struct Happened {
    /// In which tenant.
    pub tenant: TenantId,
    /// Its place in the tenant's journal; 0 until it is durable.
    pub n: u64,
    /// The kind of the entry.
    pub kind: &'static str,
    /// `{at, kind, case, what}`.
    pub json: Arc<str>,
}

impl Happened {
    /// From an entry, in one line.
    pub fn new(
        tenant: &TenantId,
        at: Millis,
        kind: &'static str,
        case: Option<&CaseId>,
        what: &str,
    ) -> Self {
        let json = json!({ "at": at, "kind": kind, "case": case, "what": what }).to_string();
        Self {
            tenant: tenant.clone(),
            n: 0,
            kind,
            json: json.into(),
        }
    }
    /// The same, at its place in the journal.
    pub fn at_place(self, n: u64) -> Self {
        Self { n, ..self }
    }
}

/// A channel to all listeners.
#[derive(Clone)]
pub struct Events(broadcast::Sender<Happened>);

impl Default for Events {
    fn default() -> Self {
        Self(broadcast::channel(BEHIND_MAX).0)
    }
}

impl Events {
    /// Tells it to whoever listens.
    pub fn tell(&self, happened: Happened) {
        // nobody listens: nobody is told
        let _ = self.0.send(happened);
    }
    /// Whether somebody listens: making the text is not free.
    pub fn is_heard(&self) -> bool {
        self.0.receiver_count() > 0
    }
    /// Listens from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Happened> {
        self.0.subscribe()
    }
}
