//! Components in text, each broken in one way, and the finding that says so.
#![allow(clippy::unwrap_used)]

use super::*;

const MANIFEST: &str = r#"{"manifest":1,"id":"example.p","version":"1.0.0","publisher":"example","kind":"playbook","contract":"0.1.0","title":"t","proposes":[{"action":"contain-device","targets":["device"]}]}"#;

/// The findings for a component with a good manifest.
fn findings(inner: &str) -> Vec<String> {
    let manifest = MANIFEST.replace('"', "\\\"");
    let text = format!("(component (@custom \"countersign:manifest\" \"{manifest}\") {inner})");
    let errors = inspect(&wat::parse_str(text).unwrap()).unwrap_err();
    let lines = errors
        .iter()
        .map(|it| format!("{} {}", it.code, it.message));
    lines.collect()
}

/// An instance with one function without arguments, exported under `name`.
fn exports(name: &str, function: &str) -> String {
    format!(
        r#"(core module $m (func (export "f") (result i32) i32.const 0))
        (core instance $i (instantiate $m))
        (func $f (result u32) (canon lift (core func $i "f")))
        (instance $e (export "{function}" (func $f)))
        (export "{name}" (instance $e))"#
    )
}

#[test]
fn what_a_component_exports_is_compared_with_the_contract() {
    let whose = "plugin example.p 1.0.0:";
    assert_eq!(
        findings(""),
        [format!(
            "CS-load-30 {whose} exports no countersign:plugin interface; it exports: nothing"
        )]
    );
    let evaluator = "countersign:plugin/evaluator@0.1.0";
    assert_eq!(
        findings(&exports(evaluator, "evaluate")),
        [format!(
            "CS-load-34 {whose} evaluator.evaluate has another type than contract 0.1.0; regenerate the bindings"
        )]
    );
    assert_eq!(
        findings(&exports(evaluator, "something-else")),
        [format!(
            "CS-load-34 {whose} evaluator.evaluate has another type than contract 0.1.0; regenerate the bindings"
        )]
    );
    assert_eq!(
        findings(&exports("countersign:plugin/reader@0.1.0", "evaluate")),
        [format!(
            "CS-load-31 {whose} manifest says playbook for 0.1.0, the component exports countersign:plugin/reader@0.1.0"
        )]
    );
    let more = exports(evaluator, "evaluate") + r#"(export "debug" (func $f))"#;
    assert_eq!(
        findings(&more),
        [format!(
            "CS-load-36 {whose} exports debug, which the host does not know"
        )]
    );
}

#[test]
fn an_import_of_another_type_is_found_before_linking() {
    let import = r#"(import "countersign:plugin/log@0.1.0" (instance (export "write" (func (param "n" u32)))))
        (import "countersign:plugin/settings@0.1.0" (instance (export "secrets" (func (result string)))))"#;
    let found =
        findings(&(import.to_owned() + &exports("countersign:plugin/evaluator@0.1.0", "evaluate")));
    let first = "CS-load-34 plugin example.p 1.0.0: log.write has another type than contract 0.1.0; regenerate the bindings";
    let second = "CS-load-34 plugin example.p 1.0.0: settings.secrets has another type than contract 0.1.0; regenerate the bindings";
    assert!(found.iter().any(|it| it == first), "{found:#?}");
    assert!(found.iter().any(|it| it == second), "{found:#?}");
}

#[test]
fn features_and_counts_outside_the_contract_are_named() {
    let cases = [
        (
            "(core module (memory i64 1))",
            "CS-load-06 plugin file: uses memory64, which the contract does not offer; build with a 32-bit target",
        ),
        (
            "(core module (memory 1 1 shared))",
            "CS-load-06 plugin file: uses threads, which the contract does not offer; build with a single-threaded target",
        ),
        (
            "(core module (tag))",
            "CS-load-06 plugin file: uses exceptions, which the contract does not offer; build with panics that abort",
        ),
        (
            "(type (future))",
            "CS-load-06 plugin file: uses component-model async, which the contract does not offer; build with synchronous exports and imports",
        ),
        (
            "(core module (memory 1)) (core module (memory 1)) (core module (memory 1))",
            "CS-load-07 plugin file: has 3 memories, the limit is 2",
        ),
    ];
    for (inner, expected) in cases {
        assert_eq!(findings(inner), [expected], "{inner}");
    }
    let modules = findings(&"(core module)".repeat(65));
    assert_eq!(
        modules,
        ["CS-load-05 plugin file: has 65 core modules, the limit is 64"]
    );
    let nested = findings(&("(component ".repeat(9) + &")".repeat(9)));
    assert_eq!(
        nested,
        ["CS-load-05 plugin file: has 9 levels of nesting, the limit is 8"]
    );
}

#[test]
fn a_wasi_of_another_version_or_beyond_the_list_is_refused_with_a_reason() {
    let import = r#"(import "wasi:clocks/wall-clock@0.3.0" (instance))
        (import "wasi:sockets/tcp@0.2.9" (instance))
        (import "wasi:sockets/raw@0.2.9" (instance))
        (import "countersign:plugin/http@0.1.0" (instance))"#;
    let found =
        findings(&(import.to_owned() + &exports("countersign:plugin/evaluator@0.1.0", "evaluate")));
    assert_eq!(
        found,
        [
            "CS-load-32 plugin example.p 1.0.0: imports what a playbook is not given: wasi:clocks/wall-clock@0.3.0 (only wasi 0.2 is served), wasi:sockets/raw@0.2.9 (there is no network), countersign:plugin/http@0.1.0"
        ]
    );
}
