//! What changed since software was last seen: the answer to "why today?".
//!
//! A program that ran for months is called malicious one evening because something moved: its
//! hash, or the vendor's rule, agent or content. Only what is known on both sides is compared;
//! a source that says less than the one before has changed nothing.

use super::super::canonical::{path, sha256};
use super::super::signer_name;
use crate::model::{Detection, Rating, Sighting, Software, Tenure};
use serde::{Deserialize, Serialize};

/// What changed. The words are those of the contract's `countersign.changed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Changed {
    /// Its bytes.
    Hash,
    /// Who signed it.
    Signer,
    /// Where it lies.
    Path,
    /// What the product claims of it.
    Rating,
    /// The rule that fired.
    Rule,
    /// The version of the agent.
    Agent,
    /// The version of the rules or signatures.
    Content,
}

impl Changed {
    /// The word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hash => "hash",
            Self::Signer => "signer",
            Self::Path => "path",
            Self::Rating => "rating",
            Self::Rule => "rule",
            Self::Agent => "agent",
            Self::Content => "content",
        }
    }
}

/// What software looked like at one time, to its host and to the product.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastSeen {
    /// Its hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Its signer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signer: Option<String>,
    /// Its path, without the volume.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// What the product claimed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rating: Option<Rating>,
    /// The rule that fired.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Version of the agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// Version of the rules or signatures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
}

impl LastSeen {
    /// From an alert about this software.
    pub fn of(detection: &Detection, software: &Software) -> Self {
        let said = |name: &str| detection.attribute(name).map(str::to_owned);
        Self {
            rating: Some(detection.rating),
            rule: said("finding_info.analytic.name"),
            agent: said("device.agent.version"),
            content: said("finding_info.analytic.version"),
            ..Self::of_software(software)
        }
    }

    pub(super) fn of_software(it: &Software) -> Self {
        Self {
            sha256: it.sha256.as_deref().and_then(|it| sha256(it).ok()),
            signer: it.signer.as_deref().map(signer_name),
            path: it
                .path
                .as_deref()
                .and_then(|it| path(it).ok())
                .map(|it| it.tail),
            ..Self::default()
        }
    }

    /// From a sighting, which knows nothing of ratings and rules.
    pub fn sighted(it: &Sighting) -> Self {
        Self::of_software(&Software {
            sha256: it.sha256.clone(),
            signer: it.signer.clone(),
            path: it.path.clone(),
            ..Software::default()
        })
    }

    /// This, filled up with what an older one knew.
    pub fn or(self, older: Self) -> Self {
        Self {
            sha256: self.sha256.or(older.sha256),
            signer: self.signer.or(older.signer),
            path: self.path.or(older.path),
            rating: self.rating.or(older.rating),
            rule: self.rule.or(older.rule),
            agent: self.agent.or(older.agent),
            content: self.content.or(older.content),
        }
    }
}

/// What is known on both sides and differs, in a fixed order.
pub fn changed(before: &LastSeen, now: &LastSeen) -> Vec<Changed> {
    fn differs<T: PartialEq>(a: &Option<T>, b: &Option<T>) -> bool {
        a.is_some() && b.is_some() && a != b
    }
    let all = [
        (Changed::Hash, differs(&before.sha256, &now.sha256)),
        (Changed::Signer, differs(&before.signer, &now.signer)),
        (Changed::Path, differs(&before.path, &now.path)),
        (Changed::Rating, differs(&before.rating, &now.rating)),
        (Changed::Rule, differs(&before.rule, &now.rule)),
        (Changed::Agent, differs(&before.agent, &now.agent)),
        (Changed::Content, differs(&before.content, &now.content)),
    ];
    all.into_iter()
        .filter(|(_, it)| *it)
        .map(|(it, _)| it)
        .collect()
}

/// Established software that is newly called malicious: nobody had called it so before.
/// `before` is the last claim about this lineage, `None` where there was no alert.
pub fn rating_flip(here: Tenure, fleet: Tenure, before: Option<Rating>, now: Rating) -> bool {
    let established = [here, fleet].contains(&Tenure::Established);
    established && now == Rating::Malicious && before != Some(Rating::Malicious)
}
