//! wasmtime, held on a short lead.
//!
//! A plugin is code by somebody else that runs inside our process. What keeps that from being
//! reckless is here and nowhere else: one constructor for the engine, in which every knob has
//! its reason; one `arm` that sets every limit before the first instruction; one table of
//! limits, from which the documentation is generated; and one place that says how a call ended.
//! Only this folder and `plugin` name wasmtime.
//!
//! It must never: run a guest without every limit armed, load native code that this host did not
//! compile itself, or reuse a store. One store is one call; the next call starts from nothing.

mod arm;
mod cache;
mod config;
mod ended;
mod limits;
mod limits_doc;
mod probe;
mod quota;
mod ticker;

pub(crate) use arm::{Limited, arm};
pub use cache::{CacheError, CompileCache};
pub use config::{Allocation, Engine, EngineError};
pub use ended::Ended;
pub(crate) use ended::Stopped;
pub use limits::{
    CallLimits, EngineLimits, LimitError, LimitKind, LimitRow, LimitSetting, Limits, LimitsConfig,
};
pub use limits_doc::limits_markdown;
pub(crate) use quota::Quota;
