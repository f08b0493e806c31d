//! What may be handed to a connector, as types: a [`Dispatch`] may change something, a [`Probe`]
//! only reads, a [`PageSend`] only tells people.

use crate::journal::entry::Entry;
use crate::model::{Attribute, Digest, Millis, Order, OrderId, Target, UserAccount, Verb};
use crate::verdict::Authorization;

/// An order that may be sent, once.
#[derive(Debug)]
pub struct Dispatch {
    order: Order,
    connector: String,
}

impl Dispatch {
    /// The order as the connector gets it.
    pub fn order(&self) -> &Order {
        &self.order
    }
    /// The connector instance.
    pub fn connector(&self) -> &str {
        &self.connector
    }
}

/// A question that changes nothing.
#[derive(Debug)]
pub struct Probe {
    order: Order,
    connector: String,
}

impl Probe {
    /// Asks whether what an order wants is in force.
    pub fn new(order: Order, connector: &str) -> Self {
        Self {
            order,
            connector: connector.to_owned(),
        }
    }
    /// The order as the connector gets it.
    pub fn order(&self) -> &Order {
        &self.order
    }
    /// The connector instance.
    pub fn connector(&self) -> &str {
        &self.connector
    }
}

/// Uses up an authorisation. The entry must be durable before the dispatch is handed on.
///
/// # Errors
/// The order again, if the authorisation is for another order or attempt.
pub fn claim(
    authorization: Authorization,
    order: Order,
    connector: &str,
) -> Result<(Entry, Dispatch), Box<Order>> {
    if *authorization.order() != order.id
        || authorization.attempt() != order.attempt
        || order.attempt == 0
    {
        return Err(Box::new(order));
    }
    let entry = Entry::OrderDispatched {
        order: order.id.clone(),
        attempt: order.attempt,
        guards: authorization.guards().clone(),
        approvals: authorization.approvals().clone(),
    };
    Ok((
        entry,
        Dispatch {
            order,
            connector: connector.to_owned(),
        },
    ))
}

/// A message of the host to people. It is not judged, because seeing fails open; and it can be
/// nothing but a message: the action is fixed and the target is a mailbox.
#[derive(Debug)]
pub struct PageSend {
    order: Order,
    connector: String,
}

impl PageSend {
    /// A page over a channel.
    pub fn new(
        page: &str,
        attempt: u32,
        channel: &str,
        recipient: &str,
        now: Millis,
        attributes: Vec<Attribute>,
    ) -> Self {
        let target = Target::Account(UserAccount {
            id: recipient.to_owned(),
            name: String::new(),
            domain: String::new(),
        });
        let key = Digest::of_parts([
            b"countersign/page/v1".as_slice(),
            page.as_bytes(),
            &attempt.to_be_bytes(),
        ]);
        let order = Order {
            id: OrderId::new(format!("{page}:{attempt}")),
            idempotency_key: key,
            attempt: 1,
            action: Verb::Notify,
            target,
            arguments: Vec::new(),
            lease_until: None,
            now,
            undoes: None,
            attributes,
        };
        Self {
            order,
            connector: channel.to_owned(),
        }
    }
    /// The message as the connector gets it.
    pub fn order(&self) -> &Order {
        &self.order
    }
    /// The channel.
    pub fn connector(&self) -> &str {
        &self.connector
    }
}
