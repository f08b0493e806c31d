//! The documentation says nothing that is not so.

use super::super::error::GuardFile;
use super::super::scenario_run::run_scenarios;
use super::super::set::Guards;
use super::baseline;
use crate::model::TenantId;
use std::collections::BTreeSet;
use std::path::Path;

const GUIDE: &str = include_str!("../../../docs/guards.md");
const CODES: &str = include_str!("../../../docs/errors/guard.md");

fn block(language: &str) -> GuardFile {
    let from = GUIDE.split(&format!("```{language}\n")).nth(1).unwrap();
    GuardFile::new("guards.md", from.split("```").next().unwrap())
}

#[test]
fn the_guard_in_the_guide_loads() {
    Guards::load(&[block("cedar")]).unwrap();
}

#[test]
fn the_scenarios_in_the_guide_hold() {
    let acme = TenantId::new("acme");
    let report = run_scenarios(&baseline(), &acme, &block("toml")).unwrap();
    assert_eq!((report.rows.len(), report.failed), (2, 0), "{report:#?}");
}

fn codes(text: &str) -> BTreeSet<String> {
    let found = text.split("CS-guard-").skip(1);
    let numbers = found.filter_map(|it| it.get(..2));
    let numbers = numbers.filter(|it| it.bytes().all(|b| b.is_ascii_digit()));
    numbers.map(str::to_owned).collect()
}

#[test]
fn every_code_has_a_section_and_every_section_a_code() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/guard");
    let files = std::fs::read_dir(folder).unwrap();
    let sources = files.map(|it| it.unwrap().path()).filter(|it| it.is_file());
    let used: BTreeSet<String> = sources
        .flat_map(|it| codes(&std::fs::read_to_string(it).unwrap()))
        .collect();
    let sections: Vec<&str> = CODES.lines().filter(|it| it.starts_with("## ")).collect();
    assert_eq!(codes(&sections.join("\n")), used);
    assert!(used.len() > 10, "{used:?}");
}
