//! The rules that the host holds an answer against (`wit/load-rules.md`, section 5), as far as
//! they need no inventory. They are written here a second time on purpose: a plugin's author finds
//! out in a second, without a host, what would otherwise refuse the whole plan in production.

use super::occurs;
use crate::bounds::{BUNDLE_MAX, LEASE_S, PROPOSALS_MAX};
use crate::prelude::*;
use serde_json::Value;

type Held = Result<(), String>;

const TABLE: &str = include_str!("../../../wit/actions.json");

fn hold(rule: bool, text: impl FnOnce() -> String) -> Held {
    if rule { Ok(()) } else { Err(text()) }
}

/// R001 to R008 and R012.
pub(super) fn plan(manifest: &Value, case: &Case, plan: &Plan) -> Held {
    let count = plan.propose.len();
    hold(count <= PROPOSALS_MAX, || {
        format!("R001: {count} proposals, the limit is {PROPOSALS_MAX}")
    })?;
    for (at, proposal) in plan.propose.iter().enumerate() {
        let key = &proposal.key;
        hold(is_key(key), || {
            format!("R002: proposal {at}: key {key} is not 1-64 bytes of a-z 0-9 - . _ :")
        })?;
        let twice = plan.propose.iter().filter(|it| it.key == *key).count() > 1;
        hold(!twice && !plan.withdraw.contains(key), || {
            format!("R003: proposal {at}: key {key} twice")
        })?;
        let rationale = (1..=1024).contains(&proposal.rationale.len());
        hold(rationale, || {
            format!("R001: proposal {key}: rationale is not 1-1024 bytes")
        })?;
        action(manifest, proposal)?;
        says_enough(&proposal.target).map_err(|text| format!("R007: proposal {key}: {text}"))?;
        occurs::in_case(&proposal.target, case)
            .map_err(|text| format!("R008: proposal {key}: {text}"))?;
        if let Some(bundle) = &proposal.bundle {
            let members = plan
                .propose
                .iter()
                .filter(|it| it.bundle.as_ref() == Some(bundle))
                .count();
            hold(is_key(bundle) && members <= BUNDLE_MAX, || {
                format!("R012: bundle {bundle}: {members} members")
            })?;
        }
    }
    Ok(())
}

fn is_key(key: &str) -> bool {
    let byte = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-._:".contains(&b);
    (1..=64).contains(&key.len()) && key.bytes().all(byte)
}

/// R004 to R006: the manifest and the action's row.
fn action(manifest: &Value, proposal: &Proposal) -> Held {
    let Proposal {
        key,
        action,
        target,
        ..
    } = proposal;
    let kind = kind(target);
    let fits =
        |pair: &Value| pair["action"] == *action && items(&pair["targets"]).any(|it| it == kind);
    let asked = items(&manifest["proposes"]).any(fits);
    hold(asked, || {
        format!("R004: proposal {key}: {action} on {kind} is not in the manifest")
    })?;
    let table: Value = serde_json::from_str(TABLE).map_err(|error| error.to_string())?;
    let row = items(&table["actions"]).find(|row| fits(row));
    let row = row.ok_or_else(|| format!("R004: proposal {key}: no action {action} on {kind}"))?;
    for Attribute { name, value } in &proposal.arguments {
        let words = &row["arguments"][name];
        let known = words == "*" || items(words).any(|it| it == value.as_str());
        hold(known, || {
            format!("R005: proposal {key}: {action} has no argument {name} {value}")
        })?;
    }
    let Some(lease) = proposal.lease else {
        return Ok(());
    };
    hold(row["lease"] == true, || {
        format!("R006: proposal {key}: {action} has no lease")
    })?;
    hold(LEASE_S.contains(&lease), || {
        format!("R006: proposal {key}: lease {lease} is not within 60-2592000")
    })
}

/// R007: the target says enough to act on one thing.
fn says_enough(target: &Target) -> Held {
    let enough = |rule, text: &str| hold(rule, || text.to_owned());
    match target {
        Target::Device(it) => enough(it.is_actionable(), "a device needs its id or name"),
        Target::Process(it) => enough(
            it.is_actionable() && is_hash(&it.sha256),
            "a process needs its device and one of: pid with started, sha256, reference",
        ),
        Target::File(it) => enough(
            it.is_actionable() && is_hash(&it.sha256),
            "a file needs its device, its path, and sha256 or reference",
        ),
        Target::Software(it) => enough(
            it.is_actionable() && is_hash(&it.sha256),
            "software needs sha256, or signer with name",
        ),
        Target::Account(it) => enough(!it.id.is_empty(), "an account needs its id"),
        Target::Service(it) => enough(
            it.device.is_actionable() && !it.name.is_empty(),
            "a service needs its device and its name",
        ),
        Target::Address(it) => enough(
            it.split('/')
                .next()
                .is_some_and(|ip| ip.parse::<std::net::IpAddr>().is_ok()),
            "not an address",
        ),
        Target::Domain(it) => enough(Domain(it.clone()).is_actionable(), "not a domain"),
        Target::Message(_) | Target::Url(_) | Target::Other(_) => Ok(()),
    }
}

/// R011, as far as it needs no clock.
pub(super) fn detections(manifest: &Value, all: &[Detection]) -> Held {
    for (at, it) in all.iter().enumerate() {
        let text = |field: &str, reason: &str| format!("R011: detection {at}: {field}: {reason}");
        hold((1..=256).contains(&it.id.len()), || {
            text("id", "is not 1-256 bytes")
        })?;
        let accepted = items(&manifest["accepts"]).any(|row| row["product"] == it.product.as_str());
        hold(accepted, || {
            text("product", &format!("{} is not in accepts", it.product))
        })?;
        let of_taken = it.taken.iter().map(|it| (&it.target, &it.attributes));
        let shown = it
            .entities
            .iter()
            .map(|it| (&it.target, &it.attributes))
            .chain(of_taken);
        for (target, attributes) in shown {
            hold(is_hash(hash(target)), || {
                text("sha256", "is not 64 lower-case hex digits")
            })?;
            names(attributes).map_err(|name| text("attributes", &name))?;
        }
        names(&it.attributes).map_err(|name| text("attributes", &name))?;
    }
    Ok(())
}

fn names(attributes: &[Attribute]) -> Held {
    let byte = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_.-".contains(&b);
    let fits = |name: &str| (1..=128).contains(&name.len()) && name.bytes().all(byte);
    match attributes.iter().find(|it| !fits(&it.name)) {
        Some(it) => Err(format!(
            "name {} is not 1-128 bytes of a-z 0-9 _ . -",
            it.name
        )),
        None => Ok(()),
    }
}

fn is_hash(hash: &Option<String>) -> bool {
    let lower = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    hash.as_ref()
        .is_none_or(|hash| hash.len() == 64 && hash.bytes().all(lower))
}

fn hash(target: &Target) -> &Option<String> {
    match target {
        Target::Process(it) => &it.sha256,
        Target::File(it) => &it.sha256,
        Target::Software(it) => &it.sha256,
        _ => &None,
    }
}

fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

fn kind(target: &Target) -> &str {
    match target {
        Target::Device(_) => "device",
        Target::Process(_) => "process",
        Target::File(_) => "file",
        Target::Account(_) => "account",
        Target::Service(_) => "service",
        Target::Message(_) => "message",
        Target::Software(_) => "software",
        Target::Address(_) => "address",
        Target::Domain(_) => "domain",
        Target::Url(_) => "url",
        Target::Other(it) => &it.kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::playbook::*;
    use crate::testing::{CaseBuilder, device};
    use serde_json::json;

    fn file() -> File {
        let mut file = File::on(&device(), "/opt/a.bin");
        file.reference = Some("threat-1".into());
        file
    }

    /// Judges one proposal on a case that shows `file()`.
    fn judge(proposal: impl Into<Proposal>) -> Held {
        let manifest = json!({ "proposes": [
            { "action": "quarantine-file", "targets": ["file"] },
            { "action": "contain-device", "targets": ["device"] },
            { "action": "allow-software", "targets": ["software"] },
        ]});
        let case = CaseBuilder::new()
            .entity(Entity::new("actor", file()))
            .build();
        let mut wanted = Plan::empty("");
        wanted.propose.push(proposal.into());
        plan(&manifest, &case, &wanted)
    }

    fn refused(proposal: impl Into<Proposal>, code: &str) {
        let answer = judge(proposal);
        assert!(
            answer.as_ref().is_err_and(|text| text.starts_with(code)),
            "{code}: {answer:?}"
        );
    }

    #[test]
    fn a_plan_that_the_host_would_refuse_is_refused_by_the_rule_it_breaks() {
        assert_eq!(judge(quarantine_file(&file()).because("why")), Ok(()));
        refused(quarantine_file(&file()), "R001");
        refused(
            quarantine_file(&file()).because("why").key("Not A Key"),
            "R002",
        );
        refused(restore_file(&file()).because("why"), "R004");
        let mut spread = contain_device(&device())
            .because("why")
            .lease_hours(1)
            .into();
        assert_eq!(judge(Proposal { ..spread }), Ok(()));
        spread = contain_device(&device()).because("why").into();
        spread.lease = Some(59);
        refused(spread, "R006");
        refused(
            quarantine_file(&File::on(&device(), "/opt/a.bin")).because("why"),
            "R007",
        );
        let mut other = file();
        other.reference = Some("threat-2".into());
        refused(quarantine_file(&other).because("why"), "R008");
    }
}
