//! Containment and services of a device: two states each.

use super::{Change, Containment, Device, Reading, Refusal, ServiceState, Wanted};
use serde_json::json;

/// Cuts a device off, or lets it back.
pub fn contain(device: &mut Device, wanted: &Wanted) -> Result<Change, Refusal> {
    wanted.one_of(&["on", "off"])?;
    let before = device.containment;
    device.containment = match wanted.state.as_str() {
        "on" => Containment::On,
        _ => Containment::Off,
    };
    Ok(Change {
        before: before.as_str().into(),
        after: Reading::new(device.containment.as_str(), json!({ "name": device.name })),
        changed: before != device.containment,
        detail: format!("containment is {}", device.containment.as_str()),
    })
}

/// What a service is.
pub fn read(device: &Device, name: &str) -> Result<Reading, Refusal> {
    let service = device.services.iter().find(|it| it.name == name);
    let service = service.ok_or_else(|| missing(device, name))?;
    Ok(Reading::new(
        service.state.as_str(),
        json!({ "name": name }),
    ))
}

/// Stops or starts it.
pub fn set(device: &mut Device, name: &str, wanted: &Wanted) -> Result<Change, Refusal> {
    wanted.one_of(&["running", "stopped"])?;
    let gone = missing(device, name);
    let service = device.services.iter_mut().find(|it| it.name == name);
    let service = service.ok_or(gone)?;
    let before = service.state;
    service.state = match wanted.state.as_str() {
        "running" => ServiceState::Running,
        _ => ServiceState::Stopped,
    };
    Ok(Change {
        before: before.as_str().into(),
        after: Reading::new(service.state.as_str(), json!({ "name": name })),
        changed: before != service.state,
        detail: format!("service {name} is {}", service.state.as_str()),
    })
}

fn missing(device: &Device, name: &str) -> Refusal {
    Refusal::Missing(format!("no service {name} on {}", device.id))
}
