//! Compiled plugins on disk.
//!
//! Compiling takes from a tenth of a second to fifteen, loading what was compiled takes less than
//! one millisecond. But compiled code is native code: whoever can put a file into the cache runs
//! as this host. So each file carries a MAC under a key that only this host has, over the digest
//! of the component, the engine's own compatibility hash and the code; nothing is loaded before
//! the MAC was checked over exactly the bytes that are then used. That check is what makes the
//! one `unsafe` of this project sound.
//!
//! A cache that is damaged, stale or not writable costs time, never a plugin.

use super::config::Engine;
use crate::model::Digest;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use wasmtime::component::Component;
use zeroize::Zeroizing;

const MAGIC: &[u8] = b"countersign compiled 1\n";
const MAC_BYTES: usize = 32;
const KEY_BYTES: usize = 32;

/// The cache cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// The folder or its key cannot be read or made.
    #[error("{}: {error}", .path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// Others can read the key, so a MAC under it proves nothing.
    #[error("{}: others than this host's user can read the key of the compile cache; remove the folder, it is made again", .0.display())]
    KeyExposed(PathBuf),
    /// The key is not one of ours.
    #[error("{}: is not a key of the compile cache; remove the folder, it is made again", .0.display())]
    KeyMalformed(PathBuf),
}

impl CacheError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "CS-engine-05",
            Self::KeyExposed(_) => "CS-engine-06",
            Self::KeyMalformed(_) => "CS-engine-07",
        }
    }
}

/// A folder of compiled components, for this host alone.
pub struct CompileCache {
    dir: PathBuf,
    key: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for CompileCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CompileCache")
            .field("dir", &self.dir)
            .finish_non_exhaustive()
    }
}

impl CompileCache {
    /// Opens the cache in `dir`; makes the folder and the key (mode 0600) where they are missing.
    ///
    /// # Errors
    /// The folder cannot be used, or the key is exposed or damaged.
    pub fn open(dir: &Path) -> Result<Self, CacheError> {
        let io = |path: &Path| {
            let path = path.to_owned();
            move |error| CacheError::Io { path, error }
        };
        std::fs::create_dir_all(dir).map_err(io(dir))?;
        let path = dir.join("key");
        if !path.exists() {
            make_key(&path).map_err(io(&path))?;
        }
        if exposed(&path).map_err(io(&path))? {
            return Err(CacheError::KeyExposed(path));
        }
        let key = Zeroizing::new(std::fs::read(&path).map_err(io(&path))?);
        if key.len() != KEY_BYTES {
            return Err(CacheError::KeyMalformed(path));
        }
        Ok(Self {
            dir: dir.to_owned(),
            key,
        })
    }

    /// The compiled form of a component, if this host compiled it with this engine before.
    pub(crate) fn load(&self, engine: &Engine, digest: &Digest) -> Option<Component> {
        let path = self.path(engine, digest);
        let file = std::fs::read(&path).ok()?;
        let code = self.verified(engine, digest, &file)?;
        match deserialize(engine, code) {
            Ok(component) => Some(component),
            Err(error) => {
                tracing::warn!(path = %path.display(), "compiled plugin is stale, compiling again: {error:#}");
                None
            }
        }
    }

    /// Keeps the compiled form. Failing costs the next start its time and is logged.
    pub(crate) fn store(&self, engine: &Engine, digest: &Digest, component: &Component) {
        let path = self.path(engine, digest);
        let kept = component
            .serialize()
            .map_err(|error| error.to_string())
            .and_then(|code| self.write(engine, digest, &path, &code));
        if let Err(error) = kept {
            tracing::warn!(path = %path.display(), "compiled plugin is not kept: {error}");
        }
    }

    fn write(
        &self,
        engine: &Engine,
        digest: &Digest,
        path: &Path,
        code: &[u8],
    ) -> Result<(), String> {
        let mut mac = self.mac(engine, digest).ok_or("no key")?;
        mac.update(code);
        // Replaced by rename, so that nobody reads half a file.
        let part = path.with_extension(format!("{}.part", std::process::id()));
        let written = || -> std::io::Result<()> {
            let mut file = private().create(true).truncate(true).open(&part)?;
            file.write_all(MAGIC)?;
            file.write_all(&mac.clone().finalize().into_bytes())?;
            file.write_all(code)?;
            std::fs::rename(&part, path)
        };
        written().map_err(|error| error.to_string())
    }

    /// The code in a file, if its MAC is ours for this component and this engine.
    fn verified<'a>(&self, engine: &Engine, digest: &Digest, file: &'a [u8]) -> Option<&'a [u8]> {
        let (mac, code) = file.strip_prefix(MAGIC)?.split_at_checked(MAC_BYTES)?;
        let mut expected = self.mac(engine, digest)?;
        expected.update(code);
        if expected.verify_slice(mac).is_err() {
            tracing::warn!(%digest, "a file of the compile cache is not ours; it is not used");
            return None;
        }
        Some(code)
    }

    fn mac(&self, engine: &Engine, digest: &Digest) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).ok()?;
        // A file that is moved to another name verifies under neither.
        mac.update(digest.as_str().as_bytes());
        mac.update(&compatibility(engine).to_be_bytes());
        Some(mac)
    }

    fn path(&self, engine: &Engine, digest: &Digest) -> PathBuf {
        self.dir
            .join(format!("{digest}-{:016x}.cwasm", compatibility(engine)))
    }
}

fn compatibility(engine: &Engine) -> u64 {
    let mut hash = DefaultHasher::new();
    engine
        .wasm()
        .precompile_compatibility_hash()
        .hash(&mut hash);
    hash.finish()
}

/// Loads native code.
#[allow(
    unsafe_code,
    reason = "the one audited unsafe of the project; see SAFETY"
)]
fn deserialize(engine: &Engine, code: &[u8]) -> wasmtime::Result<Component> {
    // SAFETY: `code` must be what `Component::serialize` of this engine wrote. The only caller is
    // `CompileCache::load`, which passes bytes whose HMAC under this host's own key it has just
    // verified, in memory, over the same slice: nothing can be swapped in between. The key is
    // readable by this host's user alone, and only `store` makes such a MAC, over the output of
    // `serialize`. That the code fits this engine is checked by wasmtime, and bound into the MAC.
    unsafe { Component::deserialize(engine.wasm(), code) }
}

fn make_key(path: &Path) -> std::io::Result<()> {
    let mut key = Zeroizing::new([0u8; KEY_BYTES]);
    getrandom::fill(key.as_mut_slice())
        .map_err(|error| std::io::Error::other(error.to_string()))?;
    match private().create_new(true).open(path) {
        Ok(mut file) => file.write_all(key.as_slice()),
        // Another start of this host was faster; its key is as good.
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

fn private() -> std::fs::OpenOptions {
    let mut options = std::fs::OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn exposed(path: &Path) -> std::io::Result<bool> {
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(path)?.permissions());
        Ok(mode & 0o077 != 0)
    }
    #[cfg(not(unix))]
    {
        std::fs::metadata(path).map(|_| false)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;
    use crate::engine::Limits;

    fn compiled() -> (Engine, Component, Digest) {
        let engine = Engine::start(&Limits::default().engine).unwrap();
        let component = Component::new(engine.wasm(), "(component)").unwrap_or_else(|_| {
            Component::new(engine.wasm(), wat::parse_str("(component)").unwrap()).unwrap()
        });
        (engine, component, Digest::of(b"x"))
    }

    #[test]
    fn what_was_kept_is_loaded_again() {
        let dir = tempfile::tempdir().unwrap();
        let (engine, component, digest) = compiled();
        let cache = CompileCache::open(dir.path()).unwrap();
        assert!(cache.load(&engine, &digest).is_none());
        cache.store(&engine, &digest, &component);
        let cache = CompileCache::open(dir.path()).unwrap();
        assert!(cache.load(&engine, &digest).is_some());
    }

    #[test]
    fn a_changed_byte_a_moved_file_and_another_key_are_not_loaded() {
        let dir = tempfile::tempdir().unwrap();
        let (engine, component, digest) = compiled();
        let cache = CompileCache::open(dir.path()).unwrap();
        cache.store(&engine, &digest, &component);
        let path = cache.path(&engine, &digest);
        let good = std::fs::read(&path).unwrap();

        let mut changed = good.clone();
        let last = changed.len() - 1;
        changed[last] ^= 1;
        std::fs::write(&path, &changed).unwrap();
        assert!(cache.load(&engine, &digest).is_none(), "changed byte");

        let other = Digest::of(b"y");
        std::fs::write(cache.path(&engine, &other), &good).unwrap();
        assert!(cache.load(&engine, &other).is_none(), "moved file");

        std::fs::write(&path, &good).unwrap();
        std::fs::write(dir.path().join("key"), [7; KEY_BYTES]).unwrap();
        let cache = CompileCache::open(dir.path()).unwrap();
        assert!(cache.load(&engine, &digest).is_none(), "another key");
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        CompileCache::open(dir.path()).unwrap();
        let key = dir.path().join("key");
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o640)).unwrap();
        let error = CompileCache::open(dir.path()).unwrap_err();
        assert_eq!(error.code(), "CS-engine-06");
    }
}
