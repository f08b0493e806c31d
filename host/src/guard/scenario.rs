//! A table of scenarios: what is proposed, what is known, what must come out.
//!
//! One row, one scenario. A tenant's table is written like the baseline's own
//! (`host/guards/scenarios/scenarios.toml`) and stands on it: its `[world]` is laid over the
//! embedded world (where the tenant's name stands for `acme`), its `[facts]` beside the embedded
//! sets. So a first scenario is one line.

use super::document::{self, Row, lay};
use super::error::{GuardError, GuardFile};
use super::schema::{scenarios_file, world_file};
use super::world::World;
use crate::model::{
    AssetKind, Facts, History, Mode, Origin, Rating, Request, Resolution, Restore, Severity, Surge,
    TenantId, Tenure, Threshold, TimeOfDay, Verb,
};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::ops::Range;

/// One row, ready to be asked.
#[derive(Clone, Debug)]
pub(super) struct Scenario {
    pub(super) name: String,
    pub(super) span: Range<usize>,
    pub(super) request: Request,
    pub(super) wanted: Wanted,
}

/// What must come out.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    #[serde(default = "ours")]
    by: String,
    #[serde(rename = "do")]
    action: Verb,
    on: String,
    #[serde(default)]
    facts: Vec<String>,
    #[serde(default)]
    with: Value,
    pub(super) expect: String,
    pub(super) acme: Option<String>,
    pub(super) emergency: Option<String>,
    pub(super) instead: Option<String>,
    pub(super) against: Option<Vec<String>>,
}

fn ours() -> String {
    "Playbook::contain-malware@1.4.0".to_owned()
}

/// The tenant of the embedded world.
pub(super) fn acme() -> TenantId {
    TenantId::new("acme")
}

/// The baseline's own table.
pub(super) fn embedded() -> Result<Vec<Scenario>, Vec<GuardError>> {
    read(&acme(), &scenarios_file(), BTreeMap::new())
}

/// A tenant's table.
pub(super) fn of_tenant(
    tenant: &TenantId,
    file: &GuardFile,
) -> Result<Vec<Scenario>, Vec<GuardError>> {
    let embedded = scenarios_file();
    let sections = document::tables(&embedded).map_err(|e| vec![e])?;
    let facts = sections.into_iter().filter(|(row, _)| row.name == "facts");
    let facts = facts
        .flat_map(|(_, rows)| rows)
        .map(|row| (row.name, row.value));
    read(tenant, file, facts.collect())
}

fn world(tenant: &TenantId) -> Result<World, Vec<GuardError>> {
    let file = world_file();
    // the embedded world is told of acme; here it is this tenant
    let text = file.text.replace("acme", tenant.as_str());
    let file = GuardFile::new(file.name, text);
    let rows = document::rows(&file).map_err(|e| vec![e])?;
    let mut world = World::new(tenant);
    world.lay(&file, rows)?;
    Ok(world)
}

fn read(
    tenant: &TenantId,
    file: &GuardFile,
    mut facts: BTreeMap<String, Value>,
) -> Result<Vec<Scenario>, Vec<GuardError>> {
    let mut world = world(tenant)?;
    let (mut rows, mut errors) = (vec![], vec![]);
    for (section, inside) in document::tables(file).map_err(|e| vec![e])? {
        match section.name.as_str() {
            "world" => errors.extend(world.lay(file, inside).err().into_iter().flatten()),
            "facts" => facts.extend(inside.into_iter().map(|row| (row.name, row.value))),
            "scenarios" => rows.extend(inside),
            name => errors.push(
                GuardError::at(
                    "CS-guard-10",
                    file,
                    section.span,
                    format!("unknown table {name}"),
                )
                .help("world, facts and scenarios are the tables of this file"),
            ),
        }
    }
    let mut scenarios = vec![];
    for row in rows {
        let (name, span) = (row.name.clone(), row.span.clone());
        match scenario(row, &world, &facts) {
            Ok(scenario) => scenarios.push(scenario),
            Err(why) => errors.push(GuardError::at(
                "CS-guard-10",
                file,
                span,
                format!("{name}: {why}"),
            )),
        }
    }
    if errors.is_empty() {
        Ok(scenarios)
    } else {
        Err(errors)
    }
}

fn scenario(row: Row, world: &World, sets: &BTreeMap<String, Value>) -> Result<Scenario, String> {
    let wanted: Wanted = serde_json::from_value(row.value).map_err(|e| e.to_string())?;
    let set = |name: &str| {
        sets.get(name)
            .ok_or_else(|| format!("no facts named {name}"))
    };
    let mut facts = set("base")?.clone();
    for name in &wanted.facts {
        lay(set(name)?, &mut facts);
    }
    if !wanted.with.is_null() {
        lay(&wanted.with, &mut facts);
    }
    let facts: WrittenFacts = serde_json::from_value(facts).map_err(|e| format!("facts: {e}"))?;
    let request = Request {
        principal: world.principal(&wanted.by)?,
        action: wanted.action,
        resource: world.resource(&wanted.on)?,
        facts: facts.into(),
    };
    Ok(Scenario {
        name: row.name,
        span: row.span,
        request,
        wanted,
    })
}

/// Facts as the schema and the tables spell them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WrittenFacts {
    rating: Rating,
    severity: Severity,
    signed: bool,
    fresh: bool,
    impact: i64,
    threshold: WrittenThreshold,
    mode: Mode,
    consent: bool,
    resolution: Resolution,
    asset_kind: AssetKind,
    reviewed: bool,
    unreviewed_accepted: bool,
    assets_covered: i64,
    history: WrittenHistory,
    surge: WrittenSurge,
    time: WrittenTime,
    restore: WrittenRestore,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WrittenThreshold {
    alone: i64,
    one_person: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WrittenHistory {
    tenure: Tenure,
    fleet_tenure: Tenure,
    rating_flip: bool,
    released: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WrittenSurge {
    cause_devices: i64,
    group_share_percent: i64,
    limit: i64,
    canary_actions: i64,
    canary_budget: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WrittenTime {
    working_hours: bool,
    change_window: bool,
    freeze: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WrittenRestore {
    origin: Origin,
    single: bool,
    owner_agreed: bool,
}

impl From<WrittenFacts> for Facts {
    fn from(it: WrittenFacts) -> Self {
        Self {
            rating: it.rating,
            severity: it.severity,
            signed: it.signed,
            fresh: it.fresh,
            impact: it.impact,
            threshold: Threshold {
                alone: it.threshold.alone,
                one_person: it.threshold.one_person,
            },
            mode: it.mode,
            consent: it.consent,
            resolution: it.resolution,
            asset_kind: it.asset_kind,
            reviewed: it.reviewed,
            unreviewed_accepted: it.unreviewed_accepted,
            assets_covered: it.assets_covered,
            history: History {
                tenure: it.history.tenure,
                fleet_tenure: it.history.fleet_tenure,
                rating_flip: it.history.rating_flip,
                released: it.history.released,
            },
            surge: Surge {
                cause_devices: it.surge.cause_devices,
                group_share_percent: it.surge.group_share_percent,
                limit: it.surge.limit,
                canary_actions: it.surge.canary_actions,
                canary_budget: it.surge.canary_budget,
            },
            time: TimeOfDay {
                working_hours: it.time.working_hours,
                change_window: it.time.change_window,
                freeze: it.time.freeze,
            },
            restore: Restore {
                origin: it.restore.origin,
                single: it.restore.single,
                owner_agreed: it.restore.owner_agreed,
            },
        }
    }
}
