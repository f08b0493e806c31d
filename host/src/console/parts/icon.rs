//! Icons: drawn, hidden from a reader, and never the only sign of anything.

use maud::{Markup, html};

/// The mark of the house.
pub fn brand() -> Markup {
    html! {
        svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true" {
            path d="M2 5.5h14M2 12.5h9" stroke="currentColor" stroke-width="2" {}
            path d="M10.5 12.5l2 2.2 4-5" fill="none" stroke="currentColor" stroke-width="2" {}
        }
    }
}

/// Halt.
pub fn halt() -> Markup {
    html! {
        svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true" {
            path d="M5 1h6l4 4v6l-4 4H5l-4-4V5z" fill="none" stroke="currentColor" stroke-width="2" {}
            path d="M5 8h6" stroke="currentColor" stroke-width="2" {}
        }
    }
}

/// Live.
pub fn dot() -> Markup {
    html! {
        svg width="10" height="10" viewBox="0 0 10 10" aria-hidden="true" {
            circle cx="5" cy="5" r="4.5" fill="currentColor" {}
        }
    }
}

/// Yes.
pub fn tick() -> Markup {
    stroke("M2.5 8.5l3.5 4 7.5-9")
}

/// No.
pub fn cross() -> Markup {
    stroke("M3 3l10 10M13 3L3 13")
}

fn stroke(path: &str) -> Markup {
    html! {
        svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true" {
            path d=(path) fill="none" stroke="currentColor" stroke-width="2.25" {}
        }
    }
}

/// Where an approval is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seat {
    /// Given.
    Given,
    /// Open, and this person can give it.
    Mine,
    /// Open, for somebody else.
    Others,
}

/// A seat at the table.
pub fn seat(seat: Seat) -> Markup {
    let (fill, dashes) = match seat {
        Seat::Given => ("currentColor", None),
        Seat::Mine => ("none", None),
        Seat::Others => ("none", Some("2.5 2.5")),
    };
    html! {
        svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true" {
            circle cx="9" cy="9" r="7" fill=(fill) stroke="currentColor" stroke-width="2" stroke-dasharray=[dashes] {}
            @if seat == Seat::Mine { circle cx="9" cy="9" r="3" fill="currentColor" {} }
        }
    }
}

/// Approvals given of those needed, as circles.
pub fn pips(given: usize, total: usize) -> Markup {
    let total = total.clamp(1, 8);
    let width = 16 * total - 2;
    let label = format!("{given} of {total} approvals");
    html! {
        svg.pips width=(width) height="14" viewBox=(format!("0 0 {width} 14")) role="img" aria-label=(label) {
            @for n in 0..total {
                circle cx=(7 + 16 * n) cy="7" r="5.5" fill=(if n < given { "currentColor" } else { "none" }) stroke="currentColor" stroke-width="1.75" {}
            }
        }
    }
}

/// What kind of entry a row of a timeline is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dot {
    /// Ours.
    Plain,
    /// From outside.
    Outside,
    /// Waits for people.
    Waits,
    /// Taken or given back.
    Taken,
}

/// The mark of a row of a timeline.
pub fn timeline(dot: Dot) -> Markup {
    html! {
        svg.dot width="18" height="14" viewBox="0 0 18 14" aria-hidden="true" {
            @match dot {
                Dot::Plain => circle.g-bar cx="9" cy="7" r="5" {},
                Dot::Waits => circle.g-over cx="9" cy="7" r="6" {},
                Dot::Taken => rect.g-red x="3" y="1" width="12" height="12" {},
                Dot::Outside => rect.g-out x="4" y="2" width="10" height="10" transform="rotate(45 9 7)" {},
            }
        }
    }
}
