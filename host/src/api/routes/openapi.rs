//! The document itself, and what stands at its head.

use crate::api::document::Document;
use axum::{Extension, Json};
use serde_json::Value;
use std::sync::Arc;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder};
use utoipa::{PartialSchema as _, ToSchema as _};

const ABOUT: &str = "Response playbooks propose, guards judge, people countersign.\n\n\
Errors are problem documents (RFC 9457) with a stable `code`; each code has its section in \
`docs/errors`. Times are milliseconds since 1970 in UTC. Ids are texts. A tenant that is not the \
caller's, and everything in it, is answered with 404.\n\n\
Who may is said by `security`: `person` with the standings of which one is enough, `machine` for \
tokens. An `owner` is whoever owns something in the inventory, or what nobody owns; whether they \
own this target is judged by the step itself. A `viewer` is a person with no other standing.\n\n\
Lists come in parts: `limit` (1 to 1000, usually 100) and `cursor`, which is the `next` of the \
part before. A cursor holds for the list and filter that it came from.";

/// Info, and the kinds of credential.
pub fn head() -> OpenApi {
    let license = LicenseBuilder::new()
        .name("Apache-2.0")
        .identifier(Some("Apache-2.0"));
    let info = InfoBuilder::new()
        .title("Countersign")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(ABOUT))
        .license(Some(license.build()));
    let bearer = |text: &str| {
        let mut http = Http::new(HttpAuthScheme::Bearer);
        http.description = Some(text.to_owned());
        SecurityScheme::Http(http)
    };
    let vendor = "what `sources.toml` asks of the vendor: a token as `Authorization: Bearer`, or an HMAC-SHA-256 over the bytes in the header that it names";
    let components = ComponentsBuilder::new()
        .security_scheme(
            "person",
            bearer("a person's short-lived credential (`countersign login`); scopes are standings"),
        )
        .security_scheme(
            "machine",
            bearer("a machine's token (`countersign token create`): delivers alerts and reads, never decides"),
        )
        .security_scheme(
            "vendor",
            SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description(
                "x-signature",
                vendor,
            ))),
        )
        .schema(
            crate::api::problem::Problem::name(),
            crate::api::problem::Problem::schema(),
        );
    OpenApiBuilder::new()
        .info(info.build())
        .components(Some(components.build()))
        .build()
}

/// This document
#[utoipa::path(get, path = "/openapi.json", security(()), responses((status = 200, description = "OpenAPI 3.1", body = Value, example = json!({ "openapi": "3.1.0" }))))]
pub async fn show(Extension(document): Extension<Arc<Document>>) -> Json<Value> {
    Json(document.value().clone())
}
