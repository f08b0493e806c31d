//! Addresses and domains that malware was seen to use are blocked for a time.
//!
//! A block reaches every device, so it is bounded thrice: only what a malicious detection
//! observed or names as its actor, only what can be meant (no address of ours, no half-written
//! name), and only so many. What is shared infrastructure is for the guards to know.

use countersign_sdk::playbook::*;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

#[cfg(test)]
mod cases;

countersign_sdk::playbook!(evaluate, manifest: "../plugin.json");

fn evaluate(case: &Case) -> Result<Plan> {
    let mut plan = Plan::empty("");
    match case.detection.rating {
        Rating::Malicious if case.overreach().is_empty() => block(case, &mut plan)?,
        // Withdrawn: what we blocked is to be given back.
        Rating::Benign => plan.withdraw_all(case),
        _ => {}
    }
    plan.withdraw_held(case);
    Ok(plan)
}

fn block(case: &Case, plan: &mut Plan) -> Result<()> {
    let (hours, indicators_max): (u32, usize) =
        (setting("lease-hours")?, setting("indicators-max")?);
    let mut wanted: Vec<Proposal> = Vec::new();
    // An address that is affected is one of ours; what is merely related has done nothing.
    let seen = |it: &&Entity| matches!(it.role.as_str(), "observed" | "actor");
    for entity in case.detection.entities.iter().filter(seen) {
        let why = |what: &str| format!("A malicious detection names {what} as {}.", entity.role);
        let evidence = case.detection.title.as_str();
        let proposal: Option<Proposal> = match (entity.address(), entity.domain()) {
            (Some(it), _) if is_public(it.as_str()) => Some(
                block_address(&it)
                    .because(why(it.as_str()))
                    .evidence("detection.title", evidence)
                    .lease_hours(hours)
                    .into(),
            ),
            (_, Some(it)) if it.is_actionable() && is_public_name(it.as_str()) => Some(
                block_domain(&it)
                    .because(why(it.as_str()))
                    .evidence("detection.title", evidence)
                    .lease_hours(hours)
                    .into(),
            ),
            _ => None,
        };
        let new = |it: &Proposal| wanted.iter().all(|other| other.key != it.key);
        wanted.extend(proposal.filter(new));
    }
    // What is underway keeps its place: a later revision that names more must not crowd it out.
    wanted.sort_by_key(|it| !case.is_underway(&it.key));
    let left = wanted.len().saturating_sub(indicators_max);
    wanted
        .into_iter()
        .take(indicators_max)
        .for_each(|it| plan.propose(it));
    plan.note = format!("{} proposed", plan.propose.len());
    if left > 0 {
        plan.note += &format!(", {left} more left to people (indicators-max {indicators_max})");
    }
    Ok(())
}

/// Whether it is one address of the public internet. A prefix is never blocked by automation.
fn is_public(text: &str) -> bool {
    match text.parse() {
        Ok(IpAddr::V4(it)) => is_public_v4(it),
        Ok(IpAddr::V6(it)) => is_public_v6(it),
        Err(_) => false,
    }
}

fn is_public_v4(it: Ipv4Addr) -> bool {
    let [a, b, c, _] = it.octets();
    let shared = a == 100 && (64..128).contains(&b); // RFC 6598
    let protocol = a == 192 && b == 0 && c == 0; // RFC 6890
    let benchmark = a == 198 && (18..20).contains(&b); // RFC 2544
    let local = it.is_private() || it.is_loopback() || it.is_link_local();
    !(local || shared || protocol || benchmark || a == 0 || it.is_multicast() || a >= 240)
}

fn is_public_v6(it: Ipv6Addr) -> bool {
    match it.segments() {
        // An IPv4 address in the dress of IPv6: mapped, or translated (RFC 6052), or 6to4.
        [0, 0, 0, 0, 0, 0xffff, a, b] | [0x64, 0xff9b, 0, 0, 0, 0, a, b] | [0x2002, a, b, ..] => {
            is_public_v4(Ipv4Addr::from((u32::from(a) << 16) | u32::from(b)))
        }
        // Global unicast is 2000::/3, and nothing else is.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

/// Whether a domain can be meant on the public internet: not a name of somebody's own network.
fn is_public_name(domain: &str) -> bool {
    const OWN: &[&str] = &[
        "local",
        "localhost",
        "localdomain",
        "internal",
        "intranet",
        "lan",
        "home",
        "corp",
        "arpa",
    ];
    domain
        .rsplit('.')
        .next()
        .is_some_and(|last| !OWN.contains(&last))
}
