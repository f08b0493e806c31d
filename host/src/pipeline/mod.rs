//! The only module that knows the order: bytes, detection, case, proposals, verdict, approval,
//! order, receipt, effect.
//!
//! Everything that changes a tenant is a step (`Tx`): it reads the state, records entries, and
//! notes commands for outside. A step is pure but for the time it is given, so a test can drive
//! the whole line without a socket, and a crash between two steps loses nothing: what is due is
//! in the state, and `resume` picks it up.

mod admin;
mod assess;
mod book;
mod calendar;
mod conclude;
mod desk;
mod effects;
mod escalation;
mod evaluate;
mod events;
mod host;
mod inbox;
mod judge;
mod looks;
mod lookups;
mod loosening;
mod mail;
mod members;
mod order;
mod overreach;
mod page;
mod people;
mod queue;
mod receive;
mod refusal;
mod resume;
mod runtime;
mod serve;
mod tick;
mod told;
mod tx;
mod workers;

pub use admin::By;
pub use assess::Assessed;
pub use book::{Book, Calendar, Instance, Performs, Route};
pub use desk::{Desk, Outbox};
pub use evaluate::{Answer, EVALUATIONS_MAX, PROPOSALS_MAX};
pub use events::{Events, Happened};
pub use host::{Host, StartError, render, tenant_guards};
pub use judge::Unit;
pub use lookups::TenantLookups;
pub use loosening::{Imported, change_needs};
pub use members::Joined;
pub use people::Decided;
pub use receive::{Item, Normalised, Received, digest_of};
pub use refusal::{Kind, Refusal};
pub use runtime::{
    ConnectorInstance, PlaybookInstance, Runtime, Runtimes, SourceInstance, assemble,
};
pub use told::Told;
pub use tx::{Command, Recorded, Tx};
pub use workers::Workers;

#[cfg(test)]
mod tests;
