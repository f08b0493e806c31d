//! `guard check`: what does not load, with the place of every mistake.

use super::super::error::{GuardError, GuardFile, Paint, Weight};
use super::super::lint::KnownIds;
use super::super::set::Guards;
use super::{acme, acme_file, baseline};
use crate::model::{GroupKind, TenantId};

fn errors(text: &str) -> Vec<GuardError> {
    Guards::load(&[GuardFile::new("bad.cedar", text)]).unwrap_err()
}

fn guard(scope: &str) -> String {
    format!("@id(\"x\")\n@reason(\"r\")\n@advice(\"a\")\nforbid {scope}\n;")
}

fn when(condition: &str) -> String {
    guard(&format!(
        "(principal, action, resource)\nwhen {{ {condition} }}"
    ))
}

#[test]
fn what_validation_catches_is_shown_where_it_stands() {
    for (text, code, line, says) in [
        (when("context.rating == Rating::\"malicous\""), "CS-guard-07", 5, "malicous"),
        (when("context.ratng == Rating::\"malicious\""), "CS-guard-07", 5, "ratng"),
        (when("context.confidence >= 90"), "CS-guard-07", 5, "confidence"),
        (when("context.impact >= \"90\""), "CS-guard-07", 5, "Long"),
        (when("context.impact > context.threshold"), "CS-guard-07", 5, "Long"),
        (when("resource.privileged"), "CS-guard-07", 5, "privileged"),
        (when("principal.stage == Stage::\"shadow\""), "CS-guard-07", 5, "stage"),
        (when("context.history.tenure == Rating::\"unknown\""), "CS-guard-07", 1, "impossible"),
        (guard("(principal, action == Action::\"kill-process\", resource)"), "CS-guard-07", 4, "kill-process"),
        (guard("(principal, action == Action::\"disable-account\", resource in AssetGroup::\"x\")"), "CS-guard-07", 1, "applicable"),
        (guard("(principal, action, resource) unless { context.approvals.roles.contains(Role::\"boss\") }"), "CS-guard-07", 4, "boss"),
        (guard("(principal, action, resource) unless { context.approvals.count >= 6 }"), "CS-guard-06", 1, "6 people"),
        (guard("(principal, action, resource) unless { context.approvals.count == 2 }"), "CS-guard-09", 1, "stricter"),
        (guard("(principal == ?principal, action, resource)"), "CS-guard-08", 1, "template"),
        (guard("(principal, action, resource) whenn { true }"), "CS-guard-01", 4, "whenn"),
        ("@id(\"x\")\n@reason(\"r\")\npermit (principal, action, resource);".to_owned(), "CS-guard-05", 1, "only forbid"),
        ("\n@reason(\"r\") @advice(\"a\")\nforbid (principal, action, resource);".to_owned(), "CS-guard-02", 2, "@id"),
        ("@id(\"x\") @advice(\"a\")\nforbid (principal, action, resource);".to_owned(), "CS-guard-04", 1, "@reason"),
        ("@id(\"x\") @reason(\"r\") @advice(\" \")\nforbid (principal, action, resource);".to_owned(), "CS-guard-04", 1, "@advice"),
        ("@id(\"x\") @reason(\"r\") @advice(\"a\") @overreach(\"all\")\nforbid (principal, action, resource);".to_owned(), "CS-guard-12", 1, "all"),
        ("@id(\"floor-never\") @reason(\"r\") @advice(\"a\")\nforbid (principal, action, resource);".to_owned(), "CS-guard-03", 1, "baseline.cedar"),
    ] {
        let found = errors(&text);
        let hit = found.iter().find(|it| it.code == code && it.message.contains(says));
        let hit = hit.unwrap_or_else(|| panic!("{text}\n{code} {says}: {found:#?}"));
        assert_eq!((hit.line, &*hit.file), (line, "bad.cedar"), "{text}: {found:#?}");
        assert_eq!(hit.weight, Weight::Error);
    }
}

#[test]
fn every_mistake_of_every_file_is_told_at_once() {
    let files = [
        GuardFile::new(
            "one.cedar",
            format!("{}\n{}", when("context.nope"), when("context.fresh")),
        ),
        GuardFile::new("two.cedar", "forbid ("),
        GuardFile::new(
            "three.cedar",
            when("context.impact > 3").replace("@advice(\"a\")\n", ""),
        ),
    ];
    let found = Guards::load(&files).unwrap_err();
    let told: Vec<String> = found
        .iter()
        .map(|it| format!("{} {}", it.file, it.code))
        .collect();
    assert_eq!(
        told,
        [
            "one.cedar CS-guard-07",
            "one.cedar CS-guard-03",
            "two.cedar CS-guard-01",
            "three.cedar CS-guard-04",
            "three.cedar CS-guard-03",
        ],
        "{found:#?}"
    );
}

#[test]
fn a_mistake_is_rendered_with_a_caret_under_it() {
    let found = errors(&when("context.rating == Rating::\"malicous\""));
    let shown: Vec<String> = found.iter().map(|it| it.render(Paint::Plain)).collect();
    insta::assert_snapshot!(shown.join("\n\n"));
}

#[test]
fn ids_that_name_nothing_are_warned_of() {
    let mut known = KnownIds::new(&TenantId::new("acme"));
    known.group(GroupKind::AssetGroup, &"erp-servers".into());
    known.group(GroupKind::AccountGroup, &"board".into());
    known.person(&"erp-duty".into());
    known.plugin(&"countersign.contain-malware".into());
    assert_eq!(Guards::lint(&[acme_file()], &known).unwrap(), []);
    let text = acme_file()
        .text
        .replace("acme/board", "acme/bord")
        .replace("Person::\"acme/erp-duty\"", "Person::\"globex/erp-duty\"");
    let arithmetic = when("context.impact + 1 > 3");
    let files = [
        GuardFile::new("acme.cedar", text),
        GuardFile::new("sum.cedar", arithmetic),
    ];
    let warnings = Guards::lint(&files, &known).unwrap();
    let told: Vec<(&str, u32)> = warnings.iter().map(|it| (it.code, it.line)).collect();
    assert_eq!(
        told,
        [("CS-guard-14", 16), ("CS-guard-13", 21), ("CS-guard-15", 1)],
        "{warnings:#?}"
    );
    assert!(warnings.iter().all(|it| it.weight == Weight::Warning));
}

#[test]
fn the_digest_names_the_texts_and_nothing_else() {
    let renamed = GuardFile::new("other-name.cedar", acme_file().text);
    let same = Guards::load(&[renamed]).unwrap();
    assert_eq!(same.digest(), acme().digest());
    assert_ne!(baseline().digest(), acme().digest());
    let changed = GuardFile::new("acme.cedar", acme_file().text.replace("> 25", "> 26"));
    assert_ne!(Guards::load(&[changed]).unwrap().digest(), acme().digest());
}

#[test]
fn an_oversized_file_is_refused_before_it_is_parsed() {
    let found = errors(&"// long\n".repeat(40_000));
    assert_eq!((found.len(), found[0].code), (1, "CS-guard-01"));
}

#[test]
fn guards_nested_beyond_reason_are_an_error_and_no_crash() {
    let nested = format!("{}true{}", "(".repeat(20_000), ")".repeat(20_000));
    let found = errors(&when(&nested));
    assert!(found[0].message.contains("nested"), "{found:#?}");
    let chain = "context.fresh && ".repeat(2_000);
    let found = errors(&when(&format!("{chain} true")));
    assert!(found[0].message.contains("longer"), "{found:#?}");
    // neither hides in a comment or a text, nor does either count there
    let hidden = format!("\"\\\"(\" == \"(\" || {nested} // ;");
    assert!(errors(&when(&hidden))[0].message.contains("nested"));
    let harmless = format!("context.time.freeze // {}", "(".repeat(20_000));
    Guards::load(&[GuardFile::new(
        "ok.cedar",
        when(&harmless).replace(" }\n;", "\n}\n;"),
    )])
    .unwrap();
}

/// As deep as the bounds let them: through parser, validator, our own reading and a decision.
#[test]
fn guards_as_long_as_they_may_be_are_read_and_asked_without_a_crash() {
    let mut loaded = 0;
    for deep in [
        format!("{}context.fresh", "context.fresh && ".repeat(230)),
        format!("context.fresh{}", "||context.fresh".repeat(260)),
        format!("context{}", ".a".repeat(1900)),
        format!("{}true{}", "!(".repeat(30), ")".repeat(30)),
        format!("{}1 > 0", "1+".repeat(1900)),
        format!("[{}1].contains(1)", "1,".repeat(1900)),
        format!(
            "{}context.fresh{}",
            "if context.fresh then ".repeat(100),
            " else true".repeat(100)
        ),
        format!(
            "{}context.fresh",
            "if context.fresh then true else ".repeat(110)
        ),
    ] {
        let start: String = deep.chars().take(40).collect();
        if let Ok(guards) = Guards::load(&[GuardFile::new("long.cedar", when(&deep))]) {
            let request = [super::request("c02")];
            let (quick, plain) = (guards.answer(&request), guards.by_definition(&request));
            assert_eq!(
                quick.finding,
                super::super::finding::Finding::Refuse,
                "{start}"
            );
            assert_eq!(
                plain.finding,
                super::super::finding::Finding::Refuse,
                "{start}"
            );
            loaded += 1;
        }
    }
    assert!(loaded >= 5, "{loaded}");
}
