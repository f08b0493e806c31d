//! Live: what happens, as it becomes durable.
//!
//! Each event has its place in the tenant's journal as id, so that a listener that was cut off
//! comes back with `Last-Event-ID` and misses nothing; one that is too far behind is told so and
//! reads the lists again. The credential is looked at anew before every event and every second: a
//! token that was revoked, or a person who may something else now, hears nothing more.

use crate::api::caller::Caller;
use crate::api::problem::Problem;
use crate::api::rates::{Listening, Rates};
use crate::journal::entry::Entry;
use crate::journal::{StoreError, StoredEntry};
use crate::model::TenantId;
use crate::pipeline::{Happened, Host, Refusal};
use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{Stream, unfold};
use serde_json::json;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

/// LIMIT: what a listener may have missed and is still told; more than that it reads again.
const MISSED_MAX: usize = 1_000;
/// How long a credential is taken to hold while nothing happens.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Live events: `id` is the place in the journal, `event` the kind, `data` `{at, kind, case, what}`
///
/// `lagged` says that events were missed: read the lists again.
#[utoipa::path(get, path = "/events", security(("person" = ["viewer", "analyst", "lead", "owner", "operator"]), ("machine" = [])), responses(
    (status = 200, description = "Server-sent events", body = String, content_type = "text/event-stream"),
    (status = 429, description = "CS-api-17"),
))]
pub async fn stream(
    caller: Caller,
    State(host): State<Arc<Host>>,
    Extension(rates): Extension<Arc<Rates>>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let place = rates.stream(caller.key())?;
    // listened first: what happens while the missed is read is heard, and told once
    let live = host.events().subscribe();
    let tenant = caller.desk.tenant().clone();
    let last = headers.get("last-event-id").map(|it| it.to_str().ok());
    let from = match last {
        None => Since::Now,
        Some(last) => Since::after(last.and_then(|it| it.trim().parse().ok())),
    };
    let (missed, told) = missed(&host, &tenant, from).await?;
    let ear = Ear {
        host,
        caller,
        live,
        missed,
        told,
        _place: place,
    };
    let each = unfold(ear, async |mut ear| {
        let event = ear.next().await?;
        Some((Ok(event), ear))
    });
    Ok(Sse::new(each).keep_alive(KeepAlive::default()))
}

/// From where a listener wants to be told.
#[derive(Clone, Copy)]
enum Since {
    /// From now on.
    Now,
    /// What came after this place.
    After(u64),
    /// After something that this journal never gave.
    Nowhere,
}

impl Since {
    fn after(place: Option<u64>) -> Self {
        place.map_or(Self::Nowhere, Self::After)
    }
}

/// One listener.
struct Ear {
    host: Arc<Host>,
    caller: Caller,
    live: Receiver<Happened>,
    missed: VecDeque<Event>,
    /// The place up to which it was told.
    told: u64,
    _place: Listening,
}

impl Ear {
    /// The next event; `None` once the credential does not hold any more.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if !self.caller.still_valid() {
                return None;
            }
            if let Some(event) = self.missed.pop_front() {
                return Some(event);
            }
            let heard = tokio::time::timeout(LOOK_AGAIN, self.live.recv()).await;
            match heard {
                Ok(Ok(happened)) => {
                    let own = self.own(&happened);
                    self.missed.extend(own);
                }
                // all tenants share the channel: a flood of another's must not cost an event
                Ok(Err(RecvError::Lagged(_))) => self.catch_up().await?,
                Ok(Err(RecvError::Closed)) => return None,
                Err(_) => {}
            }
        }
    }

    /// Reads from the journal what was not heard.
    async fn catch_up(&mut self) -> Option<()> {
        let tenant = self.caller.desk.tenant();
        let found = missed(&self.host, tenant, Since::After(self.told)).await;
        let (events, told) = found.ok()?;
        self.missed.extend(events);
        self.told = told;
        Some(())
    }

    /// Of the own tenant, and not told already.
    fn own(&mut self, happened: &Happened) -> Option<Event> {
        if happened.tenant != *self.caller.desk.tenant() || happened.n <= self.told {
            return None;
        }
        self.told = happened.n;
        Some(event(happened))
    }
}

fn event(happened: &Happened) -> Event {
    let event = Event::default().id(happened.n.to_string());
    event.event(happened.kind).data(happened.json.as_ref())
}

fn lagged(missed: u64) -> Event {
    let data = json!({ "missed": missed, "reload": true }).to_string();
    Event::default().event("lagged").data(data)
}

/// What happened after a place, and the place up to which a listener is then told.
async fn missed(
    host: &Arc<Host>,
    tenant: &TenantId,
    from: Since,
) -> Result<(VecDeque<Event>, u64), Problem> {
    let (store, whose) = (host.store().clone(), tenant.clone());
    let read = tokio::task::spawn_blocking(move || {
        let reader = store.reader()?;
        let end = reader.count(&whose)?;
        let entries = match from {
            Since::After(place) if place <= end => reader.entries(&whose, place, MISSED_MAX + 1)?,
            _ => Vec::new(),
        };
        Ok::<_, StoreError>((entries, end))
    });
    let read = read
        .await
        .map_err(|_| Refusal::unavailable("the journal could not be read"))?;
    let (entries, end) = read.map_err(|it| Refusal::unavailable(it.to_string()))?;
    let missed = match from {
        Since::Now => return Ok((VecDeque::new(), end)),
        Since::After(place) if place <= end && entries.len() <= MISSED_MAX => {
            let told = entries.last().map_or(place, |it| it.n);
            let events = entries.iter().filter_map(|it| again(tenant, it));
            return Ok((events.collect(), told));
        }
        Since::After(place) => end.saturating_sub(place),
        Since::Nowhere => 0,
    };
    Ok((VecDeque::from([lagged(missed)]), end))
}

fn again(tenant: &TenantId, it: &StoredEntry) -> Option<Event> {
    let entry: Entry = serde_json::from_slice(it.body.as_deref()?).ok()?;
    let case = it.case.as_ref();
    let happened = Happened::new(tenant, it.at, entry.kind(), case, &entry.describe());
    Some(event(&happened.at_place(it.n)))
}
