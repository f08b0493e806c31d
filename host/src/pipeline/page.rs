//! Telling people. A page is journalled first, not judged, and repeated until somebody acted; one
//! that cannot be delivered is itself shown and tried again. One page a key: forty cases of one
//! cause are one call at night.

use super::book::Channel;
use super::mail::Mail;
use super::refusal::Refusal;
use super::tx::{Command, Tx};
use crate::execute::PageSend;
use crate::journal::entry::{Audience, Entry, PageDue};
use crate::journal::state::PageRecord;
use crate::model::{Attribute, CaseId, Millis, PageId, PersonId, ProposalId};
use std::collections::BTreeSet;

/// Pause after a page that could not be delivered.
const RETRY_MS: u64 = 15_000;
/// LIMIT: text of a page; the case has the rest.
const TEXT_BYTES_MAX: usize = 4096;

impl Tx<'_> {
    /// Tells those whom this kind of page is for, unless a page of this key is open already.
    pub fn page(
        &mut self,
        about: &str,
        key: &str,
        case: Option<&CaseId>,
        subject: &str,
        text: &str,
        repeat_s: u64,
    ) {
        let to = self.audience(about, case);
        let words = (subject, text);
        self.page_to(about, key, case, words, repeat_s, (to, None));
    }

    /// Tells these people, who have until the deadline.
    pub(super) fn page_to(
        &mut self,
        about: &str,
        key: &str,
        case: Option<&CaseId>,
        (subject, text): (&str, &str),
        repeat_s: u64,
        (to, deadline): (Audience, Option<Millis>),
    ) {
        if self.state.open_pages().any(|it| it.key == key) {
            return;
        }
        let due = PageDue {
            id: PageId::new(format!("page-{}", uuid::Uuid::now_v7())),
            about: about.to_owned(),
            key: key.to_owned(),
            case: case.cloned(),
            subject: bounded(subject, 256),
            text: bounded(text, TEXT_BYTES_MAX),
            repeat_s,
            to,
            deadline,
        };
        let id = due.id.clone();
        self.record(Entry::PageDue(Box::new(due)));
        self.send_page(&id);
    }

    /// Sends a page that is due, through every channel.
    pub fn send_page(&mut self, id: &PageId) {
        let page = self.state.pages.get(id).filter(|it| it.closed.is_none());
        let Some(page) = page.cloned() else {
            return;
        };
        if page.next.is_none_or(|at| at > self.now) {
            return;
        }
        if self.book.channels.is_empty() {
            let detail =
                "no channel is configured (tenant.toml: page_channels); it is shown here only";
            let next = self.told_again(&page);
            return self.page_sent(id, "", Err(detail), next, BTreeSet::new());
        }
        if !self.state.paging.insert(id.clone()) {
            return;
        }
        let told = self.told_now(&page);
        for channel in self.book.channels.clone() {
            let command = match channel {
                Channel::Connector(name) => self.over_connector(&page, &name, &told),
                Channel::Mail => self.over_mail(&page, &told),
            };
            self.command(command);
        }
    }

    fn over_connector(&self, page: &PageRecord, name: &str, told: &BTreeSet<PersonId>) -> Command {
        let first = told.first().map_or("", |it| it.as_str());
        let all: Vec<&str> = told.iter().map(PersonId::as_str).collect();
        let case = page.case.as_ref().map_or("", |it| it.as_str());
        let attributes = vec![
            Attribute::new("countersign.page", page.id.as_str()),
            Attribute::new("countersign.kind", &page.about),
            Attribute::new("countersign.subject", &page.subject),
            Attribute::new("countersign.text", &page.text),
            Attribute::new("countersign.case", case),
            Attribute::new("countersign.tenant", self.state.tenant.as_str()),
            Attribute::new("countersign.to", all.join(",")),
        ];
        // until the answer is there the next look is a retry: a crash now sends it again
        let attempt = page.sent.saturating_add(page.undelivered).saturating_add(1);
        let id = page.id.as_str();
        let send = PageSend::new(id, attempt, name, first, self.now, attributes);
        Command::Page(page.id.clone(), Box::new(send), told.clone())
    }

    fn over_mail(&self, page: &PageRecord, told: &BTreeSet<PersonId>) -> Command {
        let people = told.iter().filter_map(|it| self.state.people.get(it));
        let to = people.filter_map(|it| it.person.mailbox().map(str::to_owned));
        let mail = Mail {
            to: to.collect(),
            subject: format!("[{}] {}", self.state.tenant, page.subject),
            text: page.text.clone(),
        };
        Command::Mail(page.id.clone(), Box::new(mail), told.clone())
    }

    /// When a page that was told is told again: at its next step, or its next repetition.
    fn told_again(&self, page: &PageRecord) -> Option<Millis> {
        let repeat = page.repeat_s.saturating_mul(1000);
        let repeat = (repeat > 0).then(|| self.now.plus(repeat));
        // a person is on it: only the steps go on
        let repeat = repeat.filter(|_| page.seen.is_none());
        repeat.into_iter().chain(self.next_step(page)).min()
    }

    fn page_sent(
        &mut self,
        id: &PageId,
        channel: &str,
        how: Result<&str, &str>,
        next: Option<Millis>,
        to: BTreeSet<PersonId>,
    ) {
        let (Ok(detail) | Err(detail)) = how;
        if let Some(at) = next {
            self.wake_at(at);
        }
        self.record(Entry::PageSent {
            page: id.clone(),
            channel: channel.to_owned(),
            delivered: how.is_ok(),
            detail: bounded(detail, 512),
            next,
            to,
        });
    }

    /// Takes in whether a page went out.
    pub fn paged(
        &mut self,
        id: &PageId,
        channel: &str,
        how: Result<&str, &str>,
        to: BTreeSet<PersonId>,
    ) {
        self.state.paging.remove(id);
        let page = self.state.pages.get(id).filter(|it| it.closed.is_none());
        let Some(page) = page.cloned() else {
            return;
        };
        let next = match how {
            Err(_) => Some(self.now.plus(RETRY_MS)),
            Ok(_) => self.told_again(&page),
        };
        self.page_sent(id, channel, how, next, to);
    }

    /// A person has seen a page: it is not repeated. What it is about goes on.
    ///
    /// # Errors
    /// There is no such page, it is closed already, it asks for something else than to be seen,
    /// or they are not one who may say so.
    pub fn acknowledge_page(
        &mut self,
        id: &PageId,
        person: &PersonId,
        comment: &str,
    ) -> Result<(), Refusal> {
        self.decides(person, "acknowledging")?;
        let page = self.state.pages.get(id);
        let page = page.ok_or_else(|| Refusal::not_found("page", id.as_str()))?;
        if let Some(why) = &page.closed {
            let text = format!("page {id} is closed already: {why}");
            return Err(Refusal::conflict("CS-page-01", text));
        }
        if self.broke_the_glass(&page.key, person) {
            let text = "you broke the glass; somebody else looks at it";
            return Err(Refusal::forbidden(text));
        }
        if let Some(instead) = acts_instead(&page.about) {
            return Err(Refusal::conflict("CS-page-02", instead));
        }
        // what waits for a decision waits on: whoever has seen it is not asked again, but the
        // next step is taken if nobody decides
        let next = self.next_step(page);
        self.record(Entry::PageAcknowledged {
            page: id.clone(),
            person: person.clone(),
            comment: comment.to_owned(),
            next,
        });
        Ok(())
    }

    fn broke_the_glass(&self, key: &str, person: &PersonId) -> bool {
        let proposal = key.strip_prefix("emergency:").map(ProposalId::from);
        let record = proposal.and_then(|id| self.state.proposals.get(&id));
        record.is_some_and(|it| {
            let mut approvals = it.approvals.iter();
            approvals.any(|it| it.emergency && it.person == *person)
        })
    }

    /// Closes the open pages of a key.
    pub fn close_pages(&mut self, key: &str, why: &str) {
        let open: Vec<PageId> = self
            .state
            .open_pages()
            .filter(|it| it.key == key)
            .map(|it| it.id.clone())
            .collect();
        open.into_iter().for_each(|page| {
            self.record(Entry::PageClosed {
                page,
                why: why.to_owned(),
            })
        });
    }

    /// Closes the page of a cause once nothing of it waits for people any more.
    pub fn close_held_page(&mut self, proposal: &ProposalId) {
        let Some(cause) = self
            .state
            .proposals
            .get(proposal)
            .map(|it| it.cause.clone())
        else {
            return;
        };
        if !self.state.held().any(|it| it.cause == cause) {
            self.close_pages(
                &format!("held:{cause}"),
                "nothing of this cause waits any more",
            );
        }
    }
}

/// What ends pages that being seen does not end.
fn acts_instead(about: &str) -> Option<&'static str> {
    match about {
        "overreach" => Some("acknowledge the overreach itself: countersign overreach acknowledge"),
        "needs-person" => Some("say what you found: countersign proposal conclude"),
        "look" => Some("say that you looked: countersign proposal look"),
        "lease" => Some("renew the effect or end it: countersign effect renew, or effect end"),
        _ => None,
    }
}

/// Cuts at a character, so that what is stored stays text.
fn bounded(text: &str, bytes_max: usize) -> String {
    let end = text
        .char_indices()
        .map(|(at, c)| at + c.len_utf8())
        .take_while(|end| *end <= bytes_max)
        .last()
        .unwrap_or(0);
    text.get(..end).unwrap_or_default().to_owned()
}
