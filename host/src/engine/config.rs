//! The one constructor of the engine, where every knob has its reason.
//!
//! What wasmtime leaves on by default is made for a browser-like host that runs everything. We
//! run little: components of one contract, for one call each. What is not needed is off, and what
//! a crate feature leaves out has no knob at all (gc, threads, component-model-async): a test
//! asserts that no other crate switched those on.

use super::limits::EngineLimits;
use super::probe::{self, Marks};
use super::quota::{INSTANCES_MAX, MEMORIES_MAX, TABLES_MAX};
use super::ticker::Ticker;
use std::num::NonZeroUsize;
use std::sync::Arc;
use wasmtime::{Config, Enabled, InstanceAllocationStrategy, PoolingAllocationConfig};

/// LIMIT: the most that a manifest may ask for (`memory_mib`); the quota holds each call to its
/// own.
const MEMORY_BYTES_MAX: usize = 512 << 20;
/// LIMIT: the ceiling of `table_elements`.
const TABLE_ELEMENTS_MAX: usize = 100_000;

/// How memory for instances is had, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allocation {
    /// From a pool of slots: a fresh instance costs 20 us.
    Pooling,
    /// Mapped for each call: 50 us. Where address space is short.
    OnDemand,
    /// Mapped small, with bounds checks in the code. Where address space is very short.
    Small,
}

/// The engine cannot run plugins on this machine.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// No way to allocate worked.
    #[error("no instance can be made on this machine: {0}")]
    Allocation(String),
    /// No thread for the wall clock.
    #[error("no thread for the wall clock of plugins: {0}")]
    Ticker(std::io::Error),
}

impl EngineError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Allocation(_) => "CS-engine-03",
            Self::Ticker(_) => "CS-engine-04",
        }
    }
}

/// The engine that every plugin runs in. Cheap to clone; the last clone stops the ticker.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    wasm: wasmtime::Engine,
    marks: Marks,
    allocation: Allocation,
    fallback: Option<String>,
    limits: EngineLimits,
    _ticker: Ticker,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine")
            .field("allocation", &self.0.allocation)
            .finish_non_exhaustive()
    }
}

impl Engine {
    /// Starts the engine: pooled if this machine can hold the pool, else on demand, else small.
    /// Each way is tried with an instance, because address space can also run out later.
    ///
    /// # Errors
    /// No way works, or there is no thread for the clock.
    pub fn start(limits: &EngineLimits) -> Result<Self, EngineError> {
        let mut reasons = Vec::new();
        for allocation in [Allocation::Pooling, Allocation::OnDemand, Allocation::Small] {
            let tried = wasmtime::Engine::new(&config(limits, allocation))
                .and_then(|wasm| Ok((probe::learn(&wasm)?, wasm)));
            let (marks, wasm) = match tried {
                Ok(started) => started,
                Err(why) => {
                    reasons.push(format!("{allocation:?}: {why:#}"));
                    continue;
                }
            };
            let ticker = Ticker::start(&wasm).map_err(EngineError::Ticker)?;
            let fallback = (!reasons.is_empty()).then(|| reasons.join("; "));
            match &fallback {
                Some(why) => tracing::warn!(?allocation, why, "plugins run without a pool"),
                None => tracing::debug!(?allocation, "plugin engine started"),
            }
            return Ok(Self(Arc::new(Inner {
                wasm,
                marks,
                allocation,
                fallback,
                limits: limits.clone(),
                _ticker: ticker,
            })));
        }
        Err(EngineError::Allocation(reasons.join("; ")))
    }

    /// How instances are allocated.
    pub fn allocation(&self) -> Allocation {
        self.0.allocation
    }
    /// Why it is not the pool, for `doctor` and the log.
    pub fn fallback(&self) -> Option<&str> {
        self.0.fallback.as_deref()
    }
    /// The limits that it was started with.
    pub fn limits(&self) -> &EngineLimits {
        &self.0.limits
    }
    pub(crate) fn wasm(&self) -> &wasmtime::Engine {
        &self.0.wasm
    }
    pub(super) fn marks(&self) -> &Marks {
        &self.0.marks
    }
}

fn config(limits: &EngineLimits, allocation: Allocation) -> Config {
    let stack_bytes = narrow(limits.stack_kib.saturating_mul(1024));
    let mut c = Config::new();
    // A runaway loop ends by fuel, at the same place on every machine; the epoch is the net below
    // it, for what fuel does not see.
    c.consume_fuel(true).epoch_interruption(true);
    // Async functions, streams and futures in components: not in the contract, and the newest
    // code of wasmtime.
    c.concurrency_support(false);
    // Not needed by any toolchain that we serve; each is code that a guest could reach.
    c.shared_memory(false)
        .wasm_memory64(false)
        .wasm_multi_memory(false)
        .wasm_tail_call(false)
        .wasm_custom_page_sizes(false)
        .wasm_wide_arithmetic(false);
    // Relaxed SIMD answers differently on different machines, and NaN has many bit patterns: the
    // same case must give the same plan everywhere.
    c.wasm_relaxed_simd(false)
        .cranelift_nan_canonicalization(true);
    c.max_wasm_stack(stack_bytes);
    // We call guests from threads, never from a future: a fiber's stack is only checked to be
    // larger than the guest's.
    c.async_stack_size(stack_bytes.saturating_add(1 << 20))
        .async_stack_zeroing(true);
    // A new instance starts from a mapping of its data, not from a copy.
    c.memory_init_cow(true);
    // One frame is enough to tell "ended inside a host call" from "ended while its answer was
    // read"; names are of no use to the operator.
    c.wasm_backtrace_max_frames(NonZeroUsize::new(1));
    match allocation {
        Allocation::Pooling => {
            c.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(limits)));
        }
        Allocation::OnDemand => {}
        Allocation::Small => {
            // Bounds checks in the code instead of address space around it.
            c.memory_reservation(64 << 20).memory_guard_size(64 << 10);
        }
    }
    c
}

fn pool(limits: &EngineLimits) -> PoolingAllocationConfig {
    // The pool is the quota: a call above it is told to come again.
    let n = u32::try_from(limits.instances).unwrap_or(u32::MAX);
    let times = |each: usize| n.saturating_mul(u32::try_from(each).unwrap_or(u32::MAX));
    let mut p = PoolingAllocationConfig::default();
    p.total_component_instances(n)
        .total_core_instances(times(INSTANCES_MAX))
        .total_memories(times(MEMORIES_MAX))
        .total_tables(times(TABLES_MAX))
        .total_stacks(1)
        .max_core_instances_per_component(small(INSTANCES_MAX))
        .max_memories_per_component(small(MEMORIES_MAX))
        .max_tables_per_component(small(TABLES_MAX))
        .max_memory_size(MEMORY_BYTES_MAX)
        .table_elements(TABLE_ELEMENTS_MAX)
        // These three belong together: what a call touched is written over with zeroes, found
        // by one PAGEMAP_SCAN (Linux 6.7, else by madvise). Half the cost of a fresh instance.
        .linear_memory_keep_resident(2 << 20)
        .table_keep_resident(64 << 10)
        .pagemap_scan(Enabled::Auto)
        .max_unused_warm_slots(n)
        // Slots that wait to be freed together would hold the last call's bytes for longer.
        .decommit_batch_size(1);
    p
}

fn small(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn narrow(n: u64) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::engine::Limits;

    #[test]
    fn no_crate_switched_on_what_we_leave_out() {
        let mut c = config(&Limits::default().engine, Allocation::OnDemand);
        c.concurrency_support(true);
        assert!(
            wasmtime::Engine::new(&c).is_err(),
            "component-model-async is compiled in"
        );
    }

    #[test]
    fn the_engine_is_what_the_constructor_says() {
        let engine = Engine::start(&Limits::default().engine).unwrap();
        let wasm = engine.wasm();
        let features = wasm.get_wasm_features();
        assert!(wasm.get_consume_fuel() && wasm.get_epoch_interruption());
        assert!(!wasm.get_concurrency_support() && !wasm.get_shared_memory());
        assert!(
            wasm.get_signals_based_traps(),
            "Spectre mitigations need them"
        );
        assert!(!features.memory64() && !features.threads() && !features.exceptions());
        assert!(!features.relaxed_simd() && !features.multi_memory() && !features.cm_async());
        assert!(!features.gc_types());
    }

    #[test]
    fn every_way_to_allocate_starts() {
        for allocation in [Allocation::OnDemand, Allocation::Small] {
            let wasm =
                wasmtime::Engine::new(&config(&Limits::default().engine, allocation)).unwrap();
            probe::learn(&wasm).unwrap();
        }
    }
}
