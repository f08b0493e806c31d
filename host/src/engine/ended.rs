//! How a call ended, when it did not end with an answer.
//!
//! wasmtime reports everything as one error type. Here it becomes one closed list with a stable
//! code each, by downcast and never by reading a message, so that an operator can count ends and
//! a test can name them. What each limit was is part of the text: the reader should not have to
//! look it up.

use super::config::Engine;
use super::limits::CallLimits;
use super::quota::{MemoryFull, TableFull};
use crate::model::Failure;
use serde::{Deserialize, Serialize};
use wasmtime::{PoolConcurrencyLimitError, Trap, WasmBacktrace};

/// The end of a call without an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum Ended {
    /// The answer was larger than one crossing may be.
    #[error("answer is larger than {bytes_max} bytes (hostcall_kib)")]
    Answer {
        /// The limit.
        bytes_max: u64,
    },
    /// A host function that the manifest does not ask for.
    #[error("called {function}, which the manifest does not ask for")]
    NotGranted {
        /// `interface.function`.
        function: String,
    },
    /// CPU was used up.
    #[error("used more than {units_max} units of fuel (fuel_millions)")]
    Fuel {
        /// The limit, payload counted in.
        units_max: u64,
    },
    /// Time was used up.
    #[error("ran for longer than {wall_ms} ms (wall_ms)")]
    Wall {
        /// The limit.
        wall_ms: u64,
    },
    /// Memory was used up.
    #[error("memory is limited to {mib} MiB (memory_mib): {wanted}")]
    Memory {
        /// The limit.
        mib: u64,
        /// What it asked for.
        wanted: String,
    },
    /// Tables were used up.
    #[error("tables are limited to {elements} elements (table_elements): {wanted}")]
    Table {
        /// The limit.
        elements: u64,
        /// What it asked for.
        wanted: String,
    },
    /// Recursion without end.
    #[error("stack is limited to {kib} KiB (stack_kib)")]
    Stack {
        /// The limit.
        kib: u64,
    },
    /// One host call was given too much.
    #[error("gave a host call more than {bytes_max} bytes (hostcall_kib)")]
    HostcallBytes {
        /// The limit.
        bytes_max: u64,
    },
    /// Too many host calls.
    #[error("made more than {calls_max} host calls (hostcalls)")]
    Hostcalls {
        /// The limit.
        calls_max: u64,
    },
    /// Too many live handles.
    #[error("held more than {handles_max} handles (handles)")]
    Handles {
        /// The limit.
        handles_max: u64,
    },
    /// The guest gave up: a panic, an uncaught exception.
    #[error("gave up (unreachable): a panic or an uncaught exception")]
    GaveUp,
    /// Any other trap.
    #[error("{0}")]
    Trap(String),
    /// The answer, or what it gave a host function, is not what its type says.
    #[error("broke the component model: {0}")]
    Malformed(String),
    /// It ended the program instead of answering.
    #[error("left with exit status {0} instead of an answer")]
    Exit(i32),
    /// Too many look-ups.
    #[error("made more than {lookups_max} look-ups (lookups)")]
    Lookups {
        /// The limit.
        lookups_max: u64,
    },
    /// Too many requests.
    #[error("made more than {requests_max} requests (http_requests)")]
    HttpRequests {
        /// The limit.
        requests_max: u64,
    },
    /// Every slot of the pool is taken; nothing of the plugin ran.
    #[error("every slot for a call is taken; the call can be made again")]
    Busy,
    /// The host could not serve the call; says nothing about the plugin.
    #[error("the host could not serve the call: {0}")]
    Host(String),
}

/// An end that one of our own host functions decided.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(crate) struct Stopped(#[from] pub(crate) Ended);

impl Ended {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Answer { .. } => "CS-run-01",
            Self::NotGranted { .. } => "CS-run-20",
            Self::Fuel { .. } => "CS-run-40",
            Self::Wall { .. } => "CS-run-41",
            Self::Memory { .. } => "CS-run-42",
            Self::Table { .. } => "CS-run-43",
            Self::Stack { .. } => "CS-run-44",
            Self::HostcallBytes { .. } => "CS-run-45",
            Self::Hostcalls { .. } => "CS-run-46",
            Self::Handles { .. } => "CS-run-47",
            Self::GaveUp => "CS-run-48",
            Self::Trap(_) => "CS-run-49",
            Self::Malformed(_) => "CS-run-50",
            Self::Exit(_) => "CS-run-51",
            Self::Lookups { .. } => "CS-run-52",
            Self::HttpRequests { .. } => "CS-run-53",
            Self::Busy => "CS-run-54",
            Self::Host(_) => "CS-run-55",
        }
    }

    /// Whether the same call would end in the same place again: not where a clock, the machine
    /// or the host ended it.
    pub fn replayable(&self) -> bool {
        !matches!(self, Self::Wall { .. } | Self::Busy | Self::Host(_))
    }

    /// As the pipeline keeps it. A guest that throws leaves its reason on standard error and
    /// nowhere else, so the last lines of its log are part of the text.
    pub fn failure(&self, last_lines: &[&str]) -> Failure {
        let mut message = self.to_string();
        if !last_lines.is_empty() {
            message.push_str("; its last lines: ");
            message.push_str(&last_lines.join(" | "));
        }
        Failure {
            code: self.code().to_owned(),
            message,
        }
    }

    /// Reads wasmtime's error.
    ///
    /// `fuel_max`: what the store was armed with.
    pub(crate) fn of(
        error: &wasmtime::Error,
        engine: &Engine,
        limits: &CallLimits,
        fuel_max: u64,
    ) -> Self {
        let bytes_max = limits.hostcall_kib.saturating_mul(1024);
        if let Some(Stopped(ended)) = error.downcast_ref() {
            return ended.clone();
        }
        if let Some(full) = error.downcast_ref::<MemoryFull>() {
            return Self::Memory {
                mib: limits.memory_mib,
                wanted: full.to_string(),
            };
        }
        if let Some(full) = error.downcast_ref::<TableFull>() {
            return Self::Table {
                elements: limits.table_elements,
                wanted: full.to_string(),
            };
        }
        if let Some(exit) = error.downcast_ref::<wasmtime_wasi::I32Exit>() {
            return Self::Exit(exit.0);
        }
        if error.is::<PoolConcurrencyLimitError>() {
            return Self::Busy;
        }
        if let Some(wasmtime_wasi::ResourceTableError::Full) = error.downcast_ref() {
            return Self::Handles {
                handles_max: limits.handles,
            };
        }
        if let Some(trap) = error.downcast_ref::<Trap>() {
            return Self::trap(*trap, engine, limits, fuel_max);
        }
        let said = error.root_cause().to_string();
        if said == engine.marks().handles {
            return Self::Handles {
                handles_max: limits.handles,
            };
        }
        if said == engine.marks().hostcall_bytes {
            // With a guest's frame on the stack it happened inside a host call, without one while
            // the answer was read.
            return if error.is::<WasmBacktrace>() {
                Self::HostcallBytes { bytes_max }
            } else {
                Self::Answer { bytes_max }
            };
        }
        Self::Malformed(said)
    }

    fn trap(trap: Trap, engine: &Engine, limits: &CallLimits, fuel_max: u64) -> Self {
        match trap {
            Trap::OutOfFuel => Self::Fuel {
                units_max: fuel_max,
            },
            Trap::Interrupt => Self::Wall {
                wall_ms: limits.wall_ms,
            },
            Trap::StackOverflow => Self::Stack {
                kib: engine.limits().stack_kib,
            },
            Trap::UnreachableCodeReached => Self::GaveUp,
            other => Self::Trap(other.to_string()),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::engine::{Limited, Limits, Quota, arm};
    use wasmtime::component::{Component, Linker};

    #[derive(Default)]
    struct Data(Quota);

    impl Limited for Data {
        fn quota(&mut self) -> &mut Quota {
            &mut self.0
        }
    }

    /// How a component with one core module ended, under small limits. The module exports
    /// `memory` and `run: () -> i32`, which is read as text.
    fn ended(module: &str) -> Ended {
        let text = format!(
            r#"(component (core module $m {module}) (core instance $i (instantiate $m))
            (func (export "run") (result string)
              (canon lift (core func $i "run") (memory (core memory $i "memory")))))"#
        );
        let mut limits = Limits::default().playbook;
        (limits.memory_mib, limits.table_elements) = (1, 50);
        (limits.fuel_millions, limits.hostcall_kib) = (1, 1);
        let engine = Engine::start(&Limits::default().engine).unwrap();
        let component = Component::new(engine.wasm(), wat::parse_str(text).unwrap()).unwrap();
        let mut store = arm(&engine, &limits, 0, Data::default()).unwrap();
        let error = Linker::new(engine.wasm())
            .instantiate(&mut store, &component)
            .and_then(|instance| {
                let run = instance.get_typed_func::<(), (String,)>(&mut store, "run")?;
                run.call(&mut store, ())
            })
            .unwrap_err();
        Ended::of(&error, &engine, &limits, 1_000_000)
    }

    const MEMORY: &str = r#"(memory (export "memory") 1)"#;

    /// An answer of `len` bytes at 8.
    fn answer(len: u32) -> String {
        format!(
            r#"{MEMORY} (func (export "run") (result i32)
            (i32.store (i32.const 0) (i32.const 8)) (i32.store (i32.const 4) (i32.const {len})) (i32.const 0))"#
        )
    }

    fn run(body: &str) -> String {
        format!(r#"{MEMORY} (table $t 1 funcref) (func $run (export "run") (result i32) {body})"#)
    }

    #[test]
    fn every_end_of_the_engine_has_its_own_code() {
        let cases = [
            (run("(loop (br 0)) (i32.const 0)"), "CS-run-40"),
            (run("(memory.grow (i32.const 16))"), "CS-run-42"),
            (
                run("(table.grow $t (ref.null func) (i32.const 50))"),
                "CS-run-43",
            ),
            (run("(call $run)"), "CS-run-44"),
            (run("unreachable"), "CS-run-48"),
            (run("(i32.load (i32.const 1000000))"), "CS-run-49"),
            (run("(i32.div_u (i32.const 1) (i32.const 0))"), "CS-run-49"),
            (run("(i32.const 70000)"), "CS-run-50"),
            (answer(2000), "CS-run-01"),
            // Beyond the memory's end.
            (answer(70_000), "CS-run-50"),
        ];
        for (module, code) in cases {
            assert_eq!(ended(&module).code(), code, "{module}");
        }
        // Tables and memories that are too large at start end before the first instruction.
        let module = format!(
            r#"{MEMORY} (table 51 funcref) (func (export "run") (result i32) unreachable)"#
        );
        assert_eq!(ended(&module).code(), "CS-run-43");
    }

    #[test]
    fn a_start_function_that_loops_is_ended_too() {
        let start = format!(
            r#"{MEMORY} (func $s (loop (br 0))) (start $s) (func (export "run") (result i32) unreachable)"#
        );
        assert_eq!(ended(&start).code(), "CS-run-40");
    }

    #[test]
    fn ends_by_a_clock_or_the_machine_are_not_replayable() {
        assert!(Ended::GaveUp.replayable());
        for it in [
            Ended::Wall { wall_ms: 1 },
            Ended::Busy,
            Ended::Host(String::new()),
        ] {
            assert!(!it.replayable(), "{it}");
        }
    }
}
