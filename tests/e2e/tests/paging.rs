//! People are told, and told again until one of them acted; what could not be delivered is shown
//! and tried again.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on ends, and says where"
)]

use e2e::alerts::Incident;
use e2e::{
    ANALYST, LEAD, LEAD2, OPERATOR, OWNER, Review, Setup, Stack, asset, enforced, group, stays,
    until, until_in,
};
use range::faults::{Mode, Rule};
use range::state::Containment;
use serde_json::{Value, json};
use std::time::Duration;

/// How often the pager took a page of this kind.
fn told(stack: &Stack, kind: &str) -> usize {
    let pages = stack.range.pages();
    pages.iter().filter(|it| it.body["kind"] == kind).count()
}

fn overreaches(stack: &Stack) -> Vec<Value> {
    let all = stack.api(LEAD).get("overreaches?all=true&limit=1000").ok();
    all["overreaches"].as_array().unwrap().clone()
}

/// Once what was on its way meanwhile has arrived.
fn nobody_is_told_any_more(stack: &Stack, kind: &str) {
    // one more may have been on its way
    let so_far = told(stack, kind);
    let least = std::time::Instant::now();
    until("what was on its way has arrived", || {
        (told(stack, kind) > so_far || least.elapsed() > Duration::from_secs(1)).then_some(())
    });
    let last = told(stack, kind);
    stays("nobody is told any more", Duration::from_secs(3), || {
        told(stack, kind) == last
    });
}

/// The open page of a kind.
fn open(stack: &Stack, kind: &str) -> Option<Value> {
    let pages = stack.api(LEAD).get("pages").ok();
    pages["pages"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["about"] == kind)
        .cloned()
}

fn acknowledge(stack: &Stack, person: &str, page: &Value) -> e2e::Answer {
    let path = format!("pages/{}/acknowledge", page["id"].as_str().unwrap());
    stack
        .api(person)
        .post(&path, &json!({ "comment": "on it" }))
}

/// A real mail server that prints what it takes; ended with the test.
struct MailServer {
    child: std::process::Child,
    port: u16,
    taken: std::path::PathBuf,
    _folder: tempfile::TempDir,
}

impl MailServer {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let taken = folder.path().join("taken");
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let child = std::process::Command::new("aiosmtpd")
            .env("PYTHONUNBUFFERED", "1")
            .args(["-n", "-l"])
            .arg(format!("127.0.0.1:{port}"))
            .stdout(std::fs::File::create(&taken).unwrap())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap_or_else(|it| panic!("aiosmtpd: {it}; apt-get install python3-aiosmtpd"));
        let mut it = Self {
            child,
            port,
            taken,
            _folder: folder,
        };
        until(
            "the mail server listens (apt-get install python3-aiosmtpd)",
            || {
                assert!(
                    it.child.try_wait().unwrap().is_none(),
                    "the mail server ended"
                );
                std::net::TcpStream::connect(("127.0.0.1", port)).ok()
            },
        );
        it
    }
    fn taken(&self) -> String {
        std::fs::read_to_string(&self.taken).unwrap()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn mail_reaches_a_real_server_and_those_whom_it_is_for() {
    if e2e::without("mail-server") {
        return;
    }
    let server = MailServer::start();
    let mail = format!(
        "[mail]\nhost = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\nfrom = \"countersign@acme.example\"\n",
        server.port
    );
    let incident = Incident::on_server("SRV-1").taken();
    let stack = Setup::new()
        .channels(&["mail"])
        .tenant_tables(&mail)
        .start();
    let case = stack.play(&incident);
    stack.judged_case(&case);
    let said = until("the page is mailed", || {
        let said = server.taken();
        said.contains("Subject:").then_some(said)
    });
    let head: Vec<&str> = said
        .lines()
        .take_while(|it| !it.trim().is_empty())
        .collect();
    assert!(head.iter().any(|it| it.contains(OWNER)), "{said}");
    let pages = stack.api(LEAD).get("pages").ok();
    let told = pages["pages"].as_array().unwrap().iter().any(|it| {
        it["told"]
            .as_array()
            .is_some_and(|it| it.contains(&json!(OWNER)))
    });
    assert!(told, "{pages}");
}

#[test]
fn a_mail_server_that_is_away_is_shown_and_tried_again() {
    let mail = "[mail]\nhost = \"127.0.0.1\"\nport = 1\nsecurity = \"none\"\nfrom = \"countersign@acme.example\"\n";
    let stack = Setup::new().channels(&["mail"]).tenant_tables(mail).start();
    let case = stack.play(&Incident::on_server("SRV-1").taken());
    stack.judged_case(&case);
    until("that it was not delivered is shown", || {
        let page = open(&stack, "overreach")?;
        (page["undelivered"].as_u64()? > 0).then_some(())
    });
}

#[test]
fn an_owner_who_consented_beforehand_is_not_needed() {
    let incident = Incident::on_workstation("WS-1");
    let stack = Setup::new().start();
    let mut protected = asset(&incident, &["ours"], Review::Reviewed);
    protected["protection"] = json!("critical");
    let mut ours = group("ours", "enforce");
    ours["consent_by"] = json!(OWNER);
    ours["consent_until"] = json!("2099-01-01");
    stack.import(&json!({ "groups": [ours], "assets": [protected] }));
    let case = stack.play(&incident);
    let held = stack.proposal_in(&case, "quarantine-file", &["held"]);
    let needs = &held["judged"]["finding"];
    assert!(!needs.to_string().contains("owner"), "{needs}");
    stack.approve(ANALYST, &held).ok();
    let decided = stack.approve(LEAD, &held).ok();
    assert_eq!(decided["state"], "ordered", "{decided}");
}

#[test]
fn an_overreach_is_told_once_a_cause_and_again_until_somebody_acknowledges_it() {
    let incidents = ["SRV-1", "SRV-2", "SRV-3"].map(|it| Incident::on_server(it).taken());
    let stack = Setup::new().page_repeat_s(1).start();
    stack.load(&incidents);
    for incident in &incidents {
        let case = stack.deliver(&incident.alert()).swap_remove(0);
        stack.judged_case(&case);
    }
    assert_eq!(overreaches(&stack).len(), 6, "two on each of three servers");
    until("it is told again", || {
        (told(&stack, "overreach") >= 3).then_some(())
    });
    let pages = stack.api(LEAD).get("pages").ok();
    let open = pages["pages"].as_array().unwrap().iter();
    assert_eq!(
        open.filter(|it| it["about"] == "overreach").count(),
        1,
        "one page a cause: {pages}"
    );

    for overreach in overreaches(&stack) {
        let path = format!(
            "overreaches/{}/acknowledge",
            overreach["id"].as_str().unwrap()
        );
        let refused = stack.api(OPERATOR).post(&path, &json!({}));
        assert_eq!(
            refused.status, 403,
            "an operator decides nothing: {}",
            refused.body
        );
        stack
            .api(ANALYST)
            .post(&path, &json!({ "comment": "seen" }))
            .ok();
    }
    nobody_is_told_any_more(&stack, "overreach");
    let held = stack.api(LEAD).get("proposals?state=held").ok();
    assert_eq!(
        held["proposals"].as_array().unwrap().len(),
        9,
        "the repair waits on: {held}"
    );
}

#[test]
fn a_page_that_cannot_be_delivered_is_shown_and_sent_again() {
    let incident = Incident::on_server("SRV-1").taken();
    let stack = Setup::new().start();
    stack
        .range
        .set_faults(vec![Rule::new(Mode::Fail4xx).on("/range/pages")]);
    let case = stack.play(&incident);
    stack.judged_case(&case);
    until("that it was not delivered is shown", || {
        let pages = stack.api(LEAD).get("pages").ok();
        let pages = pages["pages"].as_array()?.clone();
        let failed = pages.iter().find(|it| it["about"] == "overreach")?;
        (failed["undelivered"].as_u64()? > 0).then_some(())
    });
    assert_eq!(told(&stack, "overreach"), 0);
    stack.range.set_faults(vec![]);
    until("it is delivered after all", || {
        (told(&stack, "overreach") > 0).then_some(())
    });
}

#[test]
fn a_page_is_told_again_after_a_crash() {
    let incident = Incident::on_server("SRV-1").taken();
    let mut stack = Setup::new().page_repeat_s(2).start();
    let case = stack.play(&incident);
    stack.judged_case(&case);
    until("it is told", || {
        (told(&stack, "overreach") > 0).then_some(())
    });
    stack.kill();
    let before = told(&stack, "overreach");
    stack.restart();
    until("it is told again", || {
        (told(&stack, "overreach") > before).then_some(())
    });
}

#[test]
#[ignore = "takes over a minute: a lease is a minute at least"]
fn a_lease_that_ends_asks_people_and_gives_nothing_back_by_itself() {
    let incident = Incident::on_workstation("WS-17");
    let stack = Setup::new().page_repeat_s(5).start();
    stack.import(&enforced(std::slice::from_ref(&incident)));
    stack.load(std::slice::from_ref(&incident));
    let case = stack.deliver_ocsf(&incident.finding(5)).swap_remove(0);
    stack.proposal_in(&case, "contain-device", &["done"]);
    let effect = stack.effects().remove("contain-device").unwrap();
    let id = effect["id"].as_str().unwrap();
    let minute = json!({ "seconds": 60, "comment": "one more minute" });
    stack
        .api(ANALYST)
        .post(&format!("effects/{id}/renew"), &minute)
        .ok();
    until_in(Duration::from_secs(90), "people are asked, twice", || {
        (told(&stack, "lease") >= 2).then_some(())
    });
    assert_eq!(stack.range.world().devices[0].containment, Containment::On);
    let asked = stack.proposal_in(&case, "release-device", &["held"]);
    stack.approve(ANALYST, &asked).ok();
    until("it is given back", || {
        (stack.range.world().devices[0].containment == Containment::Off).then_some(())
    });
    assert!(!stack.effects().contains_key("contain-device"));
}

#[test]
fn what_is_refused_altogether_is_told_once_a_cause_until_somebody_has_seen_it() {
    let incidents = ["KIOSK-1", "KIOSK-2"].map(Incident::on_workstation);
    let stack = Setup::new().page_repeat_s(1).start();
    let protected = incidents.each_ref().map(|it| {
        let mut asset = asset(it, &["ours"], Review::Reviewed);
        asset["protection"] = json!("never");
        asset
    });
    stack.import(&json!({ "groups": [group("ours", "enforce")], "assets": protected }));
    stack.load(&incidents);
    for incident in &incidents {
        let case = stack.deliver(&incident.alert()).swap_remove(0);
        stack.judged_case(&case);
    }
    until("it is told, and again", || {
        (told(&stack, "refused") >= 2).then_some(())
    });
    let page = open(&stack, "refused").unwrap();
    assert!(
        page["text"].as_str().unwrap().contains("[floor-never]"),
        "{page}"
    );
    acknowledge(&stack, OPERATOR, &page).refused(403, "CS-api-03");
    acknowledge(&stack, ANALYST, &page).ok();
    acknowledge(&stack, LEAD, &page).refused(409, "CS-page-01");
    assert_eq!(open(&stack, "refused"), None, "one page a cause");
    nobody_is_told_any_more(&stack, "refused");
}

#[test]
fn a_broken_glass_is_looked_at_by_somebody_else() {
    let incident = Incident::on_server("SRV-1").taken();
    let stack = Setup::new().page_repeat_s(1).start();
    let case = stack.play(&incident);
    let first = stack.proposal_in(&case, "allow-software", &["held"]);
    let path = format!("proposals/{}/approve", first["id"].as_str().unwrap());
    let broken = json!({ "digest": first["judged"]["digest"], "comment": "the line stands still", "emergency": true });
    stack.api(LEAD).post(&path, &broken).ok();
    until("it is told", || {
        (told(&stack, "emergency") > 0).then_some(())
    });
    let page = open(&stack, "emergency").unwrap();
    acknowledge(&stack, LEAD, &page).refused(403, "CS-api-03");
    acknowledge(&stack, OWNER, &page).ok();
    nobody_is_told_any_more(&stack, "emergency");
    let overreach = open(&stack, "overreach").unwrap();
    acknowledge(&stack, LEAD2, &overreach).refused(409, "CS-page-02");
}

#[test]
fn a_repair_ends_the_page_of_its_overreach() {
    let incident = Incident::on_server("SRV-1").taken();
    let stack = Setup::new().start();
    let case = stack.play(&incident);
    let first = stack.proposal_in(&case, "allow-software", &["held"]);
    assert!(open(&stack, "overreach").is_some());
    stack.approve(LEAD, &first).ok();
    stack.approve(OWNER, &first).ok();
    stack.all_in(&case, &["restore-file", "start-process"], "done");
    until("its page is closed", || {
        open(&stack, "overreach").is_none().then_some(())
    });
    assert_eq!(open(&stack, "held"), None);
}

/// An order of which nobody can tell what became of it.
fn unknown(stack: &Stack, incident: &Incident) -> (String, Value) {
    stack.import(&enforced(std::slice::from_ref(incident)));
    let files = format!("/edr/devices/{}/files", incident.device_id);
    stack
        .range
        .set_faults(vec![Rule::new(Mode::Fail5xx).on(&files).method("GET")]);
    let case = stack.play(incident);
    let proposal = stack.proposal_in(&case, "quarantine-file", &["needs-person"]);
    (case, proposal)
}

fn conclude(stack: &Stack, person: &str, proposal: &Value, body: &Value) -> e2e::Answer {
    let path = format!("proposals/{}/conclude", proposal["id"].as_str().unwrap());
    stack.api(person).post(&path, body)
}

#[test]
fn what_nobody_can_tell_is_told_until_a_person_says_what_is_so() {
    let incident = Incident::on_workstation("WS-1");
    let stack = Setup::new().page_repeat_s(1).start();
    let (case, proposal) = unknown(&stack, &incident);
    until("it is told, and again", || {
        (told(&stack, "needs-person") >= 2).then_some(())
    });
    let page = open(&stack, "needs-person").unwrap();
    acknowledge(&stack, LEAD, &page).refused(409, "CS-page-02");
    let found = json!({ "in_force": true, "comment": "the console of the EDR shows it" });
    conclude(&stack, OPERATOR, &proposal, &found).refused(403, "CS-api-03");
    let silent = json!({ "in_force": true, "comment": " " });
    conclude(&stack, ANALYST, &proposal, &silent).refused(422, "CS-approval-07");
    conclude(&stack, ANALYST, &proposal, &found).ok();
    conclude(&stack, LEAD, &proposal, &found).refused(409, "CS-approval-06");
    stack.proposal_in(&case, "quarantine-file", &["done"]);
    let effect = stack.effects().remove("quarantine-file").unwrap();
    assert_eq!(
        (&effect["origin"], &effect["inverse"]),
        (&json!("person"), &json!("restore-file")),
        "{effect}"
    );
    nobody_is_told_any_more(&stack, "needs-person");
}

#[test]
fn what_a_person_found_not_in_force_has_failed_and_leaves_no_effect() {
    let incident = Incident::on_workstation("WS-1");
    let stack = Setup::new().start();
    let (case, proposal) = unknown(&stack, &incident);
    let found = json!({ "in_force": false, "comment": "the file is where it was" });
    conclude(&stack, ANALYST, &proposal, &found).ok();
    stack.proposal_in(&case, "quarantine-file", &["failed"]);
    assert!(!stack.effects().contains_key("quarantine-file"));
    stack.case_in(&case, "ended");
}
