//! The plugins we ship and the guests we test with: built for wasm, in their own workspace.
//!
//! The target folder is always `plugins/target`, whatever `CARGO_TARGET_DIR` says: that is where
//! tests look for what they load, and two workspaces in one folder would wait for each other.

use crate::steps::{Done, Failed, Steps, cargo, root};
use std::path::{Path, PathBuf};
use std::process::Command;

const TARGET: &str = "wasm32-wasip2";

/// Builds all of them.
///
/// # Errors
/// The target cannot be added, or one does not compile.
pub fn build(steps: &mut Steps) -> Done {
    add_target(steps)?;
    let args = [
        "build",
        "--release",
        "--target",
        TARGET,
        "--target-dir",
        "target",
    ];
    steps.run("guests", &mut cargo(&root().join("plugins"), &args))
}

/// Whoever has rustup has nothing to do; whoever has not, has put the target there already or is
/// told what is missing.
fn add_target(steps: &mut Steps) -> Done {
    let args = ["--print", "target-libdir", "--target", TARGET];
    let asked = Command::new("rustc")
        .current_dir(root())
        .args(args)
        .output();
    let folder = asked.map_err(|error| Failed::new(format!("rustc: {error}")))?;
    let folder = PathBuf::from(String::from_utf8_lossy(&folder.stdout).trim());
    if folder.is_dir() {
        return Ok(());
    }
    let mut add = Command::new("rustup");
    add.current_dir(root()).args(["target", "add", TARGET]);
    steps.run("add target", &mut add).map_err(|failed| {
        Failed::new(format!(
            "{}; plugins are built for {TARGET}: install its standard library",
            failed.why
        ))
    })
}

/// A plugin that we ship.
#[derive(Debug, PartialEq, Eq)]
pub struct Shipped {
    /// Its id.
    pub id: String,
    /// The component that cargo makes of it.
    pub component: PathBuf,
}

/// Every plugin that we ship, by id.
///
/// # Errors
/// A folder has no manifest, or one that says no id.
pub fn shipped() -> Result<Vec<Shipped>, Failed> {
    let plugins = root().join("plugins");
    let mut all = Vec::new();
    for kind in ["connectors", "playbooks", "sources"] {
        let folder = plugins.join(kind);
        let entries = std::fs::read_dir(&folder).map_err(|error| at(&folder, &error))?;
        let folders = entries.filter_map(Result::ok).map(|it| it.path());
        for folder in folders.filter(|it| it.join("Cargo.toml").is_file()) {
            all.push(one(&plugins, &folder)?);
        }
    }
    all.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(all)
}

fn one(plugins: &Path, folder: &Path) -> Result<Shipped, Failed> {
    let manifest = folder.join("plugin.json");
    let text = std::fs::read_to_string(&manifest).map_err(|error| at(&manifest, &error))?;
    let value: serde_json::Value =
        serde_json::from_str(&text).map_err(|error| at(&manifest, &error))?;
    let id = value.get("id").and_then(serde_json::Value::as_str);
    let id = id
        .ok_or_else(|| at(&manifest, &"it says no id"))?
        .to_owned();
    let cargo = folder.join("Cargo.toml");
    let text = std::fs::read_to_string(&cargo).map_err(|error| at(&cargo, &error))?;
    // the package is not always called like its folder: `range` is the range itself
    let mut names = text
        .lines()
        .filter_map(|it| it.strip_prefix("name = \"")?.strip_suffix('"'));
    let package = names.next().ok_or_else(|| at(&cargo, &"it says no name"))?;
    let component = component(plugins, package);
    Ok(Shipped { id, component })
}

/// Where cargo puts the component of a package.
pub fn component(plugins: &Path, package: &str) -> PathBuf {
    let name = format!("{}.wasm", package.replace('-', "_"));
    plugins
        .join("target")
        .join(TARGET)
        .join("release")
        .join(name)
}

fn at(path: &Path, error: &dyn std::fmt::Display) -> Failed {
    Failed::new(format!("{}: {error}", path.display()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_plugin_is_found_by_the_id_of_its_manifest() {
        let ids: Vec<String> = shipped().unwrap().into_iter().map(|it| it.id).collect();
        let expected = [
            "block-indicator",
            "contain-malware",
            "range",
            "restore-overreach",
            "sentinelone",
            "webhook",
        ];
        assert_eq!(ids, expected.map(|it| format!("countersign.{it}")));
    }
}
