//! The words of Countersign as types.
//!
//! Every stage speaks these and nothing else, so a value that reached a stage is already well
//! formed. Nothing here reads a file, a socket or a clock: what is in this folder can be
//! replayed, compared and hashed on any machine with the same result.

mod action;
mod asset;
mod detection;
mod facts;
mod ids;
mod inert;
mod order;
mod plan;
#[cfg(test)]
mod published;
mod target;
mod time;
mod vocabulary;

pub use action::{ActionRow, Effect, Verb};
pub use asset::{
    Acceptance, Account, Asset, Edge, Group, GroupKind, Lineage, LineageKind, NetworkRange, Node,
    Person, Sighting, Threshold,
};
pub use detection::{Attribute, Detection, Entity, Taken, attribute, attributes};
pub use facts::{
    Ancestor, Approvals, Facts, Finding, History, Impact, ImpactLine, Principal, Reason, Request,
    Resource, Restore, Surge, TimeOfDay,
};
pub use ids::{
    AssetId, CaseId, CauseId, ConnectorId, Digest, EffectId, GroupId, Key, OrderId, OverreachId,
    PageId, PersonId, PluginId, PluginRef, ProposalId, SourceId, TenantId, TokenId,
};
pub use inert::{acts, inert};
pub use order::{Fault, Order, Outcome, Receipt, Undone};
pub use plan::{Evidence, Failure, Plan, Proposal, Rejection, Step, Subject};
pub use target::{
    Device, File, Message, OtherTarget, Process, Service, Software, Target, TargetKind, UserAccount,
};
pub use time::{Clock, FixedClock, Millis, SystemClock};
pub use vocabulary::{
    AssetKind, Mode, Origin, Protection, Rating, Resolution, Role, Severity, Stage, Tenure,
};
