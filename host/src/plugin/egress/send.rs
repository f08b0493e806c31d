//! One request: checked, resolved, connected, sent, read, cleaned, recorded.
//!
//! The line that matters is where the request is handed to the connection. What fails before it
//! left nothing at the far side; what fails after it may have been done.

use super::address::permitted;
use super::credential::Credential;
use super::grant::{self, Granted};
use super::{Egress, EgressError, HttpError, HttpRequest, HttpResponse, RecordedRequest};
use crate::engine::CallLimits;
use crate::model::{Clock as _, Digest, Millis, SystemClock};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper_rustls::{ConfigBuilderExt as _, HttpsConnector};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tower::{Service as _, service_fn};
use url::Host;

/// LIMIT: one header field, name and value, in bytes.
const HEADER_BYTES_MAX: usize = 8192;
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
struct Progress {
    address: Option<IpAddr>,
    sent: bool,
    status: Option<u16>,
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

    async fn exchange(
        &self,
        granted: &Granted<'_>,
        headers: HeaderMap,
        request: &HttpRequest,
        limits: &CallLimits,
        progress: &mut Progress,
    ) -> Result<HttpResponse, HttpError> {
        let message = message(granted, headers, request)?;
        let mut sender = self.connect(granted, limits, progress).await?;
        // From here on something may have reached the far side.
        progress.sent = true;
        let response = sender
            .0
            .send_request(message)
            .await
            .map_err(|error| HttpError::Interrupted(error.to_string()))?;
        progress.status = Some(response.status().as_u16());
        read(response, limits).await
    }

    /// Resolves once, looks at each address, and connects to one that it looked at.
    async fn connect(
        &self,
        granted: &Granted<'_>,
        limits: &CallLimits,
        progress: &mut Progress,
    ) -> Result<Connection, HttpError> {
        let addresses = resolve(granted.grant.host(), granted.grant.port()).await?;
        let mut refused = Vec::new();
        let mut last = None;
        for address in addresses {
            if let Err(why) = permitted(address.ip(), granted.grant.plain(), &self.0.private) {
                refused.push(why);
                continue;
            }
            match TcpStream::connect(address).await {
                Ok(stream) => {
                    progress.address = Some(address.ip().to_canonical());
                    return self.handshake(granted, stream, limits).await;
                }
                Err(error) => last = Some(format!("{address}: {error}")),
            }
        }
        match last {
            Some(why) => Err(HttpError::Connection(why)),
            None => Err(HttpError::Denied(refused.join("; "))),
        }
    }

    async fn handshake(
        &self,
        granted: &Granted<'_>,
        stream: TcpStream,
        limits: &CallLimits,
    ) -> Result<Connection, HttpError> {
        let failed = |error: String| HttpError::Connection(error);
        // A Nagle delay is of no use to one whole request; a failure to say so is no failure.
        let _ = stream.set_nodelay(true);
        let uri = uri(granted)?;
        // The connector is handed the one connection that was made: it adds TLS where the scheme
        // says so, and cannot connect anywhere itself.
        let mut stream = Some(TokioIo::new(stream));
        let once = service_fn(move |_: Uri| {
            let stream = stream.take().ok_or("one connection, one request");
            std::future::ready(stream)
        });
        let mut connector = HttpsConnector::from((once, Arc::clone(&self.0.tls)));
        let io = connector
            .call(uri)
            .await
            .map_err(|error| failed(error.to_string()))?;
        let headers_max = usize::try_from(limits.http_headers).unwrap_or(usize::MAX);
        let (sender, connection) = http1::Builder::new()
            .max_headers(headers_max)
            .max_buf_size(HEADER_BYTES_MAX.saturating_mul(8))
            .handshake(io)
            .await
            .map_err(|error| failed(error.to_string()))?;
        let task = tokio::spawn(async move {
            // How it ended is known to the sender.
            let _ = connection.await;
        });
        Ok(Connection(sender, Abort(task)))
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

/// A connection that ends with the request: its task is stopped when it is dropped.
struct Connection(
    http1::SendRequest<Full<Bytes>>,
    #[allow(dead_code, reason = "dropped")] Abort,
);

struct Abort(tokio::task::JoinHandle<()>);

impl Drop for Abort {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn uri(granted: &Granted<'_>) -> Result<Uri, HttpError> {
    granted
        .url
        .as_str()
        .parse()
        .map_err(|error: http::uri::InvalidUri| HttpError::Invalid(format!("url: {error}")))
}

fn message(
    granted: &Granted<'_>,
    headers: HeaderMap,
    request: &HttpRequest,
) -> Result<http::Request<Full<Bytes>>, HttpError> {
    let invalid = |error: &dyn std::fmt::Display| HttpError::Invalid(error.to_string());
    let method = Method::from_bytes(request.method.as_bytes()).map_err(|error| invalid(&error))?;
    let host = granted.url.host_str().unwrap_or_default();
    let host = match granted.url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    };
    let target = match granted.url.query() {
        Some(query) => format!("{}?{query}", granted.url.path()),
        None => granted.url.path().to_owned(),
    };
    let mut message = http::Request::builder()
        .method(method)
        .uri(target)
        .body(Full::new(Bytes::from(request.body.clone())))
        .map_err(|error| invalid(&error))?;
    *message.headers_mut() = headers;
    let host = HeaderValue::from_str(&host).map_err(|error| invalid(&error))?;
    message.headers_mut().insert(http::header::HOST, host);
    Ok(message)
}

/// The addresses of a host, resolved once.
async fn resolve(host: &Host<String>, port: u16) -> Result<Vec<SocketAddr>, HttpError> {
    let name = match host {
        Host::Ipv4(ip) => return Ok(vec![SocketAddr::new(IpAddr::V4(*ip), port)]),
        Host::Ipv6(ip) => return Ok(vec![SocketAddr::new(IpAddr::V6(*ip), port)]),
        Host::Domain(name) => name,
    };
    let found = tokio::net::lookup_host((name.as_str(), port))
        .await
        .map_err(|error| HttpError::Connection(format!("{name}: {error}")))?;
    let found: Vec<SocketAddr> = found.collect();
    if found.is_empty() {
        return Err(HttpError::Connection(format!("{name}: no address")));
    }
    Ok(found)
}

async fn read(
    response: http::Response<Incoming>,
    limits: &CallLimits,
) -> Result<HttpResponse, HttpError> {
    let body_max = limits.http_body_kib.saturating_mul(1024);
    let too_large = || HttpError::TooLarge(u32::try_from(body_max).unwrap_or(u32::MAX));
    let (head, body) = response.into_parts();
    let mut headers = Vec::new();
    for (name, value) in &head.headers {
        if name.as_str().len().saturating_add(value.len()) > HEADER_BYTES_MAX {
            return Err(too_large());
        }
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        headers.push((name.as_str().to_owned(), value));
    }
    let most = usize::try_from(body_max).unwrap_or(usize::MAX);
    let body = match Limited::new(body, most).collect().await {
        Ok(body) => body.to_bytes().to_vec(),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => return Err(too_large()),
        Err(error) => return Err(HttpError::Interrupted(error.to_string())),
    };
    Ok(HttpResponse {
        status: head.status.as_u16(),
        headers,
        body,
    })
}
