//! The host's own log, on standard error: standard output belongs to what a command prints.
//!
//! Fields of a log line come from detections and plugins too. What could act on a terminal, or
//! forge a second line, is escaped where the line leaves the process, so that no caller has to
//! remember it.

use crate::config::{LogConfig, LogFormat};
use crate::model::{acts, inert};
use std::fmt::Debug;
use std::io::Write;
use tracing::Subscriber;
use tracing::field::Field;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::field::MakeExt as _;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::{Writer, debug_fn};
use tracing_subscriber::util::SubscriberInitExt as _;

/// LIMIT: a field of this length is read by nobody; the JSON log has all of it.
const FIELD_CHARS_MAX: usize = 4000;

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
    let log = subscriber(log, styled, std::io::stderr)?;
    log.try_init().map_err(|_| LogError::Twice)
}

fn subscriber<W>(
    log: &LogConfig,
    styled: bool,
    out: W,
) -> Result<Box<dyn Subscriber + Send + Sync>, LogError>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let filter = EnvFilter::try_new(&log.filter).map_err(|reason| LogError::Filter {
        filter: log.filter.clone(),
        reason: reason.to_string(),
    })?;
    let base = tracing_subscriber::fmt().with_env_filter(filter);
    Ok(match log.format {
        LogFormat::Pretty => Box::new(
            base.fmt_fields(debug_fn(inert_field).delimited(" "))
                .with_ansi(styled)
                .with_target(false)
                .with_writer(out)
                .finish(),
        ),
        LogFormat::Json => Box::new(
            base.json()
                .flatten_event(true)
                .with_ansi(false)
                .with_writer(Escaping { out })
                .finish(),
        ),
    })
}

/// One field for people. Escaped before the formatter adds its colour: afterwards an escape
/// sequence of ours could not be told from one that came with the field.
fn inert_field(out: &mut Writer<'_>, field: &Field, value: &dyn Debug) -> std::fmt::Result {
    let shown = inert(&format!("{value:?}"), FIELD_CHARS_MAX);
    match field.name() {
        "message" => write!(out, "{shown}"),
        name => write!(out, "{name}={shown}"),
    }
}

/// Escapes what acts in a line of JSON, where it can only stand inside of texts.
fn escaped(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    for char in line.chars() {
        if char == '\n' || !acts(char) {
            out.push(char);
            continue;
        }
        for unit in char.encode_utf16(&mut [0; 2]) {
            out.push_str(&format!("\\u{unit:04x}"));
        }
    }
    out
}

/// Escapes every line of JSON on its way out.
struct Escaping<W> {
    out: W,
}

impl<'a, W: MakeWriter<'a>> MakeWriter<'a> for Escaping<W> {
    type Writer = EscapingWriter<W::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        EscapingWriter {
            out: self.out.make_writer(),
        }
    }
}

struct EscapingWriter<W> {
    out: W,
}

impl<W: Write> Write for EscapingWriter<W> {
    /// The formatter hands over one whole line a call.
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        self.out.write_all(escaped(&text).as_bytes())?;
        Ok(line.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn logged(format: LogFormat, styled: bool, filter: &str) -> String {
        let kept = Kept::default();
        let out = kept.clone();
        let log = LogConfig {
            format,
            filter: filter.to_owned(),
        };
        let subscriber = subscriber(&log, styled, move || out.clone()).unwrap();
        tracing::subscriber::with_default(subscriber, || {
            let name = "evil\u{1b}[2J\u{202e}\u{9b}1m\nERROR forged";
            tracing::warn!(process = name, shown = %name, "saw {name}");
            tracing::debug!("not asked for");
        });
        let bytes = kept.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_field_from_outside_neither_acts_nor_forges_a_line() {
        for format in [LogFormat::Pretty, LogFormat::Json] {
            let log = logged(format, false, "info");
            assert_eq!(log.matches('\n').count(), 1, "{log:?}");
            assert!(!log.trim_end_matches('\n').chars().any(acts), "{log:?}");
            assert!(log.contains("forged") && !log.contains("not asked for"));
        }
        let styled = logged(LogFormat::Pretty, true, "info");
        assert_eq!(styled.matches('\n').count(), 1, "{styled:?}");
        assert!(
            styled.contains("\u{1b}[") && !styled.contains("\u{1b}[2J"),
            "{styled:?}"
        );
    }

    #[test]
    fn a_line_of_the_json_log_reads_back_as_it_was() {
        let log = logged(LogFormat::Json, true, "info");
        let line: serde_json::Value = serde_json::from_str(&log).unwrap();
        assert_eq!(line["level"], "WARN");
        assert_eq!(
            line["process"],
            "evil\u{1b}[2J\u{202e}\u{9b}1m\nERROR forged"
        );
    }

    #[test]
    fn a_filter_that_is_none_is_an_error() {
        let log = LogConfig {
            format: LogFormat::Json,
            filter: "a=loud".to_owned(),
        };
        assert!(matches!(init(&log, false), Err(LogError::Filter { .. })));
    }
}
