//! `countersign.toml`: what holds for the host as a whole.

use super::api::{API, ApiBounds};
use super::error::Code;
use super::limits;
use super::place::Placed;
use super::section::{Key, Section, Shape, Wrong, wrong_type};
use super::value::{number, text, word};
use crate::engine::Limits;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;
use toml_spanner::Item;

const MIB: u64 = 1024 * 1024;

pub(super) const HOST: Shape = Shape {
    title: "countersign.toml",
    keys: &[
        Key {
            name: "listen",
            kind: "address",
            default: "`\"127.0.0.1:7070\"`",
            doc: "address and port of the API and the console",
        },
        Key {
            name: "data_dir",
            kind: "folder",
            default: "`\"data\"`",
            doc: "where the journal lives; below the workspace unless absolute",
        },
        Key {
            name: "plugins_dir",
            kind: "folder",
            default: "`plugins` beside the binary",
            doc: "where plugins are found; `--plugins` wins over it",
        },
        Key {
            name: "evaluator_threads",
            kind: "number",
            default: "one per core",
            doc: "threads that run plugins",
        },
        Key {
            name: "page_repeat_s",
            kind: "number",
            default: "900",
            doc: "seconds until a page that nobody acted on is sent again",
        },
        Key {
            name: "log",
            kind: "table",
            default: "",
            doc: "the host's own log",
        },
        Key {
            name: "intake",
            kind: "table",
            default: "",
            doc: "bounds on what comes in",
        },
        Key {
            name: "api",
            kind: "table",
            default: "",
            doc: "bounds on what one caller of the API may ask",
        },
        Key {
            name: "limits",
            kind: "table",
            default: "",
            doc: "limits of plugin calls; names, defaults and ceilings are in [limits.md](limits.md)",
        },
    ],
};

pub(super) const LOG: Shape = Shape {
    title: "countersign.toml [log]",
    keys: &[
        Key {
            name: "format",
            kind: "word",
            default: "`\"pretty\"`",
            doc: "`pretty` for people, `json` for machines",
        },
        Key {
            name: "filter",
            kind: "text",
            default: "`\"info\"`",
            doc: "what is logged, as `level` or `target=level,...`; `COUNTERSIGN_LOG` wins over it",
        },
    ],
};

pub(super) const INTAKE: Shape = Shape {
    title: "countersign.toml [intake]",
    keys: &[
        Key {
            name: "detection_bytes_max",
            kind: "number",
            default: "1048576",
            doc: "largest detection; this is also the most it can be set to",
        },
        Key {
            name: "batch_bytes_max",
            kind: "number",
            default: "16777216",
            doc: "largest batch of detections; this is also the most it can be set to",
        },
        Key {
            name: "open_cases_max",
            kind: "number",
            default: "100000",
            doc: "cases a tenant can have open before new detections wait outside",
        },
    ],
};

/// How the host writes its log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Pretty,
    /// One JSON object a line.
    Json,
}

/// The host's own log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogConfig {
    /// For whom it is written.
    pub format: LogFormat,
    /// What is logged, in the syntax of `tracing`'s `EnvFilter`.
    pub filter: String,
}

/// Bounds on what comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IntakeBounds {
    /// Largest detection, in bytes.
    pub detection_bytes_max: usize,
    /// Largest batch, in bytes.
    pub batch_bytes_max: usize,
    /// Cases that a tenant can have open.
    pub open_cases_max: u64,
}

/// What holds for the host as a whole.
#[derive(Clone, Debug, PartialEq)]
pub struct HostConfig {
    /// Where the API listens.
    pub listen: SocketAddr,
    /// Where the journal lives: absolute, or joined to the workspace folder.
    pub data_dir: PathBuf,
    /// Where plugins are found, if it was said: absolute, or joined to the workspace folder.
    pub plugins_dir: Option<PathBuf>,
    /// Threads that run plugins.
    pub evaluator_threads: NonZeroUsize,
    /// Time until a page that nobody acted on is sent again.
    pub page_repeat: Duration,
    /// The host's own log.
    pub log: LogConfig,
    /// Bounds on what comes in.
    pub intake: IntakeBounds,
    /// Bounds on what one caller of the API may ask.
    pub api: ApiBounds,
    /// Limits of plugin calls: the table's defaults, and what the operator set.
    pub limits: Limits,
}

impl HostConfig {
    pub(super) fn read(section: &Section<'_, '_>, workspace: &Path) -> Self {
        let local = SocketAddr::from((Ipv4Addr::LOCALHOST, 7070));
        let cores = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let threads = section.or("evaluator_threads", 0, number(1..=256));
        Self {
            listen: section.or("listen", local, address),
            data_dir: workspace.join(section.or("data_dir", "data".to_owned(), text)),
            plugins_dir: section
                .optional("plugins_dir", text)
                .map(|it| workspace.join(it.value)),
            evaluator_threads: NonZeroUsize::new(to_usize(threads)).unwrap_or(cores),
            page_repeat: Duration::from_secs(section.or("page_repeat_s", 900, number(1..=86_400))),
            log: LogConfig::read(section.section("log", &LOG)),
            intake: IntakeBounds::read(section.section("intake", &INTAKE)),
            api: ApiBounds::read(section.section("api", &API)),
            limits: section
                .section("limits", &limits::LIMITS)
                .map(|it| limits::read(&it))
                .unwrap_or_default(),
        }
    }
}

impl LogConfig {
    fn read(section: Option<Section<'_, '_>>) -> Self {
        let mut log = Self {
            format: LogFormat::Pretty,
            filter: "info".to_owned(),
        };
        if let Some(section) = section {
            let formats = word(&[("pretty", LogFormat::Pretty), ("json", LogFormat::Json)]);
            log.format = section.or("format", log.format, formats);
            log.filter = section.or("filter", log.filter, filter);
        }
        log
    }
}

impl IntakeBounds {
    fn read(section: Option<Section<'_, '_>>) -> Self {
        let mut bounds = Self {
            detection_bytes_max: to_usize(MIB),
            batch_bytes_max: to_usize(16 * MIB),
            open_cases_max: 100_000,
        };
        let Some(section) = section else {
            return bounds;
        };
        let one = section.optional("detection_bytes_max", number(1024..=MIB));
        let batch = section.optional("batch_bytes_max", number(1024..=16 * MIB));
        bounds.open_cases_max = section.or(
            "open_cases_max",
            bounds.open_cases_max,
            number(1..=10_000_000),
        );
        if let Some(one) = &one {
            bounds.detection_bytes_max = to_usize(one.value);
        }
        if let Some(batch) = &batch {
            bounds.batch_bytes_max = to_usize(batch.value);
        }
        let smaller = batch
            .or(one)
            .filter(|_| bounds.batch_bytes_max < bounds.detection_bytes_max);
        if let Some(Placed { place, .. }) = smaller {
            let wrong = Wrong::new(Code::BadValue, "is smaller than `detection_bytes_max`")
                .label("a batch must hold one detection at least");
            section.wrong(&section.dotted("batch_bytes_max"), place, wrong);
        }
        bounds
    }
}

fn address(item: &Item<'_>) -> Result<SocketAddr, Wrong> {
    let text = item.as_str().ok_or_else(|| wrong_type(item, "a text"))?;
    text.parse().map_err(|_| {
        Wrong::new(Code::BadValue, format!("is {text:?}"))
            .label("expected an address and a port, such as 127.0.0.1:7070")
            .help("a name is not enough: it could mean another address tomorrow")
    })
}

fn filter(item: &Item<'_>) -> Result<String, Wrong> {
    let text = text(item)?;
    match tracing_subscriber::EnvFilter::try_new(&text) {
        Ok(_) => Ok(text),
        Err(reason) => Err(Wrong::new(Code::BadValue, format!("is {text:?}"))
            .label(reason.to_string())
            .help("such as \"info\" or \"warn,countersign::execute=debug\"")),
    }
}

fn to_usize(value: u64) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}
