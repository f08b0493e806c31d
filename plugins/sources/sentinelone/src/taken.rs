//! What the agent did already.
//!
//! `mitigationStatus` is a list at the top of a threat (what was done, newest first) and a word
//! in `threatInfo` (a summary). The list is the truth. `initiatedBy` stands once for the threat
//! and not for each action, and the list also holds what somebody ordered a week later: so an
//! action is the policy's own only if the policy was *Protect* when the threat was found and the
//! action began at once; it is a person's only if the product names one. All else is `unknown`,
//! which counts as the policy's: an overreach is not hidden by a gap in the record.
use crate::node::Node;
use crate::words::{self, OWN, put};
use countersign_sdk::source::*;

/// Bytes of a word for an action, as the contract bounds it.
const ACTION_BYTES_MAX: usize = 64;

/// What actions are done to.
pub struct Targets {
    /// The machine.
    pub device: Device,
    /// The process of the threat.
    pub process: Process,
    /// The file of the threat.
    pub file: File,
}

/// What decides whose wish an action was.
pub struct Circumstances {
    /// When the threat was identified, in milliseconds.
    pub identified: u64,
    /// The policy at that time.
    pub mode: Mode,
    /// The policy initiated the threat.
    pub by_policy: bool,
    /// The person in the console who initiated it.
    pub person: Option<String>,
    /// An action that began later than this after `identified` is not the policy's own.
    pub policy_seconds_max: u64,
}

/// The list of a threat, oldest first.
pub fn list(threat: &Node<'_>, targets: &Targets, of: &Circumstances) -> Vec<Taken> {
    let info = threat.get("threatInfo");
    let mut taken: Vec<Taken> = threat
        .get("mitigationStatus")
        .list()
        .filter_map(|entry| entry_of(&entry, targets, of))
        .collect();
    taken.sort_by_key(|it| it.at);
    mark_undone(&mut taken);
    if taken.is_empty() {
        taken.extend(summary(&info, targets, of));
    }
    taken.truncate(64);
    taken
}

/// The vendor's word for an action in the words of the action table, where there is one. The
/// others (`remediate`, `rollback`) undo what a threat changed on the machine, and are shown.
pub fn action(word: &str, targets: &Targets) -> (String, Target) {
    let process = || Target::Process(targets.process.clone());
    let file = || Target::File(targets.file.clone());
    let word = word.trim().to_ascii_lowercase().replace('_', "-");
    match word.as_str() {
        "kill" => ("stop-process".into(), process()),
        "quarantine" => ("quarantine-file".into(), file()),
        "unquarantine" | "un-quarantine" => ("restore-file".into(), file()),
        "network-quarantine" | "disconnect-from-network" => (
            "contain-device".into(),
            Target::Device(targets.device.clone()),
        ),
        "rollback" | "rollback-remediation" => ("rollback".into(), file()),
        other => (words::cut(other.to_owned(), ACTION_BYTES_MAX), file()),
    }
}

fn entry_of(entry: &Node<'_>, targets: &Targets, of: &Circumstances) -> Option<Taken> {
    let (action, target) = action(&entry.get("action").text()?, targets);
    let counters = entry.get("actionsCounters");
    let (total, success) = (
        counters.get("total").integer(),
        counters.get("success").integer(),
    );
    let status = entry.get("status").word();
    // Done in part is done: what was taken from ten processes of twelve was taken.
    let state = match status.as_deref() {
        Some("success" | "partial" | "partial_success") => "done",
        Some("failed" | "aborted" | "pending" | "pending_reboot" | "in_progress")
            if success.unwrap_or(0) > 0 =>
        {
            "done"
        }
        Some("failed" | "aborted" | "not_found") => "failed",
        Some("pending" | "pending_reboot" | "in_progress" | "sent") => "pending",
        _ => "unknown",
    };
    let at = entry.get("mitigationStartedAt").time();
    let initiative = of.initiative(at);
    let person = of.person.clone().filter(|_| initiative == "person");
    let it = Taken {
        action,
        target,
        state: state.into(),
        initiative: initiative.into(),
        at,
        attributes: Vec::new(),
    };
    let it = put(it, "countersign.count", total);
    let it = put(it, "countersign.count_done", success);
    let it = put(it, "user.name", person);
    let it = put(it, &format!("{OWN}status"), status);
    Some(put(
        it,
        &format!("{OWN}report"),
        entry.get("latestReport").text(),
    ))
}

/// When the list is empty and the summary says that something was done, that is shown too.
fn summary(info: &Node<'_>, targets: &Targets, of: &Circumstances) -> Option<Taken> {
    let word = info.get("mitigationStatus").word()?;
    let action = match word.as_str() {
        _ if info.get("mitigatedPreemptively").flag() == Some(true) => "prevent",
        "mitigated" => "mitigate",
        "blocked" => "block",
        _ => return None,
    };
    let it = Taken {
        action: action.into(),
        target: Target::File(targets.file.clone()),
        state: "done".into(),
        initiative: of.initiative(None).into(),
        at: None,
        attributes: Vec::new(),
    };
    Some(put(it, &format!("{OWN}status"), Some(word)))
}

impl Circumstances {
    /// `policy`, `person` or `unknown`.
    fn initiative(&self, at: Option<u64>) -> &'static str {
        let end = self
            .identified
            .saturating_add(self.policy_seconds_max.saturating_mul(1000));
        let at_once = at.is_some_and(|at| at <= end);
        match (at_once, self.by_policy, self.mode) {
            (true, true, Mode::Protect) => "policy",
            (true, false, _) if self.person.is_some() => "person",
            _ => "unknown",
        }
    }
}

/// A quarantine that was followed by its release no longer stands. One without a time is older
/// than any release: it would have been released with the others.
fn mark_undone(taken: &mut [Taken]) {
    let released = |it: &&Taken| it.action == "restore-file" && it.state == "done";
    let last = taken.iter().filter(released).filter_map(|it| it.at).max();
    let Some(last) = last else { return };
    let stands = |it: &&mut Taken| it.action == "quarantine-file" && it.state == "done";
    for it in taken.iter_mut().filter(stands) {
        if it.at.is_none_or(|at| at < last) {
            it.state = "undone".into();
        }
    }
}
