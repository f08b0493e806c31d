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
    let bytes = std::fs::read(&path).unwrap_or_else(|error| {
        panic!(
            "{}: {error}; build the guests: (cd plugins && cargo build --release --target wasm32-wasip2 --target-dir target)",
            path.display()
        )
    });
    growing_tables(bytes)
}

/// `i32.const 0x7fffffff, memory.grow`: asks for more memory than there can be.
const GROW_MEMORY: &[u8] = &[0x41, 0xff, 0xff, 0xff, 0xff, 0x07, 0x40, 0x00];
/// `ref.null func, i32.const 8191, table.grow 0`: as long as that, and a number like that.
const GROW_TABLE: &[u8] = &[0xd0, 0x70, 0x41, 0xff, 0x3f, 0xfc, 0x0f, 0x00];

/// Rust has no word for growing a table. A guest that is to do so asks for an impossible memory
/// instead, and here one instruction is put in the other's place.
fn growing_tables(mut bytes: Vec<u8>) -> Vec<u8> {
    let found = bytes
        .windows(GROW_MEMORY.len())
        .position(|it| it == GROW_MEMORY);
    if let Some(place) = found.and_then(|at| bytes.get_mut(at..at + GROW_MEMORY.len())) {
        place.copy_from_slice(GROW_TABLE);
    }
    bytes
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
