//! Charts, as SVG: the gauge of an impact, the waterfall that adds it up, the time that is left,
//! and since when software is known. Rectangles and text; no library, no style.

use crate::console::look::{Look, span};
use crate::console::outside;
use crate::model::{Impact, Millis, Threshold};
use maud::{Markup, html};

/// An impact with both thresholds.
pub fn gauge(total: i64, threshold: Threshold) -> Markup {
    let Threshold { alone, one_person } = threshold;
    let bar = match () {
        () if total > one_person => "g-over",
        () if total > alone => "g-bar",
        () => "g-bar2",
    };
    let says = match () {
        () if total > one_person => format!("over {one_person}: two people"),
        () if total > alone => format!("over {alone}: one person"),
        () => format!("up to {alone}"),
    };
    let label =
        format!("Impact {total} of 100. Alone up to {alone}, one person up to {one_person}.");
    html! {
        div.gauge {
            span.num { (total) }
            svg width="100%" height="14" viewBox="0 0 100 14" preserveAspectRatio="none" role="img" aria-label=(label) {
                rect.g-track x="0" y="4" width="100" height="6" {}
                rect class=(bar) x="0" y="4" width=(total) height="6" {}
                (tick(alone, 14)) (tick(one_person, 14))
            }
            span.hint { (says) }
        }
    }
}

fn tick(at: i64, height: i64) -> Markup {
    html! { rect.g-tick x=(tenths(at * 10 - 4)) y="0" width="0.8" height=(height) {} }
}

/// Tenths as a decimal.
fn tenths(number: i64) -> String {
    let number = number.max(0);
    format!("{}.{}", number / 10, number % 10)
}

/// How much of the time is gone, with the marks at which it escalates.
pub fn deadline(asked: Millis, expires: Millis, now: Millis) -> Markup {
    let all = expires.since(asked).max(1);
    let gone = now.since(asked).min(all).saturating_mul(100) / all;
    let bar = if is_late(asked, expires, now) {
        "g-over"
    } else {
        "g-bar"
    };
    html! {
        svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" {
            rect.g-track x="0" y="2" width="100" height="4" {}
            rect class=(bar) x="0" y="2" width=(gone) height="4" {}
            (tick(25, 8)) (tick(50, 8)) (tick(75, 8))
        }
    }
}

/// The last quarter, or the last quarter of an hour.
pub fn is_late(asked: Millis, expires: Millis, now: Millis) -> bool {
    let left = expires.since(now);
    left <= 15 * 60 * 1000 || left.saturating_mul(4) <= expires.since(asked)
}

/// The breakdown of an impact: each row begins where the one above ended, the last is the sum.
pub fn waterfall(impact: &Impact, threshold: Threshold) -> Markup {
    let mut at = 0_i64;
    let rows = impact.lines.iter().map(|line| {
        let from = at.min(100);
        at = at.saturating_add(line.points);
        (line, from, at.min(100) - from)
    });
    let rows: Vec<_> = rows.collect();
    html! {
        ol.fall {
            @for (line, from, width) in &rows {
                li {
                    span.t { (outside::plain(&line.what)) }
                    span.num { "+" (line.points) }
                    span.bar { (step(*from, *width, threshold)) }
                }
            }
            @if rows.is_empty() { li.zero { span.t { "Nothing weighs" } span.num { "0" } span.bar {} } }
            li.sum { span.t { "Impact" } span.num { (impact.total) } span.bar { (sum(impact.total, threshold)) } }
        }
    }
}

fn step(from: i64, width: i64, threshold: Threshold) -> Markup {
    html! {
        svg viewBox="0 0 100 40" preserveAspectRatio="none" aria-hidden="true" {
            (line(threshold.alone)) (line(threshold.one_person))
            rect.g-bar2 x="0" y="19" width=(from) height="2" {}
            rect.g-bar x=(from) y="11" width=(width) height="18" {}
        }
    }
}

fn line(at: i64) -> Markup {
    html! { rect.g-soft x=(tenths(at * 10 - 2)) y="0" width="0.3" height="40" {} }
}

fn sum(total: i64, threshold: Threshold) -> Markup {
    let Threshold { alone, one_person } = threshold;
    let plain = total.min(one_person);
    let label = format!("{total} of 100; alone up to {alone}, one person up to {one_person}");
    html! {
        svg viewBox="0 0 100 40" preserveAspectRatio="none" role="img" aria-label=(label) {
            rect.g-bar x="0" y="8" width=(plain) height="24" {}
            rect.g-over x=(plain) y="8" width=(total - plain) height="24" {}
            (tick(alone, 40)) (tick(one_person, 40))
        }
    }
}

/// Since when software is known somewhere, as far as anybody was looking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strip {
    /// First and last time it was seen.
    pub seen: Option<(Millis, Millis)>,
    /// Since when, and until when, somebody has been looking; `None`: nobody.
    pub looked: Option<(Millis, Millis)>,
    /// When it was last called what it is called now.
    pub called: Millis,
}

/// A strip of time, from the first that is known until now.
pub fn strip(strip: &Strip, look: &Look, title: Markup, beside: &str) -> Markup {
    let firsts = [strip.seen, strip.looked]
        .into_iter()
        .flatten()
        .map(|it| it.0);
    let Some(from) = firsts.min() else {
        return html! {
            figure.strip { figcaption { b { (title) } span.hint { (beside) } } p.hint { "No sighting, and nobody was looking: that says nothing." } }
        };
    };
    let all = look.now.since(from).max(1);
    let at = |moment: Millis| percent(moment.since(from).min(all), all);
    let label = match strip.seen {
        Some((first, last)) => format!("Seen from {} to {}", look.day(first), look.day(last)),
        None => "Never seen here while somebody was looking".to_owned(),
    };
    html! {
        figure.strip {
            figcaption { b { (title) } span.hint { (beside) } }
            svg width="100%" height="62" role="img" aria-label=(label) {
                rect.g-track x="0" y="20" width="100%" height="16" {}
                @if let Some((since, until)) = strip.looked {
                    rect.g-tick x=(at(since)) y="33" width=(percent(until.since(since).min(all), all)) height="3" {}
                }
                @if let Some((first, last)) = strip.seen {
                    rect.g-bar2 x=(at(first)) y="20" width=(percent(last.since(first).max(all / 200), all)) height="13" {}
                }
                rect.g-red x="99.3%" y="15" width="0.7%" height="26" {}
                text.g-text x="0" y="57" { (look.day(from)) }
                text.g-text x="100%" y="57" text-anchor="end" { "now, " (span(look.now.since(strip.called))) " after the alert" }
            }
        }
    }
}

fn percent(part: u64, all: u64) -> String {
    let hundredths = part.saturating_mul(10_000) / all.max(1);
    format!("{}.{:02}%", hundredths / 100, hundredths % 100)
}

/// What the strips mean.
pub fn legend() -> Markup {
    let key = |class: &str, text: &str| {
        html! { span { svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true" { rect class=(class) x="0" y="0" width="12" height="12" {} } (text) } }
    };
    html! {
        p.legend {
            (key("g-bar2", "seen between first and last sighting"))
            (key("g-track", "not seen"))
            (key("g-tick", "line: somebody was looking: without this, not seen says nothing"))
            (key("g-red", "this alert"))
        }
    }
}
