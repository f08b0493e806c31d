//! Host names: one spelling for all the ways in which products write the same machine.
//!
//! `DC01`, `dc01.`, `DC01.corp.example` and the machine account `CORP\DC01$` are one machine.
//! Windows allows `_`, macOS allows spaces and apostrophes, so this is wider than a domain name;
//! what looks like another name and is not is refused rather than mapped.

use super::{Malformed, text};

const CODE: &str = "CS-target-01";

/// The canonical host name: lower case, A-labels, no final dot, no machine-account dress.
///
/// # Errors
/// `CS-target-01` for an address, a wildcard, letters of mixed scripts, what is too long.
pub fn host(name: &str) -> Result<String, Malformed> {
    let bad = |why: &str| Malformed::new(CODE, "host name", name, why);
    let bare = undress(name.trim_matches(' '));
    if let Some(why) = text::unreadable(bare, 253) {
        return Err(bad(why));
    }
    if bare.parse::<std::net::IpAddr>().is_ok() {
        return Err(bad("it is an address, not a name"));
    }
    let lower = bare.to_lowercase();
    if lower == "localhost" || lower.starts_with("localhost.") {
        return Err(bad("it names every machine"));
    }
    let known = |b: u8| b.is_ascii_alphanumeric() || b"-_. '()+&".contains(&b);
    if lower.is_ascii() && !lower.contains("xn--") {
        if !lower.bytes().all(known) {
            return Err(bad("it has characters that no host name has"));
        }
        return labels_fit(&lower)
            .then_some(lower)
            .ok_or_else(|| bad("its parts between dots must have 1 to 63 characters each"));
    }
    encoded(&lower).ok_or_else(|| bad("it is no valid international name"))
}

/// Takes off `DOMAIN\` and `$` of a machine account, and one final dot.
fn undress(name: &str) -> &str {
    let account = name
        .strip_suffix('$')
        .map(|it| it.rsplit_once('\\').map_or(it, |(_, host)| host));
    let name = account.unwrap_or(name);
    name.strip_suffix('.').unwrap_or(name)
}

fn labels_fit(name: &str) -> bool {
    name.split('.').all(|it| (1..=63).contains(&it.len()))
}

/// A-labels; refuses a label beyond ASCII that becomes plain ASCII, because it only looks so.
fn encoded(lower: &str) -> Option<String> {
    let ascii = idna::domain_to_ascii_strict(lower).ok()?;
    let same = lower.split('.').zip(ascii.split('.')).all(|(from, to)| {
        if from.is_ascii() {
            from == to
        } else {
            to.starts_with("xn--")
        }
    });
    (same && lower.split('.').count() == ascii.split('.').count()).then_some(ascii)
}

/// The part before the first dot, where there is a dot.
pub(in crate::inventory) fn short(name: &str) -> Option<&str> {
    name.split_once('.').map(|(first, _)| first)
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
    fn spellings_of_one_machine_are_one_name() {
        for (from, to) in [
            ("DC01", "dc01"),
            ("dc01.", "dc01"),
            ("DC01.CORP.Example", "dc01.corp.example"),
            (r"CORP\DC01$", "dc01"),
            ("DC01$", "dc01"),
            ("my_host", "my_host"),
            ("Kay's MacBook Pro", "kay's macbook pro"),
            ("BÜRO-PC", "xn--bro-pc-3ya"),
        ] {
            assert_eq!(host(from).unwrap(), to, "{from}");
        }
        assert_eq!(host("xn--bro-pc-3ya").unwrap(), host("büro-pc").unwrap());
    }

    #[test]
    fn names_that_only_look_like_others_are_refused() {
        for name in [
            "d\u{0441}01",                      // Cyrillic es
            "\u{ff24}\u{ff23}\u{ff10}\u{ff11}", // full width
            "dc\u{200d}01",                     // joiner
            "dc\u{ad}01",                       // soft hyphen
            "dc01\u{202e}",                     // bidi override
            "dc01\u{a0}",                       // no-break space
            "xn--dc01-",                        // punycode of plain ASCII
            "",
            "*",
            "dc*",
            "10.0.0.5",
            "localhost",
            "a..b",
            "a,b",
        ] {
            assert!(host(name).is_err(), "{name:?}");
        }
        assert!(host(&"a".repeat(64)).is_err());
        assert!(host(&format!("{}.x", "a.".repeat(130))).is_err());
    }

    proptest! {
        #[test]
        fn canonical_twice_is_canonical_once(name in "\\PC{0,40}") {
            if let Ok(once) = host(&name) {
                prop_assert_eq!(host(&once).unwrap(), once);
            }
        }
        #[test]
        fn case_and_final_dot_do_not_matter(name in "[a-z][a-z0-9-]{0,20}(\\.[a-z]{2,8}){0,3}") {
            // What is refused (a broken `xn--`) is refused in every spelling.
            let plain = host(&name).map_err(|it| it.code);
            let same = |it: String| host(&it).map_err(|it| it.code);
            prop_assert_eq!(&same(name.to_uppercase()), &plain);
            prop_assert_eq!(&same(format!("{name}.")), &plain);
        }
    }
}
