//! Live: what happens, as it becomes durable. A listener that falls behind is told so and reads
//! the list again; the credential is looked at anew while it listens.

use crate::api::caller::Caller;
use crate::pipeline::Host;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{Stream, unfold};
use std::convert::Infallible;
use std::sync::Arc;
use tokio::sync::broadcast::error::RecvError;

/// `GET events` (server-sent events): `{n?, at, kind, case, what}` each.
pub async fn stream(
    caller: Caller,
    State(host): State<Arc<Host>>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let listening = host.events().subscribe();
    let tenant = caller.desk.tenant().clone();
    let each = unfold(
        (listening, caller, tenant),
        |(mut listening, caller, tenant)| async move {
            loop {
                let event = match listening.recv().await {
                    Ok(happened) if happened.tenant == tenant => Event::default()
                        .event(happened.kind)
                        .data(happened.json.as_ref()),
                    Ok(_) => continue,
                    Err(RecvError::Lagged(missed)) => {
                        Event::default().event("missed").data(missed.to_string())
                    }
                    Err(RecvError::Closed) => return None,
                };
                if !caller.still_valid() {
                    return None;
                }
                return Some((Ok(event), (listening, caller, tenant)));
            }
        },
    );
    Sse::new(each).keep_alive(KeepAlive::default())
}
