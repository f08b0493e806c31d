//! One judging task per tenant: a thread that owns the tenant's state and takes one step after
//! the other.
//!
//! A step changes the state in memory, hands its entries to the store, and goes on to the next
//! one at once: many steps share one flush. Answers and commands of a step leave when it is
//! durable, and steps become durable in order, so nobody is told of anything that a crash could
//! take back.

use super::book::Book;
use super::inbox::Inbox;
use super::refusal::Refusal;
use super::told::Told;
use super::tx::{Command, Tx, case_of};
use crate::journal::state::State;
use crate::journal::{Append, Committed, DocWrite, NewEntry, Store};
use crate::model::{Clock, Millis, TenantId};
use arc_swap::ArcSwap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::oneshot;

type After = Box<dyn FnOnce(Result<(), Refusal>) + Send>;
type Job = Box<dyn FnOnce(&mut Tx<'_>) -> After + Send>;
/// Where commands go once they may.
pub type Outbox = Arc<dyn Fn(&Desk, Command) + Send + Sync>;

/// LIMIT: a tenant is looked at this often even if nothing asked for it, so that a clock that
/// jumped does not leave a lease unseen.
const LOOK_MS: u64 = 1_000;

/// A handle on a tenant.
#[derive(Clone)]
pub struct Desk {
    inner: Arc<Inner>,
}

struct Inner {
    tenant: TenantId,
    state: RwLock<State>,
    book: ArcSwap<Book>,
    inbox: Inbox<Job>,
    clock: Arc<dyn Clock>,
}

impl Desk {
    /// Starts the tenant's thread. It ends when the last handle is gone.
    ///
    /// # Errors
    /// The machine has no thread left.
    pub fn start(
        state: State,
        book: Book,
        store: Store,
        clock: Arc<dyn Clock>,
        outbox: Outbox,
        told: Told,
    ) -> std::io::Result<Self> {
        let tenant = state.tenant.clone();
        let inner = Inner {
            tenant: tenant.clone(),
            state: RwLock::new(state),
            book: ArcSwap::from_pointee(book),
            inbox: Inbox::new(),
            clock,
        };
        let desk = Self {
            inner: Arc::new(inner),
        };
        let worker = Worker {
            inner: Arc::downgrade(&desk.inner),
            store,
            outbox,
            told,
            wake: None,
        };
        std::thread::Builder::new()
            .name(format!("desk-{tenant}"))
            .spawn(move || worker.run())?;
        Ok(desk)
    }
    /// Whose desk it is.
    pub fn tenant(&self) -> &TenantId {
        &self.inner.tenant
    }
    /// The time by which this tenant lives.
    pub fn now(&self) -> Millis {
        self.inner.clock.now()
    }
    /// The tenant's behaviour.
    pub fn book(&self) -> Arc<Book> {
        self.inner.book.load_full()
    }
    /// Replaces the tenant's behaviour as a whole; the next step is the first that sees it.
    pub fn replace_book(&self, book: Book) {
        self.inner.book.store(Arc::new(book));
    }
    /// Reads the state. Keep it short: the judging step waits meanwhile.
    pub fn read<R>(&self, read: impl FnOnce(&State) -> R) -> R {
        read(
            &self
                .inner
                .state
                .read()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }
    /// Takes a step, and answers when it is durable.
    ///
    /// # Errors
    /// The store has stopped; what was asked for has not happened.
    pub async fn ask<R: Send + 'static>(
        &self,
        step: impl FnOnce(&mut Tx<'_>) -> R + Send + 'static,
    ) -> Result<R, Refusal> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |tx| {
            let result = step(tx);
            Box::new(move |durable| {
                let _ = answer.send(durable.map(|()| result));
            })
        });
        self.inner.inbox.ask(job);
        answered.await.map_err(|_| stopped())?
    }
    /// How many evaluations are still to be made.
    pub fn open_evaluations(&self) -> u64 {
        self.read(|state| u64::try_from(state.due_cases().len()).unwrap_or(u64::MAX))
    }
    /// Goes on where the tenant was when the host went down.
    pub fn resume(&self) {
        self.tell(|tx| tx.resume());
    }
    /// Takes a step that nobody waits for.
    pub fn tell(&self, step: impl FnOnce(&mut Tx<'_>) + Send + 'static) {
        let job: Job = Box::new(move |tx| {
            step(tx);
            Box::new(|_| ())
        });
        self.inner.inbox.tell(job);
    }
}

fn stopped() -> Refusal {
    Refusal::unavailable("the host is going down; nothing was changed, try again when it is back")
}

struct Worker {
    inner: std::sync::Weak<Inner>,
    store: Store,
    outbox: Outbox,
    told: Told,
    wake: Option<Millis>,
}

impl Worker {
    fn run(mut self) {
        loop {
            let Some(inner) = self.inner.upgrade() else {
                return;
            };
            let desk = Desk { inner };
            let due = self
                .wake
                .map_or(LOOK_MS, |at| at.since(desk.now()).min(LOOK_MS));
            if let Some(job) = desk.inner.inbox.take(Duration::from_millis(due)) {
                self.step(&desk, job);
            }
            let last = Arc::strong_count(&desk.inner) == 1;
            if self.wake.is_none_or(|at| at <= desk.now()) {
                self.wake = Some(desk.now().plus(LOOK_MS));
                let tick: Job = Box::new(|tx| {
                    tx.tick();
                    Box::new(|_| ())
                });
                self.step(&desk, tick);
            }
            if last {
                return;
            }
        }
    }

    /// One step: state, entries, documents; then, when durable, answers and commands.
    fn step(&mut self, desk: &Desk, job: Job) {
        let book = desk.book();
        let now = desk.now();
        let mut state = desk
            .inner
            .state
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let mut tx = Tx::new(&mut state, &book, now);
        let after = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| job(&mut tx)))
            .unwrap_or_else(|_| stop_at_once());
        let (recorded, commands, wake) = tx.finish();
        let cases: Vec<_> = recorded
            .iter()
            .map(|(entry, _)| case_of(&state, entry))
            .collect();
        let entries: Vec<_> = recorded.iter().map(|(entry, _)| entry.clone()).collect();
        let append = append(&mut state, recorded, now);
        drop(state);
        if let Some(at) = wake {
            self.wake = Some(self.wake.map_or(at, |known| known.min(at)));
        }
        let (outbox, sender, told) = (self.outbox.clone(), desk.clone(), self.told.clone());
        let done = move |durable: Result<Committed, _>| {
            let places = durable.as_ref().ok().map(|it| it.places.clone());
            after(
                durable
                    .map(|_| ())
                    .map_err(|error: crate::journal::StoreError| {
                        Refusal::unavailable(error.to_string())
                    }),
            );
            if let Some(places) = places {
                // asked only now whether somebody listens: who begins to in between is told
                let told_of = entries.iter().zip(&cases).zip(places);
                for ((entry, case), place) in told_of {
                    told.count(entry);
                    let line = told.line(sender.tenant(), now, case.as_ref(), entry);
                    if let Some(line) = line {
                        told.events.tell(line.at_place(place.n));
                    }
                }
                commands
                    .into_iter()
                    .for_each(|command| outbox(&sender, command));
            }
        };
        self.store.append_in_order(append, done);
    }
}

/// A step that panicked may have left the state half changed and nothing in the journal. There
/// is one way on from there: stop, and start again from what is durable.
fn stop_at_once() -> ! {
    tracing::error!(
        "a step of the judging task panicked; the host stops and goes on from the journal at the next start"
    );
    std::process::abort()
}

/// Entries and the documents that they touched, in one transaction.
fn append(state: &mut State, recorded: super::tx::Recorded, now: Millis) -> Append {
    let tenant = state.tenant.clone();
    let entries = recorded.into_iter().map(|(entry, attachments)| NewEntry {
        tenant: tenant.clone(),
        kind: entry.kind(),
        at: now,
        case: case_of(state, &entry),
        body: serde_json::to_vec(&entry).unwrap_or_default(),
        attachments,
    });
    let entries: Vec<NewEntry> = entries.collect();
    let touched = state.take_touched();
    let docs = touched.iter().map(|it| {
        let document = state.document(it);
        DocWrite {
            tenant: tenant.clone(),
            kind: document.kind,
            id: document.id,
            live: document.live,
            at: now,
            body: document.body,
        }
    });
    let docs = docs.collect();
    Append { entries, docs }
}
