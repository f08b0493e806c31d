#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use super::super::stand_in::{StandIn, context, run};
use super::*;
use crate::config::HOST_FILE;
use crate::journal::{Append, NewEntry, Store, export as write_export};
use crate::model::{Millis, TenantId};

/// A workspace with a store that has entries of two tenants, and the export of one.
fn workspace() -> (tempfile::TempDir, String) {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join(HOST_FILE), "").unwrap();
    std::fs::create_dir(home.path().join("data")).unwrap();
    let store = Store::open(&home.path().join("data").join(STORE_FILE)).unwrap();
    for tenant in ["acme", "globex", "acme"] {
        let entry = NewEntry {
            tenant: TenantId::from(tenant),
            kind: "halt-set",
            at: Millis(1),
            case: None,
            body: b"{\"on\":true}".to_vec(),
            attachments: Vec::new(),
        };
        let append = Append {
            entries: vec![entry],
            docs: Vec::new(),
        };
        store.append_blocking(append).unwrap();
    }
    let mut out = Vec::new();
    write_export(
        &store.reader().unwrap(),
        &"acme".into(),
        Millis(2),
        &mut out,
    )
    .unwrap();
    (home, String::from_utf8(out).unwrap())
}

#[tokio::test]
async fn an_export_a_store_and_a_folder_are_verified_without_a_host() {
    let (home, export) = workspace();
    let mut ctx = context(home.path());
    let file = home.path().join("acme.journal");
    std::fs::write(&file, &export).unwrap();
    let (file, data) = (
        file.display().to_string(),
        home.path().join("data").display().to_string(),
    );
    for line in [vec![], vec![file.as_str()], vec![data.as_str()]] {
        let words: Vec<&str> = ["journal", "verify"].into_iter().chain(line).collect();
        assert_eq!(run(&words, &ctx).await, ExitCode::SUCCESS, "{words:?}");
    }
    std::fs::write(&file, export.replace("true", "null")).unwrap();
    assert_eq!(
        run(&["journal", "verify", &file], &ctx).await,
        ExitCode::from(1)
    );
    std::fs::write(&file, export.lines().next().unwrap()).unwrap();
    assert_eq!(
        run(&["journal", "verify", &file], &ctx).await,
        ExitCode::from(1)
    );
    assert_eq!(
        run(&["journal", "verify", "/no/such"], &ctx).await,
        ExitCode::from(2)
    );
    ctx.tenant = Some("nobodys".into());
    assert_eq!(run(&["journal", "verify"], &ctx).await, ExitCode::from(1));
}

#[tokio::test]
async fn an_export_is_read_back_and_never_replaces_another() {
    let (home, export) = workspace();
    let host = StandIn::always(200, export.clone().into()).await;
    let file = home.path().join("out.journal");
    let shown = file.display().to_string();
    let line = ["journal", "export", "--out", &shown];
    assert_eq!(host.run(home.path(), &line).await, ExitCode::SUCCESS);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), export);
    assert_eq!(host.lines(), ["GET /v1/tenants/acme/journal/export"]);
    assert_eq!(host.run(home.path(), &line).await, ExitCode::from(2));
    let cut = StandIn::always(200, export[..export.len() / 2].into()).await;
    let other = home.path().join("cut.journal").display().to_string();
    let line = ["journal", "export", "--out", &other];
    assert_eq!(
        cut.run(home.path(), &line).await,
        ExitCode::from(1),
        "cut off on the way"
    );
}

#[tokio::test]
async fn a_copy_of_the_store_is_whole_and_never_replaces_another() {
    let (home, _) = workspace();
    let ctx = context(home.path());
    let copy = home.path().join("copy.db").display().to_string();
    assert_eq!(
        run(&["journal", "backup", &copy], &ctx).await,
        ExitCode::SUCCESS
    );
    assert_eq!(
        run(&["journal", "verify", &copy], &ctx).await,
        ExitCode::SUCCESS
    );
    assert_eq!(
        run(&["journal", "backup", &copy], &ctx).await,
        ExitCode::from(1)
    );
}
