//! What a plugin author depends on, for all three kinds. The generated bindings are private;
//! what an author uses is named in the preludes, one by one. `actions` makes proposals and
//! lets only possible action and target pairs compile; `attributes` reads and writes OCSF
//! paths under typed names, so that a plugin never spells one.

mod actions;
mod attributes;
mod case;
mod connect;
mod time;

#[doc(hidden)]
pub mod bindings {
    //! The three worlds share one set of types: those of `playbook`.
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
            with: {
                "countersign:plugin/types@0.1.0": crate::bindings::playbook::countersign::plugin::types,
                "countersign:plugin/log@0.1.0": crate::bindings::playbook::countersign::plugin::log,
                "countersign:plugin/settings@0.1.0": crate::bindings::playbook::countersign::plugin::settings,
            },
        });
    }
}
use bindings::playbook::countersign::plugin::{log::Level, settings, types::Failure};

/// What every plugin needs.
pub mod prelude {
    pub use crate::attributes::{Attributes, Mode};
    pub use crate::bindings::playbook::countersign::plugin::log::Level;
    pub use crate::bindings::playbook::countersign::plugin::types::*;
    pub use crate::case::{Address, Domain};
    pub use crate::{Result, log, setting};
}
/// What a playbook needs.
pub mod playbook {
    pub use crate::actions::*;
    pub use crate::bindings::playbook::countersign::plugin::lookup;
    pub use crate::prelude::*;
}
/// What a source needs.
pub mod source {
    pub use crate::prelude::*;
    pub use crate::time::milliseconds;
}
/// What a connector needs.
pub mod connector {
    pub use crate::bindings::connector::countersign::plugin::http;
    pub use crate::connect::send;
    pub use crate::prelude::*;
}

/// A playbook's result; sources answer `Rejection`, connectors `Fault`.
pub type Result<T, E = Failure> = core::result::Result<T, E>;

/// Writes a line to the plugin's log.
pub fn log(level: Level, message: impl AsRef<str>) {
    bindings::playbook::countersign::plugin::log::write(level, message.as_ref());
}

/// A setting, parsed; its default stands in the manifest.
pub fn setting<T: core::str::FromStr>(name: &str) -> Result<T> {
    settings::get(name)
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| Failure::new("invalid-settings", format!("no usable setting {name}")))
}

/// Embeds the manifest: `plugin.json` beside the code.
#[doc(hidden)]
#[macro_export]
macro_rules! manifest {
    ($path:literal) => {
        #[used]
        #[unsafe(link_section = "countersign:manifest")]
        static __MANIFEST: [u8; include_bytes!($path).len()] = *include_bytes!($path);
    };
}

/// `playbook!(evaluate, manifest: "../plugin.json")`, with
/// `fn evaluate(case: &Case) -> Result<Plan>`.
#[macro_export]
macro_rules! playbook {
    ($evaluate:path, manifest: $manifest:literal) => {
        struct __Plugin;
        impl $crate::bindings::playbook::exports::countersign::plugin::evaluator::Guest for __Plugin {
            fn evaluate(subject: $crate::prelude::Case) -> $crate::Result<$crate::prelude::Plan> {
                $evaluate(&subject)
            }
        }
        $crate::bindings::playbook::export_playbook!(__Plugin with_types_in $crate::bindings::playbook);
        $crate::manifest!($manifest);
    };
}

/// `source!(normalize, manifest: "../plugin.json")`, with
/// `fn normalize(payload: &[u8], content_type: &str) -> Result<Vec<Detection>, Rejection>`.
#[macro_export]
macro_rules! source {
    ($normalize:path, manifest: $manifest:literal) => {
        struct __Plugin;
        impl $crate::bindings::source::exports::countersign::plugin::reader::Guest for __Plugin {
            fn normalize(payload: Vec<u8>, content_type: String) -> $crate::Result<Vec<$crate::prelude::Detection>, $crate::prelude::Rejection> {
                $normalize(&payload, &content_type)
            }
        }
        $crate::bindings::source::export_source!(__Plugin with_types_in $crate::bindings::source);
        $crate::manifest!($manifest);
    };
}

/// `connector!(execute, status, manifest: "../plugin.json")`, both
/// `fn(order: &Order) -> Result<Receipt, Fault>`.
#[macro_export]
macro_rules! connector {
    ($execute:path, $status:path, manifest: $manifest:literal) => {
        struct __Plugin;
        impl $crate::bindings::connector::exports::countersign::plugin::actuator::Guest for __Plugin {
            fn execute(order: $crate::prelude::Order) -> $crate::Result<$crate::prelude::Receipt, $crate::prelude::Fault> {
                $execute(&order)
            }
            fn status(order: $crate::prelude::Order) -> $crate::Result<$crate::prelude::Receipt, $crate::prelude::Fault> {
                $status(&order)
            }
        }
        $crate::bindings::connector::export_connector!(__Plugin with_types_in $crate::bindings::connector);
        $crate::manifest!($manifest);
    };
}
