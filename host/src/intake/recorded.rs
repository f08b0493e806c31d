//! Every recorded alert of every vendor, read natively: one answer a record, each located, none
//! dropped; and what was read is judged by somebody else against what other projects read.
//!
//! The records are not ours to ship. Without them (`COUNTERSIGN_SHARED`, else `shared` beside the
//! repository) these tests say loudly that they were left out.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use super::source_test::{Answer, answers, json_lines, native};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder that holds `data` and `tools`.
pub(super) fn shared() -> Option<PathBuf> {
    let named = std::env::var("COUNTERSIGN_SHARED").ok().map(PathBuf::from);
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let beside = manifest.ancestors().map(|it| it.join("shared"));
    let mut places = named.into_iter().chain(beside);
    let found = places.find(|it| it.join("data").is_dir());
    if found.is_none() {
        eprintln!("LEFT OUT: no shared/data beside the repository; set COUNTERSIGN_SHARED");
    }
    found
}

fn recorded(shared: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for origin in std::fs::read_dir(shared.join("data/detections")).unwrap() {
        let inner = std::fs::read_dir(origin.unwrap().path()).unwrap();
        let inner = inner.map(|it| it.unwrap().path());
        files.extend(inner.filter(|it| it.to_string_lossy().ends_with(".alerts.ndjson")));
    }
    files.sort();
    files
}

fn read(path: &Path) -> (Vec<Answer>, usize) {
    let bytes = std::fs::read(path).unwrap();
    let lines = bytes.split(|b| *b == b'\n').filter(|line| !line.is_empty());
    let lines = lines.count();
    (answers(&bytes, &path.to_string_lossy(), &native), lines)
}

#[test]
fn every_recorded_alert_has_exactly_one_located_answer() {
    let Some(shared) = shared() else { return };
    let (mut records, mut found) = (0, 0);
    for path in recorded(&shared) {
        let (answers, lines) = read(&path);
        assert_eq!(answers.len(), lines, "{}", path.display());
        for (index, it) in answers.iter().enumerate() {
            assert_eq!(it.index, index);
            match &it.rejected {
                None => assert!(
                    !it.detections.is_empty() && !it.unmapped,
                    "{}",
                    path.display()
                ),
                Some(why) => {
                    assert!(it.detections.is_empty());
                    assert!(
                        why.at.starts_with('/') || why.at.starts_with("byte "),
                        "{why:?}"
                    );
                    assert!(!why.message.is_empty());
                }
            }
            found += it.detections.len();
        }
        records += lines;
    }
    assert!(
        records > 1000 && found > 0,
        "{found} detections in {records} records: vacuous"
    );
}

#[test]
fn published_samples_that_are_no_json_are_malformed_where_they_break() {
    let Some(shared) = shared() else { return };
    let text = std::fs::read_to_string(shared.join("data/malformed/malformed.ndjson")).unwrap();
    for line in text.lines() {
        let sample: Value = serde_json::from_str(line).unwrap();
        let it = native(sample["text"].as_str().unwrap().as_bytes()).unwrap_err();
        assert_eq!(it.code, "malformed");
        assert!(it.at.unwrap().starts_with("byte "));
    }
}

#[test]
fn the_judge_finds_nothing_invented_and_nothing_misplaced() {
    let Some(shared) = shared() else { return };
    let judge = shared.join("tools/judge_sources.py");
    if !judge.is_file() || Command::new("python3").arg("--version").output().is_err() {
        eprintln!("LEFT OUT: the judge or python3 is missing");
        return;
    }
    let scratch = tempfile::tempdir().unwrap();
    let (of_cases, of_answers) = (scratch.path().join("cases"), scratch.path().join("answers"));
    let (mut cases, mut lines) = (String::new(), Vec::new());
    for path in recorded(&shared) {
        let text = std::fs::read_to_string(path.to_string_lossy().replace(".alerts.", ".cases."));
        // A case without a raw record has no line among the alerts.
        let raw =
            |line: &&str| serde_json::from_str::<Value>(line).unwrap()["raw_format"] != "none";
        for line in text.unwrap().lines().filter(raw) {
            cases.push_str(line);
            cases.push('\n');
        }
        lines.extend(read(&path).0);
    }
    for (index, it) in lines.iter_mut().enumerate() {
        it.index = index;
    }
    std::fs::write(&of_cases, &cases).unwrap();
    std::fs::write(&of_answers, json_lines(&lines)).unwrap();
    let mut python = Command::new("python3");
    python
        .arg(&judge)
        .args([&of_cases, &of_answers])
        .args(["--by", "source", "--json"]);
    let output = python.output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let result: Value = serde_json::from_slice(&output.stdout).unwrap();
    for (source, row) in result.as_object().unwrap() {
        let count = |what: &str| row["precision"][what].as_u64().unwrap_or(0);
        assert_eq!((count("invented"), count("misplaced")), (0, 0), "{source}");
        assert_eq!(row["records"]["no answer"], Value::Null, "{source}");
    }
    assert!(
        result["ocsf_ocsf"]["precision"]["all"].as_u64() > Some(0),
        "vacuous"
    );
}
