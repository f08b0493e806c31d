//! Proposals: what waits, what it would take, and what people decide.

use super::{Body, listed};
use crate::api::caller::Caller;
use crate::api::problem::Problem;
use crate::approval::Emergency;
use crate::model::{Attribute, CaseId, CauseId, Digest, Key, Proposal, ProposalId, Target, Verb};
use crate::pipeline::{Decided, Refusal};
use axum::Json;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What a list may be narrowed by.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    state: Option<String>,
    case: Option<String>,
    cause: Option<String>,
    limit: Option<usize>,
}

/// `GET proposals`, oldest deadline first.
pub async fn list(caller: Caller, Query(filter): Query<Filter>) -> Result<Json<Value>, Problem> {
    let proposals = caller.desk.read(|tenant| {
        let mut found: Vec<_> = tenant
            .proposals
            .values()
            .filter(|it| {
                filter
                    .state
                    .as_deref()
                    .is_none_or(|state| it.state.as_str() == state)
            })
            .filter(|it| {
                filter
                    .case
                    .as_deref()
                    .is_none_or(|case| it.case.as_str() == case)
            })
            .filter(|it| {
                filter
                    .cause
                    .as_deref()
                    .is_none_or(|cause| it.cause.as_str() == cause)
            })
            .cloned()
            .collect();
        found.sort_by_key(|it| {
            (
                it.expires.unwrap_or(crate::model::Millis(u64::MAX)),
                it.made,
            )
        });
        found.truncate(filter.limit.unwrap_or(100).min(1000));
        found
    });
    Ok(listed("proposals", proposals))
}

/// `GET proposals/{id}`.
pub async fn show(
    caller: Caller,
    Path((_, id)): Path<(String, String)>,
) -> Result<Json<Value>, Problem> {
    let id = ProposalId::new(id);
    let found = caller.desk.read(|tenant| {
        let record = tenant.proposals.get(&id)?;
        let mut value = serde_json::to_value(record).ok()?;
        let unit: Vec<_> = tenant
            .unit_of(record)
            .iter()
            .filter_map(|id| tenant.proposals.get(id))
            .cloned()
            .collect();
        let said = tenant
            .lineage_of(record)
            .and_then(|it| tenant.lineages.get(&it).cloned());
        let rest = json!({ "unit": unit, "software": said });
        if let (Some(fields), Value::Object(rest)) = (value.as_object_mut(), rest) {
            fields.extend(rest);
        }
        Some(value)
    });
    Ok(Json(found.ok_or_else(|| {
        Refusal::not_found("proposal", id.as_str())
    })?))
}

/// A decision, by the digest that the person saw.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    digest: Digest,
    #[serde(default)]
    comment: String,
    /// A lead stands in for the owner.
    #[serde(default)]
    emergency: bool,
}

/// `POST proposals/{id}/approve`.
pub async fn approve(
    caller: Caller,
    Path((_, id)): Path<(String, String)>,
    Body(decision): Body<Decision>,
) -> Result<Json<Decided>, Problem> {
    let person = caller.person()?;
    let emergency = if decision.emergency {
        Emergency::BreakGlass
    } else {
        Emergency::No
    };
    let (id, comment, digest) = (ProposalId::new(id), decision.comment, decision.digest);
    let decided = caller
        .desk
        .ask(move |tx| tx.approve(&id, &person, &digest, &comment, emergency))
        .await?;
    Ok(Json(decided?))
}

/// `POST proposals/{id}/deny`.
pub async fn deny(
    caller: Caller,
    Path((_, id)): Path<(String, String)>,
    Body(decision): Body<Decision>,
) -> Result<Json<Decided>, Problem> {
    let person = caller.person()?;
    let (id, comment, digest) = (ProposalId::new(id), decision.comment, decision.digest);
    let decided = caller
        .desk
        .ask(move |tx| tx.deny(&id, &person, &digest, &comment))
        .await?;
    Ok(Json(decided?))
}

/// What a person found when they looked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conclusion {
    in_force: bool,
    comment: String,
}

/// `POST proposals/{id}/conclude`: a person has looked at what nobody could tell.
pub async fn conclude(
    caller: Caller,
    Path((_, id)): Path<(String, String)>,
    Body(found): Body<Conclusion>,
) -> Result<Json<Value>, Problem> {
    let (person, id) = (caller.person()?, ProposalId::new(id));
    let shown = id.clone();
    caller
        .desk
        .ask(move |tx| tx.conclude(&id, &person, found.in_force, &found.comment))
        .await??;
    let record = caller
        .desk
        .read(|tenant| tenant.proposals.get(&shown).cloned());
    Ok(Json(json!(record)))
}

/// A decision on an enumerated group: each member by the digest that the person saw.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupDecision {
    proposals: Vec<Member>,
    #[serde(default)]
    comment: String,
}

/// One member of a group decision.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    id: ProposalId,
    digest: Digest,
}

/// What became of one member.
#[derive(Debug, Serialize)]
pub struct MemberDecided {
    id: ProposalId,
    #[serde(skip_serializing_if = "Option::is_none")]
    decided: Option<Decided>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<Refusal>,
}

/// `POST causes/{id}/approve`.
pub async fn approve_cause(
    caller: Caller,
    Path((_, cause)): Path<(String, String)>,
    Body(group): Body<GroupDecision>,
) -> Result<Json<Value>, Problem> {
    decide_group(caller, cause, group, true).await
}

/// `POST causes/{id}/deny`.
pub async fn deny_cause(
    caller: Caller,
    Path((_, cause)): Path<(String, String)>,
    Body(group): Body<GroupDecision>,
) -> Result<Json<Value>, Problem> {
    decide_group(caller, cause, group, false).await
}

async fn decide_group(
    caller: Caller,
    cause: String,
    group: GroupDecision,
    approve: bool,
) -> Result<Json<Value>, Problem> {
    let person = caller.person()?;
    let cause = CauseId::new(cause);
    let decided = caller.desk.ask(move |tx| {
        let held = tx.held_of_cause(&cause);
        let each = group.proposals.into_iter().map(|member| {
            let outcome = if !held.contains(&member.id) {
                Err(Refusal::not_found(
                    "held proposal of this cause",
                    member.id.as_str(),
                ))
            } else if approve {
                tx.approve(
                    &member.id,
                    &person,
                    &member.digest,
                    &group.comment,
                    Emergency::No,
                )
            } else {
                tx.deny(&member.id, &person, &member.digest, &group.comment)
            };
            let (decided, refused) = outcome.map_or_else(
                |refused| (None, Some(refused)),
                |decided| (Some(decided), None),
            );
            MemberDecided {
                id: member.id,
                decided,
                refused,
            }
        });
        each.collect::<Vec<_>>()
    });
    Ok(listed("proposals", decided.await?))
}

/// A person's own proposal.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    case: CaseId,
    action: Verb,
    target: Target,
    #[serde(default)]
    arguments: Vec<Attribute>,
    reason: String,
    lease_s: Option<u32>,
}

/// `POST proposals`.
pub async fn create(
    caller: Caller,
    Body(wish): Body<Wish>,
) -> Result<(StatusCode, Json<Value>), Problem> {
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
    Ok((StatusCode::CREATED, Json(json!(record))))
}
