//! The mailer of a venue without a mail server: the log names the notice and the user.

use async_trait::async_trait;
use cnop_services::mailer::{MailError, Mailer, Notice};

/// Writes a line for each mail. It never has the address or the text, because logs are read by more people than mails.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct LogMailer;

#[async_trait]
impl Mailer for LogMailer {
    async fn send(&self, notice: &Notice) -> Result<(), MailError> {
        tracing::info!(event = "notice", user.id = %notice.user_id, kind = notice.kind.as_str(), "no mail is sent");
        Ok(())
    }
}
