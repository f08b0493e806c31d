//! Who is told when the host dies, and what is counted in each of its lives.
//!
//! Everybody else runs on threads of their own and talks to the host whenever it is up. Here they
//! learn that it is, and leave what the killer needs to know: how much was acknowledged in this
//! life, and how much is on its way.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::{Duration, Instant};

/// A broken connection is the killer's doing, or a fault of the host.
const ENDS_WITHIN: Duration = Duration::from_secs(60);

/// What is counted in one life.
#[derive(Default)]
pub struct Counts {
    /// Detections acknowledged.
    pub acknowledged: AtomicU64,
    /// Posts that are sent and not answered.
    pub flying: AtomicU64,
    /// Posts that were sent and never answered.
    pub cut: AtomicU64,
}

/// The host as those see it who talk to it.
pub struct Site {
    life: Mutex<Option<usize>>,
    changed: Condvar,
    counts: Vec<Counts>,
}

impl Site {
    /// A host that is up in its first life, of so many.
    pub fn new(lives: usize) -> Self {
        Self {
            life: Mutex::new(Some(0)),
            changed: Condvar::new(),
            counts: (0..lives).map(|_| Counts::default()).collect(),
        }
    }
    /// What was counted in a life.
    pub fn counts(&self, life: usize) -> &Counts {
        &self.counts[life]
    }
    /// All lives.
    pub fn lives(&self) -> &[Counts] {
        &self.counts
    }

    /// Tells everybody that the host is up, or that it is gone.
    pub fn is(&self, life: Option<usize>) {
        *self.life.lock().unwrap() = life;
        self.changed.notify_all();
    }
    /// The life that is going on, once there is one.
    pub fn life(&self) -> usize {
        let life = self.life.lock().unwrap();
        let life = self.changed.wait_while(life, |it| it.is_none()).unwrap();
        life.expect("it was waited for")
    }
    /// Waits until a life is over; `false` if it just goes on.
    pub fn ended(&self, life: usize) -> bool {
        let now = self.life.lock().unwrap();
        let same = |it: &mut Option<usize>| *it == Some(life);
        let waited = self.changed.wait_timeout_while(now, ENDS_WITHIN, same);
        !waited.unwrap().1.timed_out()
    }
    /// Waits for something to be counted, or for a moment.
    pub fn glance(&self) {
        let life = self.life.lock().unwrap();
        drop(self.changed.wait_timeout(life, Duration::from_millis(10)));
    }

    /// Counts a post as sent, until it is answered.
    pub fn flying(&self, life: usize) -> Flying<'_> {
        let counts = self.counts(life);
        counts.flying.fetch_add(1, Ordering::SeqCst);
        Flying { site: self, counts }
    }
}

/// A post on its way.
pub struct Flying<'a> {
    site: &'a Site,
    counts: &'a Counts,
}

impl Flying<'_> {
    /// It was answered, and so many detections with it.
    pub fn acknowledged(self, detections: u64) {
        self.counts
            .acknowledged
            .fetch_add(detections, Ordering::SeqCst);
        self.counts.flying.fetch_sub(1, Ordering::SeqCst);
        self.site.changed.notify_all();
    }
    /// It was never answered. It stays on its way: that is what the killer left.
    pub fn cut(self) {
        self.counts.cut.fetch_add(1, Ordering::SeqCst);
    }
}

/// The queue's gate: opened bit by bit, so that no life has everything.
#[derive(Default)]
pub struct Gate {
    open: Mutex<usize>,
    opened: Condvar,
}

impl Gate {
    /// Lets so many more through.
    pub fn open(&self, more: usize) {
        *self.open.lock().unwrap() += more;
        self.opened.notify_all();
    }
    /// How many may go through now.
    pub fn left(&self) -> usize {
        *self.open.lock().unwrap()
    }
    /// Goes through, once one may.
    pub fn pass(&self) {
        let open = self.open.lock().unwrap();
        let mut open = self.opened.wait_while(open, |it| *it == 0).unwrap();
        *open -= 1;
    }
}

/// Milliseconds since a moment.
pub fn ms_since(from: Instant) -> u64 {
    u64::try_from(from.elapsed().as_millis()).unwrap()
}
