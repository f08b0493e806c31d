//! A journal entry, told: the host's words as ours, and what an alert or a plugin said as theirs.
//!
//! `Entry::describe` makes one line in which both stand side by side, which a terminal needs. A
//! page has the means to keep them apart, so the entries that carry text from outside are told
//! here by their parts; all others are the host's own words.

use crate::console::outside::{self, Outside, thing};
use crate::console::words;
use crate::journal::entry::Entry;
use crate::model::{Detection, Target, Verb};
use maud::{Markup, html};

/// What happened.
pub fn told(entry: &Option<Entry>) -> Markup {
    let Some(entry) = entry else {
        return html! { p { "erased" } };
    };
    match entry {
        Entry::CaseOpened(it) => said("Alert received", &it.detection),
        Entry::CaseRevised { detection, .. } => said("Alert revised", detection),
        Entry::Proposed(it) => acted(
            &it.proposal.action.to_string(),
            &it.proposal.target,
            html! { "Proposed by " (outside::plain(&it.principal.label())) ": " },
        ),
        Entry::OrderMade(it) => acted(it.action.as_str(), &it.target, html! { "Ordered: " }),
        Entry::EffectBegan(it) => {
            html! { p { b { (words::in_force(it.action)) } ", " (it.origin) ": " (on(&it.target)) } }
        }
        Entry::OverreachFound(it) => html! {
            p { b { "Overreach: " } (Outside(&it.product)) " took this by its policy: " (words::lower(it.action)) " on " (on(&it.target)) }
            p.hint { "against " (outside::plain(&it.stood_against.iter().cloned().collect::<Vec<_>>().join(", "))) }
        },
        Entry::DriftSeen {
            product,
            product_mode,
            our_mode,
            ..
        } => html! {
            p { "Drift: " (Outside(product)) " is on " (Outside(product_mode)) ", this group on " (outside::plain(our_mode)) }
        },
        Entry::Evaluated(it) => match &it.result {
            Ok(plan) => {
                html! { p { (outside::plain(&it.playbook.to_string())) " proposes " (plan.propose.len()) ", withdraws " (plan.withdraw.len()) @if !plan.note.is_empty() { ": " (Outside(&plan.note)) } } }
            }
            Err(failure) => {
                html! { p { (outside::plain(&it.playbook.to_string())) " failed: " code { (outside::plain(&failure.code)) } " " (Outside(&failure.message)) } }
            }
        },
        other => html! { p { (outside::plain(&other.describe())) } },
    }
}

fn said(what: &str, alert: &Detection) -> Markup {
    html! {
        p { b { (what) } }
        div.outside {
            dl {
                dt { "Product" } dd { (outside::block(&alert.product)) }
                dt { "Title" } dd { (outside::block(&alert.title)) }
                dt { "Rating" } dd { (alert.rating) ", " (alert.severity) }
            }
        }
    }
}

fn acted(action: &str, target: &Target, how: Markup) -> Markup {
    let verb = Verb::parse(action).map_or_else(|| action.to_owned(), words::lower);
    html! { p { (how) (verb) " on " (on(target)) } }
}

fn on(target: &Target) -> Markup {
    html! { (Outside(&thing(target))) }
}
