//! What the suites share: a stack of range, host, plugins and people, and how to ask it.
//!
//! A suite proves what the whole does, so nothing here reaches into the host: the real binary is
//! started as a process on a real workspace, asked over HTTP, and killed by the kernel. What was
//! done is read from the range's own log. A suite that cannot be set up ends at once and says
//! what to do; it never passes for want of something. Never shipped.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on ends, and says where"
)]

pub mod alerts;
mod api;
mod browser;
mod child;
pub mod guests;
mod inventory;
mod people;
mod setup;
mod stack;
mod wait;

pub use api::{Answer, Api};
pub use browser::{Browser, Driver, Width};
pub use child::{HostProcess, binary};
pub use inventory::{Review, Sight, asset, enforced, group, now_ms, rfc3339};
pub use people::{ANALYST, LEAD, LEAD2, OPERATOR, OWNER};
pub use setup::{Hours, PAGE_SECRET, RANGE_TOKEN, Setup, TENANT};
pub use stack::Stack;
pub use wait::{DEADLINE, stays, until, until_in};

/// Whether this run goes without a tool that is not part of Rust: `cargo xtask test` says so where
/// it is not installed, and CI never does. A test that goes without tells.
pub fn without(tool: &str) -> bool {
    let named = std::env::var("COUNTERSIGN_TESTS_WITHOUT").unwrap_or_default();
    let without = named.split(',').any(|it| it == tool);
    if without {
        eprintln!("SKIPPED: this machine has no {tool} for tests");
    }
    without
}
