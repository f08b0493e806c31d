//! Components that must not load, and what a person reads instead.

use crate::support::*;
use countersign::engine::{LimitKind, Limits};
use countersign::model::Digest;
use countersign::plugin::check_enrolled;

fn findings(bytes: &[u8], limits: Limits) -> Vec<String> {
    let errors = registry(limits).load(bytes).unwrap_err();
    let lines = errors
        .iter()
        .map(|it| format!("{} {}", it.code, it.message));
    lines.collect()
}

fn not_loaded(guest: &str) -> Vec<String> {
    findings(&e2e::guests::component(guest), Limits::default())
}

guest!(imports_too_much, it => {
    assert_eq!(
        not_loaded(&it),
        ["CS-load-32 plugin guests.imports-too-much 1.0.0: imports what a playbook is not given: wasi:http/outgoing@0.2.6 (use countersign:plugin/http), guests:host/shell@1.0.0"]
    );
});

guest!(imports_an_ungranted_look_up, it => {
    assert_eq!(
        not_loaded(&it),
        ["CS-load-35 plugin guests.imports-an-ungranted-look-up 1.0.0: imports lookup.asset-of, which the manifest does not ask for; add it to lookups"]
    );
});

guest!(says_it_twice, it => {
    let expected = "CS-load-11 plugin file: manifest: key proposes twice";
    assert_eq!(not_loaded(&it), [expected]);
});

guest!(claims_another_kind, it => {
    assert!(not_loaded(&it).contains(&"CS-load-31 plugin guests.claims-another-kind 1.0.0: manifest says source for 0.1.0, the component exports countersign:plugin/evaluator@0.1.0".to_owned()));
});

guest!(has_no_manifest, it => {
    assert_eq!(
        not_loaded(&it),
        ["CS-load-10 plugin file: has no countersign:manifest section; add plugin.json and rebuild with: countersign plugin build"]
    );
});

#[test]
fn what_is_no_component_is_refused_by_what_it_is() {
    let cases: [(&[u8], &str); 4] = [
        (
            b"hello",
            "CS-load-04 plugin file: is not a valid component at byte 0: it does not begin as one",
        ),
        (
            b"\0asm\x01\0\0\0",
            "CS-load-02 plugin file: is a core module, not a component; wrap it with: countersign plugin build",
        ),
        (
            b"\x7fELF\x02\x01",
            "CS-load-03 plugin file: is precompiled native code; the host takes wasm only",
        ),
        (
            b"\0asm\x0d\0\x01\0",
            "CS-load-10 plugin file: has no countersign:manifest section; add plugin.json and rebuild with: countersign plugin build",
        ),
    ];
    for (bytes, expected) in cases {
        assert_eq!(findings(bytes, Limits::default()), [expected]);
    }
    let good = e2e::guests::component("remembers");
    let half = good.get(..good.len() / 2).unwrap();
    let found = findings(half, Limits::default());
    assert!(
        found[0].starts_with("CS-load-04 plugin file: is not a valid component at byte "),
        "{found:?}"
    );
    let mut large = good.clone();
    large.resize((1 << 20) + 1, 0);
    let mut limits = Limits::default();
    limits.set(LimitKind::Engine, "plugin_mib", 1).unwrap();
    let engine = countersign::engine::Engine::start(&limits.engine).unwrap();
    let registry = countersign::plugin::Registry::new(engine, limits, None).unwrap();
    let errors = registry.load(&large).unwrap_err();
    assert_eq!(errors[0].code, "CS-load-01");
}

#[test]
fn a_second_manifest_is_found_wherever_it_hides() {
    let mut bytes = e2e::guests::component("remembers");
    let (name, data) = (b"countersign:manifest", b"{}");
    bytes.push(0);
    bytes.push(u8::try_from(1 + name.len() + data.len()).unwrap());
    bytes.push(u8::try_from(name.len()).unwrap());
    bytes.extend_from_slice(name);
    bytes.extend_from_slice(data);
    assert_eq!(
        findings(&bytes, Limits::default()),
        ["CS-load-10 plugin file: has 2 countersign:manifest sections, one is allowed"]
    );
}

#[test]
fn what_does_not_fit_its_limits_at_start_is_not_loaded() {
    let bytes = e2e::guests::component("remembers");
    let small = limits(&[
        (LimitKind::Playbook, "table_elements", 3),
        (LimitKind::Playbook, "memory_mib", 1),
    ]);
    let found = findings(&bytes, small);
    assert!(
        found[0].contains("KiB at start, its limit is 1024 (memory_mib)"),
        "{found:?}"
    );
    assert!(
        found[1].contains("table elements at start, its limit is 3 (table_elements)"),
        "{found:?}"
    );
}

#[test]
fn compiled_plugins_are_kept_and_loaded_again() {
    let dir = tempfile::tempdir().unwrap();
    let bytes = e2e::guests::component("remembers");
    for _ in 0..2 {
        let registry =
            countersign::plugin::Registry::new(engine(), Limits::default(), Some(dir.path()));
        let loaded = registry.unwrap().load(&bytes).unwrap();
        let evaluation = loaded.playbook().unwrap().evaluate(
            &case(),
            std::sync::Arc::new(Known),
            &Default::default(),
        );
        assert_eq!(note(&evaluation), "call 1");
    }
    let kept = std::fs::read_dir(dir.path()).unwrap().count();
    assert_eq!(kept, 2, "the key and one plugin");
}

#[test]
fn a_version_that_nobody_enrolled_or_that_has_other_bytes_is_refused() {
    let loaded = load("remembers");
    let plugin = loaded.plugin();
    assert_eq!(check_enrolled(plugin, Some(&plugin.digest)), Ok(()));
    let error = check_enrolled(plugin, None).unwrap_err();
    assert_eq!(error.code, "CS-load-22");
    let other = Digest::of(b"other");
    let error = check_enrolled(plugin, Some(&other)).unwrap_err();
    assert_eq!(error.code, "CS-load-19");
    assert!(error.message.ends_with("raise the version"));
}
