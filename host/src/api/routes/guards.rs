//! The guards: what they are, and why they say what they say.

use super::Body;
use crate::api::caller::Caller;
use crate::api::problem::Problem;
use crate::guard::{Asked, Explanation, PolicyInfo, explain};
use crate::model::{
    Attribute, CaseId, Digest, Facts, Key, PluginId, Principal, Proposal, ProposalId, Stage,
    Target, Verb,
};
use crate::pipeline::{Assessed, Refusal, Tx};
use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The guards in force.
#[derive(Debug, Serialize, ToSchema)]
pub struct Guards {
    /// Of their text; every judgement names it.
    digest: Digest,
    /// The baseline's and the tenant's own.
    policies: Vec<PolicyInfo>,
}

/// The guards in force: the baseline's and the tenant's own, with their text
#[utoipa::path(get, path = "/guards", security(("person" = ["viewer", "analyst", "lead", "owner", "operator"]), ("machine" = [])), responses((status = 200, description = "All of them", body = Guards)))]
pub async fn show(caller: Caller) -> Json<Guards> {
    let book = caller.desk.book();
    Json(Guards {
        digest: book.guards.digest().clone(),
        policies: book.guards.policies().cloned().collect(),
    })
}

/// A stored proposal, or one that nobody made: case, action and target.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    proposal: Option<ProposalId>,
    case: Option<CaseId>,
    action: Option<Verb>,
    target: Option<Target>,
    /// The action's parameters.
    #[serde(default)]
    arguments: Vec<Attribute>,
}

/// What would carry it out.
#[derive(Debug, Serialize, ToSchema)]
pub struct RouteShown {
    /// The connector.
    route: Option<String>,
    /// Why there is none.
    none: Option<String>,
}

/// An answer of the guards, with what they knew.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExplainedShown {
    explanation: Explanation,
    /// The same in words. May hold text from outside: shown inert.
    text: String,
    /// Of each part.
    facts: Vec<Facts>,
    /// Of each part.
    routes: Vec<RouteShown>,
}

/// Why the guards say what they say, what it takes, and what needs nobody; with the facts of now
#[utoipa::path(post, path = "/guards/explain", security(("person" = ["viewer", "analyst", "lead", "owner", "operator"]), ("machine" = [])),
    request_body(content = Question, example = json!({ "proposal": "proposal-01938f2e-7c41-7d10-9a35-5b7c0e4f1a23" })),
    responses(
        (status = 200, description = "In data and in words", body = ExplainedShown),
        (status = 409, description = "CS-approval-02"),
        (status = 422, description = "CS-api-01, CS-api-02, CS-run-07"),
    ))]
pub async fn explain_now(
    caller: Caller,
    Body(question): Body<Question>,
) -> Result<Json<ExplainedShown>, Problem> {
    let answer = caller.desk.ask(move |tx| {
        let assessed = assess(tx, question)?;
        let asked = assessed.iter().map(|it| Asked {
            request: it.request.clone(),
            impact: it.impact_input.clone(),
        });
        let explanation = explain(&tx.book.guards, &asked.collect::<Vec<_>>());
        let routes = assessed.iter().map(|it| RouteShown {
            route: it.part.route.clone(),
            none: it.no_route.clone(),
        });
        Ok::<_, Refusal>(ExplainedShown {
            text: explanation.to_string(),
            explanation,
            facts: assessed.iter().map(|it| it.request.facts.clone()).collect(),
            routes: routes.collect(),
        })
    });
    Ok(Json(answer.await??))
}

fn assess(tx: &mut Tx<'_>, question: Question) -> Result<Vec<Assessed>, Refusal> {
    match (
        question.proposal,
        question.case,
        question.action,
        question.target,
    ) {
        (Some(id), None, None, None) => {
            let record = tx.state.proposals.get(&id);
            let record = record.ok_or_else(|| Refusal::not_found("proposal", id.as_str()))?;
            let ids = tx.state.unit_of(record);
            let unit = tx.unit(&ids);
            let gone = || Refusal::conflict("CS-approval-02", "the target can no longer be named");
            Ok(unit.ok_or_else(gone)?.assessed)
        }
        (None, Some(case), Some(action), Some(target)) => {
            if !tx.state.cases.contains_key(&case) {
                return Err(Refusal::not_found("case", case.as_str()));
            }
            let principal = hypothetical(tx.state.tenant.clone());
            let proposal = wish(action, target, question.arguments);
            let one = tx.assess(&case, &principal, &proposal, None);
            Ok(vec![one.map_err(|it| {
                Refusal::invalid("CS-run-07", it.to_string())
            })?])
        }
        _ => Err(Refusal::invalid(
            "CS-api-02",
            "give either proposal, or case with action and target",
        )),
    }
}

fn wish(action: Verb, target: Target, arguments: Vec<Attribute>) -> Proposal {
    Proposal {
        key: Key::from("hypothetical"),
        bundle: None,
        action,
        target,
        arguments,
        rationale: String::new(),
        evidence: Vec::new(),
        lease_s: None,
    }
}

/// Who asks in a question that nobody asked: an active playbook of nobody's.
fn hypothetical(tenant: crate::model::TenantId) -> Principal {
    Principal::Playbook {
        tenant,
        plugin: PluginId::from("countersign.hypothetical"),
        version: "0.0.0".to_owned(),
        stage: Stage::Active,
    }
}
