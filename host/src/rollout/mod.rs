//! Which versions of a playbook serve which cases.
//!
//! Until there are staged rollouts, a version has the stage that it was enrolled with: the
//! newest active one acts, and the newest one in shadow is asked beside it and acts never.

use crate::journal::state::PluginRecord;
use crate::model::{PluginId, PluginRef, Stage};

/// The versions of one playbook that are to be asked: at most one that may act, and at most
/// one in shadow.
pub fn serving<'a>(
    plugins: impl Iterator<Item = &'a PluginRecord>,
    id: &PluginId,
) -> Vec<(PluginRef, Stage)> {
    let mut acting: Option<&PluginRecord> = None;
    let mut shadow: Option<&PluginRecord> = None;
    for record in plugins.filter(|it| it.plugin.id == *id && it.kind == "playbook") {
        let slot = if record.stage == Stage::Shadow {
            &mut shadow
        } else {
            &mut acting
        };
        if slot.is_none_or(|known| newer(record, known)) {
            *slot = Some(record);
        }
    }
    acting
        .into_iter()
        .chain(shadow)
        .map(|it| (it.plugin.clone(), it.stage))
        .collect()
}

/// The version of a source or connector that serves: the newest active one.
pub fn active<'a>(
    plugins: impl Iterator<Item = &'a PluginRecord>,
    id: &PluginId,
) -> Option<PluginRef> {
    let active = plugins.filter(|it| it.plugin.id == *id && it.stage == Stage::Active);
    active
        .reduce(|best, it| if newer(it, best) { it } else { best })
        .map(|it| it.plugin.clone())
}

/// Enrolled later; within the same moment the version decides, so that the order is total.
fn newer(a: &PluginRecord, b: &PluginRecord) -> bool {
    (a.enrolled, &a.plugin.version) > (b.enrolled, &b.plugin.version)
}
