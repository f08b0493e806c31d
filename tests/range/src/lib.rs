//! The range: a simulated EDR, firewall and directory, to act on in tests and in the demo.
//!
//! A test of a system that acts needs something to act on, and a witness that does not belong to
//! the system. The range is both. It keeps state that can be set and read, behaves like the
//! products do where it matters (a policy that kills again what nobody allowed, effects that take
//! time, idempotency keys, answers that get lost), and writes every request into a log of its own
//! before it answers. What executed, and how often, is read from that log and never from what the
//! host says it did.
//!
//! Started in-process with [`Range::start`], or as a child: `range --listen 127.0.0.1:0` prints
//! `{"listening":"127.0.0.1:NNNNN"}` as its first line.

pub mod alerts;
mod core;
pub mod faults;
mod keys;
pub mod log;
pub mod pages;
mod reply;
mod server;
pub mod state;

pub use server::{Config, Range, RangeHandle};
