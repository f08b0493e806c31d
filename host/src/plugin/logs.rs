//! A plugin's log: for its operator, bounded, and never a reason to fail a call.
//!
//! Lines come from `log.write`, and from standard output and error, where a guest that throws
//! leaves its only explanation. What is above the limits is dropped and counted. The text is
//! somebody else's: sinks escape it.

use crate::engine::CallLimits;
use serde::{Deserialize, Serialize};

/// How much a line matters, by the plugin's own word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogLevel {
    /// For the author.
    Debug,
    /// Normal; standard output arrives as this.
    Info,
    /// Unusual; standard error arrives as this.
    Warn,
    /// Wrong.
    Error,
}

impl LogLevel {
    /// The word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

/// One line of a plugin's log. Text from outside: shown inert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// Its level.
    pub level: LogLevel,
    /// Its text, at most `log_line_bytes` and a mark where it was cut.
    pub message: String,
}

impl std::fmt::Display for LogLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.level.as_str(), self.message)
    }
}

/// LIMIT: how many of the last lines an ended call carries in its message.
const LAST_LINES: usize = 3;

/// The log of one call.
#[derive(Debug)]
pub(crate) struct Logs {
    lines: Vec<LogLine>,
    bytes: usize,
    dropped: u64,
    lines_max: usize,
    bytes_max: usize,
    line_bytes_max: usize,
    partial: [Vec<u8>; 2],
    /// What came last on standard error, kept even when the log is full: a flood must not hide
    /// the reason of the end.
    stderr: std::collections::VecDeque<String>,
}

/// Which of the two streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    Out = 0,
    Err = 1,
}

impl Logs {
    pub(crate) fn new(limits: &CallLimits) -> Self {
        let narrow = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        Self {
            lines: Vec::new(),
            bytes: 0,
            dropped: 0,
            lines_max: narrow(limits.log_lines),
            bytes_max: narrow(limits.log_kib.saturating_mul(1024)),
            line_bytes_max: narrow(limits.log_line_bytes),
            partial: Default::default(),
            stderr: Default::default(),
        }
    }

    /// One line.
    pub(crate) fn write(&mut self, level: LogLevel, message: &str) {
        let message = cut(message, self.line_bytes_max);
        let full = self.lines.len() >= self.lines_max
            || self.bytes.saturating_add(message.len()) > self.bytes_max;
        if full {
            self.dropped = self.dropped.saturating_add(1);
            return;
        }
        self.bytes = self.bytes.saturating_add(message.len());
        self.lines.push(LogLine { level, message });
    }

    /// Bytes of standard output or error; a line ends at a line feed, or where it gets too long.
    pub(crate) fn stream(&mut self, stream: Stream, bytes: &[u8]) {
        for byte in bytes {
            let [out, err] = &mut self.partial;
            let partial = if stream == Stream::Out { out } else { err };
            if *byte != b'\n' && partial.len() <= self.line_bytes_max {
                partial.push(*byte);
            }
            if *byte == b'\n' {
                self.end_of_line(stream);
            }
        }
    }

    fn end_of_line(&mut self, stream: Stream) {
        let [out, err] = &mut self.partial;
        let partial = std::mem::take(if stream == Stream::Out { out } else { err });
        if partial.is_empty() {
            return;
        }
        let text = String::from_utf8_lossy(&partial).into_owned();
        if stream == Stream::Err {
            self.stderr.push_back(cut(&text, self.line_bytes_max));
            if self.stderr.len() > LAST_LINES {
                self.stderr.pop_front();
            }
        }
        let level = match stream {
            Stream::Out => LogLevel::Info,
            Stream::Err => LogLevel::Warn,
        };
        self.write(level, &text);
    }

    /// The last lines of standard error, oldest first; a line that was not finished counts.
    pub(crate) fn last_lines(&mut self) -> Vec<String> {
        self.end_of_line(Stream::Out);
        self.end_of_line(Stream::Err);
        self.stderr.iter().cloned().collect()
    }

    /// Every line, and how much was dropped as the last one.
    pub(crate) fn finish(mut self) -> Vec<LogLine> {
        self.end_of_line(Stream::Out);
        self.end_of_line(Stream::Err);
        if self.dropped > 0 {
            self.lines.push(LogLine {
                level: LogLevel::Warn,
                message: format!(
                    "countersign: {} more lines were dropped; the limits are {} lines and {} bytes a call (log_lines, log_kib)",
                    self.dropped, self.lines_max, self.bytes_max
                ),
            });
        }
        self.lines
    }
}

/// At most `most` bytes, cut at a character, with a mark that says so.
fn cut(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(most);
    format!("{}...", text.get(..end).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Limits;

    fn logs() -> Logs {
        let mut limits = Limits::default().playbook;
        (limits.log_lines, limits.log_line_bytes) = (3, 16);
        Logs::new(&limits)
    }

    #[test]
    fn what_is_above_the_limits_is_cut_dropped_and_counted() {
        let mut logs = logs();
        for _ in 0..5 {
            logs.write(LogLevel::Info, "0123456789abcde\u{2603}xyz");
        }
        let lines = logs.finish();
        assert_eq!(lines.len(), 4);
        assert_eq!(
            lines.first().map(|it| it.message.as_str()),
            Some("0123456789abcde...")
        );
        assert!(
            lines
                .last()
                .is_some_and(|it| it.message.starts_with("countersign: 2 more lines"))
        );
    }

    #[test]
    fn the_last_words_on_standard_error_survive_a_flood() {
        let mut logs = logs();
        for n in 0..50 {
            logs.stream(Stream::Err, format!("line {n}\n").as_bytes());
        }
        logs.stream(Stream::Err, b"the reason");
        assert_eq!(logs.last_lines(), ["line 48", "line 49", "the reason"]);
    }
}
