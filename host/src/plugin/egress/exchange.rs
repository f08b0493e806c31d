//! The exchange itself: resolve, look at the address, connect to it, send, read.
//!
//! The line that matters is where the request is handed to the connection (`progress.sent`).
//! What fails before it left nothing at the far side; what fails after it may have been done.

use super::address::permitted;
use super::grant::Granted;
use super::send::Progress;
use super::{Egress, HEADER_BYTES_MAX, HttpError, HttpRequest, HttpResponse};
use crate::engine::CallLimits;
use http::{HeaderMap, HeaderValue, Method, Uri};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper_rustls::HttpsConnector;
use hyper_util::rt::TokioIo;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use tokio::net::TcpStream;
use tower::{Service as _, service_fn};
use url::Host;

impl Egress {
    pub(super) async fn exchange(
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
