//! Registration: one transaction claims the names and creates user, account and audit entry, or does nothing.

use cnop_api::accounts::RegisterRequest;
use cnop_api::accounts::UserRole;
use cnop_api::rules::{self, Registration};
use cnop_api::{Code, FieldError, Problem};
use cnop_domain::{AccountId, IdError, UserId};
use cnop_store::{Condition, StoreError, Write};
use zeroize::Zeroizing;

use super::audit_log::{Subject, event_write};
use super::client::ClientDetails;
use super::opaque_token::timed_id;
use super::record::{Claim, SecurityEventKind, User, email_key, user_key, username_key};
use super::{Auth, AuthInner};
use crate::account::opening;
use crate::error::{Error, Result};
use crate::records::encode;

/// Positions of the claims in the registration's transaction.
const USERNAME_INDEX: usize = 0;
const EMAIL_INDEX: usize = 1;

impl Auth {
    /// Opens an account for a new user.
    ///
    /// # Errors
    /// `request.invalid` with every bad field; `user.username_taken`, `user.email_taken`; `service.overloaded`.
    pub async fn register(&self, request: RegisterRequest, client: &ClientDetails) -> Result<()> {
        let inner = &self.inner;
        let registration = rules::registration(&request, inner.now_us()).map_err(Error::Invalid)?;
        let password = Zeroizing::new(request.password);
        // Before the expensive hash; the transaction decides.
        let username = inner.table().get(&username_key(&registration.username)).await?;
        let email = inner.table().get(&email_key(&registration.email)).await?;
        taken_check(username.is_some(), email.is_some())?;
        let password_hash = inner.hasher.hash(password, inner.entropy()).await?;
        let user = inner
            .user_make(registration, password_hash)
            .map_err(|error| Error::Internal(format!("an identifier could not be made: {error}")))?;
        match inner.table().transact(inner.register_writes(&user, client)?).await {
            Err(StoreError::Conflict(failed)) => {
                let is_failed = |index| failed.iter().any(|condition| condition.index == index);
                taken_check(is_failed(USERNAME_INDEX), is_failed(EMAIL_INDEX))?;
                Err(Error::Contention)
            }
            written => Ok(written?),
        }
    }
}

impl AuthInner {
    fn user_make(&self, registration: Registration, password_hash: String) -> Result<User, IdError> {
        let now_us = self.now_us();
        Ok(User {
            user_id: timed_id::<UserId>("usr_", now_us, self.entropy())?,
            account_id: timed_id::<AccountId>("acc_", now_us, self.entropy())?,
            username: registration.username,
            email: registration.email,
            password_hash,
            first_name: registration.first_name,
            last_name: registration.last_name,
            phone: registration.phone,
            date_of_birth: registration.date_of_birth,
            marketing_emails_consent: registration.marketing_emails_consent,
            role: UserRole::Customer,
            created_at_us: now_us,
            updated_at_us: now_us,
        })
    }

    fn register_writes(&self, user: &User, client: &ClientDetails) -> Result<Vec<Write>> {
        let now_us = user.created_at_us;
        let claim = encode(&Claim { user_id: user.user_id.clone() })?;
        let subject = Subject::User(&user.user_id, None);
        let mut writes = vec![
            Write::put(username_key(&user.username), claim.clone(), Condition::Absent),
            Write::put(email_key(&user.email), claim, Condition::Absent),
            Write::put(user_key(&user.user_id), encode(user)?, Condition::Absent),
            event_write(SecurityEventKind::Registered, subject, client, now_us, self.entropy())?,
        ];
        writes.extend(opening(&user.account_id, now_us)?);
        Ok(writes)
    }
}

/// Refuses taken names; both at once if both are taken.
fn taken_check(username: bool, email: bool) -> Result<()> {
    let mut problem = match (username, email) {
        (false, false) => return Ok(()),
        (true, _) => Problem::new(Code::UserNameTaken, "This username is taken. Choose another one."),
        (false, true) => email_taken_sentence(),
    };
    if username {
        problem = problem.with_error(FieldError::new("username", "taken", "This username is taken."));
    }
    if email {
        problem = problem.with_error(email_taken_field());
    }
    Err(problem.into())
}

fn email_taken_sentence() -> Problem {
    Problem::new(Code::UserEmailTaken, "This email already has an account. Sign in, or use another email.")
}

fn email_taken_field() -> FieldError {
    FieldError::new("email", "taken", "This email already has an account.")
}

/// Refusal of a taken email address.
pub(crate) fn email_taken() -> Error {
    email_taken_sentence().with_error(email_taken_field()).into()
}
