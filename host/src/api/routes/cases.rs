//! Cases, with everything that became of them.

use super::{Id, part};
use crate::api::caller::Caller;
use crate::api::cursor::{Part, before};
use crate::api::problem::Problem;
use crate::journal::StoredEntry;
use crate::journal::entry::Entry;
use crate::journal::state::{
    CaseRecord, Due, EffectRecord, Mark, OrderRecord, OverreachRecord, PageRecord, ProposalRecord,
    State as Tenant,
};
use crate::model::{
    AssetId, CaseId, CauseId, Detection, Device, Digest, Millis, Rating, Resolution, Severity,
    SourceId,
};
use crate::pipeline::Host;
use crate::pipeline::Refusal;
use axum::Json;
use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// LIMIT: entries of one case that are shown; the journal has the rest.
const TIMELINE_MAX: usize = 2000;

/// What a list may be narrowed by.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// Only in this state: `evaluating`, `acting`, `waiting` or `ended`.
    state: Option<String>,
    /// Only of this cause.
    cause: Option<String>,
    /// At most so many.
    limit: Option<u32>,
    /// The `next` of the part before.
    cursor: Option<String>,
}

/// A case in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseBrief {
    id: CaseId,
    /// `evaluating`, `acting`, `waiting` or `ended`.
    state: &'static str,
    /// Text from outside: shown inert.
    title: String,
    product: String,
    rating: Rating,
    severity: Severity,
    device: Option<Device>,
    resolution: Resolution,
    cause: CauseId,
    opened: Millis,
    updated: Millis,
    revision: u32,
    /// What stood against what the product did.
    overreach: BTreeSet<String>,
    /// How many there are.
    proposals: usize,
    /// How many of them something is still to come of.
    open: usize,
    marks: Vec<Mark>,
}

part! {
    /// Cases, newest first.
    Cases { cases: CaseBrief }
}

/// Cases, newest first
#[utoipa::path(get, path = "/cases", params(Filter), security(("person" = ["viewer", "analyst", "lead", "owner", "operator"]), ("machine" = [])), responses((status = 200, description = "A part of them", body = Cases)))]
pub async fn list(caller: Caller, Query(filter): Query<Filter>) -> Result<Json<Cases>, Problem> {
    let (state, cause) = (filter.state.as_deref(), filter.cause.as_deref());
    let cursor = filter.cursor.as_deref();
    let part: Part<CaseId> = Part::of(&caller, "cases", &[state, cause], filter.limit, cursor)?;
    let found = caller.desk.read(|tenant| {
        let wanted = before(&tenant.cases, part.after.as_ref()).filter(|it| {
            cause.is_none_or(|cause| it.cause.as_str() == cause)
                && state.is_none_or(|state| tenant.case_state(it) == state)
        });
        part.fill(wanted, |it| it.id.clone(), |it| brief(tenant, it))
    });
    Ok(Cases::of(found))
}

fn brief(tenant: &Tenant, case: &CaseRecord) -> CaseBrief {
    let proposals = tenant.proposals_of(case);
    CaseBrief {
        id: case.id.clone(),
        state: tenant.case_state(case),
        title: case.detection.title.clone(),
        product: case.detection.product.clone(),
        rating: case.detection.rating,
        severity: case.detection.severity,
        device: case.device.clone(),
        resolution: case.resolution,
        cause: case.cause.clone(),
        opened: case.opened,
        updated: case.updated,
        revision: case.revision,
        overreach: case.overreach.clone(),
        proposals: case.proposals.len(),
        open: proposals.filter(|it| it.state.is_open()).count(),
        marks: case.marks.clone(),
    }
}

/// A case and what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseShown {
    id: CaseId,
    source: SourceId,
    cause: CauseId,
    device: Option<Device>,
    resolution: Resolution,
    assets: Vec<AssetId>,
    opened: Millis,
    updated: Millis,
    revision: u32,
    /// What the product says, as claimed.
    detection: Detection,
    /// Digests of the revisions seen.
    seen: BTreeSet<Digest>,
    /// Of the latest one.
    latest: Digest,
    payloads: Vec<Digest>,
    /// Evaluations made, by playbook version.
    evaluations: BTreeMap<String, u32>,
    /// Evaluations that are still to be made, by playbook version.
    due: BTreeMap<String, Due>,
    dues: u64,
    last_evaluated: Option<Millis>,
    marks: Vec<Mark>,
    /// What changed since the software was last seen here.
    changed: Vec<String>,
    /// What stood against what the product did.
    overreach: BTreeSet<String>,
    #[serde(flatten)]
    became: Became,
}

/// What became of a case.
#[derive(Debug, Serialize, ToSchema)]
pub struct Became {
    /// `evaluating`, `acting`, `waiting` or `ended`.
    state: &'static str,
    proposals: Vec<ProposalRecord>,
    orders: Vec<OrderRecord>,
    effects: Vec<EffectRecord>,
    overreaches: Vec<OverreachRecord>,
    pages: Vec<PageRecord>,
    timeline: Vec<Moment>,
}

/// One entry of a timeline.
#[derive(Debug, Serialize, ToSchema)]
pub struct Moment {
    /// Its place in the tenant's journal.
    n: u64,
    at: Millis,
    /// The kind of the entry.
    kind: String,
    /// In one line. May hold text from outside: shown inert.
    what: String,
}

/// A case, what was proposed, what became of it, and its timeline
#[utoipa::path(get, path = "/cases/{id}", security(("person" = ["viewer", "analyst", "lead", "owner", "operator"]), ("machine" = [])), responses((status = 200, description = "It", body = CaseShown)))]
pub async fn show(
    caller: Caller,
    State(host): State<Arc<Host>>,
    Id(id): Id<CaseId>,
) -> Result<Json<CaseShown>, Problem> {
    let found = caller.desk.read(|tenant| whole(tenant, &id));
    let mut found = found.ok_or_else(|| Refusal::not_found("case", id.as_str()))?;
    let (store, tenant) = (host.store().clone(), caller.desk.tenant().clone());
    let entries = tokio::task::spawn_blocking(move || {
        let reader = store.reader()?;
        reader.case_entries(&tenant, &id, 0, TIMELINE_MAX)
    });
    let entries = entries
        .await
        .map_err(|_| Refusal::unavailable("the journal could not be read"))?;
    let entries = entries.map_err(|error| Refusal::unavailable(error.to_string()))?;
    found.became.timeline = entries.into_iter().map(moment).collect();
    Ok(Json(found))
}

fn moment(entry: StoredEntry) -> Moment {
    let body = entry.body.as_deref();
    let read = body.and_then(|it| serde_json::from_slice::<Entry>(it).ok());
    Moment {
        n: entry.n,
        at: entry.at,
        kind: entry.kind,
        what: read.map_or_else(|| "erased".to_owned(), |it| it.describe()),
    }
}

fn whole(tenant: &Tenant, id: &CaseId) -> Option<CaseShown> {
    let case = tenant.cases.get(id)?;
    let orders = tenant.orders.values().filter(|it| it.case == *id);
    let effects = tenant.effects.values().filter(|it| it.claims.contains(id));
    let overreaches = tenant.overreaches.values().filter(|it| it.case == *id);
    let pages = tenant
        .pages
        .values()
        .filter(|it| it.case.as_ref() == Some(id));
    let became = Became {
        state: tenant.case_state(case),
        proposals: tenant.proposals_of(case).cloned().collect(),
        orders: orders.cloned().collect(),
        effects: effects.cloned().collect(),
        overreaches: overreaches.cloned().collect(),
        pages: pages.cloned().collect(),
        timeline: Vec::new(),
    };
    Some(shown(case.clone(), became))
}

fn shown(case: CaseRecord, became: Became) -> CaseShown {
    CaseShown {
        id: case.id,
        source: case.source,
        cause: case.cause,
        device: case.device,
        resolution: case.resolution,
        assets: case.assets,
        opened: case.opened,
        updated: case.updated,
        revision: case.revision,
        detection: case.detection,
        seen: case.seen,
        latest: case.latest,
        payloads: case.payloads,
        evaluations: case.evaluations,
        due: case.due,
        dues: case.dues,
        last_evaluated: case.last_evaluated,
        marks: case.marks,
        changed: case.changed,
        overreach: case.overreach,
        became,
    }
}
