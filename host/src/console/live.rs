//! Live: that something happened, and nothing of what. The page counts it and offers to load
//! again; it never changes under a finger, and no word from outside comes by this way.

use super::visitor::Visitor;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{Stream, unfold};
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;

/// How often the credential is looked at while nothing happens.
const LOOK_AGAIN: Duration = Duration::from_secs(10);

/// `GET events`: `change` with the kind of the entry.
pub async fn stream(visitor: Visitor) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let listening = visitor.host.events().subscribe();
    let each = unfold(
        (listening, visitor),
        |(mut listening, visitor)| async move {
            loop {
                let heard = tokio::time::timeout(LOOK_AGAIN, listening.recv()).await;
                if !visitor.caller.still_valid() {
                    return None;
                }
                let kind = match heard {
                    Ok(Ok(it)) if it.tenant == visitor.look.tenant => it.kind,
                    Ok(Err(RecvError::Lagged(_))) => "missed",
                    Ok(Err(RecvError::Closed)) => return None,
                    Ok(Ok(_)) | Err(_) => continue,
                };
                let event = Event::default().event("change").data(kind);
                return Some((Ok(event), (listening, visitor)));
            }
        },
    );
    Sse::new(each).keep_alive(KeepAlive::default())
}
