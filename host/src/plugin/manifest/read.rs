//! The whole manifest, rule by rule (L011 to L021).
//!
//! First the text (L011), then every field, then what the fields say about each other; each step
//! reports all its findings.

use super::fields::{Fields, is_label, is_product, is_version, misfit};
use super::schema;
use super::{CONTRACTS, LookupName, Manifest, Performs, PluginKind};
use crate::engine::Limits;
use crate::model::{PluginId, TargetKind, Verb};
use crate::plugin::error::LoadError;
use crate::plugin::json;
use crate::plugin::settings::SettingsSchema;
use serde_json::Value;

/// LIMIT: a person reads it.
const BYTES_MAX: usize = 65_536;

const COMMON: &[&str] = &[
    "manifest",
    "id",
    "version",
    "publisher",
    "kind",
    "contract",
    "title",
    "description",
    "license",
    "homepage",
    "settings",
    "limits",
];

/// Keys beside the common ones, by kind.
fn own_keys(kind: PluginKind) -> &'static [&'static str] {
    match kind {
        PluginKind::Source => &["accepts"],
        PluginKind::Playbook => &["proposes", "lookups"],
        PluginKind::Connector => &["manages", "performs", "credentials", "egress"],
    }
}

/// Parses the bytes of the section.
///
/// # Errors
/// All findings of the first step that has any.
pub(crate) fn manifest(section: &[u8]) -> Result<Manifest, Vec<LoadError>> {
    let value = text(section).map_err(|error| vec![error])?;
    let mut errors = Vec::new();
    let manifest = fields(&value, &mut errors);
    match manifest {
        Some(manifest) if errors.is_empty() => {
            let errors = relations(&manifest);
            if errors.is_empty() {
                Ok(manifest)
            } else {
                Err(errors)
            }
        }
        _ => Err(errors),
    }
}

fn text(section: &[u8]) -> Result<Value, LoadError> {
    if section.len() > BYTES_MAX {
        let n = section.len();
        return Err(LoadError::new(
            11,
            format!("manifest: is {n} bytes, the limit is {BYTES_MAX}"),
        ));
    }
    json::strict(section).map_err(|error| {
        // A key twice is said by its name alone: that is what the author looks for.
        let twice = error.reason.starts_with("key ") && error.reason.ends_with(" twice");
        let text = if twice {
            format!("manifest: {}", error.reason)
        } else {
            format!(
                "manifest: not JSON at line {} column {}: {}",
                error.line, error.column, error.reason
            )
        };
        LoadError::new(11, text)
    })
}

fn fields(value: &Value, errors: &mut Vec<LoadError>) -> Option<Manifest> {
    let kind = match value.get("kind").and_then(Value::as_str) {
        Some("source") => PluginKind::Source,
        Some("playbook") => PluginKind::Playbook,
        Some("connector") => PluginKind::Connector,
        _ => {
            let text = if value.is_object() {
                misfit("kind", "is not one of source, playbook, connector")
            } else {
                misfit("", "is not an object")
            };
            errors.push(text);
            return None;
        }
    };
    let known: Vec<&str> = COMMON.iter().chain(own_keys(kind)).copied().collect();
    let mut fields = Fields::of(value, "", &known, errors)?;
    for name in [
        "manifest",
        "id",
        "version",
        "publisher",
        "contract",
        "title",
    ] {
        fields.required(name);
    }
    if fields
        .get("manifest")
        .is_some_and(|it| it != &Value::from(1))
    {
        fields.wrong("manifest", "must be 1");
    }
    let id = fields.formed("id", 128, "publisher.name of a-z 0-9 - .", |it| {
        it.contains('.') && it.split('.').all(is_label)
    });
    let version = fields.formed("version", 64, "a version such as 1.4.2", is_version);
    let publisher = fields.formed("publisher", 64, "a word of a-z 0-9 -", is_label);
    let contract = fields.formed("contract", 64, "a version such as 0.1.0", |it| {
        is_version(it) && !it.contains('-')
    });
    let title = fields.text("title", 1, 80);
    let description = fields.text("description", 0, 2000).unwrap_or_default();
    let license = fields.text("license", 0, 128).unwrap_or_default();
    let homepage = fields.formed("homepage", 512, "a URL that begins with https://", |it| {
        it.starts_with("https://")
    });
    let limits = limits(&mut fields);
    let settings = fields
        .get("settings")
        .map_or_else(SettingsSchema::default, |it| {
            schema::settings_schema(it, fields.errors())
        });
    let mut manifest = Manifest {
        id: PluginId::new(id.unwrap_or_default()),
        version: version.unwrap_or_default().to_owned(),
        publisher: publisher.unwrap_or_default().to_owned(),
        kind,
        contract: contract.unwrap_or_default().to_owned(),
        title: title.unwrap_or_default().to_owned(),
        description: description.to_owned(),
        license: license.to_owned(),
        homepage: homepage.unwrap_or_default().to_owned(),
        settings,
        limits,
        accepts: Vec::new(),
        proposes: Vec::new(),
        lookups: Default::default(),
        manages: Vec::new(),
        performs: Vec::new(),
        credentials: Vec::new(),
        egress: Vec::new(),
    };
    of_kind(&mut manifest, &mut fields);
    Some(manifest)
}

fn of_kind(manifest: &mut Manifest, fields: &mut Fields<'_, '_>) {
    match manifest.kind {
        PluginKind::Source => {
            fields.required("accepts");
            manifest.accepts = entries(fields, "accepts", (1, 16), schema::accepts);
        }
        PluginKind::Playbook => {
            fields.required("proposes");
            manifest.proposes = entries(fields, "proposes", (1, 64), schema::pair);
            let names: Vec<&str> = LookupName::ALL.iter().map(|it| it.as_str()).collect();
            let what = format!("a look-up; known: {}", names.join(", "));
            let lookups = fields.words("lookups", (0, 4), &what, |word| {
                LookupName::ALL
                    .iter()
                    .copied()
                    .find(|it| it.as_str() == word)
            });
            manifest.lookups = lookups.into_iter().collect();
        }
        PluginKind::Connector => {
            fields.required("performs");
            fields.required("egress");
            manifest.performs = entries(fields, "performs", (1, 64), schema::performs);
            manifest.credentials = entries(fields, "credentials", (0, 8), schema::credential);
            manifest.egress = entries(fields, "egress", (0, 16), schema::egress);
            manifest.manages = fields.words("manages", (1, 16), "vendor/product", |it| {
                is_product(it).then(|| it.to_owned())
            });
        }
    }
}

fn entries<T>(
    fields: &mut Fields<'_, '_>,
    name: &str,
    bounds: (usize, usize),
    read: impl Fn(&Value, &str, &mut Vec<LoadError>) -> Option<T>,
) -> Vec<T> {
    let items = fields.list(name, bounds.0, bounds.1);
    let read = items
        .iter()
        .filter_map(|(path, item)| read(item, path, fields.errors()));
    read.collect()
}

/// What it asks for beside the defaults (L020 where it is above the ceiling).
fn limits(fields: &mut Fields<'_, '_>) -> Vec<(String, u64)> {
    let Some(value) = fields.get("limits") else {
        return Vec::new();
    };
    let rows: Vec<_> = Limits::rows(crate::engine::LimitKind::Playbook)
        .filter(|row| !row.manifest.is_empty())
        .collect();
    let known: Vec<&str> = rows.iter().map(|row| row.manifest).collect();
    let Some(mut limits) = Fields::of(value, "limits", &known, fields.errors()) else {
        return Vec::new();
    };
    let mut asked = Vec::new();
    for row in rows {
        let Some(n) = limits.number(row.manifest, row.floor, u64::MAX) else {
            continue;
        };
        if n > row.ceiling {
            let text = format!(
                "manifest: limits.{}: {n} is above the host's ceiling {}",
                row.manifest, row.ceiling
            );
            limits.errors().push(LoadError::new(20, text));
        }
        asked.push((row.manifest.to_owned(), n));
    }
    asked
}

/// What the fields say about each other.
fn relations(manifest: &Manifest) -> Vec<LoadError> {
    let mut errors = Vec::new();
    if manifest.id.as_str().split('.').next() != Some(&manifest.publisher) {
        errors.push(LoadError::new(
            13,
            format!(
                "manifest: id {} does not begin with its publisher {}",
                manifest.id, manifest.publisher
            ),
        ));
    }
    errors.extend(contract(&manifest.contract));
    for (index, entry) in manifest.performs.iter().enumerate() {
        errors.extend(inverses(manifest, index, entry));
        errors.extend(managed(manifest, index, entry));
    }
    for (index, grant) in manifest.egress.iter().enumerate() {
        for name in &grant.credentials {
            if !manifest.credentials.iter().any(|it| it.name == *name) {
                let text = format!("manifest: egress[{index}]: no credential {name}");
                errors.push(LoadError::new(18, text));
            }
        }
        errors.extend(settings_named(manifest, index));
    }
    errors
}

/// L014.
fn contract(version: &str) -> Option<LoadError> {
    if CONTRACTS.contains(&version) {
        return None;
    }
    let numbers = |it: &str| {
        let parts = it.split('.').map(|part| part.parse::<u64>().unwrap_or(0));
        parts.collect::<Vec<_>>()
    };
    let newer = CONTRACTS.iter().all(|it| numbers(version) > numbers(it));
    let hint = if newer { "; upgrade the host" } else { "" };
    Some(LoadError::new(
        14,
        format!(
            "manifest: built for contract {version}; this host serves {}{hint}",
            CONTRACTS.join(", ")
        ),
    ))
}

/// L017: what a connector takes it must be able to give back.
fn inverses(manifest: &Manifest, index: usize, entry: &Performs) -> Vec<LoadError> {
    let row = entry.action.row();
    let Some(inverse) = row.inverse.filter(|_| row.same_connector) else {
        return Vec::new();
    };
    let lost = entry
        .targets
        .iter()
        .filter(|kind| manifest.performs(inverse, **kind).is_none());
    lost.map(|kind| {
        LoadError::new(
            17,
            format!(
                "manifest: performs[{index}]: {} on {kind} without {inverse}; what a connector takes it must be able to give back",
                entry.action
            ),
        )
    })
    .collect()
}

/// L021: whose assets it acts on.
fn managed(manifest: &Manifest, index: usize, entry: &Performs) -> Option<LoadError> {
    let informs = matches!(entry.action, Verb::Notify | Verb::OpenTicket);
    if informs || !manifest.manages.is_empty() {
        return None;
    }
    let on_asset = entry.targets.iter().find(|kind| {
        matches!(
            kind,
            TargetKind::Device
                | TargetKind::Process
                | TargetKind::File
                | TargetKind::Service
                | TargetKind::Software
        )
    })?;
    Some(LoadError::new(
        21,
        format!(
            "manifest: performs[{index}]: {} on {on_asset}, but manages is empty; name the products whose assets it acts on",
            entry.action
        ),
    ))
}

/// A grant that takes its host or port from a setting needs that setting, with the right type.
fn settings_named(manifest: &Manifest, index: usize) -> Vec<LoadError> {
    use super::{Stated, schema_type};
    use crate::plugin::settings::SettingType;
    let Some(grant) = manifest.egress.get(index) else {
        return Vec::new();
    };
    let mut errors = Vec::new();
    let mut check = |field: &str, name: &str, kind: SettingType, word: &str| {
        if schema_type(manifest, name) != Some(kind) {
            errors.push(misfit(
                &format!("egress[{index}].{field}"),
                &format!("{{{name}}} is not a setting of type {word}"),
            ));
        }
    };
    if let Stated::Setting(name) = &grant.host {
        check("host", name, SettingType::String, "string");
    }
    if let Some(Stated::Setting(name)) = &grant.port {
        check("port", name, SettingType::Integer, "integer");
    }
    errors
}
