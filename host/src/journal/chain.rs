//! One tenant's hash chain: what an entry's header says, and how one follows from the last.
//!
//! The header is serialised once, when the entry is written; those bytes are stored, hashed and
//! exported, and never made again from a struct. So a field added later, another key order or
//! another JSON library cannot change what an old entry's hash is of.

use serde::{Deserialize, Serialize};

use super::StoreError;
use crate::model::{CaseId, Digest, Millis, TenantId};

/// The version of the header's format.
const VERSION: u32 = 1;

/// What an entry's hash is of. The payloads are beside the chain and named by digest, so that
/// they can be erased.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// The format, 1.
    pub v: u32,
    /// Whose chain.
    pub tenant: TenantId,
    /// The place in the chain, from 1, without holes.
    pub n: u64,
    /// What kind of state change.
    pub kind: String,
    /// When.
    pub at_ms: Millis,
    /// The case it belongs to, if any.
    pub case: Option<CaseId>,
    /// SHA-256 of the body.
    pub payload: Digest,
    /// SHA-256 of each attachment (raw alert bytes), in order.
    pub attachments: Vec<Digest>,
    /// Payloads of earlier entries that were erased with this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub erased: Vec<Digest>,
    /// The hash of the entry before; for the first, `genesis`.
    pub prev: Digest,
}

impl Header {
    /// Every digest that the entry names: the body's, then the attachments'.
    pub fn digests(&self) -> impl Iterator<Item = &Digest> {
        std::iter::once(&self.payload).chain(&self.attachments)
    }
}

/// What the first entry of a chain points to. It binds the chain to its store and tenant, so
/// that a chain cannot be passed off as another's.
pub(super) fn genesis(store_id: &str, tenant: &TenantId) -> Digest {
    let parts = ["countersign journal", store_id, tenant.as_str()];
    Digest::of_parts(parts.map(str::as_bytes))
}

/// The end of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// The last entry's place; 0 before the first.
    pub n: u64,
    /// The last entry's hash; the genesis before the first.
    pub hash: Digest,
}

/// What goes into a header, digests made already.
pub(super) struct Link {
    pub tenant: TenantId,
    pub kind: &'static str,
    pub at: Millis,
    pub case: Option<CaseId>,
    pub payload: Digest,
    pub attachments: Vec<Digest>,
    pub erased: Vec<Digest>,
}

impl Head {
    /// The header bytes of the entry that follows, and the head after it.
    pub(super) fn follow(&self, link: &Link) -> Result<(Vec<u8>, Self), StoreError> {
        let header = Header {
            v: VERSION,
            tenant: link.tenant.clone(),
            n: self.n + 1,
            kind: link.kind.to_owned(),
            at_ms: link.at,
            case: link.case.clone(),
            payload: link.payload.clone(),
            attachments: link.attachments.clone(),
            erased: link.erased.clone(),
            prev: self.hash.clone(),
        };
        let bytes = serde_json::to_vec(&header).map_err(|e| StoreError::Invalid {
            why: format!("its header has no JSON form: {e}"),
        })?;
        let hash = Digest::of(&bytes);
        Ok((bytes, Self { n: header.n, hash }))
    }
}

/// Reads a header as it was stored.
pub(super) fn parse(bytes: &[u8]) -> Result<Header, String> {
    let header: Header = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
    if header.v == VERSION {
        Ok(header)
    } else {
        Err(format!("format {} is not known, only {VERSION}", header.v))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_header_of_a_first_entry_is_these_very_bytes() {
        // INVARIANT: the format of version 1. If this fails, old exports no longer verify.
        let tenant = TenantId::from("acme");
        let head = Head {
            n: 0,
            hash: genesis("store", &tenant),
        };
        let link = Link {
            tenant,
            kind: "case-opened",
            at: Millis(5),
            case: Some(CaseId::from("case-1")),
            payload: Digest::of(b"{}"),
            attachments: vec![Digest::of(b"raw")],
            erased: vec![],
        };
        let (bytes, after) = head.follow(&link).unwrap();
        insta::assert_snapshot!(String::from_utf8(bytes.clone()).unwrap(), @r#"{"v":1,"tenant":"acme","n":1,"kind":"case-opened","at_ms":5,"case":"case-1","payload":"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","attachments":["d7439bee24773bcbfa2d0a97947ee36227b10d1022b1a55847e928965bb6bfde"],"prev":"a609510f9c847172107b9e68b4134b474972c92c1f6817c3babe2ed25ff81641"}"#);
        assert_eq!((after.n, after.hash), (1, Digest::of(&bytes)));
        assert_eq!(parse(&bytes).unwrap().kind, "case-opened");
    }

    #[test]
    fn chains_of_two_stores_or_tenants_begin_differently() {
        let (a, b) = (TenantId::from("a"), TenantId::from("b"));
        assert_ne!(genesis("s", &a), genesis("s", &b));
        assert_ne!(genesis("s", &a), genesis("t", &a));
    }
}
