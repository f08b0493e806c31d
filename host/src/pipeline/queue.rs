//! What the evaluators have still to do: tenants in turn, and within a tenant the most urgent
//! first. One customer's flood delays that customer, and a critical alert does not wait behind
//! ten thousand of no account.

use crate::model::TenantId;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// How urgent, then in the order of arrival.
type Rank = (Reverse<u8>, u64);

struct Lane<W> {
    /// The turn in which it was served last.
    served: u64,
    work: BTreeMap<Rank, W>,
}

struct Inner<W> {
    lanes: BTreeMap<TenantId, Lane<W>>,
    arrived: u64,
    turn: u64,
    closed: bool,
}

struct Shared<W> {
    inner: Mutex<Inner<W>>,
    wake: Condvar,
}

/// Where work is put in. When the last of these is gone, the takers end.
pub(super) struct Queue<W>(Arc<Shared<W>>);

/// Where it is taken out.
pub(super) struct Taker<W>(Arc<Shared<W>>);

impl<W> Queue<W> {
    /// Nothing to do yet.
    pub(super) fn new() -> Self {
        let inner = Inner {
            lanes: BTreeMap::new(),
            arrived: 0,
            turn: 0,
            closed: false,
        };
        Self(Arc::new(Shared {
            inner: Mutex::new(inner),
            wake: Condvar::new(),
        }))
    }
    /// A taker more.
    pub(super) fn taker(&self) -> Taker<W> {
        Taker(self.0.clone())
    }
    /// Puts work in.
    pub(super) fn push(&self, tenant: &TenantId, urgency: u8, work: W) {
        let mut inner = self.0.lock();
        inner.arrived = inner.arrived.saturating_add(1);
        let rank = (Reverse(urgency), inner.arrived);
        let turn = inner.turn;
        let lane = inner.lanes.entry(tenant.clone()).or_insert(Lane {
            served: turn,
            work: BTreeMap::new(),
        });
        lane.work.insert(rank, work);
        drop(inner);
        self.0.wake.notify_one();
    }
}

impl<W> Drop for Queue<W> {
    fn drop(&mut self) {
        self.0.lock().closed = true;
        self.0.wake.notify_all();
    }
}

impl<W> Taker<W> {
    /// The next piece of work; waits for one. `None` once the queue is gone.
    pub(super) fn take(&self) -> Option<W> {
        let mut inner = self.0.lock();
        loop {
            if inner.closed {
                return None;
            }
            if let Some(work) = inner.next() {
                return Some(work);
            }
            inner = self
                .0
                .wake
                .wait(inner)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl<W> Inner<W> {
    /// From the tenant that was served longest ago. A tenant that had nothing to do does not save
    /// up turns: with its last piece its lane goes.
    fn next(&mut self) -> Option<W> {
        let waiting = self.lanes.iter().min_by_key(|(_, lane)| lane.served);
        let tenant = waiting.map(|(tenant, _)| tenant.clone())?;
        let lane = self.lanes.get_mut(&tenant)?;
        let (_, work) = lane.work.pop_first()?;
        self.turn = self.turn.saturating_add(1);
        lane.served = self.turn;
        if lane.work.is_empty() {
            self.lanes.remove(&tenant);
        }
        Some(work)
    }
}

impl<W> Shared<W> {
    fn lock(&self) -> MutexGuard<'_, Inner<W>> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenants_take_turns_and_the_urgent_comes_first() {
        let queue = Queue::new();
        let taker = queue.taker();
        let (a, b) = (TenantId::from("a"), TenantId::from("b"));
        for (tenant, urgency, work) in [
            (&a, 1, "a1"),
            (&a, 1, "a2"),
            (&a, 5, "a3"),
            (&b, 0, "b1"),
            (&b, 0, "b2"),
        ] {
            queue.push(tenant, urgency, work);
        }
        let order: Vec<_> = (0..5).filter_map(|_| taker.take()).collect();
        assert_eq!(order, ["a3", "b1", "a1", "b2", "a2"]);
    }

    #[test]
    fn takers_end_with_the_queue() {
        let queue = Queue::<u8>::new();
        let taker = queue.taker();
        let waiting = std::thread::spawn(move || taker.take());
        drop(queue);
        assert!(waiting.join().is_ok_and(|it| it.is_none()));
    }
}
