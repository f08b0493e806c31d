//! Secrets, by reference.
//!
//! Config files are made for git, so a secret is never in one: it is a file of the tenant's own
//! folder, or a credential that the service manager hands to the host. Both are closed per
//! tenant. A reference that could leave the tenant's folder, or name a credential of another
//! tenant, would let whoever edits one tenant's files send another tenant's key to a system of
//! their choice.

use super::error::{Code, ConfigError};
use super::place::{Place, Placed};
use super::section::{Key, Section, Shape, Wrong};
use super::value::text;
use crate::model::TenantId;
use std::path::{Component, Path, PathBuf};
use toml_spanner::Item;
use zeroize::Zeroizing;

/// LIMIT: the largest secrets in use are PEM keys of a few KiB.
const SECRET_BYTES_MAX: u64 = 64 * 1024;

pub(super) const SECRET: Shape = Shape {
    title: "a reference to a secret",
    keys: &[
        Key {
            name: "file",
            kind: "path",
            default: "",
            doc: "a file below the tenant's own folder, such as `secrets/api`",
        },
        Key {
            name: "credential",
            kind: "name",
            default: "",
            doc: "a credential of the service manager (`$CREDENTIALS_DIRECTORY`); its name begins with the tenant and a full stop: `acme.api`",
        },
    ],
};

/// Where secrets may be read from, for one tenant.
#[derive(Clone, Copy, Debug)]
pub(super) struct Vault<'a> {
    pub(super) tenant: &'a TenantId,
    /// The tenant's own folder.
    pub(super) folder: &'a Path,
    /// What the service manager hands over.
    pub(super) credentials: Option<&'a Path>,
    /// Whether the secrets must be there now.
    pub(super) presence: Presence,
}

/// Whether loading looks for the secrets too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Presence {
    /// They must be there: the host is about to run.
    #[default]
    Required,
    /// They need not: the files are checked where the secrets are not, such as in CI.
    Elsewhere,
}

/// A secret by reference; only `read` touches its bytes.
#[derive(Clone, Debug)]
pub struct SecretRef {
    path: PathBuf,
    place: Place,
}

impl PartialEq for SecretRef {
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path
    }
}

impl SecretRef {
    /// The secret, without a final line break. It is wiped when dropped, and has no `Debug` of
    /// its content. Errors: not there, not readable, empty, too large, not text.
    pub fn read(&self) -> Result<Secret, ConfigError> {
        let refuse = |label: String| {
            ConfigError::new(
                Code::BadSecret,
                "a secret cannot be read",
                self.place.clone(),
            )
            .label(label)
            .help(format!("expected in {}", self.path.display()))
        };
        let meta = std::fs::metadata(&self.path).map_err(|it| refuse(reason(&it)))?;
        if !meta.is_file() || meta.len() > SECRET_BYTES_MAX {
            return Err(refuse(format!(
                "not a file of at most {SECRET_BYTES_MAX} bytes"
            )));
        }
        let bytes = std::fs::read(&self.path).map_err(|it| refuse(reason(&it)))?;
        let bytes = Zeroizing::new(bytes);
        let text = std::str::from_utf8(&bytes).map_err(|_| refuse("not UTF-8".to_owned()))?;
        let text = text.strip_suffix('\n').unwrap_or(text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        if text.is_empty() {
            return Err(refuse("the file is empty".to_owned()));
        }
        Ok(Secret(Zeroizing::new(text.to_owned())))
    }

    /// Reads a reference; hides and refuses whatever else stands there.
    pub(super) fn read_item(
        section: &Section<'_, '_>,
        key: &str,
        item: &Item<'_>,
        vault: Vault<'_>,
    ) -> Option<Placed<Self>> {
        let path = section.dotted(key);
        let place = section.place_of(item);
        let table = item.as_table();
        let reference = table.filter(|it| it.contains_key("file") || it.contains_key("credential"));
        let Some(table) = reference else {
            section.file().hide(item.span().range());
            let wrong = Wrong::new(Code::InlineSecret, "is not a reference to a secret")
                .label("a secret is never written into this file")
                .help(format!(
                    "put it into a file and write: {key} = {{ file = \"secrets/{key}\" }}"
                ));
            section.wrong(&path, place, wrong);
            return None;
        };
        let inner = section.below(table, &SECRET, path.clone());
        let own = (table.contains_key("file"), table.contains_key("credential"));
        let found = match own {
            (true, true) => {
                let (_, _) = (inner.ask("file"), inner.ask("credential"));
                let wrong = Wrong::new(Code::BadSecret, "names two places")
                    .help("keep `file` or `credential`");
                section.wrong(&path, place, wrong);
                None
            }
            _ => inner
                .optional("file", |it| own_file(it, vault))
                .or(inner.optional("credential", |it| own_credential(it, vault))),
        };
        let Placed { value, place } = found?;
        let secret = Self {
            path: value,
            place: place.clone(),
        };
        if vault.presence == Presence::Required
            && let Err(error) = secret.read().and_then(|_| secret.stays_within(vault))
        {
            section.report(error);
            return None;
        }
        Some(Placed {
            value: secret,
            place,
        })
    }

    /// A symbolic link must not lead out of the folder either.
    fn stays_within(&self, vault: Vault<'_>) -> Result<(), ConfigError> {
        let root = if self.path.starts_with(vault.folder) {
            Some(vault.folder)
        } else {
            vault.credentials
        };
        let real = |it: &Path| std::fs::canonicalize(it).ok();
        let inside = root
            .and_then(real)
            .zip(real(&self.path))
            .is_some_and(|(root, path)| path.starts_with(root));
        if inside {
            return Ok(());
        }
        Err(ConfigError::new(
            Code::BadSecret,
            "a secret lies outside the tenant's folder",
            self.place.clone(),
        )
        .label("this is a link that leads elsewhere")
        .help("copy it, or hand it over as a credential of the service manager"))
    }
}

/// A secret in memory: wiped when dropped, silent in logs.
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The secret itself. Hand it to what needs it and keep no copy.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Why, in our words: the system's own text begins with a capital and ends with a number.
fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "it is not there".to_owned(),
        std::io::ErrorKind::PermissionDenied => "the host may not read it".to_owned(),
        other => other.to_string(),
    }
}

fn own_file(item: &Item<'_>, vault: Vault<'_>) -> Result<PathBuf, Wrong> {
    let named = text(item)?;
    let below = Path::new(&named)
        .components()
        .all(|it| matches!(it, Component::Normal(_)));
    if below {
        return Ok(vault.folder.join(named));
    }
    Err(Wrong::new(Code::BadSecret, format!("is {named:?}"))
        .label("expected a path below the tenant's own folder")
        .help("a secret that lies elsewhere is handed over as a credential of the service manager"))
}

fn own_credential(item: &Item<'_>, vault: Vault<'_>) -> Result<PathBuf, Wrong> {
    let named = text(item)?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    let own = format!("{}.", vault.tenant);
    if !named.starts_with(&own) || !named.bytes().all(plain) {
        return Err(Wrong::new(Code::BadSecret, format!("is {named:?}"))
            .label(format!("expected a name that begins with {own}"))
            .help("so no tenant can use the credential of another"));
    }
    match (vault.credentials, vault.presence) {
        (Some(folder), _) => Ok(folder.join(named)),
        (None, Presence::Elsewhere) => Ok(PathBuf::from(named)),
        (None, Presence::Required) => Err(Wrong::new(Code::BadSecret, "cannot be found")
            .label("the environment has no CREDENTIALS_DIRECTORY")
            .help("start the host by its service manager, or use `file`")),
    }
}
