//! What there is in the range, and the alerts that a product sends about it.
//!
//! The automation software is the same program everywhere: signed, in use for months, and since
//! this morning called malicious by the product's model.

use crate::Stop;
use crate::tell::now_ms;
use range::alerts::{Alert, Taken};
use range::state::{Device, File, FileState, Mode, Process, ProcessState, Rating, World};
use serde_json::Value;

/// The server of the incident: nobody tagged it.
pub const SERVER: &str = "1880000000000000071";
/// The server of the other customer.
pub const SERVER_GLOBEX: &str = "1880000000000000072";
/// The one that nothing may be taken from.
pub const CONTROLLER: &str = "1880000000000000001";
/// The workstations of acme; the first has the malware of its own.
pub const WORKSTATIONS: std::ops::RangeInclusive<u64> = 1..=44;
/// A machine in the lab.
pub const BENCH: &str = "1880000000000000090";

/// The automation software.
pub const AUTOM8: &str = r"C:\Program Files\Autom8\autom8.exe";
/// Who signed it.
pub const AUTOM8_SIGNER: &str = "Autom8 Inc.";
/// What synchronises the directory, on the controller.
pub const SYNC: &str = r"C:\Program Files\DirSync\dirsync.exe";
/// Malware of one workstation, of forty, of the controller, and of the lab.
pub const STEALER: &str = r"C:\Users\j.doe\AppData\Local\Temp\invoice_viewer.exe";
/// Malware of forty workstations.
pub const WORM: &str = r"C:\Users\Public\svchosts.exe";
/// Malware on the controller.
pub const DUMPER: &str = r"C:\Windows\Temp\lsadump.exe";

/// A workstation's id in the product.
pub fn workstation(n: u64) -> String {
    format!("18800000000000010{n:02}")
}
/// Its name.
pub fn workstation_name(n: u64) -> String {
    format!("WS-{n:03}")
}
/// The hash that the range's files have: of their name, so that the same program is the same.
pub fn sha256(name: &str) -> String {
    range::log::digest(&[name.as_bytes()])
}

/// Everything at its beginning: on the two machines whose policy is Protect, the product has
/// already killed and quarantined what it called malicious.
pub fn world() -> World {
    let at = now_ms();
    let mut devices = vec![
        server(SERVER, "SRV-APP-07", "10.20.0.7", Mode::Protect),
        server(SERVER_GLOBEX, "SRV-ERP-02", "10.30.0.2", Mode::Detect),
        server(CONTROLLER, "DC-01", "10.20.0.1", Mode::Detect),
        desktop(BENCH, "BENCH-01", "10.40.0.1"),
    ];
    devices.extend(WORKSTATIONS.map(|n| {
        desktop(
            &workstation(n),
            &workstation_name(n),
            &format!("10.20.1.{n}"),
        )
    }));
    for device in &mut devices {
        match device.id.as_str() {
            SERVER => taken(device, AUTOM8, Some(AUTOM8_SIGNER), at),
            SERVER_GLOBEX => runs(device, AUTOM8, Some(AUTOM8_SIGNER), at),
            CONTROLLER => {
                taken(device, SYNC, None, at);
                runs(device, DUMPER, None, at);
            }
            BENCH => runs(device, STEALER, None, at),
            _ => {
                runs(device, WORM, None, at);
                runs(device, STEALER, None, at);
            }
        }
    }
    let bad = [AUTOM8, SYNC, DUMPER, STEALER, WORM].map(|it| (sha256(it), Rating::Malicious));
    World {
        devices,
        ratings: bad.into_iter().collect(),
        ..World::default()
    }
}

fn server(id: &str, name: &str, ip: &str, mode: Mode) -> Device {
    device(id, name, ip, "server", mode)
}

fn desktop(id: &str, name: &str, ip: &str) -> Device {
    device(id, name, ip, "desktop", Mode::Detect)
}

fn device(id: &str, name: &str, ip: &str, kind: &str, mode: Mode) -> Device {
    let (id, name, ip, kind) = (
        id.to_owned(),
        name.to_owned(),
        ip.to_owned(),
        kind.to_owned(),
    );
    Device {
        id,
        name,
        ip,
        kind,
        mode,
        os: "windows".to_owned(),
        ..Device::default()
    }
}

/// A program that runs.
fn runs(device: &mut Device, path: &str, signer: Option<&str>, at_ms: u64) {
    let n = u32::try_from(device.processes.len()).unwrap_or_default();
    let name = path.rsplit('\\').next().unwrap_or(path).to_owned();
    let (sha256, signer) = (Some(sha256(path)), signer.map(str::to_owned));
    device.processes.push(Process {
        pid: 4100 + 4 * n,
        started: at_ms.saturating_sub(3 * 3_600_000),
        name,
        sha256: sha256.clone(),
        path: path.to_owned(),
        cmd_line: format!("\"{path}\" --service"),
        signer: signer.clone(),
        ..Process::default()
    });
    device.files.push(File {
        path: path.to_owned(),
        sha256,
        signer,
        size: 4_194_304,
        ..File::default()
    });
}

/// A program that the policy took.
fn taken(device: &mut Device, path: &str, signer: Option<&str>, at_ms: u64) {
    runs(device, path, signer, at_ms);
    if let Some(process) = device.processes.last_mut() {
        process.state = ProcessState::Stopped;
        process.stopped_by = Some("policy".to_owned());
    }
    if let Some(file) = device.files.last_mut() {
        file.state = FileState::Quarantined;
    }
}

/// What the product says of a program, a minute ago: a SentinelOne threat object.
///
/// # Errors
/// There is no such program on that device.
pub fn threat(world: &World, device: &str, path: &str, taken: Taken) -> Result<Value, Stop> {
    let mut alert = about(world, device, path)?.taken(taken);
    if taken != Taken::Nothing {
        alert.mode_at_detection = Mode::Protect;
    }
    Ok(alert.sentinelone())
}

/// The same as a critical OCSF Detection Finding, of a product that speaks it.
///
/// # Errors
/// There is no such program on that device.
pub fn critical_finding(world: &World, device: &str, path: &str) -> Result<Value, Stop> {
    let mut alert = about(world, device, path)?;
    alert.severity_id = 5;
    Ok(alert.ocsf())
}

fn about(world: &World, device: &str, path: &str) -> Result<Alert, Stop> {
    let found = Alert::in_world(world, device, path, now_ms().saturating_sub(60_000));
    found.ok_or_else(|| format!("the range has no {path} on {device}"))
}
