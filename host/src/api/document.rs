//! The document of the API: OpenAPI 3.1, made from the routes themselves.
//!
//! A route says what it is for, who may, what it takes and what it answers. What holds for all
//! routes of a kind is added here, once: the parameters of the path, the refusals that the gate,
//! the reading of a body and the host itself can answer, and an example for every shape. So a
//! route can forget none of it.

use super::examples::Examples;
use super::standing::Standing;
use axum::http::Method;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use utoipa::openapi::OpenApi;

/// Below this, paths have a tenant.
const TENANT: &str = "/v1/tenants/{tenant}";
/// The methods that an operation can stand under.
const METHODS: [&str; 5] = ["get", "post", "put", "delete", "patch"];

/// Who may use one operation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allowed {
    /// Nobody is asked who they are.
    pub anybody: bool,
    /// Whether the process lives, is ready, and its numbers: not limited, because whoever watches
    /// a host that is flooded must still see it.
    pub vitals: bool,
    /// People who come as one of these.
    pub people: BTreeSet<Standing>,
    /// Machines.
    pub machine: bool,
    /// A vendor who proves it otherwise.
    pub vendor: bool,
    /// It delivers alerts.
    pub delivery: bool,
}

/// The document, and who may what by it.
pub struct Document {
    value: Value,
    table: HashMap<(Method, String), Allowed>,
}

impl Document {
    /// Completes what the routes say.
    pub fn of(routes: &OpenApi) -> Self {
        let mut value = serde_json::to_value(routes).unwrap_or_default();
        let mut table = HashMap::new();
        let known = codes(&value);
        each_operation(&mut value, |path, method, operation| {
            let allowed = allowed(path, operation);
            complete(path, method, operation, &allowed, &known);
            if let Ok(method) = Method::from_bytes(method.to_ascii_uppercase().as_bytes()) {
                table.insert((method, path.to_owned()), allowed);
            }
        });
        Examples::of(&value).put_into(&mut value);
        Self { value, table }
    }
    /// Who may use an operation; `None` where there is none.
    pub fn allowed(&self, method: &Method, path: &str) -> Option<&Allowed> {
        self.table.get(&(method.clone(), path.to_owned()))
    }
    /// Whether there is an operation of any method.
    pub fn knows(&self, path: &str) -> bool {
        self.table.keys().any(|it| it.1 == path)
    }
    /// As JSON.
    pub fn value(&self) -> &Value {
        &self.value
    }
}

fn each_operation(document: &mut Value, mut each: impl FnMut(&str, &str, &mut Map<String, Value>)) {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    for (path, item) in paths.into_iter().flatten() {
        let methods = item.as_object_mut().into_iter().flatten();
        for (method, operation) in methods.filter(|it| METHODS.contains(&it.0.as_str())) {
            if let Some(operation) = operation.as_object_mut() {
                each(path, method, operation);
            }
        }
    }
}

fn allowed(path: &str, operation: &Map<String, Value>) -> Allowed {
    let security = operation.get("security").and_then(Value::as_array);
    let mut allowed = Allowed {
        vitals: matches!(path, "/healthz" | "/readyz" | "/metrics"),
        delivery: matches!(
            path.strip_prefix(TENANT),
            Some("/detections" | "/sources/{source}")
        ),
        ..Allowed::default()
    };
    for requirement in security.into_iter().flatten() {
        let schemes = requirement.as_object();
        allowed.anybody |= schemes.is_some_and(Map::is_empty);
        for (scheme, scopes) in schemes.into_iter().flatten() {
            let words = scopes.as_array().into_iter().flatten();
            let words = words.filter_map(|it| it.as_str().and_then(Standing::parse));
            match scheme.as_str() {
                "person" => allowed.people.extend(words),
                "machine" => allowed.machine = true,
                "vendor" => allowed.vendor = true,
                _ => {}
            }
        }
    }
    allowed
}

/// Parameters of the path, a name, a tag, and the refusals that do not depend on the route.
fn complete(
    path: &str,
    method: &str,
    operation: &mut Map<String, Value>,
    allowed: &Allowed,
    known: &BTreeMap<String, Vec<String>>,
) {
    let below = path.strip_prefix(TENANT).unwrap_or(path);
    let words = below.split(['/', ':']).filter(|it| !it.is_empty());
    let words: Vec<String> = words
        .map(|it| {
            it.trim_start_matches("v1")
                .trim_matches(['{', '}'])
                .replace(".json", "")
        })
        .filter(|it| !it.is_empty())
        .collect();
    operation.insert(
        "operationId".into(),
        json!(format!("{method}-{}", words.join("-"))),
    );
    operation.insert("tags".into(), json!([words.first()]));
    let queries = parameters(path, operation);
    let body = operation.contains_key("requestBody");
    let own = known.get(&format!("{method} {path}"));
    let own = own.into_iter().flatten().map(String::as_str);
    let mut refusals: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in own.chain(common(path, allowed, body, &queries)) {
        if let Some((status, code)) = row.split_once(' ') {
            refusals
                .entry(status.into())
                .or_default()
                .insert(code.into());
        }
    }
    answers(operation, refusals);
}

/// What every route of this kind can refuse with: `STATUS CODE`.
fn common(
    path: &str,
    allowed: &Allowed,
    body: bool,
    queries: &BTreeSet<String>,
) -> Vec<&'static str> {
    let mut rows = vec!["500 CS-api-12"];
    if !allowed.anybody {
        rows.extend(["401 CS-auth-01", "404 CS-api-04", "503 CS-api-09"]);
    }
    if !allowed.vitals {
        rows.push("429 CS-api-16");
    }
    let everybody = allowed.machine && allowed.people.len() == Standing::ALL.len();
    if !(allowed.anybody || everybody) {
        rows.push("403 CS-api-03");
    }
    if !queries.is_empty() || path.trim_start_matches(TENANT).contains('{') {
        rows.push("400 CS-api-02");
    }
    if queries.contains("cursor") {
        rows.push("400 CS-api-15");
    }
    if body {
        rows.extend(["400 CS-api-01", "408 CS-api-11", "413 CS-api-05"]);
    }
    if allowed.delivery {
        rows.push("503 CS-api-10");
    }
    rows
}

/// Adds the parameters of the path; answers the names of those of the query.
fn parameters(path: &str, operation: &mut Map<String, Value>) -> BTreeSet<String> {
    let given = operation.remove("parameters");
    let mut all: Vec<Value> = Vec::new();
    for name in path
        .split('{')
        .skip(1)
        .filter_map(|it| it.split('}').next())
    {
        let what = match name {
            "tenant" => "The tenant. One that is not the caller's does not exist for them.",
            "source" => "The source's name in `sources.toml`.",
            _ => "The id, as lists show it.",
        };
        all.push(json!({ "name": name, "in": "path", "required": true, "description": what, "schema": { "type": "string" } }));
    }
    let given = given
        .as_ref()
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let queries: Vec<Value> = given
        .filter(|it| it.get("in") == Some(&json!("query")))
        .cloned()
        .collect();
    let names = queries
        .iter()
        .filter_map(|it| it.get("name")?.as_str().map(str::to_owned));
    let names = names.collect();
    all.extend(queries);
    if !all.is_empty() {
        operation.insert("parameters".into(), Value::Array(all));
    }
    names
}

/// What the routes themselves say that they refuse with, as `STATUS CODE`, by `method path`.
fn codes(document: &Value) -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::new();
    let mut document = document.clone();
    each_operation(&mut document, |path, method, operation| {
        let answers = operation.get("responses").and_then(Value::as_object);
        let refusals = answers.into_iter().flatten().filter(|it| is_refusal(it.0));
        let rows = refusals.flat_map(|(status, it)| {
            let text = it
                .get("description")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let codes = text.split([',', ' ']).filter(|it| it.starts_with("CS-"));
            codes
                .map(|code| format!("{status} {code}"))
                .collect::<Vec<_>>()
        });
        found.insert(format!("{method} {path}"), rows.collect());
    });
    found
}

fn is_refusal(status: &str) -> bool {
    status.starts_with(['4', '5'])
}

/// Every refusal as a problem document, with its codes.
fn answers(operation: &mut Map<String, Value>, refusals: BTreeMap<String, BTreeSet<String>>) {
    let answers = operation.entry("responses").or_insert_with(|| json!({}));
    let Some(answers) = answers.as_object_mut() else {
        return;
    };
    answers.retain(|status, _| !is_refusal(status));
    for (status, codes) in refusals {
        let text = codes.iter().cloned().collect::<Vec<_>>().join(", ");
        let first = codes.first().cloned().unwrap_or_default();
        let number: u16 = status.parse().unwrap_or(500);
        let example = json!({
            "type": format!("urn:countersign:error:{first}"), "title": title(number),
            "status": number, "code": first, "detail": "what happened, why, and what to do",
        });
        let mut answer = json!({
            "description": text, "x-codes": codes,
            "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" }, "example": example } },
        });
        let header = |text: &str| json!({ "description": text, "schema": { "type": "string" } });
        let headers = match number {
            401 => json!({ "WWW-Authenticate": header("`Bearer`") }),
            429 | 503 => json!({ "Retry-After": header("seconds to wait") }),
            _ => Value::Null,
        };
        if let Some(fields) = answer.as_object_mut().filter(|_| !headers.is_null()) {
            fields.insert("headers".into(), headers);
        }
        answers.insert(status, answer);
    }
}

fn title(status: u16) -> &'static str {
    let status = axum::http::StatusCode::from_u16(status).ok();
    status
        .and_then(|it| it.canonical_reason())
        .unwrap_or("error")
}
