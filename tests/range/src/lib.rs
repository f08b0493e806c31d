//! The range: a simulated EDR, firewall and directory, to act on in tests and in the demo.
//!
//! A test of a system that acts needs something to act on, and a witness that does not belong to
//! the system. The range is both. It keeps state that can be set and read, behaves like the
//! products do where it matters (a policy that kills again what nobody allowed, effects that take
//! time, idempotency keys, answers that get lost), and writes every request into a log of its own
//! before it answers. What executed, and how often, is read from that log and never from what the
//! host says it did.
//!
//! Started in-process with [`Range::start`], or as a child: `range --listen 127.0.0.1:0` prints
//! `{"listening":"127.0.0.1:NNNNN"}` as its first line.
//!
//! | door | what |
//! |---|---|
//! | `GET, POST /edr/devices/{id}/containment` | `on`, `off` |
//! | `GET, POST /edr/devices/{id}/processes?pid=&started=&sha256=&reference=` | `running`, `suspended`, `stopped`; with `how=start`, a new execution in their place |
//! | `GET, POST /edr/devices/{id}/files?path=&sha256=&reference=` | `present`, `quarantined`, `deleted` |
//! | `GET, POST /edr/devices/{id}/services/{name}` | `running`, `stopped` |
//! | `GET, POST /edr/allowances?sha256=&signer=&name=&reference=&reach=&device=` | `allowed`, `none` |
//! | `POST /edr/devices/{id}/scans`, `/collections`; `GET /edr/jobs/{key}` | `finished` |
//! | `GET, POST /firewall/addresses/{cidr}`, `/firewall/domains/{name}` | `blocked`, `free` |
//! | `GET, POST /directory/accounts/{id}` | `enabled`, `disabled` |
//! | `GET, POST /directory/accounts/{id}/sessions` | `open`, `revoked` |
//! | `GET, POST /range/pages` | the sink for signed webhooks |
//! | `POST /range/world`, `GET /range/state` | set-up, as JSON ([`state::World`]) |
//! | `GET, POST, DELETE /range/faults` | a list of [`faults::Rule`] |
//! | `GET /range/log?since=N` | [`log::Entry`], one a line |
//!
//! A `POST` to a product carries `authorization: Bearer`, `idempotency-key` and `{"wanted": ..}`;
//! the answer, like that of `GET`, is an object with `state`.

pub mod alerts;
mod core;
pub mod faults;
mod keys;
pub mod log;
pub mod pages;
mod reply;
mod server;
pub mod state;

pub use server::{Config, Range, RangeHandle};
