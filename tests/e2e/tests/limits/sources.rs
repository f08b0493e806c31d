//! Sources: what a source is given is kept, whatever it does with it; the sender is told the code,
//! people are paged, and the shipped source reads the next alert.

use crate::rows::{self, Row};
use countersign::engine::LimitKind::Source;
use countersign::model::Digest;
use e2e::alerts::Incident;
use e2e::{ANALYST, Answer, Api, OPERATOR, Setup, Stack};
use hyper::Method;
use serde_json::{Value, json};

const SOURCES: &str = r#"
[[source]]
name = "sentinelone"
plugin = "countersign.sentinelone"

[[source]]
name = "misreads"
plugin = "guests.misreads-as-told"

[[source]]
name = "slow"
plugin = "guests.reads-slowly"
"#;

fn stack() -> Stack {
    let mut stack = Setup::new()
        .plugin("misreads-as-told", "active")
        .plugin("reads-slowly", "active")
        .start();
    let file = stack.workspace().join("tenants/acme/sources.toml");
    std::fs::write(file, SOURCES).unwrap();
    rows::restart_with(&mut stack, "", &rows::first_file(Source));
    stack
}

/// The payload that makes a source do what the row is about. Not the same twice, because what was
/// read once is a duplicate the next time.
fn payload(row: &Row) -> Vec<u8> {
    match row.misdeed {
        "reads-slowly" => vec![b'x'; 64 << 10],
        told => format!("{told}{}", " ".repeat(row.name.len())).into_bytes(),
    }
}

fn deliver(api: &Api, row: &Row) -> Answer {
    let source = match row.misdeed {
        "reads-slowly" => "slow",
        _ => "misreads",
    };
    let path = format!("sources/{source}");
    api.send(Method::POST, &path, "text/plain", payload(row))
}

fn logged(stack: &Stack) -> Vec<String> {
    rows::logged(stack, "source", "guests.misreads-as-told@")
}

fn seen(stack: &Stack, row: &Row, answer: &Value, new_in_log: &[String]) {
    if row.code.is_empty() {
        assert_eq!(answer["rejected"], json!([]), "{row:?}");
        return rows::log_shows(row, new_in_log);
    }
    let why = &answer["rejected"][0]["error"];
    assert_eq!(why["code"], row.code, "{row:?}: {answer}");
    let text = why["message"].as_str().unwrap();
    assert!(text.contains(row.text), "{row:?}: {text}");
    let pages = stack.api(ANALYST).get("pages?all=true&limit=1000").ok();
    let mut paged = pages["pages"].as_array().unwrap().iter();
    let told = |it: &Value| it["about"] == "plugin" && it["text"].to_string().contains(row.code);
    assert!(paged.any(told), "{row:?}: {pages:#}");
}

#[test]
fn a_source_ends_at_each_of_its_limits() {
    let stack = stack();
    for row in rows::first(Source) {
        let before = logged(&stack).len();
        let answer = deliver(stack.api(OPERATOR), row).ok();
        seen(&stack, row, &answer, &logged(&stack).split_off(before));
        // and the source that we ship reads what comes next
        let mut next = Incident::on_workstation(&format!("WS-{}", row.name.replace('_', "-")));
        next.sha256 = Digest::of(row.name.as_bytes()).as_str().to_owned();
        stack.judged_case(&stack.play(&next));
    }
}

#[test]
fn a_source_ends_by_the_clock_and_another_case_is_judged_meanwhile() {
    let mut stack = stack();
    let threads = "evaluator_threads = 2\n";
    rows::restart_with(&mut stack, threads, &rows::second_file(Source));
    for row in rows::second(Source) {
        let api = stack.api(OPERATOR).clone();
        let asked = std::thread::spawn(move || deliver(&api, row));
        if row.name == "wall_ms" {
            let case = stack.play(&Incident::on_workstation("WS-1"));
            stack.judged_case(&case);
            assert!(
                !asked.is_finished(),
                "judged only after the guest had ended"
            );
        }
        let answer = asked.join().unwrap().ok();
        seen(&stack, row, &answer, &logged(&stack));
    }
}

#[test]
fn what_a_source_was_given_is_kept_and_known_again() {
    let stack = stack();
    let row = rows::first(Source)
        .find(|it| it.name == "memory_mib")
        .unwrap();
    let first = deliver(stack.api(OPERATOR), row).ok();
    assert_eq!(first["rejected"].as_array().unwrap().len(), 1);
    let again = deliver(stack.api(OPERATOR), row).ok();
    assert_eq!(
        (&again["accepted"], &again["duplicates"]),
        (&json!(0), &json!(1))
    );
    let entries = stack.api(ANALYST).get("journal?limit=1000").ok();
    let digest = Digest::of(&payload(row));
    let kept = entries["entries"].as_array().unwrap().iter().filter(|it| {
        it["kind"] == "payload-received" && it["entry"].to_string().contains(digest.as_str())
    });
    assert_eq!(kept.count(), 1);
}
