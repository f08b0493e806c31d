//! The epoch: a counter that a thread of its own moves on, and that compiled code looks at on
//! every loop.
//!
//! On an OS thread, not on tokio: the runtime's threads are what a runaway guest would occupy,
//! and then nobody would end it. Joined on drop, so that no engine outlives its owner unseen.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often the epoch moves on; a wall-clock limit is exact to this.
pub(super) const TICK_MS: u64 = 10;

/// The thread that moves an engine's epoch on, until it is dropped.
#[derive(Debug)]
pub(super) struct Ticker {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Ticker {
    /// Starts the thread. Its failure is the engine's: no ticker, no guests.
    pub(super) fn start(engine: &wasmtime::Engine) -> std::io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, weak) = (stop.clone(), engine.weak());
        let thread = std::thread::Builder::new()
            .name("epoch".to_owned())
            .spawn(move || {
                while !stopped.load(Ordering::Relaxed) {
                    std::thread::sleep(Duration::from_millis(TICK_MS));
                    let Some(engine) = weak.upgrade() else { return };
                    engine.increment_epoch();
                }
            })?;
        Ok(Self {
            stop,
            thread: Some(thread),
        })
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // A ticker that panicked has nothing left to stop.
            let _ = thread.join();
        }
    }
}
