//! One request: checked, exchanged, cleaned, recorded.

use super::credential::Credential;
use super::grant::{self, Granted};
use super::{
    Egress, EgressError, HEADER_BYTES_MAX, HttpError, HttpRequest, HttpResponse, RecordedRequest,
};
use crate::engine::CallLimits;
use crate::model::{Clock as _, Digest, Millis, SystemClock};
use http::{HeaderMap, HeaderName, HeaderValue};
use hyper_rustls::ConfigBuilderExt as _;
use rustls::ClientConfig;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// LIMIT: what a record keeps of a guest's text.
const RECORDED_BYTES_MAX: usize = 2048;

/// Fields that are the host's, or speak about the connection.
const RESERVED: &[&str] = &[
    "host",
    "content-length",
    "authorization",
    "cookie",
    "connection",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "expect",
    "forwarded",
    "set-cookie",
];

/// TLS with this machine's root certificates.
pub(super) fn tls() -> Result<Arc<ClientConfig>, EgressError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| EgressError::Roots(error.to_string()))?
        .with_native_roots()
        .map_err(|error| EgressError::Roots(error.to_string()))?
        .with_no_client_auth();
    Ok(Arc::new(config))
}

/// What is known of a request while it runs.
#[derive(Default)]
pub(super) struct Progress {
    pub(super) address: Option<IpAddr>,
    pub(super) sent: bool,
    pub(super) status: Option<u16>,
}

impl Egress {
    /// Sends one request within its deadline, and before `ends`. Always gives a record.
    pub(crate) async fn send(
        &self,
        request: &HttpRequest,
        limits: &CallLimits,
        ends: Instant,
    ) -> (Result<HttpResponse, HttpError>, RecordedRequest) {
        let started = Instant::now();
        let at = SystemClock.now();
        let mut progress = Progress::default();
        let answer = match self.prepare(request, limits) {
            Err(error) => Err(error),
            Ok((granted, headers)) => {
                let asked = u64::from(request.timeout_ms.unwrap_or(u32::MAX)).min(limits.http_ms);
                let left = ends.saturating_duration_since(started);
                let deadline = Duration::from_millis(asked).min(left);
                let exchange = self.exchange(&granted, headers, request, limits, &mut progress);
                match tokio::time::timeout(deadline, exchange).await {
                    Ok(answer) => answer,
                    Err(_) if progress.sent => Err(HttpError::Timeout),
                    Err(_) => Err(HttpError::Connection(
                        "the deadline passed before anything was sent".to_owned(),
                    )),
                }
            }
        };
        let answer = answer.map(|response| self.cleaned(response));
        let record = self.record(request, &answer, &progress, at, started);
        (answer, record)
    }

    /// Everything that can be wrong with a request before the network is asked anything.
    fn prepare(
        &self,
        request: &HttpRequest,
        limits: &CallLimits,
    ) -> Result<(Granted<'_>, HeaderMap), HttpError> {
        let body_max = limits.http_body_kib.saturating_mul(1024);
        let invalid = |text: String| Err(HttpError::Invalid(text));
        if request.body.len() as u64 > body_max {
            return invalid(format!(
                "body: is {} bytes, the limit is {body_max} (http_body_kib)",
                request.body.len()
            ));
        }
        if request.timeout_ms == Some(0) {
            return invalid("timeout: must be 1 or more".to_owned());
        }
        let mut headers = self.headers(request, limits)?;
        let granted = grant::find(&self.0.grants, &request.method, &request.url)?;
        if let Some(name) = &request.auth {
            let credential = self.0.credentials.get(name);
            let credential = credential.filter(|_| granted.grant.credentials.contains(name));
            let Some(credential) = credential else {
                return Err(HttpError::Denied(format!(
                    "credential {name} may not go to {}",
                    granted.url.origin().ascii_serialization()
                )));
            };
            let now_s = SystemClock.now().0 / 1000;
            let value = credential
                .value(now_s, &request.body)
                .map_err(|why| HttpError::Denied(format!("credential {name}: {why}")))?;
            headers.insert(credential.header().clone(), value);
        }
        Ok((granted, headers))
    }

    fn headers(&self, request: &HttpRequest, limits: &CallLimits) -> Result<HeaderMap, HttpError> {
        let invalid = |text: String| HttpError::Invalid(text);
        if request.headers.len() as u64 > limits.http_headers {
            return Err(invalid(format!(
                "headers: has {}, the limit is {} (http_headers)",
                request.headers.len(),
                limits.http_headers
            )));
        }
        let mut headers = HeaderMap::new();
        for (name, value) in &request.headers {
            let bad = |why: &str| invalid(format!("header {name:?}: {why}"));
            if name.len().saturating_add(value.len()) > HEADER_BYTES_MAX {
                return Err(invalid(format!(
                    "a header is longer than {HEADER_BYTES_MAX} bytes"
                )));
            }
            if name.bytes().any(|b| b.is_ascii_uppercase()) {
                return Err(bad("its name is not lower case"));
            }
            let parsed =
                HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad("is not a header name"))?;
            let own = self.0.credentials.values().any(|it| *it.header() == parsed);
            if own || reserved(name) {
                return Err(bad("is the host's"));
            }
            if !value.bytes().all(|b| (b' '..=b'~').contains(&b)) {
                return Err(bad("its value is not visible ASCII"));
            }
            let value = HeaderValue::from_str(value).map_err(|_| bad("is not a header value"))?;
            headers.append(parsed, value);
        }
        Ok(headers)
    }

    /// Without the credential, and without what speaks about the connection.
    fn cleaned(&self, mut response: HttpResponse) -> HttpResponse {
        response.headers.retain(|(name, _)| !reserved(name));
        let mut echoed = Vec::new();
        for (name, credential) in &self.0.credentials {
            let mut found = credential.clean(&mut response.body);
            for (_, value) in &mut response.headers {
                found |= clean_text(credential, value);
            }
            if found {
                echoed.push(name.as_str());
            }
        }
        if !echoed.is_empty() {
            tracing::warn!(
                credentials = echoed.join(", "),
                "a far side answered with our credential; it was removed"
            );
        }
        response
    }

    fn record(
        &self,
        request: &HttpRequest,
        answer: &Result<HttpResponse, HttpError>,
        progress: &Progress,
        at: Millis,
        started: Instant,
    ) -> RecordedRequest {
        let bounded = |text: &str| {
            let mut text = text.to_owned();
            text.truncate(text.floor_char_boundary(RECORDED_BYTES_MAX));
            for credential in self.0.credentials.values() {
                clean_text(credential, &mut text);
            }
            text
        };
        let response = answer.as_ref().ok();
        RecordedRequest {
            at,
            method: bounded(&request.method),
            url: bounded(&request.url),
            auth: request.auth.as_deref().map(bounded),
            address: progress.address.map(|it| it.to_string()),
            sent: progress.sent,
            request_bytes: request.body.len() as u64,
            request_digest: Digest::of(&request.body),
            status: progress.status,
            response_bytes: response.map_or(0, |it| it.body.len() as u64),
            response_digest: response.map(|it| Digest::of(&it.body)),
            error: answer.as_ref().err().cloned(),
            took_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        }
    }
}

fn reserved(name: &str) -> bool {
    RESERVED.contains(&name) || name.starts_with("proxy-") || name.starts_with("x-forwarded-")
}

fn clean_text(credential: &Credential, text: &mut String) -> bool {
    let mut bytes = text.clone().into_bytes();
    let found = credential.clean(&mut bytes);
    if found {
        *text = String::from_utf8_lossy(&bytes).into_owned();
    }
    found
}
