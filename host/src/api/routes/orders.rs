//! Orders: authorised actions, and what the far side said of them.

use super::part;
use crate::api::caller::Caller;
use crate::api::cursor::{Part, beyond};
use crate::api::problem::Problem;
use crate::journal::state::OrderRecord;
use crate::model::OrderId;
use axum::Json;
use axum::extract::Query;
use serde::Deserialize;
use utoipa::IntoParams;

/// Which ones, and how many.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct All {
    /// What is over, too.
    #[serde(default)]
    #[param(required = false)]
    pub all: bool,
    /// At most so many.
    pub limit: Option<u32>,
    /// The `next` of the part before.
    pub cursor: Option<String>,
}

impl All {
    /// The part of a list that this asks for.
    ///
    /// # Errors
    /// The cursor is none of this list.
    pub fn part<P: serde::Serialize + serde::de::DeserializeOwned>(
        &self,
        caller: &Caller,
        list: &str,
    ) -> Result<Part<P>, Problem> {
        let filter = [self.all.then_some("all")];
        Part::of(caller, list, &filter, self.limit, self.cursor.as_deref())
    }
}

part! {
    /// Orders, in the order in which they were made.
    Orders { orders: OrderRecord }
}

/// Orders on their way; with `?all=true` all of them
#[utoipa::path(get, path = "/orders", params(All), security(("person" = ["viewer", "analyst", "lead", "owner", "operator"]), ("machine" = [])), responses((status = 200, description = "A part of them", body = Orders)))]
pub async fn list(caller: Caller, Query(all): Query<All>) -> Result<Json<Orders>, Problem> {
    let part: Part<OrderId> = all.part(&caller, "orders")?;
    let found = caller.desk.read(|tenant| {
        let orders = beyond(&tenant.orders, part.after.as_ref());
        let wanted = orders.filter(|it| all.all || !it.state.is_final());
        part.fill(wanted, |it| it.id.clone(), OrderRecord::clone)
    });
    Ok(Orders::of(found))
}
