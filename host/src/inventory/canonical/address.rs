//! Addresses as intervals, because the question is always whether two of them overlap.
//!
//! A guard that asks "is this inside that?" lets `0.0.0.0/0` pass beside 10.0.0.5, and one that
//! compares families lets `::ffff:a00:5` pass. Here an address is one or more inclusive
//! intervals of one 128-bit line, on which IPv4 lies where v6 maps it. Forms that carry an IPv4
//! address inside (mapped, compatible, 6to4, NAT64, Teredo) cover that address too.

use super::Malformed;
use crate::model::NetworkRange;
use ipnet::{IpNet, Ipv4Net};
use std::net::IpAddr;

/// Where IPv4 lies on the line.
const V4: u128 = 0xffff_0000_0000;
const LOW32: u128 = 0xffff_ffff;

/// One address or prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// The canonical text: `10.0.0.5`, `10.0.0.0/8`, `2001:db8::1`.
    pub text: String,
    /// Everything that it covers; the first is the address itself.
    pub ranges: Vec<NetworkRange>,
    /// Whether it is one address rather than a prefix.
    pub single: bool,
}

/// Reads an address or a CIDR prefix; host bits are cut.
///
/// # Errors
/// `CS-target-06` for ranges, lists, wildcards, zones, octal, hexadecimal or short forms.
pub fn address(text: &str) -> Result<Addresses, Malformed> {
    let bad = || {
        let why = "write one address or one prefix such as 10.0.0.0/8, in decimal, without a zone";
        Malformed::new("CS-target-06", "address", text, why)
    };
    let net = if text.contains('/') {
        text.parse::<IpNet>().map_err(|_| bad())?.trunc()
    } else {
        IpNet::from(text.parse::<IpAddr>().map_err(|_| bad())?)
    };
    let net = unmapped(net);
    let first = interval(net);
    let mut ranges = vec![first];
    ranges.extend(embedded(first));
    let single = net.prefix_len() == net.max_prefix_len();
    let text = if single {
        net.addr().to_string()
    } else {
        net.to_string()
    };
    Ok(Addresses {
        text,
        ranges,
        single,
    })
}

/// Whether any interval of one meets any of the other.
pub fn overlap(one: &[NetworkRange], other: &[NetworkRange]) -> bool {
    one.iter()
        .any(|a| other.iter().any(|b| a.first <= b.last && b.first <= a.last))
}

/// A prefix of mapped addresses is a prefix of IPv4.
fn unmapped(net: IpNet) -> IpNet {
    let IpNet::V6(v6) = net else { return net };
    let v4 = v6
        .addr()
        .to_ipv4_mapped()
        .and_then(|it| Ipv4Net::new(it, v6.prefix_len().checked_sub(96)?).ok());
    v4.map_or(net, |it| IpNet::V4(it.trunc()))
}

fn interval(net: IpNet) -> NetworkRange {
    let point = |it: IpAddr| match it {
        IpAddr::V4(v4) => V4 | u128::from(v4.to_bits()),
        IpAddr::V6(v6) => v6.to_bits(),
    };
    NetworkRange {
        first: point(net.network()),
        last: point(net.broadcast()),
    }
}

/// The IPv4 addresses that lie inside some forms of IPv6.
fn embedded(range: NetworkRange) -> Vec<NetworkRange> {
    let cut = |first: u128, last: u128| {
        let part = NetworkRange {
            first: range.first.max(first),
            last: range.last.min(last),
        };
        (part.first <= part.last).then_some(part)
    };
    // Low 32 bits: compatible (:: and ::1 are none), NAT64 and its local prefix.
    let low = [
        (2, LOW32),
        (0x0064_ff9b << 96, (0x0064_ff9b << 96) | LOW32),
        (0x0064_ff9b_0001 << 80, (0x0064_ff9b_0002 << 80) - 1),
    ];
    let mut all: Vec<NetworkRange> = low
        .into_iter()
        .filter_map(|(first, last)| cut(first, last))
        .map(|it| field(it, 0, 0))
        .collect();
    // 6to4: bits 16 to 48.
    all.extend(cut(0x2002 << 112, (0x2003 << 112) - 1).map(|it| field(it, 80, 0)));
    // Teredo: the server in bits 32 to 64, the client inverted in the low 32.
    if let Some(it) = cut(0x2001_0000 << 96, (0x2001_0001 << 96) - 1) {
        all.push(field(it, 64, 0));
        all.push(field(it, 0, LOW32));
    }
    all
}

/// 32 bits of an interval as an interval of IPv4; all of IPv4 where higher bits differ.
fn field(range: NetworkRange, shift: u32, invert: u128) -> NetworkRange {
    let (first, last) = (range.first >> shift, range.last >> shift);
    if first >> 32 != last >> 32 {
        return NetworkRange {
            first: V4,
            last: V4 | LOW32,
        };
    }
    let (a, b) = ((first & LOW32) ^ invert, (last & LOW32) ^ invert);
    NetworkRange {
        first: V4 | a.min(b),
        last: V4 | a.max(b),
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
    use proptest::prelude::*;

    fn meets(one: &str, other: &str) -> bool {
        overlap(
            &address(one).unwrap().ranges,
            &address(other).unwrap().ranges,
        )
    }

    #[test]
    fn everything_that_covers_an_address_overlaps_it() {
        for target in [
            "10.0.0.5",
            "10.0.0.5/8",
            "0.0.0.0/0",
            "0.0.0.0/1",
            "::/0",
            "::ffff:10.0.0.5",
            "::ffff:a00:5",
            "::ffff:10.0.0.0/104",
            "::10.0.0.5",
            "64:ff9b::a00:5",
            "64:ff9b::/96",
            "2002:a00:5::",
            "2002:a00:5:1::7",
            "2002::/16",
            "2001:0:a00:5::1",
            "2001:0:1:2:3:4:f5ff:fffa",
            "2001::/32",
        ] {
            assert!(meets(target, "10.0.0.5"), "{target}");
        }
    }

    #[test]
    fn neighbours_do_not_overlap() {
        for (one, other) in [
            ("10.0.0.4", "10.0.0.5"),
            ("128.0.0.0/1", "10.0.0.5"),
            ("::1", "0.0.0.1"),
            ("2001:db8::/32", "10.0.0.5"),
            ("2002:a00:6::", "10.0.0.5"),
            ("64:ff9b::a00:6", "10.0.0.5"),
        ] {
            assert!(!meets(one, other), "{one} {other}");
        }
    }

    #[test]
    fn only_one_address_or_prefix_is_read() {
        for text in [
            "10.0.0.1-10.0.0.9",
            "10.0.0.1,10.0.0.2",
            "10.0.0.*",
            "10.0.0.0/255.0.0.0",
            "010.0.0.5",
            "0xa.5",
            "10.5",
            "fe80::1%eth0",
            "[::1]",
            " 10.0.0.5",
            "10.0.0.5/33",
            "",
            "all",
        ] {
            assert_eq!(address(text).unwrap_err().code, "CS-target-06", "{text}");
        }
    }

    #[test]
    fn one_text_for_one_thing() {
        for (from, to) in [
            ("10.0.0.5/8", "10.0.0.0/8"),
            ("::ffff:a00:5", "10.0.0.5"),
            ("10.0.0.5/32", "10.0.0.5"),
            ("2001:DB8:0:0::1", "2001:db8::1"),
            ("::ffff:10.0.0.0/104", "10.0.0.0/8"),
        ] {
            assert_eq!(address(from).unwrap().text, to);
        }
    }

    proptest! {
        #[test]
        fn canonical_twice_is_canonical_once(bits: u128, len in 0u8..=128) {
            let text = format!("{}/{len}", std::net::Ipv6Addr::from_bits(bits));
            let once = address(&text).unwrap();
            prop_assert_eq!(address(&once.text).unwrap(), once);
        }
        #[test]
        fn a_prefix_overlaps_each_of_its_addresses(bits: u32, len in 0u8..=32, other: u32) {
            let ip = std::net::Ipv4Addr::from_bits(bits);
            let mask = u32::MAX.checked_shl(32 - u32::from(len)).unwrap_or(0);
            let probe = std::net::Ipv4Addr::from_bits(other);
            let inside = bits & mask == other & mask;
            prop_assert_eq!(meets(&format!("{ip}/{len}"), &probe.to_string()), inside);
            let mapped = format!("{}/{}", ip.to_ipv6_mapped(), len + 96);
            prop_assert_eq!(meets(&mapped, &probe.to_string()), inside);
            prop_assert!(meets("0.0.0.0/0", &probe.to_string()));
        }
        #[test]
        fn overlap_is_symmetric(a: u128, b: u128, la in 0u8..=128, lb in 0u8..=128) {
            let one = format!("{}/{la}", std::net::Ipv6Addr::from_bits(a));
            let two = format!("{}/{lb}", std::net::Ipv6Addr::from_bits(b));
            prop_assert_eq!(meets(&one, &two), meets(&two, &one));
        }
    }
}
