//! Playbooks that misbehave.

use crate::support::*;
use countersign::engine::{Ended, LimitKind};
use countersign::plugin::LogLevel;
use std::time::{Duration, Instant};

guest!(loops_forever, it => {
    let evaluation = evaluate(&it);
    let (code, text) = refused(&evaluation);
    assert_eq!(code, "CS-run-40");
    assert_eq!(text, "used more than 1000000000 units of fuel (fuel_millions)");
    assert!(evaluation.replayable);
    let less = limits(&[(LimitKind::Playbook, "fuel_millions", 3)]);
    assert_eq!(evaluate_with(&it, less).fuel, 3_000_000);
});

guest!(outlasts_the_clock, it => {
    let started = Instant::now();
    let evaluation = evaluate(&it);
    assert_eq!(refused(&evaluation), ("CS-run-41", "ran for longer than 200 ms (wall_ms)"));
    assert!(!evaluation.replayable, "a clock ended it");
    assert!(started.elapsed() < Duration::from_secs(20));
});

guest!(eats_memory, it => {
    let evaluation = evaluate(&it);
    let (code, text) = refused(&evaluation);
    assert_eq!(code, "CS-run-42");
    assert!(text.starts_with("memory is limited to 64 MiB (memory_mib): wants 6"), "{text}");
    let peak = evaluation.peak_memory_bytes;
    assert!(peak > 60 << 20 && peak <= 64 << 20, "{peak}");
    let less = limits(&[(LimitKind::Playbook, "memory_mib", 4)]);
    let evaluation = evaluate_with(&it, less);
    assert_eq!(refused(&evaluation).0, "CS-run-42");
    assert!(evaluation.peak_memory_bytes <= 4 << 20);
});

guest!(grows_tables, it => {
    let evaluation = evaluate(&it);
    let (code, text) = refused(&evaluation);
    assert_eq!(code, "CS-run-43");
    assert!(text.starts_with("tables are limited to 20000 elements (table_elements)"), "{text}");
});

guest!(recurses, it => {
    let evaluation = evaluate(&it);
    assert_eq!(refused(&evaluation), ("CS-run-44", "stack is limited to 512 KiB (stack_kib)"));
});

guest!(gives_too_much, it => {
    let evaluation = evaluate(&it);
    let (code, text) = refused(&evaluation);
    assert_eq!(code, "CS-run-45");
    assert_eq!(text, "gave a host call more than 1048576 bytes (hostcall_kib)");
    let more = limits(&[(LimitKind::Playbook, "hostcall_kib", 4096)]);
    assert_eq!(note(&evaluate_with(&it, more)), "new");
});

guest!(chatters, it => {
    let evaluation = evaluate(&it);
    let expected = ("CS-run-46", "made more than 10000 host calls (hostcalls)");
    assert_eq!(refused(&evaluation), expected);
    assert!(evaluation.logs.len() <= 101, "{}", evaluation.logs.len());
});

guest!(hoards_handles, it => {
    let evaluation = evaluate(&it);
    assert_eq!(refused(&evaluation), ("CS-run-47", "held more than 256 handles (handles)"));
    let less = limits(&[(LimitKind::Playbook, "handles", 5)]);
    let ended = evaluate_with(&it, less).ended;
    assert_eq!(ended, Some(Ended::Handles { handles_max: 5 }));
});

guest!(panics, it => {
    let evaluation = evaluate(&it);
    let (code, text) = refused(&evaluation);
    assert_eq!(code, "CS-run-48");
    assert!(text.contains("a bug in the plugin, seen in case-1"), "{text}");
    let warned = evaluation.logs.iter().filter(|line| line.level == LogLevel::Warn);
    assert!(warned.count() > 0);
});

guest!(exits, it => {
    let evaluation = evaluate(&it);
    let expected = ("CS-run-51", "left with exit status 0 instead of an answer");
    assert_eq!(refused(&evaluation), expected);
});

guest!(asks_too_often, it => {
    let evaluation = evaluate(&it);
    let expected = ("CS-run-52", "made more than 64 look-ups (lookups)");
    assert_eq!(refused(&evaluation), expected);
    assert_eq!(evaluation.lookups.len(), 64);
    let less = limits(&[(LimitKind::Playbook, "lookups", 3)]);
    assert_eq!(evaluate_with(&it, less).lookups.len(), 3);
});

guest!(floods_the_log, it => {
    let less = [("log_lines", 10), ("log_kib", 1), ("log_line_bytes", 64)];
    for (name, value) in less {
        let limits = limits(&[(LimitKind::Playbook, name, value)]);
        let evaluation = evaluate_with(&it, limits);
        assert_eq!(note(&evaluation), "still here");
        let bytes: usize = evaluation.logs.iter().map(|line| line.message.len()).sum();
        assert!(evaluation.logs.len() <= 101 && bytes < 70_000, "{name}: {bytes}");
        let last = evaluation.logs.last().unwrap();
        assert!(last.message.contains("more lines were dropped"), "{name}");
    }
    let limits = limits(&[(LimitKind::Playbook, "log_lines", 10)]);
    assert_eq!(evaluate_with(&it, limits).logs.len(), 11);
});

guest!(sleeps, it => {
    let started = Instant::now();
    assert_eq!(note(&evaluate(&it)), "awake");
    assert!(started.elapsed() < Duration::from_secs(60));
});

guest!(looks_around, it => {
    let first = evaluate(&it);
    let seen = note(&first);
    let empty = "env 0, args 0, files false, network false, names false, listens false, now 1772489400000, moved 0, random ";
    assert!(seen.starts_with(empty), "{seen}");
    assert_eq!(seen, note(&evaluate(&it)), "the same case, the same random");
});

guest!(remembers, it => {
    let loaded = load(&it);
    let playbook = loaded.playbook().unwrap();
    for _ in 0..3 {
        let known = std::sync::Arc::new(Known);
        let evaluation = playbook.evaluate(&case(), known, &Default::default());
        assert_eq!(note(&evaluation), "call 1");
    }
});

guest!(answers_too_much, it => {
    let evaluation = evaluate(&it);
    let expected = ("CS-run-01", "answer is larger than 1048576 bytes (hostcall_kib)");
    assert_eq!(refused(&evaluation), expected);
});

guest!(proposes_too_much, it => {
    let expected = ("CS-run-01", "plan: has 17 proposals, the limit is 16");
    assert_eq!(refused(&evaluate(&it)), expected);
});

guest!(spells_a_key_wrongly, it => {
    let expected = "proposal 0: key Not A Key is not 1-64 bytes of a-z 0-9 - . _ :";
    assert_eq!(refused(&evaluate(&it)), ("CS-run-02", expected));
});

guest!(repeats_a_key, it => {
    assert_eq!(refused(&evaluate(&it)), ("CS-run-03", "proposal 1: key contain twice"));
});

guest!(strays_from_its_manifest, it => {
    let evaluation = evaluate(&it);
    let (code, text) = refused(&evaluation);
    assert_eq!(code, "CS-run-04");
    let expected = "release-device on device is not in the manifest of guests.strays-from-its-manifest";
    assert!(text.ends_with(expected), "{text}");
});

guest!(invents_an_argument, it => {
    let evaluation = evaluate(&it);
    let (code, text) = refused(&evaluation);
    assert_eq!(code, "CS-run-05");
    assert!(text.ends_with("contain-device has no argument force; it has: none"), "{text}");
});

guest!(leases_for_a_year, it => {
    let evaluation = evaluate(&it);
    let (code, text) = refused(&evaluation);
    assert_eq!(code, "CS-run-06");
    assert!(text.ends_with("lease 31536000 is not within 60-2592000"), "{text}");
});

guest!(says_too_little, it => {
    let evaluation = evaluate(&it);
    let (code, text) = refused(&evaluation);
    assert_eq!(code, "CS-run-07");
    let expected = "a file needs its device, its path, and sha256 or reference; it has device, path";
    assert!(text.ends_with(expected), "{text}");
});

guest!(names_a_stranger, it => {
    let evaluation = evaluate(&it);
    let (code, text) = refused(&evaluation);
    assert_eq!(code, "CS-run-08");
    assert!(text.ends_with("another-device does not occur in the case"), "{text}");
});

guest!(swaps_the_reference, it => {
    let evaluation = evaluate(&it);
    let (code, text) = refused(&evaluation);
    assert_eq!(code, "CS-run-08");
    assert!(text.contains("reference of C:\\Users\\b\\invoice.exe"), "{text}");
    assert!(text.ends_with("is threat-of-somebody-else, the case says threat-1"), "{text}");
});

guest!(adds_an_attribute, it => {
    let evaluation = evaluate(&it);
    let (code, text) = refused(&evaluation);
    assert_eq!(code, "CS-run-09");
    assert!(text.ends_with("unknown attribute countersign.approved_by"), "{text}");
});

guest!(contradicts_itself, it => {
    let expected = ("CS-run-12", "bundle together: contain is proposed and withdrawn");
    assert_eq!(refused(&evaluate(&it)), expected);
});

guest!(calls_what_it_was_not_granted, it => {
    let evaluation = evaluate(&it);
    let expected = "called lookup.raw-alert, which the manifest does not ask for";
    assert_eq!(refused(&evaluation), ("CS-run-20", expected));
    assert_eq!(evaluation.lookups, []);
});
