//! Bytes from outside become detections here, or a rejection that says where they are wrong.
//!
//! `strict` parses and splits bodies, `ocsf` reads and writes the one format that needs no source
//! plugin, `source_test` shows what became of each record of a file. Nothing here decides
//! anything, and nothing is dropped: every record has exactly one answer.

mod native;
pub mod ocsf;
#[cfg(test)]
mod recorded;
mod revision;
pub mod source_test;
pub mod strict;

pub use native::{Read, read_native, split_for_source};
pub use revision::{is_partial, revise};
