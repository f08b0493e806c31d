//! Processes: suspended, resumed, stopped, started again, and killed again by the policy.
//!
//! The policy is why a repair is a bundle: under *Protect* a program that the EDR rates malicious
//! and that nobody allowed is killed the moment it starts, and its file is taken again.

use super::{
    Change, Device, File, FileState, How, Mode, Process, ProcessState, Rating, Reading, Refusal,
    Select, Wanted, World, allowances,
};
use serde_json::json;

/// Who the range says ended a process that nobody asked it to end.
const POLICY: &str = "policy";

/// What the selected processes are, as one word.
pub fn read(device: &Device, select: &Select, how: How) -> Result<Reading, Refusal> {
    let found: Vec<&Process> = device
        .processes
        .iter()
        .filter(|process| selects(process, select, how))
        .collect();
    if found.is_empty() {
        return Err(missing(device, select));
    }
    let live: Vec<&&Process> = found
        .iter()
        .filter(|process| process.state != ProcessState::Stopped)
        .collect();
    let state = match live.first() {
        None => "stopped",
        Some(first) if live.iter().all(|it| it.state == first.state) => first.state.as_str(),
        Some(_) => "mixed",
    };
    let shown = found.last().map(|it| (it.pid, it.started, &it.stopped_by));
    let (pid, started, stopped_by) = shown.unwrap_or((0, 0, &None));
    Ok(Reading::new(
        state,
        json!({ "count": found.len(), "pid": pid, "started": started, "stopped_by": stopped_by }),
    ))
}

/// Sets them; a start makes a new execution.
pub fn set(
    world: &mut World,
    device: &str,
    select: &Select,
    how: How,
    wanted: &Wanted,
    now_ms: u64,
) -> Result<Change, Refusal> {
    match how {
        How::Start => {
            wanted.one_of(&["running"])?;
            start(world, device, select, wanted, now_ms)
        }
        How::Same => change(world.device_mut(device)?, select, wanted),
    }
}

/// Suspends, resumes or stops every selected process that still exists.
fn change(device: &mut Device, select: &Select, wanted: &Wanted) -> Result<Change, Refusal> {
    wanted.one_of(&["suspended", "running", "stopped"])?;
    let before = read(device, select, How::Same)?.state;
    let target = match wanted.state.as_str() {
        "suspended" => ProcessState::Suspended,
        "running" => ProcessState::Running,
        _ => ProcessState::Stopped,
    };
    if before == "stopped" && target != ProcessState::Stopped {
        return Err(Refusal::Wrong(format!(
            "it has ended; it cannot be {} any more",
            wanted.state
        )));
    }
    let mut count = 0;
    for process in &mut device.processes {
        if process.state != ProcessState::Stopped
            && process.state != target
            && selects(process, select, How::Same)
        {
            process.state = target;
            count += 1;
        }
    }
    Ok(Change {
        before,
        after: read(device, select, How::Same)?,
        changed: count > 0,
        detail: format!("now {}: {count}", wanted.state),
    })
}

/// Starts what was stopped, in its place, and lets the policy look at it.
fn start(
    world: &mut World,
    device_id: &str,
    select: &Select,
    wanted: &Wanted,
    now_ms: u64,
) -> Result<Change, Refusal> {
    let device = world.device(device_id)?;
    let before = read(device, select, How::Start).map_or("none".to_owned(), |it| it.state);
    if matches!(before.as_str(), "running" | "suspended" | "mixed") {
        return Ok(Change {
            before,
            after: read(device, select, How::Start)?,
            changed: false,
            detail: "it runs already".into(),
        });
    }
    let process = instance(device, select, wanted, now_ms)?;
    let file = file_of(device, &process.path);
    if let Some(file) = file.filter(|file| file.state != FileState::Present) {
        return Err(Refusal::Wrong(format!(
            "{} is {}; give it back first",
            file.path,
            file.state.as_str()
        )));
    }
    let killed = kills(world, device, &process);
    let device = world.device_mut(device_id)?;
    let (pid, path) = (process.pid, process.path.clone());
    device.processes.push(process);
    if killed {
        kill_again(device, pid, &path);
    }
    let detail = if killed {
        format!("started as {pid} and killed at once by policy protect")
    } else {
        format!("started as {pid}")
    };
    // What is selected now includes the new execution, except where it was named by its path.
    let after = device.processes.last().map(|it| {
        Reading::new(
            it.state.as_str(),
            json!({ "pid": it.pid, "started": it.started, "stopped_by": it.stopped_by }),
        )
    });
    Ok(Change {
        before,
        after: after.unwrap_or_else(|| Reading::new("none", json!({}))),
        changed: true,
        detail,
    })
}

/// The execution to be: like the last one selected, else made from the image that was named.
fn instance(
    device: &Device,
    select: &Select,
    wanted: &Wanted,
    now_ms: u64,
) -> Result<Process, Refusal> {
    let last = device
        .processes
        .iter()
        .rev()
        .find(|process| selects(process, select, How::Start));
    let pid = device.processes.iter().map(|it| it.pid).max().unwrap_or(0) + 4;
    let mut process = match (last, wanted.path.as_ref().or(select.path.as_ref())) {
        (Some(last), _) => Process {
            instead_of: Some(last.instead_of.unwrap_or_else(|| last.identity())),
            ..last.clone()
        },
        (None, Some(path)) => made_from(device, path, select),
        (None, None) => return Err(missing(device, select)),
    };
    if let Some(path) = &wanted.path {
        process.path.clone_from(path);
    }
    if let Some(cmd_line) = &wanted.cmd_line {
        process.cmd_line.clone_from(cmd_line);
    }
    process.pid = pid;
    process.started = now_ms;
    process.state = ProcessState::Running;
    process.stopped_by = None;
    Ok(process)
}

/// A process of an image that has not been seen running.
fn made_from(device: &Device, path: &str, select: &Select) -> Process {
    let file = file_of(device, path);
    Process {
        name: file_name(path).to_owned(),
        path: path.to_owned(),
        cmd_line: path.to_owned(),
        sha256: file
            .and_then(|it| it.sha256.clone())
            .or_else(|| select.sha256.clone()),
        signer: file.and_then(|it| it.signer.clone()),
        reference: select.reference.clone(),
        instead_of: select
            .pid
            .zip(select.started)
            .map(|(pid, started)| super::Identity { pid, started }),
        ..Process::default()
    }
}

/// Whether the EDR's policy ends it at once.
fn kills(world: &World, device: &Device, process: &Process) -> bool {
    device.mode == Mode::Protect
        && world.rating(process.sha256.as_deref()) == Rating::Malicious
        && !allowances::let_through(world, device, process)
}

/// What the policy does: it ends the process and takes the file.
fn kill_again(device: &mut Device, pid: u32, path: &str) {
    if let Some(process) = device.processes.iter_mut().find(|it| it.pid == pid) {
        process.state = ProcessState::Stopped;
        process.stopped_by = Some(POLICY.into());
    }
    if let Some(file) = device.files.iter_mut().find(|it| it.path == path) {
        file.state = FileState::Quarantined;
    }
}

/// Whether this execution is meant: by pid with its start where both are given, else by hash or
/// reference. A hash that is given and differs always says no.
fn selects(process: &Process, select: &Select, how: How) -> bool {
    let differs = |known: &Option<String>, given: &Option<String>| {
        known
            .as_deref()
            .zip(given.as_deref())
            .is_some_and(|(a, b)| !a.eq_ignore_ascii_case(b))
    };
    if differs(&process.sha256, &select.sha256) {
        return false;
    }
    if let (Some(pid), Some(started)) = (select.pid, select.started) {
        let named = super::Identity { pid, started };
        return process.identity() == named
            || (how == How::Start && process.instead_of == Some(named));
    }
    let same = |known: &Option<String>, given: &Option<String>| {
        known
            .as_deref()
            .zip(given.as_deref())
            .is_some_and(|(a, b)| a.eq_ignore_ascii_case(b))
    };
    same(&process.sha256, &select.sha256) || same(&process.reference, &select.reference)
}

fn missing(device: &Device, select: &Select) -> Refusal {
    let by = select
        .pid
        .map(|pid| format!("pid {pid}"))
        .or_else(|| select.sha256.clone())
        .or_else(|| select.reference.clone())
        .unwrap_or_default();
    Refusal::Missing(format!("no process {by} on {}", device.id))
}

fn file_of<'a>(device: &'a Device, path: &str) -> Option<&'a File> {
    device.files.iter().find(|file| file.path == path)
}

/// The last part of a path, of either kind of system.
pub(crate) fn file_name(path: &str) -> &str {
    path.rsplit(['\\', '/']).next().unwrap_or(path)
}
