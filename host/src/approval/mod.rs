//! People: who may approve what, how long a question waits, and what silence means.
//!
//! Silence never means yes. The proposer's wish is no approval, nor is that of whoever uploaded
//! the version that proposes. Roles are those that a person holds on this target now, not those
//! held when the button was pressed.

mod expiry;
mod quorum;

pub use expiry::{Patience, expires};
pub use quorum::{Emergency, Ineligible, Voter, count, eligible};
