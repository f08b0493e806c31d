//! What the journal adds up to, one record for each thing that has a life of its own. These are
//! what the API shows and what the store keeps as documents; each is written only by `apply`.

use crate::inventory::Change;
use crate::inventory::import::Format;
use crate::journal::entry::{Answered, Audience, Call, OrderState, ProposalState, Rejected};
use crate::model::{
    Approvals, AssetId, Attribute, CaseId, CauseId, Detection, Device, Digest, EffectId, Finding,
    Impact, Millis, OrderId, Origin, OverreachId, PageId, Person, PersonId, PluginRef, Principal,
    Proposal, ProposalId, Reason, Request, Resolution, Role, SourceId, Stage, Target, TokenId,
    Verb,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

macro_rules! records {
    ($($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident: $type:ty,)* })*) => { $(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
        #[allow(missing_docs, reason = "fields are the words of the design; those that are not say so")]
        pub struct $name { $($(#[$fdoc])* pub $field: $type,)* }
    )* };
}

records! {
    /// The unit of work.
    CaseRecord {
        id: CaseId,
        source: SourceId,
        cause: CauseId,
        device: Option<Device>,
        resolution: Resolution,
        assets: Vec<AssetId>,
        opened: Millis,
        updated: Millis,
        revision: u32,
        detection: Detection,
        /// Digests of the revisions seen.
        seen: BTreeSet<Digest>,
        /// The digest of the latest one.
        latest: Digest,
        payloads: Vec<Digest>,
        /// Evaluations made, by playbook version; those for a vendor's revision do not count.
        evaluations: BTreeMap<String, u32>,
        /// Evaluations that are still to be made, by playbook version.
        due: BTreeMap<String, Due>,
        /// How many evaluations were ever asked for: tells a late answer from the latest.
        dues: u64,
        last_evaluated: Option<Millis>,
        marks: Vec<Mark>,
        proposals: Vec<ProposalId>,
        /// What changed since the software was last seen here.
        changed: Vec<String>,
        /// What stood against what the product did.
        overreach: BTreeSet<String>,
    }
    /// An evaluation that is to be made.
    Due {
        n: u64,
        playbook: PluginRef,
        stage: Stage,
        trigger: String,
        not_before: Millis,
    }
    /// Something about a case that people must know.
    Mark {
        at: Millis,
        code: String,
        text: String,
    }
    /// A proposal and what became of it.
    ProposalRecord {
        id: ProposalId,
        case: CaseId,
        cause: CauseId,
        principal: Principal,
        plugin: Option<PluginRef>,
        proposal: Proposal,
        canonical: String,
        restores: Option<EffectId>,
        made: Millis,
        state: ProposalState,
        since: Millis,
        reason: String,
        judged: Option<JudgedRecord>,
        approvals: Vec<Approval>,
        denied: Option<Denial>,
        expires: Option<Millis>,
        order: Option<OrderId>,
        /// Done without a person: somebody has to look at it.
        #[serde(default)]
        look: Option<LookRecord>,
    }
    /// What a person has to look at.
    LookRecord {
        until: Millis,
        seen: Option<Denial>,
    }
    /// The last judgement of a proposal.
    JudgedRecord {
        at: Millis,
        /// Decided together with these, in this order; itself among them.
        unit: Vec<ProposalId>,
        request: Request,
        impact: Impact,
        guards: Digest,
        digest: Digest,
        finding: Finding,
        against: Vec<Reason>,
        by: Vec<Reason>,
        errors: Vec<String>,
        emergency: Option<Approvals>,
        alternatives: Vec<(Verb, Finding)>,
        changed: Vec<String>,
        obstacles: Vec<String>,
    }
    /// A person's approval.
    Approval {
        person: PersonId,
        roles: BTreeSet<Role>,
        at: Millis,
        digest: Digest,
        comment: String,
        emergency: bool,
    }
    /// A person's denial.
    Denial {
        person: PersonId,
        at: Millis,
        comment: String,
    }
    /// An authorised action and what the far side said of it.
    OrderRecord {
        id: OrderId,
        case: CaseId,
        proposal: ProposalId,
        after: Option<OrderId>,
        key: Digest,
        action: Verb,
        target: Target,
        canonical: String,
        arguments: Vec<Attribute>,
        attributes: Vec<Attribute>,
        connector: String,
        lease_s: Option<u32>,
        /// What gives it back on the same target.
        inverse: Option<Verb>,
        undoes: Option<EffectId>,
        unattended: bool,
        made: Millis,
        state: OrderState,
        since: Millis,
        why: String,
        /// How often it was sent.
        attempt: u32,
        /// How often the far side was asked since it was last sent.
        asked: u32,
        next: Option<Millis>,
        /// What is to be done at `next`.
        then: Call,
        dispatched: Option<Millis>,
        answers: Vec<AnswerRecord>,
    }
    /// One answer of a connector.
    AnswerRecord {
        at: Millis,
        call: Call,
        attempt: u32,
        answer: Answered,
    }
    /// A change in force, or one that was.
    EffectRecord {
        id: EffectId,
        action: Verb,
        target: Target,
        canonical: String,
        cause: CauseId,
        assets: Vec<AssetId>,
        origin: Origin,
        claims: BTreeSet<CaseId>,
        since: Millis,
        order: Option<OrderId>,
        product: Option<String>,
        reference: Option<String>,
        attributes: Vec<Attribute>,
        /// What gives it back on the same target.
        inverse: Option<Verb>,
        lease_until: Option<Millis>,
        lease_asked: Option<Millis>,
        ended: Option<Millis>,
        ended_by: Option<String>,
        why: String,
    }
    /// What a product did and the guards would not have allowed.
    OverreachRecord {
        id: OverreachId,
        case: CaseId,
        cause: CauseId,
        product: String,
        action: Verb,
        target: Target,
        effect: EffectId,
        at: Option<Millis>,
        found: Millis,
        stood_against: BTreeSet<String>,
        finding: Finding,
        against: Vec<Reason>,
        request: Request,
        guards: Digest,
        acknowledged: Option<Denial>,
        repaired: Option<Millis>,
    }
    /// Where a product's policy is stricter than ours.
    DriftRecord {
        id: String,
        asset: Option<AssetId>,
        product: String,
        product_mode: String,
        our_mode: String,
        first: Millis,
        last: Millis,
        cases: u64,
    }
    /// A message to people.
    PageRecord {
        id: PageId,
        about: String,
        key: String,
        case: Option<CaseId>,
        subject: String,
        text: String,
        repeat_s: u64,
        made: Millis,
        sent: u32,
        undelivered: u32,
        last: Option<String>,
        next: Option<Millis>,
        closed: Option<String>,
        #[serde(default)]
        to: Audience,
        #[serde(default)]
        deadline: Option<Millis>,
        /// Who was told so far.
        #[serde(default)]
        told: BTreeSet<PersonId>,
        /// Who has seen it, where that does not end it.
        #[serde(default)]
        seen: Option<Denial>,
    }
    /// Bytes that arrived.
    PayloadRecord {
        payload: Digest,
        source: SourceId,
        content_type: String,
        bytes: u64,
        received: Millis,
        read: bool,
        detections: u32,
        rejected: Vec<Rejected>,
        /// The version that read it last.
        by: Option<PluginRef>,
    }
    /// An enrolled version.
    PluginRecord {
        plugin: PluginRef,
        kind: String,
        stage: Stage,
        enrolled: Millis,
        by: PersonId,
        manifest: serde_json::Value,
    }
    /// A person and how they may sign in.
    PersonRecord {
        person: Person,
        code: Option<Digest>,
        code_until: Millis,
        /// What somebody asked for them and another person has not confirmed.
        asked: Option<AskedRecord>,
        removed: Option<Millis>,
        /// They decided things before they were removed.
        #[serde(default)]
        decided: bool,
    }
    /// A person as they would be.
    AskedRecord {
        person: Person,
        code: Digest,
        code_until: Millis,
        by: PersonId,
        at: Millis,
        /// They may sign in with the code already, and look.
        viewer: bool,
    }
    /// A short-lived credential of a person.
    CredentialRecord {
        person: PersonId,
        until: Millis,
    }
    /// A machine's token; its secret is not kept, only its digest.
    TokenRecord {
        id: TokenId,
        name: String,
        secret: Digest,
        made: Millis,
        by: PersonId,
        revoked: bool,
    }
    /// A change of the inventory that loosens, waiting for people.
    ChangeRecord {
        id: String,
        list: String,
        format: Format,
        changes: Vec<Change>,
        loosens: Vec<String>,
        /// Those of whom one has to want it, for each thing that gets weaker.
        owners: BTreeSet<BTreeSet<PersonId>>,
        by: PersonId,
        made: Millis,
        approvals: Vec<Denial>,
        decided: Option<Denial>,
        approved: Option<bool>,
    }
    /// What people said of a software lineage.
    LineageRecord {
        lineage: String,
        approved: u32,
        denied: u32,
        released: u32,
        detections: u32,
        /// When it was first called malicious.
        malicious_since: Option<Millis>,
        rating: Option<crate::model::Rating>,
        rule: Option<String>,
        agent: Option<String>,
        content: Option<String>,
    }
    /// Whether unattended action is stopped.
    HaltRecord {
        on: bool,
        person: PersonId,
        reason: String,
        at: Millis,
    }
}
