//! What a tenant can call: its configured sources, playbooks and connectors, each with the plugin
//! version that serves it and the settings it is given. Made as a whole from files and enrolled
//! versions, and replaced as a whole.

use super::book::{Instance, Performs};
use crate::config::{ConnectorConfig, MailConfig, TenantConfig};
use crate::execute::Class;
use crate::journal::entry::{Answered, Call};
use crate::journal::state::State;
use crate::model::{Millis, Order, PluginId, PluginRef, SourceId, Subject, TenantId};
use crate::plugin::{
    Call as PluginCall, Connector, ConnectorClass, Egress, Evaluation, Loaded, Lookups,
    Normalization, Playbook, Registry, Secret, SettingsView, Source,
};
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

/// A playbook with its settings.
#[derive(Clone)]
pub struct PlaybookInstance {
    playbook: Playbook,
    settings: SettingsView,
}

impl PlaybookInstance {
    /// Asks it.
    pub fn evaluate(&self, subject: &Subject, lookups: Arc<dyn Lookups>) -> Evaluation {
        self.playbook.evaluate(subject, lookups, &self.settings)
    }
}

/// A source with its settings.
#[derive(Clone)]
pub struct SourceInstance {
    source: Source,
    settings: SettingsView,
}

impl SourceInstance {
    /// Reads a payload.
    pub fn normalize(&self, payload: &[u8], content_type: &str, received: Millis) -> Normalization {
        let read = self
            .source
            .normalize(payload, content_type, received, &self.settings);
        for line in &read.logs {
            tracing::debug!(source = %self.source.plugin(), "{line}");
        }
        read
    }
}

/// A connector with its settings, and the one way out that it has.
#[derive(Clone)]
pub struct ConnectorInstance {
    connector: Connector,
    settings: SettingsView,
    egress: Egress,
}

impl ConnectorInstance {
    /// Calls it.
    pub async fn call(&self, call: Call, order: &Order) -> Answered {
        let which = match call {
            Call::Execute => PluginCall::Execute,
            Call::Status => PluginCall::Status,
        };
        let called = self
            .connector
            .call(which, order, &self.settings, &self.egress)
            .await;
        for line in &called.logs {
            tracing::debug!(connector = %self.connector.plugin(), order = %order.id, "{line}");
        }
        called
            .result
            .map_or_else(Answered::Fault, Answered::Receipt)
    }
}

/// What a tenant can call.
#[derive(Default)]
pub struct Runtime {
    playbooks: BTreeMap<PluginRef, PlaybookInstance>,
    sources: BTreeMap<SourceId, SourceInstance>,
    connectors: BTreeMap<String, ConnectorInstance>,
    /// The server that mail goes through.
    pub mail: Option<MailConfig>,
    /// What is configured and cannot be called, and why: shown by `doctor`.
    pub problems: Vec<String>,
}

impl Runtime {
    /// A playbook version.
    pub fn playbook(&self, plugin: &PluginRef) -> Option<PlaybookInstance> {
        self.playbooks.get(plugin).cloned()
    }
    /// A configured source.
    pub fn source(&self, source: &SourceId) -> Option<SourceInstance> {
        self.sources.get(source).cloned()
    }
    /// A configured connector.
    pub fn connector(&self, name: &str) -> Option<ConnectorInstance> {
        self.connectors.get(name).cloned()
    }
}

/// The runtimes of all tenants.
#[derive(Clone, Default)]
pub struct Runtimes(Arc<RwLock<BTreeMap<TenantId, Arc<Runtime>>>>);

impl Runtimes {
    /// A tenant's.
    pub fn of(&self, tenant: &TenantId) -> Option<Arc<Runtime>> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(tenant)
            .cloned()
    }
    /// Replaces a tenant's as a whole; calls that run go on to their end.
    pub fn replace(&self, tenant: TenantId, runtime: Runtime) {
        self.0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(tenant, Arc::new(runtime));
    }
}

/// What of a runtime the judging step needs to know.
#[derive(Default)]
pub struct Served {
    /// Configured sources and the version that reads for each.
    pub sources: BTreeMap<SourceId, Option<PluginRef>>,
    /// Connectors with what they perform.
    pub connectors: Vec<Instance>,
}

/// Puts a tenant's files and enrolled versions together. What does not fit is a problem that is
/// shown; it does not keep the rest from serving.
pub fn assemble(config: &TenantConfig, state: &State, registry: &Registry) -> (Runtime, Served) {
    let mut all = Assembly {
        state,
        registry,
        runtime: Runtime {
            mail: config.mail.clone(),
            ..Runtime::default()
        },
        served: Served::default(),
    };
    for playbook in &config.playbooks {
        all.playbook(&playbook.plugin.value, &playbook.settings.to_json());
    }
    for source in &config.sources {
        let version = source.version.as_ref().map(|it| it.value.as_str());
        all.source(
            &source.name.value,
            &source.plugin.value,
            version,
            &source.settings.to_json(),
        );
    }
    for connector in &config.connectors {
        all.connector(connector);
    }
    (all.runtime, all.served)
}

struct Assembly<'a> {
    state: &'a State,
    registry: &'a Registry,
    runtime: Runtime,
    served: Served,
}

impl Assembly<'_> {
    fn problem(&mut self, text: String) {
        self.runtime.problems.push(text);
    }

    /// The loaded version that serves a source or connector.
    fn active(&mut self, what: &str, id: &PluginId, version: Option<&str>) -> Option<Arc<Loaded>> {
        let versions = self
            .state
            .plugins
            .values()
            .filter(|it| version.is_none_or(|version| it.plugin.version == version));
        let Some(plugin) = crate::rollout::active(versions, id) else {
            self.problem(format!(
                "{what}: no version of {id} is enrolled as active; see: countersign plugin enrol"
            ));
            return None;
        };
        let loaded = self.registry.get(&plugin);
        if loaded.is_none() {
            self.problem(format!(
                "{what}: {plugin} is enrolled and could not be loaded; see the log"
            ));
        }
        loaded
    }

    fn settings(
        &mut self,
        what: &str,
        loaded: &Loaded,
        values: &serde_json::Value,
    ) -> Option<SettingsView> {
        let empty = serde_json::Map::new();
        match loaded
            .manifest()
            .settings
            .view(values.as_object().unwrap_or(&empty))
        {
            Ok(view) => Some(view),
            Err(errors) => {
                let text: Vec<String> = errors.iter().map(ToString::to_string).collect();
                self.problem(format!("{what}: settings: {}", text.join("; ")));
                None
            }
        }
    }

    fn playbook(&mut self, id: &PluginId, values: &serde_json::Value) {
        let serving = crate::rollout::serving(self.state.plugins.values(), id);
        if serving.is_empty() {
            self.problem(format!(
                "playbook {id}: no version is enrolled; see: countersign plugin enrol"
            ));
        }
        for (plugin, _) in serving {
            let what = format!("playbook {plugin}");
            let Some(loaded) = self.registry.get(&plugin) else {
                self.problem(format!(
                    "{what} is enrolled and could not be loaded; see the log"
                ));
                continue;
            };
            let settings = self.settings(&what, &loaded, values);
            if let (Some(settings), Some(playbook)) = (settings, loaded.playbook()) {
                self.runtime.playbooks.insert(
                    plugin,
                    PlaybookInstance {
                        playbook: playbook.clone(),
                        settings,
                    },
                );
            }
        }
    }

    fn source(
        &mut self,
        name: &SourceId,
        id: &PluginId,
        version: Option<&str>,
        values: &serde_json::Value,
    ) {
        let what = format!("source {name}");
        self.served.sources.insert(name.clone(), None);
        let Some(loaded) = self.active(&what, id, version) else {
            return;
        };
        let settings = self.settings(&what, &loaded, values);
        match (settings, loaded.source()) {
            (Some(settings), Some(source)) => {
                self.served
                    .sources
                    .insert(name.clone(), Some(loaded.plugin().clone()));
                self.runtime.sources.insert(
                    name.clone(),
                    SourceInstance {
                        source: source.clone(),
                        settings,
                    },
                );
            }
            (Some(_), None) => self.problem(format!("{what}: {id} is no source")),
            (None, _) => {}
        }
    }

    fn connector(&mut self, config: &ConnectorConfig) {
        let name = config.name.value.0.clone();
        let what = format!("connector {name}");
        let version = config.version.as_ref().map(|it| it.value.as_str());
        let Some(loaded) = self.active(&what, &config.plugin.value, version) else {
            return;
        };
        let Some(connector) = loaded.connector() else {
            return self.problem(format!("{what}: {} is no connector", config.plugin.value));
        };
        let Some(settings) = self.settings(&what, &loaded, &config.settings.to_json()) else {
            return;
        };
        let Some(secrets) = self.secrets(&what, config) else {
            return;
        };
        match Egress::new(
            loaded.manifest(),
            &settings,
            secrets,
            config.allow_private.clone(),
        ) {
            Ok(egress) => {
                self.runtime.connectors.insert(
                    name.clone(),
                    ConnectorInstance {
                        connector: connector.clone(),
                        settings,
                        egress,
                    },
                );
                self.served.connectors.push(instance(name, &loaded, config));
            }
            Err(errors) => {
                let text: Vec<String> = errors.iter().map(ToString::to_string).collect();
                self.problem(format!("{what}: {}", text.join("; ")));
            }
        }
    }

    fn secrets(
        &mut self,
        what: &str,
        config: &ConnectorConfig,
    ) -> Option<BTreeMap<String, Secret>> {
        let mut secrets = BTreeMap::new();
        for (name, reference) in &config.credentials {
            match reference.value.read() {
                Ok(secret) => {
                    drop(secrets.insert(name.clone(), Secret::new(secret.expose().to_owned())))
                }
                Err(error) => {
                    self.problem(format!("{what}: credential {name}: {error}"));
                    return None;
                }
            }
        }
        Some(secrets)
    }
}

fn instance(name: String, loaded: &Loaded, config: &ConnectorConfig) -> Instance {
    let manifest = loaded.manifest();
    let performs = manifest
        .performs
        .iter()
        .filter(|it| config.routes(it.action))
        .map(|it| Performs {
            action: it.action,
            targets: it.targets.iter().copied().collect(),
            class: match it.class {
                ConnectorClass::A => Class::A,
                ConnectorClass::B => Class::B,
                ConnectorClass::C => Class::C,
                ConnectorClass::D => Class::D,
            },
            effect_delay_ms: it.effect_delay_max_s.unwrap_or(0).saturating_mul(1000),
            key_ttl_ms: it.key_ttl_s.map(|s| s.saturating_mul(1000)),
        });
    let performs = performs.collect();
    Instance {
        name,
        plugin: loaded.plugin().clone(),
        manages: manifest.manages.iter().cloned().collect(),
        performs,
    }
}
