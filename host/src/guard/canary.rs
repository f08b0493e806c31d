//! Requests that every set must refuse, asked of every set before it is used.
//!
//! Some ways to fail open make no error: with the action's groups missing from the store
//! `action in Action::"intrusive"` is silently false and the floors are gone. A set for which
//! one of these requests is not refused by the very floor that it is made for is not used.

use super::finding::Finding;
use super::set::Guards;
use super::unknown::strictest;
use crate::model::{
    Ancestor, Approvals, AssetKind, Facts, Mode, Principal, Protection, Rating, Request,
    Resolution, Resource, Role, Stage, TargetKind, TenantId, Tenure, Verb,
};

/// Asks them all.
///
/// # Errors
/// What was not refused, and by which floor it should have been.
pub(super) fn sing(guards: &Guards) -> Result<(), String> {
    let never = || [Ancestor::Protection(Protection::Never)].into();
    let (home, away) = (TenantId::new("canary"), TenantId::new("canary-elsewhere"));
    for (floor, request) in [
        (
            "floor-never",
            request(&home, Stage::Active, Verb::ContainDevice, never()),
        ),
        (
            "floor-never",
            request(&home, Stage::Active, Verb::ScanDevice, never()),
        ),
        (
            "floor-shadow",
            request(&home, Stage::Shadow, Verb::ContainDevice, [].into()),
        ),
        (
            "floor-tenant",
            request(&away, Stage::Active, Verb::Notify, [].into()),
        ),
    ] {
        let request = std::slice::from_ref(&request);
        let answer = guards.answer(request);
        let everybody = Approvals {
            count: 5,
            roles: Role::ALL.iter().copied().collect(),
            emergency: true,
            ..Approvals::default()
        };
        let spoke = answer.against.iter().any(|it| it.id == floor && it.floor);
        let refused =
            answer.finding == Finding::Refuse && !guards.permits(request, &everybody).allowed;
        if !spoke || !refused {
            return Err(format!(
                "the self-test of {floor} was not refused by it: {answer:?}"
            ));
        }
    }
    Ok(())
}

/// What would be done alone, were it not for the floor.
fn request(
    by: &TenantId,
    stage: Stage,
    action: Verb,
    ancestors: std::collections::BTreeSet<Ancestor>,
) -> Request {
    Request {
        principal: Principal::Playbook {
            tenant: by.clone(),
            plugin: "countersign.canary".into(),
            version: "1.0.0".to_owned(),
            stage,
        },
        action,
        resource: Resource {
            kind: TargetKind::Device,
            id: "canary".to_owned(),
            tenant: TenantId::new("canary"),
            ancestors,
            privileged: false,
            internal: false,
        },
        facts: harmless(),
    }
}

fn harmless() -> Facts {
    let mut facts = strictest(Verb::ContainDevice);
    facts.rating = Rating::Malicious;
    facts.fresh = true;
    facts.impact = 0;
    facts.threshold.alone = 100;
    facts.threshold.one_person = 100;
    facts.mode = Mode::Enforce;
    facts.resolution = Resolution::Exact;
    facts.asset_kind = AssetKind::Workstation;
    facts.reviewed = true;
    facts.history.tenure = Tenure::New;
    facts.history.fleet_tenure = Tenure::New;
    facts.history.rating_flip = false;
    facts.history.released = false;
    facts.surge.cause_devices = 1;
    facts.surge.canary_actions = 0;
    facts.surge.canary_budget = 1;
    facts
}
