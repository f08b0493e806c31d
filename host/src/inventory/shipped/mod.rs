//! What is protected before anybody has listed anything.
//!
//! Every product has an empty exclusion list and asks its users to fill it after the accident.
//! This one is in the binary and binds every tenant: system processes, security agents, what
//! many depend on, and the host itself. A tenant can add owners to its groups and put assets
//! into them; nothing takes a row away but a new version of the host.

mod rows;

pub use rows::{ROWS, Row, Subject};

use super::canonical::{address, at_or_below, domain, host, overlap};
use super::lineage::signer_name;
use super::program::Program;
use crate::model::{
    Edge, Group, GroupId, GroupKind, Lineage, LineageKind, NetworkRange, Node, Protection,
};
use std::collections::{BTreeMap, BTreeSet};

/// The list with what has to be read only once: intervals of addresses.
#[derive(Clone, Debug)]
pub(super) struct Shipped {
    ranges: Vec<(Vec<NetworkRange>, &'static Row)>,
    private: Vec<NetworkRange>,
    groups: BTreeMap<GroupId, Group>,
}

impl Default for Shipped {
    fn default() -> Self {
        let read = |texts: &[&str]| -> Vec<NetworkRange> {
            let all = texts.iter().filter_map(|it| address(it).ok());
            // What lies inside other forms of IPv6 is the target's affair, not the rule's.
            all.filter_map(|it| it.ranges.first().copied()).collect()
        };
        let ranges = ROWS.iter().filter_map(|row| match row.subject {
            Subject::Addresses(texts) => Some((read(texts), row)),
            _ => None,
        });
        let groups = rows::GROUPS.iter().map(|(id, name, protection)| {
            let group = group(id, name, *protection);
            (group.id.clone(), group)
        });
        Self {
            ranges: ranges.collect(),
            private: read(rows::PRIVATE),
            groups: groups.collect(),
        }
    }
}

fn group(id: &str, name: &str, protection: Protection) -> Group {
    Group {
        id: GroupId::new(id),
        kind: GroupKind::AssetGroup,
        name: name.to_owned(),
        mode: None,
        threshold: None,
        protection: Some(protection),
        parents: BTreeSet::new(),
        owners: BTreeSet::new(),
        deputies: BTreeSet::new(),
        acceptance: None,
        consent: None,
    }
}

impl Shipped {
    pub(super) fn group(&self, id: &GroupId) -> Option<&Group> {
        self.groups.get(id)
    }

    pub(super) fn groups(&self) -> impl Iterator<Item = &Group> {
        self.groups.values()
    }

    pub(super) fn is_private(&self, ranges: &[NetworkRange]) -> bool {
        overlap(&self.private, ranges)
    }

    pub(super) fn of_address(&self, ranges: &[NetworkRange]) -> impl Iterator<Item = &'static Row> {
        let hit = self.ranges.iter().filter(|(rule, _)| overlap(rule, ranges));
        hit.map(|(_, row)| *row)
    }

    pub(super) fn of_program(&self, it: &Program) -> impl Iterator<Item = &'static Row> {
        rows(move |subject| match subject {
            Subject::Programs(places) => places.iter().any(|place| it.lies_at(place)),
            Subject::FilesBelow(folders) => {
                it.is_file && folders.iter().any(|folder| it.lies_at(folder))
            }
            Subject::Signers(names) => names.iter().any(|name| it.is_signed_by(&signer_name(name))),
            _ => false,
        })
    }

    pub(super) fn of_service(&self, name: &str) -> impl Iterator<Item = &'static Row> {
        let name = name.to_lowercase();
        let name = name.strip_suffix(".service").unwrap_or(&name).to_owned();
        rows(
            move |subject| matches!(subject, Subject::Services(names) if names.contains(&name.as_str())),
        )
    }

    /// By the words of a host name: `DC01`, `fra-dc-2`, `veeam1`.
    pub(super) fn of_host(&self, name: &str) -> impl Iterator<Item = &'static Row> {
        let words = words_of(name);
        rows(move |subject| match subject {
            Subject::HostWords(list) => words.iter().any(|word| list.contains(&word.as_str())),
            _ => false,
        })
    }

    pub(super) fn of_account(&self, keys: &BTreeSet<String>) -> impl Iterator<Item = &'static Row> {
        rows(move |subject| match subject {
            Subject::Accounts(names) => keys.iter().any(|key| {
                let bare = key.rsplit('\\').next().unwrap_or(key);
                names.contains(&key.as_str()) || names.contains(&bare)
            }),
            Subject::AccountsStarting(starts) => keys.iter().any(|key| {
                let bare = key.rsplit('\\').next().unwrap_or(key);
                starts.iter().any(|start| bare.starts_with(start))
            }),
            _ => false,
        })
    }

    pub(super) fn of_domain(&self, name: &str) -> impl Iterator<Item = &'static Row> {
        rows(move |subject| match subject {
            // What covers a protected name takes it away too.
            Subject::Domains(list) => list
                .iter()
                .any(|rule| at_or_below(name, rule) || at_or_below(rule, name)),
            Subject::DomainsAlone(list) => list.iter().any(|rule| at_or_below(rule, name)),
            _ => false,
        })
    }
}

fn rows(hit: impl Fn(&Subject) -> bool) -> impl Iterator<Item = &'static Row> {
    ROWS.iter().filter(move |row| hit(&row.subject))
}

/// The words of the first label, without the number at their end.
fn words_of(name: &str) -> Vec<String> {
    let name = host(name).unwrap_or_else(|_| name.to_lowercase());
    let label = name.split('.').next().unwrap_or_default();
    let words = label.split(['-', '_', ' ']);
    words
        .map(|it| it.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned())
        .filter(|it| !it.is_empty())
        .collect()
}

/// What a running host is, so that it never acts against itself.
#[derive(Clone, Debug, Default)]
pub struct Itself {
    /// Full path of its program.
    pub program: Option<String>,
    /// SHA-256 of its program.
    pub sha256: Option<String>,
    /// Names and addresses it listens on, and those of the systems that it acts through.
    pub peers: Vec<String>,
}

/// The edges by which a host protects itself: hand them to [`super::Inventory::protecting`].
pub fn edges_of_itself(it: &Itself) -> Vec<Edge> {
    let software = |kind, text: &String| {
        let text = text.clone();
        Node::Software(Lineage { kind, text })
    };
    let program = it.program.iter().map(|it| software(LineageKind::Path, it));
    let hash = it.sha256.iter().map(|it| software(LineageKind::Hash, it));
    let peers = it
        .peers
        .iter()
        .filter_map(|it| match (address(it), domain(it)) {
            (Ok(it), _) => Some(Node::Address(it.text)),
            (_, Ok(name)) => Some(Node::Domain(name)),
            _ => None,
        });
    let nodes = program.chain(hash).chain(peers);
    let edges = nodes.map(|node| Edge {
        node,
        groups: BTreeSet::new(),
        protection: Some(Protection::Never),
        internal: false,
        privileged: false,
    });
    edges.collect()
}

#[cfg(test)]
mod tests;
