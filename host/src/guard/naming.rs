//! How the things of the model are called in guards, in this one place.
//!
//! A guard of tenant `acme` names a thing by tenant and id, so that text copied from one tenant
//! to another means nothing there instead of something else:
//!
//! | in a guard                            | is                                              |
//! |---------------------------------------|-------------------------------------------------|
//! | `Tenant::"acme"`, `Host::"acme"`      | the tenant, and the host acting for it          |
//! | `AssetGroup::"acme/erp-servers"`      | group `erp-servers`; so too `BusinessProcess`, `AccountGroup`, `Network` |
//! | `Person::"acme/ana@acme.example"`     | a person                                        |
//! | `Device::"acme/<id>"`, `Software::"acme/<lineage>"`, other targets | the canonical target |
//! | `Playbook::"acme/countersign.contain-malware@1.4.0"` | one enrolled version             |
//! | `Plugin::"countersign.contain-malware"` | the plugin, whatever its version and tenant   |
//! | `Publisher::"countersign"`            | the first label of a plugin id or a product     |
//! | `Product::"acme/sentinelone/edr"`     | a product as the tenant runs it                 |
//! | `Protection::"never"`, `Rating::"malicious"`, ... | members of vocabularies: no tenant  |

use crate::model::{Ancestor, Principal, Resource, TargetKind, TenantId, Verb};
use cedar_policy::{EntityId, EntityTypeName, EntityUid};

/// Why a question could not be asked; becomes an error of the answer, which refuses.
pub(super) type Asked<T> = Result<T, String>;

/// An entity by type and id.
pub(super) fn uid(kind: &str, id: &str) -> Asked<EntityUid> {
    let kind: EntityTypeName = kind.parse().map_err(|e| format!("{kind}: {e}"))?;
    Ok(EntityUid::from_type_name_and_id(kind, EntityId::new(id)))
}

/// An entity that belongs to a tenant.
pub(super) fn owned(kind: &str, tenant: &TenantId, id: &str) -> Asked<EntityUid> {
    uid(kind, &format!("{tenant}/{id}"))
}

/// The id within the tenant; `None` for what belongs to another tenant.
pub(super) fn within<'a>(tenant: &TenantId, id: &'a str) -> Option<&'a str> {
    id.strip_prefix(tenant.as_str())?.strip_prefix('/')
}

/// The publisher of a plugin id (`publisher.name`) or a product (`vendor/product`).
pub(super) fn publisher(id: &str) -> &str {
    id.split(['.', '/']).next().unwrap_or(id)
}

/// An action.
pub(super) fn action(verb: Verb) -> Asked<EntityUid> {
    uid("Action", verb.as_str())
}

/// Who asks.
pub(super) fn principal(it: &Principal) -> Asked<EntityUid> {
    match it {
        Principal::Playbook {
            tenant,
            plugin,
            version,
            ..
        } => owned("Playbook", tenant, &format!("{plugin}@{version}")),
        Principal::Product { tenant, product } => owned("Product", tenant, product),
        Principal::Person { tenant, person } => owned("Person", tenant, person.as_str()),
        Principal::Host { tenant } => uid("Host", tenant.as_str()),
    }
}

/// The type of a target, for the kinds that the schema knows.
pub(super) fn target_type(kind: TargetKind) -> Option<&'static str> {
    match kind {
        TargetKind::Device => Some("Device"),
        TargetKind::Process => Some("Process"),
        TargetKind::File => Some("File"),
        TargetKind::Account => Some("Account"),
        TargetKind::Service => Some("Service"),
        TargetKind::Software => Some("Software"),
        TargetKind::Address => Some("Address"),
        TargetKind::Domain => Some("Domain"),
        TargetKind::Message | TargetKind::Url | TargetKind::Other => None,
    }
}

/// On what.
pub(super) fn resource(it: &Resource) -> Asked<EntityUid> {
    let Some(kind) = target_type(it.kind) else {
        return Err(format!(
            "CS-guard-21: no guard speaks of a target of kind {}, so nothing may be done to it",
            it.kind
        ));
    };
    owned(kind, &it.tenant, &it.id)
}

/// What a target belongs to.
pub(super) fn ancestor(tenant: &TenantId, it: &Ancestor) -> Asked<EntityUid> {
    match it {
        Ancestor::AssetGroup(id) => owned("AssetGroup", tenant, id.as_str()),
        Ancestor::BusinessProcess(id) => owned("BusinessProcess", tenant, id.as_str()),
        Ancestor::AccountGroup(id) => owned("AccountGroup", tenant, id.as_str()),
        Ancestor::Network(id) => owned("Network", tenant, id.as_str()),
        Ancestor::Device(id) => owned("Device", tenant, id),
        Ancestor::Software(id) => owned("Software", tenant, id),
        Ancestor::Protection(it) => uid("Protection", it.as_str()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_a_tenant_carry_its_name_and_no_other_tenant_can_read_them() {
        let acme = TenantId::new("acme");
        let group = Ancestor::AssetGroup("erp-servers".into());
        let named = ancestor(&acme, &group).map(|it| it.to_string());
        assert_eq!(named.as_deref(), Ok(r#"AssetGroup::"acme/erp-servers""#));
        assert_eq!(within(&acme, "acme/ana"), Some("ana"));
        assert_eq!(within(&TenantId::new("ac"), "acme/ana"), None);
        assert_eq!(publisher("countersign.contain-malware"), "countersign");
        assert_eq!(publisher("sentinelone/edr"), "sentinelone");
    }
}
