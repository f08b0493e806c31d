//! The file itself (L001 to L007), before anything in it is believed.
//!
//! Counting comes before validating and validating before compiling: each costs more than the one
//! before, and each is bounded by it.

use super::error::LoadError;
use crate::engine::{CallLimits, EngineLimits};
use wasmparser::{Parser, Payload, Validator, WasmFeatures};

/// LIMIT: Python has 14.
const MODULES_MAX: u64 = 64;
/// LIMIT: components inside components; JavaScript has 2.
const NESTING_MAX: u64 = 8;
/// LIMIT: over all modules.
const FUNCTIONS_MAX: u64 = 100_000;
/// LIMIT: a JavaScript component has 2.
const MEMORIES_MAX: u64 = 2;
/// LIMIT: every toolchain that was tried has 2.
const TABLES_MAX: u64 = 4;

const PAGE_BYTES: u64 = 65_536;

/// What was counted in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counted {
    modules: u64,
    nesting: u64,
    functions: u64,
    memories: u64,
    tables: u64,
    /// What all memories have at start.
    pub(super) memory_bytes_at_start: u64,
    /// What all tables have at start.
    pub(super) table_elements_at_start: u64,
}

/// Checks the file up to and with its validation; `features` are the engine's own.
pub(super) fn check(
    bytes: &[u8],
    limits: &EngineLimits,
    features: WasmFeatures,
) -> Result<Counted, Vec<LoadError>> {
    head(bytes, limits).map_err(|error| vec![error])?;
    let counted = count(bytes).map_err(|error| vec![error])?;
    let errors = above(&counted);
    if !errors.is_empty() {
        return Err(errors);
    }
    valid(bytes, features).map_err(|error| vec![error])?;
    Ok(counted)
}

/// L001 to L003.
fn head(bytes: &[u8], limits: &EngineLimits) -> Result<(), LoadError> {
    let most = limits.plugin_mib.saturating_mul(1 << 20);
    let n = bytes.len() as u64;
    if n > most {
        return Err(LoadError::new(
            1,
            format!("is {n} bytes, the limit is {most} (plugin_mib)"),
        ));
    }
    // Asked before anything else reads it: native code must never reach what would run it.
    if wasmtime::Engine::detect_precompiled(bytes).is_some() || bytes.starts_with(b"\x7fELF") {
        return Err(LoadError::new(
            3,
            "is precompiled native code; the host takes wasm only",
        ));
    }
    if Parser::is_core_wasm(bytes) {
        return Err(LoadError::new(
            2,
            "is a core module, not a component; wrap it with: countersign plugin build",
        ));
    }
    if !Parser::is_component(bytes) {
        return Err(LoadError::new(
            4,
            "is not a valid component at byte 0: it does not begin as one",
        ));
    }
    Ok(())
}

fn count(bytes: &[u8]) -> Result<Counted, LoadError> {
    let malformed = |error: wasmparser::Error| super::manifest::malformed(&error);
    let mut counted = Counted::default();
    // One entry for each component or module that is open; true where it is a component.
    let mut open: Vec<bool> = Vec::new();
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.map_err(malformed)? {
            Payload::Version { encoding, .. } => {
                open.push(encoding == wasmparser::Encoding::Component);
                let depth = open.iter().filter(|component| **component).count() as u64;
                counted.nesting = counted.nesting.max(depth.saturating_sub(1));
            }
            Payload::End(_) => drop(open.pop()),
            Payload::ModuleSection { .. } => counted.modules += 1,
            Payload::FunctionSection(it) => counted.functions += u64::from(it.count()),
            Payload::MemorySection(it) => {
                for memory in it {
                    let pages = memory.map_err(malformed)?.initial;
                    counted.memories += 1;
                    counted.memory_bytes_at_start = counted
                        .memory_bytes_at_start
                        .saturating_add(pages.saturating_mul(PAGE_BYTES));
                }
            }
            Payload::TableSection(it) => {
                for table in it {
                    let elements = table.map_err(malformed)?.ty.initial;
                    counted.tables += 1;
                    counted.table_elements_at_start =
                        counted.table_elements_at_start.saturating_add(elements);
                }
            }
            _ => {}
        }
        // A file of millions of empty modules is not read to its end.
        if counted.modules > MODULES_MAX || counted.nesting > NESTING_MAX {
            break;
        }
    }
    Ok(counted)
}

/// L005 and L007.
fn above(counted: &Counted) -> Vec<LoadError> {
    let rows = [
        (5, "core modules", counted.modules, MODULES_MAX),
        (5, "levels of nesting", counted.nesting, NESTING_MAX),
        (5, "functions", counted.functions, FUNCTIONS_MAX),
        (7, "memories", counted.memories, MEMORIES_MAX),
        (7, "tables", counted.tables, TABLES_MAX),
    ];
    let above = rows.into_iter().filter(|(_, _, n, most)| n > most);
    above
        .map(|(rule, what, n, most)| {
            LoadError::new(rule, format!("has {n} {what}, the limit is {most}"))
        })
        .collect()
}

/// L004 and L006.
fn valid(bytes: &[u8], features: WasmFeatures) -> Result<(), LoadError> {
    let Err(error) = Validator::new_with_features(features).validate_all(bytes) else {
        return Ok(());
    };
    let feature = error.missing_wasm_feature().and_then(named);
    Err(match feature {
        Some((feature, hint)) => LoadError::new(
            6,
            format!("uses {feature}, which the contract does not offer; build with {hint}"),
        ),
        None => super::manifest::malformed(&error),
    })
}

/// A feature that the contract leaves out, and what to build with instead.
fn named(missing: WasmFeatures) -> Option<(&'static str, &'static str)> {
    const ASYNC: WasmFeatures = WasmFeatures::CM_ASYNC
        .union(WasmFeatures::CM_ASYNC_STACKFUL)
        .union(WasmFeatures::CM_MORE_ASYNC_BUILTINS)
        .union(WasmFeatures::CM_THREADING);
    let rows = [
        (
            ASYNC,
            "component-model async",
            "synchronous exports and imports",
        ),
        (WasmFeatures::MEMORY64, "memory64", "a 32-bit target"),
        (WasmFeatures::THREADS, "threads", "a single-threaded target"),
        (
            WasmFeatures::SHARED_EVERYTHING_THREADS,
            "threads",
            "a single-threaded target",
        ),
        (
            WasmFeatures::EXCEPTIONS.union(WasmFeatures::LEGACY_EXCEPTIONS),
            "exceptions",
            "panics that abort",
        ),
        (
            WasmFeatures::GC
                .union(WasmFeatures::GC_TYPES)
                .union(WasmFeatures::FUNCTION_REFERENCES)
                .union(WasmFeatures::CM_GC),
            "gc",
            "a toolchain that brings its own memory management",
        ),
        (WasmFeatures::RELAXED_SIMD, "relaxed simd", "plain simd"),
        (
            WasmFeatures::MULTI_MEMORY,
            "multiple memories in one module",
            "one memory",
        ),
        (WasmFeatures::TAIL_CALL, "tail calls", "-mno-tail-call"),
    ];
    let row = rows
        .iter()
        .find(|(features, ..)| missing.intersects(*features))?;
    Some((row.1, row.2))
}

/// L042, once the plugin's own limits are known.
pub(super) fn fits(counted: &Counted, limits: &CallLimits) -> Vec<LoadError> {
    let mut errors = Vec::new();
    let memory_max = limits.memory_mib.saturating_mul(1 << 20);
    if counted.memory_bytes_at_start > memory_max {
        errors.push(LoadError::new(
            42,
            format!(
                "needs {} KiB at start, its limit is {} (memory_mib)",
                counted.memory_bytes_at_start >> 10,
                memory_max >> 10
            ),
        ));
    }
    if counted.table_elements_at_start > limits.table_elements {
        errors.push(LoadError::new(
            42,
            format!(
                "needs {} table elements at start, its limit is {} (table_elements)",
                counted.table_elements_at_start, limits.table_elements
            ),
        ));
    }
    errors
}
