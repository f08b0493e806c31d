//! One request, ready to be asked about, and the one place that reads Cedar's response.
//!
//! INVARIANT: any evaluation error is a refusal, for Cedar has skipped that policy, and it may
//! have been the forbid. `said` is the only function that turns a response into an answer; it
//! looks for errors before it looks at the decision.

use super::context;
use super::naming::{self, Asked};
use super::schema::Kind;
use super::set::{Guards, Slice};
use super::store::{Check, store};
use crate::model::{Approvals, Request, TenantId};
use cedar_policy::{
    Authorizer, Context, Decision, Entities, EntityUid, PolicyId, PolicySet, Response,
};

/// What the policies said: allowed and by which grants, or not and by which forbids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) allowed: bool,
    pub(super) ids: Vec<PolicyId>,
}

/// One request with everything that does not depend on who approves.
pub(super) struct Question<'a> {
    pub(super) guards: &'a Guards,
    pub(super) request: &'a Request,
    by: EntityUid,
    action: EntityUid,
    on: EntityUid,
    facts: Context,
    store: Entities,
}

impl<'a> Question<'a> {
    pub(super) fn new(guards: &'a Guards, request: &'a Request, check: Check<'_>) -> Asked<Self> {
        let action = guards.rules.action(request.action)?;
        Ok(Self {
            guards,
            request,
            by: naming::principal(&request.principal)?,
            action: action.uid(),
            on: naming::resource(&request.resource)?,
            facts: context::facts(&request.facts)?,
            store: store(&request.principal, action, &request.resource, check)?,
        })
    }

    pub(super) fn tenant(&self) -> &'a TenantId {
        &self.request.resource.tenant
    }

    /// Asks these policies, with these people approving.
    pub(super) fn ask(&self, set: &PolicySet, with: &Approvals) -> Result<Said, Vec<String>> {
        let one = |e: String| vec![e];
        let approvals = context::approvals(with, self.tenant()).map_err(one)?;
        let context = self
            .facts
            .clone()
            .merge(approvals)
            .map_err(|e| one(e.to_string()))?;
        let ids = (self.by.clone(), self.action.clone(), self.on.clone());
        let request = cedar_policy::Request::new(ids.0, ids.1, ids.2, context, None)
            .map_err(|e| one(e.to_string()))?;
        let said = said(&Authorizer::new().is_authorized(&request, set, &self.store))?;
        // INVARIANT: said in Rust as well, so that no edit of a policy can open it
        if said.allowed && self.request.principal.tenant() != self.tenant() {
            return Err(one(format!(
                "CS-guard-20: {} was permitted to reach a target of {}",
                self.request.principal.tenant(),
                self.tenant()
            )));
        }
        Ok(said)
    }

    /// The guards that can apply to this kind of request.
    pub(super) fn slice(&self) -> Result<&'a Slice, Vec<String>> {
        let kind: Kind = (
            self.by.type_name().clone(),
            self.action.clone(),
            self.on.type_name().clone(),
        );
        self.guards.by_kind.get(&kind).ok_or_else(|| {
            vec![format!(
                "CS-guard-21: no guard speaks of {} by a {} on a {}",
                self.request.action, kind.0, kind.2
            )]
        })
    }

    /// Checks the request against the schema: for tables that people write.
    pub(super) fn check(&self) -> Asked<()> {
        let nobody = context::approvals(&Approvals::default(), self.tenant())?;
        let context = self
            .facts
            .clone()
            .merge(nobody)
            .map_err(|e| e.to_string())?;
        let ids = (self.by.clone(), self.action.clone(), self.on.clone());
        let schema = Some(&self.guards.rules.schema);
        cedar_policy::Request::new(ids.0, ids.1, ids.2, context, schema)
            .map(|_| ())
            .map_err(|e| e.to_string())
    }
}

/// Reads a response. An error of one policy is an error of the whole answer.
pub(super) fn said(response: &Response) -> Result<Said, Vec<String>> {
    let errors: Vec<String> = response
        .diagnostics()
        .errors()
        .map(|e| format!("CS-guard-20: {e}"))
        .collect();
    if !errors.is_empty() {
        return Err(errors);
    }
    let mut ids: Vec<PolicyId> = response.diagnostics().reason().cloned().collect();
    ids.sort();
    Ok(Said {
        allowed: response.decision() == Decision::Allow,
        ids,
    })
}
