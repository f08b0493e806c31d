//! The reference of all keys, made from the lists that decoding itself uses, so that it cannot
//! say anything else than the code does. `host/docs/configuration.md` holds it (tested). The names
//! of limits are not repeated here: `host/docs/limits.md` has them with their values.

use super::section::Shape;
use super::{api, bounds, connectors, host, hours, limits, playbooks, secret, sources, tenant};

const SHAPES: &[&Shape] = &[
    &host::HOST,
    &host::LOG,
    &host::INTAKE,
    &api::API,
    &limits::LIMITS,
    &tenant::TENANT,
    &tenant::ACCEPTANCE,
    &hours::HOURS,
    &bounds::APPROVAL,
    &bounds::SURGE,
    &hours::WINDOW,
    &sources::SOURCES,
    &sources::SOURCE,
    &sources::WEBHOOK,
    &playbooks::PLAYBOOKS,
    &playbooks::PLAYBOOK,
    &connectors::CONNECTORS,
    &connectors::CONNECTOR,
    &secret::SECRET,
];

/// Every table with its keys, as Markdown.
pub fn reference() -> String {
    let mut out = String::new();
    for shape in SHAPES {
        out.push_str(&format!("### {}\n\n", shape.title));
        out.push_str("| key | holds | default | what it is for |\n|---|---|---|---|\n");
        for key in shape.keys {
            out.push_str(&format!(
                "| `{}` | {} | {} | {} |\n",
                key.name, key.kind, key.default, key.doc
            ));
        }
        out.push('\n');
    }
    out
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

    #[test]
    fn the_written_reference_is_what_the_code_reads() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/configuration.md");
        let page = std::fs::read_to_string(path).unwrap();
        let marker = "<!-- generated from the code; a test compares -->\n\n";
        let (head, tail) = page.split_once(marker).unwrap();
        if std::env::var_os("COUNTERSIGN_UPDATE_DOCS").is_some() {
            std::fs::write(path, format!("{head}{marker}{}", reference())).unwrap();
            return;
        }
        assert!(
            tail == reference(),
            "host/docs/configuration.md is behind; run the test with COUNTERSIGN_UPDATE_DOCS=1"
        );
    }
}
