//! Ids in a tenant's guards that name nothing.
//!
//! Cedar knows types, not the inventory: a guard on `AssetGroup::"acme/erp-server"` loads, and
//! protects nothing if the group is called `erp-servers`. The inventory changes while guards do
//! not, so this is a warning that is asked for again, not an error of the load.

use super::deep;
use super::error::{GuardError, GuardFile};
use super::load::{self, Author};
use super::naming::{Asked, owned, publisher, uid, within};
use super::schema::Rules;
use super::set::Guards;
use crate::model::{GroupId, GroupKind, PersonId, PluginId, TenantId};
use cedar_policy::EntityUid;
use std::collections::{BTreeSet, HashSet};

/// What a tenant has, by the names that guards use.
#[derive(Clone, Debug)]
pub struct KnownIds {
    tenant: TenantId,
    ids: HashSet<EntityUid>,
}

impl KnownIds {
    /// Nothing yet but the tenant itself.
    pub fn new(tenant: &TenantId) -> Self {
        let mut known = Self {
            tenant: tenant.clone(),
            ids: HashSet::new(),
        };
        known.add(uid("Tenant", tenant.as_str()));
        known.add(uid("Host", tenant.as_str()));
        known
    }

    fn add(&mut self, id: Asked<EntityUid>) {
        // the types are written here, so they are well formed
        self.ids.extend(id);
    }

    /// A group, business process, network or account group.
    pub fn group(&mut self, kind: GroupKind, id: &GroupId) {
        let kind = match kind {
            GroupKind::AssetGroup => "AssetGroup",
            GroupKind::BusinessProcess => "BusinessProcess",
            GroupKind::AccountGroup => "AccountGroup",
            GroupKind::Network => "Network",
        };
        self.add(owned(kind, &self.tenant.clone(), id.as_str()));
    }

    /// A person.
    pub fn person(&mut self, id: &PersonId) {
        self.add(owned("Person", &self.tenant.clone(), id.as_str()));
    }

    /// An enrolled plugin, and with it its publisher.
    pub fn plugin(&mut self, id: &PluginId) {
        self.add(uid("Plugin", id.as_str()));
        self.add(uid("Publisher", publisher(id.as_str())));
    }

    /// A product (`vendor/product`), and with it its publisher.
    pub fn product(&mut self, product: &str) {
        self.add(owned("Product", &self.tenant.clone(), product));
        self.add(uid("Publisher", publisher(product)));
    }

    /// An asset, by the id that targets on it carry as `Ancestor::Device`.
    pub fn device(&mut self, id: &str) {
        self.add(owned("Device", &self.tenant.clone(), id));
    }

    /// A lineage of software, by the id that targets carry as `Ancestor::Software`.
    pub fn software(&mut self, id: &str) {
        self.add(owned("Software", &self.tenant.clone(), id));
    }
}

/// What the inventory can vouch for; other targets come and go.
const LISTED: [&str; 11] = [
    "Tenant",
    "Host",
    "AssetGroup",
    "BusinessProcess",
    "AccountGroup",
    "Network",
    "Person",
    "Plugin",
    "Publisher",
    "Product",
    "Device",
];

/// Without a tenant in front of the id.
const SHARED: [&str; 4] = ["Tenant", "Host", "Plugin", "Publisher"];

impl Guards {
    /// Warnings about a tenant's own guards: ids of another tenant (`CS-guard-14`), ids that
    /// name nothing known (`CS-guard-13`), arithmetic that could overflow (`CS-guard-15`).
    ///
    /// # Errors
    /// What `load` says of the same files.
    pub fn lint(
        tenant: &[GuardFile],
        known: &KnownIds,
    ) -> Result<Vec<GuardError>, Vec<GuardError>> {
        let written = deep::stack(|| {
            let rules = Rules::embedded().map_err(|e| vec![e])?;
            load::read(&rules, tenant, Author::Tenant, &[])
        })?;
        let mut warnings = vec![];
        for it in &written {
            for id in it
                .policy
                .entity_literals()
                .into_iter()
                .collect::<BTreeSet<_>>()
            {
                let span = it.span_of(&id.to_string());
                warnings.extend(wrong(&id, known).map(|(code, why, help)| {
                    GuardError::at(code, &it.file, span, why)
                        .help(help)
                        .warning()
                }));
            }
            if let Some(span) = it.arithmetic() {
                let why =
                    "arithmetic: a sum that overflows is an evaluation error, and so a refusal";
                warnings.push(GuardError::at("CS-guard-15", &it.file, span, why).warning());
            }
        }
        Ok(warnings)
    }
}

fn wrong(id: &EntityUid, known: &KnownIds) -> Option<(&'static str, String, String)> {
    let kind = id.type_name().to_string();
    if known.ids.contains(id) || super::schema::is_vocabulary(&kind) || kind == "Action" {
        return None;
    }
    let shared = SHARED.contains(&kind.as_str());
    if !shared && within(&known.tenant, id.id().unescaped()).is_none() {
        let why = format!("{id} is not of tenant {}", known.tenant);
        let help = format!("ids of the tenant begin with \"{}/\"", known.tenant);
        return Some(("CS-guard-14", why, help));
    }
    let listed = LISTED.contains(&kind.as_str());
    listed.then(|| {
        let why = format!("{id} names nothing that the tenant has");
        (
            "CS-guard-13",
            why,
            "the guard is silent until it does: is it misspelt?".to_owned(),
        )
    })
}
