//! What every connector does alike: one request, and its failures sorted by what is known of
//! the far side. The sorting is here so that no connector says `not-done` of what was sent: the
//! host would send it again.

use crate::bounds;
use crate::host::http::{self, Error, Header, Request, Response};
use crate::prelude::*;

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        let (sent, message) = match error {
            Error::Denied(text) => (false, format!("denied {text}")),
            Error::Invalid(text) => (false, format!("invalid {text}")),
            Error::Connection(text) => (false, format!("connection {text}")),
            Error::Interrupted(text) => (true, format!("interrupted {text}")),
            Error::Timeout => (true, "timeout".into()),
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
    /// It may have happened: the host asks `status` before anything else.
    pub fn unclear(message: impl Into<String>) -> Self {
        Fault::Unknown(Failure::new("internal", message))
    }
}

/// Sends a JSON request for an order, with the credential of that name, and gives back the body
/// of the answer. The order's key goes along as `idempotency-key`.
///
/// # Errors
/// Those of `exchange` and `accepted`.
pub fn send(
    order: &Order,
    method: &str,
    url: String,
    body: &str,
    auth: &str,
) -> Result<Vec<u8>, Fault> {
    accepted(exchange(order, method, url, body, auth)?)
}

/// The same, giving back the answer whatever its status: for a connector to which a 404 is an
/// answer.
///
/// # Errors
/// `not-done` if nothing was sent, `unknown` if something was and no whole answer came.
pub fn exchange(
    order: &Order,
    method: &str,
    url: String,
    body: &str,
    auth: &str,
) -> Result<Response, Fault> {
    let header = |name: &str, value: &str| Header {
        name: name.into(),
        value: value.into(),
    };
    let headers = vec![
        header("content-type", "application/json"),
        header("idempotency-key", &order.idempotency_key),
    ];
    Ok(http::send(&Request {
        method: method.into(),
        url,
        headers,
        body: body.into(),
        auth: Some(auth.into()),
        timeout: None,
    })?)
}

/// The body of an answer that says yes.
///
/// # Errors
/// "I did nothing, and will not" is `definite`, "not now" is `not-done`, any other status is
/// `unknown`: a gateway that says 502 does not know what happened behind it.
pub fn accepted(response: Response) -> Result<Vec<u8>, Fault> {
    let Response { status, body, .. } = response;
    if (200..300).contains(&status) {
        return Ok(body);
    }
    let text = format!("{status} {}", String::from_utf8_lossy(&body));
    Err(match status {
        429 => Fault::NotDone(Failure::new("internal", text)),
        400 | 401 | 403 | 404 | 405 | 413 | 415 | 422 => Fault::unsupported(text),
        _ => Fault::unclear(text),
    })
}

impl Receipt {
    /// A receipt with its evidence in words.
    pub fn new(outcome: Outcome, detail: impl Into<String>) -> Self {
        Self {
            outcome,
            reference: None,
            detail: bounds::cut(&detail.into(), bounds::MESSAGE_BYTES_MAX),
            retry_after: None,
            attributes: Vec::new(),
        }
    }
    /// The system's own reference; the order that gives back gets it in `undoes`.
    #[must_use]
    pub fn reference(mut self, reference: Option<String>) -> Self {
        self.reference = reference;
        self
    }
    /// Do not ask `status` again before so many milliseconds, at most an hour.
    #[must_use]
    pub fn retry_after_ms(mut self, wait_ms: u32) -> Self {
        self.retry_after = Some(wait_ms.min(3_600_000));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16) -> Result<Vec<u8>, Fault> {
        accepted(Response {
            status,
            headers: Vec::new(),
            body: b"said".to_vec(),
        })
    }

    #[test]
    fn only_what_was_never_sent_or_was_turned_away_may_be_sent_again() {
        for error in [
            Error::Denied(String::new()),
            Error::Invalid(String::new()),
            Error::Connection(String::new()),
        ] {
            assert!(matches!(error.into(), Fault::NotDone(_)));
        }
        for error in [
            Error::Interrupted(String::new()),
            Error::Timeout,
            Error::TooLarge(9),
        ] {
            assert!(matches!(error.into(), Fault::Unknown(_)));
        }
        assert_eq!(answer(204), Ok(b"said".to_vec()));
        assert!(matches!(answer(429), Err(Fault::NotDone(_))));
        for status in [400, 404, 422] {
            assert!(
                matches!(answer(status), Err(Fault::Definite(_))),
                "{status}"
            );
        }
        for status in [100, 302, 408, 409, 500, 502, 503] {
            assert!(matches!(answer(status), Err(Fault::Unknown(_))), "{status}");
        }
    }
}
