//! How a tenant is served: everything that keeps it from being protected, in one answer.
//!
//! `/readyz` says whether work is taken. A host can take work and still protect nobody: a source
//! that has no enrolled plugin, a halt that was forgotten, pages that reach no one. This is what
//! `countersign doctor` and a monitoring system ask, and it belongs to a tenant, so it takes a
//! credential.

use crate::api::caller::Caller;
use crate::api::problem::Problem;
use crate::engine::Allocation;
use crate::inventory::Coverage;
use crate::journal::entry::{OrderState, ProposalState};
use crate::journal::state::{HaltRecord, State as Tenant};
use crate::model::{Digest, Mode, TenantId};
use crate::pipeline::{Host, Refusal};
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// How a tenant is served.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Health {
    /// Whose.
    pub tenant: TenantId,
    /// What keeps the host from taking or sending work, one sentence each.
    pub in_the_way: Vec<String>,
    /// What is configured and cannot be called, one sentence each.
    pub problems: Vec<String>,
    /// The red button, if it was ever pressed.
    pub halt: Option<HaltRecord>,
    /// Nothing is sent: the database is not the one that ran here last.
    pub dispatch_off: bool,
    /// The tenant's own mode; groups may be stricter.
    pub mode: Mode,
    /// The guards in force.
    pub guards: GuardsInForce,
    /// How plugins are run.
    pub engine: EngineInForce,
    /// Entries in the tenant's journal.
    pub journal_entries: u64,
    /// What is being worked on.
    pub work: Work,
    /// What people have not answered.
    pub pages: Pages,
    /// Where products are stricter than we are.
    pub drifts: usize,
    /// How much of the inventory is known.
    pub coverage: Coverage,
}

/// Which guards are in force.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct GuardsInForce {
    /// Of their text.
    pub digest: Digest,
    /// How many, the baseline's among them.
    pub policies: usize,
}

/// How plugins are run.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct EngineInForce {
    /// `pooling`, `on-demand` or `small`.
    pub allocation: String,
    /// Why it is not the pool.
    pub fallback: Option<String>,
}

/// What is being worked on, counted.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct Work {
    /// Cases in all.
    pub cases: usize,
    /// Cases with a mark: something could not be read or evaluated.
    pub marked: usize,
    /// Cases that are still to be evaluated.
    pub evaluating: u64,
    /// Proposals that wait for people.
    pub held: usize,
    /// Proposals and orders that only a person can take further.
    pub needs_person: usize,
    /// Orders on their way.
    pub in_flight: usize,
    /// Effects whose lease has ended, and nobody said more.
    pub leases_ended: usize,
    /// Overreaches that nobody has acknowledged.
    pub overreaches_unseen: usize,
    /// Overreaches that are not repaired.
    pub overreaches_unrepaired: usize,
}

/// Pages, counted.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = PagesCounted)]
pub struct Pages {
    /// Nobody acted on them yet.
    pub open: usize,
    /// Open ones of which at least one delivery failed.
    pub undelivered: usize,
    /// Channels that pages go through.
    pub channels: usize,
}

/// How the tenant is served: everything that keeps it from being protected
#[utoipa::path(get, path = "/health", security(("person" = ["viewer", "analyst", "lead", "owner", "operator"]), ("machine" = [])), responses((status = 200, description = "In one answer", body = Health)))]
pub async fn show(caller: Caller, State(host): State<Arc<Host>>) -> Result<Json<Health>, Problem> {
    let (book, tenant) = (caller.desk.book(), caller.desk.tenant().clone());
    let (store, whose) = (host.store().clone(), tenant.clone());
    let counted = tokio::task::spawn_blocking(move || store.reader()?.count(&whose)).await;
    let counted = counted.map_err(|_| Refusal::unavailable("the journal could not be read"))?;
    let journal_entries = counted.map_err(|it| Refusal::unavailable(it.to_string()))?;
    let engine = host.registry().engine();
    let (now, stale_after_ms) = (caller.desk.now(), book.stale_after_ms);
    let evaluating = caller.desk.open_evaluations();
    let health = caller.desk.read(|state| Health {
        tenant,
        in_the_way: host.in_the_way(),
        problems: host.problems(caller.desk.tenant()),
        halt: state.halt.clone(),
        dispatch_off: book.dispatch_off,
        mode: book.calendar.mode(now),
        guards: GuardsInForce {
            digest: book.guards.digest().clone(),
            policies: book.guards.policies().count(),
        },
        engine: EngineInForce {
            allocation: word(engine.allocation()).to_owned(),
            fallback: engine.fallback().map(str::to_owned),
        },
        journal_entries,
        work: work(state, evaluating),
        pages: pages(state, book.channels.len()),
        drifts: state.drifts.len(),
        coverage: state.inventory.coverage(now, stale_after_ms),
    });
    Ok(Json(health))
}

fn word(allocation: Allocation) -> &'static str {
    match allocation {
        Allocation::Pooling => "pooling",
        Allocation::OnDemand => "on-demand",
        Allocation::Small => "small",
    }
}

fn work(state: &Tenant, evaluating: u64) -> Work {
    let proposals = |wanted: ProposalState| {
        let found = state.proposals.values();
        found.filter(|it| it.state == wanted).count()
    };
    let orders = || state.orders.values();
    let unrepaired = || {
        state
            .overreaches
            .values()
            .filter(|it| it.repaired.is_none())
    };
    let asked =
        |it: &&crate::journal::state::EffectRecord| it.ended.is_none() && it.lease_asked.is_some();
    Work {
        cases: state.cases.len(),
        marked: state
            .cases
            .values()
            .filter(|it| !it.marks.is_empty())
            .count(),
        evaluating,
        held: proposals(ProposalState::Held),
        needs_person: proposals(ProposalState::NeedsPerson)
            + orders()
                .filter(|it| it.state == OrderState::NeedsPerson)
                .count(),
        in_flight: orders().filter(|it| !it.state.is_final()).count(),
        leases_ended: state.effects.values().filter(asked).count(),
        overreaches_unseen: unrepaired().filter(|it| it.acknowledged.is_none()).count(),
        overreaches_unrepaired: unrepaired().count(),
    }
}

fn pages(state: &Tenant, channels: usize) -> Pages {
    let open = || state.pages.values().filter(|it| it.closed.is_none());
    Pages {
        open: open().count(),
        undelivered: open().filter(|it| it.undelivered > 0).count(),
        channels,
    }
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
mod tests {
    use super::*;
    use crate::api::router;
    use crate::config::{Config, Surroundings};
    use crate::model::SystemClock;
    use axum::Router;
    use axum::body::Body;
    use axum::http::Request;
    use http_body_util::BodyExt as _;
    use serde_json::{Value, json};
    use tower::ServiceExt as _;

    async fn ask(
        router: &Router,
        method: &str,
        path: &str,
        token: &str,
        body: &Value,
    ) -> (u16, Value) {
        let request = Request::builder().method(method).uri(path);
        let request = request.header("authorization", format!("Bearer {token}"));
        let request = request.body(Body::from(body.to_string())).unwrap();
        let (head, body) = router.clone().oneshot(request).await.unwrap().into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        (
            head.status.as_u16(),
            serde_json::from_slice(&bytes).unwrap_or_default(),
        )
    }

    /// A host with one tenant that has a source and a playbook in its files, and nothing enrolled.
    fn start(dir: &std::path::Path) -> Arc<Host> {
        let tenant = dir.join("tenants/acme");
        std::fs::create_dir_all(&tenant).unwrap();
        std::fs::write(dir.join("countersign.toml"), "").unwrap();
        let text = "name = \"Acme\"\nzone = \"UTC\"\ndefault_owner = \"owner@acme.example\"\n";
        std::fs::write(tenant.join("tenant.toml"), text).unwrap();
        let text = "[[playbook]]\nplugin = \"countersign.contain-malware\"\n";
        std::fs::write(tenant.join("playbooks.toml"), text).unwrap();
        let config = Config::load(dir, &Surroundings::default()).unwrap();
        let reactor = tokio::runtime::Handle::current();
        Host::start(config, Arc::new(SystemClock), reactor).unwrap()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_keeps_a_tenant_from_being_protected_is_in_one_answer() {
        let dir = tempfile::tempdir().unwrap();
        let host = start(dir.path());
        let code = Digest::of(b"CODE");
        host.first_person(&"acme".into(), code)
            .await
            .unwrap()
            .unwrap();
        let router = router(&host);
        let (_, signed_in) =
            ask(&router, "POST", "/v1/login", "", &json!({ "code": "CODE" })).await;
        let token = signed_in["token"].as_str().unwrap();
        let path = "/v1/tenants/acme/health";
        assert_eq!(
            ask(&router, "GET", path, "nobody", &Value::Null).await.0,
            401
        );
        let (status, answer) = ask(&router, "GET", path, token, &Value::Null).await;
        assert_eq!(status, 200, "{answer}");
        let health: Health = serde_json::from_value(answer).unwrap();
        assert_eq!(health.problems.len(), 1, "{:?}", health.problems);
        assert_eq!((health.pages.channels, health.halt), (0, None));
        assert!(health.guards.policies > 20 && health.journal_entries > 0);
        let halt = json!({ "on": true, "reason": "looking" });
        let (status, _) = ask(&router, "POST", "/v1/tenants/acme/halt", token, &halt).await;
        assert_eq!(status, 200);
        let (_, answer) = ask(&router, "GET", path, token, &Value::Null).await;
        assert_eq!(answer["halt"]["reason"], "looking");
    }
}
