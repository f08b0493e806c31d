//! The frame in which something is decided: the only strong border on a page.
//!
//! What will happen is the host's own account, above and apart from any text of an alert or a
//! plugin. Approve and Deny are the same button, neither comes first by size or colour, and no
//! comment is suggested. The digest that the form carries is the one whose content is shown.

use super::icon::{self, Seat};
use crate::approval::Ineligible;
use crate::console::look::{Look, span};
use crate::console::outside;
use crate::console::waiting::{Mine, Stand};
use crate::console::words;
use crate::model::{Digest, Millis, PersonId, Role};
use maud::{Markup, html};
use std::collections::BTreeMap;

/// Names of people, for lists.
pub type Names = BTreeMap<PersonId, String>;

/// A person by name.
pub fn person(names: &Names, id: &PersonId) -> Markup {
    let name = names.get(id).filter(|it| !it.is_empty());
    outside::plain(name.map_or(id.as_str(), String::as_str))
}

/// When it is refused for want of an answer, and since when it waits.
pub fn left(look: &Look, expires: Option<Millis>) -> Markup {
    match expires {
        Some(at) => {
            html! { p.left { b { (span(at.since(look.now))) " left" } " " span.hint { "until " (look.time(at)) } } }
        }
        None => html! { p.left { b { "No deadline" } " " span.hint { "waits until decided" } } },
    }
}

/// Who approved, and who is missing.
pub fn approvals(look: &Look, stand: &Stand, names: &Names, owners: &[PersonId]) -> Markup {
    html! {
        div.in id="approvals" {
            h3 { "Approvals: " (stand.given.len()) " of " (stand.total()) }
            ul.people {
                @for it in &stand.given {
                    li { (icon::seat(Seat::Given)) span {
                        b { (person(names, &it.person)) } ", " (roles(&it.roles)) ", " (look.time(it.at))
                        @if it.emergency { " " span.tag.red { "broke the glass" } }
                        @if !it.comment.is_empty() { span.hint { (outside::quoted(&it.comment)) } }
                    } }
                }
                @for role in &stand.missing.roles { (seat_of(*role, stand, names, owners)) }
                @for n in 0..free_seats(stand) {
                    @let mine = n == 0 && stand.can() && my_seat(stand).is_none();
                    li { (icon::seat(mine_or(mine))) span { "A person: an analyst, a lead or the owner" @if mine { ": " b { "you can" } } } }
                }
            }
        }
    }
}

/// The named seat that this person would take: the one that fewest others can.
fn my_seat(stand: &Stand) -> Option<Role> {
    let mine = |it: &&Role| stand.can() && stand.as_roles.contains(*it);
    stand.missing.roles.iter().rev().find(mine).copied()
}

fn free_seats(stand: &Stand) -> usize {
    let named = i64::try_from(stand.missing.roles.len()).unwrap_or(0);
    usize::try_from(stand.missing.count - named).unwrap_or(0)
}

fn mine_or(mine: bool) -> Seat {
    if mine { Seat::Mine } else { Seat::Others }
}

fn seat_of(role: Role, stand: &Stand, names: &Names, owners: &[PersonId]) -> Markup {
    let mine = my_seat(stand) == Some(role);
    let mut word = words::role(role).to_owned();
    if let Some(first) = word.get_mut(0..1) {
        first.make_ascii_uppercase();
    }
    html! {
        li { (icon::seat(mine_or(mine))) span {
            (word)
            @if role == Role::Owner {
                @if owners.is_empty() { ": nobody owns this, and there is no default owner" }
                @for (n, owner) in owners.iter().take(4).enumerate() { @if n == 0 { ", " } @else { " or " } (person(names, owner)) }
            }
            @if mine { ": " b { "you can" } }
        } }
    }
}

fn roles(roles: &std::collections::BTreeSet<Role>) -> String {
    let words: Vec<&str> = roles.iter().map(|it| it.as_str()).collect();
    if words.is_empty() {
        "without a role".to_owned()
    } else {
        words.join(", ")
    }
}

/// The form: comment, approve, deny, digest.
pub struct Form<'a> {
    /// Where it is sent.
    pub to: String,
    /// Of what is shown.
    pub digest: &'a Digest,
    /// Where it stands.
    pub stand: &'a Stand,
    /// What the person typed before, which is never lost.
    pub comment: &'a str,
    /// What a click on Approve does now, where it completes the decision.
    pub does: &'a str,
    /// What a denial leaves.
    pub denied: &'a str,
    /// What the digest is of.
    pub covers: Markup,
    /// More of the form: members of a group.
    pub more: Markup,
    /// Whether a lead may break the glass for it.
    pub glass: bool,
}

impl Form<'_> {
    /// The form, or why this person has none.
    pub fn markup(&self) -> Markup {
        html! {
            div.in {
                @match self.stand.mine {
                    Mine::No(why) => (cannot(why)),
                    Mine::Helps | Mine::Counts => (self.form()),
                }
                (self.digest())
            }
        }
    }

    fn form(&self) -> Markup {
        let after = self.stand.given.len() + 1;
        let total = self.stand.total().max(after);
        html! {
            form method="post" action=(self.to) id="decision" {
                // the form's first button is the one that Enter would press: this one does nothing
                button disabled hidden {}
                input type="hidden" name="digest" value=(self.digest.as_str());
                (self.more)
                div.field {
                    p.both { label for="comment" { "Comment" } " " span.hint id="comment-hint" { "required, kept in the journal" } }
                    textarea id="comment" name="comment" required maxlength="2000" aria-describedby="comment-hint" autocomplete="off" { (self.comment) }
                }
                @if self.glass {
                    label.glass { input type="checkbox" name="emergency" value="true"; span { b { "Break the glass" } span.hint { " In an emergency a lead stands in for the owner. The owner is told, and it is reviewed." } } }
                }
                div.two {
                    button.btn name="decision" value="approve" { (icon::tick()) "Approve: " (after) " of " (total) }
                    button.btn name="decision" value="deny" { (icon::cross()) "Deny" }
                }
                p.after { (self.what_it_does()) " " (self.denied) }
            }
        }
    }

    fn what_it_does(&self) -> Markup {
        let rest = self.stand.after_me();
        if self.stand.completes() {
            return html! { (self.does) };
        }
        let roles: Vec<&str> = rest.roles.iter().map(|it| words::role(*it)).collect();
        let who = if roles.is_empty() {
            "another person".to_owned()
        } else {
            words::and(&roles)
        };
        html! { "Approving alone does nothing yet: " (who) " is still needed." }
    }

    fn digest(&self) -> Markup {
        let digest = self.digest.as_str();
        html! {
            div.digest {
                details {
                    summary { "Digest " code { (short(digest)) } }
                    div { (self.covers) }
                    p { code { "sha256:" (digest) } }
                }
                button.btn.small type="button" data-copy=(digest) hidden { "Copy " kbd { "c" } }
            }
        }
    }
}

/// `9c41 7be2 … e07d`.
pub fn short(digest: &str) -> String {
    let part = |from: usize, to: usize| digest.get(from..to).unwrap_or_default();
    let end = digest.len();
    format!(
        "{} {} \u{2026} {}",
        part(0, 4),
        part(4, 8),
        part(end.saturating_sub(4), end)
    )
}

fn cannot(why: Ineligible) -> Markup {
    let text = why.text();
    let mut letters = text.chars();
    let first = letters.next().map(|it| it.to_ascii_uppercase());
    let text: String = first.into_iter().chain(letters).collect();
    html! { p role="status" { b { (text) "." } } }
}

/// The bar that leads back to the decision where it does not stay in view.
pub fn jump(look: &Look, expires: Option<Millis>, stand: &Stand) -> Markup {
    html! {
        div.jump data-jump {
            span {
                b { @match expires { Some(at) => { (span(at.since(look.now))) " left" }, None => "No deadline" } }
                br; span.hint { (stand.given.len()) " of " (stand.total()) " approved" }
            }
            a.btn href="#decide" { "To the decision" }
        }
    }
}
