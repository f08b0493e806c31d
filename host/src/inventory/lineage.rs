//! Software by what stays the same when it is updated.
//!
//! Counting by hash would make every update of a program that has run for years a new program,
//! and that is how the incident began. The strongest lineage is signer and product; then where
//! it lies and what it calls itself; then the hash. Sightings are kept under all of them, so
//! that an alert that knows less than the telemetry still finds the history.

use super::canonical::{path, sha256};
use crate::model::{Lineage, LineageKind, Software};

/// The strongest lineage that the fields allow.
pub fn lineage(software: &Software) -> Option<Lineage> {
    lineages(software).into_iter().next()
}

/// Every lineage that the fields allow, strongest first.
pub fn lineages(software: &Software) -> Vec<Lineage> {
    let of = |kind, text| Lineage { kind, text };
    let name = flat(&software.name);
    let signed = software.signer.as_deref().map(signer_name);
    let signed = signed.filter(|it| !it.is_empty() && !name.is_empty());
    let signed = signed.map(|signer| of(LineageKind::Signer, format!("{signer}|{name}")));
    let place = software.path.as_deref().and_then(|it| path(it).ok());
    // A name that only repeats the file's says nothing more.
    let named = place
        .as_ref()
        .filter(|it| !name.is_empty() && !same_file(&it.name, &name));
    let named = named.map(|it| of(LineageKind::Path, format!("{}|{name}", it.tail)));
    // The place alone too: who told us of it before may not have known the name.
    let placed = place.map(|it| of(LineageKind::Path, it.tail));
    let hashed = software.sha256.as_deref().and_then(|it| sha256(it).ok());
    let hashed = hashed.map(|it| of(LineageKind::Hash, it));
    let all = [signed, named, placed, hashed];
    all.into_iter().flatten().collect()
}

/// Whether a name is a file's name, with or without its ending.
fn same_file(file: &str, name: &str) -> bool {
    file == name || file.rsplit_once('.').is_some_and(|(stem, _)| stem == name)
}

/// A signer as text: the common name where a whole subject is given, lower case.
pub fn signer_name(subject: &str) -> String {
    let upper = subject.to_ascii_uppercase();
    let start = ["CN=", "CN ="].iter().find_map(|it| {
        let at = upper.find(it)?;
        let before = upper.get(..at)?.trim_end();
        (before.is_empty() || before.ends_with([',', ';', '/', '+'])).then_some(at + it.len())
    });
    match start.and_then(|at| subject.get(at..)) {
        Some(value) => flat(&common_name(value)),
        None => flat(subject),
    }
}

/// The value up to the next unescaped comma, quotes and escapes undone.
fn common_name(value: &str) -> String {
    let mut out = String::new();
    let (mut quoted, mut escaped) = (false, false);
    for it in value.trim_start().chars() {
        match it {
            _ if escaped => {
                out.push(it);
                escaped = false;
            }
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            ',' | ';' | '+' | '/' if !quoted => break,
            _ => out.push(it),
        }
    }
    out
}

/// Lower case, one space between words, no separator of ours.
fn flat(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").to_lowercase().replace('|', "/")
}

/// The canonical text of a lineage that a person wrote: `signer` or `signer|product`; a whole
/// path, a folder that ends in its separator, or a bare file name, each with `|name` or without;
/// a hash.
pub(super) fn canonical(it: Lineage) -> Lineage {
    let text = match it.kind {
        LineageKind::Hash => it.text.to_ascii_lowercase(),
        LineageKind::Signer => match it.text.split_once('|') {
            Some((signer, product)) => format!("{}|{}", signer_name(signer), flat(product)),
            None => signer_name(&it.text),
        },
        LineageKind::Path => match it.text.split_once('|') {
            Some((place, name)) => format!("{}|{}", tail(place), flat(name)),
            None => tail(&it.text),
        },
    };
    Lineage {
        kind: it.kind,
        text,
    }
}

/// The tail of a path that may be a folder, or already a tail.
fn tail(text: &str) -> String {
    let folder = text.ends_with(['\\', '/']);
    let read = path(text).or_else(|_| match text.starts_with('\\') {
        // A tail of Windows has no volume; any will do to read it.
        true => path(&format!("c:{text}")),
        false => path(text),
    });
    match read {
        Ok(it) if folder && it.tail.starts_with('/') => format!("{}/", it.tail),
        Ok(it) if folder => format!("{}\\", it.tail),
        Ok(it) => it.tail,
        Err(_) => text.trim().to_lowercase(),
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

    fn software(
        signer: Option<&str>,
        name: &str,
        path: Option<&str>,
        hash: Option<&str>,
    ) -> Software {
        Software {
            sha256: hash.map(str::to_owned),
            signer: signer.map(str::to_owned),
            name: name.to_owned(),
            path: path.map(str::to_owned),
            reference: None,
        }
    }

    #[test]
    fn the_strongest_lineage_that_the_fields_allow() {
        let (a, b) = ("aa".repeat(32), "bb".repeat(32));
        let place = Some(r"C:\Apps\Autom8\autom8.exe");
        let signed = software(Some("CN=\"Autom8, Inc.\", O=x"), "Autom8", place, Some(&a));
        assert_eq!(
            lineage(&signed).unwrap().to_string(),
            "signer:autom8, inc.|autom8"
        );
        let unsigned = software(None, "autom8.exe", place, Some(&a));
        assert_eq!(
            lineage(&unsigned).unwrap().to_string(),
            r"path:\apps\autom8\autom8.exe"
        );
        let original = software(None, "AUTOM8 Agent", place, Some(&a));
        assert_eq!(
            lineage(&original).unwrap().to_string(),
            r"path:\apps\autom8\autom8.exe|autom8 agent"
        );
        let bare = software(None, "autom8.exe", None, Some(&b));
        assert_eq!(lineage(&bare).unwrap().to_string(), format!("hash:{b}"));
        assert_eq!(lineage(&software(None, "x", None, None)), None);
        assert_eq!(lineage(&software(Some("x"), "", None, None)), None);
    }

    #[test]
    fn an_update_and_another_volume_keep_the_lineage() {
        let old = software(
            None,
            "autom8",
            Some(r"C:\Apps\autom8.exe"),
            Some(&"aa".repeat(32)),
        );
        let new = software(
            None,
            "AUTOM8.EXE",
            Some(r"\Device\HarddiskVolume3\apps\autom8.exe"),
            Some(&"bb".repeat(32)),
        );
        assert_eq!(lineage(&old), lineage(&new));
    }

    #[test]
    fn a_signer_is_its_common_name() {
        for subject in [
            "Example Corp, Inc.",
            "CN=\"Example Corp, Inc.\", O=Other, C=US",
            "C=US, O=Other, CN=Example Corp\\, Inc.",
            "EXAMPLE  CORP,  INC.",
        ] {
            assert_eq!(signer_name(subject), "example corp, inc.", "{subject}");
        }
        assert_eq!(signer_name("O=XCN=y"), "o=xcn=y");
    }
}
