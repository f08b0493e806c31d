//! After a restart every case, hold, order and lease goes on where it was: what was due is asked
//! again, what may have been sent is asked about, what is overdue is done now.

use super::desk::Desk;
use super::tx::{Command, Tx};
use crate::journal::Reader;
use crate::journal::state::State;
use crate::model::{Digest, SourceId};
use std::sync::Arc;

impl Tx<'_> {
    /// Picks up everything that is still to be done.
    pub fn resume(&mut self) {
        // orders too: what may have been sent is asked about
        self.tick();
    }
}

/// Payloads that were durable and not read when the host went down are read now.
pub fn resume_payloads(desk: &Desk, reader: &Reader) {
    let unread = |state: &State| -> Vec<(Digest, SourceId, String)> {
        let open = state.payloads.values().filter(|it| !it.read);
        open.map(|it| {
            (
                it.payload.clone(),
                it.source.clone(),
                it.content_type.clone(),
            )
        })
        .collect()
    };
    for (payload, source, content_type) in desk.read(unread) {
        match reader.payload(desk.tenant(), &payload) {
            Ok(Some(bytes)) => {
                let bytes: Arc<[u8]> = bytes.into();
                desk.tell(move |tx| {
                    tx.command(Command::Normalise {
                        payload,
                        source,
                        content_type,
                        bytes,
                    })
                });
            }
            Ok(None) => {
                tracing::error!(tenant = %desk.tenant(), %payload, "an unread payload is not in the store any more")
            }
            Err(error) => {
                tracing::error!(tenant = %desk.tenant(), %payload, "an unread payload cannot be read: {error}")
            }
        }
    }
}
