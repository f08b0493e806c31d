//! What people decide: one proposal, or an enumerated group of one cause, by the digest that they
//! saw; and what they found where nobody could tell.

use super::{Body, Comment, Id, again};
use crate::api::caller::Caller;
use crate::api::problem::Problem;
use crate::approval::Emergency;
use crate::journal::state::ProposalRecord;
use crate::model::{CauseId, Digest, PersonId, ProposalId};
use crate::pipeline::{Decided, Refusal, Tx};
use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A decision, by the digest that the person saw.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// `judged.digest` of the proposal as it was shown.
    digest: Digest,
    /// Why.
    #[serde(default)]
    comment: String,
    /// A lead stands in for the owner; needs a comment.
    #[serde(default)]
    emergency: bool,
}

/// Approve what you saw
#[utoipa::path(post, path = "/proposals/{id}/approve", security(("person" = ["analyst", "lead", "owner"])), request_body = Decision, responses(
    (status = 200, description = "Where it is now, and who is still needed", body = Decided),
    (status = 403, description = "CS-approval-03"),
    (status = 409, description = "CS-approval-01, CS-approval-02"),
    (status = 422, description = "CS-api-01, CS-api-02, CS-approval-05"),
))]
pub async fn approve(
    caller: Caller,
    Id(id): Id<ProposalId>,
    Body(decision): Body<Decision>,
) -> Result<Json<Decided>, Problem> {
    let person = caller.person()?;
    let emergency = if decision.emergency {
        Emergency::BreakGlass
    } else {
        Emergency::No
    };
    let (comment, digest) = (decision.comment, decision.digest);
    let decided = caller
        .desk
        .ask(move |tx| tx.approve(&id, &person, &digest, &comment, emergency))
        .await?;
    Ok(Json(decided?))
}

/// Refuse it; that ends it
#[utoipa::path(post, path = "/proposals/{id}/deny", security(("person" = ["analyst", "lead", "owner"])), request_body = Decision, responses(
    (status = 200, description = "It is denied", body = Decided),
    (status = 409, description = "CS-approval-01, CS-approval-02"),
    (status = 422, description = "CS-api-01, CS-api-02"),
))]
pub async fn deny(
    caller: Caller,
    Id(id): Id<ProposalId>,
    Body(decision): Body<Decision>,
) -> Result<Json<Decided>, Problem> {
    let person = caller.person()?;
    let (comment, digest) = (decision.comment, decision.digest);
    let decided = caller
        .desk
        .ask(move |tx| tx.deny(&id, &person, &digest, &comment))
        .await?;
    Ok(Json(decided?))
}

/// What a person found when they looked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Conclusion {
    /// Whether it is in force.
    in_force: bool,
    /// What was found.
    comment: String,
}

/// Say what you found where nobody could tell, or did by hand
#[utoipa::path(post, path = "/proposals/{id}/conclude", security(("person" = ["analyst", "lead", "owner"])), request_body = Conclusion, responses(
    (status = 200, description = "Concluded", body = ProposalRecord),
    (status = 409, description = "CS-approval-06"),
    (status = 422, description = "CS-api-01, CS-api-02, CS-approval-07"),
))]
pub async fn conclude(
    caller: Caller,
    Id(id): Id<ProposalId>,
    Body(found): Body<Conclusion>,
) -> Result<Json<ProposalRecord>, Problem> {
    let (person, shown) = (caller.person()?, id.clone());
    caller
        .desk
        .ask(move |tx| tx.conclude(&id, &person, found.in_force, &found.comment))
        .await??;
    let record = caller.desk.read(|it| it.proposals.get(&shown).cloned());
    again(record, "proposal")
}

/// Say that you looked at what was done without a person
#[utoipa::path(post, path = "/proposals/{id}/look", security(("person" = ["analyst", "lead", "owner"])), request_body = Comment, responses(
    (status = 200, description = "Looked at", body = ProposalRecord),
    (status = 409, description = "CS-approval-08"),
    (status = 422, description = "CS-api-01, CS-api-02"),
))]
pub async fn look(
    caller: Caller,
    Id(id): Id<ProposalId>,
    Body(comment): Body<Comment>,
) -> Result<Json<ProposalRecord>, Problem> {
    let (person, shown) = (caller.person()?, id.clone());
    caller
        .desk
        .ask(move |tx| tx.look(&id, &person, &comment.comment))
        .await??;
    let record = caller.desk.read(|it| it.proposals.get(&shown).cloned());
    again(record, "proposal")
}

/// A decision on an enumerated group: each member by the digest that the person saw.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupDecision {
    proposals: Vec<Member>,
    /// Why.
    #[serde(default)]
    comment: String,
}

/// One member of a group decision.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Member {
    id: ProposalId,
    digest: Digest,
}

/// What became of one member: one of the two.
#[derive(Debug, Serialize, ToSchema)]
pub struct MemberDecided {
    id: ProposalId,
    #[serde(skip_serializing_if = "Option::is_none")]
    decided: Option<Decided>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<Refusal>,
}

/// What became of each member, in the order in which they were given.
#[derive(Debug, Serialize, ToSchema)]
pub struct GroupDecided {
    proposals: Vec<MemberDecided>,
}

#[derive(Clone, Copy)]
enum How {
    Approve,
    Deny,
}

/// Approve enumerated proposals of one cause
#[utoipa::path(post, path = "/causes/{id}/approve", security(("person" = ["analyst", "lead", "owner"])), request_body = GroupDecision, responses(
    (status = 200, description = "Each by itself: some may be refused", body = GroupDecided),
    (status = 422, description = "CS-api-01, CS-api-02"),
))]
pub async fn approve_cause(
    caller: Caller,
    Id(cause): Id<CauseId>,
    Body(group): Body<GroupDecision>,
) -> Result<Json<GroupDecided>, Problem> {
    decide_group(caller, cause, group, How::Approve).await
}

/// Refuse enumerated proposals of one cause
#[utoipa::path(post, path = "/causes/{id}/deny", security(("person" = ["analyst", "lead", "owner"])), request_body = GroupDecision, responses(
    (status = 200, description = "Each by itself: some may be refused", body = GroupDecided),
    (status = 422, description = "CS-api-01, CS-api-02"),
))]
pub async fn deny_cause(
    caller: Caller,
    Id(cause): Id<CauseId>,
    Body(group): Body<GroupDecision>,
) -> Result<Json<GroupDecided>, Problem> {
    decide_group(caller, cause, group, How::Deny).await
}

async fn decide_group(
    caller: Caller,
    cause: CauseId,
    group: GroupDecision,
    how: How,
) -> Result<Json<GroupDecided>, Problem> {
    let person = caller.person()?;
    let decided = caller.desk.ask(move |tx| {
        let held = tx.held_of_cause(&cause);
        let members = group.proposals.into_iter();
        members
            .map(|member| {
                let outcome = match held.contains(&member.id) {
                    true => one(tx, &member, &person, &group.comment, how),
                    false => Err(unheld(&member.id)),
                };
                decided(member.id, outcome)
            })
            .collect()
    });
    let proposals = decided.await?;
    Ok(Json(GroupDecided { proposals }))
}

fn unheld(id: &ProposalId) -> Refusal {
    Refusal::not_found("held proposal of this cause", id.as_str())
}

fn one(
    tx: &mut Tx<'_>,
    member: &Member,
    person: &PersonId,
    comment: &str,
    how: How,
) -> Result<Decided, Refusal> {
    let (id, digest) = (&member.id, &member.digest);
    match how {
        How::Approve => tx.approve(id, person, digest, comment, Emergency::No),
        How::Deny => tx.deny(id, person, digest, comment),
    }
}

fn decided(id: ProposalId, outcome: Result<Decided, Refusal>) -> MemberDecided {
    let (decided, refused) = match outcome {
        Ok(decided) => (Some(decided), None),
        Err(refused) => (None, Some(refused)),
    };
    MemberDecided {
        id,
        decided,
        refused,
    }
}
