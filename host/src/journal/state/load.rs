//! Between the state and its documents. A document is one record as JSON; the store keeps it
//! beside the entry that made it, so that a restart reads records instead of the whole journal.

use super::surge_device;
use super::{State, Touched};
use crate::inventory::Inventory;
use crate::model::{Millis, TenantId};
use serde::de::DeserializeOwned;

/// One document, as the store keeps it.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// Which kind of record.
    pub kind: &'static str,
    /// Its id within tenant and kind.
    pub id: String,
    /// Whether the host needs it to go on after a restart.
    pub live: bool,
    /// The record as JSON; `None` where it is gone.
    pub body: Option<Vec<u8>>,
}

/// Every kind of document.
pub const KINDS: &[&str] = &[
    "case",
    "proposal",
    "order",
    "effect",
    "overreach",
    "drift",
    "page",
    "payload",
    "plugin",
    "person",
    "credential",
    "token",
    "change",
    "lineage",
    "halt",
    "asset",
    "group",
    "edge",
    "sighting",
    "looked",
    "account",
    "member",
];

impl State {
    /// The document behind something that `apply` touched.
    pub fn document(&self, (kind, id): &Touched) -> Document {
        let json = |value: Option<Vec<u8>>, live: bool| Document {
            kind,
            id: id.clone(),
            live,
            body: value,
        };
        macro_rules! of {
            ($record:expr, $live:expr) => {{
                let record = $record;
                let live = record.as_ref().is_some_and($live);
                json(record.and_then(|it| serde_json::to_vec(it).ok()), live)
            }};
        }
        match *kind {
            "case" => of!(self.cases.get(&id.as_str().into()), |_| true),
            "proposal" => of!(self.proposals.get(&id.as_str().into()), |it| it
                .state
                .is_open()),
            "order" => of!(self.orders.get(&id.as_str().into()), |it| !it
                .state
                .is_final()),
            "effect" => of!(self.effects.get(&id.as_str().into()), |it| it
                .ended
                .is_none()),
            "overreach" => of!(self.overreaches.get(&id.as_str().into()), |_| true),
            "drift" => of!(self.drifts.get(id), |_| true),
            "page" => of!(self.pages.get(&id.as_str().into()), |it| it
                .closed
                .is_none()),
            "payload" => of!(
                self.payloads.values().find(|it| it.payload.as_str() == id),
                |it| !it.read || !it.rejected.is_empty()
            ),
            "plugin" => of!(
                self.plugins
                    .values()
                    .find(|it| it.plugin.to_string() == *id),
                |_| true
            ),
            "person" => of!(self.people.get(&id.as_str().into()), |_| true),
            "credential" => of!(
                crate::model::Digest::parse(id).and_then(|digest| self.credentials.get(&digest)),
                |_| true
            ),
            "token" => of!(self.tokens.get(&id.as_str().into()), |_| true),
            "change" => of!(self.changes.get(id), |it| it.decided.is_none()),
            "lineage" => of!(self.lineages.get(id), |_| true),
            "halt" => of!(self.halt.as_ref(), |_| true),
            "sighting" => of!(self.sightings.by_id(id), |_| true),
            "looked" => {
                let looked = self.sightings.looked(&id.as_str().into());
                of!(looked.as_ref(), |_| true)
            }
            _ => json(self.inventory.document(kind, id), true),
        }
    }

    /// Takes a document back in. An unreadable one is an error: a host that starts without a
    /// protection it had yesterday is worse than one that does not start.
    pub fn restore(&mut self, kind: &str, id: &str, body: &[u8]) -> Result<(), String> {
        self.take_in(kind, id, body)?;
        self.sort_in(kind, id);
        Ok(())
    }

    fn take_in(&mut self, kind: &str, id: &str, body: &[u8]) -> Result<(), String> {
        match kind {
            "case" => {
                let record: super::CaseRecord = read(kind, id, body)?;
                self.index_alert(&record);
                self.cases.insert(record.id.clone(), record);
            }
            "proposal" => put(
                &mut self.proposals,
                read(kind, id, body)?,
                |it: &super::ProposalRecord| it.id.clone(),
            ),
            "order" => put(
                &mut self.orders,
                read(kind, id, body)?,
                |it: &super::OrderRecord| it.id.clone(),
            ),
            "effect" => put(
                &mut self.effects,
                read(kind, id, body)?,
                |it: &super::EffectRecord| it.id.clone(),
            ),
            "overreach" => put(
                &mut self.overreaches,
                read(kind, id, body)?,
                |it: &super::OverreachRecord| it.id.clone(),
            ),
            "drift" => put(
                &mut self.drifts,
                read(kind, id, body)?,
                |it: &super::DriftRecord| it.id.clone(),
            ),
            "page" => put(
                &mut self.pages,
                read(kind, id, body)?,
                |it: &super::PageRecord| it.id.clone(),
            ),
            "payload" => put(
                &mut self.payloads,
                read(kind, id, body)?,
                |it: &super::PayloadRecord| it.payload.clone(),
            ),
            "plugin" => put(
                &mut self.plugins,
                read(kind, id, body)?,
                |it: &super::PluginRecord| (it.plugin.id.clone(), it.plugin.version.clone()),
            ),
            "person" => put(
                &mut self.people,
                read(kind, id, body)?,
                |it: &super::PersonRecord| it.person.id.clone(),
            ),
            "credential" => {
                let digest = crate::model::Digest::parse(id)
                    .ok_or_else(|| format!("credential {id}: not a digest"))?;
                self.credentials.insert(digest, read(kind, id, body)?);
            }
            "token" => put(
                &mut self.tokens,
                read(kind, id, body)?,
                |it: &super::TokenRecord| it.id.clone(),
            ),
            "change" => put(
                &mut self.changes,
                read(kind, id, body)?,
                |it: &super::ChangeRecord| it.id.clone(),
            ),
            "lineage" => put(
                &mut self.lineages,
                read(kind, id, body)?,
                |it: &super::LineageRecord| it.lineage.clone(),
            ),
            "halt" => self.halt = Some(read(kind, id, body)?),
            "sighting" => self.sightings.restore(read(kind, id, body)?),
            "looked" => self.sightings.restore_looked(read(kind, id, body)?),
            _ => match Inventory::from_document(kind, body) {
                Some(change) => {
                    let change =
                        change.map_err(|error| format!("document {kind} {id}: {error}"))?;
                    self.inventory.apply(&change);
                }
                None => {
                    return Err(format!(
                        "document {kind} {id}: unknown kind; this store was written by a later version"
                    ));
                }
            },
        }
        Ok(())
    }

    /// What is derived and not stored: the attempts within the last hour, in the order in which
    /// they were made, what products took by themselves among them. A restart must not make room
    /// for more under the same cause.
    pub fn recount(&mut self, now: Millis) {
        let mut recent = Vec::new();
        for it in self.proposals.values() {
            let automatic = matches!(it.principal, crate::model::Principal::Playbook { .. });
            if let Some(judged) = it.judged.as_ref().filter(|_| automatic)
                && it.proposal.action.takes_away()
            {
                let device = surge_device(&it.proposal.target);
                recent.push((it.made, judged.at, it.cause.clone(), device));
            }
        }
        for case in self.cases.values() {
            // which revision said so is not kept: the latest time that it may have been
            let at = if case.revision > 1 {
                case.updated
            } else {
                case.opened
            };
            let taken = super::apply::taken_devices(&case.detection).into_iter();
            recent.extend(taken.map(|it| (case.opened, at, case.cause.clone(), it)));
        }
        recent.retain(|(_, at, ..)| now.since(*at) <= self.surge_window_ms);
        recent.sort();
        for (_, at, cause, device) in recent {
            self.surge
                .attempt(&cause, &device, at, self.surge_window_ms);
        }
    }

    /// A state from its documents.
    pub fn from_documents<'a>(
        tenant: TenantId,
        documents: impl Iterator<Item = (&'a str, &'a str, &'a [u8])>,
        (now, surge_window_ms): (Millis, u64),
    ) -> Result<Self, String> {
        let mut state = Self::new(tenant);
        state.surge_window_ms = surge_window_ms;
        for (kind, id, body) in documents {
            state.restore(kind, id, body)?;
        }
        state.recount(now);
        state.take_touched();
        Ok(state)
    }
}

fn put<K: Ord, V>(map: &mut std::collections::BTreeMap<K, V>, record: V, key: impl Fn(&V) -> K) {
    map.insert(key(&record), record);
}

fn read<T: DeserializeOwned>(kind: &str, id: &str, body: &[u8]) -> Result<T, String> {
    serde_json::from_slice(body).map_err(|error| format!("document {kind} {id}: {error}"))
}
