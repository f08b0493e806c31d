//! How a tenant wants things done: made from its files and enrolled plugins, replaced as a whole.

use crate::approval::Patience;
use crate::config::PageStep;
use crate::execute::{Class, Far, Limits};
use crate::guard::Guards;
use crate::model::{
    Asset, AssetKind, GroupId, Millis, Mode, PersonId, PluginId, PluginRef, SourceId, Target,
    TargetKind, TenantId, TimeOfDay, Verb,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// One action that a connector instance performs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Performs {
    /// The action.
    pub action: Verb,
    /// On what.
    pub targets: BTreeSet<TargetKind>,
    /// What the far side offers when the outcome is unknown.
    pub class: Class,
    /// How long the effect may take to show.
    pub effect_delay_ms: u64,
    /// Class A: how long the key is remembered.
    pub key_ttl_ms: Option<u64>,
}

/// A configured connector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// Its name in `connectors.toml`.
    pub name: String,
    /// The plugin version that serves it.
    pub plugin: PluginRef,
    /// Products whose assets it acts on.
    pub manages: BTreeSet<String>,
    /// What it performs, already restricted by its configuration.
    pub performs: Vec<Performs>,
}

/// When the site of an asset works.
pub trait Calendar: Send + Sync {
    /// The tenant's mode where no group says: a signature for `enforce` ends.
    fn mode(&self, at: Millis) -> Mode;
    /// The hour in a zone (`None`: the tenant's), for assets in these groups.
    fn time_of_day(&self, at: Millis, zone: Option<&str>, groups: &BTreeSet<GroupId>) -> TimeOfDay;
}

/// A tenant's behaviour.
#[derive(Clone)]
pub struct Book {
    /// Whose.
    pub tenant: TenantId,
    /// The baseline and the tenant's forbids.
    pub guards: Arc<Guards>,
    /// Owner of what has none.
    pub default_owner: Option<PersonId>,
    /// The tenant accepted reversible actions on unreviewed workstations until then.
    pub unreviewed_accepted_until: Option<Millis>,
    /// How long questions wait.
    pub patience: Patience,
    /// After how long without confirmation an asset is stale.
    pub stale_after_ms: u64,
    /// Devices of one cause in an hour; above it people are asked.
    pub surge_devices: i64,
    /// Share of the group that counts as well.
    pub surge_percent: i64,
    /// Configured sources: name to plugin; `None` is read natively.
    pub sources: BTreeMap<SourceId, Option<PluginRef>>,
    /// Configured playbooks.
    pub playbooks: BTreeSet<PluginId>,
    /// Configured connectors.
    pub connectors: Vec<Instance>,
    /// Channels for pages.
    pub channels: Vec<Channel>,
    /// Who is told when, in order of the share of time that is over.
    pub page_steps: Vec<PageStep>,
    /// How often a page is repeated until somebody acts, in seconds.
    pub page_repeat_s: u64,
    /// How patient orders are.
    pub limits: Limits,
    /// Working hours, change windows, freezes.
    pub calendar: Arc<dyn Calendar>,
    /// Unattended action stays off until a person confirms: the database was rolled back.
    pub dispatch_off: bool,
}

/// How people are reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Channel {
    /// A connector instance.
    Connector(String),
    /// Mail, by the host itself.
    Mail,
}

/// Where an order would go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route<'a> {
    /// One connector.
    To(&'a Instance, &'a Performs),
    /// None, or more than one: people decide.
    Unclear(String),
}

impl Book {
    /// The connector for an action. What stands on an asset is routed by who manages the asset,
    /// the rest by the action alone.
    pub fn route(
        &self,
        action: Verb,
        target: &Target,
        assets: &[&Asset],
        product: &str,
    ) -> Route<'_> {
        let by_asset = !matches!(
            target.kind(),
            TargetKind::Address | TargetKind::Domain | TargetKind::Account | TargetKind::Url
        ) && action.row().effect != crate::model::Effect::Informs;
        let fits = |it: &&Instance| {
            let manages = match assets.first() {
                _ if !by_asset => true,
                Some(asset) => asset
                    .managed_by
                    .iter()
                    .any(|product| it.manages.contains(product)),
                None => it.manages.contains(product),
            };
            manages && performs(it, action, target.kind()).is_some()
        };
        let mut all = self.connectors.iter().filter(fits);
        match (all.next(), all.next()) {
            (Some(one), None) => match performs(one, action, target.kind()) {
                Some(how) => Route::To(one, how),
                None => Route::Unclear(format!("no connector performs {action}")),
            },
            (None, _) => Route::Unclear(format!(
                "no connector performs {action} on {} here; a person has to do it",
                target.kind()
            )),
            (Some(one), Some(other)) => Route::Unclear(format!(
                "more than one connector performs {action} here: {} and {}; restrict one of them",
                one.name, other.name
            )),
        }
    }
    /// A connector instance by name.
    pub fn instance(&self, name: &str) -> Option<&Instance> {
        self.connectors.iter().find(|it| it.name == name)
    }
    /// What the far side of an order offers.
    pub fn far(&self, connector: &str, action: Verb, kind: TargetKind) -> Option<Far> {
        let how = performs(self.instance(connector)?, action, kind)?;
        Some(Far {
            class: how.class,
            effect_delay_ms: how.effect_delay_ms,
            key_ttl_ms: how.key_ttl_ms,
            leaves_effect: !matches!(
                action.row().effect,
                crate::model::Effect::Informs | crate::model::Effect::Inspects
            ),
        })
    }
    /// Whether reversible actions on unreviewed workstations are accepted now.
    pub fn unreviewed_accepted(&self, now: Millis, kind: AssetKind) -> bool {
        kind == AssetKind::Workstation
            && self
                .unreviewed_accepted_until
                .is_some_and(|until| now < until)
    }
}

fn performs(instance: &Instance, action: Verb, kind: TargetKind) -> Option<&Performs> {
    instance
        .performs
        .iter()
        .find(|it| it.action == action && it.targets.contains(&kind))
}
