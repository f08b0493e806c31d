//! The canonical form of a target, and whether it says enough to act on one thing (R007).
//!
//! Two spellings of one address must be one target, and a text that stands for many things must
//! be none. So everything is parsed, and what does not parse is refused; nothing is repaired but
//! letter case and the one trailing dot of a domain.

use crate::model::{Device, Target};
use idna::AsciiDenyList;
use idna::uts46::{DnsLength, Hyphens, Uts46};
use ipnet::IpNet;
use std::net::IpAddr;

/// What no label has. The underscore is not among them: attackers and Active Directory use it.
const DENIED: AsciiDenyList = AsciiDenyList::new(true, "!\"#$%&'()*+,/:;<=>?@[\\]^`{|}~");

/// Why a target is refused: the words after `proposal {key}: `.
type Refusal = String;

fn not(text: &str, what: &str, reason: impl std::fmt::Display) -> Refusal {
    format!("{text:?} is not {what}: {reason}")
}

/// The canonical form; for things that can only be seen, too.
pub(in crate::plugin) fn canonical(target: Target) -> Result<Target, Refusal> {
    if let Some(device) = target.device() {
        named(device)?;
    }
    match &target {
        Target::Process(it) => hash(it.sha256.as_deref())?,
        Target::File(it) => hash(it.sha256.as_deref())?,
        Target::Software(it) => hash(it.sha256.as_deref())?,
        Target::Address(it) => return address(it).map(Target::Address),
        Target::Domain(it) => return domain(it).map(Target::Domain),
        Target::Url(it) => return url(it).map(Target::Url),
        Target::Account(it) if it.id.is_empty() && it.name.is_empty() => {
            return Err("an account needs its id or name; it has none".to_owned());
        }
        Target::Message(it) if it.id.is_empty() => {
            return Err("a message needs its id; it has none".to_owned());
        }
        Target::Service(it) if it.name.is_empty() => {
            return Err("a service needs its device and name; it has device".to_owned());
        }
        Target::Other(it) if !super::words::is_word(&it.kind) || it.id.is_empty() => {
            return Err(not(
                &it.kind,
                "a kind of target",
                "it needs a word and an id",
            ));
        }
        _ => {}
    }
    Ok(target)
}

fn named(device: &Device) -> Result<(), Refusal> {
    if device.id.is_empty() && device.name.is_empty() {
        return Err("a device needs its id or name; it has none".to_owned());
    }
    Ok(())
}

fn hash(sha256: Option<&str>) -> Result<(), Refusal> {
    let fits = |text: &str| {
        text.len() == 64
            && text
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    };
    match sha256 {
        Some(text) if !fits(text) => Err(not(text, "a SHA-256", "not 64 lower-case hex digits")),
        _ => Ok(()),
    }
}

/// One address, or a prefix whose host bits are zero; v4 in v6 is v4.
pub(in crate::plugin) fn address(text: &str) -> Result<String, Refusal> {
    const WHAT: &str = "an address";
    if !text.contains('/') {
        let address: IpAddr = text.parse().map_err(|error| not(text, WHAT, error))?;
        return Ok(address.to_canonical().to_string());
    }
    let net: IpNet = text.parse().map_err(|error| not(text, WHAT, error))?;
    if net != net.trunc() {
        return Err(not(text, WHAT, "its host bits are not zero"));
    }
    let single = net.prefix_len() == net.max_prefix_len();
    Ok(match net.addr().to_canonical() {
        address if single => address.to_string(),
        IpAddr::V4(v4) if net.addr().is_ipv6() => {
            // INVARIANT: a mapped address has 96 bits in front; a shorter prefix is not v4.
            format!("{v4}/{}", net.prefix_len().saturating_sub(96))
        }
        _ => net.to_string(),
    })
}

/// A domain name in A-labels, lower case, without trailing dot.
pub(in crate::plugin) fn domain(text: &str) -> Result<String, Refusal> {
    const WHAT: &str = "a domain name";
    let bare = text.strip_suffix('.').unwrap_or(text);
    let ascii = Uts46::new()
        .to_ascii(
            bare.as_bytes(),
            DENIED,
            Hyphens::CheckFirstLast,
            DnsLength::Verify,
        )
        .map_err(|_| not(text, WHAT, "its labels are not valid (RFC 5890)"))?
        .into_owned();
    if ascii.is_empty() || ascii.len() > 253 {
        return Err(not(text, WHAT, "it must be 1 to 253 bytes"));
    }
    if ascii.parse::<IpAddr>().is_ok() {
        return Err(not(text, WHAT, "it is an address"));
    }
    Ok(ascii)
}

/// An absolute URL without user name and password, as WHATWG serialises it.
fn url(text: &str) -> Result<String, Refusal> {
    const WHAT: &str = "a URL";
    let url = url::Url::parse(text).map_err(|error| not(text, WHAT, error))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(not(text, WHAT, "it has a user name or password"));
    }
    Ok(url.to_string())
}

/// Whether it says enough to act on one thing.
pub(super) fn says_enough(target: &Target) -> Result<(), Refusal> {
    match target {
        Target::Process(it) => {
            let identified = it.pid.is_some() && it.started.is_some()
                || it.sha256.is_some()
                || is_set(it.reference.as_ref());
            let has = [
                ("device", true),
                ("pid", it.pid.is_some()),
                ("started", it.started.is_some()),
            ];
            enough(
                identified,
                "a process needs its device and one of: pid with started, sha256, reference",
                &has,
            )
        }
        Target::File(it) => {
            let has = [("device", true), ("path", !it.path.is_empty())];
            let identified =
                !it.path.is_empty() && (it.sha256.is_some() || is_set(it.reference.as_ref()));
            enough(
                identified,
                "a file needs its device, its path, and sha256 or reference",
                &has,
            )
        }
        Target::Software(it) => {
            let signed = is_set(it.signer.as_ref());
            let has = [("signer", signed), ("name", !it.name.is_empty())];
            enough(
                it.sha256.is_some() || signed && !it.name.is_empty(),
                "software needs sha256, or signer with name",
                &has,
            )
        }
        Target::Account(it) => enough(
            !it.id.is_empty(),
            "an account needs its id",
            &[("name", !it.name.is_empty())],
        ),
        _ => Ok(()),
    }
}

fn is_set(text: Option<&String>) -> bool {
    text.is_some_and(|it| !it.is_empty())
}

fn enough(identified: bool, needs: &str, has: &[(&str, bool)]) -> Result<(), Refusal> {
    if identified {
        return Ok(());
    }
    let has: Vec<&str> = has
        .iter()
        .filter(|(_, it)| *it)
        .map(|(it, _)| *it)
        .collect();
    let has = if has.is_empty() {
        "nothing of that".to_owned()
    } else {
        has.join(", ")
    };
    Err(format!("{needs}; it has {has}"))
}
