//! The custom section `countersign:manifest` (L010), found without an engine.
//!
//! From Rust it arrives in the core module, one level down; from `plugin build` at the top. It is
//! counted over the whole file: a second manifest, hidden deeper, is what a person would not have
//! seen.

use crate::plugin::error::LoadError;
use wasmparser::{Parser, Payload};

const NAME: &str = "countersign:manifest";

/// The bytes of the one manifest section.
pub(crate) fn manifest_section(component: &[u8]) -> Result<&[u8], LoadError> {
    let mut depth = 0u32;
    let mut found: Vec<(u32, &[u8])> = Vec::new();
    for payload in Parser::new(0).parse_all(component) {
        match payload.map_err(|error| malformed(&error))? {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::CustomSection(section) if section.name() == NAME => {
                found.push((depth, section.data()));
            }
            _ => {}
        }
    }
    match found.as_slice() {
        [] => Err(LoadError::new(
            10,
            "has no countersign:manifest section; add plugin.json and rebuild with: countersign plugin build",
        )),
        [(0 | 1, data)] => Ok(data),
        [(deep, _)] => Err(LoadError::new(
            10,
            format!(
                "has its countersign:manifest section {deep} levels down, it must be at the top level or one level down"
            ),
        )),
        many => Err(LoadError::new(
            10,
            format!(
                "has {} countersign:manifest sections, one is allowed",
                many.len()
            ),
        )),
    }
}

/// L004 for a file that does not even parse.
pub(crate) fn malformed(error: &wasmparser::Error) -> LoadError {
    LoadError::new(
        4,
        format!(
            "is not a valid component at byte {}: {}",
            error.offset(),
            error.message()
        ),
    )
}
