//! Lets the function table grow: linkers fix its size otherwise, and the growth that the guest is
//! about would fail before the host's limit is asked.

fn main() {
    println!("cargo:rustc-link-arg=--growable-table");
}
