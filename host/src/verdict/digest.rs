//! What an approval is for: the digest of what will happen to what. Action, canonical target,
//! the assets with their protection and owners, arguments, route and bundle are in it; if one
//! of these changes, the approval is void. Everything else is judged again when it is sent.

use crate::model::{AssetId, Attribute, CaseId, Digest, PersonId, Protection, TenantId, Verb};
use serde::Serialize;
use std::collections::BTreeSet;

/// One action of what is decided together.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Part {
    /// The action.
    pub action: Verb,
    /// The canonical target.
    pub canonical: String,
    /// The product's reference that the connector will act by: swapping it is another action.
    pub target: crate::model::Target,
    /// What it stands on.
    pub assets: Vec<AssetFacts>,
    /// The action's parameters.
    pub arguments: Vec<Attribute>,
    /// How long it may stay.
    pub lease_s: Option<u32>,
    /// The connector instance; `None` where there is no route.
    pub route: Option<String>,
}

/// What an approver relied on of an asset.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AssetFacts {
    /// Which.
    pub asset: AssetId,
    /// How it is protected.
    pub protection: BTreeSet<Protection>,
    /// Who owns it.
    pub owners: BTreeSet<PersonId>,
}

/// The digest of what is decided together, in order.
pub fn digest(tenant: &TenantId, case: &CaseId, parts: &[Part]) -> Digest {
    // `serde_json` writes struct fields in their order: the same parts give the same bytes
    let parts = serde_json::to_vec(parts).unwrap_or_default();
    Digest::of_parts([
        b"countersign/approval/v1".as_slice(),
        tenant.as_str().as_bytes(),
        case.as_str().as_bytes(),
        &parts,
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Device, Target};

    fn part() -> Part {
        let target = Target::Device(Device {
            id: "7".into(),
            name: "ws".into(),
        });
        Part {
            action: Verb::ContainDevice,
            canonical: "device|a1".into(),
            target,
            assets: vec![],
            arguments: vec![],
            lease_s: None,
            route: Some("edr".into()),
        }
    }

    #[test]
    fn whatever_an_approver_relied_on_changes_the_digest() {
        let (tenant, case) = (TenantId::from("acme"), CaseId::from("case-1"));
        let base = digest(&tenant, &case, &[part()]);
        let asset = AssetFacts {
            asset: "a1".into(),
            protection: BTreeSet::from([Protection::Critical]),
            owners: BTreeSet::new(),
        };
        let others = [
            Part {
                action: Verb::ReleaseDevice,
                ..part()
            },
            Part {
                canonical: "device|a2".into(),
                ..part()
            },
            Part {
                route: None,
                ..part()
            },
            Part {
                lease_s: Some(60),
                ..part()
            },
            Part {
                arguments: vec![Attribute::new("scope", "full")],
                ..part()
            },
            Part {
                assets: vec![asset],
                ..part()
            },
        ];
        for other in others {
            assert_ne!(
                base,
                digest(&tenant, &case, std::slice::from_ref(&other)),
                "{other:?}"
            );
        }
        assert_ne!(base, digest(&tenant, &case, &[part(), part()]));
        assert_ne!(base, digest(&TenantId::from("globex"), &case, &[part()]));
        assert_eq!(base, digest(&tenant, &case, &[part()]));
    }
}
