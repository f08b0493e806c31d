//! Whom the host told of what, and who has seen it.

use super::orders::All;
use super::{Body, Comment, Id, again, part};
use crate::api::caller::Caller;
use crate::api::cursor::{Part, beyond};
use crate::api::problem::Problem;
use crate::journal::state::PageRecord;
use crate::model::PageId;
use axum::Json;
use axum::extract::Query;

part! {
    /// Pages, in the order in which they were made.
    Pages { pages: PageRecord }
}

/// Pages that wait for somebody; `?all=true` all
#[utoipa::path(get, path = "/pages", params(All), security(("person" = ["viewer", "analyst", "lead", "owner", "operator"]), ("machine" = [])), responses((status = 200, description = "A part of them", body = Pages)))]
pub async fn list(caller: Caller, Query(all): Query<All>) -> Result<Json<Pages>, Problem> {
    let part: Part<PageId> = all.part(&caller, "pages")?;
    let found = caller.desk.read(|tenant| {
        let pages = beyond(&tenant.pages, part.after.as_ref());
        let wanted = pages.filter(|it| all.all || it.closed.is_none());
        part.fill(wanted, |it| it.id.clone(), PageRecord::clone)
    });
    Ok(Pages::of(found))
}

/// Say that you have seen a page: it is not repeated
#[utoipa::path(post, path = "/pages/{id}/acknowledge", security(("person" = ["analyst", "lead", "owner"])), request_body = Comment, responses(
    (status = 200, description = "Acknowledged", body = PageRecord),
    (status = 409, description = "CS-page-01, CS-page-02"),
    (status = 422, description = "CS-api-01, CS-api-02"),
))]
pub async fn acknowledge(
    caller: Caller,
    Id(id): Id<PageId>,
    Body(comment): Body<Comment>,
) -> Result<Json<PageRecord>, Problem> {
    let (person, shown) = (caller.person()?, id.clone());
    caller
        .desk
        .ask(move |tx| tx.acknowledge_page(&id, &person, &comment.comment))
        .await??;
    let page = caller.desk.read(|tenant| tenant.pages.get(&shown).cloned());
    again(page, "page")
}
