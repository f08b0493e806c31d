//! An example for everything that is sent and answered, made from its schema.
//!
//! An example that is written by hand is right on the day that it is written. These are made from
//! the shapes themselves, so that they always have every field and no other; the tests send them.

use serde_json::{Map, Value, json};

/// LIMIT: shapes in shapes.
const DEPTH_MAX: usize = 16;
const SCHEMAS: &str = "#/components/schemas/";

/// What a shape that is only a text looks like.
const TEXTS: &[(&str, &str)] = &[
    ("TenantId", "acme"),
    ("CaseId", "case-01938f2e-7c41-7d10-9a35-5b7c0e4f1a22"),
    (
        "CauseId",
        "hash:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    ),
    (
        "ProposalId",
        "proposal-01938f2e-7c41-7d10-9a35-5b7c0e4f1a23",
    ),
    ("OrderId", "order-01938f2e-7c41-7d10-9a35-5b7c0e4f1a24"),
    ("EffectId", "effect-9f86d081884c"),
    ("OverreachId", "overreach-9f86d081884c"),
    ("PageId", "page-01938f2e-7c41-7d10-9a35-5b7c0e4f1a25"),
    ("AssetId", "asset-erp-01"),
    ("GroupId", "erp-servers"),
    ("PersonId", "ana@acme.example"),
    ("TokenId", "token-01938f2e-7c41-7d10-9a35-5b7c0e4f1a26"),
    ("PluginId", "countersign.contain-malware"),
    ("SourceId", "sentinelone"),
    ("ConnectorId", "range"),
    (
        "Digest",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    ),
];

/// The shapes of a document.
pub struct Examples {
    schemas: Map<String, Value>,
}

impl Examples {
    /// Of this document.
    pub fn of(document: &Value) -> Self {
        let schemas = document.pointer("/components/schemas");
        Self {
            schemas: schemas
                .and_then(Value::as_object)
                .cloned()
                .unwrap_or_default(),
        }
    }

    /// Puts one beside every body that has none.
    pub fn put_into(&self, document: &mut Value) {
        let paths = document.get_mut("paths").and_then(Value::as_object_mut);
        for item in paths.into_iter().flatten() {
            for operation in item.1.as_object_mut().into_iter().flatten() {
                let operation = operation.1;
                if let Some(body) = operation.get_mut("requestBody") {
                    self.content(body);
                }
                let answers = operation
                    .get_mut("responses")
                    .and_then(Value::as_object_mut);
                answers
                    .into_iter()
                    .flatten()
                    .for_each(|it| self.content(it.1));
            }
        }
    }

    fn content(&self, holder: &mut Value) {
        let media = holder.get_mut("content").and_then(Value::as_object_mut);
        for (kind, media) in media.into_iter().flatten() {
            let Some(fields) = media.as_object_mut().filter(|_| kind.contains("json")) else {
                continue;
            };
            let given = fields.contains_key("example") || fields.contains_key("examples");
            if let Some(schema) = fields.get("schema").filter(|_| !given) {
                let example = self.example(schema, 0);
                fields.insert("example".into(), example);
            }
        }
    }

    fn example(&self, schema: &Value, depth: usize) -> Value {
        let given = schema
            .get("example")
            .or_else(|| schema.get("examples")?.get(0));
        if let Some(given) = given {
            return given.clone();
        }
        if depth > DEPTH_MAX {
            return Value::Null;
        }
        if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
            return self.named(name.trim_start_matches(SCHEMAS), depth);
        }
        let first = ["oneOf", "anyOf"]
            .iter()
            .find_map(|it| schema.get(*it)?.as_array());
        if let Some(choices) = first {
            let null = |it: &&Value| it.get("type") != Some(&json!("null"));
            return choices
                .iter()
                .find(null)
                .map_or(Value::Null, |it| self.example(it, depth + 1));
        }
        if let Some(parts) = schema.get("allOf").and_then(Value::as_array) {
            return self.merged(parts, depth);
        }
        let word = schema.get("enum").and_then(|it| it.get(0));
        word.or_else(|| schema.get("const"))
            .map_or_else(|| self.plain(schema, depth), Value::clone)
    }

    fn named(&self, name: &str, depth: usize) -> Value {
        let text = TEXTS.iter().find(|it| it.0 == name);
        match (text, name) {
            (Some((_, text)), _) => json!(text),
            (_, "Millis") => json!(1_764_025_200_000_u64),
            _ => self
                .schemas
                .get(name)
                .map_or(Value::Null, |it| self.example(it, depth + 1)),
        }
    }

    fn merged(&self, parts: &[Value], depth: usize) -> Value {
        let mut all = Map::new();
        for part in parts {
            match self.example(part, depth + 1) {
                Value::Object(fields) => all.extend(fields),
                Value::Null => {}
                other => return other,
            }
        }
        Value::Object(all)
    }

    fn plain(&self, schema: &Value, depth: usize) -> Value {
        let kinds = schema.get("type");
        let is = |kind: &str| {
            let several = kinds.and_then(Value::as_array);
            kinds == Some(&json!(kind)) || several.is_some_and(|it| it.contains(&json!(kind)))
        };
        if is("object") {
            return self.object(schema, depth);
        }
        if is("array") {
            return self.array(schema, depth);
        }
        if is("string") {
            return json!("text");
        }
        if is("integer") || is("number") {
            return schema.get("minimum").cloned().unwrap_or(json!(0));
        }
        if is("boolean") {
            json!(false)
        } else {
            Value::Null
        }
    }

    fn object(&self, schema: &Value, depth: usize) -> Value {
        let fields = schema.get("properties").and_then(Value::as_object);
        let fields = fields.into_iter().flatten();
        let shown = fields.map(|(name, it)| (name.clone(), self.example(it, depth + 1)));
        Value::Object(shown.collect())
    }

    fn array(&self, schema: &Value, depth: usize) -> Value {
        let parts = schema.get("prefixItems").and_then(Value::as_array);
        if let Some(parts) = parts {
            return parts.iter().map(|it| self.example(it, depth + 1)).collect();
        }
        match schema.get("items").filter(|it| it.is_object()) {
            Some(item) => json!([self.example(item, depth + 1)]),
            None => json!([]),
        }
    }
}
