//! Where the host is and with what a command asks, from what was said and what lies around.
//!
//! The order is always the same: what was said on this command line, then the environment, then
//! the workspace, then what `login` kept.

use super::context::Context;
use super::credentials::{Bearer, Credentials};
use super::failure::Failure;
use crate::config::{HOST_FILE, HostConfig, TENANTS_DIR, is_name};
use crate::model::TenantId;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use url::Url;

/// LIMIT: a credential; ours have 47 characters.
const TOKEN_BYTES_MAX: u64 = 16 << 10;

/// The host that a command talks to: `--url`, else that of the workspace, else the only one that
/// somebody signed in to, else the default address.
///
/// # Errors
/// `CS-cli-15`: the workspace's `countersign.toml` is wrong.
pub fn host(ctx: &Context) -> Result<Url, Failure> {
    if let Some(url) = ctx.url.clone() {
        return Ok(url);
    }
    if ctx.dir.join(HOST_FILE).exists() {
        let host = HostConfig::load(&ctx.dir).map_err(|errors| {
            let shown = crate::config::render_all(&errors, false);
            Failure::usage("CS-cli-15", "the workspace does not say where the host is")
                .why(shown)
                .help("mend the file, see: countersign check; or say where the host is with --url")
        })?;
        return listening(host.listen);
    }
    let kept = ctx.credentials.as_deref().map(Credentials::load);
    let kept = kept.transpose()?.unwrap_or_default();
    let mut urls: Vec<&str> = kept.credentials.iter().map(|it| it.url.as_str()).collect();
    urls.dedup();
    match urls.as_slice() {
        [one] => match one.parse() {
            Ok(url) => Ok(url),
            Err(_) => listening(default_listen()),
        },
        _ => listening(default_listen()),
    }
}

fn default_listen() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 7070))
}

/// The address to ask at for the address that is listened at: all addresses are asked at this
/// machine's own.
fn listening(mut at: SocketAddr) -> Result<Url, Failure> {
    if at.ip().is_unspecified() {
        at.set_ip(match at.ip() {
            IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V6(_) => IpAddr::V6(std::net::Ipv6Addr::LOCALHOST),
        });
    }
    match format!("http://{at}").parse() {
        Ok(url) => Ok(url),
        Err(why) => Err(Failure::usage(
            "CS-cli-15",
            format!("{at} is no address: {why}"),
        )),
    }
}

/// The credential that was said: `--token-file`, else `COUNTERSIGN_TOKEN`.
///
/// # Errors
/// `CS-cli-15`: the file cannot be read.
pub fn token(ctx: &Context) -> Result<Option<Bearer>, Failure> {
    let Some(path) = &ctx.token_file else {
        return Ok(ctx.token.clone());
    };
    let unreadable = |why: String| {
        let message = format!("cannot read the credential in {}", path.display());
        Failure::usage("CS-cli-15", message)
            .why(why)
            .help("--token-file names a file that holds the token and nothing else")
    };
    let size = std::fs::metadata(path).map_err(|it| unreadable(it.to_string()))?;
    if size.len() > TOKEN_BYTES_MAX {
        return Err(unreadable("it is too large for a credential".to_owned()));
    }
    let text = std::fs::read_to_string(path).map_err(|it| unreadable(it.to_string()))?;
    Ok(Some(Bearer::new(text)))
}

/// The tenant of a workspace that has one.
pub fn only_tenant(dir: &Path) -> Option<TenantId> {
    let folders = std::fs::read_dir(dir.join(TENANTS_DIR)).ok()?;
    let folders = folders
        .filter_map(Result::ok)
        .filter(|it| it.path().is_dir());
    let mut names = folders.map(|it| it.file_name().to_string_lossy().into_owned());
    let one = names.by_ref().find(|it| is_name(it))?;
    names.all(|it| !is_name(&it)).then(|| TenantId::new(one))
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
mod tests {
    use super::super::stand_in::context;
    use super::*;

    #[test]
    fn what_was_said_wins_then_the_workspace_then_the_default() {
        let dir = tempfile::tempdir().unwrap();
        let mut ctx = context(dir.path());
        assert_eq!(host(&ctx).unwrap().as_str(), "http://127.0.0.1:7070/");
        std::fs::write(dir.path().join(HOST_FILE), "listen = \"0.0.0.0:81\"").unwrap();
        assert_eq!(host(&ctx).unwrap().as_str(), "http://127.0.0.1:81/");
        std::fs::write(dir.path().join(HOST_FILE), "listen = \"[::]:82\"").unwrap();
        assert_eq!(host(&ctx).unwrap().as_str(), "http://[::1]:82/");
        std::fs::write(dir.path().join(HOST_FILE), "lisen = 1").unwrap();
        let failure = host(&ctx).unwrap_err();
        assert_eq!(failure.code(), "CS-cli-15");
        assert!(failure.to_text(false).contains("lisen"));
        ctx.url = Some("https://there.example".parse().unwrap());
        assert_eq!(host(&ctx).unwrap().as_str(), "https://there.example/");
    }

    #[test]
    fn the_only_tenant_of_a_workspace_needs_no_name() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(only_tenant(dir.path()), None);
        std::fs::create_dir_all(dir.path().join("tenants/acme")).unwrap();
        std::fs::create_dir_all(dir.path().join("tenants/.git")).unwrap();
        assert_eq!(only_tenant(dir.path()), Some(TenantId::from("acme")));
        std::fs::create_dir_all(dir.path().join("tenants/globex")).unwrap();
        assert_eq!(only_tenant(dir.path()), None);
    }

    #[test]
    fn a_token_file_wins_over_the_environment_and_must_be_readable() {
        let dir = tempfile::tempdir().unwrap();
        let mut ctx = context(dir.path());
        ctx.token = Some(Bearer::new("env"));
        assert_eq!(token(&ctx).unwrap(), Some(Bearer::new("env")));
        let file = dir.path().join("t");
        std::fs::write(&file, "file\n").unwrap();
        ctx.token_file = Some(file.clone());
        assert_eq!(token(&ctx).unwrap(), Some(Bearer::new("file")));
        std::fs::remove_file(&file).unwrap();
        assert_eq!(token(&ctx).unwrap_err().code(), "CS-cli-15");
    }
}
