//! Accounts: one person of the directory has a SID, an object id, a UPN and a `DOMAIN\name`.
//!
//! The keys are everything that an account may be known by; two accounts that share one are
//! treated as the same when protection is asked. A bare name belongs to any directory and any
//! machine: it protects, and it is never exact.

use super::{Malformed, text};
use crate::model::UserAccount;

const CODE: &str = "CS-target-08";

/// The keys of an account, strongest first; the first is its canonical id.
///
/// # Errors
/// `CS-target-08` for an account without id and name, and for letters that look like others.
pub fn account_keys(account: &UserAccount) -> Result<Vec<String>, Malformed> {
    let mut keys = Vec::new();
    if !account.id.trim_matches(' ').is_empty() {
        keys.push(key("account id", &account.id)?);
    }
    if !account.name.trim_matches(' ').is_empty() {
        keys.extend(names(
            &key("account name", &account.name)?,
            &account.domain,
        )?);
    }
    if keys.is_empty() {
        return Err(Malformed::new(
            CODE,
            "account",
            "",
            "it has neither id nor name",
        ));
    }
    let mut seen = std::collections::BTreeSet::new();
    keys.retain(|it| seen.insert(it.clone()));
    Ok(keys)
}

/// `DOMAIN\name` before the bare name; a UPN stands for itself and its first part.
fn names(name: &str, domain: &str) -> Result<Vec<String>, Malformed> {
    if let Some((domain, bare)) = name.split_once('\\') {
        return Ok(vec![format!("{domain}\\{bare}"), bare.to_owned()]);
    }
    if let Some((bare, domain)) = name.split_once('@') {
        let netbios = domain.split('.').next().unwrap_or(domain);
        return Ok(vec![
            name.to_owned(),
            format!("{netbios}\\{bare}"),
            bare.to_owned(),
        ]);
    }
    if domain.trim_matches(' ').is_empty() {
        return Ok(vec![name.to_owned()]);
    }
    let domain = key("account domain", domain)?;
    let netbios = domain.split('.').next().unwrap_or(&domain).to_owned();
    let mut keys = vec![format!("{netbios}\\{name}"), name.to_owned()];
    if domain.contains('.') {
        keys.insert(0, format!("{name}@{domain}"));
    }
    Ok(keys)
}

/// One key: lower case, outer spaces and the braces of a GUID cut.
pub(in crate::inventory) fn key(field: &'static str, text: &str) -> Result<String, Malformed> {
    let cut = text.trim_matches(' ');
    let cut = cut
        .strip_prefix('{')
        .and_then(|it| it.strip_suffix('}'))
        .unwrap_or(cut);
    // LIMIT: 512 bytes; a distinguished name is the longest form in use.
    if let Some(why) = text::unreadable(cut, 512) {
        return Err(Malformed::new(CODE, field, text, why));
    }
    if cut.contains(['*', '?', '|', '<', '>', '"', ';']) {
        return Err(Malformed::new(
            CODE,
            field,
            text,
            "it has characters of patterns or lists",
        ));
    }
    Ok(cut.to_lowercase())
}

/// Whether the canonical id names one account of one directory, not just somebody of that name.
pub(in crate::inventory) fn is_exact(account: &UserAccount, id: &str) -> bool {
    !account.id.trim_matches(' ').is_empty() || id.contains(['\\', '@'])
}

/// Whether a key is of an account with power over the whole directory or machine, by the number
/// or name that Windows and POSIX give it everywhere.
pub(in crate::inventory) fn is_built_in_admin(key: &str) -> bool {
    let rid = key
        .strip_prefix("s-1-5-21-")
        .and_then(|it| it.rsplit('-').next());
    let bare = key.rsplit('\\').next().unwrap_or(key);
    rid.is_some_and(|it| ["500", "502", "512", "518", "519"].contains(&it))
        || ["administrator", "krbtgt", "root", "system"].contains(&bare)
        || ["s-1-5-18", "s-1-5-19", "s-1-5-20"].contains(&key)
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

    fn account(id: &str, name: &str, domain: &str) -> UserAccount {
        UserAccount {
            id: id.into(),
            name: name.into(),
            domain: domain.into(),
        }
    }

    #[test]
    fn spellings_of_one_account_share_a_key() {
        let spellings = [
            account("", "Da-Admin", "CORP"),
            account("", r"CORP\da-admin", ""),
            account("", "da-admin@corp.example", ""),
            account("", "DA-ADMIN", "corp.example"),
            account("S-1-5-21-1-2-3-1104", " da-admin ", "corp"),
        ];
        for one in &spellings {
            let keys = account_keys(one).unwrap();
            assert!(keys.contains(&r"corp\da-admin".to_owned()), "{keys:?}");
        }
        assert_eq!(
            account_keys(&spellings[4]).unwrap()[0],
            "s-1-5-21-1-2-3-1104"
        );
        assert_eq!(
            account_keys(&account("{0A1B}", "", "")).unwrap(),
            vec!["0a1b".to_owned()]
        );
    }

    #[test]
    fn a_bare_name_is_never_exact() {
        let bare = account("", "administrator", "");
        let keys = account_keys(&bare).unwrap();
        assert!(!is_exact(&bare, &keys[0]));
        assert!(is_built_in_admin(&keys[0]));
        assert!(is_built_in_admin("s-1-5-21-1-2-3-500"));
        assert!(!is_built_in_admin("s-1-5-21-1-2-3-1500"));
    }

    #[test]
    fn what_nobody_can_read_is_refused() {
        for name in [
            "",
            " ",
            "\u{a0}",
            "adm\u{0456}n",
            "admin\u{200b}",
            "admin*",
            "a;b",
            "a\nb",
        ] {
            assert!(account_keys(&account("", name, "")).is_err(), "{name:?}");
        }
    }

    proptest! {
        #[test]
        fn canonical_twice_is_canonical_once(id in "[A-Za-z0-9-]{1,20}", name in "\\PC{0,20}") {
            if let Ok(keys) = account_keys(&account(&id, &name, "")) {
                let again = account_keys(&account(&keys[0], &name, "")).unwrap();
                prop_assert_eq!(again, keys);
            }
        }
    }
}
