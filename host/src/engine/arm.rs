//! Every limit of a call, set in one function before the first instruction.
//!
//! Instantiation runs guest code too (start functions), so a limit that is set after it is set
//! too late. A store that was not armed here cannot exist: nothing else makes one.

use super::config::Engine;
use super::limits::CallLimits;
use super::quota::Quota;
use super::ticker::TICK_MS;
use wasmtime::Store;

/// Data of a store that holds the quota of its call.
pub(crate) trait Limited {
    /// The quota.
    fn quota(&mut self) -> &mut Quota;
}

/// A store in which every limit is armed: CPU (fuel), wall clock (epoch), memory and tables (the
/// quota), stack (the engine's), host-call bytes and handles. Counted by the store's own data:
/// host calls, log lines and bytes.
///
/// `payload_bytes`: what the fuel of a source is measured by; 0 for the others.
///
/// # Errors
/// Never with the engine of this crate; wasmtime reports fuel that is not compiled in.
pub(crate) fn arm<T: Limited + 'static>(
    engine: &Engine,
    limits: &CallLimits,
    payload_bytes: usize,
    data: T,
) -> wasmtime::Result<Store<T>> {
    let mut store = Store::new(engine.wasm(), data);
    store
        .data_mut()
        .quota()
        .set(mib(limits.memory_mib), narrow(limits.table_elements));
    store.limiter(|data| data.quota());
    store.set_fuel(fuel(limits, payload_bytes))?;
    // One tick more than asked for: the first may come at once.
    store.set_epoch_deadline(limits.wall_ms.div_ceil(TICK_MS).saturating_add(1));
    store.epoch_deadline_trap();
    store.set_hostcall_fuel(narrow(limits.hostcall_kib.saturating_mul(1024)));
    store.set_max_component_handles(narrow(limits.handles));
    Ok(store)
}

/// The fuel of a call, in units.
pub(crate) fn fuel(limits: &CallLimits, payload_bytes: usize) -> u64 {
    let by_size = u128::from(limits.fuel_millions_per_mib)
        .saturating_mul(1_000_000)
        .saturating_mul(payload_bytes as u128)
        / (1 << 20);
    let by_size = u64::try_from(by_size).unwrap_or(u64::MAX);
    limits
        .fuel_millions
        .saturating_mul(1_000_000)
        .saturating_add(by_size)
}

fn mib(n: u64) -> usize {
    narrow(n.saturating_mul(1 << 20))
}

fn narrow(n: u64) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Limits;

    #[test]
    fn the_fuel_of_a_source_grows_with_its_payload() {
        let limits = Limits::default();
        assert_eq!(fuel(&limits.source, 0), 1_000_000_000);
        assert_eq!(fuel(&limits.source, 512 << 10), 2_000_000_000);
        assert_eq!(fuel(&limits.playbook, 16 << 20), 1_000_000_000);
    }
}
