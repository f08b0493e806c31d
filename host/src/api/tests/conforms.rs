//! What the host answers has the shape that its document says: every field is in the schema, and
//! what the schema requires is there.

use super::described::{Operation, operations};
use super::site::{Site, escaped};
use crate::api::document;
use serde_json::{Map, Value, json};

/// Why a value does not have a shape; empty where it has.
fn misfits(schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let document = document();
    let schemas = document.value()["components"]["schemas"].clone();
    Shapes { schemas }.misfits(schema, value, at)
}

struct Shapes {
    schemas: Value,
}

impl Shapes {
    fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        let name = schema["$ref"].as_str();
        name.map_or(schema, |it| {
            &self.schemas[it.trim_start_matches("#/components/schemas/")]
        })
    }

    fn misfits(&self, schema: &Value, value: &Value, at: &str) -> Vec<String> {
        let schema = self.resolved(schema);
        for several in ["oneOf", "anyOf"] {
            if let Some(choices) = schema[several].as_array() {
                let each: Vec<_> = choices
                    .iter()
                    .map(|it| self.misfits(it, value, at))
                    .collect();
                let fits = each.iter().any(Vec::is_empty);
                return if fits { Vec::new() } else { each.concat() };
            }
        }
        if let Some(words) = schema["enum"].as_array()
            && !words.contains(value)
        {
            return vec![format!("{at}: {value} is none of {words:?}")];
        }
        let kind = match value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(_) => "integer",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        let said = &schema["type"];
        let fits = said.is_null()
            || said == kind
            || said.as_array().is_some_and(|it| it.contains(&json!(kind)));
        if !fits {
            return vec![format!("{at}: {value} is no {said}")];
        }
        match value {
            Value::Array(items) => self.items(schema, items, at),
            Value::Object(fields) => self.fields(schema, fields, at),
            _ => Vec::new(),
        }
    }

    fn items(&self, schema: &Value, items: &[Value], at: &str) -> Vec<String> {
        let each = items.iter().enumerate().flat_map(|(n, it)| {
            let shape = schema["prefixItems"].get(n).unwrap_or(&schema["items"]);
            self.misfits(shape, it, &format!("{at}/{n}"))
        });
        each.collect()
    }

    fn fields(&self, schema: &Value, fields: &Map<String, Value>, at: &str) -> Vec<String> {
        let (mut known, mut required, mut rest) = (Map::new(), Vec::new(), Value::Null);
        self.gather(schema, &mut known, &mut required, &mut rest);
        if known.is_empty() && rest.is_null() {
            return Vec::new();
        }
        let missing = required.iter().filter(|it| !fields.contains_key(*it));
        let mut found: Vec<String> = missing.map(|it| format!("{at}/{it} is missing")).collect();
        for (name, value) in fields {
            let at = format!("{at}/{name}");
            match known.get(name) {
                Some(shape) => found.extend(self.misfits(shape, value, &at)),
                None if rest.is_object() => found.extend(self.misfits(&rest, value, &at)),
                None => found.push(format!("{at} is not in the document")),
            }
        }
        found
    }

    fn gather(
        &self,
        schema: &Value,
        known: &mut Map<String, Value>,
        required: &mut Vec<String>,
        rest: &mut Value,
    ) {
        let schema = self.resolved(schema);
        let parts = schema["allOf"].as_array().into_iter().flatten();
        parts.for_each(|it| self.gather(it, known, required, rest));
        known.extend(
            schema["properties"]
                .as_object()
                .cloned()
                .unwrap_or_default(),
        );
        let words = schema["required"].as_array().into_iter().flatten();
        required.extend(words.filter_map(|it| it.as_str().map(str::to_owned)));
        if schema["additionalProperties"].is_object() {
            *rest = schema["additionalProperties"].clone();
        }
    }
}

#[track_caller]
fn conforms(it: &Operation, status: u16, body: &Value) {
    let answer = &it.value["responses"][status.to_string()];
    let media = answer["content"].as_object().into_iter().flatten();
    for (_, media) in media.filter(|it| it.0.contains("json")) {
        let found = misfits(&media["schema"], body, "");
        assert!(found.is_empty(), "{} {}: {found:#?}", it.method, it.path);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_have_the_shape_that_the_document_says() {
    let site = Site::start().await;
    let ids = site.seed("acme").await;
    let mut shown = 0;
    for it in operations() {
        let Some(below) = it.below("{id}").filter(|_| it.method == "GET") else {
            continue;
        };
        let word = below.split('/').next().unwrap();
        let id = ids.get(word).map(|it| escaped(it)).unwrap_or_default();
        let query = match below.as_str() {
            "assets:resolve" => "?name=ws-acme",
            "effects" | "orders" | "pages" | "overreaches" => "?all=true",
            _ => "",
        };
        if it.path.ends_with("/events") || it.path.ends_with("/export") {
            continue;
        }
        let path = format!("{}{query}", below.replace("{id}", &id));
        let answer = site.get("acme", "viewer", &path).await;
        assert_eq!(answer.status, 200, "{below}: {}", answer.body);
        conforms(&it, 200, &answer.body);
        shown += 1;
    }
    assert!(shown >= 22, "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_changed_is_answered_in_the_shape_that_the_document_says() {
    let site = Site::start().await;
    let ids = site.seed("acme").await;
    let held = site
        .get("acme", "lead", &format!("proposals/{}", ids["proposals"]))
        .await
        .ok();
    let decision = json!({ "digest": held["judged"]["digest"], "comment": "seen" });
    let wish = json!({ "case": ids["cases"], "action": "contain-device", "reason": "again",
        "target": { "device": { "id": "", "name": "ws-acme" } } });
    let tight = json!({ "assets": [{ "name": "ws-acme", "protection": "critical" }] });
    let loose = json!({ "assets": [{ "name": "ws-acme", "protection": null }] });
    let group = json!({ "proposals": [{ "id": "proposal-none", "digest": "ab".repeat(32) }] });
    let steps = [
        (
            "lead",
            "/guards/explain",
            json!({ "proposal": ids["proposals"] }),
        ),
        ("lead", "/proposals/{id}/approve", decision),
        ("lead", "/proposals", wish),
        ("lead", "/effects/{id}/renew", json!({ "seconds": 3600 })),
        ("lead", "/effects/{id}/end", json!({})),
        ("lead", "/overreaches/{id}/acknowledge", json!({})),
        ("lead", "/pages/{id}/acknowledge", json!({})),
        ("lead", "/causes/{id}/deny", group),
        ("lead", "/changes/{id}/deny", json!({})),
        ("lead", "/assets:import", tight),
        ("lead", "/assets:import", loose),
        ("lead", "/sightings", json!({ "sightings": [] })),
        ("lead", "/halt", json!({ "on": true, "reason": "drill" })),
        ("machine", "/detections", super::site::alert("shape")),
        ("operator", "/people", json!({ "id": "eve@acme.example" })),
        ("operator", "/tokens", json!({ "name": "more" })),
    ];
    for (who, path, body) in steps {
        let whole = format!("/v1/tenants/{{tenant}}{path}");
        let all = operations();
        let it = all
            .iter()
            .find(|it| it.path == whole && it.method == "POST")
            .unwrap();
        let word = path.trim_start_matches('/').split('/').next().unwrap();
        let id = ids.get(word).map(|it| escaped(it)).unwrap_or_default();
        let below = it.below("{id}").unwrap().replace("{id}", &id);
        let answer = site.post("acme", who, &below, &body).await;
        assert!(answer.status < 300, "{path}: {}", answer.body);
        conforms(it, answer.status, &answer.body);
    }
}
