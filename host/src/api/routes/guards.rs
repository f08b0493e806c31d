//! The guards: what they are, and why they say what they say.

use super::Body;
use crate::api::caller::Caller;
use crate::api::problem::Problem;
use crate::guard::{Asked, explain};
use crate::model::{
    Attribute, CaseId, Key, PluginId, Principal, Proposal, ProposalId, Stage, Target, Verb,
};
use crate::pipeline::Refusal;
use axum::Json;
use serde::Deserialize;
use serde_json::{Value, json};

/// `GET guards`.
pub async fn show(caller: Caller) -> Json<Value> {
    let book = caller.desk.book();
    Json(
        json!({ "digest": book.guards.digest(), "policies": book.guards.policies().collect::<Vec<_>>() }),
    )
}

/// A stored proposal, or one that nobody made.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    proposal: Option<ProposalId>,
    case: Option<CaseId>,
    action: Option<Verb>,
    target: Option<Target>,
    #[serde(default)]
    arguments: Vec<Attribute>,
}

/// `POST guards/explain`: against, what it takes, what it takes in an emergency, what needs
/// nobody, and how the impact adds up; as of now, with the facts of now.
pub async fn explain_now(
    caller: Caller,
    Body(question): Body<Question>,
) -> Result<Json<Value>, Problem> {
    let answer = caller.desk.ask(move |tx| {
        let ids;
        let assessed = match (&question.proposal, &question.case, question.action, question.target) {
            (Some(id), None, None, None) => {
                let record = tx.state.proposals.get(id).ok_or_else(|| Refusal::not_found("proposal", id.as_str()))?;
                ids = tx.state.unit_of(record);
                let unit = tx.unit(&ids).ok_or_else(|| Refusal::conflict("CS-approval-02", "the target can no longer be named"))?;
                unit.assessed
            }
            (None, Some(case), Some(action), Some(target)) => {
                let principal = hypothetical(tx.state.tenant.clone());
                let proposal = Proposal {
                    key: Key::from("hypothetical"),
                    bundle: None,
                    action,
                    target,
                    arguments: question.arguments,
                    rationale: String::new(),
                    evidence: Vec::new(),
                    lease_s: None,
                };
                if !tx.state.cases.contains_key(case) {
                    return Err(Refusal::not_found("case", case.as_str()));
                }
                let one = tx.assess(case, &principal, &proposal, None);
                vec![one.map_err(|it| Refusal::invalid("CS-run-07", it.to_string()))?]
            }
            _ => return Err(Refusal::invalid("CS-api-02", "give either proposal, or case with action and target")),
        };
        let asked: Vec<Asked> =
            assessed.iter().map(|it| Asked { request: it.request.clone(), impact: it.impact_input.clone() }).collect();
        let explanation = explain(&tx.book.guards, &asked);
        let text = explanation.to_string();
        let routes: Vec<_> = assessed.iter().map(|it| json!({ "route": it.part.route, "none": it.no_route })).collect();
        Ok(json!({ "explanation": explanation, "text": text, "facts": assessed.iter().map(|it| &it.request.facts).collect::<Vec<_>>(), "routes": routes }))
    });
    Ok(Json(answer.await??))
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
