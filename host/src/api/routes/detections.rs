//! Alerts that the host reads itself: `POST detections`.

use super::bytes;
use crate::api::caller::Caller;
use crate::api::problem::Problem;
use crate::config::NATIVE_SOURCE;
use crate::intake::read_native;
use crate::model::SourceId;
use crate::pipeline::Host;
use crate::pipeline::{Item, Received};
use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use std::sync::Arc;

type Answer = Result<(StatusCode, Json<Received>), Problem>;

/// Deliver alerts: OCSF Detection Findings, as object, array or NDJSON
///
/// What is accepted is durable. One that cannot be read is answered with its index and kept.
#[utoipa::path(post, path = "/detections",
    security(("person" = ["analyst", "lead", "owner", "operator"]), ("machine" = [])),
    request_body(content = Value, description = "OCSF 2004; see docs/examples/finding.json", example = json!({
        "class_uid": 2004, "category_uid": 2, "type_uid": 200401, "activity_id": 1, "severity_id": 4, "time": 1764025200000_u64,
        "metadata": { "version": "1.8.0", "product": { "vendor_name": "acme", "name": "edr" } },
        "finding_info": { "uid": "alert-1", "title": "malware found" },
        "device": { "uid": "device-1", "hostname": "ws-17", "type_id": 2 },
    })),
    responses((status = 202, description = "What became of each", body = Received)))]
pub async fn post(
    caller: Caller,
    State(host): State<Arc<Host>>,
    headers: HeaderMap,
    request: Request,
) -> Answer {
    host.admit(&caller.desk)?;
    let content_type = content_type(&headers);
    let body = bytes(request, &host).await?;
    let read = read_native(
        &body,
        &content_type,
        host.config().host.intake.detection_bytes_max,
    );
    let items: Vec<Item> = read
        .into_iter()
        .map(|(raw, read)| Item { raw, read })
        .collect();
    let received = caller
        .desk
        .ask(move |tx| tx.deliver(&SourceId::from(NATIVE_SOURCE), &content_type, items))
        .await?;
    host.count_received(&received);
    Ok((StatusCode::ACCEPTED, Json(received)))
}

/// As declared by the sender, without its parameters.
pub(super) fn content_type(headers: &HeaderMap) -> String {
    let declared = headers
        .get(header::CONTENT_TYPE)
        .and_then(|it| it.to_str().ok());
    declared
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}
