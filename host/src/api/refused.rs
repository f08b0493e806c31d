//! A refusal of the pipeline as a problem document: its kind is the status, its words stay.

use axum::http::StatusCode;

use super::problem::Problem;
use crate::pipeline::{Kind, Refusal};

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let status = match refusal.kind {
            Kind::NotFound => StatusCode::NOT_FOUND,
            Kind::Conflict => StatusCode::CONFLICT,
            Kind::Forbidden => StatusCode::FORBIDDEN,
            Kind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        };
        Self::new(status, refusal.code, &refusal.message)
    }
}
