//! Facts and approvals as the record that policies read as `context`.
//!
//! Nothing has a default and nothing is left out: a fact that is missing would be an evaluation
//! error, and a policy that errors is skipped. Names are those of the schema (camelCase).

use super::naming::{Asked, owned, uid};
use crate::model::{Approvals, Facts, TenantId};
use cedar_policy::{Context, RestrictedExpression as Expr};

fn word(kind: &str, member: &str) -> Asked<Expr> {
    Ok(Expr::new_entity_uid(uid(kind, member)?))
}

fn record<const N: usize>(fields: [(&str, Expr); N]) -> Asked<Expr> {
    let fields = fields.map(|(name, value)| (name.to_owned(), value));
    Expr::new_record(fields).map_err(|e| e.to_string())
}

fn context<const N: usize>(fields: [(&str, Expr); N]) -> Asked<Context> {
    let fields = fields.map(|(name, value)| (name.to_owned(), value));
    Context::from_pairs(fields).map_err(|e| e.to_string())
}

/// Everything but the approvals: made once a decision.
pub(super) fn facts(it: &Facts) -> Asked<Context> {
    let (number, yes) = (Expr::new_long, Expr::new_bool);
    context([
        ("rating", word("Rating", it.rating.as_str())?),
        ("severity", word("Severity", it.severity.as_str())?),
        ("signed", yes(it.signed)),
        ("fresh", yes(it.fresh)),
        ("impact", number(it.impact)),
        ("threshold", threshold(it)?),
        ("mode", word("Mode", it.mode.as_str())?),
        ("consent", yes(it.consent)),
        ("resolution", word("Resolution", it.resolution.as_str())?),
        ("assetKind", word("AssetKind", it.asset_kind.as_str())?),
        ("reviewed", yes(it.reviewed)),
        ("unreviewedAccepted", yes(it.unreviewed_accepted)),
        ("assetsCovered", number(it.assets_covered)),
        ("history", history(it)?),
        ("surge", surge(it)?),
        ("time", time(it)?),
        ("restore", restore(it)?),
    ])
}

fn threshold(it: &Facts) -> Asked<Expr> {
    record([
        ("alone", Expr::new_long(it.threshold.alone)),
        ("onePerson", Expr::new_long(it.threshold.one_person)),
    ])
}

fn history(it: &Facts) -> Asked<Expr> {
    let history = &it.history;
    record([
        ("tenure", word("Tenure", history.tenure.as_str())?),
        (
            "fleetTenure",
            word("Tenure", history.fleet_tenure.as_str())?,
        ),
        ("ratingFlip", Expr::new_bool(history.rating_flip)),
        ("released", Expr::new_bool(history.released)),
    ])
}

fn surge(it: &Facts) -> Asked<Expr> {
    let surge = &it.surge;
    record([
        ("causeDevices", Expr::new_long(surge.cause_devices)),
        (
            "groupSharePercent",
            Expr::new_long(surge.group_share_percent),
        ),
        ("limit", Expr::new_long(surge.limit)),
        ("canaryActions", Expr::new_long(surge.canary_actions)),
        ("canaryBudget", Expr::new_long(surge.canary_budget)),
    ])
}

fn time(it: &Facts) -> Asked<Expr> {
    record([
        ("workingHours", Expr::new_bool(it.time.working_hours)),
        ("changeWindow", Expr::new_bool(it.time.change_window)),
        ("freeze", Expr::new_bool(it.time.freeze)),
    ])
}

fn restore(it: &Facts) -> Asked<Expr> {
    record([
        ("origin", word("Origin", it.restore.origin.as_str())?),
        ("single", Expr::new_bool(it.restore.single)),
        ("ownerAgreed", Expr::new_bool(it.restore.owner_agreed)),
    ])
}

/// The approvals, asked many times a decision. People are those of the target's tenant.
pub(super) fn approvals(it: &Approvals, tenant: &TenantId) -> Asked<Context> {
    let roles = it.roles.iter().map(|role| word("Role", role.as_str()));
    let people = it.people.iter().map(|person| {
        let uid = owned("Person", tenant, person.as_str())?;
        Ok(Expr::new_entity_uid(uid))
    });
    let approvals = record([
        ("count", Expr::new_long(it.count)),
        ("roles", Expr::new_set(roles.collect::<Asked<Vec<_>>>()?)),
        ("people", Expr::new_set(people.collect::<Asked<Vec<_>>>()?)),
        ("emergency", Expr::new_bool(it.emergency)),
    ])?;
    context([("approvals", approvals)])
}
