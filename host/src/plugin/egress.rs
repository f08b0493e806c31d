//! Where a connector may send requests, and how: the only way out of the sandbox.
//!
//! The guest names a URL and a credential; the host decides whether that was granted, resolves
//! the name once, looks at what kind of address it is, connects to that very address, and adds
//! the credential after the guest's last touch. What comes back is bounded, not redirected, and
//! cleaned of the credential before the guest sees it. So a connector that is taken over can do
//! with its far side what it was granted, and cannot carry the credential anywhere.
//!
//! Errors are sorted by what is known of the far side, because that decides whether an order may
//! be tried again: until the request is handed to the connection nothing was sent, from then on
//! everything that goes wrong may have happened.

mod address;
mod credential;
mod exchange;
mod grant;
mod send;
#[cfg(test)]
mod tests;

pub(crate) use grant::normal_path;

use super::manifest::{CredentialScheme, Manifest};
use super::settings::SettingsView;
use crate::model::{Digest, Millis};
use credential::Credential;
use grant::Grant;
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use zeroize::Zeroizing;

/// LIMIT: one header field, name and value, in bytes.
const HEADER_BYTES_MAX: usize = 8192;

/// A request as a guest makes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpRequest {
    /// Upper case.
    pub method: String,
    /// Absolute.
    pub url: String,
    /// Names lower case.
    pub headers: Vec<(String, String)>,
    /// Whole.
    pub body: Vec<u8>,
    /// Name of a credential of the manifest.
    pub auth: Option<String>,
    /// Deadline in milliseconds.
    pub timeout_ms: Option<u32>,
}

/// A response as a guest gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpResponse {
    /// Any status.
    pub status: u16,
    /// Cleaned.
    pub headers: Vec<(String, String)>,
    /// Cleaned.
    pub body: Vec<u8>,
}

/// Why there is no response, by what is known of the far side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum HttpError {
    /// Nothing was sent: not granted.
    #[error("not granted: {0}")]
    Denied(String),
    /// Nothing was sent: malformed request.
    #[error("malformed request: {0}")]
    Invalid(String),
    /// Nothing was sent: no name, no route, no connection, no TLS.
    #[error("no connection: {0}")]
    Connection(String),
    /// It was sent, in part or whole, and no whole response came.
    #[error("interrupted: {0}")]
    Interrupted(String),
    /// The same, because the deadline passed.
    #[error("the deadline passed after it was sent")]
    Timeout,
    /// It was sent; the response is larger than this many bytes.
    #[error("the response is larger than {0} bytes")]
    TooLarge(u32),
}

impl HttpError {
    /// Whether something may have reached the far side.
    pub fn sent(&self) -> bool {
        match self {
            Self::Denied(_) | Self::Invalid(_) | Self::Connection(_) => false,
            Self::Interrupted(_) | Self::Timeout | Self::TooLarge(_) => true,
        }
    }
}

/// One request, as kept with the order: no secrets and no bodies, but their digests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedRequest {
    /// When.
    pub at: Millis,
    /// As the guest named it, bounded.
    pub method: String,
    /// As the guest named it, bounded, credentials replaced.
    pub url: String,
    /// The credential's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth: Option<String>,
    /// The address that it went to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Whether something may have reached the far side.
    pub sent: bool,
    /// Size of the body.
    pub request_bytes: u64,
    /// Of the body.
    pub request_digest: Digest,
    /// Status of the response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Size of the response's body.
    pub response_bytes: u64,
    /// Of the response's body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_digest: Option<Digest>,
    /// Why there is no response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<HttpError>,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
}

/// A secret that an operator supplied. Not printed, wiped on drop.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the text over.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
    fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// An instance of a connector that cannot be given egress as configured.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EgressError {
    /// A credential of the manifest has no secret, or none that fits its scheme.
    #[error("credential {name}: {reason}")]
    Credential {
        /// Which.
        name: String,
        /// What is wrong.
        reason: String,
    },
    /// A grant whose host or port comes from a setting that does not hold one.
    #[error("settings.{setting}: {value:?} is not {what}")]
    Setting {
        /// Which.
        setting: String,
        /// What it holds.
        value: String,
        /// What it must hold.
        what: &'static str,
    },
    /// The machine's root certificates cannot be read.
    #[error("root certificates: {0}")]
    Roots(String),
}

impl EgressError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Credential { .. } => "CS-egress-01",
            Self::Setting { .. } => "CS-egress-02",
            Self::Roots(_) => "CS-egress-03",
        }
    }
}

/// The way out of one instance of a connector. Cheap to clone.
#[derive(Clone)]
pub struct Egress(Arc<Inner>);

struct Inner {
    grants: Vec<Grant>,
    credentials: BTreeMap<String, Credential>,
    /// Loopback and private addresses that the operator named for this instance.
    private: Vec<IpNet>,
    tls: Arc<rustls::ClientConfig>,
}

impl std::fmt::Debug for Egress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Egress")
            .field("grants", &self.0.grants)
            .field("private", &self.0.private)
            .finish_non_exhaustive()
    }
}

impl Egress {
    /// The way out of an instance: the manifest's grants with its settings filled in, the
    /// operator's secrets by credential name, and the private networks that the operator named.
    /// An empty list of grants reaches nothing.
    ///
    /// # Errors
    /// Everything that is missing or does not fit.
    pub fn new(
        manifest: &Manifest,
        settings: &SettingsView,
        mut secrets: BTreeMap<String, Secret>,
        private: Vec<IpNet>,
    ) -> Result<Self, Vec<EgressError>> {
        let mut errors = Vec::new();
        let mut grants = Vec::new();
        for grant in &manifest.egress {
            match Grant::of(grant, settings) {
                Ok(grant) => grants.push(grant),
                Err(error) => errors.push(error),
            }
        }
        let mut credentials = BTreeMap::new();
        for spec in &manifest.credentials {
            let credential = secrets
                .remove(&spec.name)
                .ok_or_else(|| "no secret is configured".to_owned())
                .and_then(|secret| Credential::of(spec, secret));
            match credential {
                Ok(credential) => drop(credentials.insert(spec.name.clone(), credential)),
                Err(reason) => errors.push(EgressError::Credential {
                    name: spec.name.clone(),
                    reason,
                }),
            }
        }
        for name in secrets.into_keys() {
            errors.push(EgressError::Credential {
                name,
                reason: "the manifest has no such credential".to_owned(),
            });
        }
        let tls = send::tls().map_err(|error| {
            errors.push(error);
            std::mem::take(&mut errors)
        })?;
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(Self(Arc::new(Inner {
            grants,
            credentials,
            private,
            tls,
        })))
    }
}
