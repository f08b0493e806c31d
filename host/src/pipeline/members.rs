//! Who is there and what they may decide.
//!
//! An operator manages people and decides nothing by it. So nobody gets to decide by an operator's
//! word alone, and nobody's credential is made anew by it: as soon as there is anybody else who
//! decides, one of them has to confirm. Otherwise one person with two sign-ins would be "two
//! people, the owner among them".

use super::admin::By;
use super::refusal::Refusal;
use super::tx::Tx;
use crate::journal::entry::Entry;
use crate::journal::state::has_power;
use crate::model::{Digest, Millis, Person, PersonId};
use serde::Serialize;

/// A one-time code waits for as long as it takes to walk over to somebody.
const CODE_MS: u64 = 24 * Millis::HOUR;

/// What became of adding or changing a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Joined {
    /// They are as asked.
    Added,
    /// Another person who decides has to confirm it.
    Waits,
}

impl Tx<'_> {
    /// Adds a person, or changes what they may. The code's digest is kept, never the code.
    ///
    /// # Errors
    /// Who asks is no operator, or asks for themselves.
    pub fn add_person(&mut self, person: Person, code: Digest, by: &By) -> Result<Joined, Refusal> {
        self.operator(by, "adding a person")?;
        let zone = person.zone.as_deref();
        if let Some(zone) = zone.filter(|it| jiff::tz::TimeZone::get(it).is_err()) {
            let text = format!("{zone:?} is no IANA time zone, such as Europe/Berlin");
            return Err(Refusal::invalid("CS-api-02", text));
        }
        let code_until = self.now.plus(CODE_MS);
        let By::Person(asking) = by else {
            self.person_added(person, code, code_until, by);
            return Ok(Joined::Added);
        };
        if *asking == person.id {
            let text = "you cannot change what you may do yourself; ask another operator";
            return Err(Refusal::forbidden(text));
        }
        if !self.takes_another(&person, asking) {
            self.person_added(person, code, code_until, by);
            return Ok(Joined::Added);
        }
        let id = person.id.clone();
        let what = powers(&person);
        self.record(Entry::PersonAsked {
            person,
            code,
            code_until,
            by: asking.clone(),
        });
        let text = format!(
            "{asking} asks that {id} may sign in as {what}\nconfirm or decline: countersign person confirm {id}"
        );
        let subject = format!("somebody would get to decide: {id}");
        self.page(
            "people",
            &format!("people:{id}"),
            None,
            &subject,
            &text,
            self.book.page_repeat_s,
        );
        Ok(Joined::Waits)
    }

    fn person_added(&mut self, person: Person, code: Digest, code_until: Millis, by: &By) {
        self.record(Entry::PersonAdded {
            person,
            code,
            code_until,
            by: by.label(),
        });
    }

    /// Whether it takes somebody else: it gives power, or a sign-in to somebody who has power, and
    /// there is or was another who decides.
    fn takes_another(&self, person: &Person, asking: &PersonId) -> bool {
        let known = self.state.people.get(&person.id);
        let gives = has_power(person) || known.is_some_and(|it| it.has_power());
        let others = self
            .state
            .people
            .values()
            .filter(|it| it.person.id != *asking && it.person.id != person.id);
        gives
            && others
                .into_iter()
                .any(|it| it.decided || !it.person.roles.is_empty())
    }

    /// Another person who decides says yes or no to what somebody asked for a person.
    ///
    /// # Errors
    /// Nothing was asked, they asked for it themselves or for themselves, or decide nothing.
    pub fn settle_person(
        &mut self,
        person: &PersonId,
        by: &PersonId,
        confirmed: bool,
    ) -> Result<(), Refusal> {
        self.decides(by, "confirming a person")?;
        let known = self.state.people.get(person);
        let asked = known.and_then(|it| it.asked.as_ref());
        let asked =
            asked.ok_or_else(|| Refusal::not_found("request for person", person.as_str()))?;
        if confirmed && (asked.by == *by || person == by) {
            let text = "somebody else has to confirm it than who asked and whom it is for";
            return Err(Refusal {
                code: "CS-approval-03",
                ..Refusal::forbidden(text)
            });
        }
        self.record(Entry::PersonSettled {
            person: person.clone(),
            by: by.clone(),
            confirmed,
        });
        self.close_pages(&format!("people:{person}"), "settled");
        Ok(())
    }

    /// Ends what a person may do, and every sign-in of theirs, at once.
    ///
    /// # Errors
    /// Who asks is no operator, asks for themselves, or there is no such person.
    pub fn remove_person(&mut self, person: &PersonId, by: &PersonId) -> Result<(), Refusal> {
        self.operator(&By::Person(by.clone()), "removing a person")?;
        if person == by {
            let text = "you cannot remove yourself; ask another operator";
            return Err(Refusal::forbidden(text));
        }
        let known = self.state.members().any(|it| it.person.id == *person);
        if !known {
            return Err(Refusal::not_found("person", person.as_str()));
        }
        self.record(Entry::PersonRemoved {
            person: person.clone(),
            by: by.clone(),
        });
        self.close_pages(&format!("people:{person}"), "they were removed");
        Ok(())
    }
}

fn powers(person: &Person) -> String {
    let mut all: Vec<String> = person.roles.iter().map(ToString::to_string).collect();
    all.extend(person.operator.then(|| "operator".to_owned()));
    if all.is_empty() {
        "viewer".to_owned()
    } else {
        all.join(", ")
    }
}
