//! Whether a target occurs in the case, field by field (R008).
//!
//! A playbook that swaps the reference under a right-looking path would have the connector act on
//! something else than what people saw. So every field that a proposal sets must be what the case
//! says of that entity, and none may be added.

use super::target::canonical;
use crate::model::{Attribute, Detection, Device, Target, attribute};

/// One thing of the case, as the fields a target of that kind can set; unset ones are `None`.
type Sketch = Vec<(&'static str, Option<String>)>;

/// Checks that `target` (canonical) is an entity of the case, of `taken`, or belongs to one.
pub(super) fn occurs(target: &Target, detection: &Detection) -> Result<(), String> {
    let wanted = sketch(target);
    let mut nearest: Option<(usize, String)> = None;
    for shown in candidates(target, detection) {
        let differing = differences(&wanted, &shown);
        let Some(((field, asked), said)) = differing.first() else {
            return Ok(());
        };
        let set = wanted.iter().filter(|(_, value)| value.is_some()).count();
        let alike = differing.len() < set;
        if alike && nearest.as_ref().is_none_or(|(n, _)| differing.len() < *n) {
            let said = said.as_deref().unwrap_or("nothing");
            let text = format!(
                "{field} of {} is {asked}, the case says {said}",
                target.label()
            );
            nearest = Some((differing.len(), text));
        }
    }
    Err(nearest.map_or_else(
        || format!("{} does not occur in the case", target.label()),
        |(_, text)| text,
    ))
}

type Difference = ((&'static str, String), Option<String>);

/// The fields that `wanted` sets and `shown` says otherwise.
fn differences(wanted: &Sketch, shown: &Sketch) -> Vec<Difference> {
    let fields = wanted.iter().zip(shown);
    fields
        .filter_map(|((field, asked), (_, said))| {
            let asked = asked.as_ref()?;
            (said.as_ref() != Some(asked)).then(|| ((*field, asked.clone()), said.clone()))
        })
        .collect()
}

fn text(it: &str) -> Option<String> {
    (!it.is_empty()).then(|| it.to_owned())
}

fn on(device: &Device) -> Sketch {
    vec![
        ("device id", text(&device.id)),
        ("device name", text(&device.name)),
    ]
}

fn sketch(target: &Target) -> Sketch {
    let mut fields = target.device().map(on).unwrap_or_default();
    match target {
        Target::Device(_) => {}
        Target::Process(it) => fields.extend([
            ("id", it.id.clone()),
            ("pid", it.pid.map(|n| n.to_string())),
            ("started", it.started.map(|at| at.0.to_string())),
            ("name", text(&it.name)),
            ("sha256", it.sha256.clone()),
            ("reference", it.reference.clone()),
        ]),
        Target::File(it) => fields.extend([
            ("path", text(&it.path)),
            ("sha256", it.sha256.clone()),
            ("reference", it.reference.clone()),
        ]),
        Target::Account(it) => fields.extend([
            ("id", text(&it.id)),
            ("name", text(&it.name)),
            ("domain", text(&it.domain)),
        ]),
        Target::Service(it) => fields.push(("name", text(&it.name))),
        Target::Message(it) => {
            fields.extend([("id", text(&it.id)), ("mailbox", text(&it.mailbox))]);
        }
        Target::Software(it) => fields.extend([
            ("sha256", it.sha256.clone()),
            ("signer", it.signer.clone()),
            ("name", text(&it.name)),
            ("path", it.path.clone()),
            ("reference", it.reference.clone()),
        ]),
        Target::Address(it) => fields.push(("address", text(it))),
        Target::Domain(it) => fields.push(("domain", text(it))),
        Target::Url(it) => fields.push(("url", text(it))),
        Target::Other(it) => fields.extend([("kind", text(&it.kind)), ("id", text(&it.id))]),
    }
    fields
}

/// Everything of the case that could be a target of this kind.
fn candidates(target: &Target, detection: &Detection) -> Vec<Sketch> {
    let entities = detection
        .entities
        .iter()
        .map(|it| (&it.target, &it.attributes));
    let taken = detection
        .taken
        .iter()
        .map(|it| (&it.target, &it.attributes));
    let mut found = Vec::new();
    for (shown, attributes) in entities.chain(taken) {
        if shown.kind() == target.kind() {
            // What the source wrote was made canonical when it was read; a case from elsewhere
            // (OCSF) is made so here.
            let shown = canonical(shown.clone()).unwrap_or_else(|_| shown.clone());
            found.push(sketch(&shown));
        }
        match target {
            Target::Device(_) => found.extend(shown.device().map(on)),
            Target::File(_) => found.extend(image(shown, attributes)),
            Target::Software(_) => found.extend(software(shown, attributes)),
            Target::Address(_) | Target::Domain(_) => found.extend(host(shown, target)),
            _ => {}
        }
    }
    found
}

/// The file that a process was started from, where the case names it.
fn image(shown: &Target, attributes: &[Attribute]) -> Option<Sketch> {
    let Target::Process(it) = shown else {
        return None;
    };
    let path = attribute(attributes, "file.path")?;
    let mut fields = on(&it.device);
    fields.extend([
        ("path", text(path)),
        ("sha256", it.sha256.clone()),
        ("reference", it.reference.clone()),
    ]);
    Some(fields)
}

/// The host of a URL of the case.
fn host(shown: &Target, target: &Target) -> Option<Sketch> {
    let Target::Url(it) = shown else { return None };
    let url = url::Url::parse(it).ok()?;
    match (url.host()?, target) {
        (url::Host::Domain(name), Target::Domain(_)) => {
            Some(vec![("domain", super::target::domain(name).ok())])
        }
        (url::Host::Ipv4(ip), Target::Address(_)) => Some(vec![("address", Some(ip.to_string()))]),
        (url::Host::Ipv6(ip), Target::Address(_)) => {
            Some(vec![("address", Some(ip.to_canonical().to_string()))])
        }
        _ => None,
    }
}

/// The software that a file or process is: one sketch for each name that the case has for it.
fn software(shown: &Target, attributes: &[Attribute]) -> Vec<Sketch> {
    let (sha256, reference, path, name) = match shown {
        Target::File(it) => (&it.sha256, &it.reference, text(&it.path), base(&it.path)),
        Target::Process(it) => (
            &it.sha256,
            &it.reference,
            of(attributes, "path"),
            it.name.as_str(),
        ),
        _ => return Vec::new(),
    };
    let valid = of(attributes, "signature.state_id").as_deref() == Some("1");
    let signer = of(attributes, "signature.certificate.subject").filter(|_| valid);
    let names = [
        of(attributes, "product.name"),
        of(attributes, "internal_name"),
        text(name),
        path.as_deref().map(base).and_then(text),
    ];
    let names = names.into_iter().flatten();
    let sketch = |name: Option<String>| {
        vec![
            ("sha256", sha256.clone()),
            ("signer", signer.clone()),
            ("name", name),
            ("path", path.clone()),
            ("reference", reference.clone()),
        ]
    };
    let mut sketches: Vec<Sketch> = names.map(Some).map(sketch).collect();
    if sketches.is_empty() {
        sketches.push(sketch(None));
    }
    sketches
}

/// An attribute of a file, or of the file of a process.
fn of(attributes: &[Attribute], name: &str) -> Option<String> {
    let found =
        attribute(attributes, name).or_else(|| attribute(attributes, &format!("file.{name}")))?;
    text(found)
}

/// The last part of a path of either kind.
fn base(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}
