//! Plugins: what they may do, how they are loaded, how they are called.
//!
//! A plugin is somebody else's code with our authority behind it, so everything here is a border.
//! On the way in: the manifest, read before any code runs; the surface, compared with the
//! contract; the limits, armed before the first instruction. On the way out: every answer parsed
//! into the model's words by the rules, or refused with a code. Behind the border a plugin is a
//! function: [`Playbook::evaluate`], [`Source::normalize`], [`Connector::call`].
//!
//! It must never: hand a guest more than its manifest asks for, hand a stage a value that no rule
//! looked at, or let a guest see a credential.

mod bindings;
mod call;
mod connector;
mod convert;
mod egress;
mod error;
mod file;
mod hosted;
mod inspect;
mod json;
mod load;
mod logs;
mod lookups;
mod manifest;
mod playbook;
mod registry;
mod rules;
mod settings;
mod source;
mod state;
mod surface;
mod wasi;

pub use connector::{Call, Connector, ConnectorCall};
pub use egress::{
    Egress, EgressError, HttpError, HttpRequest, HttpResponse, RecordedRequest, Secret,
};
pub use error::LoadError;
pub use inspect::{Inspection, Wants, inspect, inspect_with};
pub use load::{Loaded, Runnable, check_enrolled};
pub use logs::{LogLevel, LogLine};
pub use lookups::{
    AssetView, EarlierCase, LookupFailed, Lookups, RecordedLookup, Replayed, SightingsView,
};
pub use manifest::{
    Accepts, CONTRACTS, ConnectorClass, CredentialScheme, CredentialSpec, EgressGrant, LookupName,
    Manifest, Pair, Performs, PluginKind, Scheme, Stated, read_manifest,
};
pub use playbook::{Evaluation, Playbook};
pub use registry::{Registry, RegistryError};
pub use settings::{SettingRule, SettingType, SettingsError, SettingsSchema, SettingsView};
pub use source::{Normalization, Source};
