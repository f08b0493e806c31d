//! Opens standard output again and again and keeps every handle (CS-run-47).
#![cfg(target_arch = "wasm32")]

use countersign_sdk::playbook::*;

countersign_sdk::playbook!(evaluate, manifest: "../plugin.json");

mod wasi {
    //! Just enough of wasi to be handed a resource.
    #![allow(
        missing_docs,
        unsafe_code,
        clippy::indexing_slicing,
        reason = "generated"
    )]
    wit_bindgen::generate!({
        inline: "
            package guests:hoards-handles;
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

fn evaluate(_case: &Case) -> Result<Plan> {
    let mut kept = Vec::new();
    for _ in 0..100_000 {
        kept.push(wasi::wasi::cli::stdout::get_stdout());
    }
    Ok(Plan::empty(format!("{} handles", kept.len())))
}
