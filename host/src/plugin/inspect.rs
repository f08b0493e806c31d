//! What a person sees before they enrol a version: what it wants, and what it cannot do.
//!
//! Nothing of the plugin is compiled or run for this. It is also what the host compares with the
//! version before.

use super::error::LoadError;
use super::file::{self, Counted};
use super::manifest::{
    EgressGrant, LookupName, Manifest, PluginKind, Stated, manifest, manifest_section,
};
use super::surface::{self, Surface};
use crate::engine::{Engine, Limits};
use crate::model::{Digest, PluginId, PluginRef};
use serde::Serialize;

/// What a plugin asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Wants {
    /// Playbook: `contain-device on device`.
    pub proposes: Vec<String>,
    /// Connector: `contain-device on device (class B)`.
    pub performs: Vec<String>,
    /// Source: `vendor/product`.
    pub accepts: Vec<String>,
    /// Connector: products whose assets it acts on.
    pub manages: Vec<String>,
    /// Playbook: look-ups.
    pub lookups: Vec<LookupName>,
    /// Connector: `GET, POST https://{host}/devices with api`.
    pub egress: Vec<String>,
    /// Connector: `api (bearer)`.
    pub credentials: Vec<String>,
    /// Its settings, with their rules in words.
    pub settings: Vec<String>,
    /// Limits above or below the default: `memory-mib 128`.
    pub limits: Vec<String>,
}

/// A plugin as a person sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Inspection {
    /// `publisher.name`.
    pub id: PluginId,
    /// Its version.
    pub version: String,
    /// SHA-256 of the file: what is enrolled.
    pub digest: Digest,
    /// What it is.
    pub kind: PluginKind,
    /// For people. Text from the publisher: shown inert.
    pub title: String,
    /// For people. Text from the publisher: shown inert.
    pub description: String,
    /// Who made it, by its own word.
    pub publisher: String,
    /// SPDX expression, by its own word.
    pub license: String,
    /// Contract version.
    pub contract: String,
    /// Size of the file.
    pub bytes: u64,
    /// What it asks for.
    pub wants: Wants,
    /// What it cannot do, whatever its code tries.
    pub cannot: Vec<String>,
    /// What it imports.
    pub imports: Vec<String>,
    /// What it exports.
    pub exports: Vec<String>,
}

impl Inspection {
    /// The version that this is.
    pub fn plugin(&self) -> PluginRef {
        PluginRef {
            id: self.id.clone(),
            version: self.version.clone(),
            digest: self.digest.clone(),
        }
    }
}

/// What was read of a component without compiling it.
pub(super) struct Examined {
    pub(super) manifest: Manifest,
    pub(super) counted: Counted,
    pub(super) surface: Surface,
}

/// Steps 1 to 3 of the load rules.
pub(super) fn examine(bytes: &[u8], engine: &Engine) -> Result<Examined, Vec<LoadError>> {
    let features = engine.wasm().get_wasm_features();
    let unnamed = |errors: Vec<LoadError>| named(errors, "file");
    let counted = file::check(bytes, engine.limits(), features).map_err(unnamed)?;
    let section = manifest_section(bytes).map_err(|error| unnamed(vec![error]))?;
    let manifest = manifest(section).map_err(unnamed)?;
    let surface = surface::check(bytes, &manifest, features)
        .map_err(|errors| named(errors, &manifest.label()))?;
    Ok(Examined {
        manifest,
        counted,
        surface,
    })
}

/// Findings with whose they are.
pub(super) fn named(errors: Vec<LoadError>, whose: &str) -> Vec<LoadError> {
    errors.into_iter().map(|error| error.of(whose)).collect()
}

/// Reads a component for a person: no compile, no call.
///
/// # Errors
/// All findings of the first step of the load rules that has any.
pub fn inspect(bytes: &[u8]) -> Result<Inspection, Vec<LoadError>> {
    let engine = Engine::start(&Limits::default().engine)
        .map_err(|error| vec![LoadError::new(41, error.to_string())])?;
    inspect_with(&engine, bytes)
}

/// The same with an engine that runs already.
///
/// # Errors
/// All findings of the first step of the load rules that has any.
pub fn inspect_with(engine: &Engine, bytes: &[u8]) -> Result<Inspection, Vec<LoadError>> {
    let examined = examine(bytes, engine)?;
    Ok(inspection(&examined, bytes))
}

pub(super) fn inspection(examined: &Examined, bytes: &[u8]) -> Inspection {
    let manifest = &examined.manifest;
    Inspection {
        id: manifest.id.clone(),
        version: manifest.version.clone(),
        digest: Digest::of(bytes),
        kind: manifest.kind,
        title: manifest.title.clone(),
        description: manifest.description.clone(),
        publisher: manifest.publisher.clone(),
        license: manifest.license.clone(),
        contract: manifest.contract.clone(),
        bytes: bytes.len() as u64,
        wants: wants(manifest),
        cannot: cannot(manifest),
        imports: examined.surface.imports.clone(),
        exports: examined.surface.exports.clone(),
    }
}

fn wants(manifest: &Manifest) -> Wants {
    let kinds = |kinds: &[crate::model::TargetKind]| {
        let words: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
        words.join(", ")
    };
    let proposes = manifest.proposes.iter();
    let performs = manifest.performs.iter();
    let credentials = manifest.credentials.iter();
    let settings = manifest.settings.properties.iter();
    let limits = manifest.limits.iter();
    Wants {
        proposes: proposes
            .map(|it| format!("{} on {}", it.action, kinds(&it.targets)))
            .collect(),
        performs: performs
            .map(|it| {
                format!(
                    "{} on {} (class {:?})",
                    it.action,
                    kinds(&it.targets),
                    it.class
                )
            })
            .collect(),
        accepts: manifest
            .accepts
            .iter()
            .map(|it| it.product.clone())
            .collect(),
        manages: manifest.manages.clone(),
        lookups: manifest.lookups.iter().copied().collect(),
        egress: manifest.egress.iter().map(egress).collect(),
        credentials: credentials
            .map(|it| format!("{} ({})", it.name, word(&it.scheme)))
            .collect(),
        settings: settings
            .map(|(name, it)| match &it.default {
                Some(default) => format!("{name}: {}, default {default}", word(&it.r#type)),
                None => format!("{name}: {}", word(&it.r#type)),
            })
            .collect(),
        limits: limits.map(|(name, n)| format!("{name} {n}")).collect(),
    }
}

/// A closed word as it stands in the manifest.
fn word<T: Serialize>(it: &T) -> String {
    let value = serde_json::to_value(it).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

fn egress(grant: &EgressGrant) -> String {
    let host = match &grant.host {
        Stated::Is(host) => host.clone(),
        Stated::Setting(name) => format!("{{{name}}}"),
    };
    let port = match &grant.port {
        None => String::new(),
        Some(Stated::Is(port)) => format!(":{port}"),
        Some(Stated::Setting(name)) => format!(":{{{name}}}"),
    };
    let credentials = if grant.credentials.is_empty() {
        String::new()
    } else {
        format!(" with {}", grant.credentials.join(", "))
    };
    format!(
        "{} {}://{host}{port}{}{credentials}",
        grant.methods.join(", "),
        grant.scheme.as_str(),
        grant.paths.join(", ")
    )
}

fn cannot(manifest: &Manifest) -> Vec<String> {
    let mut cannot = vec![
        "read files, environment, arguments, real time or real random".to_owned(),
        "keep anything between two calls".to_owned(),
        "read a credential".to_owned(),
    ];
    match manifest.kind {
        PluginKind::Source => {
            cannot.push("reach any network, or look anything up".to_owned());
            cannot.push("propose or carry out an action".to_owned());
        }
        PluginKind::Playbook => {
            cannot.push("reach any network".to_owned());
            cannot.push("carry out an action: what it proposes is judged by the guards".to_owned());
            let missing: Vec<&str> = LookupName::ALL
                .iter()
                .filter(|it| !manifest.lookups.contains(it))
                .map(|it| it.as_str())
                .collect();
            if !missing.is_empty() {
                cannot.push(format!("look up {}", missing.join(", ")));
            }
        }
        PluginKind::Connector => {
            cannot.push("see a case, or decide what is carried out".to_owned());
            if manifest.egress.is_empty() {
                cannot.push("reach any network".to_owned());
            } else {
                cannot.push("reach any other host, path or method than listed".to_owned());
            }
        }
    }
    cannot
}

#[cfg(test)]
mod tests;
