//! The one table of actions: what can be done to what, what takes it back, how much it takes.
//!
//! Everything else that lists actions (Cedar schema, WIT docs, SDK, console) is checked against
//! this table by a test. Words: OpenC2 action and target, MITRE D3FEND technique.

use super::TargetKind;
use serde::{Deserialize, Serialize};

/// An action, named as responders say it.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
pub enum Verb {
    /// `suspend-process`
    #[serde(rename = "suspend-process")]
    SuspendProcess,
    /// `stop-process`
    #[serde(rename = "stop-process")]
    StopProcess,
    /// `quarantine-file`
    #[serde(rename = "quarantine-file")]
    QuarantineFile,
    /// `delete-file`
    #[serde(rename = "delete-file")]
    DeleteFile,
    /// `contain-device`
    #[serde(rename = "contain-device")]
    ContainDevice,
    /// `block-address`
    #[serde(rename = "block-address")]
    BlockAddress,
    /// `block-domain`
    #[serde(rename = "block-domain")]
    BlockDomain,
    /// `disable-account`
    #[serde(rename = "disable-account")]
    DisableAccount,
    /// `revoke-sessions`
    #[serde(rename = "revoke-sessions")]
    RevokeSessions,
    /// `stop-service`
    #[serde(rename = "stop-service")]
    StopService,
    /// `allow-software`
    #[serde(rename = "allow-software")]
    AllowSoftware,
    /// `unallow-software`
    #[serde(rename = "unallow-software")]
    UnallowSoftware,
    /// `restore-file`
    #[serde(rename = "restore-file")]
    RestoreFile,
    /// `start-process`
    #[serde(rename = "start-process")]
    StartProcess,
    /// `resume-process`
    #[serde(rename = "resume-process")]
    ResumeProcess,
    /// `release-device`
    #[serde(rename = "release-device")]
    ReleaseDevice,
    /// `unblock-address`
    #[serde(rename = "unblock-address")]
    UnblockAddress,
    /// `unblock-domain`
    #[serde(rename = "unblock-domain")]
    UnblockDomain,
    /// `enable-account`
    #[serde(rename = "enable-account")]
    EnableAccount,
    /// `start-service`
    #[serde(rename = "start-service")]
    StartService,
    /// `scan-device`
    #[serde(rename = "scan-device")]
    ScanDevice,
    /// `collect-evidence`
    #[serde(rename = "collect-evidence")]
    CollectEvidence,
    /// `notify`
    #[serde(rename = "notify")]
    Notify,
    /// `open-ticket`
    #[serde(rename = "open-ticket")]
    OpenTicket,
}

/// What an action does to the environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Takes something away; forbidden on `never`.
    TakesAway,
    /// Makes detection or prevention weaker; never without people.
    Weakens,
    /// Gives something back.
    GivesBack,
    /// Reads from the asset.
    Inspects,
    /// Tells people.
    Informs,
}

/// One row of the table.
#[derive(Debug)]
pub struct ActionRow {
    /// The action.
    pub verb: Verb,
    /// What it can be done to.
    pub targets: &'static [TargetKind],
    /// The action that gives back what this one took.
    pub inverse: Option<Verb>,
    /// Whether a connector that performs it must perform the inverse too.
    pub same_connector: bool,
    /// What it does.
    pub effect: Effect,
    /// 0 takes nothing, 3 takes most.
    pub intrusiveness: i64,
    /// Whether something is lost for good.
    pub loses_state: bool,
    /// Whether a proposal may name a lease.
    pub lease: bool,
    /// Whether the target must occur in the case.
    pub in_case: bool,
    /// Arguments and their words; the first is the default, an empty list takes any text.
    pub arguments: &'static [(&'static str, &'static [&'static str])],
    /// OpenC2 action and target; empty where it has none.
    pub openc2: &'static str,
    /// MITRE D3FEND technique; empty where it has none.
    pub d3fend: &'static str,
}

/// The table, in the order of the design.
const TABLE: &[ActionRow] = &[
    ActionRow {
        verb: Verb::SuspendProcess,
        targets: &[TargetKind::Process],
        inverse: Some(Verb::ResumeProcess),
        same_connector: true,
        effect: Effect::TakesAway,
        intrusiveness: 1,
        loses_state: false,
        lease: true,
        in_case: true,
        arguments: &[],
        openc2: "stop process (suspend)",
        d3fend: "D3-PS",
    },
    ActionRow {
        verb: Verb::StopProcess,
        targets: &[TargetKind::Process],
        inverse: Some(Verb::StartProcess),
        same_connector: false,
        effect: Effect::TakesAway,
        intrusiveness: 2,
        loses_state: true,
        lease: false,
        in_case: true,
        arguments: &[],
        openc2: "stop process",
        d3fend: "D3-PT",
    },
    ActionRow {
        verb: Verb::QuarantineFile,
        targets: &[TargetKind::File],
        inverse: Some(Verb::RestoreFile),
        same_connector: true,
        effect: Effect::TakesAway,
        intrusiveness: 2,
        loses_state: false,
        lease: false,
        in_case: true,
        arguments: &[],
        openc2: "contain file",
        d3fend: "D3-CQ",
    },
    ActionRow {
        verb: Verb::DeleteFile,
        targets: &[TargetKind::File],
        inverse: None,
        same_connector: false,
        effect: Effect::TakesAway,
        intrusiveness: 3,
        loses_state: true,
        lease: false,
        in_case: true,
        arguments: &[],
        openc2: "delete file",
        d3fend: "D3-FEV",
    },
    ActionRow {
        verb: Verb::ContainDevice,
        targets: &[TargetKind::Device],
        inverse: Some(Verb::ReleaseDevice),
        same_connector: true,
        effect: Effect::TakesAway,
        intrusiveness: 3,
        loses_state: false,
        lease: true,
        in_case: true,
        arguments: &[],
        openc2: "contain device",
        d3fend: "D3-NI",
    },
    ActionRow {
        verb: Verb::BlockAddress,
        targets: &[TargetKind::Address],
        inverse: Some(Verb::UnblockAddress),
        same_connector: true,
        effect: Effect::TakesAway,
        intrusiveness: 2,
        loses_state: false,
        lease: true,
        in_case: true,
        arguments: &[],
        openc2: "deny ipv4_net/ipv6_net",
        d3fend: "D3-NTF",
    },
    ActionRow {
        verb: Verb::BlockDomain,
        targets: &[TargetKind::Domain],
        inverse: Some(Verb::UnblockDomain),
        same_connector: true,
        effect: Effect::TakesAway,
        intrusiveness: 2,
        loses_state: false,
        lease: true,
        in_case: true,
        arguments: &[],
        openc2: "deny domain_name",
        d3fend: "D3-DNSDL",
    },
    ActionRow {
        verb: Verb::DisableAccount,
        targets: &[TargetKind::Account],
        inverse: Some(Verb::EnableAccount),
        same_connector: true,
        effect: Effect::TakesAway,
        intrusiveness: 3,
        loses_state: false,
        lease: true,
        in_case: true,
        arguments: &[],
        openc2: "set account",
        d3fend: "D3-AL",
    },
    ActionRow {
        verb: Verb::RevokeSessions,
        targets: &[TargetKind::Account],
        inverse: None,
        same_connector: false,
        effect: Effect::TakesAway,
        intrusiveness: 1,
        loses_state: false,
        lease: false,
        in_case: true,
        arguments: &[],
        openc2: "",
        d3fend: "D3-ST",
    },
    ActionRow {
        verb: Verb::StopService,
        targets: &[TargetKind::Service],
        inverse: Some(Verb::StartService),
        same_connector: true,
        effect: Effect::TakesAway,
        intrusiveness: 3,
        loses_state: false,
        lease: true,
        in_case: true,
        arguments: &[],
        openc2: "stop service",
        d3fend: "D3-PT",
    },
    ActionRow {
        verb: Verb::AllowSoftware,
        targets: &[TargetKind::Software],
        inverse: Some(Verb::UnallowSoftware),
        same_connector: true,
        effect: Effect::Weakens,
        intrusiveness: 0,
        loses_state: false,
        lease: true,
        in_case: true,
        arguments: &[("reach", &["device", "group", "tenant"] as &[&str])],
        openc2: "allow file",
        d3fend: "D3-EAL",
    },
    ActionRow {
        verb: Verb::UnallowSoftware,
        targets: &[TargetKind::Software],
        inverse: None,
        same_connector: false,
        effect: Effect::TakesAway,
        intrusiveness: 2,
        loses_state: false,
        lease: false,
        in_case: true,
        arguments: &[],
        openc2: "deny file",
        d3fend: "",
    },
    ActionRow {
        verb: Verb::RestoreFile,
        targets: &[TargetKind::File],
        inverse: None,
        same_connector: false,
        effect: Effect::GivesBack,
        intrusiveness: 0,
        loses_state: false,
        lease: false,
        in_case: true,
        arguments: &[],
        openc2: "restore file",
        d3fend: "D3-RF",
    },
    ActionRow {
        verb: Verb::StartProcess,
        targets: &[TargetKind::Process],
        inverse: None,
        same_connector: false,
        effect: Effect::GivesBack,
        intrusiveness: 0,
        loses_state: false,
        lease: false,
        in_case: true,
        arguments: &[],
        openc2: "start process",
        d3fend: "",
    },
    ActionRow {
        verb: Verb::ResumeProcess,
        targets: &[TargetKind::Process],
        inverse: None,
        same_connector: false,
        effect: Effect::GivesBack,
        intrusiveness: 0,
        loses_state: false,
        lease: false,
        in_case: true,
        arguments: &[],
        openc2: "start process (resume)",
        d3fend: "",
    },
    ActionRow {
        verb: Verb::ReleaseDevice,
        targets: &[TargetKind::Device],
        inverse: None,
        same_connector: false,
        effect: Effect::GivesBack,
        intrusiveness: 0,
        loses_state: false,
        lease: false,
        in_case: true,
        arguments: &[],
        openc2: "allow device",
        d3fend: "D3-RNA",
    },
    ActionRow {
        verb: Verb::UnblockAddress,
        targets: &[TargetKind::Address],
        inverse: None,
        same_connector: false,
        effect: Effect::GivesBack,
        intrusiveness: 0,
        loses_state: false,
        lease: false,
        in_case: true,
        arguments: &[],
        openc2: "allow ipv4_net/ipv6_net",
        d3fend: "",
    },
    ActionRow {
        verb: Verb::UnblockDomain,
        targets: &[TargetKind::Domain],
        inverse: None,
        same_connector: false,
        effect: Effect::GivesBack,
        intrusiveness: 0,
        loses_state: false,
        lease: false,
        in_case: true,
        arguments: &[],
        openc2: "allow domain_name",
        d3fend: "",
    },
    ActionRow {
        verb: Verb::EnableAccount,
        targets: &[TargetKind::Account],
        inverse: None,
        same_connector: false,
        effect: Effect::GivesBack,
        intrusiveness: 0,
        loses_state: false,
        lease: false,
        in_case: true,
        arguments: &[],
        openc2: "set account",
        d3fend: "D3-ULA",
    },
    ActionRow {
        verb: Verb::StartService,
        targets: &[TargetKind::Service],
        inverse: None,
        same_connector: false,
        effect: Effect::GivesBack,
        intrusiveness: 0,
        loses_state: false,
        lease: false,
        in_case: true,
        arguments: &[],
        openc2: "start service",
        d3fend: "",
    },
    ActionRow {
        verb: Verb::ScanDevice,
        targets: &[TargetKind::Device],
        inverse: None,
        same_connector: false,
        effect: Effect::Inspects,
        intrusiveness: 0,
        loses_state: false,
        lease: false,
        in_case: true,
        arguments: &[("scope", &["quick", "full"] as &[&str])],
        openc2: "scan device",
        d3fend: "D3-FA",
    },
    ActionRow {
        verb: Verb::CollectEvidence,
        targets: &[TargetKind::Device],
        inverse: None,
        same_connector: false,
        effect: Effect::Inspects,
        intrusiveness: 0,
        loses_state: false,
        lease: false,
        in_case: true,
        arguments: &[("scope", &["triage", "full"] as &[&str])],
        openc2: "investigate device",
        d3fend: "D3-FA",
    },
    ActionRow {
        verb: Verb::Notify,
        targets: &[TargetKind::Device, TargetKind::Account],
        inverse: None,
        same_connector: false,
        effect: Effect::Informs,
        intrusiveness: 0,
        loses_state: false,
        lease: false,
        in_case: true,
        arguments: &[("template", &[] as &[&str]), ("recipients", &[] as &[&str])],
        openc2: "",
        d3fend: "",
    },
    ActionRow {
        verb: Verb::OpenTicket,
        targets: &[TargetKind::Device, TargetKind::Account],
        inverse: None,
        same_connector: false,
        effect: Effect::Informs,
        intrusiveness: 0,
        loses_state: false,
        lease: false,
        in_case: true,
        arguments: &[("template", &[] as &[&str]), ("queue", &[] as &[&str])],
        openc2: "",
        d3fend: "",
    },
];

impl Verb {
    /// The whole table.
    pub const TABLE: &[ActionRow] = TABLE;

    /// The word, as in manifests, guards and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SuspendProcess => "suspend-process",
            Self::StopProcess => "stop-process",
            Self::QuarantineFile => "quarantine-file",
            Self::DeleteFile => "delete-file",
            Self::ContainDevice => "contain-device",
            Self::BlockAddress => "block-address",
            Self::BlockDomain => "block-domain",
            Self::DisableAccount => "disable-account",
            Self::RevokeSessions => "revoke-sessions",
            Self::StopService => "stop-service",
            Self::AllowSoftware => "allow-software",
            Self::UnallowSoftware => "unallow-software",
            Self::RestoreFile => "restore-file",
            Self::StartProcess => "start-process",
            Self::ResumeProcess => "resume-process",
            Self::ReleaseDevice => "release-device",
            Self::UnblockAddress => "unblock-address",
            Self::UnblockDomain => "unblock-domain",
            Self::EnableAccount => "enable-account",
            Self::StartService => "start-service",
            Self::ScanDevice => "scan-device",
            Self::CollectEvidence => "collect-evidence",
            Self::Notify => "notify",
            Self::OpenTicket => "open-ticket",
        }
    }
    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        TABLE
            .iter()
            .map(|row| row.verb)
            .find(|verb| verb.as_str() == text)
    }
    /// Its row.
    pub fn row(self) -> &'static ActionRow {
        // INVARIANT: every verb has a row, in this order (tested below); the first row, which
        // takes away, is the strict answer should the table ever be short.
        TABLE.iter().find(|row| row.verb == self).unwrap_or(&FIRST)
    }
    /// Whether it takes something away.
    pub fn takes_away(self) -> bool {
        self.row().effect == Effect::TakesAway
    }
    /// Whether it gives something back.
    pub fn gives_back(self) -> bool {
        self.row().effect == Effect::GivesBack
    }
    /// The action whose effect this one ends, if it is an inverse.
    pub fn ends(self) -> Option<Verb> {
        TABLE
            .iter()
            .find(|row| row.inverse == Some(self))
            .map(|row| row.verb)
    }
    /// Whether it leaves an effect in force that can be given back.
    pub fn leaves_effect(self) -> bool {
        self.row().inverse.is_some()
    }
}

static FIRST: ActionRow = ActionRow {
    verb: Verb::SuspendProcess,
    targets: &[],
    inverse: None,
    same_connector: true,
    effect: Effect::TakesAway,
    intrusiveness: 3,
    loses_state: true,
    lease: false,
    in_case: true,
    arguments: &[],
    openc2: "",
    d3fend: "",
};

impl std::fmt::Display for Verb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_verb_has_one_row_and_every_inverse_gives_back() {
        for row in TABLE {
            assert_eq!(row.verb.row().verb, row.verb);
            assert_eq!(Verb::parse(row.verb.as_str()), Some(row.verb));
            assert!(!row.targets.is_empty(), "{}", row.verb);
            if let Some(inverse) = row.inverse {
                assert_eq!(inverse.row().targets, row.targets, "{}", row.verb);
                assert!(inverse.gives_back() || inverse == Verb::UnallowSoftware);
                assert_eq!(inverse.ends(), Some(row.verb));
            }
        }
        assert_eq!(
            TABLE.iter().filter(|row| row.inverse.is_some()).count(),
            TABLE.iter().filter(|row| row.verb.ends().is_some()).count()
        );
    }
}
