//! Registration: one transaction claims the names and creates user, account and audit entry, or does nothing.

use cnop_api::accounts::RegisterRequest;
use cnop_api::accounts::UserRole;
use cnop_api::rules::{self, Registration};
use cnop_api::{Code, FieldError, Problem};
use cnop_domain::{AccountId, IdError, UserId};
use cnop_store::{Condition, StoreError, Write};
use zeroize::Zeroizing;

use super::audit_log::{Subject, blocked_log, event_log, event_write};
use super::client::ClientDetails;
use super::common_password::common;
use super::lockout::Lockout;
use super::opaque_token::timed_id;
use super::password_queue::PasswordUse;
use super::record::{Claim, SecurityEventKind, User, decode, email_key, user_key, username_key};
use super::sign_in::Failed;
use super::{Auth, AuthInner};
use crate::account::opening;
use crate::daily_allowance::registration_take;
use crate::error::{Error, Result};
use crate::records::encode;

/// Positions of the claims in the registration's transaction.
const USERNAME_INDEX: usize = 0;
const EMAIL_INDEX: usize = 1;

impl Auth {
    /// Opens an account for a new user.
    ///
    /// A taken user name is told alone, so that nobody can look addresses up by registering under a name that is taken.
    /// A taken address counts like a failed sign-in: looking many of them up is refused like guessing.
    ///
    /// # Errors
    /// `request.invalid` with every bad field; `password.common`; `user.username_taken`, `user.email_taken`;
    /// `auth.blocked` after too many taken addresses; `service.overloaded`.
    pub async fn register(&self, request: RegisterRequest, client: &ClientDetails) -> Result<()> {
        let inner = &self.inner;
        let registration = rules::registration(&request, inner.now_us()).map_err(Error::Invalid)?;
        let password = Zeroizing::new(request.password);
        let lockout = Lockout::load(inner.table(), client, &registration.email, inner.now_us()).await?;
        lockout.check().inspect_err(|_| blocked_log("email_claim", Subject::Nobody, client))?;
        // Before the expensive hash; the transaction decides.
        if inner.table().get(&username_key(&registration.username)).await?.is_some() {
            return Err(username_taken());
        }
        if let Some(item) = inner.table().get(&email_key(&registration.email)).await? {
            let claim: Claim = decode(&item)?;
            return Err(inner.email_refuse(&registration.email, &claim, client).await?);
        }
        // What registration stores stays, so it is bounded before the expensive work.
        inner.context.free_space.check()?;
        let coordinator = inner.context.environment.coordinator.as_ref();
        let limit = inner.context.config.registrations_per_day;
        for share in client.shares() {
            let limit = limit.saturating_mul(share.multiple);
            registration_take(coordinator, limit, &share.network.to_string(), inner.now_us()).await?;
        }
        let (words, site) = (personal(&registration), client.site());
        let hashed =
            inner.hasher.hash_new(password, words, inner.entropy(), &site, PasswordUse::Registration);
        let password_hash = hashed.await?.ok_or_else(|| common("password"))?;
        let email = registration.email.clone();
        let user = inner
            .user_make(registration, password_hash)
            .map_err(|error| Error::Internal(format!("an identifier could not be made: {error}")))?;
        match inner.table().transact(inner.register_writes(&user, client)?).await {
            Err(StoreError::Conflict(failed)) => {
                let is_failed = |index| failed.iter().any(|condition| condition.index == index);
                if is_failed(USERNAME_INDEX) {
                    return Err(username_taken());
                }
                match inner.table().get(&email_key(&email)).await? {
                    Some(item) if is_failed(EMAIL_INDEX) => {
                        Err(inner.email_refuse(&email, &decode(&item)?, client).await?)
                    }
                    _ => Err(Error::Contention),
                }
            }
            written => {
                written?;
                event_log(SecurityEventKind::Registered, Subject::User(&user.user_id, None), client);
                Ok(())
            }
        }
    }
}

/// Words that a guesser of this user's password would try first.
fn personal(registration: &Registration) -> Vec<String> {
    let Registration { username, email, first_name, last_name, .. } = registration;
    [username, email, first_name, last_name].map(Clone::clone).into()
}

impl AuthInner {
    /// Counts a claim of another user's address. It is an event of that user.
    async fn email_refuse(&self, email: &str, claim: &Claim, client: &ClientDetails) -> Result<Error> {
        let failed = Failed {
            name: email,
            subject: Subject::User(&claim.user_id, None),
            kind: SecurityEventKind::EmailRefused,
            refusal: email_taken,
        };
        self.failure_record(&failed, client).await
    }

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
            epoch: 0,
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

fn username_taken() -> Error {
    Problem::new(Code::UserNameTaken, "This username is taken. Choose another one.")
        .with_error(FieldError::new("username", "taken", "This username is taken."))
        .into()
}

/// Refusal of a taken email address.
pub(crate) fn email_taken() -> Error {
    Problem::new(Code::UserEmailTaken, "This email already has an account. Sign in, or use another email.")
        .with_error(FieldError::new("email", "taken", "This email already has an account."))
        .into()
}
