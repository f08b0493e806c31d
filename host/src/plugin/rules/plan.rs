//! A playbook's answer becomes a plan, or is refused whole (R001 to R009, R012).

use super::case::occurs;
use super::refused;
use super::target::{canonical, says_enough};
use super::words::{bounded, counted, is_key, misfit_attributes};
use crate::model::{ActionRow, Attribute, Evidence, Failure, Key, Plan, Proposal, Subject, Verb};
use crate::plugin::bindings::types;
use crate::plugin::convert::inward;
use crate::plugin::manifest::Manifest;
use std::collections::BTreeSet;

/// LIMIT: proposals in one answer.
const PROPOSALS_MAX: usize = 16;
/// LIMIT: keys given up in one answer; as many as a case can have.
const WITHDRAW_MAX: usize = 64;
/// LIMIT: evidence of one proposal.
const EVIDENCE_MAX: usize = 16;
/// LIMIT: members of one bundle.
const BUNDLE_MAX: usize = 16;
/// LIMIT: one minute to thirty days, in seconds.
const LEASE_S: std::ops::RangeInclusive<u32> = 60..=2_592_000;

/// Parses the answer of `manifest`'s plugin about `subject`.
pub(in crate::plugin) fn plan(
    manifest: &Manifest,
    subject: &Subject,
    answer: types::Plan,
) -> Result<Plan, Failure> {
    counted("plan", "proposals", answer.propose.len(), PROPOSALS_MAX)?;
    counted(
        "plan",
        "keys to withdraw",
        answer.withdraw.len(),
        WITHDRAW_MAX,
    )?;
    bounded("plan", "note", &answer.note, 0, 512)?;
    let proposed: Vec<(&str, Option<&str>)> = answer
        .propose
        .iter()
        .map(|it| (it.key.as_str(), it.bundle.as_deref()))
        .collect();
    keys(&proposed, &answer.withdraw)?;
    let mut propose = Vec::new();
    for it in answer.propose {
        propose.push(proposal(manifest, subject, it)?);
    }
    Ok(Plan {
        propose,
        withdraw: answer.withdraw.into_iter().map(Key::new).collect(),
        note: answer.note,
    })
}

/// R002, R003 and R012: keys are well-formed, distinct, and not given up while proposed.
fn keys(proposed: &[(&str, Option<&str>)], withdrawn: &[String]) -> Result<(), Failure> {
    let mut seen = BTreeSet::new();
    for (index, (key, bundle)) in proposed.iter().enumerate() {
        for (what, text) in [("key", Some(*key)), ("bundle", *bundle)] {
            if text.is_some_and(|it| !is_key(it)) {
                let text = text.unwrap_or_default();
                return Err(refused(
                    2,
                    format!("proposal {index}: {what} {text} is not 1-64 bytes of a-z 0-9 - . _ :"),
                ));
            }
        }
        if !seen.insert(*key) {
            return Err(refused(3, format!("proposal {index}: key {key} twice")));
        }
        let members = proposed
            .iter()
            .filter(|it| it.1.is_some() && it.1 == *bundle);
        let members = members.count();
        if members > BUNDLE_MAX {
            let bundle = bundle.unwrap_or_default();
            return Err(refused(
                12,
                format!("bundle {bundle}: has {members} members, the limit is {BUNDLE_MAX}"),
            ));
        }
    }
    let mut given_up = BTreeSet::new();
    for key in withdrawn {
        if !is_key(key) {
            return Err(refused(
                2,
                format!("withdraw: key {key} is not 1-64 bytes of a-z 0-9 - . _ :"),
            ));
        }
        if !given_up.insert(key.as_str()) {
            return Err(refused(3, format!("withdraw: key {key} twice")));
        }
        if let Some((index, (_, bundle))) =
            proposed.iter().enumerate().find(|(_, (it, _))| *it == key)
        {
            return Err(match bundle {
                Some(bundle) => refused(
                    12,
                    format!("bundle {bundle}: {key} is proposed and withdrawn"),
                ),
                None => refused(
                    3,
                    format!("proposal {index}: key {key} is proposed and withdrawn"),
                ),
            });
        }
    }
    Ok(())
}

fn proposal(
    manifest: &Manifest,
    subject: &Subject,
    it: types::Proposal,
) -> Result<Proposal, Failure> {
    let whose = format!("proposal {}", it.key);
    bounded(&whose, "rationale", &it.rationale, 1, 1024)?;
    counted(
        &whose,
        "pieces of evidence",
        it.evidence.len(),
        EVIDENCE_MAX,
    )?;
    for evidence in &it.evidence {
        bounded(&whose, "evidence", &evidence.finding, 0, 512)?;
        bounded(&whose, "source of evidence", &evidence.source, 1, 128)?;
    }
    let target = inward::target(it.target);
    let kind = target.kind();
    let action = Verb::parse(&it.action).filter(|action| manifest.proposes(*action, kind));
    let Some(action) = action else {
        return Err(refused(
            4,
            format!(
                "{whose}: {} on {kind} is not in the manifest of {}",
                it.action, manifest.id
            ),
        ));
    };
    let row = action.row();
    let arguments = inward::attributes(it.arguments);
    argument_rules(&whose, row, &arguments)?;
    lease(&whose, row, it.lease)?;
    let target = canonical(target)
        .and_then(|target| says_enough(&target).map(|()| target))
        .map_err(|why| refused(7, format!("{whose}: {why}")))?;
    if row.in_case {
        occurs(&target, &subject.detection).map_err(|why| refused(8, format!("{whose}: {why}")))?;
    }
    // Room to grow: this version knows no attribute of a proposal.
    if let Some(unknown) = it.attributes.first() {
        return Err(refused(
            9,
            format!("{whose}: unknown attribute {}", unknown.name),
        ));
    }
    let evidence = it.evidence.into_iter().map(|it| Evidence {
        source: it.source,
        finding: it.finding,
    });
    Ok(Proposal {
        key: Key::new(it.key),
        bundle: it.bundle.map(Key::new),
        action,
        target,
        arguments,
        rationale: it.rationale,
        evidence: evidence.collect(),
        lease_s: it.lease,
    })
}

/// R005: arguments fit the verb's row.
fn argument_rules(whose: &str, row: &ActionRow, arguments: &[Attribute]) -> Result<(), Failure> {
    if let Some(why) = misfit_attributes(arguments) {
        return Err(refused(2, format!("{whose}: {why}")));
    }
    let mut seen = BTreeSet::new();
    for it in arguments {
        let Some((_, words)) = row.arguments.iter().find(|(name, _)| *name == it.name) else {
            let known: Vec<&str> = row.arguments.iter().map(|(name, _)| *name).collect();
            let known = if known.is_empty() {
                "none".to_owned()
            } else {
                known.join(", ")
            };
            return Err(refused(
                5,
                format!(
                    "{whose}: {} has no argument {}; it has: {known}",
                    row.verb, it.name
                ),
            ));
        };
        if !seen.insert(it.name.as_str()) {
            return Err(refused(5, format!("{whose}: argument {} twice", it.name)));
        }
        if !words.is_empty() && !words.contains(&it.value.as_str()) {
            return Err(refused(
                5,
                format!(
                    "{whose}: argument {} is {:?}, it must be one of: {}",
                    it.name,
                    it.value,
                    words.join(", ")
                ),
            ));
        }
    }
    Ok(())
}

/// R006.
fn lease(whose: &str, row: &ActionRow, lease: Option<u32>) -> Result<(), Failure> {
    let Some(seconds) = lease else { return Ok(()) };
    if !row.lease {
        return Err(refused(6, format!("{whose}: {} has no lease", row.verb)));
    }
    if !LEASE_S.contains(&seconds) {
        return Err(refused(
            6,
            format!("{whose}: lease {seconds} is not within 60-2592000"),
        ));
    }
    Ok(())
}
