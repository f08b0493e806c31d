//! An entry in one line, for the timeline of a case. Text that came from outside is passed on as
//! it is; whoever shows it makes it inert.

use super::entry::{Answered, Call, Entry};
use crate::model::Finding;

impl Entry {
    /// What happened, in one line.
    pub fn describe(&self) -> String {
        match self {
            Self::PayloadReceived { source, bytes, .. } => {
                format!("{bytes} bytes arrived from {source}")
            }
            Self::PayloadRead {
                source,
                detections,
                duplicates,
                rejected,
                ..
            } => {
                format!(
                    "{source} read {detections} new, {duplicates} known, {} rejected",
                    rejected.len()
                )
            }
            Self::CaseOpened(it) => {
                format!("{} reported: {}", it.detection.product, it.detection.title)
            }
            Self::CaseRevised { detection, .. } => format!(
                "{} revised it: {}, {}",
                detection.product, detection.rating, detection.title
            ),
            Self::CaseMarked { code, text, .. } => format!("{code}: {text}"),
            Self::EvaluationDue {
                playbook, trigger, ..
            } => format!("{playbook} is asked ({trigger})"),
            Self::Evaluated(it) => match &it.result {
                Ok(plan) => format!(
                    "{} proposes {} and withdraws {} {}",
                    it.playbook,
                    plan.propose.len(),
                    plan.withdraw.len(),
                    plan.note
                )
                .trim_end()
                .to_owned(),
                Err(failure) => format!(
                    "{} failed: {} {}",
                    it.playbook, failure.code, failure.message
                ),
            },
            Self::Proposed(it) => format!(
                "{} proposes {} on {}",
                it.principal.label(),
                it.proposal.action,
                it.proposal.target.label()
            ),
            Self::Judged(it) => judged(
                &it.finding,
                &it.against
                    .iter()
                    .map(|it| it.id.as_str())
                    .collect::<Vec<_>>(),
                &it.obstacles,
            ),
            Self::ProposalMoved { state, reason, .. } if reason.is_empty() => {
                state.as_str().to_owned()
            }
            Self::ProposalMoved { state, reason, .. } => format!("{}: {reason}", state.as_str()),
            Self::Approved {
                person,
                emergency,
                comment,
                ..
            } => {
                let how = if *emergency {
                    "broke the glass"
                } else {
                    "approved"
                };
                format!("{person} {how} {comment}").trim_end().to_owned()
            }
            Self::Denied {
                person, comment, ..
            } => format!("{person} denied {comment}").trim_end().to_owned(),
            _ => self.describe_effect(),
        }
    }

    fn describe_effect(&self) -> String {
        match self {
            Self::OrderMade(it) => format!(
                "ordered: {} on {} by {}",
                it.action,
                it.target.label(),
                it.connector
            ),
            Self::OrderDispatched { attempt, .. } => format!("sent (attempt {attempt})"),
            Self::OrderAnswered { call, answer, .. } => answered(*call, answer),
            Self::OrderWaits { until, why, .. } => format!("waits until {until}: {why}"),
            Self::OrderEnded { state, why, .. } if why.is_empty() => {
                format!("order {}", state.as_str())
            }
            Self::OrderEnded { state, why, .. } => format!("order {}: {why}", state.as_str()),
            Self::Concluded {
                person,
                in_force,
                comment,
                ..
            } => {
                let so = if *in_force {
                    "is in force"
                } else {
                    "is not in force"
                };
                format!("{person} looked at it: it {so} {comment}")
                    .trim_end()
                    .to_owned()
            }
            Self::LookDue { until, .. } => {
                format!("done without a person: somebody has to look at it until {until}")
            }
            Self::Looked {
                person, comment, ..
            } => format!("{person} looked at what was done without a person {comment}")
                .trim_end()
                .to_owned(),
            Self::EffectBegan(it) => format!(
                "in force ({}): {} on {}",
                it.origin,
                it.action,
                it.target.label()
            ),
            Self::EffectClaimed { .. } => {
                "in force already by us; this case relies on it too".to_owned()
            }
            Self::LeaseSet { until, person, .. } => {
                let by = person.as_ref().map_or("countersign", |it| it.as_str());
                until.map_or_else(
                    || format!("{by} took the lease off"),
                    |at| format!("{by} set the lease to {at}"),
                )
            }
            Self::LeaseAsked { .. } => "the lease has ended; people are asked".to_owned(),
            Self::EffectEnded { by, why, .. } => format!("given back by {}: {why}", by.label()),
            Self::OverreachFound(it) => {
                let against = it
                    .stood_against
                    .iter()
                    .cloned()
                    .collect::<Vec<_>>()
                    .join(", ");
                format!(
                    "overreach: {} took {} on {} against {against}",
                    it.product,
                    it.action,
                    it.target.label()
                )
            }
            Self::OverreachAcknowledged {
                person, comment, ..
            } => format!("{person} has seen the overreach {comment}")
                .trim_end()
                .to_owned(),
            Self::OverreachRepaired { .. } => "the overreach is repaired".to_owned(),
            Self::DriftSeen {
                product,
                product_mode,
                our_mode,
                ..
            } => {
                format!(
                    "drift: {product} is set to {product_mode} where this group is set to {our_mode}"
                )
            }
            _ => self.describe_admin(),
        }
    }

    fn describe_admin(&self) -> String {
        match self {
            Self::PageDue(it) => format!("people are told: {}", it.subject),
            Self::PageSent {
                channel,
                delivered: true,
                ..
            } => format!("told through {channel}"),
            Self::PageSent {
                channel, detail, ..
            } => format!("could not be told through {channel}: {detail}")
                .replace("through :", "yet:"),
            Self::PageAcknowledged {
                person, comment, ..
            } => format!("{person} has seen the page {comment}")
                .trim_end()
                .to_owned(),
            Self::PageClosed { why, .. } => format!("nobody needs to be told any more: {why}"),
            Self::InventoryChanged { changes, by, why } => format!(
                "{by} changed {} entries of the inventory: {why}",
                changes.len()
            ),
            Self::ChangeHeld(it) => {
                format!("{} asks to loosen {} things", it.by, it.loosens.len())
            }
            Self::ChangeApproved { id, person, .. } => format!("{person} approved {id}"),
            Self::ChangeDecided {
                person, approved, ..
            } => format!(
                "{person} {} the change",
                if *approved { "approved" } else { "denied" }
            ),
            Self::SoftwareSeen { seen, by } => format!("{by} saw {} programs", seen.len()),
            Self::PluginEnrolled {
                plugin, stage, by, ..
            } => format!("{by} enrolled {plugin} as {stage}"),
            Self::StageSet {
                plugin,
                version,
                stage,
                by,
            } => format!("{by} set {plugin}@{version} to {stage}"),
            Self::PersonAdded { person, by, .. } => format!("{by} added {}", person.id),
            Self::PersonAsked { person, by, .. } => {
                format!("{by} asks for {}: somebody else confirms it", person.id)
            }
            Self::PersonSettled {
                person,
                by,
                confirmed,
            } => {
                let said = if *confirmed { "confirmed" } else { "declined" };
                format!("{by} {said} what was asked for {person}")
            }
            Self::PersonRemoved { person, by } => format!("{by} removed {person}"),
            Self::LoggedIn { person, .. } => format!("{person} signed in"),
            Self::LoggedOut { person, .. } => format!("{person} signed out"),
            Self::TokenCreated { name, by, .. } => format!("{by} created the token {name}"),
            Self::TokenRevoked { token, by } => format!("{by} revoked {token}"),
            Self::HaltSet { on, person, reason } => format!(
                "{person} turned the halt {}: {reason}",
                if *on { "on" } else { "off" }
            ),
            Self::DispatchConfirmed { by } => format!("{by} confirmed that this database may act"),
            other => other.kind().to_owned(),
        }
    }
}

fn judged(finding: &Finding, against: &[&str], obstacles: &[String]) -> String {
    let mut text = match finding {
        Finding::Execute => "execute: nobody is needed".to_owned(),
        Finding::Hold(needs) => format!("hold: needs {needs}"),
        Finding::Refuse => "refuse".to_owned(),
    };
    if !against.is_empty() {
        text.push_str(&format!(" ({})", against.join(", ")));
    }
    if !obstacles.is_empty() {
        text.push_str(&format!("; {}", obstacles.join("; ")));
    }
    text
}

fn answered(call: Call, answer: &Answered) -> String {
    let asked = match call {
        Call::Execute => "sent",
        Call::Status => "asked",
    };
    match answer {
        Answered::Receipt(receipt) => {
            format!("{asked}: {} {}", receipt.outcome.as_str(), receipt.detail)
                .trim_end()
                .to_owned()
        }
        Answered::Fault(fault) => {
            format!("{asked}: {} {}", fault.as_str(), fault.failure().message)
        }
    }
}
