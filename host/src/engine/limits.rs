//! Every limit of a plugin, in one table.
//!
//! A limit that is written down twice is a limit that differs. So the table below is the only
//! place: defaults, ceilings and units come from it, `host/docs/limits.md` is generated from it,
//! the config file is read through it by name, and a manifest that asks for more is measured
//! against it. LIMIT: each value has its reason in `meaning`, the measurements are in the
//! decisions.

use super::limits_doc::Meaning;
use std::collections::BTreeSet;

/// Which calls a limit is for; the name of the section in the config file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LimitKind {
    /// `[limits.playbook]`
    Playbook,
    /// `[limits.source]`
    Source,
    /// `[limits.connector]`
    Connector,
    /// `[limits.engine]`: what holds for all plugins together, read once at start.
    Engine,
}

impl LimitKind {
    /// Every kind, in the order of the table's columns.
    pub const ALL: &[Self] = &[Self::Playbook, Self::Source, Self::Connector, Self::Engine];
    /// The word in the config file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Playbook => "playbook",
            Self::Source => "source",
            Self::Connector => "connector",
            Self::Engine => "engine",
        }
    }
    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.as_str() == text)
    }
}

/// One row of the table.
#[derive(Debug)]
pub struct LimitRow {
    /// Its name in the config file; the unit comes last.
    pub name: &'static str,
    /// What one of it is.
    pub unit: &'static str,
    /// The default by kind, in the order of [`LimitKind::ALL`]; `None` where it does not apply.
    pub defaults: [Option<u64>; 4],
    /// The least that can be set.
    pub floor: u64,
    /// The most that can be set, by the operator or by a manifest.
    pub ceiling: u64,
    /// The name under which a manifest may ask for more; empty where it may not.
    pub manifest: &'static str,
    /// What it bounds, why, and what happens at the limit.
    pub meaning: Meaning,
}

impl LimitRow {
    /// The default for a kind.
    pub fn default_of(&self, kind: LimitKind) -> Option<u64> {
        self.defaults.get(kind as usize).copied().flatten()
    }
}

/// A limit that cannot be set as asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LimitError {
    /// No limit of that name for that kind.
    #[error("no limit {name} for {kind}; known: {known}", kind = .kind.as_str())]
    Unknown {
        /// Whose.
        kind: LimitKind,
        /// The name that was asked for.
        name: String,
        /// All that there are.
        known: String,
    },
    /// Outside floor and ceiling.
    #[error("{name} is {value}, it must be {floor} to {ceiling} {unit}")]
    OutOfRange {
        /// Which.
        name: &'static str,
        /// What was asked for.
        value: u64,
        /// The least.
        floor: u64,
        /// The most.
        ceiling: u64,
        /// Of what.
        unit: &'static str,
    },
}

impl LimitError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown { .. } => "CS-engine-01",
            Self::OutOfRange { .. } => "CS-engine-02",
        }
    }
}

/// One setting of the config file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitSetting {
    /// The section.
    pub kind: LimitKind,
    /// The key.
    pub name: String,
    /// The value, in the unit of the row.
    pub value: u64,
}

/// What the config file says about limits, undigested: the config module knows where each
/// setting stands in the file, this module knows what it means.
pub type LimitsConfig = Vec<LimitSetting>;

macro_rules! limits {
    ($(#[$doc:meta])* $kind:ident; $($(#[$mdoc:meta])* $name:ident: $unit:literal, $defaults:expr, $floor:literal ..= $ceiling:literal, $manifest:literal, $meaning:expr;)*) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $kind { $($(#[$mdoc])* pub $name: u64,)* }

        impl $kind {
            pub(super) const ROWS: &[LimitRow] = &[$(LimitRow {
                name: stringify!($name), unit: $unit, defaults: $defaults, floor: $floor, ceiling: $ceiling,
                manifest: $manifest, meaning: $meaning,
            }),*];
            fn defaults(kind: LimitKind) -> Self {
                let of = |name| Self::ROWS.iter().find(|row| row.name == name).and_then(|row| row.default_of(kind)).unwrap_or(0);
                Self { $($name: of(stringify!($name)),)* }
            }
            fn field(&mut self, name: &str) -> Option<&mut u64> {
                match name { $(stringify!($name) => Some(&mut self.$name),)* _ => None }
            }
            /// One limit by its name in the config file.
            pub fn get(&self, name: &str) -> Option<u64> {
                match name { $(stringify!($name) => Some(self.$name),)* _ => None }
            }
        }
    };
}

const fn all(n: u64) -> [Option<u64>; 4] {
    [Some(n), Some(n), Some(n), None]
}
const fn each(playbook: u64, source: u64, connector: u64) -> [Option<u64>; 4] {
    [Some(playbook), Some(source), Some(connector), None]
}
const fn engine(n: u64) -> [Option<u64>; 4] {
    [None, None, None, Some(n)]
}
const fn connector(n: u64) -> [Option<u64>; 4] {
    [None, None, Some(n), None]
}

limits! {
    /// What one call of a plugin may use. A limit that does not apply to a kind is 0 there.
    CallLimits;
    /// CPU of a call.
    fuel_millions: "million units", all(1000), 1 ..= 1_000_000, "fuel-millions",
        Meaning("CPU, as the engine counts it: the same input always ends at the same place. A Rust playbook uses 0.1, a JavaScript one 2; an endless loop reaches 1000 in 0.1 s", "CS-run-40");
    /// CPU of a source for each MiB of its payload, beside `fuel_millions`.
    fuel_millions_per_mib: "million units", [None, Some(2000), None, None], 0 ..= 1_000_000, "",
        Meaning("more CPU for a larger payload, in proportion; a delivery of 16 MiB takes JavaScript 26000", "CS-run-40");
    /// Wall clock of a call.
    wall_ms: "ms", each(5000, 10_000, 30_000), 1 ..= 60_000, "wall-ms",
        Meaning("the outer net, waiting included; an end by it depends on the machine and is marked as not replayable", "CS-run-41");
    /// Memory of a call.
    memory_mib: "MiB", each(64, 128, 64), 1 ..= 512, "memory-mib",
        Meaning("linear memory, summed over all memories of the plugin; Python needs 13, a source with a full delivery 99", "CS-run-42");
    /// Table elements of a call.
    table_elements: "elements", all(20_000), 1 ..= 100_000, "",
        Meaning("function tables, summed over all tables of the plugin; Python starts with 5800", "CS-run-43");
    /// Bytes that cross from the guest in one host call or answer.
    hostcall_kib: "KiB", each(1024, 16_384, 2048), 1 ..= 65_536, "",
        Meaning("what the host copies out of the guest for one host call, or for the answer (then it is CS-run-01)", "CS-run-45");
    /// Host calls.
    hostcalls: "calls", all(10_000), 1 ..= 1_000_000, "",
        Meaning("calls of the contract's functions, log lines included: each costs the host time that fuel does not count", "CS-run-46");
    /// Look-ups.
    lookups: "calls", [Some(64), None, None, None], 1 ..= 1024, "",
        Meaning("look-ups of a playbook: each is recorded with the evaluation", "CS-run-52");
    /// HTTP requests.
    http_requests: "requests", connector(16), 1 ..= 256, "",
        Meaning("requests of a connector", "CS-run-53");
    /// Body of one request or response.
    http_body_kib: "KiB", connector(1024), 1 ..= 16_384, "",
        Meaning("body of one request or response; a larger response is the error too-large, a larger request is invalid", "an http error");
    /// Header fields of one request or response.
    http_headers: "fields", connector(64), 1 ..= 256, "",
        Meaning("header fields of one request or response, each at most 8 KiB", "an http error");
    /// Deadline of one request.
    http_ms: "ms", connector(10_000), 1 ..= 60_000, "",
        Meaning("longest deadline of one request, from resolving the name to the last byte", "an http error");
    /// Live resource handles.
    handles: "handles", all(256), 1 ..= 10_000, "",
        Meaning("live handles of the component model: streams, pollables, the plugin's own resources", "CS-run-47");
    /// Log lines.
    log_lines: "lines", all(100), 0 ..= 10_000, "",
        Meaning("lines of the plugin's log, standard output and error included; what is above is dropped and counted", "the log says so");
    /// Log bytes.
    log_kib: "KiB", all(64), 0 ..= 1024, "",
        Meaning("bytes of the plugin's log; what is above is dropped and counted", "the log says so");
    /// Length of a log line.
    log_line_bytes: "bytes", all(2048), 16 ..= 16_384, "",
        Meaning("length of one line; a longer one is cut", "the log says so");
}

limits! {
    /// What holds for all plugins together. Read once, at start.
    EngineLimits;
    /// Stack of a guest.
    stack_kib: "KiB", engine(512), 64 ..= 1024, "",
        Meaning("the guest's own stack; the host keeps the rest of the thread's", "CS-run-44");
    /// Calls at once.
    instances: "calls", engine(64), 1 ..= 1000, "",
        Meaning("calls that run at the same time: slots of the instance pool, where this machine can hold one", "CS-run-54, and the host tries again");
    /// Size of a component.
    plugin_mib: "MiB", engine(32), 1 ..= 256, "",
        Meaning("size of a component file; Python is 18.5", "CS-load-01");
    /// Time to compile.
    compile_ms: "ms", engine(60_000), 100 ..= 600_000, "",
        Meaning("time to compile a component; Python takes 6000 to 16000", "CS-load-40");
}

/// Every limit in force: the defaults of the table, and what the operator set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Of a playbook's call.
    pub playbook: CallLimits,
    /// Of a source's call.
    pub source: CallLimits,
    /// Of a connector's call.
    pub connector: CallLimits,
    /// Of all together.
    pub engine: EngineLimits,
    /// What the operator said, which binds a manifest that asks for more.
    set: BTreeSet<(LimitKind, &'static str)>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            playbook: CallLimits::defaults(LimitKind::Playbook),
            source: CallLimits::defaults(LimitKind::Source),
            connector: CallLimits::defaults(LimitKind::Connector),
            engine: EngineLimits::defaults(LimitKind::Engine),
            set: BTreeSet::new(),
        }
    }
}

impl Limits {
    /// The rows that apply to a kind.
    pub fn rows(kind: LimitKind) -> impl Iterator<Item = &'static LimitRow> {
        let table = match kind {
            LimitKind::Engine => EngineLimits::ROWS,
            _ => CallLimits::ROWS,
        };
        table
            .iter()
            .filter(move |row| row.default_of(kind).is_some())
    }

    /// The limits of a config file; all that is wrong with it, each with the index of the
    /// setting, so that the config module can point at the line.
    ///
    /// # Errors
    /// Unknown names and values outside floor and ceiling.
    pub fn of(config: &LimitsConfig) -> Result<Self, Vec<(usize, LimitError)>> {
        let mut limits = Self::default();
        let mut errors = Vec::new();
        for (index, it) in config.iter().enumerate() {
            if let Err(error) = limits.set(it.kind, &it.name, it.value) {
                errors.push((index, error));
            }
        }
        if errors.is_empty() {
            Ok(limits)
        } else {
            Err(errors)
        }
    }

    /// Sets one limit by its name in the config file. From then on no manifest raises it.
    ///
    /// # Errors
    /// No such limit for that kind, or a value outside floor and ceiling.
    pub fn set(&mut self, kind: LimitKind, name: &str, value: u64) -> Result<(), LimitError> {
        let Some(row) = Self::rows(kind).find(|row| row.name == name) else {
            let known: Vec<&str> = Self::rows(kind).map(|row| row.name).collect();
            return Err(LimitError::Unknown {
                kind,
                name: name.to_owned(),
                known: known.join(", "),
            });
        };
        if value < row.floor || value > row.ceiling {
            return Err(LimitError::OutOfRange {
                name: row.name,
                value,
                floor: row.floor,
                ceiling: row.ceiling,
                unit: row.unit,
            });
        }
        let field = match kind {
            LimitKind::Playbook => self.playbook.field(name),
            LimitKind::Source => self.source.field(name),
            LimitKind::Connector => self.connector.field(name),
            LimitKind::Engine => self.engine.field(name),
        };
        if let Some(field) = field {
            *field = value;
        }
        self.set.insert((kind, row.name));
        Ok(())
    }

    /// The limits of one plugin: what the operator set, else what its manifest asks for, else
    /// the default. A manifest can only lower what the operator set.
    ///
    /// `asked`: pairs of the manifest's name (`memory-mib`) and value, already checked against
    /// the ceiling.
    pub fn granted(&self, kind: LimitKind, asked: &[(String, u64)]) -> CallLimits {
        let mut granted = match kind {
            LimitKind::Source => self.source.clone(),
            LimitKind::Connector => self.connector.clone(),
            LimitKind::Playbook | LimitKind::Engine => self.playbook.clone(),
        };
        for row in Self::rows(kind).filter(|row| !row.manifest.is_empty()) {
            let ask = asked.iter().find(|(name, _)| name == row.manifest);
            let (Some((_, ask)), Some(field)) = (ask, granted.field(row.name)) else {
                continue;
            };
            *field = if self.set.contains(&(kind, row.name)) {
                (*ask).min(*field)
            } else {
                (*ask).min(row.ceiling)
            };
        }
        granted
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_default_lies_between_floor_and_ceiling() {
        for kind in LimitKind::ALL {
            for row in Limits::rows(*kind) {
                let default = row.default_of(*kind).unwrap();
                assert!((row.floor..=row.ceiling).contains(&default), "{}", row.name);
                let mut limits = Limits::default();
                limits.set(*kind, row.name, row.ceiling).unwrap();
            }
        }
    }

    #[test]
    fn a_limit_of_another_kind_is_unknown_and_names_what_there_is() {
        let error = Limits::default()
            .set(LimitKind::Source, "lookups", 3)
            .unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("no limit lookups for source; known: fuel_millions,")
        );
    }

    #[test]
    fn a_manifest_raises_a_default_and_never_what_the_operator_set() {
        let asked = [("memory-mib".to_owned(), 128)];
        let mut limits = Limits::default();
        assert_eq!(limits.granted(LimitKind::Playbook, &asked).memory_mib, 128);
        limits.set(LimitKind::Playbook, "memory_mib", 32).unwrap();
        assert_eq!(limits.granted(LimitKind::Playbook, &asked).memory_mib, 32);
        assert_eq!(limits.granted(LimitKind::Source, &asked).memory_mib, 128);
    }

    #[test]
    fn a_value_outside_its_range_is_refused_with_the_range() {
        let error = Limits::default()
            .set(LimitKind::Connector, "http_requests", 0)
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "http_requests is 0, it must be 1 to 256 requests"
        );
        assert_eq!(error.code(), "CS-engine-02");
    }
}
