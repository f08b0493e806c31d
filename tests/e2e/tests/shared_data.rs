//! Every recorded alert of every vendor, through the binary that ships: what `source test` reads
//! is judged by somebody else, and what `ingest` delivers is all accounted for, and known again.
//!
//! The records are not ours to ship. Without them (`COUNTERSIGN_SHARED`, else `shared` beside the
//! repository) these tests say loudly that they were left out.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests"
)]

use countersign::model::Digest;
use e2e::guests::root;
use e2e::{OPERATOR, Setup, Stack, TENANT, binary};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder that holds `data` and `tools`.
fn shared() -> Option<PathBuf> {
    let named = std::env::var_os("COUNTERSIGN_SHARED").map(PathBuf::from);
    let here = root().canonicalize().unwrap();
    let mut places = named
        .into_iter()
        .chain(here.ancestors().map(|it| it.join("shared")));
    let found = places.find(|it| it.join("data/detections").is_dir());
    if found.is_none() {
        eprintln!("LEFT OUT: no shared/data beside the repository; set COUNTERSIGN_SHARED");
    }
    found
}

/// Every file of raw records.
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

/// Whether the vendor is SentinelOne.
fn ours(file: &Path) -> bool {
    let name = file.file_name().unwrap().to_string_lossy().into_owned();
    name.contains("sentinelone") || name.contains("sentinel_one")
}

fn lines(file: &Path) -> Vec<Vec<u8>> {
    let bytes = std::fs::read(file).unwrap();
    let lines = bytes
        .split(|it| *it == b'\n')
        .map(|it| it.trim_ascii().to_vec());
    lines.filter(|it| !it.is_empty()).collect()
}

/// The cases that have a line among the alerts, in their order.
fn cases(file: &Path) -> String {
    let text = std::fs::read_to_string(file.to_string_lossy().replace(".alerts.", ".cases."));
    let raw = |line: &&str| serde_json::from_str::<Value>(line).unwrap()["raw_format"] != "none";
    let lines = text.unwrap();
    lines
        .lines()
        .filter(raw)
        .map(|line| format!("{line}\n"))
        .collect()
}

/// What `source test` prints: one line a record.
fn source_test(file: &Path, source: Option<&Path>) -> Vec<Value> {
    let scratch = tempfile::tempdir().unwrap();
    let mut command = Command::new(binary());
    command.arg("--dir").arg(scratch.path()).arg("--json");
    command.args(["source", "test"]).arg(file);
    if let Some(source) = source {
        command.arg("--source").arg(source);
    }
    let output = command.output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {told}", file.display());
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Each record has one answer of exactly one kind, and what is not read says where.
fn well_formed(file: &Path, answers: &[Value]) {
    assert_eq!(answers.len(), lines(file).len(), "{}", file.display());
    for (index, it) in answers.iter().enumerate() {
        let members = it.as_object().unwrap().len();
        assert_eq!((&it["index"], members), (&index.into(), 4), "{it}");
        let detections = it["detections"].as_array().unwrap().len();
        let why = &it["rejected"];
        assert_eq!(why.is_null(), detections > 0, "{}: {it}", file.display());
        if !why.is_null() {
            let at = why["at"].as_str().unwrap();
            assert!(at.starts_with('/') || at.starts_with("byte "), "{it}");
            assert!(why["message"].as_str().unwrap().len() > 5, "{it}");
        }
    }
}

/// What the judge says of all answers, or nothing where it cannot be asked.
fn judged(shared: &Path, cases: &str, answers: Vec<Value>) -> Option<Value> {
    let judge = shared.join("tools/judge_sources.py");
    if !judge.is_file() || Command::new("python3").arg("--version").output().is_err() {
        eprintln!("LEFT OUT: the judge or python3 is missing");
        return None;
    }
    let scratch = tempfile::tempdir().unwrap();
    let (of_cases, of_answers) = (scratch.path().join("cases"), scratch.path().join("answers"));
    let numbered = answers.into_iter().enumerate().map(|(index, mut it)| {
        it["index"] = index.into();
        format!("{it}\n")
    });
    std::fs::write(&of_cases, cases).unwrap();
    std::fs::write(&of_answers, numbered.collect::<String>()).unwrap();
    let ask = |more: &[&str]| {
        let mut python = Command::new("python3");
        python.arg(&judge).args([&of_cases, &of_answers]).args(more);
        python.output().unwrap()
    };
    eprintln!(
        "{}",
        String::from_utf8_lossy(&ask(&["--by", "source"]).stdout)
    );
    let output = ask(&["--by", "source", "--json", "--misses", "20"]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    let result: Value = serde_json::from_slice(&output.stdout).unwrap();
    for (source, row) in result.as_object().unwrap() {
        let count = |what: &str| row["precision"][what].as_u64().unwrap_or(0);
        let wrong = (count("invented"), count("misplaced"));
        assert_eq!(wrong, (0, 0), "{source}: {told}");
        assert_eq!(row["records"]["no answer"], Value::Null, "{source}");
    }
    Some(result)
}

#[test]
fn what_the_sentinelone_source_reads_is_neither_invented_nor_misplaced() {
    let Some(shared) = shared() else { return };
    let plugin = root().join("plugins/target/wasm32-wasip2/release/sentinelone.wasm");
    let (mut of_cases, mut all) = (String::new(), Vec::new());
    for file in recorded(&shared).iter().filter(|it| ours(it)) {
        let answers = source_test(file, Some(&plugin));
        well_formed(file, &answers);
        of_cases += &cases(file);
        all.extend(answers);
    }
    let read = all.iter().filter(|it| it["rejected"].is_null()).count();
    assert!(read > 5, "{read} of {} were read: vacuous", all.len());
    if let Some(result) = judged(&shared, &of_cases, all) {
        let selecting = result.as_object().unwrap().values();
        let judged: u64 = selecting
            .map(|it| it["precision"]["all"].as_u64().unwrap_or(0))
            .sum();
        assert!(judged > 20, "{judged} values that select: vacuous");
    }
}

#[test]
fn what_is_read_without_a_source_is_neither_invented_nor_misplaced() {
    let Some(shared) = shared() else { return };
    let (mut of_cases, mut all) = (String::new(), Vec::new());
    for file in recorded(&shared) {
        let answers = source_test(&file, None);
        well_formed(&file, &answers);
        of_cases += &cases(&file);
        all.extend(answers);
    }
    assert!(all.len() > 1000, "{}", all.len());
    let read = all.iter().filter(|it| it["rejected"].is_null()).count();
    assert!(read > 0, "none of {} was read: vacuous", all.len());
    judged(&shared, &of_cases, all);
}

/// What `ingest` says became of files.
struct Sum {
    accepted: usize,
    duplicates: usize,
    rejected: usize,
}

fn ingest(stack: &Stack, files: &[PathBuf], source: Option<&str>) -> Sum {
    let api = stack.api(OPERATOR);
    let mut command = Command::new(binary());
    command
        .args(["--json", "--tenant", TENANT, "--url", &api.base()])
        .env("COUNTERSIGN_TOKEN", api.token().unwrap())
        .arg("ingest")
        .args(files);
    if let Some(source) = source {
        command.args(["--source", source]);
    }
    let output = command.output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    let sum: Value = serde_json::from_slice(&output.stdout).unwrap();
    let count = |name: &str| usize::try_from(sum[name].as_u64().unwrap()).unwrap();
    Sum {
        accepted: count("accepted"),
        duplicates: count("duplicates"),
        rejected: sum["rejected"].as_array().unwrap().len(),
    }
}

/// The digests of all bytes that the journal has.
fn kept(stack: &Stack) -> BTreeSet<String> {
    let path = "journal?kind=payload-received";
    let entries = stack.api(OPERATOR).whole(path, "entries");
    let payload = |it: &Value| {
        let entry = it["entry"].as_object().unwrap();
        let inner = entry.values().find_map(|it| it["payload"].as_str());
        let payload = entry.get("payload").and_then(Value::as_str).or(inner);
        payload.unwrap().to_owned()
    };
    entries.iter().map(payload).collect()
}

#[test]
fn all_files_are_taken_in_whole_and_the_second_time_everything_is_a_duplicate() {
    let Some(shared) = shared() else { return };
    let mut stack = Setup::new().start();
    let files = recorded(&shared);
    let vendor: Vec<PathBuf> = files.iter().filter(|it| ours(it)).cloned().collect();
    for (files, source) in [(&vendor, Some("sentinelone")), (&files, None)] {
        let records: Vec<Vec<u8>> = files.iter().flat_map(|it| lines(it)).collect();
        let first = ingest(&stack, files, source);
        let accounted = first.accepted + first.duplicates + first.rejected;
        assert_eq!(
            accounted,
            records.len(),
            "{source:?}: a record without an answer"
        );
        assert!(first.accepted > 0, "{source:?}: none was accepted: vacuous");

        if source.is_none() {
            // one alert is one payload: each is in the journal, or is known from one that is
            let kept = kept(&stack);
            let known = |it: &&Vec<u8>| !kept.contains(Digest::of(it).as_str());
            let not_kept = records.iter().filter(known).count();
            assert!(
                not_kept <= first.duplicates,
                "{not_kept} records are not in the journal, {} are duplicates",
                first.duplicates
            );
        }
        for what in ["at once", "after a restart"] {
            let again = ingest(&stack, files, source);
            assert_eq!(
                (again.accepted, again.rejected),
                (0, 0),
                "{source:?} {what}"
            );
            assert_eq!(again.duplicates, records.len(), "{source:?} {what}");
            stack.restart();
        }
    }
    // every 5xx is told in the log, and so is a panic
    let log = std::fs::read_to_string(stack.workspace().join("host.log")).unwrap();
    for sign in ["answered with a problem", "panicked"] {
        assert!(!log.contains(sign), "{log}");
    }
}
