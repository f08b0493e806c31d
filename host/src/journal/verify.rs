//! `journal verify`: an auditor's question, answered from the export alone or from the database.
//!
//! Nothing but the file is needed: no key, no store, no running host. What it cannot know is
//! whether somebody rewrote everything from the first entry on; for that, compare the head that
//! it prints with one that was kept elsewhere.

use std::collections::BTreeSet;
use std::io::{BufRead, Read as _};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rusqlite::Row;
use sha2::{Digest as _, Sha256};

use super::chain::Header;
use super::check::{Check, Report};
use super::export::{FORMAT, Line, Manifest, Trailer};
use super::writer::integer;
use super::{Reader, StoreError};
use crate::model::{CaseId, Digest, TenantId};

/// LIMIT: one line of an export: an entry of 48 MiB, in Base64 64, and its header.
const LINE_BYTES_MAX: u64 = 80 << 20;

/// Verifies an export.
///
/// # Errors
/// [`StoreError::Read`] when `input` cannot be read. What does not fit is in the report.
pub fn verify_export(input: impl BufRead) -> Result<Report, StoreError> {
    let mut lines = Lines {
        input,
        number: 0,
        hash: Sha256::new(),
    };
    let manifest = match lines.next()?.map(|bytes| manifest(&bytes)) {
        Some(Ok(manifest)) => manifest,
        Some(Err(why)) => return Ok(unreadable(&why)),
        None => return Ok(unreadable("the file is empty")),
    };
    let mut check = Check::new(&manifest.store_id, &manifest.tenant);
    let mut whole = false;
    let mut before = lines.digest();
    while let Some(bytes) = lines.next()? {
        let number = Some(lines.number);
        if whole {
            let message = "it comes after the last line of the export";
            check.report.find("CS-journal-30", number, None, message);
        } else if bytes == trailer(&before) {
            whole = true;
        } else {
            entry(&mut check, number, &bytes);
        }
        before = lines.digest();
    }
    if !whole {
        let message = "the digest of the file, its last line, is missing or not that of the bytes before it: the file was cut off or altered";
        check
            .report
            .find("CS-journal-30", Some(lines.number), None, message);
    }
    let mut report = check.finish();
    if (report.entries, &report.head) != (manifest.count, &manifest.head) {
        let message = format!(
            "{} entries to {} were announced, {} to {} are there",
            manifest.count,
            manifest.head.short(),
            report.entries,
            report.head.short()
        );
        report.find("CS-journal-29", Some(1), None, message);
    }
    Ok(report)
}

fn manifest(bytes: &[u8]) -> Result<Manifest, String> {
    let manifest: Manifest = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
    if manifest.format == FORMAT {
        Ok(manifest)
    } else {
        Err(format!("format {:?} is not {FORMAT}", manifest.format))
    }
}

fn unreadable(why: &str) -> Report {
    let mut report = Check::new("", &TenantId::from("")).finish();
    let message = format!("this is not an export of a journal: {why}");
    report.find("CS-journal-21", Some(1), None, message);
    report
}

fn trailer(sha256: &Digest) -> Vec<u8> {
    let sha256 = sha256.clone();
    let mut bytes = serde_json::to_vec(&Trailer { sha256 }).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

fn entry(check: &mut Check, number: Option<u64>, bytes: &[u8]) {
    let line: Line = match serde_json::from_slice(bytes) {
        Ok(line) => line,
        Err(why) => {
            let message = format!("the line is not an entry: {why}");
            return check.report.find("CS-journal-20", number, None, message);
        }
    };
    let Some(header) = check.entry(number, line.header.as_bytes(), &line.hash) else {
        return;
    };
    let n = header.n;
    match (&line.payload, &line.payload_base64) {
        (Some(raw), None) => {
            check.payload(number, n, &header.payload, Some(raw.get().as_bytes()));
        }
        (None, text) => encoded(check, number, n, &header.payload, text.as_deref()),
        (Some(_), Some(_)) => {
            let message = "the line has two payloads";
            check.report.find("CS-journal-20", number, Some(n), message);
        }
    }
    if header.attachments.len() != line.attachments.len() {
        let message = format!(
            "the line has {} attachments, the header names {}",
            line.attachments.len(),
            header.attachments.len()
        );
        check.report.find("CS-journal-27", number, Some(n), message);
    }
    for (digest, text) in header.attachments.iter().zip(&line.attachments) {
        encoded(check, number, n, digest, text.as_deref());
    }
}

fn encoded(check: &mut Check, number: Option<u64>, n: u64, digest: &Digest, text: Option<&str>) {
    match text.map(|text| BASE64_STANDARD.decode(text)) {
        None => check.payload(number, n, digest, None),
        Some(Ok(bytes)) => check.payload(number, n, digest, Some(&bytes)),
        Some(Err(why)) => {
            let message = format!("a payload is not Base64: {why}");
            check.report.find("CS-journal-20", number, Some(n), message);
        }
    }
}

/// Base64 as exports have it.
pub(super) fn encode(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(bytes)
}

struct Lines<I> {
    input: I,
    number: u64,
    hash: Sha256,
}

impl<I: BufRead> Lines<I> {
    fn next(&mut self) -> Result<Option<Vec<u8>>, StoreError> {
        let mut bytes = Vec::new();
        let mut bounded = (&mut self.input).take(LINE_BYTES_MAX);
        bounded
            .read_until(b'\n', &mut bytes)
            .map_err(StoreError::read)?;
        if bytes.is_empty() {
            return Ok(None);
        }
        self.number += 1;
        self.hash.update(&bytes);
        Ok(Some(bytes))
    }

    fn digest(&self) -> Digest {
        let hash: [u8; 32] = self.hash.clone().finalize().into();
        Digest::parse(&hex::encode(hash)).unwrap_or_else(|| Digest::of(&hash))
    }
}

/// Verifies every chain of a store, one report a tenant, in order.
///
/// # Errors
/// [`StoreError::Read`] when the database cannot be read at all.
pub fn verify_store(reader: &Reader) -> Result<Vec<Report>, StoreError> {
    let snapshot = reader
        .connection
        .unchecked_transaction()
        .map_err(StoreError::read)?;
    let store_id = reader.store_id()?;
    let tenants: BTreeSet<TenantId> = reader
        .all(
            "SELECT tenant FROM head UNION SELECT DISTINCT tenant FROM entry",
            [],
            |r| r.get(0).map(TenantId),
        )?
        .into_iter()
        .collect();
    let reports = tenants
        .iter()
        .map(|tenant| verify_tenant(reader, &store_id, tenant))
        .collect();
    drop(snapshot);
    reports
}

fn verify_tenant(reader: &Reader, store_id: &str, tenant: &TenantId) -> Result<Report, StoreError> {
    let mut check = Check::new(store_id, tenant);
    let mut entries = reader
        .connection
        .prepare_cached(
            "SELECT header, hash, n, kind, at_ms, case_id, payload FROM entry
             WHERE tenant = ?1 ORDER BY n",
        )
        .map_err(StoreError::read)?;
    let mut rows = entries.query([tenant.as_str()]).map_err(StoreError::read)?;
    while let Some(row) = rows.next().map_err(StoreError::read)? {
        let header: Vec<u8> = row.get(0).map_err(StoreError::read)?;
        let hash: String = row.get(1).map_err(StoreError::read)?;
        let Some(header) = check.entry(None, &header, &hash) else {
            continue;
        };
        if !repeats(row, &header).map_err(StoreError::read)? {
            let message = "the columns beside the header do not repeat it";
            check
                .report
                .find("CS-journal-32", None, Some(header.n), message);
        }
        for digest in header.digests() {
            let bytes = reader.payload(tenant, digest)?;
            check.payload(None, header.n, digest, bytes.as_deref());
        }
    }
    let mut report = check.finish();
    let head = reader.one(
        "SELECT n, hash FROM head WHERE tenant = ?1",
        [tenant.as_str()],
        |r| Ok((r.get(0)?, r.get(1)?)),
    )?;
    let end = (integer(report.last_n), report.head.to_string());
    if head.as_ref() != Some(&end) {
        let message = match head {
            Some((n, _)) => format!("the chain ends at entry {}, the store says {n}", end.0),
            None => "the store does not know of this chain".to_owned(),
        };
        report.find("CS-journal-29", None, None, message);
    }
    Ok(report)
}

fn repeats(row: &Row<'_>, header: &Header) -> rusqlite::Result<bool> {
    Ok(row.get::<_, i64>(2)? == integer(header.n)
        && row.get::<_, String>(3)? == header.kind
        && row.get::<_, i64>(4)? == integer(header.at_ms.0)
        && row.get::<_, Option<String>>(5)?.as_deref() == header.case.as_ref().map(CaseId::as_str)
        && row.get::<_, String>(6)? == header.payload.as_str())
}
