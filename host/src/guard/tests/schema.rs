//! The published schema against the model: the same actions, kinds, words and groups.

use super::super::claims::claims;
use super::super::finding::Effect as Kind;
use super::super::impact::at_software;
use super::super::naming::{action, target_type};
use super::super::schema::{Rules, is_vocabulary};
use crate::model::{
    AssetKind, Effect, Mode, Origin, Protection, Rating, Resolution, Role, Severity, Stage, Tenure,
    Verb,
};
use std::collections::BTreeSet;

fn rules() -> Rules {
    Rules::embedded().unwrap()
}

fn groups(rules: &Rules, verb: Verb) -> BTreeSet<String> {
    let all = rules.schema.action_entities().unwrap();
    let above = all.ancestors(&action(verb).unwrap()).unwrap();
    above.map(|it| it.id().unescaped().to_owned()).collect()
}

#[test]
fn every_pair_of_the_action_table_is_in_the_schema() {
    let rules = rules();
    let known: BTreeSet<(String, String)> = rules
        .schema
        .request_envs()
        .map(|it| {
            (
                it.action().id().unescaped().to_owned(),
                it.resource().to_string(),
            )
        })
        .collect();
    for row in Verb::TABLE {
        for target in row.targets {
            let pair = (
                row.verb.as_str().to_owned(),
                target_type(*target).unwrap().to_owned(),
            );
            assert!(known.contains(&pair), "{pair:?}");
        }
    }
    let verbs: BTreeSet<&str> = Verb::TABLE.iter().map(|row| row.verb.as_str()).collect();
    let more: Vec<_> = known
        .iter()
        .filter(|it| !verbs.contains(it.0.as_str()))
        .collect();
    assert!(more.is_empty(), "not in the table: {more:?}");
}

#[test]
fn the_groups_of_an_action_are_what_the_table_says_of_it() {
    let rules = rules();
    for row in Verb::TABLE {
        let groups = groups(&rules, row.verb);
        let is = |group: &str| groups.contains(group);
        assert_eq!(
            is("intrusive"),
            row.effect == Effect::TakesAway,
            "{}",
            row.verb
        );
        assert_eq!(
            is("weakening"),
            row.effect == Effect::Weakens,
            "{}",
            row.verb
        );
        assert_eq!(
            is("restoring"),
            row.effect == Effect::GivesBack,
            "{}",
            row.verb
        );
        assert_eq!(
            is("inspecting"),
            row.effect == Effect::Inspects,
            "{}",
            row.verb
        );
        assert_eq!(
            is("informational"),
            row.effect == Effect::Informs,
            "{}",
            row.verb
        );
        assert_eq!(is("destructive"), row.loses_state, "{}", row.verb);
        assert_eq!(is("at-software"), at_software(row.verb), "{}", row.verb);
        assert_eq!(
            is("mutating"),
            !is("inspecting") && !is("informational"),
            "{}",
            row.verb
        );
        // ending an allowance is in neither, so that no grant lets automation do it alone
        let alone = is("reversible") || is("destructive");
        let takes = row.effect == Effect::TakesAway && row.verb != Verb::UnallowSoftware;
        assert_eq!(alone, takes, "{}", row.verb);
    }
}

#[test]
fn the_words_of_the_schema_are_the_words_of_the_model() {
    let words = |kind: &str, words: Vec<&str>| {
        let quoted: Vec<String> = words.iter().map(|it| format!("\"{it}\"")).collect();
        let text = super::super::schema_text();
        let line = text.lines().find(|line| {
            let mut parts = line.split_whitespace();
            parts.next() == Some("entity") && parts.next() == Some(kind)
        });
        let line = line.unwrap_or_else(|| panic!("no {kind}"));
        assert!(
            line.contains(&format!("enum [{}]", quoted.join(", "))),
            "{line}"
        );
        assert!(is_vocabulary(kind));
    };
    words(
        "Protection",
        Protection::ALL.iter().map(|it| it.as_str()).collect(),
    );
    words("Role", Role::ALL.iter().map(|it| it.as_str()).collect());
    words("Stage", Stage::ALL.iter().map(|it| it.as_str()).collect());
    words("Mode", Mode::ALL.iter().map(|it| it.as_str()).collect());
    words(
        "Resolution",
        Resolution::ALL.iter().map(|it| it.as_str()).collect(),
    );
    words("Rating", Rating::ALL.iter().map(|it| it.as_str()).collect());
    words(
        "Severity",
        Severity::ALL.iter().map(|it| it.as_str()).collect(),
    );
    words("Tenure", Tenure::ALL.iter().map(|it| it.as_str()).collect());
    words(
        "AssetKind",
        AssetKind::ALL.iter().map(|it| it.as_str()).collect(),
    );
    words("Origin", Origin::ALL.iter().map(|it| it.as_str()).collect());
}

#[test]
fn the_claims_fit_the_schema() {
    let claims = claims().unwrap();
    let of = |kind: Kind| claims.iter().filter(|it| it.kind == kind).count();
    assert_eq!((of(Kind::Forbid), of(Kind::Permit)), (26, 6));
}

#[test]
fn the_baseline_has_the_floors_holds_and_grants_that_were_proved() {
    let guards = super::baseline();
    let floors: Vec<&str> = guards
        .policies()
        .filter(|it| it.floor)
        .map(|it| it.id.as_str())
        .collect();
    assert_eq!(
        floors,
        [
            "floor-tenant",
            "floor-never",
            "floor-shadow",
            "floor-observe"
        ]
    );
    let holds: Vec<&str> = guards
        .policies()
        .filter(|it| it.effect == Kind::Forbid && !it.floor)
        .map(|it| it.id.as_str())
        .collect();
    assert!(holds.iter().all(|it| it.starts_with("hold-")), "{holds:?}");
    let grants = guards
        .policies()
        .filter(|it| it.effect == Kind::Permit)
        .count();
    assert_eq!((holds.len(), grants), (22, 6));
    assert!(
        guards
            .policies()
            .all(|it| it.line > 1 && it.text.starts_with("@id"))
    );
}
