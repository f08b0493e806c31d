//! An OCSF 1.8 Detection Finding (class 2004), as a product that speaks OCSF sends it.

use super::{Alert, Signature, Taken};
use crate::state::{Rating, file_name};
use serde_json::{Value, json};

impl Alert {
    /// The finding, from the range's own product (`countersign/range`).
    pub fn ocsf(&self) -> Value {
        let name = file_name(&self.file.path);
        json!({
            "activity_id": 1,
            "activity_name": "Create",
            "category_uid": 2,
            "category_name": "Findings",
            "class_uid": 2004,
            "class_name": "Detection Finding",
            "type_uid": 200_401,
            "time": self.at_ms,
            "severity_id": self.severity_id,
            "status_id": 1,
            "is_alert": true,
            "verdict_id": self.verdict(),
            "action_id": if self.taken == Taken::Nothing { 3 } else { 2 },
            "disposition_id": match self.taken {
                Taken::Nothing => 15,
                Taken::Killed => 2,
                Taken::KilledAndQuarantined => 3,
                Taken::GivenBackSince => 9,
            },
            "message": format!("{name} on {}", self.device.name),
            "metadata": {
                "version": "1.8.0",
                "uid": self.id,
                "product": {
                    "name": "Range", "vendor_name": "Countersign", "version": "0.1.0",
                },
            },
            "finding_info": self.finding(name),
            "device": self.device(),
            "evidences": [self.evidence(name)],
            "malware": self.malware(),
        })
    }

    /// What makes it a malware finding: what it names is what the product rated, and not merely
    /// what did something that a rule looks for.
    fn malware(&self) -> Vec<Value> {
        if self.classification != "Malware" {
            return Vec::new();
        }
        vec![json!({
            "classification_ids": [0],
            "classifications": [self.classification],
            "name": file_name(&self.file.path),
        })]
    }

    fn finding(&self, name: &str) -> Value {
        let attacks: Vec<Value> = self
            .techniques
            .iter()
            .map(|uid| json!({ "technique": { "uid": uid }, "version": "17.1" }))
            .collect();
        json!({
            "uid": self.id,
            "title": format!("{}: {name}", self.classification),
            "created_time": self.at_ms,
            "modified_time": self.updated_ms,
            "types": [self.classification],
            "analytic": { "name": "Range model", "type_id": 4, "uid": "range-model-1" },
            "attacks": attacks,
        })
    }

    fn device(&self) -> Value {
        let device = &self.device;
        json!({
            "uid": device.id,
            "hostname": device.name,
            "ip": device.ip,
            "type_id": match device.kind.as_str() {
                "server" => 1,
                "desktop" => 2,
                "laptop" => 3,
                _ => 0,
            },
            "os": {
                "name": device.os,
                "type_id": match device.os.as_str() {
                    "windows" => 100,
                    "linux" => 200,
                    _ => 0,
                },
            },
        })
    }

    fn evidence(&self, name: &str) -> Value {
        let file = self.file(name);
        let mut evidence = json!({ "file": file });
        if let (Some(process), Some(evidence)) = (&self.process, evidence.as_object_mut()) {
            let process = json!({
                "pid": process.pid,
                "created_time": process.started,
                "name": process.name,
                "cmd_line": process.cmd_line,
                "file": file,
                "user": { "name": self.user, "type_id": 0 },
            });
            evidence.insert("process".into(), process);
        }
        evidence
    }

    fn file(&self, name: &str) -> Value {
        let file = &self.file;
        let hash = |id: u8, value: &Option<String>| {
            let value = value.as_ref()?;
            Some(json!({ "algorithm_id": id, "value": value }))
        };
        let sha256 = hash(3, &file.sha256).filter(|_| self.names_sha256);
        let hashes: Vec<Value> = sha256.into_iter().chain(hash(2, &file.sha1)).collect();
        let mut shown = json!({
            "name": name,
            "path": file.path,
            "type_id": 1,
            "size": file.size,
            "uid": self.id,
            "hashes": hashes,
        });
        if let (Some(signature), Some(shown)) = (self.signature(), shown.as_object_mut()) {
            shown.insert("signature".into(), signature);
        }
        shown
    }

    fn signature(&self) -> Option<Value> {
        let state_id = match self.signature {
            Signature::None => return None,
            Signature::Valid => 1,
            Signature::Invalid => 9,
        };
        let subject = self.file.signer.as_deref().unwrap_or("unknown");
        Some(json!({
            "algorithm_id": 3,
            "state_id": state_id,
            "certificate": { "subject": subject, "issuer": "CN=Range Code Signing CA" },
        }))
    }

    fn verdict(&self) -> u8 {
        match self.rating {
            Rating::Unknown => 0,
            Rating::Malicious => 2,
            Rating::Suspicious => 4,
            Rating::Benign => 5,
        }
    }
}
