//! OCSF Detection Finding (class 2004): read from version 1.1 to 1.8, written as 1.8.
//!
//! It is the one format that needs no source plugin, because it is the format of the contract:
//! attribute names are OCSF paths, severities are OCSF severities. What the contract knows and
//! OCSF has no place for (roles, references, what was taken) travels under `countersign` in the
//! two places that OCSF leaves to producers: `unmapped` of the event and `data` of an evidence.
//! So `read(write(d))` gives back `d`, and a consumer that knows only OCSF still sees an event
//! that is valid.
//!
//! INVARIANT: what selects a target (device id, hash, path, account, address) comes from a field
//! that OCSF defines as that thing. Observables are not read: they name values, not whose.

mod attributes;
mod cursor;
mod entity;
mod evidence;
mod read;
#[cfg(test)]
mod tests;
mod write;
mod write_entity;

pub use read::{CLASS_UID, read};
pub use write::{VERSION, write};
