//! What `wit/` publishes of the action table, compared with the table.
//!
//! The table in code is the one that decides; the JSON, the manifest's schema and the text of the
//! contract are what a plugin's author reads. If they differ, an author is told something that
//! the host refuses, or worse, is not told what it permits.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test's failure is a panic"
)]

use super::{ActionRow, Verb};
use serde_json::{Value, json};

const ACTIONS: &str = include_str!("../../../wit/actions.json");
const SCHEMA: &str = include_str!("../../../wit/manifest.schema.json");
const TYPES: &str = include_str!("../../../wit/types.wit");

fn words<'a>(all: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    all.into_iter().collect()
}

/// A row of the table as `wit/actions.json` writes it.
fn published(row: &ActionRow) -> Value {
    let arguments = row.arguments.iter().map(|(name, words)| {
        let words = if words.is_empty() {
            json!("*")
        } else {
            json!(words)
        };
        ((*name).to_owned(), words)
    });
    json!({
        "action": row.verb.as_str(),
        "targets": words(row.targets.iter().map(|it| it.as_str())),
        "inverse": row.inverse.map(Verb::as_str),
        "same_connector": row.same_connector,
        "effect": row.effect,
        "intrusiveness": row.intrusiveness,
        "lease": row.lease,
        "in_case": row.in_case,
        "arguments": Value::Object(arguments.collect()),
    })
}

/// A row of the table as the documentation of `proposal.action` writes it.
fn documented(row: &ActionRow) -> String {
    let targets = words(row.targets.iter().map(|it| it.as_str())).join(" or ");
    let inverse = row.inverse.map(|it| format!("inverse `{it}`"));
    let lease = row.lease.then(|| "lease".to_owned());
    let arguments = row.arguments.iter().map(|(name, words)| match words {
        [] => format!("`{name}`: text"),
        words => format!("`{name}`: {}", words.join(", ")),
    });
    let more: Vec<String> = inverse.into_iter().chain(lease).chain(arguments).collect();
    match more.as_slice() {
        [] => format!("- `{}` on {targets}", row.verb),
        more => format!("- `{}` on {targets} ({})", row.verb, more.join("; ")),
    }
}

#[test]
fn the_published_action_table_is_the_table_field_by_field() {
    let document: Value = serde_json::from_str(ACTIONS).unwrap();
    let rows = document["actions"].as_array().unwrap();
    for (row, text) in Verb::TABLE.iter().zip(rows) {
        assert_eq!(published(row), *text);
    }
    assert_eq!(rows.len(), Verb::TABLE.len());
}

#[test]
fn the_manifest_schema_knows_every_action_and_no_other() {
    let document: Value = serde_json::from_str(SCHEMA).unwrap();
    let verbs = words(Verb::TABLE.iter().map(|row| row.verb.as_str()));
    assert_eq!(document["$defs"]["action"]["enum"], json!(verbs));
}

#[test]
fn the_text_of_the_contract_lists_every_action_with_its_targets_inverse_lease_and_arguments() {
    let lines = TYPES
        .lines()
        .filter_map(|line| line.trim().strip_prefix("/// "));
    let listed: Vec<&str> = lines.filter(|line| line.starts_with("- `")).collect();
    let table: Vec<String> = Verb::TABLE.iter().map(documented).collect();
    assert_eq!(listed, table);
}
