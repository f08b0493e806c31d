//! From bytes to something that can be called, in the order of the load rules.
//!
//! File, manifest, surface, then compile and link, then one trial instance under full limits: the
//! one step that runs guest code, because start functions run at instantiation. What comes out
//! can be called; nothing is compiled, linked or checked again later.

use super::bindings::{self, connector, playbook, source};
use super::error::LoadError;
use super::file;
use super::inspect::{Examined, Inspection, examine, inspection, named};
use super::manifest::{Manifest, PluginKind};
use super::settings::SettingsView;
use super::state::State;
use super::{connector::Connector, playbook::Playbook, source::Source, wasi};
use crate::engine::{CallLimits, CompileCache, Ended, Engine, Limits, arm};
use crate::model::{Digest, PluginRef};
use std::sync::Arc;
use std::time::Duration;
use wasmtime::component::{Component, HasSelf, InstancePre, Linker};

/// What every call of a plugin shares.
pub(super) struct Core {
    pub(super) engine: Engine,
    pub(super) manifest: Manifest,
    pub(super) plugin: PluginRef,
    pub(super) limits: Arc<CallLimits>,
}

/// What can be called.
#[derive(Clone, Debug)]
pub enum Runnable {
    /// Its `normalize`.
    Source(Source),
    /// Its `evaluate`.
    Playbook(Playbook),
    /// Its `execute` and `status`.
    Connector(Connector),
}

/// A plugin that is ready to be called.
#[derive(Clone)]
pub struct Loaded {
    pub(super) core: Arc<Core>,
    runnable: Runnable,
    inspection: Inspection,
}

impl std::fmt::Debug for Loaded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Loaded({})", self.core.plugin)
    }
}

impl Loaded {
    /// Which version of which plugin.
    pub fn plugin(&self) -> &PluginRef {
        &self.core.plugin
    }
    /// The most that it may do.
    pub fn manifest(&self) -> &Manifest {
        &self.core.manifest
    }
    /// The limits of each of its calls.
    pub fn limits(&self) -> &CallLimits {
        &self.core.limits
    }
    /// As a person sees it.
    pub fn inspection(&self) -> &Inspection {
        &self.inspection
    }
    /// What it can be called for.
    pub fn runnable(&self) -> &Runnable {
        &self.runnable
    }
    /// The source that it is, if it is one.
    pub fn source(&self) -> Option<&Source> {
        match &self.runnable {
            Runnable::Source(it) => Some(it),
            _ => None,
        }
    }
    /// The playbook that it is, if it is one.
    pub fn playbook(&self) -> Option<&Playbook> {
        match &self.runnable {
            Runnable::Playbook(it) => Some(it),
            _ => None,
        }
    }
    /// The connector that it is, if it is one.
    pub fn connector(&self) -> Option<&Connector> {
        match &self.runnable {
            Runnable::Connector(it) => Some(it),
            _ => None,
        }
    }
}

/// One linker for each world: explicit interfaces, nothing by default. Built once.
pub(super) struct Linkers {
    source: Linker<State>,
    playbook: Linker<State>,
    connector: Linker<State>,
}

impl Linkers {
    pub(super) fn new(engine: &Engine) -> wasmtime::Result<Self> {
        let common = || -> wasmtime::Result<Linker<State>> {
            let mut linker = Linker::new(engine.wasm());
            wasi::link(&mut linker)?;
            bindings::types::add_to_linker::<_, HasSelf<_>>(&mut linker, |state| state)?;
            bindings::log::add_to_linker::<_, HasSelf<_>>(&mut linker, |state| state)?;
            bindings::settings::add_to_linker::<_, HasSelf<_>>(&mut linker, |state| state)?;
            Ok(linker)
        };
        let mut linkers = Self {
            source: common()?,
            playbook: common()?,
            connector: common()?,
        };
        bindings::lookup::add_to_linker::<_, HasSelf<_>>(&mut linkers.playbook, |state| state)?;
        bindings::http::add_to_linker::<_, HasSelf<_>>(&mut linkers.connector, |state| state)?;
        Ok(linkers)
    }
    fn of(&self, kind: PluginKind) -> &Linker<State> {
        match kind {
            PluginKind::Source => &self.source,
            PluginKind::Playbook => &self.playbook,
            PluginKind::Connector => &self.connector,
        }
    }
}

/// All steps.
pub(super) fn load(
    engine: &Engine,
    linkers: &Linkers,
    limits: &Limits,
    cache: Option<&CompileCache>,
    bytes: &[u8],
) -> Result<Loaded, Vec<LoadError>> {
    let examined = examine(bytes, engine)?;
    let whose = examined.manifest.label();
    compiled(engine, linkers, limits, cache, examined, bytes)
        .map_err(|errors| named(errors, &whose))
}

/// Step 4.
fn compiled(
    engine: &Engine,
    linkers: &Linkers,
    limits: &Limits,
    cache: Option<&CompileCache>,
    examined: Examined,
    bytes: &[u8],
) -> Result<Loaded, Vec<LoadError>> {
    let kind = examined.manifest.kind;
    let granted = limits.granted(kind.limits(), &examined.manifest.limits);
    let errors = file::fits(&examined.counted, &granted);
    if !errors.is_empty() {
        return Err(errors);
    }
    let inspection = inspection(&examined, bytes);
    let one = |error: LoadError| vec![error];
    let component = component(engine, cache, &inspection.digest, bytes).map_err(one)?;
    let pre = linkers
        .of(kind)
        .instantiate_pre(&component)
        .map_err(|error| one(LoadError::new(41, format!("cannot be linked: {error:#}"))))?;
    let core = Arc::new(Core {
        engine: engine.clone(),
        manifest: examined.manifest,
        plugin: inspection.plugin(),
        limits: Arc::new(granted),
    });
    let runnable = runnable(&core, pre).map_err(one)?;
    Ok(Loaded {
        core,
        runnable,
        inspection,
    })
}

/// L040: from the cache, else compiled within its time on a thread of its own.
fn component(
    engine: &Engine,
    cache: Option<&CompileCache>,
    digest: &Digest,
    bytes: &[u8],
) -> Result<Component, LoadError> {
    if let Some(component) = cache.and_then(|cache| cache.load(engine, digest)) {
        return Ok(component);
    }
    let wall = Duration::from_millis(engine.limits().compile_ms);
    let (sender, receiver) = std::sync::mpsc::sync_channel(1);
    let (wasm, copy) = (engine.wasm().clone(), bytes.to_vec());
    // A compile cannot be ended from outside. When its time is up this thread goes on to its end,
    // unheard; nothing of the plugin runs in it.
    let started = std::thread::Builder::new()
        .name("compile".to_owned())
        .spawn(move || {
            // Nobody listens any more once the time is up.
            let _ = sender.send(Component::new(&wasm, &copy));
        });
    if let Err(error) = started {
        return Err(LoadError::new(
            40,
            format!("did not compile: no thread: {error}"),
        ));
    }
    match receiver.recv_timeout(wall) {
        Ok(Ok(component)) => {
            if let Some(cache) = cache {
                cache.store(engine, digest, &component);
            }
            Ok(component)
        }
        Ok(Err(error)) => Err(LoadError::new(40, format!("did not compile: {error:#}"))),
        Err(_) => Err(LoadError::new(
            40,
            format!(
                "did not compile within {} s (compile_ms)",
                wall.as_secs_f32()
            ),
        )),
    }
}

/// L041 for the exports, L043 for the trial.
fn runnable(core: &Arc<Core>, pre: InstancePre<State>) -> Result<Runnable, LoadError> {
    let unlinked = |error| LoadError::new(41, format!("cannot be linked: {error:#}"));
    trial(core, &pre)?;
    Ok(match core.manifest.kind {
        PluginKind::Source => {
            let pre = source::SourcePre::new(pre).map_err(unlinked)?;
            Runnable::Source(Source::new(core.clone(), pre))
        }
        PluginKind::Playbook => {
            let pre = playbook::PlaybookPre::new(pre).map_err(unlinked)?;
            Runnable::Playbook(Playbook::new(core.clone(), pre))
        }
        PluginKind::Connector => {
            let pre = connector::ConnectorPre::new(pre).map_err(unlinked)?;
            Runnable::Connector(Connector::new(core.clone(), pre))
        }
    })
}

/// One instance under full limits, and no call.
fn trial(core: &Core, pre: &InstancePre<State>) -> Result<(), LoadError> {
    let state = State::new(&core.limits, &SettingsView::default(), 0, [0; 32]);
    let failed = |cause: String| LoadError::new(43, format!("fails at start: {cause}"));
    let mut store =
        arm(&core.engine, &core.limits, 0, state).map_err(|error| failed(error.to_string()))?;
    let fuel_max = store.get_fuel().unwrap_or(0);
    match pre.instantiate(&mut store) {
        Ok(_) => Ok(()),
        Err(error) => {
            let ended = Ended::of(&error, &core.engine, &core.limits, fuel_max);
            let last = store.data().logs().last_lines();
            let last: Vec<&str> = last.iter().map(String::as_str).collect();
            Err(failed(ended.failure(&last).message))
        }
    }
}

/// L019 and L022: whether these bytes are the ones that were enrolled under this id and version.
///
/// `pinned`: the digest that a person enrolled, if any.
///
/// # Errors
/// L022 where nothing is enrolled, L019 where other bytes are.
pub fn check_enrolled(plugin: &PluginRef, pinned: Option<&Digest>) -> Result<(), LoadError> {
    let PluginRef {
        id,
        version,
        digest,
    } = plugin;
    match pinned {
        None => Err(LoadError::new(
            22,
            format!(
                "{id} {version} (sha256 {digest}) is not enrolled; see: countersign plugin enrol"
            ),
        )),
        Some(pinned) if pinned != digest => Err(LoadError::new(
            19,
            format!(
                "{id} {version} is already here with other content (sha256 {pinned}, offered {digest}); raise the version"
            ),
        )),
        Some(_) => Ok(()),
    }
}
