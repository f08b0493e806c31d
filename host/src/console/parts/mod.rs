//! The parts that pages are put together from. Each chart stands beside its number and its
//! consequence in words; geometry is in attributes, colour in classes, so that no style is inline.

pub mod chart;
pub mod decide;
pub mod icon;
pub mod reasons;
pub mod title;
pub mod told;

use maud::{Markup, html};

/// How loud a notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// What is so.
    Plain,
    /// Something changed or differs.
    Amber,
    /// Something went wrong, or was taken.
    Red,
}

/// A sentence about what became of a click, or of what is shown.
pub fn notice(tone: Tone, text: Markup) -> Markup {
    let (class, role) = match tone {
        Tone::Plain => ("notice", "status"),
        Tone::Amber => ("notice amber", "alert"),
        Tone::Red => ("notice red", "alert"),
    };
    html! { div class=(class) role=(role) { (text) } }
}

/// A heading with what leads to it.
pub fn head(where_: Markup, title: Markup, why: Markup) -> Markup {
    html! {
        header.head {
            p.where { (where_) }
            h1 { (title) }
            p.why { (why) }
        }
    }
}

/// A number with its noun.
pub fn count(number: usize, one: &str, many: &str) -> String {
    let word = if number == 1 { one } else { many };
    format!("{} {word}", super::outside::thousands(number))
}

/// A table that scrolls by itself where the page is narrow, and by keyboard.
pub fn scroll(label: &str, table: Markup) -> Markup {
    html! { div.scroll tabindex="0" role="group" aria-label=(label) { (table) } }
}
