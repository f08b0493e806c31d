//! A credential: put into a request after the guest's last touch, taken out of what comes back.

use super::{CredentialScheme, Secret};
use crate::plugin::manifest::CredentialSpec;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderName, HeaderValue};
use sha2::Sha256;
use zeroize::Zeroizing;

/// What stands where a credential stood.
const REPLACED: &[u8] = b"[credential]";
/// LIMIT: a shorter secret is no secret, and replacing it would garble every answer.
const SECRET_BYTES_MIN: usize = 8;

/// One credential of an instance.
#[derive(Clone, Debug)]
pub(super) struct Credential {
    scheme: CredentialScheme,
    header: HeaderName,
    secret: Secret,
}

impl Credential {
    /// The operator's secret for a credential of the manifest.
    ///
    /// # Errors
    /// The secret does not fit its scheme.
    pub(super) fn of(spec: &CredentialSpec, secret: Secret) -> Result<Self, String> {
        let text = secret.expose();
        if text.len() < SECRET_BYTES_MIN {
            return Err(format!(
                "its secret is shorter than {SECRET_BYTES_MIN} bytes"
            ));
        }
        let header = match spec.scheme {
            CredentialScheme::Bearer => http::header::AUTHORIZATION,
            CredentialScheme::Basic if !text.contains(':') => {
                return Err("its secret is not user:password".to_owned());
            }
            CredentialScheme::Basic => http::header::AUTHORIZATION,
            CredentialScheme::Header | CredentialScheme::HmacSha256 => {
                let name = spec.header.as_deref().unwrap_or_default();
                HeaderName::from_bytes(name.as_bytes())
                    .map_err(|_| format!("{name:?} is no header name"))?
            }
            CredentialScheme::Oauth2ClientCredentials => {
                return Err(
                    "this version cannot fetch oauth2 tokens; supply a token with scheme bearer"
                        .to_owned(),
                );
            }
        };
        let credential = Self {
            scheme: spec.scheme,
            header,
            secret,
        };
        // A secret that is no header value is found now and not at the first order.
        credential.value(0, b"").map(|_| credential.clone())
    }

    /// The header that it is put into.
    pub(super) fn header(&self) -> &HeaderName {
        &self.header
    }

    /// The value for one request. `now_s`: seconds since 1970.
    ///
    /// # Errors
    /// The secret is not text that a header can hold.
    pub(super) fn value(&self, now_s: u64, body: &[u8]) -> Result<HeaderValue, String> {
        let secret = self.secret.expose();
        let text = Zeroizing::new(match self.scheme {
            CredentialScheme::Bearer => format!("Bearer {secret}"),
            CredentialScheme::Basic => format!("Basic {}", STANDARD.encode(secret)),
            CredentialScheme::HmacSha256 => signature(secret, now_s, body)?,
            CredentialScheme::Header | CredentialScheme::Oauth2ClientCredentials => {
                secret.to_owned()
            }
        });
        let mut value = HeaderValue::from_str(&text)
            .map_err(|_| "its secret is not visible ASCII".to_owned())?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// Replaces the credential, in every form in which it goes out, with a mark. True if it was
    /// there.
    pub(super) fn clean(&self, bytes: &mut Vec<u8>) -> bool {
        let secret = self.secret.expose();
        let encoded = Zeroizing::new(STANDARD.encode(secret));
        let mut found = replace(bytes, secret.as_bytes());
        found |= replace(bytes, encoded.as_bytes());
        if self.scheme == CredentialScheme::Basic {
            let password = secret.split_once(':').map_or("", |(_, password)| password);
            if password.len() >= SECRET_BYTES_MIN {
                found |= replace(bytes, password.as_bytes());
            }
        }
        found
    }
}

/// `t=<unix>,v1=<hex>`: over the time and the body, so that a copy cannot be sent again later.
fn signature(secret: &str, now_s: u64, body: &[u8]) -> Result<String, String> {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(secret.as_bytes()).map_err(|error| error.to_string())?;
    mac.update(format!("{now_s}.").as_bytes());
    mac.update(body);
    Ok(format!(
        "t={now_s},v1={}",
        hex::encode(mac.finalize().into_bytes())
    ))
}

fn replace(bytes: &mut Vec<u8>, secret: &[u8]) -> bool {
    let mut cleaned = Vec::new();
    let mut rest = bytes.as_slice();
    let mut found = false;
    while let Some(at) = rest.windows(secret.len()).position(|it| it == secret) {
        let (before, after) = rest.split_at(at);
        cleaned.extend_from_slice(before);
        cleaned.extend_from_slice(REPLACED);
        rest = after.get(secret.len()..).unwrap_or_default();
        found = true;
    }
    if found {
        cleaned.extend_from_slice(rest);
        *bytes = cleaned;
    }
    found
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn credential(scheme: CredentialScheme, secret: &str) -> Result<Credential, String> {
        let spec = CredentialSpec {
            name: "api".into(),
            scheme,
            header: Some("x-signature".into()),
            description: String::new(),
        };
        Credential::of(&spec, Secret::new(secret.into()))
    }

    #[test]
    fn each_scheme_makes_its_header() {
        let value = |scheme, secret: &str| {
            let value = credential(scheme, secret)
                .unwrap()
                .value(1_700_000_000, b"{}")
                .unwrap();
            value.to_str().unwrap().to_owned()
        };
        assert_eq!(
            value(CredentialScheme::Bearer, "s3cret-token"),
            "Bearer s3cret-token"
        );
        assert_eq!(
            value(CredentialScheme::Header, "s3cret-token"),
            "s3cret-token"
        );
        assert_eq!(
            value(CredentialScheme::Basic, "user:password"),
            "Basic dXNlcjpwYXNzd29yZA=="
        );
        // printf '1700000000.{}' | openssl dgst -sha256 -hmac s3cret-token
        assert_eq!(
            value(CredentialScheme::HmacSha256, "s3cret-token"),
            "t=1700000000,v1=b4e1763ce280918829647797d0cb06c60aa1916c68a0ff2f429ff538a5239b90"
        );
    }

    #[test]
    fn a_secret_that_does_not_fit_its_scheme_is_found_at_once() {
        assert!(credential(CredentialScheme::Bearer, "short").is_err());
        assert!(credential(CredentialScheme::Basic, "nocolonhere").is_err());
        assert!(credential(CredentialScheme::Header, "line\nfeed-token").is_err());
        assert!(credential(CredentialScheme::Oauth2ClientCredentials, "s3cret-token").is_err());
    }

    #[test]
    fn what_comes_back_is_cleaned_of_every_form() {
        let it = credential(CredentialScheme::Basic, "user:password").unwrap();
        let mut body = b"a user:password b dXNlcjpwYXNzd29yZA== c password d".to_vec();
        assert!(it.clean(&mut body));
        assert_eq!(body, b"a [credential] b [credential] c [credential] d");
        assert!(!it.clean(&mut b"nothing of it".to_vec()));
    }
}
