//! Files: quarantined, given back, deleted.
//!
//! A file is named by its path and by what it is (hash or the EDR's reference): a path alone
//! could name another file by the time the request arrives.

use super::{Change, Device, File, FileState, Reading, Refusal, Select, Wanted};
use serde_json::json;

/// Where the file is.
pub fn read(device: &Device, select: &Select) -> Result<Reading, Refusal> {
    let file = device
        .files
        .iter()
        .find(|file| selects(file, select))
        .ok_or_else(|| missing(device, select))?;
    Ok(reading(file))
}

/// Moves it.
pub fn set(device: &mut Device, select: &Select, wanted: &Wanted) -> Result<Change, Refusal> {
    wanted.one_of(&["quarantined", "present", "deleted"])?;
    let gone = missing(device, select);
    let file = device
        .files
        .iter_mut()
        .find(|file| selects(file, select))
        .ok_or(gone)?;
    let before = file.state;
    let target = match wanted.state.as_str() {
        "quarantined" => FileState::Quarantined,
        "present" => FileState::Present,
        _ => FileState::Deleted,
    };
    if before == FileState::Deleted && target != FileState::Deleted {
        return Err(Refusal::Wrong(format!("{} was deleted", file.path)));
    }
    file.state = target;
    Ok(Change {
        before: before.as_str().into(),
        after: reading(file),
        changed: before != target,
        detail: format!("{} is {}", file.path, target.as_str()),
    })
}

fn reading(file: &File) -> Reading {
    Reading::new(
        file.state.as_str(),
        json!({ "path": file.path, "sha256": file.sha256, "reference": file.reference }),
    )
}

/// The path, and of hash and reference at least one; a hash that differs says no.
fn selects(file: &File, select: &Select) -> bool {
    let both = |known: &Option<String>, given: &Option<String>| {
        let pair = known.as_deref().zip(given.as_deref());
        pair.map(|(a, b)| a.eq_ignore_ascii_case(b))
    };
    let hash = both(&file.sha256, &select.sha256);
    let reference = both(&file.reference, &select.reference);
    select.path.as_deref() == Some(file.path.as_str())
        && hash != Some(false)
        && (hash == Some(true) || reference == Some(true))
}

fn missing(device: &Device, select: &Select) -> Refusal {
    let path = select.path.as_deref().unwrap_or_default();
    Refusal::Missing(format!(
        "no file {path} with this hash or reference on {}",
        device.id
    ))
}
