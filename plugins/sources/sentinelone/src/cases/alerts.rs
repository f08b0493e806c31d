//! Custom-rule alerts in both spellings, and unified alerts.
use super::*;

fn rule_alert() -> Value {
    json!({
        "agentDetectionInfo": {"name": "ws-17", "uuid": "aa17", "machineType": "laptop", "osName": "Windows 11", "version": "23.4", "siteId": "15"},
        "agentRealtimeInfo": {"id": AGENT, "name": "ws-17"},
        "alertInfo": {
            "alertId": "2100000000000000001", "analystVerdict": "Undefined", "createdAt": "2026-03-11T18:44:18Z",
            "srcIp": "10.20.0.17", "srcPort": "50111", "dstIp": "198.51.100.7", "dstPort": "443", "netEventDirection": "OUTGOING",
            "dnsRequest": "Drop.Example.NET", "loginsUserName": null,
            "tiIndicatorType": "URL", "tiIndicatorValue": "https://drop.example.net/a"
        },
        "ruleInfo": {"id": "31", "name": "Encoded shell", "description": "d", "severity": "High", "treatAsThreat": "Suspicious"},
        "sourceProcessInfo": {
            "name": "powershell.exe", "pid": "4711", "pidStarttime": "2026-03-11T18:44:10Z", "uniqueId": "P1",
            "commandline": "powershell -enc AAAA", "filePath": "C:\\Windows\\powershell.exe", "user": "NW\\jo",
            "fileHashSha256": "C".repeat(64), "fileHashSha1": SHA1, "fileHashMd5": null, "fileSignerIdentity": "MICROSOFT WINDOWS"
        },
        "sourceParentProcessInfo": {"name": "winword.exe", "pid": "4000", "fileHashSha256": "d".repeat(64)},
        "targetProcessInfo": {"tgtFilePath": "C:\\Users\\jo\\a.dll", "tgtFileHashSha256": "e".repeat(64), "tgtProcPid": "0"}
    })
}

fn announced() -> Value {
    let mut it = activity(
        3608,
        None,
        json!({
            "alertId": 2100000000000000001u64, "ruleid": 31, "ruleId": 31, "rulename": "Encoded shell", "ruledescription": "d",
            "severity": "E_HIGH", "treatasthreat": "E_SUSPICIOUS", "origagentname": "ws-17", "origagentuuid": "aa17",
            "sourceprocessname": "powershell.exe", "sourceprocesspid": 4711, "sourceprocessstarttime": 1773254650000u64,
            "sourceprocesskey": "P1", "sourceprocesscommandline": "powershell -enc AAAA",
            "sourceprocessfilepath": "C:\\Windows\\powershell.exe", "sourceprocessusername": "NW\\jo",
            "sourceprocesssha256": "c".repeat(64), "sourceprocesssha1": SHA1, "sourceprocessfilesingeridentity": "MICROSOFT WINDOWS",
            "sourceparentprocessname": "winword.exe", "sourceparentprocesspid": 4000, "sourceparentprocesssha256": "d".repeat(64),
            "srcip": "10.20.0.17", "srcport": "50111", "dstip": "198.51.100.7", "dstport": "443", "neteventdirection": "OUTGOING",
            "dnsrequest": "Drop.Example.NET", "tiindicatortype": "URL", "tiindicatorvalue": "https://drop.example.net/a",
            "tgtfilepath": "C:\\Users\\jo\\a.dll", "tgtfilehashsha256": "e".repeat(64), "tgtprocpid": "0"
        }),
    );
    it["createdAt"] = json!("2026-03-11T18:44:18Z");
    it
}

fn of_kind(it: &Detection, wanted: fn(&Target) -> bool) -> Vec<(&str, &Target)> {
    let found = it.entities.iter().filter(|it| wanted(&it.target));
    found.map(|it| (it.role.as_str(), &it.target)).collect()
}

#[test]
fn a_rule_alert_is_the_same_case_and_the_same_targets_from_both_feeds() {
    let (alert, activity) = (one(&rule_alert()), one(&announced()));
    assert_eq!(
        (&alert.id, alert.severity),
        (&activity.id, activity.severity)
    );
    let targets = |it: &Detection| {
        it.entities
            .iter()
            .map(|it| (it.role.clone(), it.target.clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(targets(&alert), targets(&activity));
    assert_eq!(
        alert.text("finding_info.analytic.name"),
        Some("Encoded shell")
    );
}

#[test]
fn a_rule_is_about_what_a_process_does_and_its_image_is_only_named() {
    let it = one(&rule_alert());
    let processes = of_kind(&it, |it| matches!(it, Target::Process(_)));
    let (role, Target::Process(process)) = &processes[0] else {
        panic!()
    };
    assert_eq!(*role, "actor");
    assert_eq!(
        (process.pid, process.started, process.id.as_deref()),
        (Some(4711), Some(1_773_254_650_000), Some("P1"))
    );
    assert_eq!(
        process.sha256.as_deref(),
        Some("c".repeat(64).as_str()),
        "in lower case"
    );
    let files = of_kind(&it, |it| matches!(it, Target::File(_)));
    assert_eq!(
        files.iter().map(|it| it.0).collect::<Vec<_>>(),
        ["related", "observed"]
    );
}

#[test]
fn the_devices_own_end_of_a_connection_is_not_up_for_blocking() {
    let it = one(&rule_alert());
    let ends = of_kind(&it, |it| matches!(it, Target::Address(_)));
    assert_eq!(
        ends,
        [
            ("related", &Target::Address("10.20.0.17".into())),
            ("observed", &Target::Address("198.51.100.7".into())),
        ]
    );
    assert_eq!(
        of_kind(&it, |it| matches!(it, Target::Domain(_)))[0].1,
        &Target::Domain("drop.example.net".into())
    );
}

#[test]
fn placeholders_select_nothing() {
    let mut record = rule_alert();
    record["alertInfo"]["dstIp"] = json!("0.0.0.0");
    record["alertInfo"]["srcIp"] = json!("string");
    record["alertInfo"]["dnsRequest"] = json!("string");
    record["alertInfo"]["tiIndicatorValue"] = json!("https://user:pass@drop.example.net/");
    let it = one(&record);
    assert!(
        of_kind(&it, |it| matches!(
            it,
            Target::Address(_) | Target::Domain(_) | Target::Url(_)
        ))
        .is_empty()
    );
    let shown = of_kind(&it, |it| matches!(it, Target::Other(_)));
    assert!(matches!(shown[0].1, Target::Other(it) if it.kind == "unspecified-address"));
}

fn unified() -> Value {
    json!({
        "id": "0198-aa", "name": "planner.exe detected as Malware", "description": "text", "severity": "MEDIUM", "status": "NEW",
        "result": "MITIGATED", "analystVerdict": "UNDEFINED", "confidenceLevel": "MALICIOUS", "classification": "MALWARE",
        "attackSurfaces": ["ENDPOINT"], "detectionSource": {"product": "EDR", "vendor": "SentinelOne"},
        "detectedAt": "2026-03-11T18:44:16.158Z", "createdAt": "2026-03-11T18:44:17Z", "externalId": THREAT,
        "fileName": "N/A", "fileHash": "N/A",
        "process": {"cmdLine": "planner.exe /nightly", "parentName": "services.exe",
            "file": {"path": PATH, "sha1": SHA1, "sha256": "F".repeat(64), "md5": null}},
        "asset": {"id": "a-1", "name": "srv-plan-01", "agentUuid": "0f0e", "category": "Server", "osType": "WINDOWS", "policy": null},
        "detectionTime": {"asset": {"policy": "PROTECT", "ipV4": "10.20.0.7", "ipV6": ":::nonsense", "domain": "NW"},
            "scope": {"accountId": "17", "accountName": "Northwind"}},
        "realTime": {"scope": {"account": {"id": "17", "name": "Northwind"}, "site": {"id": "15", "name": "HQ"}}}
    })
}

#[test]
fn a_unified_alert_of_the_agent_rates_its_file() {
    let it = one(&unified());
    assert_eq!(
        (it.id.as_str(), it.severity, it.rating),
        ("0198-aa", Severity::Medium, Rating::Malicious)
    );
    assert_eq!(file(&it).sha256.as_deref(), Some("f".repeat(64).as_str()));
    assert_eq!(file(&it).reference.as_deref(), Some("0198-aa"));
    assert_eq!(taken(&it), [("mitigate", "done", "unknown")]);
    assert_eq!(
        (it.mode_at_detection(), it.mode_now()),
        (Mode::Protect, Mode::Unknown)
    );
    assert_eq!(it.text("finding_info.uid_alt"), Some(THREAT));
    assert_eq!(it.affected_device().unwrap().id, "0f0e");
}

#[test]
fn graphql_envelopes_are_opened() {
    let alone = one(&unified());
    assert_eq!(
        one(&json!({"data": {"alerts": {"edges": [{"node": unified()}]}}})),
        alone
    );
    assert_eq!(one(&json!({"data": {"alert": unified()}})), alone);
}

#[test]
fn the_asset_of_an_identity_alert_is_a_user_and_no_device() {
    let raw = json!({
        "class_uid": 99, "time": "1773254656158", "severity_id": 3,
        "resources": [{"uid": "u-1", "name": "jo", "type": "identity::users_and_groups::ad_user",
            "s1_metadata": {"account_id": "17", "account_name": "Northwind"}}],
        "evidences": [{"actor": {"user": {"uid": "u-1", "name": "jo", "domain": "nw.example"}}}]
    });
    let mut record = unified();
    record["detectionSource"]["product"] = json!("Identity");
    record["asset"] = json!({"name": "jo", "category": "Identity", "agentUuid": null, "subcategory": "Users and Groups"});
    for raw in [raw.clone(), json!(raw.to_string())] {
        record["rawData"] = raw;
        let it = one(&record);
        assert!(it.affected_device().is_none());
        assert!(it.entities.iter().any(|it| it.role == "actor"
            && matches!(&it.target, Target::Account(a) if a.id == "u-1" && a.domain == "nw.example")));
        assert!(
            it.entities
                .iter()
                .any(|it| matches!(&it.target, Target::Other(o) if o.kind == "ad-user"))
        );
    }
}

#[test]
fn a_program_that_stands_on_no_known_machine_is_seen_and_cannot_be_acted_on() {
    let mut record = unified();
    record["asset"] = json!(null);
    record["detectionTime"] = json!(null);
    let it = one(&record);
    assert!(
        it.entities
            .iter()
            .all(|it| matches!(it.target, Target::Other(_)))
    );
    let process = it
        .entities
        .iter()
        .find(|it| matches!(&it.target, Target::Other(o) if o.kind == "process"));
    assert_eq!(process.unwrap().cmd_line(), Some("planner.exe /nightly"));
}
