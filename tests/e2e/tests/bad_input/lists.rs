//! Lists of assets and sightings: nothing is taken in while there is a mistake, and all are told.

use crate::{goes_on, refused};
use e2e::{LEAD, Setup};
use hyper::Method;

#[test]
fn a_list_that_is_none_is_refused_at_its_place() {
    let stack = Setup::new().start();
    let json = "application/json";
    #[rustfmt::skip]
    let rows: &[(&str, &str, &[u8], &str)] = &[
        ("assets:import", json, b"", "CS-asset-01"),
        ("assets:import", json, b"{\"assets\": [", "CS-asset-01"),
        ("assets:import", json, b"{\"assets\": [], \"assets\": []}", "CS-asset-01"),
        ("assets:import", json, b"{\"assets\": [{\"name\": \"\xff\"}]}", "CS-asset-01"),
        ("assets:import", json, b"name,kind\nws-1,server\n", "CS-asset-01"),
        ("assets:import", json, b"{\"asset\": []}", "CS-asset-02"),
        ("assets:import", json, b"{\"assets\": [{\"name\": \"a\", \"knd\": \"server\"}]}", "CS-asset-02"),
        ("assets:import", json, b"{\"assets\": [{\"kind\": \"server\"}]}", "CS-asset-03"),
        ("assets:import", json, b"{\"assets\": [{\"name\": \"a\", \"kind\": \"toaster\"}]}", "CS-asset-04"),
        ("assets:import", json, b"{\"assets\": [{\"name\": \"a\", \"groups\": [\"none\"]}]}", "CS-asset-05"),
        ("assets:import", "text/csv", b"{\"assets\": []}", "CS-asset-02"),
        ("assets:import", "text/csv", b"name,kind\nws-1\n", "CS-asset-01"),
        ("assets:import", "text/csv", b"name,name\na,b\n", "CS-asset-02"),
        ("sightings", json, b"[", "CS-asset-01"),
        ("sightings", json, b"{\"seen\": []}", "CS-asset-02"),
        ("sightings", json, b"{\"sightings\": [{\"device\": \"a\"}]}", "CS-asset-03"),
        ("sightings", json, b"{\"sightings\": [{\"device\": \"a\", \"name\": \"n\", \"path\": \"C:\\\\a.exe\", \"first_seen\": \"yesterday\"}]}", "CS-asset-08"),
        ("sightings", "text/csv", b"device,path\n\"a\n", "CS-asset-01"),
    ];
    for (path, content_type, body, code) in rows {
        let what = format!("{path} {content_type} {}", String::from_utf8_lossy(body));
        let api = stack.api(LEAD);
        let answer = api.send(Method::POST, path, content_type, body.to_vec());
        refused(&answer, 422, code, &what);
    }
    let deep = [
        b"{\"assets\":".repeat(100_000),
        b"1".to_vec(),
        b"}".repeat(100_000),
    ]
    .concat();
    for path in ["assets:import", "sightings"] {
        let answer = stack.api(LEAD).send(Method::POST, path, json, deep.clone());
        refused(&answer, 422, "CS-asset-01", &format!("{path}, deep"));
    }
    let assets = stack.api(LEAD).get("assets").ok();
    assert_eq!(
        assets["assets"].as_array().unwrap().len(),
        0,
        "nothing was taken in: {assets}"
    );
    goes_on(&stack, "lists that are none");
}
