//! Every rule of the manifest with the manifest that breaks it and the words that say so.
#![allow(clippy::unwrap_used)]

use super::*;

const PLAYBOOK: &str = r#"{"manifest":1,"id":"example.contain-malware","version":"1.0.0","publisher":"example",
  "kind":"playbook","contract":"0.1.0","title":"Contain malware",
  "proposes":[{"action":"quarantine-file","targets":["file"]},{"action":"contain-device","targets":["device"]}],
  "lookups":["asset-of"],"limits":{"memory-mib":128},
  "settings":{"type":"object","additionalProperties":false,"properties":{"prevalence-max":{"type":"integer","minimum":0,"default":3}}}}"#;

const CONNECTOR: &str = r#"{"manifest":1,"id":"example.acme-response","version":"1.4.2-rc.1","publisher":"example",
  "kind":"connector","contract":"0.1.0","title":"Acme response","manages":["acme/edr"],
  "performs":[{"action":"contain-device","targets":["device"],"class":"B","effect-delay-max-s":120},
              {"action":"release-device","targets":["device"],"class":"B"}],
  "credentials":[{"name":"api","scheme":"bearer"}],
  "egress":[{"host":"{host}","methods":["GET","POST"],"paths":["/devices"],"credentials":["api"]}],
  "settings":{"type":"object","additionalProperties":false,"required":["host"],"properties":{"host":{"type":"string"}}}}"#;

fn read(text: &str) -> Result<Manifest, Vec<LoadError>> {
    manifest(text.as_bytes())
}

/// The findings after one replacement in a good manifest.
fn broken(good: &str, from: &str, to: &str) -> Vec<String> {
    assert!(good.contains(from), "{from}");
    let errors = read(&good.replacen(from, to, 1)).unwrap_err();
    let lines = errors
        .iter()
        .map(|it| format!("{} {}", it.code, it.message));
    lines.collect()
}

#[test]
fn a_good_manifest_is_read_into_the_words_of_the_model() {
    let playbook = read(PLAYBOOK).unwrap();
    assert!(playbook.proposes(Verb::ContainDevice, TargetKind::Device));
    assert!(!playbook.proposes(Verb::DeleteFile, TargetKind::File));
    assert_eq!(playbook.limits, [("memory-mib".to_owned(), 128)]);
    let connector = read(CONNECTOR).unwrap();
    assert_eq!(
        connector.egress.first().unwrap().host,
        Stated::Setting("host".into())
    );
    assert!(
        connector
            .performs(Verb::ReleaseDevice, TargetKind::Device)
            .is_some()
    );
}

#[test]
fn what_is_not_json_or_says_a_thing_twice_is_refused_with_its_place() {
    let found = broken(PLAYBOOK, "\"manifest\":1", "\"manifest\":1,\"id\":\"a.b\"");
    assert_eq!(found, ["CS-load-11 manifest: key id twice"]);
    let found = read("{\n  nope}").unwrap_err();
    assert!(
        found
            .first()
            .unwrap()
            .message
            .starts_with("manifest: not JSON at line 2 column 3:")
    );
    let long = PLAYBOOK.replace("Contain malware", &"x".repeat(70_000));
    assert_eq!(read(&long).unwrap_err().first().unwrap().code, "CS-load-11");
}

#[test]
fn unknown_keys_name_the_nearest_known_one_and_all_are_reported() {
    let found = broken(
        PLAYBOOK,
        "\"lookups\"",
        "\"lookup\":[],\"egress\":[],\"lookups\"",
    );
    assert_eq!(
        found,
        [
            "CS-load-12 manifest: lookup: no such key; did you mean lookups",
            "CS-load-12 manifest: egress: no such key; known: manifest, id, version, publisher, kind, contract, title, description, license, homepage, settings, limits, proposes, lookups",
        ]
    );
}

#[test]
fn each_rule_has_its_code_and_its_words() {
    let cases: &[(&str, &str, &str, &str)] = &[
        (
            PLAYBOOK,
            "\"publisher\":\"example\"",
            "\"publisher\":\"other\"",
            "CS-load-13 manifest: id example.contain-malware does not begin with its publisher other",
        ),
        (
            PLAYBOOK,
            "0.1.0",
            "0.2.0",
            "CS-load-14 manifest: built for contract 0.2.0; this host serves 0.1.0; upgrade the host",
        ),
        (
            PLAYBOOK,
            "0.1.0",
            "0.0.9",
            "CS-load-14 manifest: built for contract 0.0.9; this host serves 0.1.0",
        ),
        (
            PLAYBOOK,
            "contain-device",
            "contain-devise",
            "CS-load-15 manifest: proposes[1]: no action contain-devise; known: contain-device",
        ),
        (
            PLAYBOOK,
            "[\"device\"]",
            "[\"file\"]",
            "CS-load-15 manifest: proposes[1]: contain-device does not apply to file; it applies to device",
        ),
        (
            PLAYBOOK,
            "\"default\":3",
            "\"default\":-1",
            "CS-load-16 manifest: settings.prevalence-max: default -1 is not 0 or more",
        ),
        (
            CONNECTOR,
            "release-device",
            "collect-evidence",
            "CS-load-17 manifest: performs[0]: contain-device on device without release-device; what a connector takes it must be able to give back",
        ),
        (
            CONNECTOR,
            "\"credentials\":[\"api\"]",
            "\"credentials\":[\"apo\"]",
            "CS-load-18 manifest: egress[0]: no credential apo",
        ),
        (
            PLAYBOOK,
            "\"memory-mib\":128",
            "\"memory-mib\":1024",
            "CS-load-20 manifest: limits.memory-mib: 1024 is above the host's ceiling 512",
        ),
        (
            CONNECTOR,
            "\"manages\":[\"acme/edr\"],",
            "",
            "CS-load-21 manifest: performs[0]: contain-device on device, but manages is empty; name the products whose assets it acts on",
        ),
        (
            CONNECTOR,
            "\"class\":\"B\",\"effect",
            "\"class\":\"A\",\"effect",
            "CS-load-12 manifest: performs[0].key-ttl-s: is missing; class A needs it",
        ),
        (
            CONNECTOR,
            "\"bearer\"",
            "\"hmac-sha256\"",
            "CS-load-12 manifest: credentials[0].header: is missing; this scheme needs it",
        ),
        (
            CONNECTOR,
            "\"{host}\"",
            "\"*.example.com\"",
            "CS-load-12 manifest: egress[0].host: \"*.example.com\" is not a host name with a dot, or a setting in braces",
        ),
        (
            CONNECTOR,
            "\"{host}\"",
            "\"{hots}\"",
            "CS-load-12 manifest: egress[0].host: {hots} is not a setting of type string",
        ),
        (
            CONNECTOR,
            "\"/devices\"",
            "\"/a/../devices\"",
            "CS-load-12 manifest: egress[0].paths[0]: \"/a/../devices\" is not a path that begins with / and is in normal form",
        ),
        (
            PLAYBOOK,
            "\"kind\":\"playbook\"",
            "\"kind\":\"guard\"",
            "CS-load-12 manifest: kind: is not one of source, playbook, connector",
        ),
        (
            PLAYBOOK,
            "\"title\":\"Contain malware\",",
            "",
            "CS-load-12 manifest: title: is missing",
        ),
        (
            PLAYBOOK,
            "\"1.0.0\"",
            "\"1.0\"",
            "CS-load-12 manifest: version: \"1.0\" is not a version such as 1.4.2",
        ),
    ];
    for (good, from, to, expected) in cases {
        let found = broken(good, from, to);
        assert!(
            found.iter().any(|it| it == expected),
            "{expected}\nfound {found:#?}"
        );
    }
}
