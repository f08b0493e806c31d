//! What is known of a program when protection is asked: where it lies, what it is called, who
//! signed it, which bytes it has.
//!
//! A rule on software protects it wherever it runs. A rule that names a place applies where the
//! place is known; where it is not, the file name stands for it, so that an alert without a path
//! cannot take `lsass.exe` away. Where the place is known and another, the name protects
//! nothing: malware likes to be called `lsass.exe`.

use super::canonical::{FilePath, part_matches, path, sha256, tail_matches};
use super::lineage::{lineages, signer_name};
use crate::model::{Lineage, LineageKind, Software, Target};
use std::collections::BTreeSet;

#[derive(Clone, Debug, Default)]
pub(super) struct Program {
    pub(super) paths: Vec<FilePath>,
    /// File names, lower case.
    names: BTreeSet<String>,
    signer: Option<String>,
    /// Product and file names, lower case.
    products: BTreeSet<String>,
    hashes: BTreeSet<String>,
    /// The target is the file rather than something that runs.
    pub(super) is_file: bool,
    strongest: Option<Lineage>,
}

impl Program {
    /// From a canonical target, and the software that the detection says it is an instance of.
    pub(super) fn of(target: &Target, software: Option<&Software>) -> Option<Self> {
        let mut program = Self::default();
        match target {
            Target::Process(it) => {
                program.add_name(&it.name);
                program.add_hash(it.sha256.as_deref());
            }
            Target::File(it) => {
                program.is_file = true;
                program.add_path(Some(&it.path));
                program.add_hash(it.sha256.as_deref());
            }
            Target::Software(it) => program.add_software(it),
            Target::Service(_) if software.is_some() => {}
            _ => return None,
        }
        if let Some(it) = software {
            program.add_software(it);
        }
        Some(program)
    }

    fn add_software(&mut self, it: &Software) {
        self.add_path(it.path.as_deref());
        self.add_hash(it.sha256.as_deref());
        self.add_name(&it.name);
        self.signer = it.signer.as_deref().map(signer_name).or(self.signer.take());
        self.strongest = lineages(it).into_iter().next().or(self.strongest.take());
    }

    fn add_path(&mut self, text: Option<&str>) {
        if let Some(read) = text.and_then(|it| path(it).ok()) {
            self.names.insert(read.name.clone());
            self.paths.push(read);
        }
    }

    fn add_name(&mut self, text: &str) {
        let file = text.rsplit(['\\', '/']).next().unwrap_or(text).trim();
        if !file.is_empty() {
            self.names.insert(file.to_lowercase());
            self.products.insert(text.trim().to_lowercase());
        }
    }

    fn add_hash(&mut self, text: Option<&str>) {
        self.hashes.extend(text.and_then(|it| sha256(it).ok()));
    }

    /// The lineage under which it is shown.
    pub(super) fn shown(&self) -> Option<String> {
        let hash = self.hashes.iter().next().map(|it| format!("hash:{it}"));
        let place = self.paths.first().map(|it| format!("path:{}", it.tail));
        let strongest = self.strongest.as_ref().map(ToString::to_string);
        strongest.or(place).or(hash)
    }

    /// Whether a rule on software means this program.
    pub(super) fn is(&self, rule: &Lineage) -> bool {
        match rule.kind {
            LineageKind::Hash => self.hashes.contains(&rule.text),
            LineageKind::Signer => self.is_signed_by(&rule.text),
            LineageKind::Path => match rule.text.split_once('|') {
                Some((place, name)) => self.lies_at(place) && self.is_called(name),
                None => self.lies_at(&rule.text),
            },
        }
    }

    /// `signer` for all of its products, or `signer|product`.
    pub(super) fn is_signed_by(&self, rule: &str) -> bool {
        let (signer, product) = match rule.split_once('|') {
            Some((signer, product)) => (signer, Some(product)),
            None => (rule, None),
        };
        let signed = self.signer.as_deref() == Some(signer);
        signed && product.is_none_or(|it| self.is_called(it))
    }

    fn is_called(&self, name: &str) -> bool {
        self.products.contains(name) || self.names.contains(name)
    }

    /// A path, a folder with its separator, or a bare file name.
    pub(super) fn lies_at(&self, rule: &str) -> bool {
        if !rule.contains(['\\', '/']) {
            return self.names.iter().any(|it| part_matches(rule, it));
        }
        if self.paths.is_empty() {
            let file = rule.rsplit(['\\', '/']).next().unwrap_or_default();
            return !file.is_empty() && self.names.contains(file);
        }
        self.paths.iter().any(|it| tail_matches(rule, &it.tail))
    }
}
