//! Whether a URL was granted: scheme, host, port, method and path.
//!
//! Compared after parsing, never as text: `good.example@evil.example`, `%2e%2e`, a back slash or a
//! number for an address look like one thing and are another. Prefixes match whole segments of
//! the normal form, and a path that has no single normal form is refused.

use super::{EgressError, HttpError};
use crate::plugin::manifest::{EgressGrant, Scheme, Stated};
use crate::plugin::settings::SettingsView;
use percent::decoded;
use url::{Host, Url};

/// One grant with the instance's settings filled in.
#[derive(Clone, Debug)]
pub(super) struct Grant {
    scheme: Scheme,
    host: Host<String>,
    port: u16,
    methods: Vec<String>,
    paths: Vec<String>,
    /// Credentials that may go there.
    pub(super) credentials: Vec<String>,
}

/// A URL that was granted.
#[derive(Clone, Debug)]
pub(super) struct Granted<'a> {
    pub(super) url: Url,
    pub(super) grant: &'a Grant,
}

impl Grant {
    pub(super) fn of(grant: &EgressGrant, settings: &SettingsView) -> Result<Self, EgressError> {
        let misfit = |setting: &str, value: &str, what| EgressError::Setting {
            setting: setting.to_owned(),
            value: value.to_owned(),
            what,
        };
        let (setting, host) = match &grant.host {
            Stated::Is(host) => ("", host.clone()),
            Stated::Setting(name) => (name.as_str(), settings.get(name).unwrap_or_default()),
        };
        let parsed =
            parse_host(&host).ok_or_else(|| misfit(setting, &host, "a host name or an address"))?;
        let port = match &grant.port {
            None => grant.scheme.port(),
            Some(Stated::Is(port)) => *port,
            Some(Stated::Setting(name)) => {
                let value = settings.get(name).unwrap_or_default();
                match value.parse() {
                    Ok(port) if port > 0 => port,
                    _ => return Err(misfit(name, &value, "a port")),
                }
            }
        };
        Ok(Self {
            scheme: grant.scheme,
            host: parsed,
            port,
            methods: grant.methods.clone(),
            paths: grant.paths.clone(),
            credentials: grant.credentials.clone(),
        })
    }

    pub(super) fn plain(&self) -> bool {
        self.scheme == Scheme::Http
    }
    pub(super) fn host(&self) -> &Host<String> {
        &self.host
    }
    pub(super) fn port(&self) -> u16 {
        self.port
    }

    fn leads_to(&self, url: &Url) -> bool {
        url.scheme() == self.scheme.as_str()
            && url.host().is_some_and(|host| host.to_owned() == self.host)
            && url.port_or_known_default() == Some(self.port)
    }

    fn covers(&self, path: &str) -> bool {
        self.paths.iter().any(|prefix| {
            let below = path.strip_prefix(prefix.as_str());
            below.is_some_and(|rest| {
                rest.is_empty() || prefix.ends_with('/') || rest.starts_with('/')
            })
        })
    }
}

/// A host as a URL would have it: a name in A-labels, or an address; nothing after it.
fn parse_host(text: &str) -> Option<Host<String>> {
    let bare = text
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':' | b'[' | b']'));
    if !bare || text.is_empty() {
        return None;
    }
    let host = if text.contains(':') && !text.starts_with('[') {
        Host::parse(&format!("[{text}]"))
    } else {
        Host::parse(text)
    };
    host.ok()
}

/// Finds the grant for a request.
///
/// # Errors
/// `Invalid` for what is no plain absolute URL, `Denied` with what is missing.
pub(super) fn find<'a>(
    grants: &'a [Grant],
    method: &str,
    text: &str,
) -> Result<Granted<'a>, HttpError> {
    let url = plain_url(text)?;
    let host: Vec<&Grant> = grants.iter().filter(|it| it.leads_to(&url)).collect();
    if host.is_empty() {
        return Err(HttpError::Denied(format!(
            "no egress to {}",
            url.origin().ascii_serialization()
        )));
    }
    let path: Vec<&&Grant> = host.iter().filter(|it| it.covers(url.path())).collect();
    if path.is_empty() {
        return Err(HttpError::Denied(format!(
            "no egress to path {}",
            url.path()
        )));
    }
    let granted = path
        .iter()
        .find(|it| it.methods.iter().any(|it| it == method));
    match granted {
        Some(grant) => Ok(Granted { grant, url }),
        None => Err(HttpError::Denied(format!(
            "no egress with method {method} to {}",
            url.path()
        ))),
    }
}

fn plain_url(text: &str) -> Result<Url, HttpError> {
    let invalid = |why: &str| HttpError::Invalid(format!("url: {why}"));
    // What a URL parser would silently drop or turn round.
    if text
        .bytes()
        .any(|b| b <= b' ' || b == 0x7f || b == b'\\' || !b.is_ascii())
    {
        return Err(invalid(
            "has a space, a control character, a back slash or is not ASCII",
        ));
    }
    let url = Url::parse(text).map_err(|error| invalid(&error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(invalid("is neither http nor https"));
    }
    if !url.username().is_empty() || url.password().is_some() || text.contains('@') {
        return Err(invalid("has an @; write it as %40"));
    }
    if url.fragment().is_some() {
        return Err(invalid("has a fragment"));
    }
    if normal_path(url.path()).as_deref() != Some(url.path()) {
        return Err(invalid("its path has no single normal form"));
    }
    Ok(url)
}

/// The normal form of a path: dot segments resolved. `None` where servers would disagree: an
/// encoded slash or dot segment, a parameter on a dot segment, an empty segment in the middle.
pub(crate) fn normal_path(path: &str) -> Option<String> {
    if !path.starts_with('/') {
        return None;
    }
    let mut url = Url::parse("https://host.invalid/").ok()?;
    url.set_path(path);
    let normal = url.path();
    let mut segments = normal.trim_start_matches('/').split('/').peekable();
    if normal.starts_with("//") {
        return None;
    }
    while let Some(segment) = segments.next() {
        let last = segments.peek().is_none();
        if (segment.is_empty() && !last) || !is_plain(segment) {
            return None;
        }
    }
    Some(normal.to_owned())
}

/// Whether a segment means one thing, however often a server decodes it.
fn is_plain(segment: &str) -> bool {
    let mut text = segment.as_bytes().to_vec();
    // LIMIT: nobody decodes more often.
    for _ in 0..4 {
        let dots = text.split(|b| *b == b';').next().unwrap_or_default();
        let bad = |b: &u8| matches!(b, b'/' | b'\\') || b.is_ascii_control();
        if matches!(dots, b"." | b"..") || text.iter().any(bad) {
            return false;
        }
        let next = decoded(&text);
        if next == text {
            return true;
        }
        text = next;
    }
    false
}

mod percent {
    //! Percent decoding of bytes, once.

    pub(super) fn decoded(text: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(text.len());
        let mut rest = text;
        while let Some((first, tail)) = rest.split_first() {
            let pair = (*first == b'%').then(|| tail.split_at_checked(2)).flatten();
            let byte = pair.and_then(|(hex, after)| {
                let hex = std::str::from_utf8(hex).ok()?;
                Some((u8::from_str_radix(hex, 16).ok()?, after))
            });
            match byte {
                Some((byte, after)) => {
                    out.push(byte);
                    rest = after;
                }
                None => {
                    out.push(*first);
                    rest = tail;
                }
            }
        }
        out
    }
}
