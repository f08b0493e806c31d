//! What a component imports and exports (L030 to L036), compared with the contract before it is
//! compiled.
//!
//! wasmtime would also refuse an unknown import, but it says so after compiling, one at a time,
//! and cannot say what to do. Here all of them are listed, with what pulls them in. Types are
//! compared too, with the same rules as the engine's: it would compare those of exports only when
//! an instance is made.

use super::bindings;
use super::error::LoadError;
use super::manifest::{CONTRACTS, LookupName, Manifest, PluginKind};
use super::wasi;
use wasmparser::component_types::{
    ComponentAnyTypeId, ComponentEntityType, ComponentType, SubtypeCx,
};
use wasmparser::types::{Types, TypesRef};
use wasmparser::{Parser, Payload, Validator, WasmFeatures};

const PACKAGE: &str = "countersign:plugin/";

/// Exports beside the contract's that a toolchain leaves behind; never called.
const TOOLCHAIN_EXPORTS: &[&str] = &["init"];

/// The names on a component's outside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Surface {
    pub(super) imports: Vec<String>,
    pub(super) exports: Vec<String>,
}

/// A name such as `wasi:io/poll@0.2.6`, in parts.
fn parts(name: &str) -> (&str, &str) {
    name.split_once('@').unwrap_or((name, ""))
}

/// `0.1` of `0.1.7`.
fn minor(version: &str) -> &str {
    version.rsplit_once('.').map_or(version, |(minor, _)| minor)
}

/// Reads and checks the surface of a valid component.
pub(super) fn check(
    bytes: &[u8],
    manifest: &Manifest,
    features: WasmFeatures,
) -> Result<Surface, Vec<LoadError>> {
    let malformed = |error: wasmparser::Error| vec![super::manifest::malformed(&error)];
    let surface = read(bytes).map_err(malformed)?;
    let mut errors = exported(&surface, manifest);
    errors.extend(imported(&surface, manifest));
    if !errors.is_empty() {
        return Err(errors);
    }
    let mut validator = Validator::new_with_features(features);
    let contract = validator
        .validate_all(contract_bytes(manifest.kind))
        .map_err(malformed)?;
    // One validator for both: only types of one list can be compared.
    validator.reset();
    let guest = validator.validate_all(bytes).map_err(malformed)?;
    let errors = typed(&surface, manifest, &guest, &contract);
    if errors.is_empty() {
        Ok(surface)
    } else {
        Err(errors)
    }
}

fn read(bytes: &[u8]) -> Result<Surface, wasmparser::Error> {
    let mut surface = Surface::default();
    let mut depth = 0u32;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload? {
            Payload::Version { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 1 => {
                for import in section {
                    surface.imports.push(import?.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(section) if depth == 1 => {
                for export in section {
                    surface.exports.push(export?.name.name.to_owned());
                }
            }
            _ => {}
        }
    }
    Ok(surface)
}

/// L030, L031 and L036.
fn exported(surface: &Surface, manifest: &Manifest) -> Vec<LoadError> {
    const KINDS: &[PluginKind] = &[
        PluginKind::Source,
        PluginKind::Playbook,
        PluginKind::Connector,
    ];
    let is_ours = |name: &str| {
        let interface = parts(name).0.strip_prefix(PACKAGE);
        interface.is_some_and(|it| KINDS.iter().any(|kind| kind.export() == it))
    };
    let ours: Vec<&String> = surface.exports.iter().filter(|it| is_ours(it)).collect();
    let mut errors = Vec::new();
    match ours.as_slice() {
        [] => {
            let list = if surface.exports.is_empty() {
                "nothing".to_owned()
            } else {
                surface.exports.join(", ")
            };
            let text = format!("exports no countersign:plugin interface; it exports: {list}");
            errors.push(LoadError::new(30, text));
        }
        [export] => {
            let expected = format!("{PACKAGE}{}", manifest.kind.export());
            let (name, version) = parts(export);
            if name != expected || version != manifest.contract {
                errors.push(LoadError::new(
                    31,
                    format!(
                        "manifest says {} for {}, the component exports {export}",
                        manifest.kind, manifest.contract
                    ),
                ));
            }
        }
        [first, second, ..] => errors.push(LoadError::new(
            30,
            format!("exports {first} and {second}; a plugin is one of them"),
        )),
    }
    let unknown = surface
        .exports
        .iter()
        .filter(|it| !is_ours(it) && !TOOLCHAIN_EXPORTS.contains(&it.as_str()));
    if !ours.is_empty() {
        errors.extend(
            unknown.map(|it| {
                LoadError::new(36, format!("exports {it}, which the host does not know"))
            }),
        );
    }
    errors
}

/// L032 and L033: all that is not given, in one message.
fn imported(surface: &Surface, manifest: &Manifest) -> Option<LoadError> {
    let refused: Vec<String> = surface
        .imports
        .iter()
        .filter_map(|name| refusal(name, manifest))
        .collect();
    if refused.is_empty() {
        return None;
    }
    Some(LoadError::new(
        32,
        format!(
            "imports what a {} is not given: {}",
            manifest.kind,
            refused.join(", ")
        ),
    ))
}

/// The name and why, if this import is not given.
fn refusal(import: &str, manifest: &Manifest) -> Option<String> {
    let (name, version) = parts(import);
    if let Some(interface) = name.strip_prefix(PACKAGE) {
        let served = CONTRACTS.iter().any(|it| minor(it) == minor(version));
        return match (manifest.kind.imports().contains(&interface), served) {
            (true, true) => None,
            (true, false) => Some(format!(
                "{import} (this host serves {})",
                CONTRACTS.join(", ")
            )),
            (false, _) => Some(import.to_owned()),
        };
    }
    if wasi::EMPTY.contains(&name) && minor(version) == "0.2" {
        return None;
    }
    let hints = [
        ("wasi:http/", "use countersign:plugin/http"),
        ("wasi:sockets/", "there is no network"),
        ("wasi:filesystem/", "there are no files"),
        ("wasi:keyvalue/", "nothing is kept between calls"),
        ("wasi:config/", "use countersign:plugin/settings"),
        ("wasi:logging/", "use countersign:plugin/log"),
    ];
    let hint = if wasi::EMPTY.contains(&name) {
        Some("only wasi 0.2 is served")
    } else {
        let found = hints.iter().find(|(prefix, _)| name.starts_with(prefix));
        found.map(|(_, hint)| *hint)
    };
    Some(match hint {
        Some(hint) => format!("{import} ({hint})"),
        None => import.to_owned(),
    })
}

fn contract_bytes(kind: PluginKind) -> &'static [u8] {
    match kind {
        PluginKind::Source => bindings::source::COMPONENT_TYPE,
        PluginKind::Playbook => bindings::playbook::COMPONENT_TYPE,
        PluginKind::Connector => bindings::connector::COMPONENT_TYPE,
    }
}

/// The world inside the encoded contract: a component type in a component type in an export.
fn world<'a>(contract: TypesRef<'a>, kind: PluginKind) -> Option<&'a ComponentType> {
    let export = contract.component_item_for_export(kind.as_str())?;
    let ComponentEntityType::Type { referenced, .. } = export.ty else {
        return None;
    };
    let ComponentAnyTypeId::Component(outer) = referenced else {
        return None;
    };
    let inner = contract.get(outer)?.exports.values().next()?;
    match inner.ty {
        ComponentEntityType::Component(id) => contract.get(id),
        _ => None,
    }
}

/// L034 and L035.
fn typed(
    surface: &Surface,
    manifest: &Manifest,
    guest: &Types,
    contract: &Types,
) -> Vec<LoadError> {
    let (guest, contract) = (guest.as_ref(), contract.as_ref());
    let Some(world) = world(contract, manifest.kind) else {
        return vec![LoadError::new(
            41,
            "cannot be linked: the host's own contract is not readable",
        )];
    };
    let mut errors = Vec::new();
    for import in surface.imports.iter().filter(|it| it.starts_with(PACKAGE)) {
        let wanted = functions(
            guest,
            guest.component_item_for_import(import).map(|it| it.ty),
        );
        let offered = offered(contract, &world.imports, import);
        if parts(import).0 == "countersign:plugin/lookup" {
            errors.extend(granted(&wanted, manifest));
        }
        for (name, ty) in &wanted {
            let same = offered
                .iter()
                .find(|(it, _)| it == name)
                .is_some_and(|(_, it)| {
                    let mut cx = SubtypeCx::new_with_refs(contract, guest);
                    cx.component_entity_type(it, ty, 0).is_ok()
                });
            errors.extend(mistyped(import, name, manifest, same));
        }
    }
    for export in surface.exports.iter().filter(|it| it.starts_with(PACKAGE)) {
        let given = functions(
            guest,
            guest.component_item_for_export(export).map(|it| it.ty),
        );
        for (name, ty) in offered(contract, &world.exports, export) {
            let same = given
                .iter()
                .find(|(it, _)| *it == name)
                .is_some_and(|(_, it)| {
                    let mut cx = SubtypeCx::new_with_refs(guest, contract);
                    cx.component_entity_type(it, &ty, 0).is_ok()
                });
            errors.extend(mistyped(export, name, manifest, same));
        }
    }
    errors
}

type Functions<'a> = Vec<(&'a str, ComponentEntityType)>;

/// The functions of an interface.
fn functions<'a>(types: TypesRef<'a>, interface: Option<ComponentEntityType>) -> Functions<'a> {
    let Some(ComponentEntityType::Instance(id)) = interface else {
        return Vec::new();
    };
    let Some(instance) = types.get(id) else {
        return Vec::new();
    };
    let exports = instance.exports.iter();
    exports
        .filter(|(_, it)| matches!(it.ty, ComponentEntityType::Func(_)))
        .map(|(name, it)| (name.as_str(), it.ty))
        .collect()
}

/// The functions that the contract has under a name, whatever its patch version.
fn offered<'a>(
    contract: TypesRef<'a>,
    items: &'a wasmparser::collections::IndexMap<
        String,
        wasmparser::component_types::ComponentItem,
    >,
    name: &str,
) -> Functions<'a> {
    let (name, version) = parts(name);
    let found = items.iter().find(|(it, _)| {
        let (it, its_version) = parts(it);
        it == name && minor(its_version) == minor(version)
    });
    functions(contract, found.map(|(_, it)| it.ty))
}

fn mistyped(interface: &str, function: &str, manifest: &Manifest, same: bool) -> Option<LoadError> {
    let interface = parts(interface)
        .0
        .strip_prefix(PACKAGE)
        .unwrap_or(interface);
    (!same).then(|| {
        LoadError::new(
            34,
            format!(
                "{interface}.{function} has another type than contract {}; regenerate the bindings",
                manifest.contract
            ),
        )
    })
}

/// L035. A toolchain that imports only what is called shows exactly what is called. One that
/// imports the whole interface shows nothing of that: there the call is refused (R020).
fn granted(wanted: &Functions<'_>, manifest: &Manifest) -> Vec<LoadError> {
    let whole = wanted.len() == LookupName::ALL.len();
    if whole && !manifest.lookups.is_empty() {
        return Vec::new();
    }
    let asked = |name: &str| manifest.lookups.iter().any(|it| it.as_str() == name);
    let missing = wanted.iter().filter(|(name, _)| !asked(name));
    missing
        .map(|(name, _)| {
            LoadError::new(
                35,
                format!(
                    "imports lookup.{name}, which the manifest does not ask for; add it to lookups"
                ),
            )
        })
        .collect()
}
