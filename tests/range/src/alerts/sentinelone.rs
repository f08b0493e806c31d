//! A SentinelOne threat object, as its API and its syslog export give it.

use super::{Alert, Signature, Taken, number, rfc3339};
use crate::state::{Containment, Device, Rating, file_name};
use serde_json::{Value, json};

impl Alert {
    /// The threat object.
    pub fn sentinelone(&self) -> Value {
        json!({
            "agentDetectionInfo": self.agent_then(),
            "agentRealtimeInfo": self.agent_now(),
            "containerInfo": { "id": null, "image": null, "labels": null, "name": null },
            "id": self.id,
            "indicators": self.indicators(),
            "kubernetesInfo": {
                "cluster": null, "controllerKind": null, "controllerLabels": null,
                "controllerName": null, "namespace": null, "namespaceLabels": null,
                "node": null, "pod": null, "podLabels": null,
            },
            "mitigationStatus": self.mitigations(),
            "threatInfo": self.threat(),
            "whiteningOptions": self.whitening(),
        })
    }

    /// The agent as it was when the threat was found.
    fn agent_then(&self) -> Value {
        let device = &self.device;
        json!({
            "accountId": number("account"),
            "accountName": "Range",
            "agentDetectionState": null,
            "agentDomain": "CORP",
            "agentIpV4": device.ip,
            "agentIpV6": "",
            "agentLastLoggedInUserName": "",
            "agentMitigationMode": self.mode_at_detection.as_str(),
            "agentOsName": os_name(device),
            "agentOsRevision": "20348",
            "agentRegisteredAt": rfc3339(self.at_ms.saturating_sub(300 * 86_400_000)),
            "agentUuid": uuid(device),
            "agentVersion": "23.4.2.14",
            "cloudProviders": {},
            "externalIp": "192.0.2.10",
            "groupId": number(&device.group),
            "groupName": group(device),
            "siteId": number("site"),
            "siteName": "Range site",
        })
    }

    /// The agent as it is.
    fn agent_now(&self) -> Value {
        let device = &self.device;
        json!({
            "accountId": number("account"),
            "accountName": "Range",
            "activeThreats": if self.taken == Taken::Nothing { 1 } else { 0 },
            "agentComputerName": device.name,
            "agentDecommissionedAt": null,
            "agentDomain": "CORP",
            "agentId": device.id,
            "agentInfected": self.taken == Taken::Nothing,
            "agentIsActive": true,
            "agentIsDecommissioned": false,
            "agentMachineType": device.kind,
            "agentMitigationMode": self.mode_now.as_str(),
            "agentNetworkStatus": match device.containment {
                Containment::On => "disconnected",
                Containment::Off => "connected",
            },
            "agentOsName": os_name(device),
            "agentOsRevision": "20348",
            "agentOsType": device.os,
            "agentUuid": uuid(device),
            "agentVersion": "23.4.2.14",
            "groupId": number(&device.group),
            "groupName": group(device),
            "networkInterfaces": [{
                "id": number(&device.ip), "inet": [device.ip], "inet6": [],
                "name": "Ethernet0", "physical": mac(device),
            }],
            "operationalState": "na",
            "rebootRequired": false,
            "scanAbortedAt": null,
            "scanFinishedAt": null,
            "scanStartedAt": null,
            "scanStatus": "none",
            "siteId": number("site"),
            "siteName": "Range site",
            "storageName": null,
            "storageType": null,
            "userActionsNeeded": [],
        })
    }

    /// What was found, and what became of it; one object, in two halves.
    fn threat(&self) -> Value {
        let mut threat = self.found();
        if let (Some(threat), Value::Object(handled)) = (threat.as_object_mut(), self.handled()) {
            threat.extend(handled);
        }
        threat
    }

    fn found(&self) -> Value {
        let (file, name) = (&self.file, file_name(&self.file.path));
        let extension = name
            .rsplit_once('.')
            .map_or(String::new(), |(_, it)| it.to_uppercase());
        let signer = match self.signature {
            Signature::None => "",
            _ => file.signer.as_deref().unwrap_or_default(),
        };
        json!({
            "browserType": null,
            "certificateId": signer,
            "collectionId": number(name),
            "fileExtension": extension,
            "fileExtensionType": "Executable",
            "filePath": file.path,
            "fileSize": file.size,
            "fileVerificationType": match self.signature {
                Signature::None => "NotSigned",
                Signature::Valid => "SignedVerified",
                Signature::Invalid => "SignedInvalid",
            },
            "isFileless": false,
            "isValidCertificate": self.signature == Signature::Valid,
            "maliciousProcessArguments": self.process.as_ref().map(|it| it.cmd_line.as_str()),
            "md5": null,
            "originatorProcess": "services.exe",
            "processUser": self.user,
            "publisherName": signer,
            "sha1": file.sha1,
            "sha256": file.sha256.as_deref().filter(|_| self.names_sha256),
            "storyline": format!("{:016X}", self.at_ms ^ 0x5a5a_0000_0000_0000),
            "threatId": self.id,
            "threatName": name,
        })
    }

    fn handled(&self) -> Value {
        let (status, described) = match self.taken {
            Taken::Nothing => ("not_mitigated", "Not mitigated"),
            _ => ("mitigated", "Mitigated"),
        };
        let (engine, title, kind) = match self.process {
            Some(_) => ("executables", "Behavioral AI", "dynamic"),
            None => ("pre_execution", "On-Write Static AI", "static"),
        };
        json!({
            "analystVerdict": "undefined",
            "analystVerdictDescription": "Undefined",
            "automaticallyResolved": false,
            "classification": self.classification,
            "classificationSource": "Static",
            "cloudFilesHashVerdict": "provider_unknown",
            "confidenceLevel": match self.rating {
                Rating::Malicious => "malicious",
                Rating::Suspicious => "suspicious",
                _ => "n/a",
            },
            "createdAt": rfc3339(self.at_ms + 1_200),
            "detectionEngines": [{ "key": engine, "title": title }],
            "detectionType": kind,
            "engines": [title],
            "externalTicketExists": false,
            "externalTicketId": null,
            "failedActions": false,
            "identifiedAt": rfc3339(self.at_ms),
            "incidentStatus": "unresolved",
            "incidentStatusDescription": "Unresolved",
            "initiatedBy": "agent_policy",
            "initiatedByDescription": "Agent Policy",
            "initiatingUserId": null,
            "initiatingUsername": null,
            "mitigatedPreemptively": false,
            "mitigationStatus": status,
            "mitigationStatusDescription": described,
            "pendingActions": false,
            "reachedEventsLimit": false,
            "rebootRequired": false,
            "updatedAt": rfc3339(self.updated_ms.max(self.at_ms + 1_200)),
        })
    }

    /// What the agent did, latest first, as the product lists it.
    fn mitigations(&self) -> Vec<Value> {
        let killed = entry("kill", self.at_ms + 950, self);
        let taken = entry("quarantine", self.at_ms + 1_700, self);
        match self.taken {
            Taken::Nothing => vec![],
            Taken::Killed => vec![killed],
            Taken::KilledAndQuarantined => vec![taken, killed],
            Taken::GivenBackSince => {
                vec![
                    entry("unquarantine", self.at_ms + 3_000, self),
                    taken,
                    killed,
                ]
            }
        }
    }

    fn indicators(&self) -> Vec<Value> {
        if self.techniques.is_empty() {
            return vec![];
        }
        let techniques: Vec<Value> = self
            .techniques
            .iter()
            .map(|id| {
                let link = format!(
                    "https://attack.mitre.org/techniques/{}/",
                    id.replace('.', "/")
                );
                json!({ "link": link, "name": id })
            })
            .collect();
        vec![json!({
            "category": "General",
            "description": "A behaviour that this range makes up",
            "ids": [1],
            "tactics": [{ "name": "Execution", "source": "MITRE", "techniques": techniques }],
        })]
    }

    fn whitening(&self) -> Vec<&'static str> {
        match self.signature {
            Signature::Valid => vec!["certificate", "path", "hash"],
            _ => vec!["path", "hash"],
        }
    }
}

/// One entry of the list `mitigationStatus`.
fn entry(action: &str, at_ms: u64, alert: &Alert) -> Value {
    json!({
        "action": action,
        "actionsCounters": {
            "failed": 0, "notFound": 0, "pendingReboot": 0, "success": 1, "total": 1,
        },
        "agentSupportsReport": true,
        "groupNotFound": false,
        "lastUpdate": rfc3339(at_ms + 300),
        "latestReport": format!("/threats/mitigation-report/{}", number(&alert.id)),
        "mitigationEndedAt": rfc3339(at_ms + 40),
        "mitigationStartedAt": rfc3339(at_ms),
        "status": "success",
    })
}

fn os_name(device: &Device) -> &'static str {
    match (device.os.as_str(), device.kind.as_str()) {
        ("linux", _) => "Linux",
        (_, "server") => "Windows Server 2022 Standard",
        _ => "Windows 11 Pro",
    }
}

fn group(device: &Device) -> &str {
    if device.group.is_empty() {
        "Default Group"
    } else {
        &device.group
    }
}

/// A locally administered address of its own: two devices with one would be one device.
fn mac(device: &Device) -> String {
    let uuid = uuid(device);
    let bytes: Vec<&str> = (0..5)
        .filter_map(|at| uuid.get(2 * at..2 * at + 2))
        .collect();
    format!("02:{}", bytes.join(":"))
}

fn uuid(device: &Device) -> String {
    let digest = crate::log::digest(&[device.id.as_bytes()]);
    digest.get(..32).unwrap_or_default().to_owned()
}
