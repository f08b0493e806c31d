//! Gives back what a product's policy took from established software: allow it, restore the
//! file, start the process. One bundle, because without the first the product takes it again.
use countersign_sdk::playbook::*;

countersign_sdk::playbook!(evaluate, manifest: "../plugin.json");

fn evaluate(case: &Case) -> Result<Plan> {
    let detection = &case.detection;
    let device = case.affected_device()?;
    let mut plan = Plan::empty("");

    for entity in detection
        .entities
        .iter()
        .filter(|entity| matches!(entity.target, Target::File(_)))
    {
        let (Target::File(file), Some(software)) = (&entity.target, entity.software()) else {
            continue;
        };
        let standing = |action| {
            detection
                .taken
                .iter()
                .filter(move |taken| taken.action == action && taken.stands_by_policy())
        };
        let quarantined = standing("quarantine-file").any(|taken| taken.target == entity.target);
        let stopped = standing("stop-process").find_map(|taken| match &taken.target {
            Target::Process(process)
                if process.device == file.device && process.reference == file.reference =>
            {
                Some(process)
            }
            _ => None,
        });
        if !quarantined && stopped.is_none() {
            continue;
        }
        let seen = lookup::sightings_of(&software, Some(device));
        if matches!(seen.tenure.as_str(), "new" | "unknown") || !software.is_actionable() {
            log(
                Level::Info,
                format!("{} is {} here: left to people", software.name, seen.tenure),
            );
            continue;
        }
        let why = format!(
            "{} is {} on {}; the policy of {} took it.",
            software.name, seen.tenure, device.name, detection.product
        );
        let mut steps = vec![
            allow_software(&software)
                .because(format!("{why} Without this step it is taken again."))
                .evidence(
                    "lookup.sightings",
                    format!("released {} times, denied {}", seen.released, seen.denied),
                )
                .evidence(
                    "detection",
                    format!(
                        "policy mode was {:?}, now {:?}",
                        detection.mode_at_detection(),
                        detection.mode_now()
                    ),
                )
                .reach(Reach::Device)
                .lease_hours(setting("lease-hours")?)
                .into(),
        ];
        if quarantined {
            steps.push(
                restore_file(file)
                    .because(format!("{why} Give the file back."))
                    .evidence("taken", "quarantine-file")
                    .into(),
            );
        }
        if let Some(process) = stopped {
            steps.push(
                start_process(process)
                    .because(format!("{why} Start it again."))
                    .evidence("taken", "stop-process")
                    .into(),
            );
        }
        plan.bundle(steps);
    }
    plan.withdraw_held(case); // somebody gave it back in the product meanwhile
    plan.note = format!(
        "{} proposed, {} withdrawn",
        plan.propose.len(),
        plan.withdraw.len()
    );
    Ok(plan)
}
