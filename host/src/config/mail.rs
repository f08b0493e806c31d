//! The server that pages go through as mail. The password is a reference, like every secret.

use super::secret::{SecretRef, Vault};
use super::section::{Key, Section, Shape};
use super::value::{number, person, text, word};

pub(super) const MAIL: Shape = Shape {
    title: "tenant.toml [mail]",
    keys: &[
        Key {
            name: "host",
            kind: "name",
            default: "required",
            doc: "the mail server (SMTP submission)",
        },
        Key {
            name: "port",
            kind: "number",
            default: "by `security`",
            doc: "465 for `tls`, 587 for `starttls`, 25 for `none`",
        },
        Key {
            name: "security",
            kind: "word",
            default: "`\"tls\"`",
            doc: "`tls`, `starttls` (refused where the server does not offer it), or `none` for a server on this machine",
        },
        Key {
            name: "from",
            kind: "address",
            default: "required",
            doc: "who pages come from",
        },
        Key {
            name: "user",
            kind: "text",
            default: "none",
            doc: "to sign in with; takes `password`",
        },
        Key {
            name: "password",
            kind: "secret",
            default: "none",
            doc: "a reference to it",
        },
    ],
};

/// How the connection to the mail server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailSecurity {
    /// TLS from the first byte.
    Tls,
    /// TLS before anything else is said.
    StartTls,
    /// None.
    None,
}

/// The server that mail goes through.
#[derive(Clone, Debug, PartialEq)]
pub struct MailConfig {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub security: MailSecurity,
    /// Who pages come from.
    pub from: String,
    /// To sign in with.
    pub user: Option<(String, SecretRef)>,
}

impl MailConfig {
    pub(super) fn read(section: &Section<'_, '_>, vault: Vault<'_>) -> Option<Self> {
        const SECURITY: &[(&str, MailSecurity)] = &[
            ("tls", MailSecurity::Tls),
            ("starttls", MailSecurity::StartTls),
            ("none", MailSecurity::None),
        ];
        let host = section.required("host", text);
        let security = section.or("security", MailSecurity::Tls, word(SECURITY));
        let usual = match security {
            MailSecurity::Tls => 465,
            MailSecurity::StartTls => 587,
            MailSecurity::None => 25,
        };
        let port = section.or("port", usual, number(1..=65_535));
        let from = section.required("from", person);
        let user = section.optional("user", text).map(|it| it.value);
        let password = section.secret("password", vault).map(|it| it.value);
        Some(Self {
            host: host?.value,
            port: u16::try_from(port).ok()?,
            security,
            from: from?.value.0,
            user: user.zip(password),
        })
    }
}
