//! Telling people. A page is journalled first, not judged, and repeated until somebody acted; one
//! that cannot be delivered is itself shown and tried again. One page a key: forty cases of one
//! cause are one call at night.

use super::refusal::Refusal;
use super::tx::{Command, Tx};
use crate::execute::PageSend;
use crate::journal::entry::{Entry, PageDue};
use crate::model::{Attribute, CaseId, PageId, PersonId, ProposalId};

/// Pause after a page that could not be delivered.
const RETRY_MS: u64 = 15_000;
/// LIMIT: text of a page; the case has the rest.
const TEXT_BYTES_MAX: usize = 4096;

impl Tx<'_> {
    /// Tells people, unless a page of this key is open already.
    pub fn page(
        &mut self,
        about: &str,
        key: &str,
        case: Option<&CaseId>,
        subject: &str,
        text: &str,
        repeat_s: u64,
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
        };
        let id = due.id.clone();
        self.record(Entry::PageDue(Box::new(due)));
        self.send_page(&id);
    }

    /// Sends a page that is due, through every channel.
    pub fn send_page(&mut self, id: &PageId) {
        let Some(page) = self
            .state
            .pages
            .get(id)
            .filter(|it| it.closed.is_none())
            .cloned()
        else {
            return;
        };
        if page.next.is_none_or(|at| at > self.now) {
            return;
        }
        // until the answer is there the next look is a retry: a crash now sends it again
        let attempt = page.sent.saturating_add(page.undelivered).saturating_add(1);
        if self.book.channels.is_empty() {
            let next =
                (page.repeat_s > 0).then(|| self.now.plus(page.repeat_s.saturating_mul(1000)));
            let detail =
                "no channel is configured (tenant.toml: page_channels); it is shown here only"
                    .to_owned();
            self.record(Entry::PageSent {
                page: id.clone(),
                channel: String::new(),
                delivered: false,
                detail,
                next,
            });
            return;
        }
        if !self.state.paging.insert(id.clone()) {
            return;
        }
        let attributes = vec![
            Attribute::new("countersign.page", id.as_str()),
            Attribute::new("countersign.kind", &page.about),
            Attribute::new("countersign.subject", &page.subject),
            Attribute::new("countersign.text", &page.text),
            Attribute::new(
                "countersign.case",
                page.case.as_ref().map_or("", |it| it.as_str()),
            ),
            Attribute::new("countersign.tenant", self.state.tenant.as_str()),
        ];
        for (channel, recipient) in self.book.channels.clone() {
            let send = PageSend::new(
                id.as_str(),
                attempt,
                &channel,
                &recipient,
                self.now,
                attributes.clone(),
            );
            self.command(Command::Page(id.clone(), Box::new(send)));
        }
    }

    /// Takes in whether a page went out.
    pub fn paged(&mut self, id: &PageId, channel: &str, delivered: bool, detail: &str) {
        self.state.paging.remove(id);
        let Some(page) = self.state.pages.get(id).filter(|it| it.closed.is_none()) else {
            return;
        };
        let next = match (delivered, page.repeat_s) {
            (false, _) => Some(self.now.plus(RETRY_MS)),
            (true, 0) => None,
            (true, s) => Some(self.now.plus(s.saturating_mul(1000))),
        };
        if let Some(at) = next {
            self.wake_at(at);
        }
        let (page, channel, detail) = (id.clone(), channel.to_owned(), bounded(detail, 512));
        self.record(Entry::PageSent {
            page,
            channel,
            delivered,
            detail,
            next,
        });
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
        self.record(Entry::PageAcknowledged {
            page: id.clone(),
            person: person.clone(),
            comment: comment.to_owned(),
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
