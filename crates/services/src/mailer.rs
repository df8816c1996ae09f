//! The port of the mails that tell a user about a change of their account.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use cnop_domain::UserId;
use thiserror::Error;

/// Longest time that a change waits for its mail to be taken.
const SEND_TIMEOUT: Duration = Duration::from_secs(5);

/// The change that a mail is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeKind {
    /// The email has changed: told to the old address, which is the only one the owner can still read if somebody else
    /// has changed it.
    EmailChanged,
    /// The phone number has changed.
    PhoneChanged,
    /// The password has changed.
    PasswordChanged,
}

impl NoticeKind {
    /// Name of the kind in logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EmailChanged => "email_changed",
            Self::PhoneChanged => "phone_changed",
            Self::PasswordChanged => "password_changed",
        }
    }

    /// Text of the mail. It has no secret and no link, which a forged mail would have too.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::EmailChanged => {
                "The email of your CNOP account has changed. If it was not you, sign in and change your password."
            }
            Self::PhoneChanged => {
                "The phone number of your CNOP account has changed. If it was not you, sign in and change your password."
            }
            Self::PasswordChanged => {
                "The password of your CNOP account has changed, and every other session has ended. If it was not you, contact the venue."
            }
        }
    }
}

/// A mail to a user.
#[derive(Clone, PartialEq, Eq)]
pub struct Notice {
    /// The user whom it is about.
    pub user_id: UserId,
    /// Address of the mail.
    pub to: String,
    /// The change that it is about.
    pub kind: NoticeKind,
}

impl fmt::Debug for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notice")
            .field("user_id", &self.user_id)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// A mail was not taken; the text is for the log.
#[derive(Debug, Clone, Error)]
#[error("the mail was not taken: {0}")]
pub struct MailError(pub String);

/// Takes mails. It must not log the address.
#[async_trait]
pub trait Mailer: Send + Sync + fmt::Debug {
    /// Takes a mail for delivery.
    ///
    /// # Errors
    /// The message is not taken. The change that it is about stays.
    async fn send(&self, notice: &Notice) -> Result<(), MailError>;
}

/// Sends nothing, for tools and tests.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoMailer;

#[async_trait]
impl Mailer for NoMailer {
    async fn send(&self, _: &Notice) -> Result<(), MailError> {
        Ok(())
    }
}

/// Tells a user about a change that was made. A mail that fails is logged: the change itself is done.
pub(crate) async fn notify(mailer: &dyn Mailer, notice: &Notice) {
    let (user, kind) = (notice.user_id.as_str(), notice.kind.as_str());
    match tokio::time::timeout(SEND_TIMEOUT, mailer.send(notice)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, user.id = user, kind, "a user was not told of a change"),
        Err(_) => tracing::warn!(user.id = user, kind, "a user was not told of a change in time"),
    }
}
