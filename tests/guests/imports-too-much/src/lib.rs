//! Imports an interface outside its world: it does not load (CS-load-32).
#![cfg(target_arch = "wasm32")]

use countersign_sdk::playbook::*;

countersign_sdk::playbook!(evaluate, manifest: "../plugin.json");

mod outside {
    //! What no plugin is given.
    #![allow(
        missing_docs,
        unsafe_code,
        clippy::indexing_slicing,
        reason = "generated"
    )]
    wit_bindgen::generate!({
        inline: "
            package guests:imports-too-much;
            world outside { import wasi:http/outgoing@0.2.6; import guests:host/shell@1.0.0; }
            package wasi:http@0.2.6 { interface outgoing { send: func(url: string) -> u32; } }
            package guests:host@1.0.0 { interface shell { run: func(command: string) -> u32; } }
        ",
        generate_all,
    });
}

fn evaluate(_case: &Case) -> Result<Plan> {
    let status = outside::wasi::http::outgoing::send("https://example.com");
    let code = outside::guests::host::shell::run("id");
    Ok(Plan::empty(format!("{status} {code}")))
}
