//! Proposals: what waits, what it would take, and what people propose by hand.

use super::{Body, Id, again, part};
use crate::api::caller::Caller;
use crate::api::cursor::Part;
use crate::api::problem::Problem;
use crate::journal::state::{LineageRecord, ProposalRecord};
use crate::model::{Attribute, CaseId, Key, Millis, Proposal, ProposalId, Target, Verb};
use crate::pipeline::Refusal;
use axum::Json;
use axum::extract::Query;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

/// What a list may be narrowed by.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// Only in this state, such as `held`.
    state: Option<String>,
    /// Only of this case.
    case: Option<String>,
    /// Only of this cause.
    cause: Option<String>,
    /// At most so many.
    limit: Option<u32>,
    /// The `next` of the part before.
    cursor: Option<String>,
}

part! {
    /// Proposals, those whose time ends first at the top.
    Proposals { proposals: ProposalRecord }
}

/// Where a proposal stands in the list: its deadline, when it was made, itself.
type Place = (u64, u64, ProposalId);

fn place(it: &ProposalRecord) -> Place {
    let expires = it.expires.unwrap_or(Millis(u64::MAX));
    (expires.0, it.made.0, it.id.clone())
}

/// Proposals, oldest deadline first
#[utoipa::path(get, path = "/proposals", params(Filter), security(("person" = ["viewer", "analyst", "lead", "owner", "operator"]), ("machine" = [])), responses((status = 200, description = "A part of them", body = Proposals)))]
pub async fn list(
    caller: Caller,
    Query(filter): Query<Filter>,
) -> Result<Json<Proposals>, Problem> {
    let filters = [&filter.state, &filter.case, &filter.cause].map(|it| it.as_deref());
    let [state, case, cause] = filters;
    let cursor = filter.cursor.as_deref();
    let part: Part<Place> = Part::of(&caller, "proposals", &filters, filter.limit, cursor)?;
    let found = caller.desk.read(|tenant| {
        let wanted = tenant.proposals.values().filter(|it| {
            state.is_none_or(|state| it.state.as_str() == state)
                && case.is_none_or(|case| it.case.as_str() == case)
                && cause.is_none_or(|cause| it.cause.as_str() == cause)
        });
        let first = soonest(wanted, part.after.as_ref(), part.limit);
        part.fill(first.into_values(), place, ProposalRecord::clone)
    });
    Ok(Proposals::of(found))
}

/// The `limit` after a place whose time ends first, and one more. Their order is another than that
/// of the state, so all are looked at; only these are kept meanwhile.
fn soonest<'a>(
    all: impl Iterator<Item = &'a ProposalRecord>,
    after: Option<&Place>,
    limit: usize,
) -> BTreeMap<Place, &'a ProposalRecord> {
    let mut kept = BTreeMap::new();
    for it in all {
        let at = place(it);
        if after.is_none_or(|after| at > *after) {
            kept.insert(at, it);
        }
        if kept.len() > limit.saturating_add(1) {
            kept.pop_last();
        }
    }
    kept
}

/// A proposal, what is decided with it, and what people said of the software before.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProposalShown {
    #[serde(flatten)]
    proposal: ProposalRecord,
    /// Decided together, in this order; itself among them.
    unit: Vec<ProposalRecord>,
    /// What people and products said of the software.
    software: Option<LineageRecord>,
}

/// A proposal with everything that decides it
#[utoipa::path(get, path = "/proposals/{id}", security(("person" = ["viewer", "analyst", "lead", "owner", "operator"]), ("machine" = [])), responses((status = 200, description = "It", body = ProposalShown)))]
pub async fn show(caller: Caller, Id(id): Id<ProposalId>) -> Result<Json<ProposalShown>, Problem> {
    let found = caller.desk.read(|tenant| {
        let record = tenant.proposals.get(&id)?;
        let unit = tenant.unit_of(record);
        let unit = unit.iter().filter_map(|id| tenant.proposals.get(id));
        let lineage = tenant.lineage_of(record);
        Some(ProposalShown {
            unit: unit.cloned().collect(),
            software: lineage.and_then(|it| tenant.lineages.get(&it).cloned()),
            proposal: record.clone(),
        })
    });
    let found = found.ok_or_else(|| Refusal::not_found("proposal", id.as_str()))?;
    Ok(Json(found))
}

/// A person's own proposal.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    case: CaseId,
    action: Verb,
    target: Target,
    /// The action's parameters.
    #[serde(default)]
    arguments: Vec<Attribute>,
    /// Why.
    reason: String,
    /// Seconds until it asks to be given back.
    lease_s: Option<u32>,
}

/// Propose by hand; the wish is not an approval
#[utoipa::path(post, path = "/proposals", security(("person" = ["analyst", "lead", "owner"])), request_body = Wish, responses(
    (status = 201, description = "Judged: it is held, ordered or refused", body = ProposalRecord),
    (status = 422, description = "CS-api-01, CS-api-02, CS-run-04, CS-run-07"),
))]
pub async fn create(
    caller: Caller,
    Body(wish): Body<Wish>,
) -> Result<(StatusCode, Json<ProposalRecord>), Problem> {
    let person = caller.person()?;
    let proposal = Proposal {
        key: Key::new(format!("by-hand:{}", uuid::Uuid::now_v7())),
        bundle: None,
        action: wish.action,
        target: wish.target,
        arguments: wish.arguments,
        rationale: wish.reason,
        evidence: Vec::new(),
        lease_s: wish.lease_s,
    };
    let id = caller
        .desk
        .ask(move |tx| tx.create_proposal(&wish.case, &person, proposal))
        .await??;
    let record = caller
        .desk
        .read(|tenant| tenant.proposals.get(&id).cloned());
    Ok((StatusCode::CREATED, again(record, "proposal")?))
}
