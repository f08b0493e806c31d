//! `sources.toml`: which plugins read which alerts, and who may deliver them.
//!
//! OCSF is read by the host itself and needs no entry.

use super::error::Code;
use super::place::Placed;
use super::secret::{SecretRef, Vault};
use super::section::{Key, Section, Shape, Wrong};
use super::settings::{SETTINGS, Settings};
use super::value::{name, plugin, text};
use crate::model::{Digest, PluginId, SourceId};
use toml_spanner::Item;

/// The source that is built in.
pub const NATIVE_SOURCE: &str = "ocsf";

pub(super) const SOURCES: Shape = Shape {
    title: "sources.toml",
    keys: &[Key {
        name: "source",
        kind: "list of tables",
        default: "none",
        doc: "a source; `ocsf` is built in and needs none",
    }],
};

pub(super) const SOURCE: Shape = Shape {
    title: "sources.toml [[source]]",
    keys: &[
        Key {
            name: "name",
            kind: "name",
            default: "required",
            doc: "what the source is called in the API: `POST .../sources/{name}`",
        },
        Key {
            name: "plugin",
            kind: "plugin id",
            default: "required",
            doc: "which plugin reads its bytes",
        },
        Key {
            name: "version",
            kind: "text",
            default: "the version enrolled last",
            doc: "a version of the plugin, to stay on",
        },
        Key {
            name: "settings",
            kind: "table",
            default: "none",
            doc: "the plugin's settings",
        },
        Key {
            name: "webhook",
            kind: "table",
            default: "none",
            doc: "how the vendor's own deliveries prove themselves; without it only tokens of the tenant can deliver",
        },
    ],
};

pub(super) const WEBHOOK: Shape = Shape {
    title: "sources.toml [source.webhook]",
    keys: &[
        Key {
            name: "token_sha256",
            kind: "text",
            default: "",
            doc: "SHA-256 of a token that the vendor sends as `Authorization: Bearer`, in hex",
        },
        Key {
            name: "hmac_secret",
            kind: "secret",
            default: "",
            doc: "the secret of an HMAC-SHA-256 over the raw bytes",
        },
        Key {
            name: "hmac_header",
            kind: "text",
            default: "`\"x-signature\"`",
            doc: "the header that carries the HMAC in hex",
        },
    ],
};

/// One source of a tenant.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceConfig {
    /// Its name in the API.
    pub name: Placed<SourceId>,
    /// The plugin that reads its bytes.
    pub plugin: Placed<PluginId>,
    /// The version to stay on; `None` follows the enrolled one.
    pub version: Option<Placed<String>>,
    /// The plugin's settings.
    pub settings: Settings,
    /// How the vendor's own deliveries prove themselves.
    pub webhook: Option<Webhook>,
}

/// How a delivery proves that the vendor sent it.
#[derive(Clone, Debug, PartialEq)]
pub enum Webhook {
    /// A bearer token, of which only the digest is known.
    Token {
        /// SHA-256 of the token.
        sha256: Digest,
    },
    /// An HMAC-SHA-256 over the raw bytes.
    Hmac {
        /// Its secret.
        secret: SecretRef,
        /// The header that carries it, in lower case.
        header: String,
    },
}

impl SourceConfig {
    pub(super) fn read_all(section: &Section<'_, '_>, vault: Vault<'_>) -> Vec<Self> {
        let each = section.sections("source", &SOURCE).into_iter();
        each.filter_map(|it| Self::read(&it, vault)).collect()
    }

    fn read(section: &Section<'_, '_>, vault: Vault<'_>) -> Option<Self> {
        let name = section.required("name", source_name);
        let plugin = section.required("plugin", plugin);
        let version = section.optional("version", text);
        let settings = Settings::read(section.section("settings", &SETTINGS));
        let webhook = section.section("webhook", &WEBHOOK);
        let webhook = webhook.and_then(|it| Webhook::read(&it, vault));
        Some(Self {
            name: name?,
            plugin: plugin?,
            version,
            settings,
            webhook,
        })
    }
}

impl Webhook {
    fn read(section: &Section<'_, '_>, vault: Vault<'_>) -> Option<Self> {
        let token = section.optional("token_sha256", digest);
        let secret = section.secret("hmac_secret", vault);
        let header = section.or("hmac_header", "x-signature".to_owned(), header);
        let (one, other) = (section.has("token_sha256"), section.has("hmac_secret"));
        if one == other {
            let wrong = Wrong::new(Code::BadValue, "must have `token_sha256` or `hmac_secret`")
                .label(if one {
                    "this has both"
                } else {
                    "this has neither"
                });
            section.wrong("webhook", section.here(), wrong);
            return None;
        }
        match (token, secret) {
            (Some(token), _) => Some(Self::Token {
                sha256: token.value,
            }),
            (None, Some(secret)) => Some(Self::Hmac {
                secret: secret.value,
                header,
            }),
            (None, None) => None,
        }
    }
}

impl Section<'_, '_> {
    /// Reads a reference to a secret, where there is one.
    pub(super) fn secret(&self, key: &'static str, vault: Vault<'_>) -> Option<Placed<SecretRef>> {
        let item = self.ask(key)?;
        SecretRef::read_item(self, key, item, vault)
    }
}

fn source_name(item: &Item<'_>) -> Result<SourceId, Wrong> {
    let name = name(item)?;
    if name == NATIVE_SOURCE {
        return Err(Wrong::new(Code::Twice, format!("is {name:?}"))
            .label("this source is built in")
            .help("leave the entry out, or choose another name"));
    }
    Ok(SourceId(name))
}

fn digest(item: &Item<'_>) -> Result<Digest, Wrong> {
    let text = text(item)?;
    Digest::parse(&text).ok_or_else(|| {
        Wrong::new(Code::BadValue, "is not a SHA-256")
            .label("expected 64 hex digits")
            .help("printf %s TOKEN | sha256sum")
    })
}

fn header(item: &Item<'_>) -> Result<String, Wrong> {
    let text = text(item)?.to_ascii_lowercase();
    match http::HeaderName::from_bytes(text.as_bytes()) {
        Ok(_) => Ok(text),
        Err(_) => Err(Wrong::new(Code::BadValue, format!("is {text:?}"))
            .label("expected the name of a header")),
    }
}
