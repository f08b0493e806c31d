//! How pages look, measured: no serious finding of axe-core, no sideways scrolling, no report of
//! the policy, in both themes and on a phone. The pictures lie in the build's folder.

use crate::scene::browser;
use crate::scene_all::{Scene, all};
use e2e::{Browser, Driver, LEAD, OWNER, Width};
use serde_json::Value;
use std::path::PathBuf;

/// axe-core, from `AXE_CORE` or the build's folder.
fn axe() -> String {
    let built = || {
        let deps = std::env::current_exe().unwrap();
        deps.ancestors().nth(3).unwrap().join("axe-core/axe.min.js")
    };
    let path = std::env::var_os("AXE_CORE").map_or_else(built, PathBuf::from);
    std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}; fetch it: tests/e2e/axe.sh", path.display()))
}

/// What axe-core finds that keeps somebody out.
fn findings(browser: &Browser, axe: &str) -> Vec<String> {
    browser.run(&format!("{axe}; window.axe = axe;"));
    let found = browser.run_later("const done = arguments[arguments.length - 1]; axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }).then(r => done(r.violations.map(v => ({ id: v.id, impact: v.impact, help: v.help, nodes: v.nodes.slice(0, 3).map(n => n.html.slice(0, 160)) }))))");
    let all = found.as_array().cloned().unwrap_or_default();
    all.iter().map(Value::to_string).collect()
}

fn measure(browser: &Browser, axe: &str, name: &str, wrong: &mut Vec<String>) {
    for dark in [false, true] {
        for width in [Width::Desk, Width::Phone] {
            browser.look(dark, width);
            let place = format!(
                "{name}-{}{}",
                if width == Width::Desk { "1440" } else { "390" },
                if dark { "d" } else { "l" }
            );
            browser.picture(&place);
            if browser.overflow() > 0 {
                wrong.push(format!("{place} is {} px too wide", browser.overflow()));
            }
            wrong.extend(
                findings(browser, axe)
                    .into_iter()
                    .map(|it| format!("{place}: {it}")),
            );
        }
    }
    let policy = browser.complaints();
    let policy = policy
        .into_iter()
        .filter(|it| it.contains("Content Security Policy") || it.contains("Uncaught"));
    wrong.extend(policy.map(|it| format!("{name}: {it}")));
}

#[test]
fn every_page_is_for_everybody_in_both_themes_and_on_a_phone() {
    let scene: Scene = all();
    let axe = axe();
    let Some(driver) = Driver::start() else {
        return;
    };
    let owner = browser(&scene.stack, &driver, OWNER);
    let mut wrong = Vec::new();
    for (name, path) in scene.pages() {
        owner.goto(&path);
        assert!(owner.has("h1"), "{name}: {}", owner.body());
        measure(&owner, &axe, name, &mut wrong);
    }
    let nobody = Browser::open(&scene.stack, &driver);
    nobody.goto("");
    measure(&nobody, &axe, "sign-in", &mut wrong);
    let lead = browser(&scene.stack, &driver, LEAD);
    lead.goto(&format!("proposals/{}", scene.half["id"].as_str().unwrap()));
    measure(&lead, &axe, "proposal-approved", &mut wrong);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
