//! How a request gets to the host: plain on this machine, TLS with the machine's own roots
//! elsewhere.
//!
//! A credential over `http` to another machine can be read on the way. That is somebody's test
//! network or somebody's mistake; it is said each time.

use super::failure::Failure;
use super::render;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use std::error::Error as _;
use std::time::Duration;
use url::{Host, Url};

/// LIMIT: until a connection is there.
const CONNECT_WAIT: Duration = Duration::from_secs(10);

/// A way to one host.
pub enum Wire {
    /// `http`.
    Plain(Client<HttpConnector, Full<Bytes>>),
    /// `https`.
    Tls(Client<HttpsConnector<HttpConnector>, Full<Bytes>>),
}

impl Wire {
    /// The way to a host.
    ///
    /// # Errors
    /// `CS-cli-10`: no certificate authority is known to this machine.
    pub fn to(url: &Url) -> Result<Self, Failure> {
        let mut tcp = HttpConnector::new();
        tcp.set_connect_timeout(Some(CONNECT_WAIT));
        let build = || Client::builder(TokioExecutor::new());
        if url.scheme() != "https" {
            if !is_this_machine(url) {
                render::complain(&format!(
                    "warning: {url} is another machine and not https: your credential can be read on the way"
                ));
            }
            return Ok(Self::Plain(build().build(tcp)));
        }
        tcp.enforce_http(false);
        let provider = rustls::crypto::ring::default_provider();
        let tls = HttpsConnectorBuilder::new().with_provider_and_native_roots(provider);
        let tls = tls.map_err(|why| {
            let message = format!("{url} cannot be checked");
            Failure::new("CS-cli-10", message)
                .why(why.to_string())
                .help("install the certificate authorities of this machine (ca-certificates)")
        })?;
        let tls = tls.https_only().enable_http1().wrap_connector(tcp);
        Ok(Self::Tls(build().build(tls)))
    }

    /// Sends a request, and gives the answer before its body was read.
    ///
    /// # Errors
    /// Why nothing came back, with the causes below it.
    pub async fn send(&self, request: Request<Full<Bytes>>) -> Result<Response<Incoming>, String> {
        let answer = match self {
            Self::Plain(client) => client.request(request).await,
            Self::Tls(client) => client.request(request).await,
        };
        answer.map_err(|error| {
            let mut texts = vec![error.to_string()];
            let mut below = error.source();
            while let Some(cause) = below {
                texts.push(cause.to_string());
                below = cause.source();
            }
            texts.dedup();
            texts.join(": ")
        })
    }
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(it)) => it.is_loopback(),
        Some(Host::Ipv6(it)) => it.is_loopback(),
        Some(Host::Domain(it)) => it == "localhost" || it.ends_with(".localhost"),
        None => false,
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

    #[test]
    fn only_loopback_counts_as_this_machine() {
        for (url, yes) in [
            ("http://127.9.0.1:7070", true),
            ("http://[::1]:7070", true),
            ("http://localhost:7070", true),
            ("http://localhost.example:7070", false),
            ("http://10.0.0.5:7070", false),
        ] {
            assert_eq!(is_this_machine(&url.parse().unwrap()), yes, "{url}");
        }
    }
}
