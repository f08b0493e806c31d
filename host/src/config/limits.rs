//! Limits of plugin calls that the operator sets, by kind of plugin.
//!
//! The engine owns the table of limits with its defaults and ceilings; this folder must not know
//! the engine. So names are checked here, values against the engine's ceilings by whoever
//! assembles the two (`check`), and each value keeps its place so that a refusal points at it.

use super::error::{Code, ConfigError};
use super::place::Placed;
use super::section::{Key, Section, Shape};
use super::value::number;
use crate::model::PluginKind;
use std::collections::BTreeMap;

pub(super) const LIMITS: Shape = Shape {
    title: "countersign.toml [limits]",
    keys: &[
        Key {
            name: "source",
            kind: "table",
            default: "none",
            doc: "limits of one call of a source",
        },
        Key {
            name: "playbook",
            kind: "table",
            default: "none",
            doc: "limits of one call of a playbook",
        },
        Key {
            name: "connector",
            kind: "table",
            default: "none",
            doc: "limits of one call of a connector",
        },
    ],
};

pub(super) const LIMIT: Shape = Shape {
    title: "countersign.toml [limits.source], [limits.playbook], [limits.connector]",
    keys: &[
        Key {
            name: "fuel_millions",
            kind: "number",
            default: "the engine's",
            doc: "CPU, as the engine counts it: the same input always ends at the same place",
        },
        Key {
            name: "wall_ms",
            kind: "number",
            default: "the engine's",
            doc: "wall clock of one call",
        },
        Key {
            name: "memory_mib",
            kind: "number",
            default: "the engine's",
            doc: "memory, summed over the call",
        },
        Key {
            name: "table_elements",
            kind: "number",
            default: "the engine's",
            doc: "table elements, summed over the call",
        },
        Key {
            name: "stack_kib",
            kind: "number",
            default: "the engine's",
            doc: "stack of the guest",
        },
        Key {
            name: "hostcall_bytes",
            kind: "number",
            default: "the engine's",
            doc: "bytes that cross in one host call, and in the answer",
        },
        Key {
            name: "hostcalls",
            kind: "number",
            default: "the engine's",
            doc: "host calls",
        },
        Key {
            name: "handles",
            kind: "number",
            default: "the engine's",
            doc: "resource handles",
        },
        Key {
            name: "log_bytes",
            kind: "number",
            default: "the engine's",
            doc: "bytes written to the plugin's log",
        },
        Key {
            name: "log_lines",
            kind: "number",
            default: "the engine's",
            doc: "lines written to the plugin's log",
        },
    ],
};

/// What the operator set, by kind of plugin and name of the limit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LimitOverrides(pub BTreeMap<PluginKind, BTreeMap<String, Placed<u64>>>);

impl LimitOverrides {
    /// The names a limit can have.
    pub fn names() -> impl Iterator<Item = &'static str> {
        LIMIT.keys.iter().map(|it| it.name)
    }

    /// Every limit set, as kind, name and value.
    pub fn iter(&self) -> impl Iterator<Item = (PluginKind, &str, &Placed<u64>)> {
        self.0.iter().flat_map(|(kind, limits)| {
            let limits = limits.iter();
            limits.map(|(name, value)| (*kind, name.as_str(), value))
        })
    }

    /// Hands every limit to `set`, which answers why it refuses one. Errors: each refused limit,
    /// at its place in the file.
    pub fn check(
        &self,
        mut set: impl FnMut(PluginKind, &str, u64) -> Result<(), String>,
    ) -> Result<(), Vec<ConfigError>> {
        let mut errors = Vec::new();
        for (kind, name, limit) in self.iter() {
            if let Err(reason) = set(kind, name, limit.value) {
                let message = format!("`limits.{kind}.{name}` is {}", limit.value);
                let error = ConfigError::new(Code::BadLimit, message, limit.place.clone());
                errors.push(error.label(reason));
            }
        }
        if errors.is_empty() {
            Ok(())
        } else {
            Err(errors)
        }
    }

    pub(super) fn read(section: &Section<'_, '_>) -> Self {
        let mut all = BTreeMap::new();
        for (key, kind) in [
            ("source", PluginKind::Source),
            ("playbook", PluginKind::Playbook),
            ("connector", PluginKind::Connector),
        ] {
            let Some(limits) = section.section(key, &LIMIT) else {
                continue;
            };
            let set: BTreeMap<String, Placed<u64>> = LIMIT
                .keys
                .iter()
                .filter_map(|key| {
                    let value = limits.optional(key.name, number(1..=u64::from(u32::MAX)))?;
                    Some((key.name.to_owned(), value))
                })
                .collect();
            all.insert(kind, set);
        }
        Self(all)
    }
}
