//! Deliberate mistakes (`host/guards/mistakes.toml`): each is one edit of the baseline.
//!
//! The list was made for the solver, and says which claim catches each. Most are noticed without
//! one, too: the set does not load, or a row of the table comes out otherwise. Which, is written
//! down here, so that a row that goes missing is noticed as well.

use super::super::document;
use super::super::error::GuardFile;
use super::super::scenario_run::{Column, run_embedded};
use super::super::schema::baseline_file;
use super::super::set::Guards;

struct Mistake {
    name: String,
    baseline: String,
    tenant: String,
}

fn mistakes() -> Vec<Mistake> {
    let text = include_str!("../../../guards/mistakes.toml");
    let rows = document::rows(&GuardFile::new("mistakes.toml", text)).unwrap();
    let list = rows
        .into_iter()
        .find(|it| it.name == "mistake")
        .unwrap()
        .value;
    let baseline = baseline_file().text.to_string();
    let list = list.as_array().unwrap().iter().map(|it| {
        let part = |key: &str| it.get(key).and_then(|it| it.as_str()).unwrap_or_default();
        let (find, name) = (part("find"), part("name").to_owned());
        let edited = if find.is_empty() {
            format!("{baseline}\n{}", part("add"))
        } else {
            assert_eq!(
                baseline.matches(find).count(),
                1,
                "{name}: not found exactly once"
            );
            baseline.replacen(find, part("replace"), 1)
        };
        Mistake {
            name,
            baseline: edited,
            tenant: part("tenant").to_owned(),
        }
    });
    list.collect()
}

fn mistake(number: &str) -> Mistake {
    let found = mistakes()
        .into_iter()
        .find(|it| it.name.starts_with(number));
    found.unwrap_or_else(|| panic!("no mistake {number}"))
}

/// The codes of the load that fails, else the rows that come out otherwise.
fn noticed(it: &Mistake) -> Result<Vec<String>, Vec<&'static str>> {
    let tenant = match it.tenant.as_str() {
        "" => vec![],
        text => vec![GuardFile::new("tenant.cedar", text)],
    };
    let baseline = GuardFile::new("baseline.cedar", it.baseline.as_str());
    let guards = Guards::assemble(&baseline, &tenant)
        .map_err(|errors| errors.iter().map(|e| e.code).collect::<Vec<_>>())?;
    let reports = run_embedded(&guards, Column::Expect).unwrap();
    let rows = reports.into_iter().flat_map(|it| it.rows);
    let failed = rows.filter(|row| !row.problems.is_empty());
    Ok(failed.map(|row| row.name).collect())
}

fn rows(number: &str) -> Vec<String> {
    let rows = noticed(&mistake(number)).unwrap();
    rows.iter()
        .map(|it| it.split(' ').next().unwrap().to_owned())
        .collect()
}

#[test]
fn a_dropped_server_rule_is_noticed() {
    let rows = rows("M02");
    for seed in ["s01", "s02", "s04", "s05", "s06", "s07", "a01"] {
        assert!(
            rows.iter().any(|it| it == seed),
            "{seed} is not in {rows:?}"
        );
    }
}

#[test]
fn a_swapped_threshold_is_noticed() {
    let rows = rows("M08");
    for boundary in ["c02", "c07", "c32"] {
        assert!(
            rows.iter().any(|it| it == boundary),
            "{boundary} is not in {rows:?}"
        );
    }
}

#[test]
fn unknown_read_as_new_is_noticed() {
    assert!(rows("M10").contains(&"s09".to_owned()));
    assert!(rows("M11").contains(&"c26".to_owned()));
}

/// What only the solver sees: an overflow that no row comes near (and that refuses when it
/// happens, see `traps`), and a guard that can never speak.
const PROVED_ONLY: &[&str] = &["M06", "M07"];

/// What the load itself refuses: two by their form, two by the canaries, one tenant's grant.
const NOT_LOADED: &[(&str, &str)] = &[
    ("M03", "CS-guard-09"),
    ("M04", "CS-guard-22"),
    ("M15", "CS-guard-22"),
    ("M26", "CS-guard-09"),
    ("M27", "CS-guard-05"),
];

#[test]
fn every_mistake_is_noticed_without_a_solver_or_known_not_to_be() {
    let (mut unnoticed, mut not_loaded, mut seen) = (vec![], vec![], 0);
    for it in mistakes() {
        let number = it.name.split(' ').next().unwrap().to_owned();
        match noticed(&it) {
            Ok(rows) if rows.is_empty() => unnoticed.push(number),
            Ok(_) => seen += 1,
            Err(codes) => not_loaded.push((number, codes[0])),
        }
    }
    let not_loaded: Vec<(&str, &str)> = not_loaded.iter().map(|it| (it.0.as_str(), it.1)).collect();
    assert_eq!(unnoticed, PROVED_ONLY);
    assert_eq!(not_loaded, NOT_LOADED);
    assert_eq!(seen, 21);
}

#[test]
fn a_consent_or_an_emergency_that_becomes_a_person_is_noticed() {
    assert!(rows("M16").contains(&"e01".to_owned()));
    assert!(rows("M18").contains(&"e02".to_owned()));
}
