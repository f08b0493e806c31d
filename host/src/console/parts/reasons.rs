//! What the guards said, in their own words: the host's text, so it stands without a mark.

use crate::console::{outside, words};
use crate::model::{Finding, Reason, Verb};
use maud::{Markup, html};

/// Guards, with what each asks for.
pub fn list(reasons: &[Reason]) -> Markup {
    html! {
        ol.whom.ruled {
            @for it in reasons {
                li {
                    span.r { (outside::plain(&it.reason)) span.id { code { (outside::plain(&it.id)) } @if it.floor { " no approval opens it" } } }
                    span.is-this { @if let Some(advice) = &it.advice { (outside::plain(advice)) } }
                }
            }
        }
    }
}

/// Another way to act on the same target.
#[derive(Clone, Debug, PartialEq)]
pub struct Way {
    /// The action.
    pub verb: Verb,
    /// Its own impact, if it was counted.
    pub impact: Option<i64>,
    /// What the guards say of it.
    pub finding: Finding,
    /// Where it can be proposed.
    pub link: Option<String>,
}

/// Other ways, least intrusive first, with the strongest that needs nobody marked.
pub fn ways(ways: &[Way]) -> Markup {
    let free = ways.iter().filter(|it| it.finding == Finding::Execute);
    let strongest = free
        .max_by_key(|it| it.verb.row().intrusiveness)
        .map(|it| it.verb);
    html! {
        ol.whom.ruled.alts {
            @for way in ways {
                li {
                    span.r {
                        b { (words::title(way.verb)) }
                        @if let Some(impact) = way.impact { span.id { "impact " (impact) } }
                        @if Some(way.verb) == strongest { span.id { "the strongest action that needs nobody" } }
                    }
                    span.is-this { (words::finding(&way.finding)) }
                    span.go { @if let Some(link) = &way.link { a href=(link) { "propose it" span.vh { ": " (words::lower(way.verb)) } } } }
                }
            }
        }
    }
}
