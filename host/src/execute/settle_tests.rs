//! The table of `settle`, row by row, and two properties over all rows.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use super::*;
use crate::journal::entry::OrderState;
use crate::model::{Device, Digest, Failure, Receipt, Target, Verb};

fn order(attempt: u32, asked: u32) -> OrderRecord {
    OrderRecord {
        id: "order-1".into(),
        case: "case-1".into(),
        proposal: "p-1".into(),
        after: None,
        key: Digest::of(b"key"),
        action: Verb::ContainDevice,
        target: Target::Device(Device::default()),
        canonical: "device|a".into(),
        arguments: vec![],
        attributes: vec![],
        connector: "edr".into(),
        lease_s: None,
        inverse: Verb::ContainDevice.row().inverse,
        undoes: None,
        unattended: true,
        made: Millis(0),
        state: OrderState::Dispatched,
        since: Millis(0),
        why: String::new(),
        attempt,
        asked,
        next: None,
        then: Call::Status,
        dispatched: (attempt > 0).then_some(Millis(0)),
        answers: vec![],
    }
}

fn far(class: Class) -> Far {
    Far {
        class,
        effect_delay_ms: 1000,
        key_ttl_ms: Some(86_400_000),
        leaves_effect: true,
    }
}

fn receipt(outcome: Outcome) -> Answered {
    Answered::Receipt(Receipt {
        outcome,
        reference: None,
        detail: "d".into(),
        retry_after_ms: None,
        attributes: vec![],
    })
}

fn failure() -> Failure {
    Failure {
        code: "internal".into(),
        message: "m".into(),
    }
}

fn ask(order: &OrderRecord, class: Class, call: Call, answer: &Answered) -> Next {
    settle(
        order,
        far(class),
        call,
        answer,
        Millis(5000),
        &Limits::DEFAULT,
    )
}

#[test]
fn what_was_in_force_before_us_is_not_ours() {
    assert_eq!(
        ask(
            &order(0, 1),
            Class::B,
            Call::Status,
            &receipt(Outcome::Done)
        ),
        Next::Already
    );
    assert_eq!(
        ask(
            &order(0, 1),
            Class::B,
            Call::Status,
            &receipt(Outcome::Already)
        ),
        Next::Already
    );
    assert_eq!(
        ask(
            &order(0, 1),
            Class::B,
            Call::Status,
            &receipt(Outcome::Absent)
        ),
        Next::Send
    );
}

#[test]
fn done_is_done_only_when_status_has_confirmed_it() {
    assert!(matches!(
        ask(
            &order(1, 0),
            Class::B,
            Call::Execute,
            &receipt(Outcome::Done)
        ),
        Next::AskAfter(0, _)
    ));
    assert_eq!(
        ask(
            &order(1, 1),
            Class::B,
            Call::Status,
            &receipt(Outcome::Done)
        ),
        Next::Done
    );
    let message = Far {
        leaves_effect: false,
        ..far(Class::A)
    };
    assert_eq!(
        settle(
            &order(1, 0),
            message,
            Call::Execute,
            &receipt(Outcome::Done),
            Millis(0),
            &Limits::DEFAULT
        ),
        Next::Done
    );
}

#[test]
fn an_unknown_outcome_is_asked_about_before_anything_is_sent_again() {
    let unknown = Answered::Fault(Fault::Unknown(failure()));
    assert!(matches!(
        ask(&order(1, 0), Class::B, Call::Execute, &unknown),
        Next::AskAfter(..)
    ));
    assert!(matches!(
        ask(
            &order(1, 1),
            Class::B,
            Call::Status,
            &receipt(Outcome::Absent)
        ),
        Next::SendAfter(..)
    ));
    assert!(matches!(
        ask(
            &order(3, 1),
            Class::B,
            Call::Status,
            &receipt(Outcome::Absent)
        ),
        Next::Person(_)
    ));
    assert!(matches!(
        ask(&order(1, 0), Class::D, Call::Execute, &unknown),
        Next::Person(_)
    ));
}

#[test]
fn a_call_that_had_no_slot_is_made_again_whatever_the_far_side_offers() {
    let no_slot = Failure {
        code: "CS-run-54".into(),
        ..failure()
    };
    let answer = Answered::Fault(Fault::NotDone(no_slot));
    for class in [Class::A, Class::B, Class::C, Class::D] {
        let next = ask(&order(1, 0), class, Call::Execute, &answer);
        assert!(matches!(next, Next::SendAfter(..)), "{class:?} {next:?}");
        let next = ask(&order(12, 0), class, Call::Execute, &answer);
        assert!(matches!(next, Next::Person(_)), "{class:?} {next:?}");
    }
}

#[test]
fn an_effect_that_is_slow_to_show_is_waited_for() {
    let slow = Far {
        effect_delay_ms: 60_000,
        ..far(Class::B)
    };
    let next = settle(
        &order(1, 1),
        slow,
        Call::Status,
        &receipt(Outcome::Absent),
        Millis(5000),
        &Limits::DEFAULT,
    );
    assert!(matches!(next, Next::AskAfter(..)), "{next:?}");
}

#[test]
fn each_sending_gets_the_time_that_its_effect_may_take_to_show() {
    let slow = Far {
        effect_delay_ms: 60_000,
        ..far(Class::B)
    };
    let again = OrderRecord {
        since: Millis(70_000),
        ..order(2, 1)
    };
    let at = |now| {
        let absent = receipt(Outcome::Absent);
        settle(
            &again,
            slow,
            Call::Status,
            &absent,
            Millis(now),
            &Limits::DEFAULT,
        )
    };
    assert!(matches!(at(71_000), Next::AskAfter(..)), "{:?}", at(71_000));
    assert!(
        matches!(at(131_000), Next::SendAfter(..)),
        "{:?}",
        at(131_000)
    );
}

#[test]
fn a_definite_no_ends_the_order() {
    let definite = Answered::Fault(Fault::Definite(failure()));
    assert!(matches!(
        ask(&order(1, 0), Class::B, Call::Execute, &definite),
        Next::Failed(_)
    ));
    assert!(matches!(
        ask(&order(0, 1), Class::B, Call::Status, &definite),
        Next::Failed(_)
    ));
}

fn every_answer() -> Vec<Answered> {
    let receipts = [
        Outcome::Done,
        Outcome::Already,
        Outcome::Pending,
        Outcome::Absent,
        Outcome::Unknown,
    ]
    .map(receipt);
    let faults = [
        Fault::Definite(failure()),
        Fault::NotDone(failure()),
        Fault::Unknown(failure()),
    ]
    .map(Answered::Fault);
    receipts.into_iter().chain(faults).collect()
}

#[test]
fn class_d_is_never_sent_twice_whatever_comes_back() {
    let mut rows = 0;
    for (call, attempt) in [
        (Call::Execute, 1),
        (Call::Status, 1),
        (Call::Execute, 2),
        (Call::Status, 2),
    ] {
        for answer in every_answer() {
            for asked in [0, 1, 5, 12, 40] {
                let next = ask(&order(attempt, asked), Class::D, call, &answer);
                assert!(
                    !matches!(next, Next::Send | Next::SendAfter(..)),
                    "{call:?} {answer:?} {next:?}"
                );
                rows += 1;
            }
        }
    }
    assert_eq!(rows, 160);
}

#[test]
fn every_order_ends_if_the_far_side_keeps_saying_the_same() {
    let mut ends = 0;
    for class in [Class::A, Class::B, Class::C, Class::D] {
        for answer in every_answer() {
            let (mut at, mut asked, mut call, mut now) = (0, 0, Call::Status, 0_u64);
            let end = (0..500).find_map(|_| {
                if call == Call::Status {
                    asked += 1;
                }
                let next = settle(
                    &order(at, asked),
                    far(class),
                    call,
                    &answer,
                    Millis(now),
                    &Limits::DEFAULT,
                );
                match next {
                    Next::Send => (call, at, asked) = (Call::Execute, at + 1, 0),
                    Next::SendAfter(ms, _) => {
                        (call, at, asked, now) = (Call::Execute, at + 1, 0, now + ms)
                    }
                    Next::AskAfter(ms, _) => (call, now) = (Call::Status, now + ms.max(1)),
                    end => return Some(end),
                }
                None
            });
            assert!(end.is_some(), "{class:?} {answer:?}");
            ends += 1;
        }
    }
    assert_eq!(ends, 4 * 8);
}
