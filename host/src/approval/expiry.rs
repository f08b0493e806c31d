//! How long a question waits for people. Taking away expires and is then refused; giving back
//! does not expire while it is needed.

use crate::model::{Millis, Target, Verb};
use serde::{Deserialize, Serialize};

/// How long a tenant waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Patience {
    /// For taking away, in milliseconds.
    pub take_away_ms: u64,
    /// For an intrusive action on a process that is not matched by hash: its pid may be another
    /// program's by then.
    pub process_ms: u64,
}

impl Patience {
    /// Four hours; a quarter of an hour for a process.
    pub const DEFAULT: Self = Self {
        take_away_ms: 4 * Millis::HOUR,
        process_ms: 15 * 60 * 1000,
    };
}

/// When a question that was asked at `asked` is refused for want of an answer.
pub fn expires<'a>(
    parts: impl IntoIterator<Item = (Verb, &'a Target)>,
    asked: Millis,
    patience: &Patience,
) -> Option<Millis> {
    let each = parts
        .into_iter()
        .filter(|(verb, _)| verb.takes_away())
        .map(|(_, target)| {
            let by_hash = target.sha256().is_some();
            let process = matches!(target, Target::Process(_)) && !by_hash;
            asked.plus(if process {
                patience.process_ms.min(patience.take_away_ms)
            } else {
                patience.take_away_ms
            })
        });
    each.min()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Device, Process};

    fn process(sha256: Option<String>) -> Target {
        Target::Process(Process {
            device: Device::default(),
            id: None,
            pid: Some(4),
            started: Some(Millis(1)),
            name: "a".into(),
            sha256,
            reference: None,
        })
    }

    #[test]
    fn taking_away_expires_and_giving_back_does_not() {
        let (at, patience) = (Millis(1000), Patience::DEFAULT);
        let device = Target::Device(Device::default());
        assert_eq!(
            expires([(Verb::ContainDevice, &device)], at, &patience),
            Some(at.plus(4 * Millis::HOUR))
        );
        assert_eq!(
            expires([(Verb::ReleaseDevice, &device)], at, &patience),
            None
        );
        assert_eq!(
            expires([(Verb::StopProcess, &process(None))], at, &patience),
            Some(at.plus(900_000))
        );
        assert_eq!(
            expires(
                [(Verb::StopProcess, &process(Some("a".repeat(64))))],
                at,
                &patience
            ),
            Some(at.plus(4 * Millis::HOUR))
        );
        let both = [
            (Verb::ContainDevice, &device),
            (Verb::StopProcess, &process(None)),
        ];
        assert_eq!(expires(both, at, &patience), Some(at.plus(900_000)));
    }
}
