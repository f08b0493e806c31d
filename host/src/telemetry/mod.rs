//! What the host says about itself: a log for people and machines, and metrics.
//!
//! Neither is evidence (that is the journal) and neither may carry what a detection said
//! unescaped: labels are closed enums chosen by the host, and log fields are escaped by the
//! formatter.

mod log;
mod metrics;

pub use log::{LogError, init};
pub use metrics::{
    FailureReason, IntakeResult, Metrics, OrderState, PageState, PluginLabel, VerdictLabel,
};
