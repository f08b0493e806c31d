//! The contract's functions, as the guest calls them.
//!
//! Each counts itself, checks its grant, turns what it was given into the model's words, asks the
//! stage that knows, records what it answered, and turns that back. None of them blocks on
//! anything but the far side of `http`, none calls back into the guest, and none panics: what
//! they cannot do ends the call.

use super::bindings::{http, log, lookup, settings, types};
use super::convert;
use super::logs::LogLevel;
use super::lookups::{LookupFailed, Lookups, RecordedLookup, question, recorded_bytes};
use super::manifest::LookupName;
use super::state::{Asking, State};
use crate::engine::{Ended, Stopped};
use serde::Serialize;
use serde_json::Value;
use std::sync::Arc;

fn stop(ended: Ended) -> wasmtime::Error {
    Stopped(ended).into()
}

impl types::Host for State {}

impl log::Host for State {
    fn write(&mut self, level: log::Level, message: String) -> wasmtime::Result<()> {
        self.count().map_err(stop)?;
        let level = match level {
            log::Level::Debug => LogLevel::Debug,
            log::Level::Info => LogLevel::Info,
            log::Level::Warn => LogLevel::Warn,
            log::Level::Error => LogLevel::Error,
        };
        self.logs().write(level, &message);
        Ok(())
    }
}

impl settings::Host for State {
    fn document(&mut self) -> wasmtime::Result<String> {
        self.count().map_err(stop)?;
        Ok(self.settings.document())
    }
    fn get(&mut self, name: String) -> wasmtime::Result<Option<String>> {
        self.count().map_err(stop)?;
        Ok(self.settings.get(&name))
    }
}

impl State {
    /// Counts one look-up, asks, and records.
    fn ask<T: Serialize>(
        &mut self,
        function: LookupName,
        arguments: Value,
        ask: impl FnOnce(&dyn Lookups) -> Result<T, LookupFailed>,
        record: impl FnOnce(&T) -> Value,
    ) -> wasmtime::Result<T> {
        self.count().map_err(stop)?;
        let lookups_max = self.limits.lookups;
        let asking = self.granted(function).map_err(stop)?;
        if asking.recorded.len() as u64 >= lookups_max {
            return Err(stop(Ended::Lookups { lookups_max }));
        }
        let answers = Arc::clone(&asking.answers);
        let answer = ask(answers.as_ref()).map_err(|error| stop(Ended::Host(error.to_string())))?;
        asking.recorded.push(RecordedLookup {
            function,
            arguments,
            answer: record(&answer),
        });
        Ok(answer)
    }

    fn granted(&mut self, function: LookupName) -> Result<&mut Asking, Ended> {
        let refused = Ended::NotGranted {
            function: format!("lookup.{}", function.as_str()),
        };
        match &mut self.asking {
            Some(asking) if asking.granted.contains(&function) => Ok(asking),
            _ => Err(refused),
        }
    }
}

fn as_json<T: Serialize>(answer: &T) -> Value {
    // Our own view types always serialise; should one ever not, the record shows it.
    serde_json::to_value(answer).unwrap_or(Value::Null)
}

impl lookup::Host for State {
    fn asset_of(&mut self, device: types::Device) -> wasmtime::Result<lookup::Asset> {
        let device = convert::inward::device(device);
        let asset = self.ask(
            LookupName::AssetOf,
            question::asset_of(&device),
            |it| it.asset_of(&device),
            as_json,
        )?;
        Ok(convert::outward::asset(asset))
    }

    fn sightings_of(
        &mut self,
        software: types::Software,
        on: Option<types::Device>,
    ) -> wasmtime::Result<lookup::Sightings> {
        let software = convert::inward::software(software);
        let on = on.map(convert::inward::device);
        let sightings = self.ask(
            LookupName::SightingsOf,
            question::sightings_of(&software, on.as_ref()),
            |it| it.sightings_of(&software, on.as_ref()),
            as_json,
        )?;
        Ok(convert::outward::sightings(sightings))
    }

    fn earlier_cases(
        &mut self,
        about: types::Target,
        limit: u32,
    ) -> wasmtime::Result<Vec<lookup::Earlier>> {
        let about = convert::inward::target(about);
        let limit = limit.clamp(1, 50);
        let cases = self.ask(
            LookupName::EarlierCases,
            question::earlier_cases(&about, limit),
            |it| it.earlier_cases(&about, limit),
            as_json,
        )?;
        Ok(cases.into_iter().map(convert::outward::earlier).collect())
    }

    fn raw_alert(&mut self, offset: u32, length: u32) -> wasmtime::Result<Vec<u8>> {
        let length = length.clamp(1, 65_536);
        self.ask(
            LookupName::RawAlert,
            question::raw_alert(offset, length),
            |it| it.raw_alert(offset, length),
            |bytes| recorded_bytes(bytes),
        )
    }
}

impl http::Host for State {
    fn send(
        &mut self,
        request: http::Request,
    ) -> wasmtime::Result<Result<http::Response, http::Error>> {
        self.count().map_err(stop)?;
        let limits = Arc::clone(&self.limits);
        let Some(sending) = &mut self.sending else {
            return Err(stop(Ended::NotGranted {
                function: "http.send".to_owned(),
            }));
        };
        if sending.requests.len() as u64 >= limits.http_requests {
            return Err(stop(Ended::HttpRequests {
                requests_max: limits.http_requests,
            }));
        }
        let request = convert::inward::request(request);
        let sent = sending.egress.send(&request, &limits, sending.ends);
        let (answer, record) = sending.runtime.block_on(sent);
        sending.requests.push(record);
        Ok(answer
            .map(convert::outward::response)
            .map_err(convert::outward::http_error))
    }
}
