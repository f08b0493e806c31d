//! Waiting for what happens by itself. The host works on its own threads, so a suite asks again
//! and again until it sees what it wants; a fixed sleep would be too short on one machine and
//! too long on every other.

use std::time::{Duration, Instant};

/// How long to wait for what should take milliseconds. LIMIT: long enough for a machine whose
/// cores are all taken; a failing test takes this long, a passing one does not.
pub const DEADLINE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(40);

/// Asks until there is an answer, and returns it.
///
/// # Panics
/// There was none within [`DEADLINE`]; says what was waited for.
pub fn until<T>(what: &str, condition: impl FnMut() -> Option<T>) -> T {
    until_in(DEADLINE, what, condition)
}

/// The same, with a deadline of one's own.
///
/// # Panics
/// There was no answer in time.
pub fn until_in<T>(deadline: Duration, what: &str, mut condition: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = condition() {
            return found;
        }
        assert!(
            begun.elapsed() < deadline,
            "waited {deadline:?} in vain until {what}"
        );
        std::thread::sleep(PAUSE);
    }
}

/// Asserts that something stays as it is for a while: for what must *not* happen.
///
/// # Panics
/// It did not stay so.
pub fn stays(what: &str, how_long: Duration, mut condition: impl FnMut() -> bool) {
    let begun = Instant::now();
    while begun.elapsed() < how_long {
        assert!(condition(), "it did not stay so that {what}");
        std::thread::sleep(PAUSE);
    }
}
