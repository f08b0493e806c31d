//! What guests of different kinds do wrong in the same way. Included by path: the SDK is what a
//! guest depends on, and a crate beside the guests would look like one.
#![allow(dead_code, reason = "each guest includes all and does some")]

use countersign_sdk::prelude::*;
use countersign_sdk::{log, setting};

pub mod wasi {
    //! Just enough of wasi to be handed a resource.
    #![allow(
        missing_docs,
        unsafe_code,
        clippy::indexing_slicing,
        reason = "generated"
    )]
    wit_bindgen::generate!({
        inline: "
            package guests:misdeeds;
            world hoards { import wasi:cli/stdout@0.2.3; }
            package wasi:io@0.2.3 { interface streams { resource output-stream; } }
            package wasi:cli@0.2.3 {
                interface stdout {
                    use wasi:io/streams@0.2.3.{output-stream};
                    get-stdout: func() -> output-stream;
                }
            }
        ",
        generate_all,
    });
}

/// Does what its name says; `false` where it has none of that name.
pub fn commit(misdeed: &str) -> bool {
    match misdeed {
        "loops-forever" => loops_forever(),
        "eats-memory" => eats_memory(),
        "grows-tables" => grows_tables(),
        "gives-too-much" => gives_too_much(),
        "chatters" => chatters(),
        "hoards-handles" => hoards_handles(),
        "floods-the-log" => floods_the_log(),
        _ => return false,
    }
    true
}

fn loops_forever() {
    let mut n = 0u64;
    loop {
        n = std::hint::black_box(n.wrapping_add(1));
    }
}

fn eats_memory() {
    let mut kept = Vec::new();
    loop {
        kept.push(std::hint::black_box(vec![1u8; 1 << 20]));
    }
}

/// Asks for more memory than there can be: the one instruction of Rust that is as long as growing
/// a table, which Rust has no word for; `e2e::guests::component` puts that in its place.
fn grows_tables() {
    while core::arch::wasm32::memory_grow::<0>(0x7fff_ffff) != usize::MAX {}
}

fn gives_too_much() {
    // The answer does not matter: the call is not answered.
    let _ = setting::<String>(&"x".repeat(17 << 20));
}

fn chatters() {
    for _ in 0..1_000_000 {
        log(Level::Debug, "");
    }
}

fn hoards_handles() {
    let mut kept = Vec::new();
    for _ in 0..100_000 {
        kept.push(wasi::wasi::cli::stdout::get_stdout());
    }
}

fn floods_the_log() {
    log(Level::Error, "x".repeat(100_000));
    for n in 0..2000 {
        log(Level::Info, format!("line {n}"));
        println!("printed {n}");
    }
}
