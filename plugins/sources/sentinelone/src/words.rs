//! What the shapes have in common: the vendor's words in the words of the contract, and text
//! that is a hash, an address or an account only if it is written like one.
use crate::node::Node;
use countersign_sdk::source::*;
use std::net::IpAddr;

/// Publisher's prefix for what OCSF has no name for.
pub const OWN: &str = "countersign.sentinelone.";

/// Bytes of one attribute value, of a title and of a name, as the contract bounds them.
const VALUE_BYTES_MAX: usize = 8192;
const TITLE_BYTES_MAX: usize = 512;
const ATTRIBUTES_MAX: usize = 256;

/// Hex digits of exactly this length, in lower case; else there is no hash.
pub fn hash(text: Option<String>, digits: usize) -> Option<String> {
    text.map(|text| text.trim().to_ascii_lowercase())
        .filter(|text| text.len() == digits && text.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// The hashes of a file, by length: consoles put any of the three into one field.
#[derive(Clone, Debug, Default)]
pub struct Hashes {
    /// 64 digits.
    pub sha256: Option<String>,
    /// 40 digits.
    pub sha1: Option<String>,
    /// 32 digits.
    pub md5: Option<String>,
}

impl Hashes {
    /// Sorts candidates by length; the first of each length counts.
    pub fn of<'a>(candidates: impl IntoIterator<Item = Node<'a>>) -> Self {
        let mut found = Self::default();
        for text in candidates.into_iter().map(|it| it.text()) {
            found.sha256 = found.sha256.or_else(|| hash(text.clone(), 64));
            found.sha1 = found.sha1.or_else(|| hash(text.clone(), 40));
            found.md5 = found.md5.or_else(|| hash(text, 32));
        }
        found
    }
    /// Puts those that a target has no field for on the entity.
    pub fn on(&self, entity: Entity) -> Entity {
        put(
            put(entity, "hashes.sha1", self.sha1.clone()),
            "hashes.md5",
            self.md5.clone(),
        )
    }
}

/// Adds an attribute if there is a value and room, cut to the bound of the contract.
pub fn put<T: Attributes>(on: T, name: &str, value: Option<impl ToString>) -> T {
    if on.list().len() >= ATTRIBUTES_MAX {
        return on;
    }
    on.with(
        name,
        value.map(|value| cut(value.to_string(), VALUE_BYTES_MAX)),
    )
}

/// A title within the bound of the contract.
pub fn title(text: String) -> String {
    cut(text, TITLE_BYTES_MAX)
}

/// Cut to a number of bytes, at a character.
pub fn cut(mut text: String, bytes_max: usize) -> String {
    if text.len() > bytes_max {
        let end = (0..=bytes_max).rev().find(|at| text.is_char_boundary(*at));
        text.truncate(end.unwrap_or(0));
    }
    text
}

/// An IP address as the vendor wrote it, if it is one. No zone, no prefix, no placeholder.
pub fn address(text: &str) -> Option<String> {
    let text = text.trim().to_ascii_lowercase();
    text.parse::<IpAddr>().is_ok().then_some(text)
}

/// The addresses in a text or list; several in one text stand between commas.
pub fn addresses(node: &Node<'_>) -> Vec<String> {
    let texts: Vec<String> = match node.text() {
        Some(text) => vec![text],
        None => node.list().filter_map(|it| it.text()).collect(),
    };
    let parts = texts.iter().flat_map(|text| text.split(','));
    parts.filter_map(address).collect()
}

/// An address of a connection, with its side (`src_endpoint`, `dst_endpoint`) and port. The
/// unspecified address selects nothing, and firewalls read it as "any": it is shown as a target
/// that no action applies to.
pub fn endpoint(side: &str, ip: &Node<'_>, port: &Node<'_>) -> Option<Entity> {
    let text = address(&ip.text()?)?;
    let ip: IpAddr = text.parse().ok()?;
    let target = if ip.is_unspecified() {
        Target::Other(OtherTarget {
            kind: "unspecified-address".into(),
            id: text,
            attributes: Vec::new(),
        })
    } else {
        Target::Address(ip.to_string())
    };
    let port = port.integer().filter(|port| (1..=65535).contains(port));
    let entity = put(entity("observed", target), "countersign.side", Some(side));
    Some(put(entity, "port", port))
}

/// A domain name, if it is written like one: at least two labels of letters, digits, hyphens.
pub fn domain(text: &str) -> Option<String> {
    let name = text.trim().trim_end_matches('.').to_ascii_lowercase();
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let labels = name.split('.').count();
    let numeric = name
        .rsplit('.')
        .next()
        .is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()));
    (labels > 1 && !numeric && name.len() <= 253 && name.split('.').all(label)).then_some(name)
}

/// An absolute web address of which nothing has to be guessed: scheme and host, the host a name or
/// an address, no user in front of it. The host refuses others, and with them the whole alert.
pub fn url(text: &str) -> Option<String> {
    let text = text.trim();
    let (scheme, rest) = text.split_once("://")?;
    let known = ["http", "https", "ftp"]
        .iter()
        .any(|it| scheme.eq_ignore_ascii_case(it));
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.parse::<u16>().is_ok() => host,
        _ => authority,
    };
    let plain = !text.contains(char::is_whitespace) && !text.contains('\\');
    let is_host = domain(host).is_some() || host.parse::<std::net::Ipv4Addr>().is_ok();
    (known && plain && is_host).then(|| text.to_owned())
}

/// An account as the agent names it: `domain\name`, or a name alone. The domain of an account of
/// the machine itself is empty (contract). There is no directory id in it, so none is made up.
pub fn account(text: Option<String>, device: &Device) -> Option<Account> {
    let text = text?;
    let (domain, name) = match text.split_once('\\') {
        Some((domain, name)) => (domain.trim(), name.trim_start_matches('\\').trim()),
        None => ("", text.trim()),
    };
    let short = device.name.split('.').next().unwrap_or_default();
    let own = domain.eq_ignore_ascii_case(&device.name) || domain.eq_ignore_ascii_case(short);
    (!name.is_empty()).then(|| Account {
        id: String::new(),
        name: name.to_owned(),
        domain: if own {
            String::new()
        } else {
            domain.to_owned()
        },
    })
}

/// An entity without attributes.
pub fn entity(role: &str, target: Target) -> Entity {
    Entity {
        role: role.to_owned(),
        target,
        attributes: Vec::new(),
    }
}

/// The mode of a policy, in either case of letters.
pub fn mode(node: &Node<'_>) -> Mode {
    Mode::read(node.text().as_deref())
}

/// `LOW`, `E_MEDIUM`, `Info`.
pub fn severity(node: &Node<'_>) -> Severity {
    match node
        .word()
        .as_deref()
        .map(|word| word.trim_start_matches("e_"))
    {
        Some("info" | "informational") => Severity::Informational,
        Some("low") => Severity::Low,
        Some("medium") => Severity::Medium,
        Some("high") => Severity::High,
        Some("critical") => Severity::Critical,
        Some("fatal") => Severity::Fatal,
        _ => Severity::Unknown,
    }
}

/// What the product claims. A person's verdict in the console outweighs the engine's confidence,
/// in both directions: a withdrawn alert is `benign` whatever the model said.
pub fn rating(confidence: &Node<'_>, verdict: &Node<'_>) -> Rating {
    let verdict = verdict.word().unwrap_or_default();
    if verdict.starts_with("false_positive") {
        return Rating::Benign;
    }
    if verdict.starts_with("true_positive") {
        return Rating::Malicious;
    }
    match confidence.word().as_deref() {
        Some("malicious") => Rating::Malicious,
        Some("suspicious") => Rating::Suspicious,
        Some("benign") => Rating::Benign,
        _ if verdict == "suspicious" => Rating::Suspicious,
        _ => Rating::Unknown,
    }
}

/// A MITRE ATT&CK technique id, if it is written like one.
pub fn technique(text: &str) -> Option<String> {
    let text = text.trim().to_ascii_uppercase();
    let digits = |part: &str, n| part.len() == n && part.bytes().all(|b| b.is_ascii_digit());
    let rest = text.strip_prefix('T')?;
    let well_formed = match rest.split_once('.') {
        Some((id, sub)) => digits(id, 4) && digits(sub, 3),
        None => digits(rest, 4),
    };
    well_formed.then_some(text)
}

/// Sorted, each once.
pub fn distinct(mut list: Vec<String>) -> Vec<String> {
    list.sort();
    list.dedup();
    list
}

/// The name of a file in a path of either kind.
pub fn file_name(path: &str) -> &str {
    path.rsplit(['\\', '/']).next().unwrap_or_default()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_not_written_like_an_address_is_none() {
        for bad in [
            "fe80::1111::2222::3333::4444",
            "XX80::7X59",
            "10.0.0.0/8",
            "10.0.0.x",
            "",
            "fe80::1%eth0",
        ] {
            assert_eq!(address(bad), None, "{bad}");
        }
        let list = json!("192.168.56.1,10.4.4.69,nonsense");
        assert_eq!(addresses(&Node::root(&list)), ["192.168.56.1", "10.4.4.69"]);
    }

    #[test]
    fn an_account_of_the_machine_has_no_domain() {
        let device = Device {
            id: String::new(),
            name: "HOST07.example.com".into(),
        };
        let read = |text: &str| account(Some(text.into()), &device).unwrap();
        assert_eq!(
            (
                read("host07\\jo").domain.as_str(),
                read("host07\\jo").name.as_str()
            ),
            ("", "jo")
        );
        assert_eq!(read("CORP\\jo").domain, "CORP");
        assert_eq!(read("CORP\\\\jo").name, "jo");
        assert_eq!(account(Some("CORP\\".into()), &device), None);
    }

    #[test]
    fn a_persons_verdict_outweighs_the_model() {
        let record = json!({"c": "MALICIOUS", "fp": "FALSE_POSITIVE_BENIGN", "tp": "true_positive", "s": "suspicious"});
        let record = Node::root(&record);
        let (c, none) = (record.get("c"), record.get("none"));
        assert_eq!(rating(&c, &none), Rating::Malicious);
        assert_eq!(rating(&c, &record.get("fp")), Rating::Benign);
        assert_eq!(
            rating(&record.get("s"), &record.get("tp")),
            Rating::Malicious
        );
        assert_eq!(rating(&none, &none), Rating::Unknown);
    }

    #[test]
    fn hashes_are_known_by_their_length_and_names_by_their_labels() {
        let record = json!(["A".repeat(64), "b".repeat(40), "no hash", "c".repeat(32)]);
        let hashes = Hashes::of(Node::root(&record).list().collect::<Vec<_>>());
        assert_eq!(hashes.sha256.unwrap(), "a".repeat(64));
        assert!(hashes.sha1.is_some() && hashes.md5.is_some());
        assert_eq!(domain("Evil.Example.COM."), Some("evil.example.com".into()));
        assert_eq!(
            (domain("string"), domain("1.2.3.4"), domain("a b.com")),
            (None, None, None)
        );
        assert_eq!(technique("t1059.001"), Some("T1059.001".into()));
        assert_eq!(technique("Tactic"), None);
    }
}
