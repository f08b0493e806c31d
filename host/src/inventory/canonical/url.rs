//! URLs: one serialisation, and the host behind it, which is what protection is asked about.

use super::{Addresses, Malformed, address, domain};
use crate::model::NetworkRange;

/// A URL with what it points at.
pub(super) struct Link {
    pub(super) text: String,
    pub(super) ranges: Vec<NetworkRange>,
}

/// The canonical URL: http or https, no credentials, no fragment; its host is a domain or address.
///
/// # Errors
/// `CS-target-10`, or the code of its host.
pub(super) fn url(text: &str) -> Result<Link, Malformed> {
    let bad = |why: &str| Malformed::new("CS-target-10", "url", text, why);
    let mut url = ::url::Url::parse(text).map_err(|_| bad("it is no absolute URL"))?;
    if !["http", "https"].contains(&url.scheme()) {
        return Err(bad("only http and https can be acted on"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(bad("it carries credentials"));
    }
    url.set_fragment(None);
    let ranges = match url.host() {
        Some(::url::Host::Domain(name)) => domain(name).map(|_| Vec::new())?,
        Some(::url::Host::Ipv4(it)) => found(address(&it.to_string())?),
        Some(::url::Host::Ipv6(it)) => found(address(&it.to_string())?),
        None => return Err(bad("it has no host")),
    };
    let text = url.to_string();
    Ok(Link { text, ranges })
}

fn found(it: Addresses) -> Vec<NetworkRange> {
    it.ranges
}

/// The canonical domain of a canonical URL, if its host is a name.
pub(in crate::inventory) fn domain_of(text: &str) -> Option<String> {
    domain(::url::Url::parse(text).ok()?.host_str()?).ok()
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
    fn spellings_of_one_url_are_one() {
        for text in [
            "https://corp.example/b",
            "HTTPS://CORP.example:443/a/../b#x",
            "https://%63orp.example/b",
            "https://corp.example/./b",
        ] {
            assert_eq!(url(text).unwrap().text, "https://corp.example/b", "{text}");
        }
        let address = url("http://0xa000005/").unwrap();
        assert_eq!(address.text, "http://10.0.0.5/");
        assert!(!address.ranges.is_empty());
        for text in [
            "ftp://corp.example/",
            "http://a:b@corp.example/",
            "corp.example",
            "http://com/",
        ] {
            assert!(url(text).is_err(), "{text}");
        }
    }
}
