//! Where software was seen: an application inventory or telemetry, as CSV or JSON. And how lists
//! to import are read.

use super::bytes;
use crate::api::caller::Caller;
use crate::api::problem::Problem;
use crate::inventory::{confirm_from_sightings, import, place_sightings, read_sightings};
use crate::pipeline::{Host, Refusal};
use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// What was taken in.
#[derive(Debug, Serialize, ToSchema)]
pub struct Seen {
    imported: usize,
    /// Rows whose device is not known, one line each.
    unplaced: Vec<String>,
}

/// Import sightings as JSON or CSV
///
/// A person only: coverage turns `unknown` into `new`, which loosens.
#[utoipa::path(post, path = "/sightings", security(("person" = ["lead", "operator"])),
    request_body(content(
        (Value = "application/json", example = json!({ "sightings": [] })),
        (String = "text/csv", example = json!("device,path\nws-17,C:\\\\app.exe\n")),
    )),
    responses(
        (status = 200, description = "What was taken in", body = Seen),
        (status = 422, description = "CS-asset-01, CS-asset-02, CS-asset-03, CS-asset-08"),
    ))]
pub async fn post(
    caller: Caller,
    State(host): State<Arc<Host>>,
    headers: HeaderMap,
    request: Request,
) -> Result<Json<Seen>, Problem> {
    let by = caller.person()?;
    let format = format(&headers);
    let body = bytes(request, &host).await?;
    let now = caller.desk.now();
    let rows = read_sightings(&body, format).map_err(|errors| misfits(&errors))?;
    let answer = caller.desk.ask(move |tx| {
        tx.may_import(&by)?;
        let (seen, unplaced) = place_sightings(&tx.state.inventory, &rows, now);
        let confirm = confirm_from_sightings(&tx.state.inventory, &seen);
        Ok::<_, Refusal>(Seen {
            imported: tx.import_sightings(seen, confirm, by.as_str()),
            unplaced: unplaced.iter().map(ToString::to_string).collect(),
        })
    });
    Ok(Json(answer.await??))
}

/// As the sender declares it; JSON where nothing is said.
pub(super) fn format(headers: &HeaderMap) -> import::Format {
    let csv = headers
        .get(header::CONTENT_TYPE)
        .and_then(|it| it.to_str().ok())
        .is_some_and(|it| it.contains("csv"));
    if csv {
        import::Format::Csv
    } else {
        import::Format::Json
    }
}

/// All misfits at once: whoever mends a file wants to mend it once.
pub(super) fn misfits(errors: &[import::ImportError]) -> Problem {
    let code = errors.first().map_or("CS-asset-01", |it| it.code.as_str());
    Problem::invalid(code, &lines(errors), None)
}

/// One a line.
pub(super) fn lines(errors: &[import::ImportError]) -> String {
    let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
    lines.join("\n")
}
