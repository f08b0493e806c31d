//! Countersign runs security response playbooks in a sandbox. Playbooks propose; policy and
//! people countersign; then, and only then, it runs.
//!
//! One folder a stage, in the order in which data flows. `host/docs/architecture.md` is the
//! one-page map.

pub mod api;
pub mod approval;
pub mod cli;
pub mod config;
pub mod console;
pub mod engine;
pub mod execute;
pub mod guard;
pub mod intake;
pub mod inventory;
pub mod journal;
pub mod model;
pub mod pipeline;
pub mod plugin;
pub mod rollout;
pub mod telemetry;
pub mod verdict;
