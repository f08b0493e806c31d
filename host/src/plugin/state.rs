//! The data of one store: what one call may use, and what it did.
//!
//! It holds what the guest's own tenant may see and nothing else; no credential is ever in here.
//! Every function of the contract comes in through `hosted` and is counted before it does anything.

use super::egress::{Egress, RecordedRequest};
use super::logs::Logs;
use super::lookups::{Lookups, RecordedLookup};
use super::manifest::LookupName;
use super::settings::SettingsView;
use super::wasi::{Frozen, Wasi};
use crate::engine::{CallLimits, Ended, Limited, Quota};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use wasmtime_wasi::{WasiCtxView, WasiView};

/// What a playbook's call has beside the rest.
pub(super) struct Asking {
    pub(super) answers: Arc<dyn Lookups>,
    pub(super) granted: BTreeSet<LookupName>,
    pub(super) recorded: Vec<RecordedLookup>,
}

/// What a connector's call has beside the rest.
pub(super) struct Sending {
    pub(super) egress: Egress,
    pub(super) runtime: tokio::runtime::Handle,
    pub(super) ends: Instant,
    pub(super) requests: Vec<RecordedRequest>,
}

/// The data of one store.
pub(super) struct State {
    quota: Quota,
    wasi: Option<Box<Wasi>>,
    frozen: Frozen,
    logs: Arc<Mutex<Logs>>,
    hostcalls: u64,
    pub(super) limits: Arc<CallLimits>,
    pub(super) settings: SettingsView,
    pub(super) asking: Option<Asking>,
    pub(super) sending: Option<Sending>,
}

/// Locks; a poisoned lock is only a panic elsewhere, the log itself is whole after every write.
pub(super) fn locked(logs: &Mutex<Logs>) -> MutexGuard<'_, Logs> {
    logs.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    /// A call that has not used anything.
    ///
    /// `now_ms`: where the clocks stand; `seed`: where random comes from.
    pub(super) fn new(
        limits: &Arc<CallLimits>,
        settings: &SettingsView,
        now_ms: u64,
        seed: [u8; 32],
    ) -> Self {
        Self {
            quota: Quota::default(),
            wasi: None,
            frozen: Frozen {
                now_ms,
                seed,
                handles_max: usize::try_from(limits.handles).unwrap_or(usize::MAX),
            },
            logs: Arc::new(Mutex::new(Logs::new(limits))),
            hostcalls: 0,
            limits: limits.clone(),
            settings: settings.clone(),
            asking: None,
            sending: None,
        }
    }
    pub(super) fn now_ms(&self) -> u64 {
        self.frozen.now_ms
    }
    pub(super) fn logs(&self) -> MutexGuard<'_, Logs> {
        locked(&self.logs)
    }
    /// The log, for good; the guest's streams are closed.
    pub(super) fn take_logs(&mut self) -> Vec<super::logs::LogLine> {
        self.wasi = None;
        let empty = Logs::new(&self.limits);
        std::mem::replace(&mut *self.logs(), empty).finish()
    }
    pub(super) fn memory_bytes_peak(&self) -> u64 {
        self.quota.memory_bytes_peak()
    }
    /// Counts one host call.
    pub(super) fn count(&mut self) -> Result<(), Ended> {
        self.hostcalls = self.hostcalls.saturating_add(1);
        if self.hostcalls > self.limits.hostcalls {
            return Err(Ended::Hostcalls {
                calls_max: self.limits.hostcalls,
            });
        }
        Ok(())
    }
}

impl Limited for State {
    fn quota(&mut self) -> &mut Quota {
        &mut self.quota
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        let (frozen, logs) = (&self.frozen, &self.logs);
        self.wasi
            .get_or_insert_with(|| Box::new(Wasi::new(frozen, logs)))
            .view()
    }
}
