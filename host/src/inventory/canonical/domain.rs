//! Domain names, as A-labels, and how two of them relate.
//!
//! Blocking a domain blocks everything below it. So a name that nobody owns alone (a public
//! suffix) is no target, and protection is asked in both directions: the target may lie below a
//! protected name, or a protected name below the target. Look-alikes are not refused here:
//! blocking one is what a defender wants.

use super::Malformed;

/// The canonical domain: A-labels, lower case, no final dot, below a public suffix.
///
/// # Errors
/// `CS-target-07` for an address, a wildcard, a single label, a malformed name; `CS-target-13`
/// for a public suffix.
pub fn domain(name: &str) -> Result<String, Malformed> {
    let bad = |why: &str| Malformed::new("CS-target-07", "domain", name, why);
    let bare = name.strip_suffix('.').unwrap_or(name);
    let is_address = |it: &str| it.parse::<std::net::IpAddr>().is_ok();
    if is_address(bare) {
        return Err(bad("it is an address, not a domain"));
    }
    let ascii = idna::domain_to_ascii_strict(bare)
        .map_err(|_| bad("it is no valid domain name; write one name without wildcards"))?;
    // Full-width digits become an address only here.
    if is_address(&ascii) || ascii.rsplit('.').next().is_some_and(is_number) {
        return Err(bad("it is an address, not a domain"));
    }
    if !ascii.contains('.') {
        return Err(bad("it is a single label; write the whole name"));
    }
    if psl::domain_str(&ascii).is_none() {
        return Err(Malformed::new(
            "CS-target-13",
            "domain",
            name,
            "it is a public suffix: everybody below it would be covered",
        ));
    }
    Ok(ascii)
}

fn is_number(label: &str) -> bool {
    !label.is_empty() && label.bytes().all(|b| b.is_ascii_digit())
}

/// Whether `name` is `top` or lies below it. Both canonical.
pub(in crate::inventory) fn at_or_below(name: &str, top: &str) -> bool {
    name.strip_suffix(top)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Whether acting on one touches the other.
pub(in crate::inventory) fn related(one: &str, other: &str) -> bool {
    at_or_below(one, other) || at_or_below(other, one)
}

/// A name that no other organisation can own.
pub(in crate::inventory) fn is_private(name: &str) -> bool {
    ["local", "internal", "lan", "corp", "intranet", "home.arpa"]
        .iter()
        .any(|top| at_or_below(name, top))
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

    #[test]
    fn one_form_for_case_final_dot_and_punycode() {
        for (from, to) in [
            ("EXAMPLE.com.", "example.com"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("xn--bcher-kva.example", "xn--bcher-kva.example"),
            ("foo.github.io", "foo.github.io"),
            ("ex\u{0430}mple.com", "xn--exmple-4nf.com"),
        ] {
            assert_eq!(domain(from).unwrap(), to, "{from}");
        }
    }

    #[test]
    fn what_is_no_single_domain_is_refused() {
        for (name, code) in [
            ("com", "CS-target-07"),
            ("co.uk", "CS-target-13"),
            ("github.io", "CS-target-13"),
            ("*.example.com", "CS-target-07"),
            ("1.2.3.4", "CS-target-07"),
            ("\u{ff11}\u{ff12}7.0.0.1", "CS-target-07"),
            ("a..b.example", "CS-target-07"),
            ("a_b.example", "CS-target-07"),
            ("exa mple.com", "CS-target-07"),
            ("", "CS-target-07"),
        ] {
            assert_eq!(domain(name).unwrap_err().code, code, "{name}");
        }
        assert!(domain(&format!("{}.example", "a".repeat(64))).is_err());
        assert!(domain(&format!("{}example", "abcdefg.".repeat(32))).is_err());
    }

    #[test]
    fn relation_goes_by_whole_labels() {
        assert!(related("login.corp.example", "corp.example"));
        assert!(related("corp.example", "login.corp.example"));
        assert!(!related("evilcorp.example", "corp.example"));
    }

    proptest! {
        #[test]
        fn canonical_twice_is_canonical_once(name in "\\PC{0,30}\\.(com|example|de)\\.?") {
            if let Ok(once) = domain(&name) {
                prop_assert_eq!(domain(&once).unwrap(), once);
            }
        }
    }
}
