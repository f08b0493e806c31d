//! What a tenant's thread has still to do. Somebody waits for what is asked, nobody for what is
//! told, so the two take turns: a person who presses the red button waits behind one answer of a
//! connector and not behind all of them, and a flood of requests does not stop the answers.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub(super) struct Inbox<J> {
    lanes: Mutex<Lanes<J>>,
    wake: Condvar,
}

struct Lanes<J> {
    asked: VecDeque<J>,
    told: VecDeque<J>,
    /// Whether what was told is next, if there is any.
    told_next: bool,
}

impl<J> Inbox<J> {
    pub(super) fn new() -> Self {
        let lanes = Lanes {
            asked: VecDeque::new(),
            told: VecDeque::new(),
            told_next: false,
        };
        Self {
            lanes: Mutex::new(lanes),
            wake: Condvar::new(),
        }
    }

    /// Somebody waits for it.
    pub(super) fn ask(&self, job: J) {
        self.lock().asked.push_back(job);
        self.wake.notify_one();
    }

    /// Nobody does.
    pub(super) fn tell(&self, job: J) {
        self.lock().told.push_back(job);
        self.wake.notify_one();
    }

    /// The next one, if there is one within that time.
    pub(super) fn take(&self, within: Duration) -> Option<J> {
        let empty = |lanes: &mut Lanes<J>| lanes.asked.is_empty() && lanes.told.is_empty();
        let waited = self.wake.wait_timeout_while(self.lock(), within, empty);
        let (mut lanes, _) = waited.unwrap_or_else(PoisonError::into_inner);
        lanes.next()
    }

    fn lock(&self) -> MutexGuard<'_, Lanes<J>> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<J> Lanes<J> {
    fn next(&mut self) -> Option<J> {
        let told_next = std::mem::replace(&mut self.told_next, false);
        if told_next && let Some(job) = self.told.pop_front() {
            return Some(job);
        }
        match self.asked.pop_front() {
            Some(job) => {
                self.told_next = true;
                Some(job)
            }
            None => self.told.pop_front(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_and_what_is_told_take_turns_each_in_its_order() {
        let inbox = Inbox::new();
        (0..4).for_each(|it| inbox.tell(format!("told {it}")));
        (0..2).for_each(|it| inbox.ask(format!("asked {it}")));
        let order: Vec<String> = (0..7).filter_map(|_| inbox.take(Duration::ZERO)).collect();
        let expected = ["asked 0", "told 0", "asked 1", "told 1", "told 2", "told 3"];
        assert_eq!(order, expected);
    }
}
