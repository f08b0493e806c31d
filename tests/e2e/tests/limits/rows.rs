//! The checks, one a limit: the value in the config file, who reaches it, and what is seen then.

use countersign::engine::LimitKind::{self, Connector, Engine, Playbook, Source};
use e2e::Stack;
use std::fmt::Write as _;

/// One limit, and how it is seen.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    pub kind: LimitKind,
    /// As in the table and the config file.
    pub name: &'static str,
    /// As set.
    pub value: u64,
    /// What reaches it: a guest, or what one of the guests that do as they are told is told.
    pub misdeed: &'static str,
    /// The code that says so; empty where the log does.
    pub code: &'static str,
    /// What the message names: the limit in its own unit.
    pub text: &'static str,
}

/// What ends by a clock, or behind another limit: set in the second file.
const LATER: &[&str] = &["wall_ms", "log_kib"];

const fn row(
    kind: LimitKind,
    name: &'static str,
    value: u64,
    misdeed: &'static str,
    code: &'static str,
    text: &'static str,
) -> Row {
    Row {
        kind,
        name,
        value,
        misdeed,
        code,
        text,
    }
}

#[rustfmt::skip]
const ROWS: &[Row] = &[
    row(Playbook, "fuel_millions", 50, "loops-forever", "CS-run-40", "more than 50000000 units of fuel (fuel_millions)"),
    row(Playbook, "wall_ms", 1500, "loops-forever", "CS-run-41", "longer than 1500 ms (wall_ms)"),
    row(Playbook, "memory_mib", 4, "eats-memory", "CS-run-42", "limited to 4 MiB (memory_mib)"),
    row(Playbook, "table_elements", 5000, "grows-tables", "CS-run-43", "limited to 5000 elements (table_elements)"),
    row(Playbook, "hostcall_kib", 256, "gives-too-much", "CS-run-45", "more than 262144 bytes (hostcall_kib)"),
    row(Playbook, "hostcalls", 5000, "chatters", "CS-run-46", "more than 5000 host calls (hostcalls)"),
    row(Playbook, "lookups", 10, "asks-too-often", "CS-run-52", "more than 10 look-ups (lookups)"),
    row(Playbook, "handles", 20, "hoards-handles", "CS-run-47", "more than 20 handles (handles)"),
    row(Playbook, "log_lines", 10, "floods-the-log", "", "the limits are 10 lines and 65536 bytes a call"),
    row(Playbook, "log_kib", 1, "floods-the-log", "", "the limits are 1000 lines and 1024 bytes a call"),
    row(Playbook, "log_line_bytes", 64, "floods-the-log", "", ""),

    row(Source, "fuel_millions", 50, "loops-forever", "CS-run-40", "(fuel_millions)"),
    // 50 and, for a sixteenth of a MiB, a sixteenth of 160
    row(Source, "fuel_millions_per_mib", 160, "reads-slowly", "CS-run-40", "more than 60000000 units of fuel"),
    row(Source, "wall_ms", 1500, "loops-forever", "CS-run-41", "longer than 1500 ms (wall_ms)"),
    row(Source, "memory_mib", 32, "eats-memory", "CS-run-42", "limited to 32 MiB (memory_mib)"),
    row(Source, "table_elements", 5000, "grows-tables", "CS-run-43", "limited to 5000 elements (table_elements)"),
    row(Source, "hostcall_kib", 64, "gives-too-much", "CS-run-45", "more than 65536 bytes (hostcall_kib)"),
    row(Source, "hostcalls", 5000, "chatters", "CS-run-46", "more than 5000 host calls (hostcalls)"),
    row(Source, "handles", 20, "hoards-handles", "CS-run-47", "more than 20 handles (handles)"),
    row(Source, "log_lines", 10, "floods-the-log", "", "the limits are 10 lines and 65536 bytes a call"),
    row(Source, "log_kib", 1, "floods-the-log", "", "the limits are 1000 lines and 1024 bytes a call"),
    row(Source, "log_line_bytes", 64, "floods-the-log", "", ""),

    row(Connector, "fuel_millions", 50, "loops-forever", "CS-run-40", "more than 50000000 units of fuel (fuel_millions)"),
    row(Connector, "wall_ms", 1500, "loops-forever", "CS-run-41", "longer than 1500 ms (wall_ms)"),
    row(Connector, "memory_mib", 32, "eats-memory", "CS-run-42", "limited to 32 MiB (memory_mib)"),
    row(Connector, "table_elements", 5000, "grows-tables", "CS-run-43", "limited to 5000 elements (table_elements)"),
    row(Connector, "hostcall_kib", 1100, "gives-too-much", "CS-run-45", "more than 1126400 bytes (hostcall_kib)"),
    row(Connector, "hostcalls", 5000, "chatters", "CS-run-46", "more than 5000 host calls (hostcalls)"),
    row(Connector, "http_requests", 2, "floods-the-far-side", "CS-run-53", "more than 2 requests (http_requests)"),
    row(Connector, "http_body_kib", 1, "posts-too-much", "internal", "the limit is 1024 (http_body_kib)"),
    row(Connector, "http_headers", 8, "heads-too-much", "internal", "the limit is 8 (http_headers)"),
    row(Connector, "http_ms", 200, "waits-for-the-far-side", "internal", "timeout"),
    row(Connector, "handles", 20, "hoards-handles", "CS-run-47", "more than 20 handles (handles)"),
    row(Connector, "log_lines", 10, "floods-the-log", "", "the limits are 10 lines and 65536 bytes a call"),
    row(Connector, "log_kib", 1, "floods-the-log", "", "the limits are 1000 lines and 1024 bytes a call"),
    row(Connector, "log_line_bytes", 64, "floods-the-log", "", ""),

    row(Engine, "stack_kib", 96, "recurses", "CS-run-44", "limited to 96 KiB (stack_kib)"),
    row(Engine, "instances", 1, "loops-forever", "CS-run-54", "every slot for a call is taken"),
    row(Engine, "plugin_mib", 1, "a component of 1 MiB and a byte", "CS-load-01", "(plugin_mib)"),
    row(Engine, "compile_ms", 100, "a component with one long function", "CS-load-40", "(compile_ms)"),
];

/// The checks of a kind.
pub fn of(kind: LimitKind) -> impl Iterator<Item = &'static Row> {
    ROWS.iter().filter(move |row| row.kind == kind)
}

/// The checks of the first file.
pub fn first(kind: LimitKind) -> impl Iterator<Item = &'static Row> {
    of(kind).filter(|row| !LATER.contains(&row.name))
}

/// The checks of the second file.
pub fn second(kind: LimitKind) -> impl Iterator<Item = &'static Row> {
    of(kind).filter(|row| LATER.contains(&row.name))
}

/// The table of the first config file.
pub fn first_file(kind: LimitKind) -> String {
    table(kind, first(kind))
}

/// The table of the second one: with fuel enough to outlast the clock, and more lines than fit
/// into the log's bytes.
pub fn second_file(kind: LimitKind) -> String {
    table(kind, second(kind)) + "fuel_millions = 1000000\nlog_lines = 1000\n"
}

fn table(kind: LimitKind, rows: impl Iterator<Item = &'static Row>) -> String {
    let mut text = format!("[limits.{}]\n", kind.as_str());
    for row in rows {
        let _ = writeln!(text, "{} = {}", row.name, row.value);
    }
    text
}

/// Writes `countersign.toml` anew, with what plugins log in the host's log, and starts the host
/// on it.
pub fn restart_with(stack: &mut Stack, head: &str, tables: &str) {
    let text = format!(
        "{head}\n[log]\nformat = \"json\"\nfilter = \"info,countersign=debug\"\n\n{tables}"
    );
    std::fs::write(stack.workspace().join("countersign.toml"), text).unwrap();
    stack.restart();
}

/// What plugins logged, of the host's log, where a field of the line begins like this.
pub fn logged(stack: &Stack, field: &str, like: &str) -> Vec<String> {
    let text = std::fs::read_to_string(stack.workspace().join("host.log")).unwrap();
    let lines = text
        .lines()
        .filter_map(|it| serde_json::from_str::<serde_json::Value>(it).ok());
    let ours = lines.filter(|it| it[field].as_str().is_some_and(|it| it.starts_with(like)));
    ours.filter_map(|it| it["message"].as_str().map(str::to_owned))
        .collect()
}

/// Whether a plugin's log shows a limit of it at work: `lines` are those of one call.
pub fn log_shows(row: &Row, lines: &[String]) {
    let kept: Vec<&String> = lines
        .iter()
        .filter(|it| !it.contains("more lines were dropped"))
        .collect();
    let end = lines.last().unwrap();
    assert!(end.contains("more lines were dropped"), "{end}");
    assert!(end.contains(row.text), "{}: {end}", row.name);
    let most = usize::try_from(row.value).unwrap();
    match row.name {
        "log_lines" => assert_eq!(kept.len(), most),
        "log_kib" => {
            // each line is shown after its level
            let text = kept.iter().filter_map(|it| it.split_once(' '));
            let bytes: usize = text.map(|(_, it)| it.len()).sum();
            let most = most * 1024;
            assert!(most - 64 < bytes && bytes <= most, "{bytes} bytes");
        }
        "log_line_bytes" => {
            let long = kept.iter().filter(|it| it.contains(&"x".repeat(most)));
            let cut = long.filter(|it| it.ends_with("...") && !it.contains(&"x".repeat(most + 1)));
            assert_eq!(cut.count(), 1, "{kept:?}");
        }
        other => panic!("{other} is no limit of a log"),
    }
}
