//! The host's own log, on standard error: standard output belongs to what a command prints.

use crate::config::{LogConfig, LogFormat};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::FmtSpan;

/// Why the log could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The filter is not one.
    #[error("the log filter {filter:?} is not valid: {reason}")]
    Filter {
        /// As given.
        filter: String,
        /// Why not.
        reason: String,
    },
    /// A process has one log.
    #[error("the log is already set up")]
    Twice,
}

/// Sets up the log of this process. `styled` adds colour to the pretty format, and must be false
/// where `NO_COLOR` is set or standard error is no terminal; JSON is never coloured. Errors: the
/// filter is not one, or a log is already set up.
pub fn init(log: &LogConfig, styled: bool) -> Result<(), LogError> {
    let filter = EnvFilter::try_new(&log.filter).map_err(|reason| LogError::Filter {
        filter: log.filter.clone(),
        reason: reason.to_string(),
    })?;
    let base = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_span_events(FmtSpan::NONE);
    let done = match log.format {
        LogFormat::Pretty => base.with_ansi(styled).with_target(false).try_init(),
        LogFormat::Json => base.json().flatten_event(true).with_ansi(false).try_init(),
    };
    done.map_err(|_| LogError::Twice)
}
