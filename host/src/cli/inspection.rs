//! A plugin as the page that a person enrols it by.

use super::words::{self, Page, text};
use crate::journal::state::PluginRecord;
use crate::plugin::Inspection;
use serde_json::Value;
use std::collections::BTreeSet;

/// What it wants, and what it cannot do.
pub fn page(it: &Inspection) -> String {
    let (mut page, wants) = (Page::default(), &it.wants);
    page.line(format!(
        "{}  {}, contract {}",
        it.plugin(),
        it.kind,
        it.contract
    ));
    page.line(format!("{}: {}", text(&it.title), text(&it.description)));
    page.line(format!(
        "by {} ({}), by its own word; {} bytes",
        text(&it.publisher),
        text(&it.license),
        it.bytes
    ));
    page.line(format!("sha256 {}", it.digest));
    let lookups: Vec<&str> = wants.lookups.iter().map(|it| it.as_str()).collect();
    for (heading, lines) in [
        ("it may propose", &wants.proposes),
        ("it may carry out", &wants.performs),
        ("it reads alerts of", &wants.accepts),
        ("it acts on what is managed by", &wants.manages),
        ("it may reach", &wants.egress),
        ("credentials that the host adds for it", &wants.credentials),
        ("its settings", &wants.settings),
        ("limits other than the usual", &wants.limits),
    ] {
        page.section(heading, lines.iter().map(|it| text(it)));
    }
    page.section("it may look up", lookups);
    page.section(
        "whatever its code tries, it cannot",
        it.cannot.iter().map(|it| text(it)),
    );
    page.section("imports", imports(&it.imports));
    page.section("exports", it.exports.iter().map(|it| text(it)));
    page.end()
}

/// The contract's interfaces, and in one line those that toolchains import anyway.
fn imports(all: &[String]) -> Vec<String> {
    let (toolchain, contract): (Vec<&String>, Vec<&String>) =
        all.iter().partition(|it| it.starts_with("wasi:"));
    let mut lines: Vec<String> = contract.into_iter().map(|it| text(it)).collect();
    if !toolchain.is_empty() {
        let names = words::list(toolchain);
        lines.push(format!("of its toolchain, given empty: {names}"));
    }
    lines
}

/// What differs from the version that was enrolled before.
pub fn differences(before: Option<&PluginRecord>, manifest: &Value) -> String {
    let mut page = Page::default();
    let Some(before) = before else {
        page.section(
            "compared with before",
            ["no version of it was enrolled here"],
        );
        return format!("\n{}", page.end());
    };
    let mut lines = changed(&before.manifest, manifest);
    if lines.is_empty() {
        lines.push("the manifest is the same".to_owned());
    }
    page.section(
        &format!("compared with {} ({})", before.plugin, before.stage),
        lines,
    );
    format!("\n{}", page.end())
}

fn changed(before: &Value, after: &Value) -> Vec<String> {
    let keys = |it: &Value| -> BTreeSet<String> {
        it.as_object()
            .map(|it| it.keys().cloned().collect())
            .unwrap_or_default()
    };
    let all: BTreeSet<String> = keys(before).union(&keys(after)).cloned().collect();
    let null = Value::Null;
    let mut lines = Vec::new();
    for key in &all {
        let (one, other) = (before.get(key), after.get(key));
        let (one, other) = (one.unwrap_or(&null), other.unwrap_or(&null));
        if one == other {
            continue;
        }
        match (one.as_array(), other.as_array()) {
            (Some(one), Some(other)) => {
                let gone = one.iter().filter(|it| !other.contains(it));
                lines.extend(gone.map(|it| format!("- {key}: {}", text(&it.to_string()))));
                let new = other.iter().filter(|it| !one.contains(it));
                lines.extend(new.map(|it| format!("+ {key}: {}", text(&it.to_string()))));
            }
            _ => lines.push(format!(
                "~ {key}: {} -> {}",
                words::text(&one.to_string()),
                words::text(&other.to_string())
            )),
        }
    }
    lines
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_version_that_wants_more_is_told_line_by_line() {
        let before = json!({
            "version": "1.0.0", "title": "Contain", "lookups": ["asset"],
            "proposes": [{"action": "stop-process", "targets": ["process"]}],
        });
        let after = json!({
            "version": "1.1.0", "title": "Contain", "lookups": [],
            "proposes": [
                {"action": "stop-process", "targets": ["process"]},
                {"action": "contain-device", "targets": ["device"]},
            ],
            "settings": {"x": 1},
        });
        assert_eq!(
            changed(&before, &after),
            [
                "- lookups: \"asset\"",
                "+ proposes: {\"action\":\"contain-device\",\"targets\":[\"device\"]}",
                "~ settings: null -> {\"x\":1}",
                "~ version: \"1.0.0\" -> \"1.1.0\"",
            ]
        );
        assert!(changed(&before, &before).is_empty());
    }
}
