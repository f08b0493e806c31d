//! What holds for all plugins together: what is too large or takes too long to compile is not
//! enrolled, recursion ends, and where every slot is taken the host comes again.

use crate::connectors;
use crate::rows::{self, Row};
use countersign::engine::LimitKind::Engine;
use countersign::model::Digest;
use e2e::alerts::Incident;
use e2e::{DEADLINE, OPERATOR, Setup, Stack, until_in};
use hyper::Method;
use serde_json::Value;
use std::time::Duration;

fn row(name: &str) -> &'static Row {
    rows::of(Engine).find(|it| it.name == name).unwrap()
}

fn file() -> String {
    // one call runs for two seconds: long enough to be met
    rows::first_file(Engine) + "[limits.playbook]\nfuel_millions = 1000000\nwall_ms = 2000\n"
}

fn guests(setup: Setup) -> Setup {
    ["loops-forever", "recurses"]
        .iter()
        .fold(setup, |setup, it| {
            setup.plugin(it, "active").playbook(&format!("guests.{it}"))
        })
}

fn enrol(stack: &Stack, bytes: Vec<u8>) -> e2e::Answer {
    let path = "plugins?stage=shadow";
    stack
        .api(OPERATOR)
        .send(Method::POST, path, "application/wasm", bytes)
}

#[test]
fn a_component_that_is_too_large_or_takes_too_long_is_not_enrolled() {
    let mut stack = Setup::new().start();
    rows::restart_with(&mut stack, "", &file());
    let good = e2e::guests::component("remembers");

    let (large, mut bytes) = (row("plugin_mib"), good.clone());
    bytes.resize((1 << 20) + 1, 0);
    let text = enrol(&stack, bytes).refused(413, large.code);
    assert!(text.contains(large.text), "{text}");

    let slow = row("compile_ms");
    let bytes = with_a_long_function(good.clone());
    assert!(bytes.len() < 1 << 20, "{}", bytes.len());
    let text = enrol(&stack, bytes).refused(422, slow.code);
    assert!(text.contains(slow.text), "{text}");

    let case = stack.play(&Incident::on_workstation("WS-1"));
    stack.judged_case(&case);
}

#[test]
fn recursion_ends_and_a_call_without_a_slot_is_made_again() {
    let (addr, _) = connectors::far_side();
    let mut stack = connectors::stack(addr, guests(Setup::new()));
    // before one call takes the only slot for seconds: orders that wait for their people
    let devices = ["one", "two", "three", "four"];
    let waiting = devices.map(|it| connectors::proposed(&stack, &connectors::alert(&stack, it)));
    rows::restart_with(&mut stack, "evaluator_threads = 3\n", &file());
    if stack.log().contains("instances are made on demand") {
        eprintln!(
            "LEFT OUT: this machine has no address space for a pool, so nothing counts slots"
        );
        return;
    }
    let busy = row("instances");
    // one after the other, so that some of all this meets the guest in its slot
    let each = waiting.iter().enumerate().map(|(n, waiting)| {
        let mut incident = Incident::on_workstation(&format!("WS-{n}"));
        incident.sha256 = Digest::of(incident.device.as_bytes()).as_str().to_owned();
        let case = stack.play(&incident);
        std::thread::sleep(Duration::from_millis(500));
        (case, connectors::ordered(&stack, waiting))
    });
    let (cases, orders): (Vec<String>, Vec<String>) = each.unzip();
    let orders: Vec<Value> = orders
        .iter()
        .map(|it| connectors::ended(&stack, it))
        .collect();
    let cases: Vec<Value> = cases.iter().map(|it| over(&stack, it)).collect();

    let turned_away = |order: &Value| {
        let answers = order["answers"].as_array().unwrap().iter();
        let mut texts = answers.map(Value::to_string);
        texts.any(|it| it.contains(busy.code) && it.contains(busy.text))
    };
    assert!(orders.iter().any(turned_away), "{orders:#?}");
    assert!(orders.iter().all(|it| it["state"] == "done"), "{orders:#?}");
    // playbooks were turned away as well, and came again
    let came_again = |case: &Value| {
        let due = |it: &&Value| {
            it["kind"] == "evaluation-due" && it["what"].to_string().contains("(opened)")
        };
        let entries = case["timeline"].as_array().unwrap();
        entries.iter().filter(due).count() > 5
    };
    assert!(cases.iter().any(came_again), "{cases:#?}");
    for case in &cases {
        let marks = case["marks"].as_array().unwrap();
        let deep = row("stack_kib");
        let fits = |it: &&Value| {
            let text = it["text"].as_str().unwrap_or_default();
            it["code"] == deep.code && text.contains(deep.text)
        };
        assert_eq!(marks.iter().filter(fits).count(), 1, "{marks:#?}");
        assert!(marks.iter().all(|it| it["code"] != busy.code), "{marks:#?}");
        let proposals = case["proposals"].as_array().unwrap();
        assert!(!proposals.is_empty());
        assert!(
            proposals.iter().all(|it| it["judged"].is_object()),
            "{case:#}"
        );
    }
}

/// The case, once nobody is to be asked about it any more.
fn over(stack: &Stack, case: &str) -> Value {
    until_in(4 * DEADLINE, "every guest has ended", || {
        let case = stack.case(case);
        case["due"].as_object()?.is_empty().then_some(case)
    })
}

/// The component with one more module, of one function that is long: nothing calls it, and the
/// engine compiles it all the same, on one core.
fn with_a_long_function(mut component: Vec<u8>) -> Vec<u8> {
    let step = [
        0x20, 0, 0x41, 3, 0x6c, 0x20, 1, 0x73, 0x21, 0, 0x20, 0, 0x20, 1, 0x6a, 0x21, 1,
    ];
    let mut code = vec![0]; // no locals beside the parameters
    code.extend(step.repeat(40_000));
    code.extend([0x20, 0, 0x0b]);
    let mut body = leb(code.len());
    body.extend(code);
    let mut module = b"\0asm\x01\0\0\0".to_vec();
    // one type (i32, i32) -> i32, one function of it, its body
    section(&mut module, 1, &[1, 0x60, 2, 0x7f, 0x7f, 1, 0x7f]);
    section(&mut module, 3, &[1, 0]);
    section(&mut module, 10, &[vec![1], body].concat());
    section(&mut component, 1, &module);
    component
}

fn section(to: &mut Vec<u8>, id: u8, bytes: &[u8]) {
    to.push(id);
    to.extend(leb(bytes.len()));
    to.extend(bytes);
}

fn leb(mut n: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(n & 0x7f).unwrap();
        n >>= 7;
        bytes.push(if n == 0 { low } else { low | 0x80 });
        if n == 0 {
            return bytes;
        }
    }
}
