//! The wasi that toolchains import anyway, linked and empty.
//!
//! Rust's start-up code wants an environment, Python wants sockets. Refusing them would refuse
//! the languages; stubbing them into traps makes `Date.now()` a trap. So they are all there and
//! there is nothing in them: no environment, no arguments, no files, no network. The clock stands
//! at the time of the evaluation, random bytes come from a seed, and what is printed goes to the
//! plugin's log. So the same case gives the same plan in every language.
//!
//! Waiting is the one thing that cannot be empty: a sleep in the host would outlast the epoch,
//! which only ends guest code. Time does not move in a call, so a sleep is over at once.

use super::logs::{Logs, Stream};
use super::state::State;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::AsyncWrite;
use wasmtime::component::{HasData, Linker, Resource, ResourceTable};
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::bindings::clocks::monotonic_clock;
use wasmtime_wasi::p2::{DynPollable, OutputStream, Pollable, StreamResult, subscribe};
use wasmtime_wasi::{
    Deterministic, HostMonotonicClock, HostWallClock, WasiCtx, WasiCtxView, WasiView,
};

/// The interfaces that any of the toolchains was seen to import, without version: everything else
/// of wasi is refused at load (L032).
pub(super) const EMPTY: &[&str] = &[
    "wasi:cli/environment",
    "wasi:cli/exit",
    "wasi:cli/stdin",
    "wasi:cli/stdout",
    "wasi:cli/stderr",
    "wasi:cli/terminal-input",
    "wasi:cli/terminal-output",
    "wasi:cli/terminal-stdin",
    "wasi:cli/terminal-stdout",
    "wasi:cli/terminal-stderr",
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
    "wasi:clocks/monotonic-clock",
    "wasi:clocks/wall-clock",
    "wasi:random/random",
    "wasi:random/insecure-seed",
    "wasi:filesystem/types",
    "wasi:filesystem/preopens",
    "wasi:sockets/network",
    "wasi:sockets/instance-network",
    "wasi:sockets/tcp",
    "wasi:sockets/tcp-create-socket",
    "wasi:sockets/udp",
    "wasi:sockets/udp-create-socket",
    "wasi:sockets/ip-name-lookup",
];

/// LIMIT: random bytes in one call.
const RANDOM_BYTES_MAX: u64 = 64 << 10;

/// What makes a call's wasi: made on first use, because most guests import it and never call it.
#[derive(Clone, Debug)]
pub(super) struct Frozen {
    /// Milliseconds since 1970 at which the clocks stand.
    pub(super) now_ms: u64,
    /// Where random comes from.
    pub(super) seed: [u8; 32],
    /// Live resources.
    pub(super) handles_max: usize,
}

/// The context and its table.
pub(super) struct Wasi {
    table: ResourceTable,
    ctx: WasiCtx,
}

impl Wasi {
    pub(super) fn new(frozen: &Frozen, logs: &Arc<Mutex<Logs>>) -> Self {
        let mut table = ResourceTable::new();
        table.set_max_capacity(frozen.handles_max);
        let out = |stream| Printed {
            logs: logs.clone(),
            stream,
        };
        let clock = Still(frozen.now_ms);
        let [a, b, c, d, ..] = frozen.seed;
        let mut builder = WasiCtx::builder();
        builder
            .allow_blocking_current_thread(true)
            .allow_tcp(false)
            .allow_udp(false)
            .allow_ip_name_lookup(false)
            .stdout(out(Stream::Out))
            .stderr(out(Stream::Err))
            .wall_clock(clock)
            .monotonic_clock(clock)
            .secure_random(Deterministic::new(frozen.seed.to_vec()))
            .insecure_random(Deterministic::new(frozen.seed.to_vec()))
            .insecure_random_seed(u128::from(u32::from_be_bytes([a, b, c, d])))
            .max_random_size(RANDOM_BYTES_MAX);
        Self {
            table,
            ctx: builder.build(),
        }
    }
    pub(super) fn view(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.ctx,
            table: &mut self.table,
        }
    }
}

/// Links the empty wasi.
pub(super) fn link(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    wasmtime_wasi::p2::add_to_linker_sync(linker)?;
    linker.allow_shadowing(true);
    monotonic_clock::add_to_linker::<State, HasStill>(linker, |state| StillView {
        now_ms: state.now_ms(),
        table: state.ctx().table,
    })?;
    linker.allow_shadowing(false);
    Ok(())
}

/// A clock that stands.
#[derive(Clone, Copy, Debug)]
struct Still(u64);

impl HostWallClock for Still {
    fn resolution(&self) -> Duration {
        Duration::from_millis(1)
    }
    fn now(&self) -> Duration {
        Duration::from_millis(self.0)
    }
}

impl HostMonotonicClock for Still {
    fn resolution(&self) -> u64 {
        1
    }
    fn now(&self) -> u64 {
        self.0.saturating_mul(1_000_000)
    }
}

struct HasStill;

impl HasData for HasStill {
    type Data<'a> = StillView<'a>;
}

struct StillView<'a> {
    now_ms: u64,
    table: &'a mut ResourceTable,
}

/// Ready at once: what a wait waits for, where time does not move.
struct Now;

#[wasmtime_wasi::async_trait]
impl Pollable for Now {
    async fn ready(&mut self) {}
}

impl monotonic_clock::Host for StillView<'_> {
    fn now(&mut self) -> wasmtime::Result<u64> {
        Ok(HostMonotonicClock::now(&Still(self.now_ms)))
    }
    fn resolution(&mut self) -> wasmtime::Result<u64> {
        Ok(1)
    }
    fn subscribe_instant(&mut self, _when: u64) -> wasmtime::Result<Resource<DynPollable>> {
        self.subscribe_duration(0)
    }
    fn subscribe_duration(&mut self, _how_long: u64) -> wasmtime::Result<Resource<DynPollable>> {
        let now = self.table.push(Now)?;
        subscribe(self.table, now)
    }
}

/// Standard output or error, into the log.
#[derive(Clone, Debug)]
struct Printed {
    logs: Arc<Mutex<Logs>>,
    stream: Stream,
}

impl IsTerminal for Printed {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Printed {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        // Only wasi 0.3 asks for it, which is not linked.
        Box::new(tokio::io::empty())
    }
    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Printed {
    async fn ready(&mut self) {}
}

impl OutputStream for Printed {
    fn write(&mut self, bytes: hyper::body::Bytes) -> StreamResult<()> {
        super::state::locked(&self.logs).stream(self.stream, &bytes);
        Ok(())
    }
    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }
    fn check_write(&mut self) -> StreamResult<usize> {
        // LIMIT: as much as the host allocates for one write.
        Ok(64 << 10)
    }
}
