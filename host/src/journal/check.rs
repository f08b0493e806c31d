//! Whether a chain is whole, one entry at a time, wherever the entries come from.
//!
//! The export and the database are read by different code and judged by this one, so that they
//! cannot disagree about what a whole chain is. It goes on after a finding: who looks into a
//! damaged journal wants to know all of it, not the first line.

use std::collections::HashMap;

use serde::Serialize;

use super::chain::{Header, genesis, parse};
use crate::model::{Digest, TenantId};

/// LIMIT: findings listed; the rest is counted.
const FINDINGS_MAX: usize = 1_000;

/// One thing that does not fit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// A stable code, `CS-journal-20` to `-39`.
    pub code: &'static str,
    /// The line of the export, from 1; none in a database.
    pub line: Option<u64>,
    /// The entry's place in the chain, where it is known.
    pub n: Option<u64>,
    /// What does not fit.
    pub message: String,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:", self.code)?;
        if let Some(line) = self.line {
            write!(f, " line {line}:")?;
        }
        if let Some(n) = self.n {
            write!(f, " entry {n}:")?;
        }
        write!(f, " {}", self.message)
    }
}

/// What a verification of one tenant's chain found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Whose chain.
    pub tenant: TenantId,
    /// The store that wrote it.
    pub store_id: String,
    /// Entries read.
    pub entries: u64,
    /// The place of the last entry.
    pub last_n: u64,
    /// The hash of the last entry. Compare it with one that was kept elsewhere: a chain that was
    /// rewritten from its beginning is whole, but ends differently.
    pub head: Digest,
    /// Payloads that are gone, with a record of their erasure.
    pub erased: u64,
    /// What does not fit, at most 1,000.
    pub findings: Vec<Finding>,
    /// Findings beyond those listed.
    pub findings_omitted: u64,
}

impl Report {
    /// Whether everything fits.
    pub fn is_whole(&self) -> bool {
        self.findings.is_empty()
    }

    pub(super) fn find(
        &mut self,
        code: &'static str,
        line: Option<u64>,
        n: Option<u64>,
        message: impl Into<String>,
    ) {
        if self.findings.len() >= FINDINGS_MAX {
            self.findings_omitted += 1;
            return;
        }
        self.findings.push(Finding {
            code,
            line,
            n,
            message: message.into(),
        });
    }
}

/// A payload that is not there, until an erasure explains it.
struct Missing {
    line: Option<u64>,
    n: u64,
    digest: Digest,
}

/// Follows one chain.
pub(super) struct Check {
    pub report: Report,
    missing: Vec<Missing>,
    /// The last entry that records the erasure of a payload.
    erased: HashMap<Digest, u64>,
}

impl Check {
    pub(super) fn new(store_id: &str, tenant: &TenantId) -> Self {
        Self {
            report: Report {
                tenant: tenant.clone(),
                store_id: store_id.to_owned(),
                entries: 0,
                last_n: 0,
                head: genesis(store_id, tenant),
                erased: 0,
                findings: Vec::new(),
                findings_omitted: 0,
            },
            missing: Vec::new(),
            erased: HashMap::new(),
        }
    }

    /// The next entry. The header is returned if it can be read.
    pub(super) fn entry(
        &mut self,
        line: Option<u64>,
        bytes: &[u8],
        claimed: &str,
    ) -> Option<Header> {
        let report = &mut self.report;
        report.entries += 1;
        let header = match parse(bytes) {
            Ok(header) => header,
            Err(why) => {
                let n = Some(report.last_n + 1);
                report.find(
                    "CS-journal-22",
                    line,
                    n,
                    format!("the header is not one: {why}"),
                );
                return None;
            }
        };
        let (n, hash) = (header.n, Digest::of(bytes));
        if claimed != hash.as_str() {
            let message = format!("the hash given is not that of the header, which is {hash}");
            report.find("CS-journal-23", line, Some(n), message);
        }
        if header.tenant != report.tenant {
            let message = format!("it belongs to the chain of tenant {}", header.tenant);
            report.find("CS-journal-31", line, Some(n), message);
        }
        for digest in &header.erased {
            self.erased.insert(digest.clone(), n);
        }
        self.place(line, &header, hash);
        Some(header)
    }

    fn place(&mut self, line: Option<u64>, header: &Header, hash: Digest) {
        let report = &mut self.report;
        let (n, expected) = (header.n, report.last_n + 1);
        if n < expected {
            let message = format!("it comes again or too late, {expected} was due");
            report.find("CS-journal-26", line, Some(n), message);
            return;
        }
        if n > expected {
            let message = format!("entries {expected} to {} are missing before it", n - 1);
            report.find("CS-journal-25", line, Some(n), message);
        } else if header.prev != report.head {
            let message = format!(
                "it follows {}, but the entry before it has the hash {}",
                header.prev.short(),
                report.head.short()
            );
            report.find("CS-journal-24", line, Some(n), message);
        }
        (report.last_n, report.head) = (n, hash);
    }

    /// A body or attachment that the entry `n` names.
    pub(super) fn payload(
        &mut self,
        line: Option<u64>,
        n: u64,
        digest: &Digest,
        bytes: Option<&[u8]>,
    ) {
        match bytes {
            None => self.missing.push(Missing {
                line,
                n,
                digest: digest.clone(),
            }),
            Some(bytes) if Digest::of(bytes) == *digest => {}
            Some(_) => {
                let message = format!("its payload is not the one with digest {}", digest.short());
                self.report.find("CS-journal-27", line, Some(n), message);
            }
        }
    }

    /// After the last entry: a payload that is missing needs a later record of its erasure.
    pub(super) fn finish(mut self) -> Report {
        for Missing { line, n, digest } in self.missing {
            if self.erased.get(&digest).is_some_and(|at| *at > n) {
                self.report.erased += 1;
                continue;
            }
            let message = format!(
                "its payload {} is missing, and no later entry says that it was erased",
                digest.short()
            );
            self.report.find("CS-journal-28", line, Some(n), message);
        }
        self.report
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::super::chain::{Head, Link};
    use super::*;
    use crate::model::Millis;

    #[test]
    fn only_an_erasure_after_the_entry_explains_a_missing_payload() {
        let tenant = TenantId::from("acme");
        let (data, record) = (Digest::of(b"data"), Digest::of(b"record"));
        let report = |order: [bool; 2]| {
            let mut check = Check::new("store", &tenant);
            let mut head = Head {
                n: 0,
                hash: genesis("store", &tenant),
            };
            for erases in order {
                let link = Link {
                    tenant: tenant.clone(),
                    kind: "x",
                    at: Millis(0),
                    case: None,
                    payload: if erases { record.clone() } else { data.clone() },
                    attachments: vec![],
                    erased: if erases { vec![data.clone()] } else { vec![] },
                };
                let (bytes, next) = head.follow(&link).unwrap();
                check.entry(None, &bytes, next.hash.as_str()).unwrap();
                let there = erases.then_some(&b"record"[..]);
                check.payload(None, next.n, &link.payload, there);
                head = next;
            }
            check.finish()
        };
        assert!(report([false, true]).is_whole());
        let found = report([true, false]);
        assert_eq!(found.findings.len(), 1, "{found:?}");
        assert_eq!(found.findings[0].code, "CS-journal-28");
    }
}
