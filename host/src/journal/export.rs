//! A tenant's journal as one file that proves itself.
//!
//! Lines of JSON: a manifest, an entry each, and a last line with the digest of all bytes before
//! it. The header is a string with the very characters that were hashed. A body is embedded as it
//! is when that keeps its bytes, so that the file can be read with `jq`; else it is Base64, as
//! attachments always are. The last line makes every byte count, white space too, and tells a
//! file that was cut off from a short one.

use std::io::Write;
use std::path::Path;

use rusqlite::Row;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use super::verify::encode;
use super::{Reader, StoreError, chain};
use crate::model::{Digest, Millis, TenantId};

/// The name of the format, in the manifest.
pub(super) const FORMAT: &str = "countersign-journal-1";

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    pub format: String,
    pub tenant: TenantId,
    pub store_id: String,
    pub exported_at: Millis,
    /// Entries that follow.
    pub count: u64,
    /// The hash of the last one.
    pub head: Digest,
}

/// One entry.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Line {
    pub header: String,
    pub hash: String,
    /// The body as it is; `null` if it was erased or is in `payload_base64`.
    pub payload: Option<Box<RawValue>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload_base64: Option<String>,
    /// Base64; `null` where it was erased.
    pub attachments: Vec<Option<String>>,
}

/// The last line.
#[derive(Serialize)]
pub(super) struct Trailer {
    /// SHA-256 of all lines before, line ends included.
    pub sha256: Digest,
}

/// What was exported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Exported {
    /// Entries written.
    pub count: u64,
    /// The hash of the last one. Keep it elsewhere: a later export must contain it.
    pub head: Digest,
}

/// Writes a tenant's journal to `out`, as it is at this moment.
///
/// # Errors
/// The store cannot be read, or `out` cannot be written.
pub fn export(
    reader: &Reader,
    tenant: &TenantId,
    at: Millis,
    out: &mut dyn Write,
) -> Result<Exported, StoreError> {
    // One snapshot, so that manifest and entries are of the same moment.
    let snapshot = reader
        .connection
        .unchecked_transaction()
        .map_err(StoreError::read)?;
    let manifest = manifest(reader, tenant, at)?;
    let mut out = Hashing {
        out,
        hash: Sha256::new(),
    };
    out.line(&manifest)?;
    let mut entries = snapshot
        .prepare(
            "SELECT e.header, e.hash, p.bytes FROM entry e
             LEFT JOIN payload p ON p.tenant = e.tenant AND p.digest = e.payload
             WHERE e.tenant = ?1 ORDER BY e.n",
        )
        .map_err(StoreError::read)?;
    let mut rows = entries.query([tenant.as_str()]).map_err(StoreError::read)?;
    while let Some(row) = rows.next().map_err(StoreError::read)? {
        out.line(&line(reader, tenant, row)?)?;
    }
    let sha256 = Digest::parse(&hex::encode(out.hash.clone().finalize()))
        .ok_or_else(|| StoreError::read("a digest has 64 digits"))?;
    out.line(&Trailer { sha256 })?;
    out.out.flush().map_err(failed)?;
    let Manifest { count, head, .. } = manifest;
    Ok(Exported { count, head })
}

fn manifest(reader: &Reader, tenant: &TenantId, at: Millis) -> Result<Manifest, StoreError> {
    let store_id = reader.store_id()?;
    let head = reader.one(
        "SELECT n, hash FROM head WHERE tenant = ?1",
        [tenant.as_str()],
        |r| Ok((r.get::<_, i64>(0)?, r.get::<_, String>(1)?)),
    )?;
    let (count, head) = match head {
        Some((n, hash)) => (n.unsigned_abs(), Digest::parse(&hash)),
        None => (0, Some(chain::genesis(&store_id, tenant))),
    };
    Ok(Manifest {
        format: FORMAT.to_owned(),
        tenant: tenant.clone(),
        store_id,
        exported_at: at,
        count,
        head: head.ok_or_else(|| StoreError::read("the head of the chain is not a digest"))?,
    })
}

fn line(reader: &Reader, tenant: &TenantId, row: &Row<'_>) -> Result<Line, StoreError> {
    let header: Vec<u8> = row.get(0).map_err(StoreError::read)?;
    let body: Option<Vec<u8>> = row.get(2).map_err(StoreError::read)?;
    let names = chain::parse(&header)
        .map(|h| h.attachments)
        .unwrap_or_default();
    let mut attachments = Vec::with_capacity(names.len());
    for digest in &names {
        attachments.push(reader.payload(tenant, digest)?.map(|bytes| encode(&bytes)));
    }
    let payload = body.as_deref().and_then(verbatim);
    Ok(Line {
        // What is not text is damaged; its hash will not fit, and the verifier says so.
        header: String::from_utf8_lossy(&header).into_owned(),
        hash: row.get(1).map_err(StoreError::read)?,
        payload_base64: body
            .filter(|_| payload.is_none())
            .map(|bytes| encode(&bytes)),
        payload,
        attachments,
    })
}

/// The body as raw JSON, if reading it back gives the same bytes.
fn verbatim(body: &[u8]) -> Option<Box<RawValue>> {
    let text = std::str::from_utf8(body).ok()?;
    let raw = RawValue::from_string(text.to_owned()).ok()?;
    let kept = raw.get() == text && text != "null" && !text.contains(['\n', '\r']);
    kept.then_some(raw)
}

struct Hashing<'a> {
    out: &'a mut dyn Write,
    hash: Sha256,
}

impl Hashing<'_> {
    fn line(&mut self, value: &impl Serialize) -> Result<(), StoreError> {
        let mut bytes = serde_json::to_vec(value).map_err(StoreError::read)?;
        bytes.push(b'\n');
        self.hash.update(&bytes);
        self.out.write_all(&bytes).map_err(failed)
    }
}

fn failed(why: std::io::Error) -> StoreError {
    StoreError::output(Path::new("the export"), why)
}
