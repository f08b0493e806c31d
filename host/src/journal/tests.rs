//! What the store promises, seen through its handles.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::model::{CaseId, Digest, Millis, TenantId};

pub(super) fn entry(tenant: &str, text: &str) -> NewEntry {
    NewEntry {
        tenant: tenant.into(),
        kind: "case-opened",
        at: Millis(1_000),
        case: Some(CaseId::from("case-1")),
        body: serde_json::to_vec(&serde_json::json!({ "text": text })).unwrap(),
        attachments: vec![format!("raw {text}\n").into_bytes()],
    }
}

pub(super) fn one(tenant: &str, text: &str) -> Append {
    Append {
        entries: vec![entry(tenant, text)],
        docs: vec![],
    }
}

fn doc(id: &str, live: bool, body: Option<&str>) -> DocWrite {
    DocWrite {
        tenant: "acme".into(),
        kind: "case",
        id: id.into(),
        live,
        at: Millis(7),
        body: body.map(|b| b.as_bytes().to_vec()),
    }
}

fn folder() -> (TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("countersign.db");
    (folder, path)
}

/// A store whose writer waits inside the first acknowledgement until the sender speaks.
fn blocked(path: &Path, mut options: Options) -> (Store, Sender<()>, Arc<Mutex<Vec<Commit>>>) {
    let commits = Arc::new(Mutex::new(Vec::new()));
    let seen = commits.clone();
    options.on_commit = Box::new(move |c| seen.lock().unwrap().push(c));
    let store = Store::open_with(path, options).unwrap();
    let (go, wait): (Sender<()>, Receiver<()>) = channel();
    let (inside, ready) = channel();
    store
        .append(one("acme", "first"), move |_| {
            inside.send(()).unwrap();
            wait.recv().unwrap();
        })
        .unwrap();
    ready.recv().unwrap();
    (store, go, commits)
}

fn exported(store: &Store, tenant: &str) -> Vec<u8> {
    let mut out = Vec::new();
    export(
        &store.reader().unwrap(),
        &tenant.into(),
        Millis(9),
        &mut out,
    )
    .unwrap();
    out
}

#[test]
fn what_was_acknowledged_is_read_back_as_it_was_written() {
    let (_folder, path) = folder();
    let store = Store::open(&path).unwrap();
    let placed = store.append_blocking(one("acme", "a")).unwrap();
    let reader = store.reader().unwrap();
    let read = reader.entries(&"acme".into(), 0, 10).unwrap();
    assert_eq!(read.len(), 1);
    assert_eq!((read[0].n, &read[0].hash), (1, &placed.places[0].hash));
    assert_eq!(Digest::of(&read[0].header), read[0].hash);
    assert_eq!(read[0].body.as_deref(), Some(&br#"{"text":"a"}"#[..]));
    assert_eq!(
        (read[0].kind.as_str(), read[0].at),
        ("case-opened", Millis(1_000))
    );
    let raw = reader
        .payload(&"acme".into(), &read[0].attachments[0])
        .unwrap();
    assert_eq!(raw.as_deref(), Some(&b"raw a\n"[..]));
    let of_case = reader
        .case_entries(&"acme".into(), &CaseId::from("case-1"), 0, 10)
        .unwrap();
    assert_eq!(of_case, read);
    assert!(
        reader
            .payload(&"other".into(), &read[0].attachments[0])
            .unwrap()
            .is_none()
    );
}

#[test]
fn documents_are_written_with_the_entries_and_deleted_by_none() {
    let (_folder, path) = folder();
    let store = Store::open(&path).unwrap();
    let docs = vec![
        doc("a", true, Some("1")),
        doc("b", false, Some("2")),
        doc("c", true, Some("3")),
    ];
    store
        .append_blocking(Append {
            entries: vec![entry("acme", "x")],
            docs,
        })
        .unwrap();
    let docs = vec![doc("a", true, Some("4")), doc("c", true, None)];
    store
        .append_blocking(Append {
            entries: vec![],
            docs,
        })
        .unwrap();
    let reader = store.reader().unwrap();
    let ids = |scope| -> Vec<(String, Vec<u8>)> {
        let docs = reader.docs(&"acme".into(), "case", scope).unwrap();
        docs.into_iter().map(|d| (d.id, d.body)).collect()
    };
    assert_eq!(ids(DocScope::Live), [("a".into(), b"4".to_vec())]);
    assert_eq!(
        ids(DocScope::All),
        [("a".into(), b"4".to_vec()), ("b".into(), b"2".to_vec())]
    );
    assert!(reader.doc(&"other".into(), "case", "a").unwrap().is_none());
    let after = reader.docs_after(&"acme".into(), "case", "a", 1).unwrap();
    assert_eq!(after[0].id, "b");
}

#[test]
fn what_gathers_during_a_flush_shares_the_next_and_is_acknowledged_in_order() {
    let (_folder, path) = folder();
    let (store, go, commits) = blocked(&path, Options::default());
    let order = Arc::new(Mutex::new(Vec::new()));
    for i in 0..2_500_u64 {
        let order = order.clone();
        store
            .append(one("acme", &i.to_string()), move |result| {
                order.lock().unwrap().push((i, result.unwrap().places[0].n));
            })
            .unwrap();
    }
    go.send(()).unwrap();
    drop(store);
    let order = order.lock().unwrap();
    assert_eq!(*order, (0..2_500).map(|i| (i, i + 2)).collect::<Vec<_>>());
    let sizes: Vec<usize> = commits.lock().unwrap().iter().map(|c| c.entries).collect();
    assert_eq!(sizes, [1, 1_024, 1_024, 452]);
}

#[test]
fn a_commit_is_bounded_by_bytes() {
    let (_folder, path) = folder();
    let (store, go, commits) = blocked(&path, Options::default());
    for _ in 0..10 {
        let mut big = entry("acme", "big");
        big.body = vec![b'7'; 1 << 20];
        store
            .append(
                Append {
                    entries: vec![big],
                    docs: vec![],
                },
                |r| assert!(r.is_ok()),
            )
            .unwrap();
    }
    go.send(()).unwrap();
    drop(store);
    let sizes: Vec<usize> = commits.lock().unwrap().iter().map(|c| c.entries).collect();
    assert_eq!(sizes, [1, 4, 4, 2]);
}

#[test]
fn a_full_queue_refuses_and_recovers() {
    let (_folder, path) = folder();
    let options = Options {
        queue_appends_max: 3,
        ..Options::default()
    };
    let (store, go, _) = blocked(&path, options);
    for _ in 0..3 {
        store
            .append(one("acme", "x"), |r| assert!(r.is_ok()))
            .unwrap();
    }
    assert_eq!(
        store.append(one("acme", "x"), |_| panic!("called")),
        Err(Full)
    );
    go.send(()).unwrap();
    while store.append_blocking(one("acme", "last")).is_err() {
        std::thread::yield_now();
    }
    assert_eq!(store.reader().unwrap().count(&"acme".into()).unwrap(), 5);
}

#[test]
fn a_queue_full_of_bytes_refuses_but_one_append_always_fits() {
    let (_folder, path) = folder();
    let options = Options {
        queue_bytes_max: 100,
        ..Options::default()
    };
    let (store, go, _) = blocked(&path, options);
    let mut big = one("acme", "x");
    big.entries[0].body = vec![b'7'; 1_000];
    store.append(big.clone(), |r| assert!(r.is_ok())).unwrap();
    assert_eq!(
        store.append(one("acme", "y"), |_| panic!("called")),
        Err(Full)
    );
    go.send(()).unwrap();
    drop(store);
}

#[test]
fn an_append_beyond_a_bound_is_refused_and_the_store_goes_on() {
    let (_folder, path) = folder();
    let store = Store::open(&path).unwrap();
    let mut big = one("acme", "x");
    big.entries[0].attachments = vec![vec![0; 49 << 20]];
    let error = store.append_blocking(big).unwrap_err();
    assert_eq!(error.code(), "CS-journal-08");
    assert_eq!(
        store.append_blocking(one("", "x")).unwrap_err().code(),
        "CS-journal-08"
    );
    assert_eq!(
        store.append_blocking(one("acme", "x")).unwrap().places[0].n,
        1
    );
}

#[test]
fn an_append_in_order_beyond_a_bound_stops_the_store() {
    let (_folder, path) = folder();
    let store = Store::open(&path).unwrap();
    let (said, heard) = channel();
    store.append_in_order(one("", "x"), move |r| said.send(r).unwrap());
    assert_eq!(heard.recv().unwrap().unwrap_err().code(), "CS-journal-06");
    assert_eq!(
        store.append_blocking(one("acme", "x")).unwrap_err().code(),
        "CS-journal-06"
    );
}

#[test]
fn a_second_opener_is_refused_with_the_first_ones_process_id() {
    let (_folder, path) = folder();
    let store = Store::open(&path).unwrap();
    let error = Store::open(&path).err().unwrap();
    assert_eq!(error.code(), "CS-journal-02");
    assert!(
        error.to_string().contains(&std::process::id().to_string()),
        "{error}"
    );
    drop(store);
    Store::open(&path).unwrap();
}

#[test]
fn a_panic_after_a_commit_stops_the_store_and_refuses_all_that_follows() {
    let (_folder, path) = folder();
    let (store, go, _) = blocked(&path, Options::default());
    store
        .append(one("acme", "x"), |_| panic!("on purpose"))
        .unwrap();
    let (said, heard) = channel();
    store
        .append(one("acme", "y"), move |r| said.send(r).unwrap())
        .unwrap();
    go.send(()).unwrap();
    // It was in the panicking one's commit, so it is durable and is told so.
    assert!(heard.recv().unwrap().is_ok());
    assert_eq!(
        store.append_blocking(one("acme", "z")).unwrap_err().code(),
        "CS-journal-06"
    );
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    assert_eq!(
        runtime.block_on(store.wait_stopped()).code(),
        "CS-journal-06"
    );
}

#[test]
fn chains_of_tenants_are_numbered_apart_and_go_on_after_a_start() {
    let (_folder, path) = folder();
    for round in 0..2 {
        let store = Store::open(&path).unwrap();
        let entries = vec![entry("a", "1"), entry("b", "1"), entry("a", "2")];
        let placed = store
            .append_blocking(Append {
                entries,
                docs: vec![],
            })
            .unwrap();
        let n: Vec<u64> = placed.places.iter().map(|p| p.n).collect();
        assert_eq!(n, [2 * round + 1, round + 1, 2 * round + 2]);
        assert_eq!(placed.seq, 3 * (round + 1));
    }
    let reader = Reader::open(&path).unwrap();
    assert_eq!(
        reader.tenants().unwrap(),
        [TenantId::from("a"), TenantId::from("b")]
    );
    let reports = verify_store(&reader).unwrap();
    assert_eq!(
        reports.iter().map(|r| r.entries).collect::<Vec<_>>(),
        [4, 2]
    );
    assert!(reports.iter().all(Report::is_whole), "{reports:?}");
}

#[test]
fn a_restored_database_is_noticed_until_a_person_confirms_it() {
    let (folder, path) = folder();
    let copy = folder.path().join("copy");
    let store = Store::open(&path).unwrap();
    store.append_blocking(one("acme", "a")).unwrap();
    drop(store);
    std::fs::copy(&path, &copy).unwrap();
    let store = Store::open(&path).unwrap();
    assert_eq!(store.rolled_back(), None);
    store.append_blocking(one("acme", "b")).unwrap();
    drop(store);

    std::fs::copy(&copy, &path).unwrap();
    let shorter = RolledBack::Shorter {
        found: 1,
        marked: 2,
    };
    let store = Store::open(&path).unwrap();
    assert_eq!(store.rolled_back(), Some(shorter));
    // It goes another way; the next start must still notice.
    store.append_blocking(one("acme", "c")).unwrap();
    drop(store);
    let store = Store::open(&path).unwrap();
    assert_eq!(
        store.rolled_back(),
        Some(RolledBack::Diverged { marked: 2 })
    );
    store.confirm_rolled_back().unwrap();
    assert_eq!(store.rolled_back(), None);
    drop(store);
    assert_eq!(Store::open(&path).unwrap().rolled_back(), None);
}

#[test]
fn a_replaced_a_moved_and_a_backed_up_store_are_noticed() {
    let (folder, path) = folder();
    let store = Store::open(&path).unwrap();
    store.append_blocking(one("acme", "a")).unwrap();
    let backup = folder.path().join("backup.db");
    store.backup(&backup).unwrap();
    assert_eq!(store.backup(&backup).unwrap_err().code(), "CS-journal-12");
    drop(store);
    let restored = Store::open(&backup).unwrap();
    assert_eq!(
        restored.rolled_back(),
        Some(RolledBack::Unmarked { found: 1 })
    );
    assert!(verify_store(&restored.reader().unwrap()).unwrap()[0].is_whole());

    std::fs::remove_file(&path).unwrap();
    let store = Store::open(&path).unwrap();
    assert!(matches!(
        store.rolled_back(),
        Some(RolledBack::Replaced { .. })
    ));
}

#[test]
fn a_cut_or_changed_end_of_a_chain_is_refused_at_the_open() {
    for sql in [
        "DELETE FROM entry WHERE n = 2",
        "UPDATE entry SET header = CAST(replace(CAST(header AS TEXT), 'opened', 'closed') AS BLOB) WHERE n = 2",
        "UPDATE head SET n = 1",
        "UPDATE head SET n = 1, hash = (SELECT hash FROM entry WHERE n = 1)",
    ] {
        let (_folder, path) = folder();
        let store = Store::open(&path).unwrap();
        store.append_blocking(one("acme", "a")).unwrap();
        store.append_blocking(one("acme", "b")).unwrap();
        drop(store);
        rusqlite::Connection::open(&path)
            .unwrap()
            .execute_batch(sql)
            .unwrap();
        assert_eq!(
            Store::open(&path).err().unwrap().code(),
            "CS-journal-10",
            "{sql}"
        );
    }
}

#[test]
fn an_erased_payload_is_gone_from_the_files_and_the_chain_still_verifies() {
    let (_folder, path) = folder();
    let store = Store::open(&path).unwrap();
    store.append_blocking(one("acme", "SECRETNAME")).unwrap();
    store.append_blocking(one("other", "SECRETNAME")).unwrap();
    let body = Digest::of(br#"{"text":"SECRETNAME"}"#);
    let raw = Digest::of(b"raw SECRETNAME\n");
    let erase = |tenant: &str| {
        let (said, heard) = channel();
        store
            .erase(
                entry(tenant, "erased"),
                vec![body.clone(), raw.clone()],
                move |r| {
                    said.send(r).unwrap();
                },
            )
            .unwrap();
        heard.recv().unwrap().unwrap();
    };
    erase("acme");
    let reader = store.reader().unwrap();
    assert_eq!(reader.entries(&"acme".into(), 0, 9).unwrap()[0].body, None);
    assert!(
        reader.entries(&"other".into(), 0, 9).unwrap()[0]
            .body
            .is_some()
    );
    let report = verify_export(&exported(&store, "acme")[..]).unwrap();
    assert!(report.is_whole(), "{report:?}");
    assert_eq!(report.erased, 2);
    erase("other");
    for ending in ["", "-wal"] {
        let bytes = std::fs::read(format!("{}{ending}", path.display())).unwrap_or_default();
        assert!(
            !bytes.windows(10).any(|w| w == b"SECRETNAME"),
            "in {ending:?}"
        );
    }
}

#[test]
fn erased_bytes_leave_the_log_as_soon_as_nobody_reads_an_old_state() {
    let (_folder, path) = folder();
    let store = Store::open(&path).unwrap();
    store.append_blocking(one("acme", "SECRETNAME")).unwrap();
    let reader = store.reader().unwrap();
    let old = reader.connection.unchecked_transaction().unwrap();
    reader.tenants().unwrap();
    let payloads = vec![
        Digest::of(br#"{"text":"SECRETNAME"}"#),
        Digest::of(b"raw SECRETNAME\n"),
    ];
    let (said, heard) = channel();
    let started = std::time::Instant::now();
    store
        .erase(entry("acme", "erased"), payloads, move |r| {
            said.send(r).unwrap()
        })
        .unwrap();
    heard.recv().unwrap().unwrap();
    assert!(
        started.elapsed().as_secs() < 4,
        "the writer waited for a reader"
    );
    drop(old);
    store.append_blocking(one("acme", "next")).unwrap();
    for ending in ["", "-wal"] {
        let bytes = std::fs::read(format!("{}{ending}", path.display())).unwrap();
        assert!(
            !bytes.windows(10).any(|w| w == b"SECRETNAME"),
            "in {ending:?}"
        );
    }
}

/// Breaks a store of three entries and names the code that must be found.
fn broken(sql: &str) -> Vec<String> {
    let (_folder, path) = folder();
    let store = Store::open(&path).unwrap();
    for text in ["a", "b", "c"] {
        store.append_blocking(one("acme", text)).unwrap();
    }
    rusqlite::Connection::open(&path)
        .unwrap()
        .execute_batch(sql)
        .unwrap();
    let reader = store.reader().unwrap();
    let in_store = verify_store(&reader).unwrap();
    let in_export = verify_export(&exported(&store, "acme")[..]).unwrap();
    let codes = in_store
        .iter()
        .chain([&in_export])
        .flat_map(|r| &r.findings);
    codes
        .map(|f| format!("{} {:?} {:?}", f.code, f.line, f.n))
        .collect()
}

#[test]
fn each_way_to_break_a_store_is_found_by_its_code_and_place() {
    let cases = [
        (
            "DELETE FROM entry WHERE n = 2",
            "CS-journal-25 None Some(3)",
        ),
        (
            "DELETE FROM entry WHERE n = 2",
            "CS-journal-25 Some(3) Some(3)",
        ),
        (
            "DELETE FROM entry WHERE n = 3",
            "CS-journal-29 Some(1) None",
        ),
        ("DELETE FROM entry WHERE n = 3", "CS-journal-29 None None"),
        (
            "UPDATE entry SET hash = (SELECT hash FROM entry WHERE n = 1) WHERE n = 2",
            "CS-journal-23 Some(3) Some(2)",
        ),
        (
            "UPDATE entry SET header = CAST(replace(CAST(header AS TEXT), 'opened', 'closed') AS BLOB) WHERE n = 2",
            "CS-journal-24 None Some(3)",
        ),
        (
            "UPDATE entry SET header = x'00' WHERE n = 2",
            "CS-journal-22 None Some(2)",
        ),
        (
            "UPDATE entry SET kind = 'x' WHERE n = 2",
            "CS-journal-32 None Some(2)",
        ),
        (
            "UPDATE payload SET bytes = x'00' WHERE rowid = 3",
            "CS-journal-27 Some(3) Some(2)",
        ),
        (
            "DELETE FROM payload WHERE rowid = 4",
            "CS-journal-28 Some(3) Some(2)",
        ),
        (
            "UPDATE entry SET header = CAST(replace(CAST(header AS TEXT), 'acme', 'evil') AS BLOB) WHERE n = 2",
            "CS-journal-31 None Some(2)",
        ),
    ];
    for (sql, wanted) in cases {
        let found = broken(sql);
        assert!(
            found.iter().any(|f| f == wanted),
            "{sql}: wanted {wanted}, found {found:?}"
        );
    }
    assert!(broken("").is_empty());
}

#[test]
fn lines_that_are_swapped_or_repeated_are_found_even_under_a_fresh_digest() {
    let (_folder, path) = folder();
    let store = Store::open(&path).unwrap();
    for text in ["a", "b", "c"] {
        store.append_blocking(one("acme", text)).unwrap();
    }
    let export = exported(&store, "acme");
    let lines: Vec<&[u8]> = export.split_inclusive(|b| *b == b'\n').collect();
    let codes = |order: &[usize]| -> Vec<&'static str> {
        let mut bytes: Vec<u8> = order.iter().flat_map(|i| lines[*i].to_vec()).collect();
        let end = format!("{{\"sha256\":\"{}\"}}\n", Digest::of(&bytes));
        bytes.extend(end.bytes());
        verify_export(&bytes[..])
            .unwrap()
            .findings
            .iter()
            .map(|f| f.code)
            .collect()
    };
    assert!(codes(&[0, 1, 2, 3]).is_empty());
    assert_eq!(codes(&[0, 2, 1, 3]), ["CS-journal-25", "CS-journal-26"]);
    assert_eq!(codes(&[0, 1, 1, 2, 3]), ["CS-journal-26", "CS-journal-29"]);
    assert_eq!(codes(&[0, 1, 2]), ["CS-journal-29"]);
    assert_eq!(codes(&[1, 2, 3]), ["CS-journal-21"]);
}

#[test]
fn bodies_of_any_bytes_survive_the_export() {
    let (_folder, path) = folder();
    let store = Store::open(&path).unwrap();
    let bodies: [&[u8]; 8] = [
        b"null",
        b" {\"a\":1}",
        b"{\"a\":\n1}",
        b"",
        b"\xff",
        b"1e400",
        b"\"\\u0061\"",
        b"{\"a\":1,\"a\":2}",
    ];
    for body in bodies {
        let mut append = one("acme", "x");
        append.entries[0].body = body.to_vec();
        store.append_blocking(append).unwrap();
    }
    let report = verify_export(&exported(&store, "acme")[..]).unwrap();
    assert!(report.is_whole() && report.entries == 8, "{report:?}");
    let empty = verify_export(&exported(&store, "nobody")[..]).unwrap();
    assert!(empty.is_whole() && empty.entries == 0, "{empty:?}");
}

fn an_export() -> Vec<u8> {
    let (_folder, path) = folder();
    let store = Store::open(&path).unwrap();
    for text in ["a", "\u{e9}\n", "c"] {
        store.append_blocking(one("acme", text)).unwrap();
    }
    exported(&store, "acme")
}

#[test]
fn every_byte_of_an_export_counts() {
    let whole = an_export();
    assert!(verify_export(&whole[..]).unwrap().is_whole());
    for i in 0..whole.len() {
        let mut flipped = whole.clone();
        flipped[i] ^= 0x20;
        assert!(
            !verify_export(&flipped[..]).unwrap().is_whole(),
            "byte {i} flipped"
        );
        assert!(
            !verify_export(&whole[..i]).unwrap().is_whole(),
            "cut at {i}"
        );
    }
}

proptest! {
    #[test]
    fn an_altered_export_never_verifies(
        at in any::<prop::sample::Index>(),
        remove in 0usize..40,
        insert in prop::collection::vec(any::<u8>(), 0..20),
    ) {
        thread_local!(static WHOLE: Vec<u8> = an_export());
        let whole = WHOLE.with(Clone::clone);
        let from = at.index(whole.len());
        let mut altered = whole.clone();
        altered.splice(from..(from + remove).min(whole.len()), insert);
        let found = verify_export(&altered[..]).unwrap();
        prop_assert_eq!(found.is_whole(), altered == whole);
    }
}
