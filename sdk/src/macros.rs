//! One macro for each kind of plugin: it exports the author's functions and embeds the manifest.
//!
//! In a native build, which is how the author's tests run, there is nothing to export to; the
//! macros then only check that the functions have the right types.

/// Embeds the manifest, so that the host can read it before any code of the plugin runs.
#[doc(hidden)]
#[macro_export]
macro_rules! manifest {
    ($path:literal) => {
        #[cfg(target_arch = "wasm32")]
        #[used]
        #[unsafe(link_section = "countersign:manifest")]
        static __MANIFEST: [u8; include_bytes!($path).len()] = *include_bytes!($path);
    };
}

/// Makes the crate a playbook: `playbook!(evaluate, manifest: "../plugin.json")`, with
/// `fn evaluate(case: &Case) -> Result<Plan>`. The path is seen from the file that says it.
#[macro_export]
macro_rules! playbook {
    ($evaluate:path, manifest: $manifest:literal) => {
        const _: fn(&$crate::prelude::Case) -> $crate::Result<$crate::prelude::Plan> = $evaluate;
        #[cfg(target_arch = "wasm32")]
        struct __Plugin;
        #[cfg(target_arch = "wasm32")]
        impl $crate::bindings::playbook::exports::countersign::plugin::evaluator::Guest
            for __Plugin
        {
            fn evaluate(
                subject: $crate::prelude::Case,
            ) -> $crate::Result<$crate::prelude::Plan> {
                $evaluate(&subject).map($crate::bounds::plan)
            }
        }
        #[cfg(target_arch = "wasm32")]
        $crate::bindings::playbook::export_playbook!(__Plugin with_types_in $crate::bindings::playbook);
        $crate::manifest!($manifest);
    };
}

/// Makes the crate a source: `source!(normalize, manifest: "../plugin.json")`, with
/// `fn normalize(payload: &[u8], content_type: &str) -> Result<Vec<Detection>, Rejection>`.
#[macro_export]
macro_rules! source {
    ($normalize:path, manifest: $manifest:literal) => {
        const _: fn(
            &[u8],
            &str,
        ) -> $crate::Result<Vec<$crate::prelude::Detection>, $crate::prelude::Rejection> =
            $normalize;
        #[cfg(target_arch = "wasm32")]
        struct __Plugin;
        #[cfg(target_arch = "wasm32")]
        impl $crate::bindings::source::exports::countersign::plugin::reader::Guest for __Plugin {
            fn normalize(
                payload: Vec<u8>,
                content_type: String,
            ) -> $crate::Result<Vec<$crate::prelude::Detection>, $crate::prelude::Rejection> {
                $normalize(&payload, &content_type).map($crate::bounds::detections)
            }
        }
        #[cfg(target_arch = "wasm32")]
        $crate::bindings::source::export_source!(__Plugin with_types_in $crate::bindings::source);
        $crate::manifest!($manifest);
    };
}

/// Makes the crate a connector: `connector!(execute, status, manifest: "../plugin.json")`, both
/// `fn(order: &Order) -> Result<Receipt, Fault>`.
#[macro_export]
macro_rules! connector {
    ($execute:path, $status:path, manifest: $manifest:literal) => {
        const _: [fn(
            &$crate::prelude::Order,
        ) -> $crate::Result<$crate::prelude::Receipt, $crate::prelude::Fault>; 2] =
            [$execute, $status];
        #[cfg(target_arch = "wasm32")]
        struct __Plugin;
        #[cfg(target_arch = "wasm32")]
        impl $crate::bindings::connector::exports::countersign::plugin::actuator::Guest
            for __Plugin
        {
            fn execute(
                order: $crate::prelude::Order,
            ) -> $crate::Result<$crate::prelude::Receipt, $crate::prelude::Fault> {
                $execute(&order).map($crate::bounds::receipt)
            }
            fn status(
                order: $crate::prelude::Order,
            ) -> $crate::Result<$crate::prelude::Receipt, $crate::prelude::Fault> {
                $status(&order).map($crate::bounds::receipt)
            }
        }
        #[cfg(target_arch = "wasm32")]
        $crate::bindings::connector::export_connector!(__Plugin with_types_in $crate::bindings::connector);
        $crate::manifest!($manifest);
    };
}
