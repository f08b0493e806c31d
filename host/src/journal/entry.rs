//! What can happen, one variant each. The journal is the source of truth: a fact that is in no
//! entry did not happen, and every table is what `state` makes of these.
//!
//! An entry says what happened, not what the state became, so that a later version may read
//! more out of it. Each evaluation and verdict holds what is needed to run it again: look-ups
//! with their answers, facts, digests of playbook and guards.

use crate::inventory::import::Format;
use crate::inventory::{Change, Seen};
use crate::model::{
    Approvals, AssetId, CaseId, CauseId, Detection, Device, Digest, EffectId, Failure, Fault,
    Finding, Impact, Millis, OrderId, OverreachId, PageId, Person, PersonId, Plan, PluginId,
    PluginRef, Principal, Proposal, ProposalId, Reason, Receipt, Rejection, Request, Resolution,
    Role, SourceId, Stage, Target, TokenId, Verb,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Something that happened in a tenant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "kebab-case")]
#[allow(
    missing_docs,
    reason = "each variant says what happened; its fields are the words of the design"
)]
pub enum Entry {
    /// Bytes arrived. They lie beside the chain, under `payload`.
    PayloadReceived {
        payload: Digest,
        source: SourceId,
        content_type: String,
        bytes: u64,
    },
    /// A source has read a payload. `rejected` are the parts that were no detection.
    PayloadRead {
        payload: Digest,
        source: SourceId,
        detections: u32,
        duplicates: u32,
        rejected: Vec<Rejected>,
        /// The version that read it; `None` where the host did.
        by: Option<PluginRef>,
        fuel: u64,
        replayable: bool,
    },

    /// An alert that was not known.
    CaseOpened(Box<CaseOpened>),
    /// A new revision of a known alert.
    CaseRevised {
        case: CaseId,
        payload: Digest,
        digest: Digest,
        detection: Box<Detection>,
        changed: Vec<String>,
        /// What the alert is about, as of this revision.
        about: Box<About>,
    },
    /// Something about the case that people must know.
    CaseMarked {
        case: CaseId,
        code: String,
        text: String,
    },
    /// A playbook is to be asked.
    EvaluationDue {
        case: CaseId,
        playbook: PluginRef,
        stage: Stage,
        trigger: String,
        not_before: Millis,
    },
    /// It answered, or did not.
    Evaluated(Box<Evaluated>),

    /// A proposal was made.
    Proposed(Box<Proposed>),
    /// The guards judged what is decided together.
    Judged(Box<Judged>),
    /// A proposal entered another state.
    ProposalMoved {
        proposal: ProposalId,
        state: ProposalState,
        reason: String,
    },
    /// A person approved what is decided together.
    Approved {
        proposals: Vec<ProposalId>,
        person: PersonId,
        roles: BTreeSet<Role>,
        digest: Digest,
        comment: String,
        emergency: bool,
    },
    /// A person denied it.
    Denied {
        proposals: Vec<ProposalId>,
        person: PersonId,
        comment: String,
    },

    /// A person looked at what nobody could tell, and said what is so.
    Concluded {
        proposal: ProposalId,
        person: PersonId,
        in_force: bool,
        comment: String,
    },

    /// Nobody stood behind it: a person has to look at it until then.
    LookDue { proposal: ProposalId, until: Millis },
    /// A person has looked at it.
    Looked {
        proposal: ProposalId,
        person: PersonId,
        comment: String,
    },

    /// An authorised action, with its key, before anything is sent.
    OrderMade(Box<OrderMade>),
    /// It may be sent now: judged again in this very entry.
    OrderDispatched {
        order: OrderId,
        attempt: u32,
        guards: Digest,
        approvals: Approvals,
    },
    /// What a connector answered.
    OrderAnswered {
        order: OrderId,
        call: Call,
        attempt: u32,
        answer: Answered,
    },
    /// When it is looked at next.
    OrderWaits {
        order: OrderId,
        until: Millis,
        then: Call,
        why: String,
    },
    /// It has ended.
    OrderEnded {
        order: OrderId,
        state: OrderState,
        why: String,
    },

    /// A change is in force.
    EffectBegan(Box<EffectBegan>),
    /// Another case relies on it too.
    EffectClaimed { effect: EffectId, case: CaseId },
    /// Its lease was set anew.
    LeaseSet {
        effect: EffectId,
        until: Option<Millis>,
        person: Option<PersonId>,
        comment: String,
    },
    /// Its lease has ended, and people were asked.
    LeaseAsked { effect: EffectId },
    /// It is over.
    EffectEnded {
        effect: EffectId,
        by: Principal,
        why: String,
    },

    /// A product did what the guards would not have allowed.
    OverreachFound(Box<OverreachFound>),
    /// A person has seen it.
    OverreachAcknowledged {
        overreach: OverreachId,
        person: PersonId,
        comment: String,
    },
    /// It was given back.
    OverreachRepaired { overreach: OverreachId },
    /// A product's policy is stricter than ours where this alert came from.
    DriftSeen {
        case: CaseId,
        asset: Option<AssetId>,
        product: String,
        product_mode: String,
        our_mode: String,
    },

    /// People are to be told.
    PageDue(Box<PageDue>),
    /// A page was sent, or could not be.
    PageSent {
        page: PageId,
        channel: String,
        delivered: bool,
        detail: String,
        next: Option<Millis>,
        /// Who was told.
        #[serde(default)]
        to: BTreeSet<PersonId>,
    },
    /// A person has seen it: nobody needs to be told any more.
    PageAcknowledged {
        page: PageId,
        person: PersonId,
        comment: String,
        /// Nobody decided yet: it is told again then.
        #[serde(default)]
        next: Option<Millis>,
    },
    /// Nobody needs to be told any more.
    PageClosed { page: PageId, why: String },

    /// The inventory changed.
    InventoryChanged {
        changes: Vec<Change>,
        by: String,
        why: String,
    },
    /// A change that loosens waits for people.
    ChangeHeld(Box<ChangeHeld>),
    /// One of those whom it takes has approved it.
    ChangeApproved {
        id: String,
        person: PersonId,
        comment: String,
    },
    /// What became of it.
    ChangeDecided {
        id: String,
        person: PersonId,
        approved: bool,
        comment: String,
    },
    /// Software was seen.
    SoftwareSeen { seen: Vec<Seen>, by: String },

    /// A plugin's bytes were enrolled; they lie beside the chain, under its digest.
    PluginEnrolled {
        plugin: PluginRef,
        kind: String,
        stage: Stage,
        by: PersonId,
        manifest: serde_json::Value,
    },
    /// A version's stage.
    StageSet {
        plugin: PluginId,
        version: String,
        stage: Stage,
        by: PersonId,
    },
    /// A person may sign in.
    PersonAdded {
        person: Person,
        code: Digest,
        code_until: Millis,
        by: String,
    },
    /// Somebody would get to decide, or a new code for one who does: it waits for another person.
    PersonAsked {
        person: Person,
        code: Digest,
        code_until: Millis,
        by: PersonId,
    },
    /// Another person has said yes or no to it.
    PersonSettled {
        person: PersonId,
        by: PersonId,
        confirmed: bool,
    },
    /// A person may not sign in any more.
    PersonRemoved { person: PersonId, by: PersonId },
    /// A one-time code was traded for a credential.
    LoggedIn {
        person: PersonId,
        credential: Digest,
        until: Millis,
        code: Digest,
    },
    /// A person ended their own credential.
    LoggedOut {
        person: PersonId,
        credential: Digest,
    },
    /// A machine may post and read.
    TokenCreated {
        token: TokenId,
        name: String,
        secret: Digest,
        by: PersonId,
    },
    /// It may not any more.
    TokenRevoked { token: TokenId, by: PersonId },
    /// Everything unattended stops.
    HaltSet {
        on: bool,
        person: PersonId,
        reason: String,
    },
    /// A restored database may act again.
    DispatchConfirmed { by: PersonId },
}

impl Entry {
    /// Its word, as in the journal: the same as the tag of its JSON.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::PayloadReceived { .. } => "payload-received",
            Self::PayloadRead { .. } => "payload-read",
            Self::CaseOpened(_) => "case-opened",
            Self::CaseRevised { .. } => "case-revised",
            Self::CaseMarked { .. } => "case-marked",
            Self::EvaluationDue { .. } => "evaluation-due",
            Self::Evaluated(_) => "evaluated",
            Self::Proposed(_) => "proposed",
            Self::Judged(_) => "judged",
            Self::ProposalMoved { .. } => "proposal-moved",
            Self::Approved { .. } => "approved",
            Self::Denied { .. } => "denied",
            Self::Concluded { .. } => "concluded",
            Self::LookDue { .. } => "look-due",
            Self::Looked { .. } => "looked",
            Self::OrderMade(_) => "order-made",
            Self::OrderDispatched { .. } => "order-dispatched",
            Self::OrderAnswered { .. } => "order-answered",
            Self::OrderWaits { .. } => "order-waits",
            Self::OrderEnded { .. } => "order-ended",
            Self::EffectBegan(_) => "effect-began",
            Self::EffectClaimed { .. } => "effect-claimed",
            Self::LeaseSet { .. } => "lease-set",
            Self::LeaseAsked { .. } => "lease-asked",
            Self::EffectEnded { .. } => "effect-ended",
            Self::OverreachFound(_) => "overreach-found",
            Self::OverreachAcknowledged { .. } => "overreach-acknowledged",
            Self::OverreachRepaired { .. } => "overreach-repaired",
            Self::DriftSeen { .. } => "drift-seen",
            Self::PageDue(_) => "page-due",
            Self::PageSent { .. } => "page-sent",
            Self::PageAcknowledged { .. } => "page-acknowledged",
            Self::PageClosed { .. } => "page-closed",
            Self::InventoryChanged { .. } => "inventory-changed",
            Self::ChangeHeld(_) => "change-held",
            Self::ChangeApproved { .. } => "change-approved",
            Self::ChangeDecided { .. } => "change-decided",
            Self::SoftwareSeen { .. } => "software-seen",
            Self::PluginEnrolled { .. } => "plugin-enrolled",
            Self::StageSet { .. } => "stage-set",
            Self::PersonAdded { .. } => "person-added",
            Self::PersonAsked { .. } => "person-asked",
            Self::PersonSettled { .. } => "person-settled",
            Self::PersonRemoved { .. } => "person-removed",
            Self::LoggedIn { .. } => "logged-in",
            Self::LoggedOut { .. } => "logged-out",
            Self::TokenCreated { .. } => "token-created",
            Self::TokenRevoked { .. } => "token-revoked",
            Self::HaltSet { .. } => "halt-set",
            Self::DispatchConfirmed { .. } => "dispatch-confirmed",
        }
    }
}

/// An import that loosens, as it was asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "fields are the words of the design")]
pub struct ChangeHeld {
    pub id: String,
    /// The list, to be compared anew when it is decided: the inventory goes on meanwhile.
    pub list: String,
    pub format: Format,
    pub changes: Vec<Change>,
    pub loosens: Vec<String>,
    /// Those of whom one has to want it, for each thing that gets weaker.
    pub owners: BTreeSet<BTreeSet<PersonId>>,
    pub by: PersonId,
}

/// A part of a payload that was no detection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Rejected {
    /// Which part.
    pub index: u32,
    /// Why.
    #[serde(rename = "error")]
    pub rejection: Rejection,
}

/// What an alert is about, as the host resolved it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "fields are the words of the design")]
pub struct About {
    pub cause: CauseId,
    pub device: Option<Device>,
    pub resolution: Resolution,
    pub assets: Vec<AssetId>,
}

/// The first revision of an alert.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "fields are the words of the design")]
pub struct CaseOpened {
    pub case: CaseId,
    pub source: SourceId,
    pub payload: Digest,
    pub digest: Digest,
    #[serde(flatten)]
    pub about: About,
    pub detection: Detection,
    /// What changed since the software was last seen here.
    pub changed: Vec<String>,
}

/// An evaluation with all that is needed to run it again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "fields are the words of the design")]
pub struct Evaluated {
    pub case: CaseId,
    pub playbook: PluginRef,
    pub stage: Stage,
    pub evaluation: u32,
    pub trigger: String,
    pub revision: u32,
    pub now: Millis,
    /// SHA-256 of what the playbook was given, as JSON.
    pub subject: Digest,
    pub lookups: Vec<serde_json::Value>,
    pub result: Result<Plan, Failure>,
    pub fuel: u64,
    pub replayable: bool,
    pub logs: Vec<String>,
}

/// A proposal as it was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "fields are the words of the design")]
pub struct Proposed {
    pub id: ProposalId,
    pub case: CaseId,
    pub principal: Principal,
    pub plugin: Option<PluginRef>,
    pub proposal: Proposal,
    /// The canonical target, by which two are the same.
    pub canonical: String,
    /// The effect that it gives back, if it gives one back.
    pub restores: Option<EffectId>,
}

/// What the guards said, of what, knowing what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "fields are the words of the design")]
pub struct Judged {
    pub proposals: Vec<ProposalId>,
    pub requests: Vec<Request>,
    pub impacts: Vec<Impact>,
    pub guards: Digest,
    /// What an approval would be for.
    pub digest: Digest,
    pub finding: Finding,
    pub against: Vec<Reason>,
    pub by: Vec<Reason>,
    pub errors: Vec<String>,
    /// What it takes once a lead broke the glass, where that differs.
    pub emergency: Option<Approvals>,
    /// Less intrusive actions on the same target, and whom each needs.
    pub alternatives: Vec<(Verb, Finding)>,
    /// What changed since the software was last seen here.
    pub changed: Vec<String>,
    /// What stands against sending it that no guard knows of (no route).
    pub obstacles: Vec<String>,
    pub expires: Option<Millis>,
}

/// Where a proposal is; the words of `step.state` in the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the words of the contract")]
pub enum ProposalState {
    Held,
    Refused,
    Denied,
    Expired,
    Withdrawn,
    Superseded,
    Ordered,
    Done,
    Failed,
    Cancelled,
    NeedsPerson,
    Ended,
}

impl ProposalState {
    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Refused => "refused",
            Self::Denied => "denied",
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
            Self::Superseded => "superseded",
            Self::Ordered => "ordered",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::NeedsPerson => "needs-person",
            Self::Ended => "ended",
        }
    }
    /// Whether something is still to come of it.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Held | Self::Ordered | Self::NeedsPerson)
    }
}

/// What a connector is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Call {
    /// Do it.
    Execute,
    /// Is it in force?
    Status,
}

/// What it answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Answered {
    /// What is known.
    Receipt(Receipt),
    /// Why not.
    Fault(Fault),
}

/// Where an order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OrderState {
    /// Durable, nothing sent; the connector is asked whether it is in force already.
    Intent,
    /// Claimed; it may have been sent.
    Dispatched,
    /// In force as far as the connector's answer goes, `status` is asked until it says so.
    Confirming,
    /// Done.
    Done,
    /// Nothing changed.
    Failed,
    /// Never sent.
    Cancelled,
    /// Nobody can tell, or nobody can do it: a person looks.
    NeedsPerson,
}

impl OrderState {
    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Intent => "intent",
            Self::Dispatched => "dispatched",
            Self::Confirming => "confirming",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::NeedsPerson => "needs-person",
        }
    }
    /// Whether it has ended.
    pub fn is_final(self) -> bool {
        matches!(
            self,
            Self::Done | Self::Failed | Self::Cancelled | Self::NeedsPerson
        )
    }
    /// Whether the target is in its hands.
    pub fn is_in_flight(self) -> bool {
        matches!(self, Self::Dispatched | Self::Confirming)
    }
}

/// An order as it was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "fields are the words of the design")]
pub struct OrderMade {
    pub id: OrderId,
    pub case: CaseId,
    pub proposal: ProposalId,
    /// Runs only after this one is done (bundles).
    pub after: Option<OrderId>,
    pub key: Digest,
    pub action: Verb,
    pub target: Target,
    pub canonical: String,
    pub arguments: Vec<crate::model::Attribute>,
    pub attributes: Vec<crate::model::Attribute>,
    /// The connector instance that it is routed to.
    pub connector: String,
    pub lease_s: Option<u32>,
    /// What gives it back on the same target, known before anything is sent.
    pub inverse: Option<Verb>,
    pub undoes: Option<EffectId>,
    /// Nobody approved it.
    pub unattended: bool,
}

/// A change in force in the environment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "fields are the words of the design")]
pub struct EffectBegan {
    pub id: EffectId,
    pub case: CaseId,
    pub cause: CauseId,
    pub action: Verb,
    pub target: Target,
    pub canonical: String,
    pub assets: Vec<AssetId>,
    pub origin: crate::model::Origin,
    /// Ours: the order that did it.
    pub order: Option<OrderId>,
    /// A product's: which.
    pub product: Option<String>,
    /// What gives it back on the same target.
    pub inverse: Option<Verb>,
    pub lease_until: Option<Millis>,
    pub at: Millis,
}

/// An effect of a product that the guards would not have allowed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "fields are the words of the design")]
pub struct OverreachFound {
    pub id: OverreachId,
    pub case: CaseId,
    pub cause: CauseId,
    pub product: String,
    pub action: Verb,
    pub target: Target,
    pub effect: EffectId,
    pub at: Option<Millis>,
    /// `protection`, `established`, `surge`, `released`.
    pub stood_against: BTreeSet<String>,
    pub finding: Finding,
    pub against: Vec<Reason>,
    pub request: Request,
    pub guards: Digest,
}

/// A message of the host to people.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "fields are the words of the design")]
pub struct PageDue {
    pub id: PageId,
    /// What it is about: `held`, `overreach`, `lease`, `needs-person`, `plugin`, `unattended`.
    pub about: String,
    /// What is paged once: a cause, an overreach, an effect.
    pub key: String,
    pub case: Option<CaseId>,
    pub subject: String,
    pub text: String,
    /// Repeated so often until somebody acted; 0 is once.
    pub repeat_s: u64,
    /// Whom it is for.
    #[serde(default)]
    pub to: Audience,
    /// Until when somebody has to act; without one a repetition is a step.
    #[serde(default)]
    pub deadline: Option<Millis>,
}

/// Whom a page is for. Who of them is told now is a matter of how long it has waited.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Audience {
    /// Everybody with one of these roles.
    pub roles: BTreeSet<Role>,
    /// The owners, where it takes one.
    pub owners: BTreeSet<PersonId>,
    /// Who stands in for them.
    pub deputies: BTreeSet<PersonId>,
    /// Those who run plugins and people.
    pub operators: bool,
}
