//! `host/docs/limits.md`, from the table. A page that is written by hand is out of date with the
//! first change of a number; this one fails a test instead.

use super::limits::{LimitKind, LimitRow, Limits};
use std::fmt::Write as _;

/// What a limit bounds and why, and the code that a reader finds at it.
#[derive(Debug)]
pub struct Meaning(pub &'static str, pub &'static str);

const HEAD: &str = "\
# Limits

Generated from `host/src/engine/limits.rs`; `cargo test` says when this page is out of date and
`UPDATE_DOCS=1 cargo test limits_page` writes it.

Every limit is armed before the first instruction of a plugin runs. Each is set in the config
file, in the section of its kind:

```toml
[limits.playbook]
memory_mib = 32
```

A plugin's manifest may ask for another value where the last column names one, up to the
ceiling. It can never raise what the config file sets. Codes are explained in `errors/run.md` and
`errors/load.md`.
";

/// The page.
pub fn limits_markdown() -> String {
    let mut page = HEAD.to_owned();
    for kind in LimitKind::ALL {
        // Writing into a String cannot fail.
        let _ = write!(
            page,
            "\n## `[limits.{}]`\n\n| name | default | floor to ceiling | unit | what it bounds | at the limit | manifest |\n|---|---|---|---|---|---|---|\n",
            kind.as_str()
        );
        for row in Limits::rows(*kind) {
            line(&mut page, *kind, row);
        }
    }
    page
}

fn line(page: &mut String, kind: LimitKind, row: &LimitRow) {
    let manifest = if row.manifest.is_empty() {
        String::new()
    } else {
        format!("`{}`", row.manifest)
    };
    let _ = writeln!(
        page,
        "| `{}` | {} | {} to {} | {} | {} | {} | {} |",
        row.name,
        row.default_of(kind).unwrap_or(0),
        row.floor,
        row.ceiling,
        row.unit,
        row.meaning.0,
        row.meaning.1,
        manifest
    );
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_limits_page_is_what_the_table_says() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/limits.md");
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(&path, limits_markdown()).unwrap();
        }
        let page = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            page == limits_markdown(),
            "docs/limits.md is out of date; run: UPDATE_DOCS=1 cargo test limits_page"
        );
    }
}
