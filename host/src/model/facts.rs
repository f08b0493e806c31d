//! What the guards may know: who asks, for what, on what, and the facts. The host computes all
//! of it; no plugin ever supplies a fact. Nothing has a default: a fact that could not be
//! computed is set, by the stage that failed to, to the value that `strictest` gives it.

use super::{
    AssetKind, GroupId, Mode, Origin, PersonId, PluginId, Protection, Rating, Resolution, Role,
    Severity, Stage, TargetKind, TenantId, Tenure, Threshold, Verb,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Principal {
    /// One enrolled version of a playbook.
    Playbook {
        /// Whose.
        tenant: TenantId,
        /// Which.
        plugin: PluginId,
        /// Its version.
        version: String,
        /// How far it is rolled out.
        stage: Stage,
    },
    /// A product that has acted already.
    Product {
        /// Whose.
        tenant: TenantId,
        /// `vendor/product`.
        product: String,
    },
    /// A person, by hand.
    Person {
        /// Whose.
        tenant: TenantId,
        /// Who.
        person: PersonId,
    },
    /// The host itself (lease ends).
    Host {
        /// Whose.
        tenant: TenantId,
    },
}

impl Principal {
    /// Whose principal it is.
    pub fn tenant(&self) -> &TenantId {
        match self {
            Self::Playbook { tenant, .. }
            | Self::Product { tenant, .. }
            | Self::Person { tenant, .. }
            | Self::Host { tenant } => tenant,
        }
    }
    /// One line for people.
    pub fn label(&self) -> String {
        match self {
            Self::Playbook {
                plugin, version, ..
            } => format!("{plugin}@{version}"),
            Self::Product { product, .. } => product.clone(),
            Self::Person { person, .. } => person.0.clone(),
            Self::Host { .. } => "countersign".to_owned(),
        }
    }
}

/// What a target belongs to, closed: groups of groups are in the list too.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Ancestor {
    /// A group of assets.
    AssetGroup(GroupId),
    /// A business process.
    BusinessProcess(GroupId),
    /// A group of accounts.
    AccountGroup(GroupId),
    /// A network.
    Network(GroupId),
    /// The device it stands on.
    Device(String),
    /// The software it is an instance of.
    Software(String),
    /// A protection edge, reached from any of the others.
    Protection(Protection),
}

/// The resolved target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Resource {
    /// Its Cedar type.
    pub kind: TargetKind,
    /// The canonical target.
    pub id: String,
    /// Whose it is.
    pub tenant: TenantId,
    /// All it belongs to.
    pub ancestors: BTreeSet<Ancestor>,
    /// Accounts: whether it is privileged.
    pub privileged: bool,
    /// Addresses and domains: whether it is our own.
    pub internal: bool,
}

impl Resource {
    /// The protection edges among its ancestors.
    pub fn protections(&self) -> BTreeSet<Protection> {
        let edges = self.ancestors.iter().filter_map(|it| match it {
            Ancestor::Protection(protection) => Some(*protection),
            _ => None,
        });
        edges.collect()
    }
}

/// History of the software lineage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct History {
    /// On this very asset.
    pub tenure: Tenure,
    /// In the fleet.
    pub fleet_tenure: Tenure,
    /// Established, and newly called malicious.
    pub rating_flip: bool,
    /// A person denied, released or undid it before.
    pub released: bool,
}

/// The same cause elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Surge {
    /// Distinct devices attempted in the window, this one included.
    pub cause_devices: i64,
    /// Of the target's group, 0 to 100.
    pub group_share_percent: i64,
    /// Above this it is held.
    pub limit: i64,
    /// Unattended actions of this version in the last hour.
    pub canary_actions: i64,
    /// How many it may.
    pub canary_budget: i64,
}

/// The hour at the asset's site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TimeOfDay {
    /// Within working hours.
    pub working_hours: bool,
    /// Within a change window.
    pub change_window: bool,
    /// During a freeze.
    pub freeze: bool,
}

/// For what gives back; for all else unknown, false, false.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Restore {
    /// Who caused the effect.
    pub origin: Origin,
    /// The only effect of its cause in force.
    pub single: bool,
    /// The owner agreed beforehand that it ends by itself.
    pub owner_agreed: bool,
}

/// Everything a guard may read but the approvals. Names are those of the Cedar schema.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Facts {
    /// Claimed by the product.
    pub rating: Rating,
    /// Claimed by the product.
    pub severity: Severity,
    /// Claimed by the product.
    pub signed: bool,
    /// Younger than an hour.
    pub fresh: bool,
    /// 0 to 100.
    pub impact: i64,
    /// Of the target's groups, the lowest of each number.
    pub threshold: Threshold,
    /// Of the target's groups, the most restrictive.
    pub mode: Mode,
    /// The owner signed beforehand.
    pub consent: bool,
    /// How exactly the target is known.
    pub resolution: Resolution,
    /// What it stands on.
    pub asset_kind: AssetKind,
    /// Somebody said what it is.
    pub reviewed: bool,
    /// The tenant accepted reversible actions on unreviewed workstations.
    pub unreviewed_accepted: bool,
    /// By the canonical target.
    pub assets_covered: i64,
    /// Of the software.
    pub history: History,
    /// Of the cause.
    pub surge: Surge,
    /// At the site.
    pub time: TimeOfDay,
    /// Of the effect that is given back.
    pub restore: Restore,
}

/// One line of the impact breakdown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ImpactLine {
    /// What costs.
    pub what: String,
    /// How many points.
    pub points: i64,
}

/// What acting may cost the business: a sum that adds up in public, at most 100.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Impact {
    /// 0 to 100.
    pub total: i64,
    /// Its lines, none of them 0.
    pub lines: Vec<ImpactLine>,
}

/// The people who approved, or would have to. Never the proposer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Approvals {
    /// Distinct people.
    pub count: i64,
    /// Roles they hold on this target.
    pub roles: BTreeSet<Role>,
    /// Named people.
    pub people: BTreeSet<PersonId>,
    /// A lead among them broke the glass.
    pub emergency: bool,
}

impl std::fmt::Display for Approvals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.count {
            1 => write!(f, "one person")?,
            2 => write!(f, "two people")?,
            n => write!(f, "{n} people")?,
        }
        let roles: Vec<String> = self
            .roles
            .iter()
            .map(|role| match role {
                Role::Owner => "the owner".to_owned(),
                other => format!("a {other}").replace("a analyst", "an analyst"),
            })
            .collect();
        let named = self.people.iter().map(|person| person.0.clone());
        let all: Vec<String> = roles.into_iter().chain(named).collect();
        if !all.is_empty() {
            write!(f, ", {} among them", all.join(" and "))?;
        }
        Ok(())
    }
}

/// One question to the guards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Request {
    /// Who asks.
    pub principal: Principal,
    /// For what.
    pub action: Verb,
    /// On what.
    pub resource: Resource,
    /// Knowing what.
    pub facts: Facts,
}

/// What the guards say of a request, or of a bundle decided at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Finding {
    /// Permitted with nobody approving.
    Execute,
    /// Permitted once these people approve, and a least set of them: with fewer it is not.
    Hold(Approvals),
    /// Permitted with nobody on earth, or not evaluated without an error.
    Refuse,
}

impl Finding {
    /// Its word.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Execute => "execute",
            Self::Hold(_) => "hold",
            Self::Refuse => "refuse",
        }
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Execute => f.write_str("execute"),
            Self::Hold(people) => write!(f, "hold for {people}"),
            Self::Refuse => f.write_str("refuse"),
        }
    }
}

/// One guard that spoke, in its own words.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
pub struct Reason {
    /// The guard's `@id`.
    pub id: String,
    /// Its `@reason`.
    pub reason: String,
    /// Its `@advice`: what to do. Grants have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
    /// Its `@overreach`: what it protects, if a product's action against it is an overreach.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overreach: Option<String>,
    /// Whether no approval can open it.
    #[serde(default)]
    pub floor: bool,
}
