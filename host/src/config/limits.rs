//! Limits of plugin calls that the operator sets.
//!
//! The engine owns the table of limits, with names, defaults, floors and ceilings; what is here
//! only knows where each setting stands in the file, so that a limit can be written down in one
//! place and refused in another, at its line.

use super::error::{Code, ConfigError};
use super::nearest::nearest;
use super::place::Place;
use super::section::{Key, Section, Shape};
use super::value::number;
use crate::engine::{LimitError, LimitKind, Limits};

pub(super) const LIMITS: Shape = Shape {
    title: "countersign.toml [limits]",
    keys: &[
        Key {
            name: "source",
            kind: "table of limits",
            default: "the table's",
            doc: "one call of a source",
        },
        Key {
            name: "playbook",
            kind: "table of limits",
            default: "the table's",
            doc: "one call of a playbook",
        },
        Key {
            name: "connector",
            kind: "table of limits",
            default: "the table's",
            doc: "one call of a connector",
        },
        Key {
            name: "engine",
            kind: "table of limits",
            default: "the table's",
            doc: "all plugins together; read once, at start",
        },
    ],
};

/// One of the tables below: its keys are the names of the engine's table.
const ANY: Shape = Shape {
    title: "countersign.toml [limits.KIND]",
    keys: &[],
};

/// The limits in force: the table's defaults, and what the file sets.
pub(super) fn read(section: &Section<'_, '_>) -> Limits {
    let mut limits = Limits::default();
    for key in LIMITS.keys {
        let settings = section.section(key.name, &ANY);
        let Some((kind, settings)) = LimitKind::parse(key.name).zip(settings) else {
            continue;
        };
        for (name, item) in settings.entries() {
            let place = settings.place_of(item);
            match number(0..=u64::from(u32::MAX))(item) {
                Ok(value) => {
                    if let Err(reason) = limits.set(kind, name, value) {
                        settings.report(refused(&settings, kind, name, place, &reason));
                    }
                }
                Err(wrong) => settings.wrong(&settings.dotted(name), place, wrong),
            }
        }
    }
    limits
}

fn refused(
    settings: &Section<'_, '_>,
    kind: LimitKind,
    name: &str,
    place: Place,
    reason: &LimitError,
) -> ConfigError {
    let path = settings.dotted(name);
    match reason {
        LimitError::Unknown { known, .. } => {
            let names = Limits::rows(kind).map(|row| row.name);
            let label = nearest(name, names).map_or_else(
                || "no limit has this name here".to_owned(),
                |it| format!("did you mean `{it}`?"),
            );
            let place = settings.place_of_key(name);
            ConfigError::new(Code::UnknownKey, format!("unknown limit `{path}`"), place)
                .label(label)
                .help(format!("known here: {known}"))
        }
        LimitError::OutOfRange {
            value,
            floor,
            ceiling,
            unit,
            ..
        } => ConfigError::new(Code::BadLimit, format!("`{path}` is {value}"), place)
            .label(format!("expected {floor} to {ceiling} {unit}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_the_engines_table_has_its_key() {
        let mut kinds: Vec<&str> = LimitKind::ALL.iter().map(|it| it.as_str()).collect();
        kinds.sort_unstable();
        let mut keys: Vec<&str> = LIMITS.keys.iter().map(|it| it.name).collect();
        keys.sort_unstable();
        assert_eq!(keys, kinds);
    }
}
