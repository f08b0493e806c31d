//! What kind of address a name led to.
//!
//! A name is somebody else's word: it can lead to the machine itself, to the network behind it,
//! or to a cloud's metadata service. So the class of the address decides, not the name, and what
//! is not plainly the public internet is refused unless the operator named it.

use ipnet::IpNet;
use std::net::{IpAddr, Ipv6Addr};

/// Where an address lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// The internet.
    Public,
    /// Loopback, private, shared: for the operator to name.
    Private,
    /// Metadata, multicast, reserved, translated: never.
    Never,
}

const PRIVATE: &[&str] = &[
    "127.0.0.0/8",
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "::1/128",
    "fc00::/7",
];

const NEVER: &[&str] = &[
    "0.0.0.0/8",
    "169.254.0.0/16",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "::/128",
    "64:ff9b::/96",
    "64:ff9b:1::/48",
    "100::/64",
    "2001::/23",
    "2001:db8::/32",
    "2002::/16",
    "3fff::/20",
    "5f00::/16",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
];

/// The class of an address; v4 in v6 is v4.
pub(super) fn class(address: IpAddr) -> Class {
    let address = address.to_canonical();
    let within = |list: &[&str]| {
        let mut nets = list.iter().filter_map(|text| text.parse::<IpNet>().ok());
        nets.any(|net| net.contains(&address))
    };
    if within(NEVER) || compatible(address) {
        Class::Never
    } else if within(PRIVATE) {
        Class::Private
    } else {
        Class::Public
    }
}

/// `::a.b.c.d`, the old way to write v4 in v6, which some systems still route.
fn compatible(address: IpAddr) -> bool {
    match address {
        IpAddr::V6(v6) => v6 != Ipv6Addr::LOCALHOST && v6.segments().starts_with(&[0; 6]),
        IpAddr::V4(_) => false,
    }
}

/// Whether a connection to this address may be made: `plain` for HTTP without TLS, which is for
/// loopback and private addresses only.
///
/// # Errors
/// Why not.
pub(super) fn permitted(address: IpAddr, plain: bool, private: &[IpNet]) -> Result<(), String> {
    let address = address.to_canonical();
    match class(address) {
        Class::Public if plain => Err(format!(
            "http without TLS is for loopback and private addresses, {address} is public"
        )),
        Class::Public => Ok(()),
        Class::Private if private.iter().any(|net| net.contains(&address)) => Ok(()),
        Class::Private => Err(format!(
            "{address} is a loopback or private address, which the operator did not allow for this connector"
        )),
        Class::Never => Err(format!(
            "{address} is no address that a connector may reach"
        )),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_of_the_lists_is_a_network() {
        for text in PRIVATE.iter().chain(NEVER) {
            let net: IpNet = text.parse().unwrap();
            assert_eq!(net, net.trunc(), "{text}");
        }
    }

    #[test]
    fn the_class_decides_and_not_the_spelling() {
        let cases = [
            ("93.184.216.34", Class::Public),
            ("2606:2800:220:1::1", Class::Public),
            ("127.0.0.1", Class::Private),
            ("::ffff:127.0.0.1", Class::Private),
            ("::1", Class::Private),
            ("10.1.2.3", Class::Private),
            ("100.64.0.1", Class::Private),
            ("fd00::1", Class::Private),
            ("169.254.169.254", Class::Never),
            ("::ffff:169.254.169.254", Class::Never),
            ("::169.254.169.254", Class::Never),
            ("64:ff9b::7f00:1", Class::Never),
            ("fe80::1", Class::Never),
            ("0.0.0.0", Class::Never),
            ("::", Class::Never),
            ("224.0.0.1", Class::Never),
            ("255.255.255.255", Class::Never),
        ];
        for (text, expected) in cases {
            assert_eq!(class(text.parse().unwrap()), expected, "{text}");
        }
    }

    #[test]
    fn private_addresses_need_the_operator_and_plain_http_needs_a_private_address() {
        let own: Vec<IpNet> = vec!["127.0.0.0/8".parse().unwrap()];
        let loopback: IpAddr = "127.0.0.1".parse().unwrap();
        assert!(permitted(loopback, true, &own).is_ok());
        assert!(permitted(loopback, true, &[]).is_err());
        assert!(permitted("10.0.0.1".parse().unwrap(), false, &own).is_err());
        let public: IpAddr = "93.184.216.34".parse().unwrap();
        assert!(permitted(public, false, &[]).is_ok());
        assert!(permitted(public, true, &own).is_err());
        let all: Vec<IpNet> = vec!["0.0.0.0/0".parse().unwrap()];
        assert!(permitted("169.254.169.254".parse().unwrap(), false, &all).is_err());
    }
}
