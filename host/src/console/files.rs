//! The stylesheet and the script, in the binary, under names that change with their content: a
//! browser may keep them for ever and is never a version behind.

use crate::model::Digest;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use std::sync::LazyLock;

struct File {
    name: String,
    bytes: &'static [u8],
    media: &'static str,
}

// Not state: the same for every run of a binary, computed once.
static FILES: LazyLock<[File; 2]> = LazyLock::new(|| {
    let file = |stem: &str, kind: &str, bytes: &'static [u8], media| File {
        name: format!("{stem}-{}.{kind}", Digest::of(bytes).short()),
        bytes,
        media,
    };
    let css = include_bytes!("static/console.css").as_slice();
    let js = include_bytes!("static/console.js").as_slice();
    [
        file("console", "css", css, "text/css; charset=utf-8"),
        file("console", "js", js, "text/javascript; charset=utf-8"),
    ]
});

/// Where the stylesheet lies.
pub fn stylesheet() -> String {
    let [css, _] = &*FILES;
    format!("/static/{}", css.name)
}

/// Where the script lies.
pub fn script() -> String {
    let [_, js] = &*FILES;
    format!("/static/{}", js.name)
}

/// `GET /static/{name}`.
pub async fn serve(Path(name): Path<String>) -> Response {
    match FILES.iter().find(|it| it.name == name) {
        Some(file) => (
            [
                (CONTENT_TYPE, file.media),
                (CACHE_CONTROL, "public, max-age=31536000, immutable"),
            ],
            file.bytes,
        )
            .into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
