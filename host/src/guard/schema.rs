//! What is embedded in the binary: schema, baseline, claims, scenarios; and the kinds of
//! request that the schema knows.
//!
//! They are files of `host/guards`, made to be read and reviewed; in the binary, so that no
//! installation can lose or soften them.

use super::error::{GuardError, GuardFile};
use super::naming;
use crate::model::Verb;
use cedar_policy::{Entity, EntityTypeName, EntityUid, Schema};
use std::collections::HashMap;

const SCHEMA: &str = include_str!("../../guards/countersign.cedarschema");
const BASELINE: &str = include_str!("../../guards/baseline.cedar");
const CLAIMS: &str = include_str!("../../guards/claims.cedar");
const ASSUME: &str = include_str!("../../guards/assume.cedar");
const WORLD: &str = include_str!("../../guards/scenarios/world.toml");
const SCENARIOS: &str = include_str!("../../guards/scenarios/scenarios.toml");
const EDGES: &str = include_str!("../../guards/scenarios/edges.toml");

/// The published schema.
pub fn schema_text() -> &'static str {
    SCHEMA
}

/// The guards that bind every tenant.
pub fn baseline_file() -> GuardFile {
    GuardFile::new("guards/baseline.cedar", BASELINE)
}

/// What must hold for every request there can be.
pub fn claims_file() -> GuardFile {
    GuardFile::new("guards/claims.cedar", CLAIMS)
}

/// What the host guarantees about facts; keeps counterexamples realistic.
pub fn assume_file() -> GuardFile {
    GuardFile::new("guards/assume.cedar", ASSUME)
}

/// The small inventory that scenarios are told about.
pub fn world_file() -> GuardFile {
    GuardFile::new("guards/scenarios/world.toml", WORLD)
}

/// The baseline's own scenarios.
pub fn scenarios_file() -> GuardFile {
    GuardFile::new("guards/scenarios/scenarios.toml", SCENARIOS)
}

/// More of them, each made for one deliberate mistake.
pub fn edges_file() -> GuardFile {
    GuardFile::new("guards/scenarios/edges.toml", EDGES)
}

/// A kind of request: type of who asks, action, type of the target.
pub(super) type Kind = (EntityTypeName, EntityUid, EntityTypeName);

/// The schema, read, with each action as the entity that every decision's store needs.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    pub(super) schema: Schema,
    pub(super) actions: HashMap<Verb, Entity>,
}

impl Rules {
    /// Reads the embedded schema.
    ///
    /// # Errors
    /// `CS-guard-22` where it has an error, a warning, or not every action of the table.
    pub(super) fn embedded() -> Result<Self, GuardError> {
        let broken =
            |why: String| GuardError::whole("CS-guard-22", "guards/countersign.cedarschema", why);
        let (schema, mut warnings) =
            Schema::from_cedarschema_str(SCHEMA).map_err(|e| broken(e.to_string()))?;
        if let Some(warning) = warnings.next() {
            return Err(broken(warning.to_string()));
        }
        let entities = schema
            .action_entities()
            .map_err(|e| broken(e.to_string()))?;
        let mut actions = HashMap::new();
        for row in Verb::TABLE {
            let uid = naming::action(row.verb).map_err(broken)?;
            let entity = entities
                .get(&uid)
                .ok_or_else(|| broken(format!("the action {} is not in it", row.verb)))?;
            actions.insert(row.verb, entity.clone());
        }
        Ok(Self { schema, actions })
    }

    /// An action with its groups.
    pub(super) fn action(&self, verb: Verb) -> naming::Asked<&Entity> {
        self.actions
            .get(&verb)
            .ok_or_else(|| format!("CS-guard-20: the schema has no action {verb}"))
    }
}

/// The enumerated entity types: misspelt members of these are errors of the load already.
pub(super) fn is_vocabulary(kind: &str) -> bool {
    const VOCABULARIES: [&str; 10] = [
        "Protection",
        "Role",
        "Stage",
        "Mode",
        "Resolution",
        "Rating",
        "Severity",
        "Tenure",
        "AssetKind",
        "Origin",
    ];
    VOCABULARIES.contains(&kind)
}
