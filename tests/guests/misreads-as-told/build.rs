//! Lets the function table grow: linkers fix its size otherwise, and the growth that the guest is
//! about would fail before the host's limit is asked. Only for wasm: natively, where the workspace
//! is tested and linted, no linker knows the option.

fn main() {
    if std::env::var("CARGO_CFG_TARGET_ARCH").as_deref() == Ok("wasm32") {
        println!("cargo:rustc-link-arg=--growable-table");
    }
}
