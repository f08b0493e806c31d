//! Connectors that misbehave.

use crate::support::*;
use countersign::engine::{LimitKind, Limits};
use countersign::model::Fault;
use countersign::plugin::{Call, HttpError};
use std::time::{Duration, Instant};

guest!(floods_the_far_side, it => {
    let contact = execute(&it);
    let Err(Fault::Unknown(why)) = &contact.call.result else {
        panic!("{:?}", contact.call.result)
    };
    assert_eq!(why.code, "CS-run-53");
    assert_eq!(why.message, "made more than 16 requests (http_requests)");
    assert_eq!((contact.requests_seen, contact.call.requests.len()), (16, 16));
    let less = limits(&[(LimitKind::Connector, "http_requests", 2)]);
    assert_eq!(connect(&it, Call::Execute, less).requests_seen, 2);
});

guest!(posts_too_much, it => {
    let contact = execute(&it);
    assert!(matches!(contact.call.result, Err(Fault::NotDone(_))));
    let error = contact.call.requests[0].error.clone();
    assert!(matches!(error, Some(HttpError::Invalid(_))), "{error:?}");
    assert_eq!(contact.requests_seen, 0);
    let more = limits(&[(LimitKind::Connector, "http_body_kib", 1025)]);
    let contact = connect(&it, Call::Execute, more);
    assert_eq!((contact.requests_seen, contact.call.result.is_ok()), (1, true));
});

guest!(strays_from_its_grant, it => {
    let contact = execute(&it);
    assert_eq!(contact.call.result.unwrap().detail, "0 got through");
    assert_eq!(contact.requests_seen, 0);
    assert_eq!(contact.call.requests.len(), 9);
    assert!(contact.call.requests.iter().all(|it| !it.sent));
});

guest!(panics_before_sending, it => {
    let contact = execute(&it);
    let Err(Fault::NotDone(why)) = &contact.call.result else {
        panic!("{:?}", contact.call.result)
    };
    assert_eq!(why.code, "CS-run-48");
    assert!(why.message.contains("before"), "{}", why.message);
});

guest!(panics_after_sending, it => {
    let contact = execute(&it);
    let Err(Fault::Unknown(why)) = &contact.call.result else {
        panic!("{:?}", contact.call.result)
    };
    assert_eq!(why.code, "CS-run-48");
    assert_eq!(contact.requests_seen, 1);
});

guest!(denies_what_it_did, it => {
    let contact = execute(&it);
    let Err(Fault::NotDone(why)) = &contact.call.result else {
        panic!("{:?}", contact.call.result)
    };
    assert_eq!(why.code, "CS-run-10");
    let status = connect(&it, Call::Status, Limits::default());
    assert!(status.call.result.is_ok());
});

guest!(waits_for_the_far_side, it => {
    let started = Instant::now();
    let contact = execute(&it);
    assert!(started.elapsed() < Duration::from_secs(20));
    assert!(matches!(contact.call.result, Err(Fault::Unknown(_))));
    assert_eq!(contact.call.requests[0].error, Some(HttpError::Timeout));
    assert_eq!(contact.requests_seen, 1);
});

guest!(misacts_as_told, it => {
    let loaded = load(&it);
    for (misdeed, code) in MISDEEDS {
        let contact = execute_on(&loaded, misdeed);
        let Err(Fault::NotDone(why)) = &contact.call.result else {
            panic!("{misdeed}: {:?}", contact.call.result)
        };
        assert_eq!(why.code, code, "{misdeed}");
        assert_eq!(contact.requests_seen, 0, "{misdeed}");
    }
    let contact = execute_on(&loaded, "heads-too-much");
    let error = contact.call.requests[0].error.clone();
    assert!(matches!(error, Some(HttpError::Invalid(_))), "{error:?}");
    assert!(execute_on(&loaded, "floods-the-log").call.result.is_ok());
});
