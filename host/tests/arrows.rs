//! Dependencies point one way: `model` <- stages <- `pipeline` <- `api`, `console`, `cli`. This
//! test reads the `use` lines and fails on an arrow that is not in the table, so that a new one
//! is a decision and not an accident. It also holds which outside names a folder may speak.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Folder to the folders that it may use, in the order of the flow.
const ARROWS: &[(&str, &[&str])] = &[
    ("model", &[]),
    // limits are written in the config file and known by the engine
    ("config", &["model", "engine"]),
    ("intake", &["model"]),
    ("journal", &["model", "inventory"]),
    ("inventory", &["model"]),
    ("engine", &["model"]),
    ("plugin", &["model", "engine", "inventory"]),
    ("rollout", &["model", "journal"]),
    ("guard", &["model"]),
    ("verdict", &["model", "guard"]),
    ("approval", &["model", "journal"]),
    ("execute", &["model", "journal", "verdict"]),
    ("telemetry", &["model", "config"]),
    (
        "pipeline",
        &[
            "model",
            "config",
            "intake",
            "journal",
            "inventory",
            "engine",
            "plugin",
            "rollout",
            "guard",
            "verdict",
            "approval",
            "execute",
            "telemetry",
        ],
    ),
    (
        "api",
        &[
            "model",
            "config",
            "intake",
            "journal",
            "inventory",
            "engine",
            "plugin",
            "guard",
            "approval",
            "pipeline",
        ],
    ),
    (
        "console",
        &[
            "model",
            "engine",
            "inventory",
            "journal",
            "guard",
            "approval",
            "verdict",
            "pipeline",
            "api",
        ],
    ),
    (
        "cli",
        &[
            "model",
            "config",
            "intake",
            "journal",
            "inventory",
            "engine",
            "plugin",
            "guard",
            "pipeline",
            "api",
            "console",
            "telemetry",
        ],
    ),
];

/// Outside names and the only folders that may speak them.
const OUTSIDE: &[(&str, &[&str])] = &[
    ("wasmtime", &["engine", "plugin"]),
    ("wasmtime_wasi", &["engine", "plugin"]),
    ("cedar_policy", &["guard"]),
    ("rusqlite", &["journal"]),
    ("axum", &["api", "console"]),
    ("utoipa_axum", &["api"]),
    ("governor", &["api"]),
];

fn files(dir: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, into);
        } else if path.extension().is_some_and(|it| it == "rs") {
            into.push(path);
        }
    }
}

/// Every folder of `src` with the text of its files, tests left out.
fn folders() -> BTreeMap<String, Vec<(PathBuf, String)>> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut all = Vec::new();
    files(&src, &mut all);
    let mut folders: BTreeMap<String, Vec<(PathBuf, String)>> = BTreeMap::new();
    for path in all {
        let place = path.strip_prefix(&src).unwrap().to_owned();
        let Some(folder) = place.parent().and_then(|it| it.components().next()) else {
            continue;
        };
        let is_test = place.components().any(|it| it.as_os_str() == "tests")
            || place.to_string_lossy().ends_with("tests.rs");
        if is_test {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let code: String = code
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .map(|line| format!("{line}\n"))
            .collect();
        folders
            .entry(folder.as_os_str().to_string_lossy().into_owned())
            .or_default()
            .push((place, code));
    }
    folders
}

/// The folders that a text names after `crate::`, also within braces.
fn named(code: &str) -> BTreeSet<String> {
    let word = |rest: &str| {
        rest.chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
            .collect::<String>()
    };
    let mut found: BTreeSet<String> = code
        .match_indices("crate::")
        .map(|(at, it)| word(&code[at + it.len()..]))
        .collect();
    for (at, it) in code.match_indices("crate::{") {
        let inside = code[at + it.len()..].split('}').next().unwrap_or_default();
        found.extend(inside.split(',').map(|it| word(it.trim())));
    }
    found.retain(|it| !it.is_empty());
    found
}

#[test]
fn dependencies_point_one_way() {
    let folders = folders();
    let known: BTreeSet<&str> = ARROWS.iter().map(|(from, _)| *from).collect();
    let mut arrows = 0;
    let mut wrong = Vec::new();
    for (folder, files) in &folders {
        let (_, allowed) = ARROWS
            .iter()
            .find(|(from, _)| from == folder)
            .unwrap_or_else(|| panic!("folder {folder} is not in the table"));
        for (path, code) in files {
            for to in named(code)
                .iter()
                .filter(|it| known.contains(it.as_str()) && *it != folder)
            {
                arrows += 1;
                if !allowed.contains(&to.as_str()) {
                    wrong.push(format!("{}: {folder} -> {to}", path.display()));
                }
            }
        }
    }
    assert!(
        arrows > 100,
        "only {arrows} arrows were seen: the test does not read the code any more"
    );
    assert!(
        wrong.is_empty(),
        "new arrows; decide about each and put it into the table:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn outside_names_stay_in_their_folder() {
    let mut seen = BTreeSet::new();
    let mut wrong = Vec::new();
    for (folder, files) in &folders() {
        for (path, code) in files {
            for (name, allowed) in OUTSIDE {
                if code.contains(&format!("{name}::")) {
                    seen.insert(*name);
                    if !allowed.contains(&folder.as_str()) {
                        wrong.push(format!(
                            "{}: {name} is spoken only in {allowed:?}",
                            path.display()
                        ));
                    }
                }
            }
        }
    }
    assert_eq!(seen.len(), OUTSIDE.len(), "{seen:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
