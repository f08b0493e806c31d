//! A page as mail. Plain text, from the host's own words; what came from outside cannot add a
//! header, a link or a picture, because the library encodes headers and there is no HTML.

use crate::config::{MailConfig, MailSecurity};
use crate::model::inert;
use lettre::message::Mailbox;
use lettre::transport::smtp::authentication::Credentials;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use std::time::Duration;

/// LIMIT: a server that takes longer is tried again later.
const WALL_MAX: Duration = Duration::from_secs(20);

/// LIMIT: characters of a line; the case has the rest.
const LINE_CHARS_MAX: usize = 900;

/// A message to people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// Addresses.
    pub to: Vec<String>,
    /// A line.
    pub subject: String,
    /// What it says.
    pub text: String,
}

impl Mail {
    /// Hands it to the server. Blocks nobody; answers what the server said.
    ///
    /// # Errors
    /// Why it was not taken, for people.
    pub(super) async fn send(self, config: &MailConfig) -> Result<String, String> {
        let message = self.message(&config.from)?;
        let transport = transport(config)?;
        let said = transport.send(message).await.map_err(|it| it.to_string())?;
        let words: Vec<&str> = said.message().collect();
        Ok(words.join(" "))
    }

    fn message(&self, from: &str) -> Result<Message, String> {
        let mailbox = |it: &str| it.parse::<Mailbox>().map_err(|e| format!("{it:?}: {e}"));
        if self.to.is_empty() {
            return Err("nobody who is to be told has an address".to_owned());
        }
        let mut message = Message::builder()
            .from(mailbox(from)?)
            .subject(inert(&self.subject, LINE_CHARS_MAX));
        for to in &self.to {
            message = message.to(mailbox(to)?);
        }
        let lines: Vec<String> = self
            .text
            .lines()
            .map(|it| inert(it, LINE_CHARS_MAX))
            .collect();
        message.body(lines.join("\n")).map_err(|it| it.to_string())
    }
}

fn transport(config: &MailConfig) -> Result<AsyncSmtpTransport<Tokio1Executor>, String> {
    type Smtp = AsyncSmtpTransport<Tokio1Executor>;
    let failed = |it: lettre::transport::smtp::Error| it.to_string();
    let builder = match config.security {
        MailSecurity::Tls => Smtp::relay(&config.host).map_err(failed)?,
        MailSecurity::StartTls => Smtp::starttls_relay(&config.host).map_err(failed)?,
        MailSecurity::None => Smtp::builder_dangerous(&config.host),
    };
    let mut builder = builder.port(config.port).timeout(Some(WALL_MAX));
    if let Some((user, password)) = &config.user {
        let password = password.read().map_err(|it| it.to_string())?;
        let password = password.expose().to_owned();
        builder = builder.credentials(Credentials::new(user.clone(), password));
    }
    Ok(builder.build())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_came_from_outside_adds_no_header_and_no_end_of_the_message() {
        let mail = Mail {
            to: vec!["ana@acme.example".to_owned()],
            subject: "took a\r\nBcc: all@evil.example\r\n\r\nhello".to_owned(),
            text: "one\r\n.\r\nRCPT TO:<all@evil.example>\u{202e}".to_owned(),
        };
        let formatted = mail
            .message("countersign@acme.example")
            .unwrap()
            .formatted();
        let text = String::from_utf8_lossy(&formatted);
        assert!(!text.lines().any(|it| it.starts_with("Bcc:")), "{text}");
        assert!(!text.contains('\u{202e}'), "{text}");
        assert_eq!(text.matches("\r\n\r\n").count(), 1, "{text}");
    }

    #[test]
    fn nobody_with_an_address_is_an_error_and_so_is_what_is_none() {
        let mail = |to: &[&str]| Mail {
            to: to.iter().map(|it| (*it).to_owned()).collect(),
            subject: String::new(),
            text: String::new(),
        };
        assert!(mail(&[]).message("a@b.example").is_err());
        assert!(mail(&["no address"]).message("a@b.example").is_err());
    }
}
