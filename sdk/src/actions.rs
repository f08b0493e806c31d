//! One function for each action of the host's table. It takes the only kind of target the
//! action applies to, so an impossible pair does not compile; and what an action cannot have
//! (a lease on a quarantine) it has no method for.
//!
//! ```
//! use countersign_sdk::playbook::*;
//! fn possible(device: &Device) -> Proposal {
//!     contain_device(device).because("it spreads").lease_hours(4).into()
//! }
//! ```
//! ```compile_fail,E0308
//! # use countersign_sdk::playbook::*;
//! fn a_file_is_not_contained(file: &File) { contain_device(file); }
//! ```
//! ```compile_fail,E0599
//! # use countersign_sdk::playbook::*;
//! fn a_quarantine_has_no_lease(file: &File) { quarantine_file(file).lease_hours(4); }
//! ```
//! ```compile_fail,E0599
//! # use countersign_sdk::playbook::*;
//! fn only_allowances_have_a_reach(device: &Device) { contain_device(device).reach(Reach::Tenant); }
//! ```
use crate::bounds::LEASE_S;
use crate::prelude::*;
use core::marker::PhantomData;

/// A proposal in the making. The key is derived from action and target, so that the same
/// intent has the same key in every evaluation; name one with `key` if one target gets the
/// same action twice for different reasons.
#[must_use = "a draft that is not proposed does nothing"]
pub struct Draft<A> {
    proposal: Proposal,
    action: PhantomData<A>,
}

/// An action whose effect may end by itself.
pub trait Leased {}

/// How much a collection or a scan takes.
pub enum Scope {
    /// What decides a first look.
    Small,
    /// All there is.
    Full,
}
/// How far an allowance goes: the device of the case, its group, or every device.
pub enum Reach {
    /// The device of the case.
    Device,
    /// The device's group.
    Group,
    /// Every device of the tenant.
    Tenant,
}

macro_rules! actions {
    ($($name:ident($target:ident) $marker:ident = $verb:literal $(, $leased:ident)?;)*) => {
        $(
            /// The action of the function beside it.
            pub enum $marker {}
            $(impl $leased for $marker {})?
            #[doc = concat!("Drafts `", $verb, "` on this target.")]
            pub fn $name(on: &$target) -> Draft<$marker> {
                Draft::new($verb, Target::from(on.clone()))
            }
        )*
        /// Every verb with its kind of target and whether it has a lease: what a test compares
        /// with the published table.
        pub const ACTIONS: &[(&str, &str, bool)] = &[$((
            $verb,
            stringify!($target),
            { let leased: &[&str] = &[$(stringify!($leased))?]; !leased.is_empty() },
        )),*];
    };
}

actions! {
    suspend_process(Process) SuspendProcess = "suspend-process", Leased;
    stop_process(Process) StopProcess = "stop-process";
    quarantine_file(File) QuarantineFile = "quarantine-file";
    delete_file(File) DeleteFile = "delete-file";
    contain_device(Device) ContainDevice = "contain-device", Leased;
    block_address(Address) BlockAddress = "block-address", Leased;
    block_domain(Domain) BlockDomain = "block-domain", Leased;
    disable_account(Account) DisableAccount = "disable-account", Leased;
    revoke_sessions(Account) RevokeSessions = "revoke-sessions";
    stop_service(Service) StopService = "stop-service", Leased;
    allow_software(Software) AllowSoftware = "allow-software", Leased;
    unallow_software(Software) UnallowSoftware = "unallow-software";
    restore_file(File) RestoreFile = "restore-file";
    start_process(Process) StartProcess = "start-process";
    resume_process(Process) ResumeProcess = "resume-process";
    release_device(Device) ReleaseDevice = "release-device";
    unblock_address(Address) UnblockAddress = "unblock-address";
    unblock_domain(Domain) UnblockDomain = "unblock-domain";
    enable_account(Account) EnableAccount = "enable-account";
    start_service(Service) StartService = "start-service";
    scan_device(Device) ScanDevice = "scan-device";
    collect_evidence(Device) CollectEvidence = "collect-evidence";
    notify_about_device(Device) NotifyAboutDevice = "notify";
    notify_about_account(Account) NotifyAboutAccount = "notify";
    open_ticket_about_device(Device) OpenTicketAboutDevice = "open-ticket";
    open_ticket_about_account(Account) OpenTicketAboutAccount = "open-ticket";
}

impl<A> Draft<A> {
    fn new(action: &str, target: Target) -> Self {
        let key = format!("{action}:{:016x}", crate::target::fingerprint(&target));
        let (arguments, evidence, attributes) = (Vec::new(), Vec::new(), Vec::new());
        let rationale = String::new();
        let action = action.into();
        let proposal = Proposal {
            key,
            bundle: None,
            action,
            target,
            arguments,
            rationale,
            evidence,
            lease: None,
            attributes,
        };
        Self {
            proposal,
            action: PhantomData,
        }
    }
    /// Another key than the derived one.
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.proposal.key = key.into();
        self
    }
    /// What this does and why, for the person who decides.
    pub fn because(mut self, rationale: impl Into<String>) -> Self {
        self.proposal.rationale = rationale.into();
        self
    }
    /// One thing the playbook relied on.
    pub fn evidence(mut self, source: &str, finding: impl Into<String>) -> Self {
        self.proposal.evidence.push(Evidence {
            source: source.into(),
            finding: finding.into(),
        });
        self
    }
    /// Where the case has brought this proposal; `None` if it was never made.
    pub fn state<'a>(&self, case: &'a Case) -> Option<&'a str> {
        case.state(&self.proposal.key)
    }
    /// The key, derived or named.
    pub fn name(&self) -> &str {
        &self.proposal.key
    }
    fn argument(mut self, name: &str, value: &str) -> Self {
        self.proposal.arguments.push(Attribute {
            name: name.into(),
            value: value.into(),
        });
        self
    }
}
impl<A: Leased> Draft<A> {
    /// How long the effect may stay before the host asks a person: 1 to 720 hours; what is
    /// outside becomes the nearest that is possible.
    pub fn lease_hours(mut self, hours: u32) -> Self {
        let seconds = hours.max(1).saturating_mul(3600);
        self.proposal.lease = Some(seconds.min(*LEASE_S.end()));
        self
    }
}
impl Draft<CollectEvidence> {
    /// How much to collect.
    pub fn scope(self, scope: Scope) -> Self {
        self.argument(
            "scope",
            match scope {
                Scope::Small => "triage",
                Scope::Full => "full",
            },
        )
    }
}
impl Draft<ScanDevice> {
    /// How much to scan.
    pub fn scope(self, scope: Scope) -> Self {
        self.argument(
            "scope",
            match scope {
                Scope::Small => "quick",
                Scope::Full => "full",
            },
        )
    }
}
impl Draft<AllowSoftware> {
    /// Where it is allowed; the device of the case if not said.
    pub fn reach(self, reach: Reach) -> Self {
        self.argument(
            "reach",
            match reach {
                Reach::Device => "device",
                Reach::Group => "group",
                Reach::Tenant => "tenant",
            },
        )
    }
}
impl<A> From<Draft<A>> for Proposal {
    fn from(draft: Draft<A>) -> Self {
        draft.proposal
    }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::expect_used,
        clippy::indexing_slicing,
        reason = "a test's failure is a panic"
    )]
    use super::ACTIONS;
    use serde_json::Value;

    #[test]
    fn every_function_is_in_the_published_table_and_every_row_of_it_has_its_functions() {
        let table: Value =
            serde_json::from_str(include_str!("../../wit/actions.json")).expect("json");
        let rows = table["actions"].as_array().expect("rows");
        let mut published: Vec<(String, String, bool)> = Vec::new();
        for row in rows {
            for target in row["targets"].as_array().expect("targets") {
                let text = |value: &Value| value.as_str().expect("text").to_owned();
                let leased = row["lease"].as_bool().expect("lease");
                published.push((text(&row["action"]), text(target), leased));
            }
        }
        let functions = ACTIONS
            .iter()
            .map(|(verb, target, leased)| ((*verb).to_owned(), target.to_lowercase(), *leased));
        assert_eq!(functions.collect::<Vec<_>>(), published);
    }
}
