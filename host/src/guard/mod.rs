//! Guards: policy over proposals. Pure, total, and an error is a refusal.
//!
//! The policies are Cedar, because a typo in a fact's name is an error at load there and not a
//! rule that vanishes, because forbids win and so a tenant can only tighten, and because what the
//! baseline claims can be proved for every request. Cedar is named in this folder and nowhere
//! else: what goes in is `model::Request`, what comes out is an `Answer`. No policy does
//! arithmetic, counts, or knows the inventory: all of that is a fact of the host.
//!
//! `load` reads and checks, `set` slices, `question` asks, `search` finds the least
//! people, `explain` says it in words, `scenario*` is `guard test`.

mod alternative;
mod answer;
mod bounds;
mod canary;
mod claims;
mod context;
mod deep;
mod demand;
mod document;
mod error;
mod explain;
mod finding;
mod impact;
mod lint;
mod load;
mod monotone;
mod naming;
mod people;
mod question;
mod scenario;
mod scenario_run;
mod schema;
mod search;
mod set;
mod store;
mod unknown;
mod world;
mod written;

#[cfg(test)]
mod tests;

pub use bounds::GUARD_FILE_BYTES_MAX;
pub use claims::{Claim, claims};
pub use error::{GuardError, GuardFile, Paint, Weight};
pub use explain::{Asked, Explained, Explanation, explain};
pub use finding::{Alternative, Answer, Effect, Finding, Permit, PolicyInfo, Reason};
pub use impact::{ImpactInput, impact};
pub use lint::KnownIds;
pub use load::TENANT_GUARDS_MAX;
pub use people::APPROVERS_MAX;
pub use scenario_run::{Column, ScenarioReport, ScenarioRow, run_embedded, run_scenarios};
pub use schema::{
    assume_file, baseline_file, claims_file, edges_file, scenarios_file, schema_text, world_file,
};
pub use set::Guards;
pub use unknown::{Fact, forget, strictest};
