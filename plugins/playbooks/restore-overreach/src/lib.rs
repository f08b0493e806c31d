//! What a product took and should not have is given back: allow the software for a time, restore
//! the file, start the process. One bundle for each software, because without the first step the
//! product takes it again, and because a person decides it once.
//!
//! Whether it was an overreach is the host's judgement (`countersign.overreach`), never this
//! playbook's: it only finds what of it still stands, and lets go once somebody gave it back.

use countersign_sdk::playbook::*;

#[cfg(test)]
mod cases;

countersign_sdk::playbook!(evaluate, manifest: "../plugin.json");

fn evaluate(case: &Case) -> Result<Plan> {
    let mut plan = Plan::empty("");
    if case.overreach().is_empty() {
        plan.note = "not an overreach: nothing to give back".into();
        plan.withdraw_held(case);
        return Ok(plan);
    }
    let mut note = "";
    for losses in by_software(&case.detection) {
        let bundle = bundle(case, &losses)?;
        if bundle.iter().any(|it| case.is_underway(&it.key)) {
            // That the file is back is its own doing, and no reason to want another bundle.
        } else if losses.iter().any(|loss| loss.stands) {
            if bundle.iter().all(|it| it.action != "allow-software") {
                note = "; neither SHA-256 nor signer to allow it by: it may be taken again";
            }
            plan.bundle(bundle);
        } else {
            // Somebody gave it back in the product meanwhile.
            let held = |it: &&Proposal| case.state(&it.key) == Some("held");
            let held = bundle.iter().filter(held);
            held.for_each(|it| plan.withdraw(&it.key));
        }
    }
    let (proposed, withdrawn) = (plan.propose.len(), plan.withdraw.len());
    plan.note = format!("{proposed} proposed, {withdrawn} withdrawn{note}");
    Ok(plan)
}

/// One thing that the product took by itself.
struct Loss<'a> {
    taken: &'a Taken,
    stands: bool,
    /// What it is a part of.
    software: Software,
}

/// What the product took by itself, sorted by the software it belongs to, files first. A thing
/// that it took twice is lost once, and stands if the later one does.
fn by_software(detection: &Detection) -> Vec<Vec<Loss<'_>>> {
    let mut all: Vec<Vec<Loss<'_>>> = Vec::new();
    for taken in &detection.taken {
        if taken.initiative == "person" || taken.state == "failed" || back(taken).is_none() {
            continue;
        }
        let Some(software) = detection.software_of(&taken.target) else {
            continue;
        };
        let stands = detection.stands_by_policy(taken);
        let part = |it: &&mut Vec<Loss<'_>>| it.iter().any(|it| it.software.is_same(&software));
        match all.iter_mut().find(part) {
            Some(losses) => {
                losses.retain(|it| !it.taken.target.is_same(&taken.target));
                losses.push(Loss {
                    taken,
                    stands,
                    software,
                });
                losses.sort_by_key(|it| it.taken.action != "quarantine-file");
            }
            None => all.push(vec![Loss {
                taken,
                stands,
                software,
            }]),
        }
    }
    all
}

/// The bundle for one software: allow it, then give back what stands, files before processes. If
/// nothing stands any more, all of it, so that its keys are known.
fn bundle(case: &Case, losses: &[Loss<'_>]) -> Result<Vec<Proposal>> {
    let any = losses.iter().any(|loss| loss.stands);
    let wanted = losses.iter().filter(|loss| loss.stands || !any);
    let mut steps: Vec<Proposal> = wanted.filter_map(|loss| back(loss.taken)).collect();
    // From all losses, not from what stands: the bundle keeps its name when one is given back.
    let mut software = losses.iter().map(|loss| &loss.software);
    if let Some(software) = software.find(|it| it.is_actionable()) {
        steps.insert(0, allow(case, software)?);
    }
    Ok(steps)
}

fn allow(case: &Case, software: &Software) -> Result<Proposal> {
    let detection = &case.detection;
    let (then, now) = (detection.mode_at_detection(), detection.mode_now());
    let seen = lookup::sightings_of(software, detection.affected_device());
    let (product, name) = (&detection.product, &software.name);
    let (tenure, released, overreach) = (seen.tenure, seen.released, case.overreach().join(", "));
    let allow = allow_software(software)
        .because(format!(
            "{product} took {name} by itself: allow it, or it is taken again."
        ))
        .evidence("countersign.overreach", overreach)
        .evidence(
            "lookup.sightings",
            format!("{tenure} here, released {released} times"),
        )
        .evidence("countersign.control", format!("mode was {then}, is {now}"))
        .reach(Reach::Device);
    Ok(allow.lease_hours(setting("lease-hours")?).into())
}

/// What gives it back, if this playbook can and the target says enough.
fn back(taken: &Taken) -> Option<Proposal> {
    match (taken.action.as_str(), &taken.target) {
        ("quarantine-file", Target::File(file)) if file.is_actionable() => {
            let restore = restore_file(file).because(format!("Give {} back.", file.path));
            Some(restore.evidence("taken", "quarantined").into())
        }
        ("stop-process", Target::Process(process)) if process.is_actionable() => {
            let start = start_process(process).because(format!("Start {} again.", process.name));
            Some(start.evidence("taken", "stopped").into())
        }
        _ => None,
    }
}
