//! The host: store, engine, workers and one desk a tenant, put together once at start.
//!
//! Starting settles everything that would otherwise be found out in the middle of an incident:
//! files, guards and their scenarios, the store and its chain, every enrolled plugin. Then each
//! tenant goes on where it was.

use super::book::Book;
use super::calendar::SiteCalendar;
use super::desk::Desk;
use super::events::Events;
use super::receive::Received;
use super::refusal::Refusal;
use super::runtime::{Runtimes, Served, assemble};
use super::told::Told;
use super::workers::Workers;
use crate::approval::Patience;
use crate::config::{Config, TenantConfig};
use crate::engine::Engine;
use crate::execute;
use crate::guard::{GuardError, GuardFile, Guards};
use crate::journal::entry::ProposalState;
use crate::journal::state::{KINDS, State};
use crate::journal::{Commit, DocScope, Options, Reader, Store};
use crate::model::{Clock, Digest, Millis, Person, PersonId, Role, TenantId};
use crate::plugin::{LoadError, Loaded, Registry};
use crate::telemetry::{IntakeResult, Metrics};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Why the host does not start. Every part says what to do.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct StartError(pub String);

/// A running host.
pub struct Host {
    config: Arc<Config>,
    store: Store,
    registry: Arc<Registry>,
    runtimes: Runtimes,
    workers: Workers,
    desks: BTreeMap<TenantId, Desk>,
    guards: BTreeMap<TenantId, Arc<Guards>>,
    clock: Arc<dyn Clock>,
    metrics: Arc<Metrics>,
    events: Events,
    /// Tenants that send nothing until one of their leads confirms the database.
    dispatch_off: Mutex<BTreeSet<TenantId>>,
}

impl Host {
    /// Starts everything but the listener. `reactor` is where connectors are called.
    ///
    /// # Errors
    /// The store, the engine, a guard set or a document cannot be used; the text says which.
    pub fn start(
        config: Config,
        clock: Arc<dyn Clock>,
        reactor: tokio::runtime::Handle,
    ) -> Result<Arc<Self>, StartError> {
        let config = Arc::new(config);
        let metrics = Arc::new(Metrics::new());
        let guards = load_guards(&config)?;
        let store = open_store(&config, &metrics)?;
        let registry = Arc::new(start_registry(&config)?);
        let runtimes = Runtimes::default();
        let threads = config.host.evaluator_threads.get();
        let workers = Workers::start(threads, &store, runtimes.clone(), reactor).map_err(start)?;
        let events = Events::default();
        let held_back = config
            .tenants
            .keys()
            .filter(|_| store.rolled_back().is_some());
        let dispatch_off = held_back.cloned().collect();
        let mut host = Self {
            config: config.clone(),
            store,
            registry,
            runtimes,
            workers,
            desks: BTreeMap::new(),
            guards,
            clock,
            metrics,
            events,
            dispatch_off: Mutex::new(dispatch_off),
        };
        let reader = host.store.reader().map_err(start)?;
        for tenant in config.tenants.values() {
            let desk = host.start_tenant(tenant, &reader)?;
            host.desks.insert(tenant.id.clone(), desk);
        }
        let host = Arc::new(host);
        for desk in host.desks.values() {
            super::resume::resume_payloads(desk, &reader);
            desk.resume();
        }
        Ok(host)
    }

    fn start_tenant(&self, tenant: &TenantConfig, reader: &Reader) -> Result<Desk, StartError> {
        let state = load_state(tenant, reader, self.clock.now())?;
        self.load_enrolled(&state, reader);
        let (runtime, served) = assemble(tenant, &state, &self.registry);
        for problem in &runtime.problems {
            tracing::warn!(tenant = %tenant.id, "{problem}");
        }
        let book = self.book(tenant, served)?;
        self.runtimes.replace(tenant.id.clone(), runtime);
        let workers = self.workers.clone();
        let told = Told {
            events: self.events.clone(),
            metrics: self.metrics.clone(),
        };
        let outbox = Arc::new(move |desk: &Desk, command| workers.take(desk, command));
        Desk::start(
            state,
            book,
            self.store.clone(),
            self.clock.clone(),
            outbox,
            told,
        )
        .map_err(start)
    }

    /// Loads what is enrolled, from the bytes that were pinned. One that no longer loads is told
    /// and left out; its cases are marked when they ask for it.
    fn load_enrolled(&self, state: &State, reader: &Reader) {
        for record in state.plugins.values() {
            let bytes = reader
                .payload(&state.tenant, &record.plugin.digest)
                .ok()
                .flatten();
            let Some(bytes) = bytes.filter(|bytes| Digest::of(bytes) == record.plugin.digest)
            else {
                tracing::error!(tenant = %state.tenant, plugin = %record.plugin, "the enrolled bytes are missing or changed; enrol it again");
                continue;
            };
            if let Err(errors) = self.registry.load(&bytes) {
                for error in errors {
                    tracing::error!(tenant = %state.tenant, plugin = %record.plugin, "{error}");
                }
            }
        }
    }

    fn book(&self, tenant: &TenantConfig, served: Served) -> Result<Book, StartError> {
        let guards = self
            .guards
            .get(&tenant.id)
            .cloned()
            .ok_or_else(|| StartError(format!("no guards for {}", tenant.id)))?;
        let ms =
            |duration: std::time::Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        let owner = tenant.default_owner.clone();
        Ok(Book {
            tenant: tenant.id.clone(),
            guards,
            default_owner: Some(owner.clone()),
            unreviewed_accepted_until: tenant.unreviewed_workstations.as_ref().map(|it| it.until),
            patience: Patience {
                take_away_ms: ms(tenant.approval.expiry),
                process_ms: ms(tenant.approval.process_expiry),
            },
            stale_after_ms: ms(tenant.stale_after),
            surge_devices: i64::from(tenant.surge.devices),
            surge_percent: i64::from(tenant.surge.percent),
            sources: served.sources,
            playbooks: tenant
                .playbooks
                .iter()
                .map(|it| it.plugin.value.clone())
                .collect(),
            connectors: served.connectors,
            channels: tenant
                .page_channels
                .iter()
                .map(|it| (it.0.clone(), owner.0.clone()))
                .collect(),
            page_repeat_s: self.config.host.page_repeat.as_secs(),
            limits: execute::Limits::DEFAULT,
            calendar: Arc::new(SiteCalendar(Arc::new(tenant.clone()))),
            dispatch_off: self.held_back().contains(&tenant.id),
        })
    }

    /// Puts a tenant together again after a version was enrolled.
    ///
    /// # Errors
    /// There is no such tenant.
    pub fn rebuild(&self, tenant: &TenantId) -> Result<Vec<String>, Refusal> {
        let (Some(config), Some(desk)) = (self.config.tenants.get(tenant), self.desks.get(tenant))
        else {
            return Err(Refusal::not_found("tenant", tenant.as_str()));
        };
        let (runtime, served) = desk.read(|state| assemble(config, state, &self.registry));
        let problems = runtime.problems.clone();
        let book = self
            .book(config, served)
            .map_err(|it| Refusal::unavailable(it.to_string()))?;
        self.runtimes.replace(tenant.clone(), runtime);
        desk.replace_book(book);
        desk.tell(|tx| tx.serve_unserved());
        Ok(problems)
    }

    fn held_back(&self) -> MutexGuard<'_, BTreeSet<TenantId>> {
        self.dispatch_off
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets one tenant of a restored database act again, after one of its leads said so. Until all
    /// have, a restart asks all of them again.
    ///
    /// # Errors
    /// The mark beside the store cannot be written, or there is no such tenant.
    pub fn confirm_dispatch(&self, tenant: &TenantId) -> Result<(), Refusal> {
        let last = {
            let mut held_back = self.held_back();
            held_back.remove(tenant);
            held_back.is_empty()
        };
        if last {
            self.store
                .confirm_rolled_back()
                .map_err(|it| Refusal::unavailable(it.to_string()))?;
        }
        self.rebuild(tenant).map(drop)
    }

    /// Whether a tenant can take another alert now.
    ///
    /// # Errors
    /// Too many of its cases are open: the sender should wait and send again.
    pub fn admit(&self, desk: &Desk) -> Result<(), Refusal> {
        let open = desk.open_evaluations();
        if open >= self.config.host.intake.open_cases_max {
            let text = format!(
                "{open} alerts are still to be evaluated (limit: intake.open_cases_max); send this again later"
            );
            return Err(Refusal {
                code: "CS-api-10",
                ..Refusal::unavailable(text)
            });
        }
        Ok(())
    }

    /// The first person of a tenant that has none: the default owner, as operator and lead. Answers
    /// whether the code's digest was taken.
    pub async fn first_person(
        &self,
        tenant: &TenantId,
        code: Digest,
    ) -> Result<Option<PersonId>, Refusal> {
        let (Some(config), Some(desk)) = (self.config.tenants.get(tenant), self.desks.get(tenant))
        else {
            return Ok(None);
        };
        let owner = config.default_owner.clone();
        let roles = BTreeSet::from([Role::Lead, Role::Owner]);
        desk.ask(move |tx| {
            let signed_in = tx.state.credentials.values().any(|it| it.person == owner);
            if !tx.state.people.is_empty() && (signed_in || tx.state.people.len() > 1) {
                return Ok(None);
            }
            let person = Person {
                id: owner.clone(),
                name: owner.0.clone(),
                roles,
                operator: true,
                contact: None,
            };
            tx.add_person(person, code, &super::By::Host)
                .map(|_| Some(owner))
        })
        .await?
    }

    /// Loads a component under all load rules. Blocks while it compiles.
    ///
    /// # Errors
    /// All findings of the first step of the load rules that has any.
    pub fn load_plugin(&self, bytes: &[u8]) -> Result<Arc<Loaded>, Vec<LoadError>> {
        self.registry.load(bytes)
    }
    /// A tenant's desk.
    pub fn desk(&self, tenant: &TenantId) -> Option<Desk> {
        self.desks.get(tenant).cloned()
    }
    /// Every desk.
    pub fn desks(&self) -> impl Iterator<Item = &Desk> {
        self.desks.values()
    }
    /// The files.
    pub fn config(&self) -> &Config {
        &self.config
    }
    /// The store.
    pub fn store(&self) -> &Store {
        &self.store
    }
    /// The hands.
    pub fn workers(&self) -> &Workers {
        &self.workers
    }
    /// What is configured and cannot be called.
    pub fn problems(&self, tenant: &TenantId) -> Vec<String> {
        self.runtimes
            .of(tenant)
            .map(|it| it.problems.clone())
            .unwrap_or_default()
    }
    /// The engine and the limits in force.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }
    /// Counters.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }
    /// What keeps the host from taking work; empty when it is ready.
    pub fn in_the_way(&self) -> Vec<String> {
        let stopped = self.store.stopped().map(|it| it.to_string());
        let rolled_back = (!self.held_back().is_empty()).then(|| {
            "this is not the database that ran here last; nothing is sent until a lead confirms it (countersign confirm)".to_owned()
        });
        stopped.into_iter().chain(rolled_back).collect()
    }
    /// All metrics, with the gauges as of now.
    pub fn render_metrics(&self) -> String {
        let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        let held = |state: &State| {
            state
                .proposals
                .values()
                .filter(|it| it.state == ProposalState::Held)
                .count()
        };
        self.metrics
            .held(self.desks().map(|desk| count(desk.read(held))).sum());
        self.metrics
            .open_cases(self.desks().map(Desk::open_evaluations).sum());
        self.metrics.render()
    }
    /// What happens, as it becomes durable.
    pub fn events(&self) -> &Events {
        &self.events
    }
    /// The time.
    pub fn now(&self) -> Millis {
        self.clock.now()
    }
    /// Counts what became of a delivery.
    pub fn count_received(&self, received: &Received) {
        let times =
            |n: u32, result: IntakeResult| (0..n).for_each(|_| self.metrics.detection(result));
        times(received.accepted, IntakeResult::Accepted);
        times(received.duplicates, IntakeResult::Duplicate);
        times(
            u32::try_from(received.rejected.len()).unwrap_or(u32::MAX),
            IntakeResult::Rejected,
        );
    }
}

fn start(error: impl std::fmt::Display) -> StartError {
    StartError(error.to_string())
}

fn open_store(config: &Config, metrics: &Arc<Metrics>) -> Result<Store, StartError> {
    let dir = &config.host.data_dir;
    std::fs::create_dir_all(dir)
        .map_err(|error| StartError(format!("{}: {error}", dir.display())))?;
    let metrics = metrics.clone();
    let on_commit =
        Box::new(move |commit: Commit| metrics.committed(commit.entries, commit.seconds));
    Store::open_with(
        &dir.join("journal.db"),
        Options {
            on_commit,
            ..Options::default()
        },
    )
    .map_err(start)
}

fn start_registry(config: &Config) -> Result<Registry, StartError> {
    let limits = config.host.limits.clone();
    let engine = Engine::start(&limits.engine).map_err(start)?;
    if let Some(why) = engine.fallback() {
        tracing::warn!(
            "instances are made on demand, because the pool does not fit this machine: {why}"
        );
    }
    Registry::new(engine, limits, Some(&config.host.data_dir.join("compiled"))).map_err(start)
}

/// Every tenant's guards, with the scenarios that must hold.
fn load_guards(config: &Config) -> Result<BTreeMap<TenantId, Arc<Guards>>, StartError> {
    let each = config.tenants.values().map(|tenant| {
        let guards = tenant_guards(tenant).map_err(|errors| StartError(render(&errors)))?;
        Ok((tenant.id.clone(), Arc::new(guards)))
    });
    each.collect()
}

/// A tenant's guards, checked strictly and against the scenarios.
///
/// # Errors
/// Every misfit, with file and line.
pub fn tenant_guards(tenant: &TenantConfig) -> Result<Guards, Vec<GuardError>> {
    let file = |it: &crate::config::NamedText| GuardFile::new(it.file.path(), it.file.text());
    let guards: Vec<GuardFile> = tenant.guards.iter().map(file).collect();
    let scenarios: Vec<GuardFile> = tenant.scenarios.iter().map(file).collect();
    Guards::load_checked(&tenant.id, &guards, &scenarios).map(|(guards, _)| guards)
}

/// Every misfit, with file, line and caret.
pub fn render(errors: &[GuardError]) -> String {
    let each: Vec<String> = errors
        .iter()
        .map(|it| it.render(crate::guard::Paint::Plain))
        .collect();
    each.join("\n")
}

fn load_state(tenant: &TenantConfig, reader: &Reader, now: Millis) -> Result<State, StartError> {
    let mut documents = Vec::new();
    for kind in KINDS {
        // what is over is still what a denial, a duplicate or a timeline refers to
        let scope = if matches!(*kind, "payload" | "page") {
            DocScope::Live
        } else {
            DocScope::All
        };
        let docs = reader.docs(&tenant.id, kind, scope).map_err(start)?;
        documents.extend(docs.into_iter().map(|doc| (*kind, doc)));
    }
    let each = documents
        .iter()
        .map(|(kind, doc)| (*kind, doc.id.as_str(), doc.body.as_slice()));
    let window_ms = u64::try_from(tenant.surge.window.as_millis()).unwrap_or(u64::MAX);
    State::from_documents(tenant.id.clone(), each, (now, window_ms)).map_err(start)
}
