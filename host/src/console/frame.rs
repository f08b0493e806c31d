//! The frame of every page: where one is, who one is, what waits, and the way to halt.

use super::files;
use super::look::Look;
use super::outside;
use super::parts::icon;
use super::waiting;
use crate::journal::entry::OrderState;
use crate::journal::state::{HaltRecord, State as Tenant};
use crate::model::{PersonId, Role};
use maud::{DOCTYPE, Markup, html};
use std::collections::BTreeSet;

/// What the frame shows of a tenant.
#[derive(Clone, Debug)]
pub struct Shell {
    /// Who looks.
    pub look: Look,
    /// Their name.
    pub name: String,
    /// The roles that they hold everywhere.
    pub roles: BTreeSet<Role>,
    /// Whether they manage people and plugins.
    pub operator: bool,
    /// Decisions that wait for them.
    pub held: usize,
    /// Overreaches that nobody has acknowledged, or that are not repaired.
    pub overreaches: usize,
    /// Pages that could not be delivered.
    pub undelivered: usize,
    /// Changes that loosen and wait.
    pub changes: usize,
    /// Orders that a person must look at.
    pub lost: usize,
    /// The red button.
    pub halt: Option<HaltRecord>,
}

impl Shell {
    /// Counts what waits.
    pub fn of(tenant: &Tenant, look: &Look, default_owner: Option<&PersonId>) -> Self {
        let me = tenant.people.get(&look.me).map(|it| &it.person);
        let open = tenant.overreaches.values();
        let open = open.filter(|it| it.acknowledged.is_none() || it.repaired.is_none());
        let pages = tenant.pages.values();
        let orders = tenant.orders.values();
        Self {
            look: look.clone(),
            name: me.map(|it| it.name.clone()).unwrap_or_default(),
            roles: me.map(|it| it.roles.clone()).unwrap_or_default(),
            operator: me.is_some_and(|it| it.operator),
            held: waiting::count_for(tenant, &look.me, default_owner),
            // what a product took in one case is one
            overreaches: open.map(|it| &it.case).collect::<BTreeSet<_>>().len(),
            undelivered: pages
                .filter(|it| it.closed.is_none() && it.undelivered > 0)
                .count(),
            changes: tenant
                .changes
                .values()
                .filter(|it| it.decided.is_none())
                .count(),
            lost: orders
                .filter(|it| it.state == OrderState::NeedsPerson)
                .count(),
            halt: tenant.halt.clone().filter(|it| it.on),
        }
    }

    /// A page. `title` is ours: no word from outside stands in the title of a window.
    pub fn page(&self, title: &str, body: Markup) -> Markup {
        self.page_at(Nav::None, title, body)
    }

    /// A page below one of the entries of the bar.
    pub fn page_at(&self, here: Nav, title: &str, body: Markup) -> Markup {
        let look = &self.look;
        html! {
            (head(&format!("{title} - {}", look.tenant)))
            body data-events=(look.href(&["events"])) data-base=(look.href(&[])) {
                a.skip href="#main" { "Skip to content" }
                header.top {
                    a.brand href=(look.href(&[])) { (icon::brand()) "Countersign" }
                    span.tenant { (look.tenant) }
                    (self.nav(here))
                    div.me { b { (outside::plain(&self.name)) } (self.role()) }
                    a.halt href=(look.href(&["halt"])) { (icon::halt()) "Halt" }
                }
                (self.live())
                main id="main" tabindex="-1" { (self.halted()) (body) }
                (foot(Some(look)))
            }
        }
    }

    fn nav(&self, here: Nav) -> Markup {
        html! {
            nav.nav aria-label="Console" {
                @for (entry, path, word) in Nav::BAR {
                    a href=(self.look.href(path)) aria-current=[(*entry == here).then_some("page")] {
                        (word) (self.count(*entry))
                    }
                }
            }
        }
    }

    fn count(&self, entry: Nav) -> Markup {
        match entry {
            Nav::Held if self.held > 0 => {
                html! { " " span.count { (self.held) span.vh { " wait for you" } } }
            }
            Nav::Overreach if self.overreaches > 0 => {
                html! { " " span.count.red { (self.overreaches) span.vh { " open" } } }
            }
            _ => html! {},
        }
    }

    fn role(&self) -> Markup {
        let mut words: Vec<&str> = self.roles.iter().map(|it| it.as_str()).collect();
        if self.operator {
            words.push("operator");
        }
        let words = if words.is_empty() {
            "viewer".to_owned()
        } else {
            words.join(", ")
        };
        html! { span { (words) } }
    }

    fn live(&self) -> Markup {
        let look = &self.look;
        html! {
            div.live role="status" {
                p { span data-live { (icon::dot()) } "As of " (look.clock()) " " (look.zone_name()) "." }
                @if self.undelivered > 0 {
                    p.amber-t { a href=(look.href(&["pages"])) { (self.undelivered) " " (if self.undelivered == 1 { "page" } else { "pages" }) " not delivered" } }
                }
                @if self.changes > 0 {
                    p { a href=(look.href(&["changes"])) { (self.changes) " " (if self.changes == 1 { "change waits" } else { "changes wait" }) } }
                }
                form.end.out method="post" action=(look.href(&["sign-out"])) { button.link { "Sign out" } }
            }
        }
    }

    fn halted(&self) -> Markup {
        let Some(halt) = &self.halt else {
            return html! {};
        };
        html! {
            div.notice.red role="status" {
                p { b { "Automation in " (self.look.tenant) " is halted since " (self.look.time(halt.at)) ", by " (halt.person) ":" } " " (outside::quoted(&halt.reason)) }
                p { "Nothing is taken away; giving back works. " a href=(self.look.href(&["halt"])) { "Turn it off (a lead)" } }
            }
        }
    }
}

/// An entry of the bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the pages by their names")]
pub enum Nav {
    Held,
    Overreach,
    Effects,
    Cases,
    Assets,
    Guards,
    Plugins,
    Journal,
    Health,
    None,
}

impl Nav {
    const BAR: &[(Self, &[&str], &str)] = &[
        (Self::Held, &[], "Held"),
        (Self::Overreach, &["overreaches"], "Overreach"),
        (Self::Effects, &["effects"], "Effects"),
        (Self::Cases, &["cases"], "Cases"),
        (Self::Assets, &["assets"], "Assets"),
        (Self::Guards, &["guards"], "Guards"),
        (Self::Plugins, &["plugins"], "Plugins"),
        (Self::Journal, &["journal"], "Journal"),
        (Self::Health, &["health"], "Health"),
    ];
}

/// A page without a tenant: refusals.
pub fn bare(title: &str, body: Markup) -> Markup {
    alone(
        title,
        html! { div.narrow { p.brand { (icon::brand()) "Countersign" } (body) } },
    )
}

/// A page without a tenant and without a column: signing in.
pub fn alone(title: &str, body: Markup) -> Markup {
    html! {
        (head(title))
        body {
            main id="main" tabindex="-1" { (body) }
            (foot(None))
        }
    }
}

fn head(title: &str) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en";
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            title { (title) " - Countersign" }
            link rel="stylesheet" href=(files::stylesheet());
            script type="module" src=(files::script()) {}
        }
    }
}

fn foot(look: Option<&Look>) -> Markup {
    html! {
        footer.foot {
            @if look.is_some() {
                span.key { span.swatch {} "computed by Countersign" }
                span.key { span.swatch.out {} "said by an alert, a product or a plugin; not checked" }
                span.kb data-keys hidden {
                    kbd { "j" } " " kbd { "k" } " next, previous \u{a0} " kbd { "Enter" } " open \u{a0} "
                    kbd { "a" } " comment \u{a0} " kbd { "d" } " to Deny \u{a0} " kbd { "c" } " copy digest \u{a0} "
                    kbd { "u" } " up \u{a0} " kbd { "g" } " then " kbd { "h" } " " kbd { "o" } " " kbd { "e" } " " kbd { "a" } " " kbd { "s" }
                    " Held, Overreach, Effects, Assets, Halt \u{a0} " kbd { "?" } " keys \u{a0} "
                    button.btn.small type="button" data-keys-off { "Turn keys off" }
                }
            }
            span { "countersign " (env!("CARGO_PKG_VERSION")) }
        }
    }
}
