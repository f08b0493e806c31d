//! What is asked and what is answered, before it is HTTP: so that all that decides can be tested
//! without a socket.

use crate::faults::{Mode, Rule};
use serde_json::{Value, json};

/// A request, whole.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Method, upper case.
    pub method: String,
    /// Path, as it came.
    pub path: String,
    /// Query without its question mark.
    pub query: String,
    /// `idempotency-key`
    pub key: Option<String>,
    /// `authorization`
    pub authorization: Option<String>,
    /// The signature of a page.
    pub signature: Option<String>,
    /// Body.
    pub body: Vec<u8>,
}

impl Asked {
    /// Path and query: what the log calls the target.
    pub fn target(&self) -> String {
        if self.query.is_empty() {
            self.path.clone()
        } else {
            format!("{}?{}", self.path, self.query)
        }
    }
}

/// How the answer leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// As it is.
    Whole,
    /// After so many milliseconds.
    Late(u64),
    /// The first half, then the connection is closed.
    Half,
    /// Not at all: the connection is closed.
    Never,
}

/// An answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// Status.
    pub status: u16,
    /// Media type.
    pub content_type: &'static str,
    /// Seconds for `retry-after`.
    pub retry_after_s: Option<u64>,
    /// Body.
    pub body: Vec<u8>,
    /// How it leaves.
    pub delivery: Delivery,
}

impl Reply {
    /// JSON.
    pub fn json(status: u16, body: &Value) -> Self {
        Self::raw(status, "application/json", body.to_string().into_bytes())
    }
    /// Anything.
    pub fn raw(status: u16, content_type: &'static str, body: Vec<u8>) -> Self {
        Self {
            status,
            content_type,
            retry_after_s: None,
            body,
            delivery: Delivery::Whole,
        }
    }
    /// A refusal, in words.
    pub fn error(status: u16, why: &str) -> Self {
        Self::json(status, &json!({ "error": why }))
    }

    /// The status that the caller gets to see.
    pub fn seen(&self) -> Option<u16> {
        (self.delivery != Delivery::Never).then_some(self.status)
    }

    /// What a fault makes of the answer to what has happened already.
    pub fn broken(mut self, fault: &Rule) -> Self {
        match fault.mode {
            Mode::DelayMs => self.delivery = Delivery::Late(fault.delay_ms),
            Mode::ApplyThenDrop | Mode::DropBefore => self.delivery = Delivery::Never,
            Mode::Truncate => self.delivery = Delivery::Half,
            Mode::Oversize => {
                let bytes = fault.bytes.unwrap_or(2 << 20);
                self.body = json!({ "padding": "x".repeat(bytes) })
                    .to_string()
                    .into_bytes();
            }
            Mode::WrongJson => self.body = b"[\"hello\", {\"status\": 7}]".to_vec(),
            Mode::Fail5xx => return Self::error(fault.status.unwrap_or(503), "failed on demand"),
            Mode::Fail4xx => return Self::error(fault.status.unwrap_or(403), "refused on demand"),
            Mode::Refuse429 => {
                let mut reply = Self::error(429, "too many requests, on demand");
                reply.retry_after_s = Some(fault.delay_ms.div_ceil(1000).max(1));
                return reply;
            }
            Mode::Pending => {}
        }
        self
    }
}
