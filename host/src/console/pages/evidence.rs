//! The evidence below a decision: what changed, since when the software is known, how the impact
//! adds up, which guards decide, what else could be done, and last what others say.

use super::case::choices;
use super::dossier::{Dossier, Judgement};
use crate::console::look::Look;
use crate::console::outside::{self, Outside, block};
use crate::console::parts::chart::{Strip, legend, strip, waterfall};
use crate::console::parts::count;
use crate::console::parts::decide::short;
use crate::console::parts::reasons::{self, Way};
use crate::console::words;
use crate::model::{Ancestor, Attribute, Detection, Finding, Principal, Taken, Verb};
use maud::{Markup, html};

/// Attributes of an alert that people ask for first, in this order.
const CLAIMS: &[(&str, &str)] = &[
    ("process.cmd_line", "Command line"),
    ("actor.process.cmd_line", "Command line"),
    ("actor.process.name", "Started by"),
    ("actor.user.name", "User"),
    ("finding_info.analytic.name", "Rule"),
    ("finding_info.analytic.version", "Content"),
    ("device.agent.version", "Agent"),
    ("malware.classification", "Classification"),
];
/// LIMIT: attributes of an alert that are shown; the journal has all.
const ATTRIBUTES_MAX: usize = 40;

/// What changed since the software was last seen here.
pub fn changed(lines: &[String]) -> Markup {
    html! {
        section.block.first aria-labelledby="changed" {
            h2 id="changed" { "What changed" }
            @if lines.is_empty() {
                p.sub { "Nothing that is known on both sides: the file, its signer and path, the rule, the agent and the content are as they were, or were not known." }
            } @else {
                table.delta {
                    thead { tr { th scope="col" { span.vh { "What" } } th scope="col" { "Until then" } th scope="col" { "Now" } } }
                    tbody { @for line in lines { (change(line)) } }
                }
            }
        }
    }
}

/// `hash: aa.. -> bb..`, as the host writes it.
fn change(line: &str) -> Markup {
    let (what, values) = line.split_once(": ").unwrap_or(("", line));
    let (before, after) = values.split_once(" -> ").unwrap_or(("", values));
    html! {
        tr {
            th scope="row" { (outside::plain(what)) }
            td data-l="until then" { @match before { "" => "unknown", "never reported before" => "never reported", other => (Outside(other)) } }
            td.is data-l="now" { (Outside(after)) " " span.amber-t { "changed" } }
        }
    }
}

/// Since when the software is known, and what people said of it.
pub fn history(dossier: &Dossier, look: &Look) -> Markup {
    let Some(judgement) = &dossier.judgement else {
        return html! {};
    };
    let (known, facts) = (&dossier.known, &judgement.facts.history);
    let called = dossier
        .case
        .as_ref()
        .map_or(dossier.record.made, |it| it.detection.time);
    let here = Strip {
        seen: known.here,
        looked: known.looked,
        called,
    };
    let fleet = Strip {
        seen: known.fleet,
        looked: None,
        called,
    };
    let asset = dossier.titled.asset.as_deref();
    html! {
        section.block aria-labelledby="history" {
            h2 id="history" { "History of this software" }
            p.sub { "By signer and product, else path and name, else hash. A day without coverage says nothing." }
            (strip(&here, look, html! { (capital(facts.tenure.as_str())) " on " @match asset { Some(name) => (outside::asset(name)), None => "this machine" } (days(known.here, look)) }, &covered(known.looked, look)))
            (strip(&fleet, look, html! { (capital(facts.fleet_tenure.as_str())) " in the fleet" (days(known.fleet, look)) }, &count(known.devices, "device", "devices")))
            (legend())
            p.hint { (people_said(dossier)) @if facts.rating_flip { " It is established, and newly called malicious." } }
        }
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|it| it.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

fn days(seen: Option<(crate::model::Millis, crate::model::Millis)>, look: &Look) -> String {
    seen.map_or_else(String::new, |(first, _)| {
        format!(" for {}", crate::console::look::span(look.now.since(first)))
    })
}

fn covered(looked: Option<(crate::model::Millis, crate::model::Millis)>, look: &Look) -> String {
    looked.map_or_else(
        || "nobody was looking here".to_owned(),
        |(since, _)| format!("looked at since {}", look.day(since)),
    )
}

fn people_said(dossier: &Dossier) -> String {
    match &dossier.said {
        Some(it) => format!(
            "People on this software: approved {}, denied {}, given back {}. Reported {}.",
            it.approved,
            it.denied,
            it.released,
            count(usize::try_from(it.detections).unwrap_or(0), "time", "times")
        ),
        None => "People on this software: no approvals, no denials, nothing given back before."
            .to_owned(),
    }
}

/// How the impact adds up.
pub fn impact(judgement: &Judgement) -> Markup {
    let threshold = judgement.facts.threshold;
    let total = judgement.impact.total;
    let says = match () {
        () if total > threshold.one_person => "two people, the owner among them",
        () if total > threshold.alone => "one person",
        () => "needs nobody by itself",
    };
    html! {
        section.block aria-labelledby="impact" {
            h2 id="impact" { "Impact " (total) ": " (says) }
            p.sub { "What acting may cost the business. Here automation may act alone up to " (threshold.alone) ", and one person decide up to " (threshold.one_person) "." }
            (waterfall(&judgement.impact, threshold))
        }
    }
}

/// The guards that decide whom it takes.
pub fn guards(judgement: &Judgement) -> Markup {
    let (deciding, rest) = split(judgement);
    html! {
        section.block aria-labelledby="guards" {
            h2 id="guards" { "Guards that decide" }
            p.sub { (count(judgement.against.len(), "guard stands", "guards stand")) " against it without people. Guard set " code { (short(judgement.guards.as_str())) } "." }
            (reasons::list(&deciding))
            @if !rest.is_empty() {
                details.more { summary { (rest.len()) " more" } (reasons::list(&rest)) }
            }
            @if !judgement.by.is_empty() {
                details.more { summary { "What permits it with these people" } (reasons::list(&judgement.by)) }
            }
            @for error in &judgement.errors {
                p.red-t { "A guard could not be evaluated: " (outside::plain(error)) }
            }
            @for obstacle in &judgement.obstacles {
                p.amber-t { "In the way: " (outside::plain(obstacle)) }
            }
        }
    }
}

/// LIMIT: guards shown at once: those that no approval opens, then those that ask for most.
fn split(judgement: &Judgement) -> (Vec<crate::model::Reason>, Vec<crate::model::Reason>) {
    let weight = |it: &crate::model::Reason| {
        let advice = it.advice.as_deref().unwrap_or_default();
        (
            !it.floor,
            !advice.starts_with("Two"),
            !advice.contains("lead"),
        )
    };
    let mut all = judgement.against.clone();
    all.sort_by_key(weight);
    let rest = all.split_off(all.len().min(3));
    (all, rest)
}

/// Other ways to act on the same target, each with the way to propose it by hand.
pub fn ways(dossier: &Dossier, look: &Look) -> Markup {
    let ways = dossier.judgement.iter().flat_map(|it| it.ways.iter());
    let ways: Vec<Way> = ways
        .map(|it| Way {
            link: by_hand(dossier, look, it.verb),
            ..it.clone()
        })
        .collect();
    if ways.is_empty() {
        return html! {};
    }
    html! {
        section.block aria-labelledby="ways" {
            h2 id="ways" { "Other ways, and whom each needs" }
            p.sub { "Judged by the same guards, from least to most intrusive." }
            (reasons::ways(&ways))
        }
    }
}

/// The page that says what it would take, where the case names the target.
fn by_hand(dossier: &Dossier, look: &Look, verb: Verb) -> Option<String> {
    let case = dossier.case.as_ref()?;
    let target = &dossier.record.proposal.target;
    let mut choices = choices(case).into_iter();
    let (_, n, _) = choices.find(|it| {
        it.0 == verb
            && (it.2 == *target || it.2.device().is_some() && it.2.device() == target.device())
    })?;
    let path = look.href(&["cases", case.id.as_str(), "propose"]);
    Some(format!("{path}?what={}.{n}", verb.as_str()))
}

/// What the alert, the product and the playbook say: last on the page, dashed, and nothing rests
/// on it.
pub fn said(dossier: &Dossier) -> Markup {
    html! {
        section.outside aria-labelledby="said" {
            h2 id="said" { "What others say" }
            p.by { "As received, not checked. No permission rests on it. Marks such as " span.cc { "U+202E" } " stand for characters that would not show, or would move others." }
            @if let Some(case) = &dossier.case { (alert(&case.detection)) }
            @for member in &dossier.members {
                dl {
                    dt { (by(&member.principal)) }
                    dd { (block(&member.proposal.rationale)) }
                    dt { "Target, as named" } dd { (block(&member.proposal.target.label())) }
                    @for it in &member.proposal.evidence {
                        dt { (outside::plain(&it.source)) } dd { (block(&it.finding)) }
                    }
                }
            }
        }
    }
}

fn by(principal: &Principal) -> Markup {
    let kind = match principal {
        Principal::Playbook { .. } => "Playbook ",
        Principal::Product { .. } => "Product ",
        Principal::Person { .. } => "Person ",
        Principal::Host { .. } => "",
    };
    html! { (kind) (outside::plain(&principal.label())) }
}

/// An alert's own words.
pub fn alert(alert: &Detection) -> Markup {
    let known = |name: &str| CLAIMS.iter().any(|it| it.0 == name);
    let rest = alert.attributes.iter().filter(|it| !known(&it.name));
    let rest: Vec<&Attribute> = rest.take(ATTRIBUTES_MAX).collect();
    html! {
        dl {
            dt { "Product" } dd { (block(&alert.product)) }
            dt { "Title" } dd { (block(&alert.title)) }
            dt { "Rating, severity" } dd { (alert.rating) ", " (alert.severity) }
            @for (name, label) in CLAIMS {
                @if let Some(value) = alert.attribute(name) { dt { (label) } dd { (block(value)) } }
            }
            @for taken in &alert.taken { dt { "Already done" } dd { (already(taken)) } }
            @if alert.taken.is_empty() { dt { "Already done" } dd { "nothing" } }
        }
        @if !rest.is_empty() {
            details { summary { (count(rest.len(), "more attribute", "more attributes")) }
                dl { @for it in rest { dt { (outside::plain(&it.name)) } dd { (block(&it.value)) } } }
            }
        }
    }
}

fn already(taken: &Taken) -> Markup {
    html! {
        (block(&taken.action)) ": " (block(&taken.state)) ", by " (block(&taken.initiative)) ", on " (block(&taken.target.label()))
    }
}

/// What a digest covers, as of now: the host's own account of it.
pub fn covers(dossier: &Dossier) -> Markup {
    html! {
        p { "The order of what is done, and of each: the action, the canonical target, the product's own reference, the assets with their protection and owners, the arguments, the lease and the route. If one of these changes, approvals given before are void." }
        ol.covers {
            @for part in &dossier.parts {
                li {
                    b { (words::title(part.action)) } " " code { (outside::plain(&part.canonical)) }
                    @if let Some(route) = &part.route { " by " (outside::plain(route)) } @else { " by nobody: there is no route" }
                    @if let Some(seconds) = part.lease_s { ", for " (words::lease(seconds)) }
                    @for it in &part.arguments { ", " (outside::plain(&it.name)) " " (outside::plain(&it.value)) }
                    @for it in &part.assets {
                        br; (asset_of(dossier, &it.asset))
                        ", protected: " (list(it.protection.iter().map(|it| it.as_str())))
                        ", owners: " (outside::plain(&list(it.owners.iter().map(|it| it.as_str()))))
                    }
                }
            }
        }
    }
}

fn list<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let words: Vec<&str> = words.collect();
    if words.is_empty() {
        "none".to_owned()
    } else {
        words.join(", ")
    }
}

fn asset_of(dossier: &Dossier, id: &crate::model::AssetId) -> Markup {
    outside::asset(dossier.assets.get(id).map_or(id.as_str(), String::as_str))
}

/// Groups and protection of what is touched, in one line.
pub fn to_whom(dossier: &Dossier) -> Markup {
    let Some(judgement) = &dossier.judgement else {
        return html! { "not judged yet" };
    };
    let (facts, on) = (&judgement.request.facts, &judgement.request.resource);
    let groups: Vec<&str> = on
        .ancestors
        .iter()
        .filter_map(|it| match it {
            Ancestor::AssetGroup(id) | Ancestor::AccountGroup(id) | Ancestor::Network(id) => {
                Some(id.as_str())
            }
            _ => None,
        })
        .collect();
    let protections = on.protections();
    html! {
        @if dossier.assets.is_empty() { (outside::plain(on.kind.as_str())) }
        @for (n, name) in dossier.assets.values().take(8).enumerate() { @if n > 0 { ", " } b { (outside::asset(name)) } }
        ", " (facts.asset_kind)
        @if !facts.reviewed { ", " span.tag.amber { "not reviewed" } }
        @if protections.is_empty() { ", no protection recorded" }
        @for it in &protections { " " @if it.as_str() == "never" { span.tag.never { (it) } } @else { span.tag { (it) } } }
        @if !groups.is_empty() { ". Group " (outside::plain(&groups.join(", "))) }
        ", mode " (facts.mode) ". Known: " (facts.resolution) "."
        @if facts.assets_covered > 1 { " " b.amber-t { (facts.assets_covered) " assets in reach." } }
    }
}

/// Why it waits, as the first guards say it.
pub fn why(judgement: &Judgement) -> Markup {
    let (deciding, _) = split(judgement);
    html! {
        @for it in deciding.iter().take(2) { (outside::plain(&it.reason)) " " }
        @if deciding.is_empty() {
            @match &judgement.finding { Finding::Execute => "No guard stands against it.", _ => "No guard permits it without people." }
        }
    }
}
