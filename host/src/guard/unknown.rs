//! What the host says of a fact that it could not compute.
//!
//! Nothing has a default, and "unknown" is never a middle: each fact that is missing takes the
//! value with which no finding gets looser. A test forgets each fact of each scenario in turn.

use crate::model::{
    AssetKind, Facts, History, Mode, Origin, Rating, Resolution, Restore, Severity, Surge, Tenure,
    Threshold, TimeOfDay, Verb,
};

/// A fact, or a group of facts that one computation gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fact {
    /// `rating`: for taking away nothing is claimed, for giving back it is still called the worst.
    Rating,
    /// `fresh`
    Fresh,
    /// `impact`
    Impact,
    /// `threshold`
    Threshold,
    /// `mode`
    Mode,
    /// `consent`
    Consent,
    /// `resolution`
    Resolution,
    /// `assetKind`
    AssetKind,
    /// `reviewed`
    Reviewed,
    /// `unreviewedAccepted`
    UnreviewedAccepted,
    /// `assetsCovered`
    AssetsCovered,
    /// `history.tenure`: `unknown`, never `new`
    Tenure,
    /// `history.fleetTenure`: `unknown`, never `new`
    FleetTenure,
    /// `history.ratingFlip`
    RatingFlip,
    /// `history.released`
    Released,
    /// `surge`
    Surge,
    /// `restore`
    Restore,
}

impl Fact {
    /// Every fact.
    pub const ALL: &[Self] = &[
        Self::Rating,
        Self::Fresh,
        Self::Impact,
        Self::Threshold,
        Self::Mode,
        Self::Consent,
        Self::Resolution,
        Self::AssetKind,
        Self::Reviewed,
        Self::UnreviewedAccepted,
        Self::AssetsCovered,
        Self::Tenure,
        Self::FleetTenure,
        Self::RatingFlip,
        Self::Released,
        Self::Surge,
        Self::Restore,
    ];
}

/// More devices, assets and actions than anybody has: beyond every limit a guard could name.
const BEYOND: i64 = 1_000_000;

/// Sets a fact to what it is when it is not known. `action` matters to one: a rating that is
/// not known is the worst when something is given back.
pub fn forget(fact: Fact, action: Verb, facts: &mut Facts) {
    match fact {
        Fact::Rating => {
            let back = action.gives_back() || facts.restore.origin != Origin::Unknown;
            facts.rating = if back {
                Rating::Malicious
            } else {
                Rating::Unknown
            };
        }
        Fact::Fresh => facts.fresh = false,
        Fact::Impact => facts.impact = 100,
        Fact::Threshold => {
            facts.threshold = Threshold {
                alone: 0,
                one_person: 0,
            }
        }
        Fact::Mode => facts.mode = Mode::Observe,
        Fact::Consent => facts.consent = false,
        Fact::Resolution => facts.resolution = Resolution::Unresolved,
        Fact::AssetKind => facts.asset_kind = AssetKind::Server,
        Fact::Reviewed => facts.reviewed = false,
        Fact::UnreviewedAccepted => facts.unreviewed_accepted = false,
        Fact::AssetsCovered => facts.assets_covered = BEYOND,
        Fact::Tenure => facts.history.tenure = Tenure::Unknown,
        Fact::FleetTenure => facts.history.fleet_tenure = Tenure::Unknown,
        Fact::RatingFlip => facts.history.rating_flip = true,
        Fact::Released => facts.history.released = true,
        Fact::Surge => {
            facts.surge = Surge {
                cause_devices: BEYOND,
                group_share_percent: 100,
                limit: 1,
                canary_actions: BEYOND,
                canary_budget: 0,
            }
        }
        Fact::Restore => {
            facts.restore = Restore {
                origin: Origin::Unknown,
                single: false,
                owner_agreed: false,
            }
        }
    }
}

/// Facts of which nothing is known: what to start from, and to end with where computing fails.
pub fn strictest(action: Verb) -> Facts {
    let mut facts = Facts {
        rating: Rating::Unknown,
        severity: Severity::Unknown,
        signed: false,
        fresh: false,
        impact: 100,
        threshold: Threshold {
            alone: 0,
            one_person: 0,
        },
        mode: Mode::Observe,
        consent: false,
        resolution: Resolution::Unresolved,
        asset_kind: AssetKind::Server,
        reviewed: false,
        unreviewed_accepted: false,
        assets_covered: BEYOND,
        history: History {
            tenure: Tenure::Unknown,
            fleet_tenure: Tenure::Unknown,
            rating_flip: true,
            released: true,
        },
        surge: Surge {
            cause_devices: BEYOND,
            group_share_percent: 100,
            limit: 1,
            canary_actions: BEYOND,
            canary_budget: 0,
        },
        time: TimeOfDay {
            working_hours: false,
            change_window: true,
            freeze: true,
        },
        restore: Restore {
            origin: Origin::Unknown,
            single: false,
            owner_agreed: false,
        },
    };
    for fact in Fact::ALL {
        forget(*fact, action, &mut facts);
    }
    facts
}
