#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use super::super::credentials::Kept;
use super::super::stand_in::{StandIn, context};
use super::*;
use serde_json::json;

fn kept(url: &Url, tenant: &str, until: Millis) -> Kept {
    Kept {
        url: super::super::credentials::key(url),
        tenant: TenantId::new(tenant),
        person: "ana@acme.example".to_owned(),
        token: Bearer::new("csp_kept"),
        until,
    }
}

#[tokio::test]
async fn names_from_the_command_line_cannot_leave_their_place_in_the_path() {
    let home = tempfile::tempdir().unwrap();
    let host = StandIn::always(200, json!({})).await;
    let client = Client::of(&host.context(home.path())).unwrap();
    let query = [("name", "a&limit=1 ü".to_owned())];
    client.get(&["cases", "a/b?c#d"], &query).await.unwrap();
    assert_eq!(
        host.lines(),
        ["GET /v1/tenants/acme/cases/a%2Fb%3Fc%23d?name=a%26limit%3D1+%C3%BC"]
    );
    for name in ["..", ".", ""] {
        let failure = client.get(&["cases", name], &[]).await.unwrap_err();
        assert_eq!(failure.code(), "CS-cli-21");
    }
    assert_eq!(host.lines().len(), 1);
    assert_eq!(host.asked()[0].credential, "Bearer csp_test");
}

#[tokio::test]
async fn what_the_host_refuses_is_passed_on_with_its_code() {
    let home = tempfile::tempdir().unwrap();
    let problem = json!({
        "type": "about:blank", "title": "there is no such thing", "status": 404,
        "code": "CS-api-04", "detail": "no case case-9 in this tenant",
    });
    let host = StandIn::always(404, problem).await;
    let client = Client::of(&host.context(home.path())).unwrap();
    let failure = client.get(&["cases", "case-9"], &[]).await.unwrap_err();
    insta::assert_snapshot!(failure.to_text(false));
}

#[tokio::test]
async fn what_is_no_countersign_host_is_said_to_be_none() {
    let home = tempfile::tempdir().unwrap();
    for (status, body) in [
        (404, json!("<html>nginx</html>")),
        (302, Value::Null),
        (500, json!({"error": "x"})),
        (200, json!("<html>welcome</html>")),
    ] {
        let host = StandIn::always(status, body).await;
        let client = Client::of(&host.context(home.path())).unwrap();
        let failure = client.get(&["cases"], &[]).await.unwrap_err();
        assert_eq!(failure.code(), "CS-cli-11", "{status}");
        assert_eq!(host.lines().len(), 1, "a redirect was followed");
    }
}

#[tokio::test]
async fn where_no_host_answers_it_is_said_how_to_start_one() {
    let home = tempfile::tempdir().unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let mut ctx = context(home.path());
    ctx.url = Some(url.parse().unwrap());
    ctx.token = Some(Bearer::new("t"));
    ctx.tenant = Some("acme".into());
    let client = Client::of(&ctx).unwrap();
    let failure = client.get(&["cases"], &[]).await.unwrap_err();
    assert_eq!(failure.code(), "CS-cli-10");
    let text = failure.to_text(false);
    assert!(
        text.contains("refused") && text.contains("countersign serve"),
        "{text}"
    );
}

#[test]
fn the_credential_and_the_tenant_are_taken_from_what_is_known_and_never_guessed() {
    let home = tempfile::tempdir().unwrap();
    let mut ctx = context(home.path());
    let code = |ctx: &Context| {
        Client::of(ctx)
            .map(|it| it.tenant)
            .map_err(|it| it.code().to_owned())
    };
    assert_eq!(code(&ctx), Err("CS-cli-12".to_owned()));
    ctx.token = Some(Bearer::new("t"));
    assert_eq!(code(&ctx), Err("CS-cli-13".to_owned()));
    std::fs::create_dir_all(home.path().join("tenants/only")).unwrap();
    assert_eq!(code(&ctx), Ok("only".into()));
    ctx.token = None;
    let (url, path) = (place::host(&ctx).unwrap(), ctx.credentials.clone().unwrap());
    let mut all = Credentials::default();
    all.keep(kept(&url, "acme", now().plus(60_000)), &path)
        .unwrap();
    assert_eq!(code(&ctx), Ok("acme".into()));
    all.keep(kept(&url, "globex", now()), &path).unwrap();
    assert_eq!(code(&ctx), Err("CS-cli-13".to_owned()));
    ctx.tenant = Some("globex".into());
    assert_eq!(code(&ctx), Err("CS-cli-12".to_owned()), "it has ended");
    ctx.tenant = Some("acme".into());
    assert_eq!(code(&ctx), Ok("acme".into()));
}
