//! The sink for pages: a receiver of signed webhooks that believes nobody.
//!
//! It checks `x-countersign-signature: t=<unix seconds>,v1=<hex HMAC-SHA-256 of "t.body">` as a
//! real receiver has to: the signature over the bytes as they came, in constant time, and not
//! older than five minutes.

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// The header.
pub const SIGNATURE: &str = "x-countersign-signature";

/// How far the time of signing may be from ours. LIMIT: clocks differ, replays do not wait.
const SKEW_S_MAX: u64 = 300;

/// A page that arrived.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// Milliseconds since 1970.
    pub at_ms: u64,
    /// Its idempotency key.
    pub key: Option<String>,
    /// What it says.
    pub body: Value,
}

/// Checks a signature.
///
/// # Errors
/// In words, why it is not believed.
pub fn verify(secret: &[u8], header: Option<&str>, body: &[u8], now_s: u64) -> Result<(), String> {
    let header = header.ok_or(format!("no {SIGNATURE}"))?;
    let part = |name: &str| {
        let mut parts = header
            .split(',')
            .filter_map(|part| part.trim().split_once('='));
        parts.find(|(key, _)| *key == name).map(|(_, value)| value)
    };
    let time = part("t").ok_or("no t in the signature")?;
    let seconds: u64 = time.parse().map_err(|_| "t is not a number of seconds")?;
    if seconds.abs_diff(now_s) > SKEW_S_MAX {
        return Err(format!("signed {} s from now", seconds.abs_diff(now_s)));
    }
    let claimed = part("v1").and_then(|text| hex::decode(text).ok());
    let claimed = claimed.ok_or("no v1 in hex in the signature")?;
    let expected = mac(secret, time, body)?;
    if bool::from(expected.ct_eq(&claimed)) {
        Ok(())
    } else {
        Err("the signature does not match the body".into())
    }
}

/// The header's value for a body, as the host makes it.
///
/// # Errors
/// Where the secret cannot be a key.
pub fn sign(secret: &[u8], body: &[u8], now_s: u64) -> Result<String, String> {
    let signature = mac(secret, &now_s.to_string(), body)?;
    Ok(format!("t={now_s},v1={}", hex::encode(signature)))
}

fn mac(secret: &[u8], time: &str, body: &[u8]) -> Result<Vec<u8>, String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).map_err(|error| error.to_string())?;
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(body);
    Ok(mac.finalize().into_bytes().to_vec())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const NOW_S: u64 = 1_800_000_000;

    #[test]
    fn a_page_is_believed_only_with_a_fresh_signature_over_its_very_bytes() {
        let good = sign(b"secret", b"{}", NOW_S).unwrap();
        assert_eq!(verify(b"secret", Some(&good), b"{}", NOW_S + 299), Ok(()));
        assert!(verify(b"secret", Some(&good), b"{} ", NOW_S).is_err());
        assert!(verify(b"other", Some(&good), b"{}", NOW_S).is_err());
        assert!(verify(b"secret", Some(&good), b"{}", NOW_S + 301).is_err());
        assert!(verify(b"secret", None, b"{}", NOW_S).is_err());
        let moved = good.replacen("t=18", "t=19", 1);
        assert!(verify(b"secret", Some(&moved), b"{}", NOW_S + 100_000_000).is_err());
    }

    #[test]
    fn the_signature_is_the_one_that_is_documented() {
        // printf '1800000000.{}' | openssl dgst -sha256 -hmac secret
        let known = "bb7079132825ac793cea8c013c1dd24d926b9b02132245b10588d9e5c0df70d7";
        let header = sign(b"secret", b"{}", NOW_S).unwrap();
        assert_eq!(header, format!("t=1800000000,v1={known}"));
    }
}
