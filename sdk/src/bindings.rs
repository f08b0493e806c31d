//! What `wit-bindgen` makes of `wit/`: one module a world, one set of types for all three.
//!
//! Nothing here is for authors, who use the preludes; the macros need it public. The second and
//! third world take the types of the first, so that a `Device` is a `Device` whichever kind of
//! plugin holds it, and one crate serves all kinds without features: a component imports only
//! what its code calls.
#![allow(
    missing_docs,
    unsafe_code,
    clippy::indexing_slicing,
    reason = "generated; the documentation is in wit/"
)]

pub mod playbook {
    wit_bindgen::generate!({
        path: "../wit",
        world: "playbook",
        pub_export_macro: true,
        export_macro_name: "export_playbook",
        default_bindings_module: "countersign_sdk::bindings::playbook",
        additional_derives: [PartialEq, Eq],
    });
}

pub mod source {
    wit_bindgen::generate!({
        path: "../wit",
        world: "source",
        pub_export_macro: true,
        export_macro_name: "export_source",
        default_bindings_module: "countersign_sdk::bindings::source",
        with: {
            "countersign:plugin/types@0.1.0": crate::bindings::playbook::countersign::plugin::types,
            "countersign:plugin/log@0.1.0": crate::bindings::playbook::countersign::plugin::log,
            "countersign:plugin/settings@0.1.0": crate::bindings::playbook::countersign::plugin::settings,
        },
    });
}

pub mod connector {
    wit_bindgen::generate!({
        path: "../wit",
        world: "connector",
        pub_export_macro: true,
        export_macro_name: "export_connector",
        default_bindings_module: "countersign_sdk::bindings::connector",
        additional_derives: [PartialEq, Eq],
        with: {
            "countersign:plugin/types@0.1.0": crate::bindings::playbook::countersign::plugin::types,
            "countersign:plugin/log@0.1.0": crate::bindings::playbook::countersign::plugin::log,
            "countersign:plugin/settings@0.1.0": crate::bindings::playbook::countersign::plugin::settings,
        },
    });
}
