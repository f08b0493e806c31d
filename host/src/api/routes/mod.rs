//! The routes, one file for each noun. A route reads what it was sent, takes one step of the
//! tenant, and shows what came of it; it decides nothing. What it is for and who may stands
//! beside it, and is what the gate holds (`document`).

mod assets;
mod cases;
mod changes;
mod decisions;
mod detections;
mod effects;
mod events;
mod guards;
mod halt;
mod health;
mod journal;
mod login;
mod openapi;
mod orders;
mod overreaches;
mod pages;
mod people;
mod plugins;
mod proposals;
mod sightings;
mod sources;
mod tokens;

pub use health::{Health, show as health_of};
pub use people::PersonShown;

use super::body;
use super::problem::Problem;
use crate::pipeline::Host;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::request::Parts;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::sync::Arc;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Every route but the vitals.
pub fn routes() -> OpenApiRouter<Arc<Host>> {
    OpenApiRouter::with_openapi(openapi::head())
        .routes(routes!(openapi::show))
        .routes(routes!(login::login))
        .nest("/v1/tenants/{tenant}", work().merge(tenant()))
}

/// What comes in, what is proposed for it, and what became of that.
fn work() -> OpenApiRouter<Arc<Host>> {
    OpenApiRouter::default()
        .routes(routes!(detections::post))
        .routes(routes!(sources::post))
        .routes(routes!(cases::list))
        .routes(routes!(cases::show))
        .routes(routes!(proposals::list, proposals::create))
        .routes(routes!(proposals::show))
        .routes(routes!(decisions::approve))
        .routes(routes!(decisions::deny))
        .routes(routes!(decisions::conclude))
        .routes(routes!(decisions::look))
        .routes(routes!(decisions::approve_cause))
        .routes(routes!(decisions::deny_cause))
        .routes(routes!(orders::list))
        .routes(routes!(effects::list))
        .routes(routes!(effects::renew))
        .routes(routes!(effects::end))
        .routes(routes!(overreaches::list))
        .routes(routes!(overreaches::acknowledge))
        .routes(routes!(overreaches::drifts))
        .routes(routes!(pages::list))
        .routes(routes!(pages::acknowledge))
}

/// What the tenant has, who may do what in it, and how it is served.
fn tenant() -> OpenApiRouter<Arc<Host>> {
    OpenApiRouter::default()
        .routes(routes!(assets::list))
        .routes(routes!(assets::show))
        .routes(routes!(assets::resolve))
        .routes(routes!(assets::import))
        .routes(routes!(assets::groups))
        .routes(routes!(assets::edges))
        .routes(routes!(changes::list))
        .routes(routes!(changes::approve))
        .routes(routes!(changes::deny))
        .routes(routes!(sightings::post))
        .routes(routes!(guards::show))
        .routes(routes!(guards::explain_now))
        .routes(routes!(plugins::list, plugins::enrol))
        .routes(routes!(plugins::show))
        .routes(routes!(people::list, people::add))
        .routes(routes!(people::remove))
        .routes(routes!(people::confirm))
        .routes(routes!(people::decline))
        .routes(routes!(tokens::list, tokens::create))
        .routes(routes!(tokens::revoke))
        .routes(routes!(health::show))
        .routes(routes!(halt::show, halt::set))
        .routes(routes!(halt::confirm))
        .routes(routes!(journal::list))
        .routes(routes!(journal::export))
        .routes(routes!(events::stream))
}

/// The `{id}` of the path.
pub struct Id<T>(pub T);

impl<S: Send + Sync, T: for<'a> From<&'a str>> FromRequestParts<S> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<HashMap<String, String>>::from_request_parts(parts, state).await;
        let path = path.map_err(|it| Problem::new(it.status(), "CS-api-02", &it.body_text()))?;
        let id = path.get("id").map(String::as_str).unwrap_or_default();
        Ok(Self(T::from(id)))
    }
}

/// A JSON body, read strictly; a misfit names its place.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Arc<Host>> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, host: &Arc<Host>) -> Result<Self, Problem> {
        let api = &host.config().host.api;
        let bytes = body::whole(request, api.body_bytes_max, api.body_wall).await?;
        let value = crate::intake::strict::parse(&bytes)
            .map_err(|it| Problem::invalid("CS-api-01", &it.message, it.at.as_deref()))?;
        if !value.is_object() {
            // a list would be read as the fields in their order, whatever they are called
            let detail = "expected an object with named fields";
            return Err(Problem::invalid("CS-api-02", detail, Some("/")));
        }
        serde_json::from_value(value)
            .map(Self)
            .map_err(|error| Problem::invalid("CS-api-02", &error.to_string(), None))
    }
}

/// The whole body of what may be large: a batch of alerts, a list to import.
pub async fn bytes(request: Request, host: &Arc<Host>) -> Result<Vec<u8>, Problem> {
    let host = &host.config().host;
    body::whole(request, host.intake.batch_bytes_max, host.api.body_wall).await
}

/// Why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Comment {
    /// In words; shown beside the decision, for as long as the journal is kept.
    #[serde(default)]
    pub comment: String,
}

/// One part of a list under its own name, so that a field can be added beside it.
macro_rules! part {
    ($(#[$doc:meta])* $name:ident { $field:ident: $item:ty }) => {
        $(#[$doc])*
        #[derive(Debug, serde::Serialize, utoipa::ToSchema)]
        pub struct $name {
            /// In order.
            pub $field: Vec<$item>,
            /// The cursor for what comes after; absent at the end.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub next: Option<String>,
        }

        impl $name {
            fn of(($field, next): (Vec<$item>, Option<String>)) -> axum::Json<Self> {
                axum::Json(Self { $field, next })
            }
        }
    };
}
use part;

/// What was just changed, as it is now.
fn again<T>(record: Option<T>, what: &str) -> Result<axum::Json<T>, Problem> {
    let gone = || crate::pipeline::Refusal::not_found(what, "(just changed)");
    Ok(axum::Json(record.ok_or_else(gone)?))
}
