//! The document says what the routes do, and the routes do what the document says.

use super::site::Site;
use crate::api::document;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// One operation of the document.
pub struct Operation {
    pub method: String,
    pub path: String,
    pub value: Value,
}

impl Operation {
    /// Who may: standings, and `machine`, `vendor`, `anybody`.
    pub fn who(&self) -> BTreeSet<String> {
        let mut all = BTreeSet::new();
        for requirement in self.value["security"].as_array().unwrap() {
            let schemes = requirement.as_object().unwrap();
            if schemes.is_empty() {
                all.insert("anybody".to_owned());
            }
            for (scheme, scopes) in schemes {
                let scopes = scopes.as_array().unwrap();
                let words = scopes.iter().map(|it| it.as_str().unwrap().to_owned());
                all.extend(words);
                if scheme != "person" {
                    all.insert(scheme.clone());
                }
            }
        }
        all
    }
    /// Its example of a body, and what kind that is.
    pub fn body(&self) -> (String, Vec<u8>) {
        let content = &self.value["requestBody"]["content"];
        let Some((kind, media)) = content.as_object().and_then(|it| it.iter().next()) else {
            return ("application/json".to_owned(), Vec::new());
        };
        let example = media.get("example").map(ToString::to_string);
        (
            kind.clone(),
            example.unwrap_or_else(|| "x".to_owned()).into(),
        )
    }
    /// Whether this status with this code is in the document.
    pub fn answers(&self, status: u16, code: &str) -> bool {
        let answer = &self.value["responses"][status.to_string()];
        match answer["x-codes"].as_array() {
            Some(codes) => codes.iter().any(|it| it == code),
            None => answer.is_object() && code.is_empty(),
        }
    }
    /// The path below the tenant, with this for `{id}` and `{source}`; `None` where it has none.
    pub fn below(&self, id: &str) -> Option<String> {
        let below = self.path.strip_prefix("/v1/tenants/{tenant}/")?;
        Some(below.replace("{id}", id).replace("{source}", id))
    }
    /// The names of its query.
    pub fn queries(&self) -> BTreeSet<&str> {
        let all = self.value["parameters"].as_array().into_iter().flatten();
        let queries = all.filter(|it| it["in"] == "query");
        queries.map(|it| it["name"].as_str().unwrap()).collect()
    }
}

/// Every operation.
pub fn operations() -> Vec<Operation> {
    let document = document();
    let paths = document.value()["paths"].as_object().unwrap().clone();
    let each = paths.into_iter().flat_map(|(path, item)| {
        let item: Map<String, Value> = item.as_object().unwrap().clone();
        item.into_iter().map(move |(method, value)| Operation {
            method: method.to_ascii_uppercase(),
            path: path.clone(),
            value,
        })
    });
    let all: Vec<Operation> = each.collect();
    assert!(all.len() > 45, "{}", all.len());
    all
}

#[test]
fn operations_and_who_may_use_them() {
    let lines = operations().into_iter().map(|it| {
        let who: Vec<String> = it.who().into_iter().collect();
        format!("{:6} {}: {}\n", it.method, it.path, who.join(" "))
    });
    insta::assert_snapshot!(lines.collect::<String>());
}

#[test]
fn every_operation_says_what_it_is_for_and_what_it_answers() {
    let mut ids = BTreeSet::new();
    for it in operations() {
        let what = format!("{} {}", it.method, it.path);
        assert!(it.value["summary"].as_str().unwrap().len() > 10, "{what}");
        assert!(ids.insert(it.value["operationId"].to_string()), "{what}");
        assert!(!it.who().is_empty(), "{what}");
        let answers = it.value["responses"].as_object().unwrap();
        assert!(answers.keys().any(|it| it.starts_with('2')), "{what}");
        for (status, answer) in answers {
            assert!(
                !answer["description"].as_str().unwrap().is_empty(),
                "{what} {status}"
            );
            let media = answer["content"].as_object().into_iter().flatten();
            for (kind, media) in media.filter(|it| it.0.contains("json")) {
                assert!(media["schema"].is_object(), "{what} {status} {kind}");
                let example = media.get("example").unwrap_or(&Value::Null);
                let told = kind.contains("ndjson") || !example.is_null();
                assert!(told, "{what} {status} has no example");
            }
        }
        let takes = it.value["requestBody"]["content"].as_object();
        for (kind, media) in takes.into_iter().flatten() {
            let bytes = !kind.contains("json") && !kind.contains("csv");
            assert!(bytes || media["example"] != Value::Null, "{what} {kind}");
        }
    }
}

#[test]
fn every_reference_of_the_document_leads_somewhere() {
    let document = document();
    let text = document.value().to_string();
    assert_eq!(document.value()["openapi"], "3.1.0");
    let schemas = document.value()["components"]["schemas"]
        .as_object()
        .unwrap();
    assert!(schemas.len() > 60, "{}", schemas.len());
    for (at, it) in text.match_indices("\"#/components/schemas/") {
        let rest = &text[at + it.len()..];
        let name = rest.split('"').next().unwrap();
        assert!(schemas.contains_key(name), "{name}");
    }
}

#[test]
fn every_code_of_the_document_has_its_section() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/errors");
    let pages = std::fs::read_dir(folder).unwrap();
    let pages = pages.map(|it| std::fs::read_to_string(it.unwrap().path()).unwrap());
    let pages: String = pages.collect();
    for it in operations() {
        let answers = it.value["responses"].as_object().unwrap().clone();
        let codes = answers.values().filter_map(|it| it["x-codes"].as_array());
        for code in codes.flatten() {
            let section = format!("\n## {}\n", code.as_str().unwrap());
            assert!(
                pages.contains(&section),
                "{} {}: {code}",
                it.method,
                it.path
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_of_the_document_is_there_and_no_other() {
    let site = Site::start().await;
    let secret = site.credential("acme", "first");
    for it in operations() {
        let path = it.path.replace("{tenant}", "acme").replace("{id}", "none");
        let path = path.replace("{source}", "none");
        let (kind, body) = it.body();
        let answer = site.raw(&it.method, &path, secret, &kind, body).await;
        assert_ne!(answer.status, 405, "{} {path}", it.method);
        assert_ne!(answer.code(), "CS-api-07", "{} {path}", it.method);
        let item = document().value()["paths"][&it.path].clone();
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            if item.get(method.to_ascii_lowercase()).is_none() {
                let other = site.raw(method, &path, secret, &kind, Vec::new()).await;
                other.refused(405, "CS-api-08");
            }
        }
        let beside = format!("{path}/x/y");
        let beside = site.raw(&it.method, &beside, secret, &kind, Vec::new());
        beside.await.refused(404, "CS-api-07");
    }
    let shown = site.raw("GET", "/openapi.json", None, "", Vec::new()).await;
    assert_eq!(shown.ok(), *document().value());
}

#[test]
fn no_route_is_made_beside_the_document() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/api");
    for folder in [folder.to_owned(), format!("{folder}/routes")] {
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_none_or(|it| it != "rs") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let made = code.contains(".route(") || code.contains("axum::routing");
            assert!(!made, "{}: use routes!", path.display());
        }
    }
}
