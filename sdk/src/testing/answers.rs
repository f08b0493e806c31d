//! Where a native build answers what a component would import.
//!
//! The answers are those of the `Host` whose call is running on this thread. Outside of one there
//! are none: a unit test that calls a function of the plugin directly gets an empty log and no
//! settings, and a look-up says what is missing.

use super::host::Told;
use crate::bindings::playbook::countersign::plugin::log::Level;
use crate::host::http::{Error, Request, Response};
use crate::host::lookup::{Asset, Earlier, Sightings};
use crate::prelude::{Device, Software, Target};
use std::cell::RefCell;
use std::rc::Rc;

thread_local! {
    static RUNNING: RefCell<Option<Rc<Told>>> = const { RefCell::new(None) };
}

/// Runs a plugin's function with these answers.
pub(super) fn with<T>(told: &Rc<Told>, call: impl FnOnce() -> T) -> T {
    /// Ends the call also where the plugin panics, or the next test of this thread would be
    /// answered by this one.
    struct Ended;
    impl Drop for Ended {
        fn drop(&mut self) {
            RUNNING.with_borrow_mut(|running| *running = None);
        }
    }
    RUNNING.with_borrow_mut(|running| *running = Some(Rc::clone(told)));
    let _ended = Ended;
    call()
}

fn running() -> Option<Rc<Told>> {
    RUNNING.with_borrow(Clone::clone)
}

fn granted(function: &str) -> Rc<Told> {
    let Some(told) = running() else {
        panic!("{function} was called outside of testing::Host; call the plugin through it");
    };
    told.require(function);
    told
}

pub(crate) fn write(level: Level, message: &str) {
    if let Some(told) = running() {
        told.log.borrow_mut().push((level, message.to_owned()));
    }
}

pub(crate) fn get(name: &str) -> Option<String> {
    running()?.setting(name)
}

pub(crate) fn document() -> String {
    running().map_or_else(|| "{}".to_owned(), |told| told.settings_document())
}

pub(crate) fn asset_of(device: &Device) -> Asset {
    (granted("asset-of").asset)(device)
}

pub(crate) fn sightings_of(software: &Software, on: Option<&Device>) -> Sightings {
    (granted("sightings-of").sightings)(software, on)
}

pub(crate) fn earlier_cases(about: &Target, limit: u32) -> Vec<Earlier> {
    let told = granted("earlier-cases");
    assert!(
        (1..=50).contains(&limit),
        "earlier-cases: limit {limit} is not 1-50"
    );
    let mut cases = (told.earlier)(about);
    cases.truncate(limit as usize);
    cases
}

pub(crate) fn raw_alert(offset: u32, length: u32) -> Vec<u8> {
    let told = granted("raw-alert");
    let rest = told.raw_alert.iter().skip(offset as usize);
    rest.take(length as usize).copied().collect()
}

pub(crate) fn send(request: &Request) -> Result<Response, Error> {
    let told = granted("http");
    told.requests.borrow_mut().push(request.clone());
    (told.http)(request)
}
