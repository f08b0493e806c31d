//! Records in the shapes of the console, made up by us, and what becomes of them. Each goes
//! through `normalize` and the SDK's stand-in for the host, which refuses what the host would.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::expect_used
)]

mod activities;
mod alerts;
mod hostile;
mod recorded;
mod threats;

use countersign_sdk::source::*;
use countersign_sdk::testing::Host;
use serde_json::{Value, json};

const MANIFEST: &str = include_str!("../../plugin.json");
const THREAT: &str = "1900000000000000001";
const AGENT: &str = "1800000000000000001";
const PATH: &str = "\\Device\\HarddiskVolume3\\Apps\\Northwind\\planner.exe";
const SHA1: &str = "0123456789abcdef0123456789abcdef01234567";

fn normalize(payload: &Value) -> Result<Vec<Detection>, Rejection> {
    bytes(payload.to_string().as_bytes())
}

fn bytes(payload: &[u8]) -> Result<Vec<Detection>, Rejection> {
    Host::new(MANIFEST).normalize(crate::normalize, payload, "application/json")
}

fn one(payload: &Value) -> Detection {
    let mut found = normalize(payload).unwrap();
    assert_eq!(found.len(), 1);
    found.pop().unwrap()
}

/// The evening of the incident: a Protect policy killed and quarantined signed software on a
/// server. `mitigations` is the list, newest first, as the console gives it.
fn threat(mode: &str, mitigations: Value) -> Value {
    json!({
        "id": THREAT,
        "agentDetectionInfo": {
            "accountId": "1700000000000000001", "accountName": "Northwind", "agentDomain": "NW",
            "agentIpV4": "10.20.0.7", "agentIpV6": "", "agentMitigationMode": mode,
            "agentOsName": "Windows Server 2022", "agentUuid": "0f0e0d0c0b0a", "agentVersion": "23.4.2.14",
            "externalIp": "203.0.113.9", "groupId": "16", "groupName": "Servers", "siteId": "15", "siteName": "HQ"
        },
        "agentRealtimeInfo": {
            "accountId": "1700000000000000001", "accountName": "Northwind", "agentComputerName": "srv-plan-01",
            "agentId": AGENT, "agentMachineType": "server", "agentMitigationMode": "detect",
            "agentNetworkStatus": "connected", "agentOsType": "windows", "agentUuid": "0f0e0d0c0b0a",
            "networkInterfaces": [{"inet": ["10.20.0.7"], "inet6": ["fe80::20:7"], "physical": "02:00:5e:10:00:07"}]
        },
        "indicators": [{"category": "Persistence", "tactics": [
            {"name": "Persistence", "techniques": [{"name": "T1547.001"}, {"name": "T1053.005"}]}
        ]}],
        "mitigationStatus": mitigations,
        "threatInfo": {
            "threatId": THREAT, "threatName": "planner.exe", "filePath": PATH, "fileSize": 4096,
            "fileExtension": "EXE", "sha1": SHA1, "sha256": null, "md5": null,
            "analystVerdict": "undefined", "classification": "Malware", "confidenceLevel": "malicious",
            "detectionEngines": [{"key": "executables", "title": "Behavioral AI"}], "detectionType": "dynamic",
            "identifiedAt": "2026-03-11T18:44:16.158000Z", "createdAt": "2026-03-11T18:44:17.000000Z",
            "updatedAt": "2026-03-11T18:45:00.000000Z", "initiatedBy": "agent_policy",
            "initiatingUsername": null, "isValidCertificate": true, "publisherName": "NORTHWIND GMBH",
            "maliciousProcessArguments": "\"C:\\Apps\\Northwind\\planner.exe\" /nightly",
            "mitigationStatus": "mitigated", "originatorProcess": "services.exe",
            "processUser": "NW\\svc-plan", "storyline": "AB12", "incidentStatus": "unresolved"
        },
        "whiteningOptions": ["certificate", "path", "hash"]
    })
}

/// One entry of the list.
fn did(action: &str, status: &str, at: &str, success: u64, total: u64) -> Value {
    json!({
        "action": action, "status": status, "mitigationStartedAt": at,
        "actionsCounters": {"failed": total - success, "notFound": 0, "pendingReboot": 0, "success": success, "total": total},
        "latestReport": "/threats/mitigation-report/9"
    })
}

fn activity(number: u64, threat: Option<&str>, data: Value) -> Value {
    json!({
        "id": "2000000000000000001", "activityType": number, "agentId": AGENT, "threatId": threat,
        "accountId": "1700000000000000001", "groupId": "16", "siteId": "15", "userId": null,
        "createdAt": "2026-03-11T18:44:18.331000Z", "updatedAt": "2026-03-11T18:44:18.331000Z",
        "primaryDescription": "something happened", "data": data
    })
}

fn data() -> Value {
    json!({
        "computerName": "srv-plan-01", "fileDisplayName": "planner.exe", "filePath": PATH,
        "fileContentHash": SHA1, "groupName": "Servers", "siteName": "HQ", "accountName": "Northwind"
    })
}

fn taken(detection: &Detection) -> Vec<(&str, &str, &str)> {
    let each = detection.taken.iter();
    each.map(|it| {
        (
            it.action.as_str(),
            it.state.as_str(),
            it.initiative.as_str(),
        )
    })
    .collect()
}

fn file(detection: &Detection) -> &File {
    let mut found = detection.entities.iter().filter_map(|it| match &it.target {
        Target::File(file) => Some(file),
        _ => None,
    });
    found.next().unwrap()
}
