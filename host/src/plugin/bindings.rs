//! What `bindgen!` makes of the contract: private, and left through `convert` at once.
//!
//! Three worlds share `types`, `log` and `settings`, so that one store implements each once. A
//! second contract version is a second module like this one and one `From` per changed record.

#![allow(
    missing_docs,
    clippy::all,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "generated"
)]

pub(super) mod playbook {
    wasmtime::component::bindgen!({
        path: "../wit",
        world: "playbook",
        imports: { default: trappable },
        additional_derives: [PartialEq, Eq],
        include_component_type: true,
    });
}

pub(super) mod source {
    wasmtime::component::bindgen!({
        path: "../wit",
        world: "source",
        imports: { default: trappable },
        include_component_type: true,
        with: {
            "countersign:plugin/types": crate::plugin::bindings::playbook::countersign::plugin::types,
            "countersign:plugin/log": crate::plugin::bindings::playbook::countersign::plugin::log,
            "countersign:plugin/settings": crate::plugin::bindings::playbook::countersign::plugin::settings,
        },
    });
}

pub(super) mod connector {
    wasmtime::component::bindgen!({
        path: "../wit",
        world: "connector",
        imports: { default: trappable },
        include_component_type: true,
        with: {
            "countersign:plugin/types": crate::plugin::bindings::playbook::countersign::plugin::types,
            "countersign:plugin/log": crate::plugin::bindings::playbook::countersign::plugin::log,
            "countersign:plugin/settings": crate::plugin::bindings::playbook::countersign::plugin::settings,
        },
    });
}

pub(super) use connector::countersign::plugin::http;
pub(super) use playbook::countersign::plugin::{log, lookup, settings, types};
