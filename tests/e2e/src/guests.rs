//! The plugins that suites load: ours, and the guests that misbehave in one way each.
//!
//! They are built for wasm in their own workspace, before the tests (`cargo xtask test` does).
//! A missing one is named with the command that makes it.
#![allow(clippy::panic, reason = "a test without its guest cannot go on")]

use std::path::{Path, PathBuf};

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The component of a guest or plugin, by the name of its folder.
///
/// # Panics
/// It was not built; says how to.
pub fn component(name: &str) -> Vec<u8> {
    let file = format!("{}.wasm", name.replace('-', "_"));
    let path = root()
        .join("plugins/target/wasm32-wasip2/release")
        .join(file);
    std::fs::read(&path).unwrap_or_else(|error| {
        panic!(
            "{}: {error}; build the guests: (cd plugins && cargo build --release --target wasm32-wasip2 --target-dir target)",
            path.display()
        )
    })
}

/// The names of all guests: the folders of `tests/guests`.
///
/// # Panics
/// The folder cannot be read.
pub fn names() -> Vec<String> {
    let dir = root().join("tests/guests");
    let entries =
        std::fs::read_dir(&dir).unwrap_or_else(|error| panic!("{}: {error}", dir.display()));
    let mut names: Vec<String> = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.path().join("Cargo.toml").is_file())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}
