//! Password change: requires the present password, replaces the secret of the present session and ends every other one.
//!
//! A session has the epoch of its user. The change begins a new one, so any number of sessions ends with one write. The
//! present session is replaced too: a copy of its secret may be what the user is afraid of.

use std::sync::Arc;

use cnop_api::accounts::{PasswordChange, TokenPair};
use cnop_api::{Caller, Code, FieldError, Problem, rules};
use cnop_store::{Condition, StoreError, Write};
use zeroize::Zeroizing;

use super::audit_log::{Subject, blocked_log, event_log, event_write};
use super::client::ClientDetails;
use super::common_password::common;
use super::identify::refusal;
use super::lockout::Lockout;
use super::opaque_token::{Purpose, TokenOwner, random_id, secret_make};
use super::password_queue::PasswordUse;
use super::record::{SecurityEventKind, StoredUser, User, session_key, user_key};
use super::session::LIFE_US;
use super::sign_in::{Failed, seconds_of, session_writes};
use super::{Auth, AuthInner, BrowserSession, WRITE_ATTEMPTS_MAX};
use crate::error::{Error, Result};
use crate::mailer::{Notice, NoticeKind, notify};
use crate::records::encode;

/// Credentials of the session that replaces the present one.
#[derive(Debug, Clone)]
pub enum Renewed {
    /// A browser's.
    Browser(BrowserSession),
    /// An API client's.
    Client(TokenPair),
}

/// The new session of a change.
struct Renewal {
    owner: TokenOwner,
    secret: Zeroizing<String>,
    purpose: Purpose,
}

impl Auth {
    /// Changes the caller's password. Every session of the user ends in the same transaction; a new one replaces the
    /// present one.
    ///
    /// # Errors
    /// `request.invalid` with every invalid field, including a wrong present password, which counts like a
    /// failed sign-in; `password.common`; `auth.blocked` after too many failures; `service.overloaded`.
    pub async fn password_change(
        &self,
        caller: &Caller,
        change: PasswordChange,
        client: &ClientDetails,
    ) -> Result<Renewed> {
        rules::password_change(&change).map_err(Error::Invalid)?;
        let inner = &self.inner;
        let (current, chosen) =
            (Zeroizing::new(change.current_password), Zeroizing::new(change.new_password));
        let found = inner.password_confirm(caller, current, client).await?;
        let personal = personal(&found.user);
        let words: Vec<&str> = personal.iter().map(String::as_str).collect();
        rules::password_personal("new_password", &chosen, &words)
            .map_err(|error| Error::Invalid(vec![*error]))?;
        let site = client.site();
        let hashed = inner.hasher.hash_new(chosen, personal, inner.entropy(), &site, PasswordUse::SignIn);
        let hash = hashed.await?.ok_or_else(|| common("new_password"))?;
        // In a task of its own, so that a disconnected client does not leave ended sessions active on this
        // server.
        let (inner, caller, client) = (Arc::clone(inner), caller.clone(), client.clone());
        tokio::spawn(async move { inner.password_write(found, hash, &caller, &client).await })
            .await
            .map_err(|error| Error::Internal(format!("the change of a password failed: {error}")))?
    }

    /// The caller's password hash, if this is their password. For changes that need more than an open session.
    ///
    /// # Errors
    /// A wrong password, which counts like a failed sign-in; `auth.blocked` after too many failures;
    /// `service.overloaded`.
    pub(crate) async fn confirm(
        &self,
        caller: &Caller,
        password: Zeroizing<String>,
        client: &ClientDetails,
    ) -> Result<String> {
        Ok(self.inner.password_confirm(caller, password, client).await?.user.password_hash)
    }

    /// Counts a failure of a signed-in user, and returns its answer.
    pub(crate) async fn failure_record(&self, failed: &Failed<'_>, client: &ClientDetails) -> Result<Error> {
        self.inner.failure_record(failed, client).await
    }
}

/// Words that a guesser of this user's password would try first.
fn personal(user: &User) -> Vec<String> {
    [&user.username, &user.email, &user.first_name, &user.last_name].map(Clone::clone).into()
}

impl AuthInner {
    async fn caller_read(&self, caller: &Caller) -> Result<StoredUser> {
        self.user_read(&caller.user_id).await?.ok_or_else(|| {
            Problem::new(Code::AuthInvalidCredentials, "This user does not exist any more. Sign in again.")
                .into()
        })
    }

    async fn password_confirm(
        &self,
        caller: &Caller,
        password: Zeroizing<String>,
        client: &ClientDetails,
    ) -> Result<StoredUser> {
        let found = self.caller_read(caller).await?;
        let subject = Subject::User(&caller.user_id, Some(&caller.session_id));
        let lockout = Lockout::load(self.table(), client, &found.user.username, self.now_us()).await?;
        lockout.check().inspect_err(|_| blocked_log("password_confirm", subject, client))?;
        let hash = Some(found.user.password_hash.clone());
        if self.hasher.verify(password, hash, &client.site()).await?.is_right() {
            return Ok(found);
        }
        let failed = Failed {
            name: &found.user.username,
            subject,
            kind: SecurityEventKind::PasswordRefused,
            refusal: wrong_current,
        };
        Err(self.failure_record(&failed, client).await?)
    }

    async fn password_write(
        &self,
        mut found: StoredUser,
        hash: String,
        caller: &Caller,
        client: &ClientDetails,
    ) -> Result<Renewed> {
        let verified = found.user.password_hash.clone();
        let present = TokenOwner { user_id: caller.user_id.clone(), session_id: caller.session_id.clone() };
        let present = self.session_read(&present).await?.ok_or_else(refusal)?;
        let purpose = if present.session.secret_hash.is_some() { Purpose::Browser } else { Purpose::Refresh };
        let owner = TokenOwner { user_id: caller.user_id.clone(), session_id: random_id(self.entropy()) };
        let secret = secret_make(purpose, &owner, self.entropy());
        let renewal = Renewal { owner, secret, purpose };
        for _ in 0..WRITE_ATTEMPTS_MAX {
            let writes = self.password_writes(&found, &hash, caller, &renewal, client).await?;
            match self.table().transact(writes).await {
                Ok(()) => return self.password_written(&found.user, renewal, client).await,
                Err(StoreError::Conflict(_)) => found = self.caller_read(caller).await?,
                Err(error) => return Err(error.into()),
            }
            if found.user.password_hash != verified {
                // Changed elsewhere at this moment: the verified password is no longer the present one.
                return Err(Error::Contention);
            }
        }
        Err(Error::Contention)
    }

    async fn password_written(
        &self,
        user: &User,
        renewal: Renewal,
        client: &ClientDetails,
    ) -> Result<Renewed> {
        let Renewal { owner, secret, purpose } = renewal;
        self.sessions_others_end_tell(&owner).await;
        let subject = Subject::User(&owner.user_id, Some(&owner.session_id));
        event_log(SecurityEventKind::PasswordChanged, subject, client);
        let notice = Notice {
            user_id: user.user_id.clone(),
            to: user.email.clone(),
            kind: NoticeKind::PasswordChanged,
        };
        notify(self.context.environment.mailer.as_ref(), &notice).await;
        Ok(match purpose {
            Purpose::Refresh => Renewed::Client(self.token_pair(&owner, user.role, &secret)?),
            Purpose::Browser | Purpose::Device => Renewed::Browser(BrowserSession {
                secret,
                max_age_seconds: seconds_of(LIFE_US),
                device: None,
            }),
        })
    }

    async fn password_writes(
        &self,
        found: &StoredUser,
        hash: &str,
        caller: &Caller,
        renewal: &Renewal,
        client: &ClientDetails,
    ) -> Result<Vec<Write>> {
        let now_us = self.now_us();
        let lockout = Lockout::load(self.table(), client, &found.user.username, now_us).await?;
        lockout.check()?;
        let epoch = found.user.epoch.wrapping_add(1);
        let user = User { password_hash: hash.to_owned(), epoch, ..found.user.clone() };
        let subject = Subject::User(&user.user_id, Some(&renewal.owner.session_id));
        let mut writes =
            vec![Write::put(user_key(&user.user_id), encode(&user)?, Condition::Version(found.version))];
        writes.extend(lockout.success()?);
        writes.extend(self.devices_forget(&user, client).await?);
        writes.push(event_write(
            SecurityEventKind::PasswordChanged,
            subject,
            client,
            now_us,
            self.entropy(),
        )?);
        // The other sessions' items vanish by age; this one is known, and would only be in the way.
        writes.push(Write::delete(session_key(&caller.user_id, &caller.session_id), Condition::Any));
        let Renewal { owner, secret, purpose } = renewal;
        writes.extend(session_writes(owner, secret, *purpose, &user, client, now_us)?);
        Ok(writes)
    }
}

fn wrong_current() -> Error {
    let sentence = "This is not your current password. Nothing was changed.";
    Error::Invalid(vec![FieldError::new("current_password", "wrong", sentence)])
}
