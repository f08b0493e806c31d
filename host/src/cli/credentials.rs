//! The credentials that `login` got, by host and tenant, in one file that only its owner reads.
//!
//! A credential is as good as its person, so it is never printed, never part of a message, and
//! written to a file that was made private before anything was in it. Which of several is meant
//! is never guessed: a tenant is said, or it is the only one.

use super::failure::Failure;
use crate::model::{Millis, TenantId};
use serde::{Deserialize, Serialize};
use std::io::Write as _;
use std::path::Path;
use url::Url;

/// A secret that proves who asks. Its `Debug` says nothing.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Bearer(String);

impl Bearer {
    /// Wraps a secret; what stands around it in a file or variable is no part of it.
    pub fn new(text: impl AsRef<str>) -> Self {
        Self(text.as_ref().trim().to_owned())
    }
    /// The value of the `Authorization` header. `None` where the text cannot be in a header.
    pub fn header(&self) -> Option<http::HeaderValue> {
        let mut value = http::HeaderValue::from_str(&format!("Bearer {}", self.0)).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
    /// Whether there is anything.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl std::fmt::Debug for Bearer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Bearer(…)")
    }
}

/// A person's credential for one tenant of one host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The host, without a slash at its end.
    pub url: String,
    /// The tenant.
    pub tenant: TenantId,
    /// Whose it is.
    pub person: String,
    /// The secret.
    pub token: Bearer,
    /// Until when.
    pub until: Millis,
}

/// Everything that `login` got, in the order of signing in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credentials {
    /// One each host and tenant.
    pub credentials: Vec<Kept>,
}

/// A host's name in the file.
pub fn key(url: &Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}

impl Credentials {
    /// Reads the file; one that is not there is empty.
    ///
    /// # Errors
    /// `CS-cli-14`: it cannot be read, or is not such a file.
    pub fn load(path: &Path) -> Result<Self, Failure> {
        let text = match std::fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self::default());
            }
            Err(error) => return Err(unusable(path, &error.to_string())),
        };
        serde_json::from_slice(&text).map_err(|error| unusable(path, &error.to_string()))
    }

    /// The credential for a tenant of a host. Without a tenant the only one; the tenants to choose
    /// from where there are several.
    ///
    /// # Errors
    /// The tenants, where there are several and none was said.
    pub fn find(&self, url: &Url, tenant: Option<&TenantId>) -> Result<Option<&Kept>, Vec<String>> {
        let url = key(url);
        let all = self.credentials.iter().filter(|it| it.url == url);
        let found: Vec<&Kept> = all
            .filter(|it| tenant.is_none_or(|tenant| it.tenant == *tenant))
            .collect();
        match found.as_slice() {
            [] => Ok(None),
            [one] => Ok(Some(one)),
            several => Err(several.iter().map(|it| it.tenant.to_string()).collect()),
        }
    }

    /// Keeps a credential, in the place of the one before, and writes the file.
    ///
    /// # Errors
    /// `CS-cli-14`: it cannot be written.
    pub fn keep(&mut self, kept: Kept, path: &Path) -> Result<(), Failure> {
        self.credentials
            .retain(|it| (&it.url, &it.tenant) != (&kept.url, &kept.tenant));
        self.credentials.push(kept);
        let text = serde_json::to_vec_pretty(self).unwrap_or_default();
        write_private(path, &text).map_err(|error| unusable(path, &error.to_string()))
    }
}

/// Writes a file that only its owner can read: whole, or not at all.
pub fn write_private(path: &Path, text: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    private_folders(folder)?;
    let name = path.file_name().map(|it| it.to_string_lossy());
    let draft = format!(".{}.{}", name.unwrap_or_default(), std::process::id());
    let draft = folder.join(draft);
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // what an earlier process of this number left behind
    let _ = std::fs::remove_file(&draft);
    let written = options
        .open(&draft)
        .and_then(|mut file| file.write_all(text).and_then(|()| file.sync_all()))
        .and_then(|()| std::fs::rename(&draft, path));
    if written.is_err() {
        let _ = std::fs::remove_file(&draft);
    }
    written
}

/// Makes missing folders so that only their owner can look into them.
fn private_folders(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn unusable(path: &Path, why: &str) -> Failure {
    let message = format!("cannot use the credentials in {}", path.display());
    Failure::new("CS-cli-14", message)
        .why(why)
        .help("mend or remove the file and sign in again, or give --token-file")
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
mod tests {
    use super::*;

    fn kept(url: &str, tenant: &str, token: &str) -> Kept {
        Kept {
            url: url.to_owned(),
            tenant: TenantId::new(tenant),
            person: "ana@acme.example".to_owned(),
            token: Bearer::new(token),
            until: Millis(1),
        }
    }

    #[test]
    fn a_credential_is_found_by_host_and_tenant_and_never_guessed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("new").join("credentials.json");
        let mut all = Credentials::load(&path).unwrap();
        all.keep(kept("http://a:1", "acme", "old"), &path).unwrap();
        all.keep(kept("http://a:1", "acme", "new"), &path).unwrap();
        let (a, b) = ("http://a:1/".parse().unwrap(), "http://b".parse().unwrap());
        let all = Credentials::load(&path).unwrap();
        assert_eq!(
            all.find(&a, None).unwrap().unwrap().token,
            Bearer::new(" new\n")
        );
        assert_eq!(all.find(&a, Some(&"globex".into())), Ok(None));
        assert_eq!(all.find(&b, None), Ok(None));
        let mut all = all;
        all.keep(kept("http://a:1", "globex", "x"), &path).unwrap();
        assert_eq!(all.find(&a, None).unwrap_err(), ["acme", "globex"]);
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_the_file_even_where_an_open_one_was() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("credentials.json");
        std::fs::write(&path, "{\"credentials\": []}").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        let mut all = Credentials::load(&path).unwrap();
        all.keep(kept("http://a:1", "acme", "t"), &path).unwrap();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_broken_file_is_said_and_not_overwritten_and_a_secret_is_never_printed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("credentials.json");
        std::fs::write(&path, "{").unwrap();
        assert_eq!(Credentials::load(&path).unwrap_err().code(), "CS-cli-14");
        assert!(!format!("{:?}", kept("u", "t", "s3cret")).contains("s3cret"));
    }
}
