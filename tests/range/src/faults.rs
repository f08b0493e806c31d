//! Faults on demand: what networks and vendors do to a request, made to happen.
//!
//! A rule says which requests it hits and what becomes of them. The modes are sorted by what is
//! true afterwards (nothing happened; it happened; it will), because that is what a connector has
//! to find out. Chance is seeded: a run that failed can be run again.

use serde::{Deserialize, Serialize};

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Refused for good, with `status` (403). Nothing happened.
    #[serde(rename = "fail-4xx")]
    Fail4xx,
    /// Failed, with `status` (503). Nothing happened, unless `applies`.
    #[serde(rename = "fail-5xx")]
    Fail5xx,
    /// 429 with `retry-after`. Nothing happened.
    #[serde(rename = "refuse-429")]
    Refuse429,
    /// It happened; the answer comes after `delay_ms`.
    DelayMs,
    /// The connection is closed without an answer. Nothing happened.
    DropBefore,
    /// It happened; the connection is closed without an answer.
    ApplyThenDrop,
    /// 202; it will happen after `delay_ms`, or when its state was asked for `asks` times.
    Pending,
    /// It happened; half of the answer comes, then the connection is closed.
    Truncate,
    /// It happened; the answer is `bytes` long.
    Oversize,
    /// It happened; the answer is JSON, and not the answer.
    WrongJson,
}

impl Mode {
    /// The word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fail4xx => "fail-4xx",
            Self::Fail5xx => "fail-5xx",
            Self::Refuse429 => "refuse-429",
            Self::DelayMs => "delay-ms",
            Self::DropBefore => "drop-before",
            Self::ApplyThenDrop => "apply-then-drop",
            Self::Pending => "pending",
            Self::Truncate => "truncate",
            Self::Oversize => "oversize",
            Self::WrongJson => "wrong-json",
        }
    }
}

/// One rule. Rules are tried in order; the first that hits decides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// What becomes of the request.
    pub mode: Mode,
    /// Prefix of the path; none for everything that a connector asks. `/range/pages` is hit only
    /// by a rule that names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// HTTP method; none for every.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// How many requests to let pass first.
    #[serde(default)]
    pub skip: u64,
    /// How many to hit; none for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
    /// Chance of a hit, 0 to 100.
    #[serde(default = "always")]
    pub percent: u8,
    /// Seed of the chance.
    #[serde(default)]
    pub seed: u64,
    /// Status, where the mode has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// How long, where the mode takes time.
    #[serde(default)]
    pub delay_ms: u64,
    /// How many questions, for `pending`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asks: Option<u32>,
    /// How long the answer is, for `oversize`; 2 MiB if not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<usize>,
    /// Whether it happened, for `fail-5xx`.
    #[serde(default)]
    pub applies: bool,
    /// How many it has hit.
    #[serde(default)]
    pub hits: u64,
}

fn always() -> u8 {
    100
}

impl Rule {
    /// A rule for every request of a connector.
    pub fn new(mode: Mode) -> Self {
        Self {
            mode,
            path: None,
            method: None,
            skip: 0,
            times: None,
            percent: always(),
            seed: 0,
            status: None,
            delay_ms: 0,
            asks: None,
            bytes: None,
            applies: false,
            hits: 0,
        }
    }
    /// Only paths that begin so.
    pub fn on(mut self, path: &str) -> Self {
        self.path = Some(path.to_owned());
        self
    }
    /// Only this method.
    pub fn method(mut self, method: &str) -> Self {
        self.method = Some(method.to_owned());
        self
    }
    /// Only so many.
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// Whether it hits this request; counts it.
    fn hits(&mut self, method: &str, path: &str) -> bool {
        let by_path = match &self.path {
            Some(prefix) => path.starts_with(prefix.as_str()),
            None => !path.starts_with("/range/"),
        };
        let by_method = self.method.as_deref().is_none_or(|it| it == method);
        // Only what changes something can be taken on and done later.
        let possible = self.mode != Mode::Pending || method != "GET";
        if !by_path || !by_method || !possible {
            return false;
        }
        if self.skip > 0 {
            self.skip -= 1;
            return false;
        }
        if self.times == Some(0) || !self.chance() {
            return false;
        }
        self.times = self.times.map(|left| left - 1);
        self.hits += 1;
        true
    }

    /// The next throw (splitmix64): the same seed gives the same run.
    fn chance(&mut self) -> bool {
        self.seed = self.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.seed;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % 100 < u64::from(self.percent)
    }
}

/// The rules that are in force.
#[derive(Clone, Debug, Default)]
pub struct Faults(pub Vec<Rule>);

impl Faults {
    /// The rule that hits this request, if any.
    pub fn take(&mut self, method: &str, path: &str) -> Option<Rule> {
        self.0
            .iter_mut()
            .find_map(|rule| rule.hits(method, path).then(|| rule.clone()))
    }
}
