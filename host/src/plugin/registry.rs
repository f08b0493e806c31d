//! The plugins that this process can call, by what their bytes are.
//!
//! It knows nothing of tenants, stages or enrolment: those are journalled by the pipeline. It
//! promises one thing: what it hands out for a digest was loaded from exactly those bytes, under
//! every load rule, with the limits in force when it was loaded.

use super::error::LoadError;
use super::inspect::{Inspection, inspect_with};
use super::load::{Linkers, Loaded, load};
use crate::engine::{CacheError, CompileCache, Engine, EngineError, Limits};
use crate::model::{Digest, PluginRef};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

/// No plugin can be loaded at all.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// The engine does not start.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The compile cache cannot be used.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// The contract cannot be linked: a fault of this host.
    #[error("the contract cannot be linked: {0}")]
    Linkers(String),
}

impl RegistryError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Engine(it) => it.code(),
            Self::Cache(it) => it.code(),
            Self::Linkers(_) => "CS-engine-08",
        }
    }
}

/// Loaded plugins by digest. Shared by reference; loading and calling may go on at once.
pub struct Registry {
    engine: Engine,
    limits: Limits,
    linkers: Linkers,
    cache: Option<CompileCache>,
    loaded: RwLock<BTreeMap<Digest, Arc<Loaded>>>,
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registry")
            .field("engine", &self.engine)
            .finish_non_exhaustive()
    }
}

impl Registry {
    /// An empty registry. `cache_dir`: where compiled plugins are kept; `None` compiles each time.
    ///
    /// # Errors
    /// The cache cannot be used, or the contract cannot be linked.
    pub fn new(
        engine: Engine,
        limits: Limits,
        cache_dir: Option<&Path>,
    ) -> Result<Self, RegistryError> {
        let linkers =
            Linkers::new(&engine).map_err(|error| RegistryError::Linkers(format!("{error:#}")))?;
        let cache = cache_dir.map(CompileCache::open).transpose()?;
        Ok(Self {
            engine,
            limits,
            linkers,
            cache,
            loaded: RwLock::default(),
        })
    }

    /// Loads a component by all load rules and keeps it; a second load of the same bytes gives the
    /// same. Blocks for as long as compiling takes: not for an async thread.
    ///
    /// # Errors
    /// All findings of the first step of the load rules that has any.
    pub fn load(&self, bytes: &[u8]) -> Result<Arc<Loaded>, Vec<LoadError>> {
        let digest = Digest::of(bytes);
        if let Some(loaded) = self.by_digest(&digest) {
            return Ok(loaded);
        }
        let loaded = Arc::new(load(
            &self.engine,
            &self.linkers,
            &self.limits,
            self.cache.as_ref(),
            bytes,
        )?);
        let mut all = self.loaded.write().unwrap_or_else(PoisonError::into_inner);
        Ok(all.entry(digest).or_insert(loaded).clone())
    }

    /// A loaded version. `None` if it was not loaded, or if what is loaded under this digest calls
    /// itself otherwise.
    pub fn get(&self, plugin: &PluginRef) -> Option<Arc<Loaded>> {
        self.by_digest(&plugin.digest)
            .filter(|loaded| loaded.plugin() == plugin)
    }

    /// A loaded plugin by the digest of its bytes.
    pub fn by_digest(&self, digest: &Digest) -> Option<Arc<Loaded>> {
        let all = self.loaded.read().unwrap_or_else(PoisonError::into_inner);
        all.get(digest).cloned()
    }

    /// Every loaded plugin, by digest.
    pub fn list(&self) -> Vec<Arc<Loaded>> {
        let all = self.loaded.read().unwrap_or_else(PoisonError::into_inner);
        all.values().cloned().collect()
    }

    /// Forgets a version; calls that run go on to their end.
    pub fn unload(&self, digest: &Digest) {
        let mut all = self.loaded.write().unwrap_or_else(PoisonError::into_inner);
        all.remove(digest);
    }

    /// Reads a component for a person: no compile, no call.
    ///
    /// # Errors
    /// All findings of the first step of the load rules that has any.
    pub fn inspect(&self, bytes: &[u8]) -> Result<Inspection, Vec<LoadError>> {
        inspect_with(&self.engine, bytes)
    }

    /// The engine, for `doctor` and the log.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }
    /// The limits in force.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }
}
