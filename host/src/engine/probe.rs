//! One small component that is run when the engine starts.
//!
//! It proves that an instance can be made on this machine, and it learns two things that wasmtime
//! has no public type for: what it says when a guest moves too many bytes, and when it holds too
//! many handles. We run into both limits on purpose and keep what came back, so that a later end
//! is recognised without a copy of another library's wording in our code.

use wasmtime::component::{Component, Linker};
use wasmtime::{Engine, Store};

/// `probe.wat`, assembled; a test compares the two.
const PROBE: &[u8] = include_bytes!("probe.wasm");

/// What the limits without a public type say.
#[derive(Clone, Debug)]
pub(super) struct Marks {
    /// Too many bytes crossed.
    pub(super) hostcall_bytes: String,
    /// Too many handles are alive.
    pub(super) handles: String,
}

/// Runs the probe.
pub(super) fn learn(engine: &Engine) -> wasmtime::Result<Marks> {
    let component = Component::new(engine, PROBE)?;
    let marks = Marks {
        hostcall_bytes: run_into(engine, &component, |store, instance| {
            store.set_hostcall_fuel(16);
            let answer = instance.get_typed_func::<(), (String,)>(&mut *store, "answer")?;
            answer.call(store, ()).map(drop)
        })?,
        handles: run_into(engine, &component, |store, instance| {
            store.set_max_component_handles(1);
            let handles = instance.get_typed_func::<(), ()>(&mut *store, "handles")?;
            handles.call(store, ())
        })?,
    };
    if marks.hostcall_bytes == marks.handles {
        return Err(wasmtime::format_err!(
            "two limits end a call with the same words: {}",
            marks.handles
        ));
    }
    Ok(marks)
}

fn run_into(
    engine: &Engine,
    component: &Component,
    call: impl Fn(&mut Store<()>, &wasmtime::component::Instance) -> wasmtime::Result<()>,
) -> wasmtime::Result<String> {
    let mut store = Store::new(engine, ());
    store.set_fuel(1_000_000)?;
    store.set_epoch_deadline(1000);
    let instance = Linker::new(engine).instantiate(&mut store, component)?;
    match call(&mut store, &instance) {
        Ok(()) => Err(wasmtime::format_err!("a limit did not end the probe")),
        Err(error) if error.is::<wasmtime::Trap>() => Err(error),
        Err(error) => Ok(error.root_cause().to_string()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    #[test]
    fn the_probe_is_its_source_assembled() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/engine");
        let assembled = wat::parse_file(path.join("probe.wat")).unwrap();
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(path.join("probe.wasm"), &assembled).unwrap();
        }
        assert!(assembled == super::PROBE, "assemble probe.wat again");
    }
}
