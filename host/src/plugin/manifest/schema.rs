//! The parts of the schema that are objects of their own: settings, pairs, entries, grants.
//! Each reader gives what it could read; what it could not is among the findings.

use super::fields::{Fields, is_product, is_word, misfit};
use super::{
    Accepts, ConnectorClass, CredentialScheme, CredentialSpec, EgressGrant, Pair, Performs, Scheme,
    Stated,
};
use crate::model::{TargetKind, Verb};
use crate::plugin::error::{LoadError, nearest};
use crate::plugin::settings::{SettingRule, SettingType, SettingsSchema, compile};
use serde_json::Value;

const METHODS: &[&str] = &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/// An action of the table and the kinds it is for (L015). `path` is the entry's.
fn action_and_targets(entry: &mut Fields<'_, '_>, path: &str) -> Option<(Verb, Vec<TargetKind>)> {
    entry.required("action");
    entry.required("targets");
    let word = entry.text("action", 1, 64)?;
    let Some(action) = Verb::parse(word) else {
        let known: Vec<&str> = Verb::TABLE.iter().map(|row| row.verb.as_str()).collect();
        let near = nearest(word, &known).map_or_else(|| known.join(", "), str::to_owned);
        let text = format!("manifest: {path}: no action {word}; known: {near}");
        entry.errors().push(LoadError::new(15, text));
        return None;
    };
    let possible = action.row().targets;
    let words: Vec<&str> = possible.iter().map(|kind| kind.as_str()).collect();
    let mut targets = Vec::new();
    for named in entry.words("targets", (1, 64), "a word", |it| Some(it.to_owned())) {
        match possible.iter().find(|kind| kind.as_str() == named) {
            Some(kind) => targets.push(*kind),
            None => {
                let text = format!(
                    "manifest: {path}: {action} does not apply to {named}; it applies to {}",
                    words.join(", ")
                );
                entry.errors().push(LoadError::new(15, text));
            }
        }
    }
    Some((action, targets))
}

pub(super) fn pair(value: &Value, path: &str, errors: &mut Vec<LoadError>) -> Option<Pair> {
    let mut entry = Fields::of(value, path, &["action", "targets"], errors)?;
    let (action, targets) = action_and_targets(&mut entry, path)?;
    Some(Pair { action, targets })
}

pub(super) fn performs(value: &Value, path: &str, errors: &mut Vec<LoadError>) -> Option<Performs> {
    const KNOWN: &[&str] = &[
        "action",
        "targets",
        "class",
        "key-ttl-s",
        "effect-delay-max-s",
    ];
    let mut entry = Fields::of(value, path, KNOWN, errors)?;
    let pair = action_and_targets(&mut entry, path);
    entry.required("class");
    let class = entry.text("class", 1, 1).map(|word| match word {
        "A" => Some(ConnectorClass::A),
        "B" => Some(ConnectorClass::B),
        "C" => Some(ConnectorClass::C),
        "D" => Some(ConnectorClass::D),
        _ => None,
    });
    if class == Some(None) {
        entry.wrong("class", "is not one of A, B, C, D");
    }
    let key_ttl_s = entry.number("key-ttl-s", 1, u64::MAX);
    if class == Some(Some(ConnectorClass::A)) && entry.get("key-ttl-s").is_none() {
        entry.wrong("key-ttl-s", "is missing; class A needs it");
    }
    let effect_delay_max_s = entry.number("effect-delay-max-s", 0, 86_400);
    let (action, targets) = pair?;
    Some(Performs {
        action,
        targets,
        class: class??,
        key_ttl_s,
        effect_delay_max_s,
    })
}

pub(super) fn accepts(value: &Value, path: &str, errors: &mut Vec<LoadError>) -> Option<Accepts> {
    let mut entry = Fields::of(value, path, &["product", "content-types"], errors)?;
    entry.required("product");
    let product = entry.formed("product", 128, "vendor/product", is_product);
    let types = entry.words(
        "content-types",
        (0, 64),
        "a content type of at most 128 bytes",
        |it| (!it.is_empty() && it.len() <= 128).then(|| it.to_ascii_lowercase()),
    );
    Some(Accepts {
        product: product?.to_owned(),
        content_types: types,
    })
}

pub(super) fn credential(
    value: &Value,
    path: &str,
    errors: &mut Vec<LoadError>,
) -> Option<CredentialSpec> {
    const KNOWN: &[&str] = &["name", "scheme", "header", "description"];
    let mut entry = Fields::of(value, path, KNOWN, errors)?;
    entry.required("name");
    entry.required("scheme");
    let name = entry.formed("name", 64, "a word of a-z 0-9 -", is_word);
    let scheme = entry.text("scheme", 1, 64).map(|word| match word {
        "bearer" => Some(CredentialScheme::Bearer),
        "basic" => Some(CredentialScheme::Basic),
        "header" => Some(CredentialScheme::Header),
        "oauth2-client-credentials" => Some(CredentialScheme::Oauth2ClientCredentials),
        "hmac-sha256" => Some(CredentialScheme::HmacSha256),
        _ => None,
    });
    if scheme == Some(None) {
        entry.wrong(
            "scheme",
            "is not one of bearer, basic, header, oauth2-client-credentials, hmac-sha256",
        );
    }
    let header = entry.formed("header", 128, "a header name of a-z 0-9 -", |it| {
        it.bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    });
    let own = matches!(
        scheme,
        Some(Some(
            CredentialScheme::Header | CredentialScheme::HmacSha256
        ))
    );
    if own && entry.get("header").is_none() {
        entry.wrong("header", "is missing; this scheme needs it");
    }
    let description = entry.text("description", 0, 500).unwrap_or_default();
    Some(CredentialSpec {
        name: name?.to_owned(),
        scheme: scheme??,
        header: header.map(str::to_owned),
        description: description.to_owned(),
    })
}

pub(super) fn egress(
    value: &Value,
    path: &str,
    errors: &mut Vec<LoadError>,
) -> Option<EgressGrant> {
    const KNOWN: &[&str] = &["host", "scheme", "port", "methods", "paths", "credentials"];
    let mut entry = Fields::of(value, path, KNOWN, errors)?;
    for name in ["host", "methods", "paths"] {
        entry.required(name);
    }
    let host = entry.formed(
        "host",
        253,
        "a host name with a dot, or a setting in braces",
        |it| in_braces(it).is_some() || (it.contains('.') && it.split('.').all(is_host_label)),
    );
    let scheme = match entry.text("scheme", 1, 8) {
        None | Some("https") => Scheme::Https,
        Some("http") => Scheme::Http,
        Some(_) => {
            entry.wrong("scheme", "is not one of https, http");
            Scheme::Https
        }
    };
    let port = match entry.get("port") {
        Some(Value::String(text)) => {
            let setting = in_braces(text);
            if setting.is_none() {
                entry.wrong("port", "is not a port or a setting in braces");
            }
            setting.map(|name| Stated::Setting(name.to_owned()))
        }
        _ => entry
            .number("port", 1, 65_535)
            .and_then(|port| u16::try_from(port).ok())
            .map(Stated::Is),
    };
    let methods = entry.words(
        "methods",
        (1, 6),
        "one of GET, HEAD, POST, PUT, PATCH, DELETE",
        |it| METHODS.contains(&it).then(|| it.to_owned()),
    );
    let paths = entry.words(
        "paths",
        (1, 64),
        "a path that begins with / and is in normal form",
        |it| crate::plugin::egress::normal_path(it).filter(|normal| normal == it),
    );
    let credentials = entry.words("credentials", (0, 8), "a word", |it| {
        is_word(it).then(|| it.to_owned())
    });
    let host = host?;
    Some(EgressGrant {
        host: in_braces(host).map_or_else(
            || Stated::Is(host.to_owned()),
            |name| Stated::Setting(name.to_owned()),
        ),
        scheme,
        port,
        methods,
        paths,
        credentials,
    })
}

fn in_braces(text: &str) -> Option<&str> {
    let name = text.strip_prefix('{')?.strip_suffix('}')?;
    is_word(name).then_some(name)
}

fn is_host_label(label: &str) -> bool {
    !label.is_empty()
        && label.len() <= 63
        && label
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// The settings a plugin has.
pub(crate) fn settings_schema(value: &Value, errors: &mut Vec<LoadError>) -> SettingsSchema {
    const KNOWN: &[&str] = &["type", "properties", "additionalProperties", "required"];
    let mut schema = SettingsSchema::default();
    let Some(mut fields) = Fields::of(value, "settings", KNOWN, errors) else {
        return schema;
    };
    if fields.required("type").is_some_and(|it| it != "object") {
        fields.wrong("type", "must be \"object\"");
    }
    if fields
        .required("additionalProperties")
        .is_some_and(|it| it != &Value::Bool(false))
    {
        fields.wrong("additionalProperties", "must be false");
    }
    let required = fields.words("required", (0, 64), "a word of a-z 0-9 -", |it| {
        is_word(it).then(|| it.to_owned())
    });
    let properties = fields.required("properties");
    let Some(properties) = properties.and_then(Value::as_object) else {
        if properties.is_some() {
            fields.wrong("properties", "is not an object");
        }
        return schema;
    };
    if properties.len() > 64 {
        fields.wrong("properties", "has more than 64 settings");
        return schema;
    }
    for (name, value) in properties {
        if !is_word(name) {
            fields.wrong(
                "properties",
                &format!("{name:?} is not a word of a-z 0-9 -"),
            );
        }
        if let Some(rule) = setting(name, value, fields.errors()) {
            schema.properties.insert(name.clone(), rule);
        }
    }
    for name in required {
        if !schema.properties.contains_key(&name) {
            fields.wrong("required", &format!("{name} is not among the properties"));
        }
        schema.required.insert(name);
    }
    schema
}

fn setting_type(word: &str) -> Option<SettingType> {
    Some(match word {
        "string" => SettingType::String,
        "integer" => SettingType::Integer,
        "boolean" => SettingType::Boolean,
        "array" => SettingType::Array,
        _ => return None,
    })
}

fn setting(name: &str, value: &Value, errors: &mut Vec<LoadError>) -> Option<SettingRule> {
    const KNOWN: &[&str] = &[
        "type",
        "items",
        "enum",
        "default",
        "minimum",
        "maximum",
        "maxLength",
        "maxItems",
        "pattern",
        "description",
    ];
    let path = format!("settings.properties.{name}");
    let mut fields = Fields::of(value, &path, KNOWN, errors)?;
    fields.required("type");
    let kind = setting_type(fields.text("type", 1, 16)?);
    if kind.is_none() {
        fields.wrong("type", "is not one of string, integer, boolean, array");
    }
    let items = items(&mut fields);
    let pattern = fields.text("pattern", 0, 1024).map(str::to_owned);
    if let Some(Err(error)) = pattern.as_deref().map(compile) {
        fields.wrong("pattern", &format!("is no regular expression: {error}"));
    }
    let allowed = fields.list("enum", 1, 64);
    let allowed: Vec<Value> = allowed.into_iter().map(|(_, it)| it.clone()).collect();
    let rule = SettingRule {
        r#type: kind?,
        items,
        r#enum: (!allowed.is_empty()).then_some(allowed),
        default: fields.get("default").cloned(),
        minimum: whole(&mut fields, "minimum"),
        maximum: whole(&mut fields, "maximum"),
        max_length: fields.number("maxLength", 0, 1 << 20),
        max_items: fields.number("maxItems", 0, 1 << 20),
        pattern,
        description: fields
            .text("description", 0, 500)
            .unwrap_or_default()
            .to_owned(),
    };
    if let Some(default) = &rule.default
        && let Some(reason) = rule.misfit(default)
    {
        let text = format!("manifest: settings.{name}: default {default} {reason}");
        fields.errors().push(LoadError::new(16, text));
    }
    Some(rule)
}

fn items(fields: &mut Fields<'_, '_>) -> Option<SettingType> {
    let value = fields.get("items")?;
    let path = fields.path("items");
    let word = {
        let mut items = Fields::of(value, &path, &["type"], fields.errors())?;
        items.required("type");
        items.text("type", 1, 16)?
    };
    let kind =
        setting_type(word).filter(|it| matches!(it, SettingType::String | SettingType::Integer));
    if kind.is_none() {
        fields
            .errors()
            .push(misfit(&path, "is not a list of string or of integer"));
    }
    kind
}

fn whole(fields: &mut Fields<'_, '_>, name: &str) -> Option<i64> {
    let value = fields.get(name)?;
    let n = value.as_i64();
    if n.is_none() {
        fields.wrong(name, "is not a whole number");
    }
    n
}
