//! What every connector does alike: one request, and its failures sorted by what is known of
//! the far side. The sorting is here so that no connector says `not-done` of what was sent.
use crate::bindings::connector::countersign::plugin::http::{
    self, Error, Header, Request, Response,
};
use crate::prelude::*;

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        let (sent, message) = match error {
            Error::Denied(text) => (false, format!("denied {text}")),
            Error::Invalid(text) => (false, format!("invalid {text}")),
            Error::Connection(text) => (false, format!("connection {text}")),
            Error::Interrupted(text) => (true, format!("interrupted {text}")),
            Error::Timeout => (true, "timeout ".into()),
            Error::TooLarge(bytes) => (true, format!("too-large {bytes}")),
        };
        let failure = Failure::new("internal", message);
        if sent {
            Fault::Unknown(failure)
        } else {
            Fault::NotDone(failure)
        }
    }
}

impl Fault {
    /// Nothing changed, and trying again will not help.
    pub fn unsupported(message: impl Into<String>) -> Self {
        Fault::Definite(Failure::new("unsupported", message))
    }
}

/// Sends a JSON request for an order with the credential of that name. The order's key goes
/// along. "I did nothing" is `definite`, "not now" `not-done`, any other failure `unknown`.
pub fn send(
    order: &Order,
    method: &str,
    url: String,
    body: &str,
    auth: &str,
) -> Result<Vec<u8>, Fault> {
    let header = |name: &str, value: &str| Header {
        name: name.into(),
        value: value.into(),
    };
    let headers = vec![
        header("content-type", "application/json"),
        header("idempotency-key", &order.idempotency_key),
    ];
    let (method, body, auth) = (method.into(), body.into(), Some(auth.into()));
    let Response { status, body, .. } = http::send(&Request {
        method,
        url,
        headers,
        body,
        auth,
        timeout: None,
    })?;
    if status < 300 {
        return Ok(body);
    }
    let text = format!(
        "{status} {}",
        String::from_utf8_lossy(&body[..body.len().min(900)])
    );
    Err(match status {
        429 => Fault::NotDone(Failure::new("internal", text)),
        400 | 401 | 403 | 404 | 405 | 413 | 415 | 422 => Fault::unsupported(text),
        _ => Fault::Unknown(Failure::new("unsupported", text)),
    })
}

impl Receipt {
    /// A receipt with its evidence in words.
    pub fn new(outcome: Outcome, detail: impl Into<String>) -> Self {
        Self {
            outcome,
            reference: None,
            detail: detail.into(),
            retry_after: None,
            attributes: Vec::new(),
        }
    }
    /// The system's own reference.
    pub fn reference(mut self, reference: Option<String>) -> Self {
        self.reference = reference;
        self
    }
}
