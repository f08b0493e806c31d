//! What the calls of all three kinds share: a fresh store, and what is left of it afterwards.
//!
//! A store is one call. Whatever happened, it is dropped here: an instance is never asked twice,
//! so nothing that one case left in memory can reach the next.

use super::load::Core;
use super::logs::LogLine;
use super::state::State;
use crate::engine::{Ended, arm};
use crate::model::Failure;
use sha2::{Digest as _, Sha256};
use wasmtime::Store;

/// What a call left.
pub(super) struct Done<T> {
    /// The answer, or how it ended without one.
    pub(super) answer: Result<T, Ended>,
    /// The same end as the pipeline keeps it.
    pub(super) failure: Option<Failure>,
    pub(super) fuel: u64,
    pub(super) memory_bytes_peak: u64,
    pub(super) logs: Vec<LogLine>,
    /// The data, for what a kind recorded in it.
    pub(super) state: State,
}

/// Arms a store, runs `call` in it, and takes it apart.
pub(super) fn run<T>(
    core: &Core,
    state: State,
    payload_bytes: usize,
    call: impl FnOnce(&mut Store<State>) -> wasmtime::Result<T>,
) -> Result<Done<T>, Ended> {
    let mut store = arm(&core.engine, &core.limits, payload_bytes, state)
        .map_err(|error| Ended::Host(error.to_string()))?;
    let fuel_max = store.get_fuel().unwrap_or(0);
    let answer =
        call(&mut store).map_err(|error| Ended::of(&error, &core.engine, &core.limits, fuel_max));
    let fuel = fuel_max.saturating_sub(store.get_fuel().unwrap_or(0));
    let mut state = store.into_data();
    let failure = answer.as_ref().err().map(|ended| {
        let last = state.logs().last_lines();
        let last: Vec<&str> = last.iter().map(String::as_str).collect();
        ended.failure(&last)
    });
    Ok(Done {
        answer,
        failure,
        fuel,
        memory_bytes_peak: state.memory_bytes_peak(),
        logs: state.take_logs(),
        state,
    })
}

/// A seed for a guest's random, the same for the same call.
pub(super) fn seed(what: &[u8], of: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update((what.len() as u64).to_be_bytes());
    hash.update(what);
    hash.update(of);
    hash.finalize().into()
}
