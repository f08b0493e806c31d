//! The three entities of one decision: who asks, the target, the action.
//!
//! The inventory is never loaded into Cedar. A target's ancestors come closed with the request
//! and are written flat onto it, so a decision costs the same with 40 assets and with 100,000.

use super::naming::{self, Asked, uid};
use crate::model::{Principal, Resource, TargetKind, TenantId};
use cedar_policy::{Entities, Entity, EntityUid, RestrictedExpression as Expr, Schema};
use std::collections::{HashMap, HashSet};

/// Whether the entities are also checked against the schema: as dear as a decision, so it is
/// done where scenarios are run and not where proposals are judged.
#[derive(Clone, Copy)]
pub(super) enum Check<'a> {
    /// Trust the builder below.
    No,
    /// Check attributes and ancestors.
    Schema(&'a Schema),
}

/// The store of one decision.
///
/// INVARIANT: the action is always in it, with the groups it belongs to. Without it
/// `action in Action::"intrusive"` is false, silently, and every floor is gone.
pub(super) fn store(
    by: &Principal,
    action: &Entity,
    on: &Resource,
    check: Check<'_>,
) -> Asked<Entities> {
    let schema = match check {
        Check::No => None,
        Check::Schema(schema) => Some(schema),
    };
    let entities = [principal(by)?, resource(on)?, action.clone()];
    Entities::from_entities(entities, schema).map_err(|e| e.to_string())
}

fn entity<const N: usize>(
    uid: EntityUid,
    tenant: &TenantId,
    attributes: [(&str, Expr); N],
    ancestors: HashSet<EntityUid>,
) -> Asked<Entity> {
    let owner = Expr::new_entity_uid(naming::uid("Tenant", tenant.as_str())?);
    let mut all: HashMap<String, Expr> = HashMap::from([("tenant".to_owned(), owner)]);
    all.extend(attributes.map(|(name, value)| (name.to_owned(), value)));
    Entity::new(uid, all, ancestors).map_err(|e| e.to_string())
}

fn principal(by: &Principal) -> Asked<Entity> {
    let (name, tenant) = (naming::principal(by)?, by.tenant());
    let publisher = |id: &str| uid("Publisher", naming::publisher(id));
    match by {
        Principal::Playbook {
            plugin,
            version,
            stage,
            ..
        } => {
            let stage = Expr::new_entity_uid(uid("Stage", stage.as_str())?);
            let version = Expr::new_string(version.clone());
            let plugin = plugin.as_str();
            let up = HashSet::from([uid("Plugin", plugin)?, publisher(plugin)?]);
            entity(name, tenant, [("version", version), ("stage", stage)], up)
        }
        Principal::Product { product, .. } => {
            entity(name, tenant, [], HashSet::from([publisher(product)?]))
        }
        Principal::Person { .. } | Principal::Host { .. } => {
            entity(name, tenant, [], HashSet::new())
        }
    }
}

fn resource(on: &Resource) -> Asked<Entity> {
    let (name, tenant) = (naming::resource(on)?, &on.tenant);
    let up = on.ancestors.iter().map(|it| naming::ancestor(tenant, it));
    let mut up = up.collect::<Asked<HashSet<_>>>()?;
    // a device that is said to stand on itself would be a cycle, and so an error
    up.remove(&name);
    match on.kind {
        TargetKind::Account => {
            let privileged = Expr::new_bool(on.privileged);
            entity(name, tenant, [("privileged", privileged)], up)
        }
        TargetKind::Address | TargetKind::Domain => {
            let internal = Expr::new_bool(on.internal);
            entity(name, tenant, [("internal", internal)], up)
        }
        _ => entity(name, tenant, [], up),
    }
}
