//! Which file a person means by the name of a plugin.
//!
//! A path is a path. A name is looked for in one folder: that of `--plugins`, else of the
//! workspace, else the one beside the program; first by the file's name, then by what the
//! manifests in there say. Nothing of a plugin runs for this.

use super::context::Context;
use super::failure::Failure;
use super::input;
use crate::config::{HOST_FILE, HostConfig};
use crate::plugin::read_manifest;
use std::path::{Path, PathBuf};

/// A plugin's file.
#[derive(Debug)]
pub struct PluginFile {
    /// Where it was found.
    pub path: PathBuf,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// Where plugins are, in order of who says so.
pub fn folder(said: Option<&Path>, ctx: &Context) -> PathBuf {
    let workspace = || host(ctx).and_then(|it| it.plugins_dir);
    let beside = || {
        let program = std::env::current_exe().ok()?;
        Some(program.parent()?.join("plugins"))
    };
    let said = said.map(Path::to_owned).or_else(workspace);
    said.or_else(beside)
        .unwrap_or_else(|| PathBuf::from("plugins"))
}

/// The workspace's `countersign.toml`, where there is one that can be read.
pub fn host(ctx: &Context) -> Option<HostConfig> {
    ctx.dir
        .join(HOST_FILE)
        .exists()
        .then(|| HostConfig::load(&ctx.dir).ok())?
}

/// How large a plugin may be: as the workspace says, else as hosts do that say nothing.
fn bytes_max(ctx: &Context) -> u64 {
    let limits = host(ctx).map(|it| it.limits).unwrap_or_default();
    limits.engine.plugin_mib << 20
}

/// The plugin that is meant.
///
/// # Errors
/// `CS-cli-20`: there is none of that name. `CS-cli-15`: it cannot be read.
pub fn find(name: &str, said: Option<&Path>, ctx: &Context) -> Result<PluginFile, Failure> {
    let bytes_max = bytes_max(ctx);
    let as_path = Path::new(name);
    if name.ends_with(".wasm") || name.contains(['/', '\\']) || input::is_stdin(as_path) {
        return read(as_path, bytes_max);
    }
    let folder = folder(said, ctx);
    for file in [format!("{name}.wasm"), format!("countersign.{name}.wasm")] {
        let path = folder.join(file);
        if path.exists() {
            return read(&path, bytes_max);
        }
    }
    by_manifest(name, &folder, bytes_max).ok_or_else(|| {
        let message = format!("there is no plugin {name} in {}", folder.display());
        Failure::usage("CS-cli-20", message)
            .help("say where plugins are with --plugins, or give the file")
    })
}

fn read(path: &Path, bytes_max: u64) -> Result<PluginFile, Failure> {
    let bytes = input::read(path, bytes_max)?;
    Ok(PluginFile {
        path: path.to_owned(),
        bytes,
    })
}

/// By id, or the last part of it. Files that are no plugins are passed over.
fn by_manifest(name: &str, folder: &Path, bytes_max: u64) -> Option<PluginFile> {
    let entries = std::fs::read_dir(folder).ok()?.filter_map(Result::ok);
    let mut paths: Vec<PathBuf> = entries.map(|it| it.path()).collect();
    paths.retain(|it| it.extension().is_some_and(|it| it == "wasm"));
    paths.sort();
    paths.into_iter().find_map(|path| {
        let file = read(&path, bytes_max).ok()?;
        let id = read_manifest(&file.bytes).ok()?.id;
        let last = id.as_str().rsplit('.').next();
        (id.as_str() == name || last == Some(name)).then_some(file)
    })
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
mod tests {
    use super::super::stand_in::context;
    use super::*;

    #[test]
    fn a_plugin_is_found_by_path_and_by_its_name_where_plugins_are() {
        let home = tempfile::tempdir().unwrap();
        let mut ctx = context(home.path());
        let folder = home.path().join("dist");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("one.wasm"), "1").unwrap();
        std::fs::write(folder.join("countersign.two.wasm"), "2").unwrap();
        for (name, bytes) in [("one", "1"), ("two", "2"), ("countersign.two", "2")] {
            let found = find(name, Some(&folder), &ctx).unwrap();
            assert_eq!(found.bytes, bytes.as_bytes(), "{name}");
        }
        assert_eq!(
            find("three", Some(&folder), &ctx).unwrap_err().code(),
            "CS-cli-20"
        );
        let path = folder.join("one.wasm").display().to_string();
        assert_eq!(find(&path, None, &ctx).unwrap().bytes, b"1");
        assert_eq!(
            find("gone.wasm", None, &ctx).unwrap_err().code(),
            "CS-cli-15"
        );
        // the workspace's own folder is where no other is said
        ctx.dir = home.path().join("w");
        std::fs::create_dir(&ctx.dir).unwrap();
        std::fs::write(ctx.dir.join(HOST_FILE), "plugins_dir = \"../dist\"").unwrap();
        assert_eq!(find("one", None, &ctx).unwrap().bytes, b"1");
    }
}
