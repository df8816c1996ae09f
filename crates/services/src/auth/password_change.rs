//! Password change: requires the present password and ends every other session.

use std::sync::Arc;

use cnop_api::accounts::PasswordChange;
use cnop_api::{Caller, Code, FieldError, Problem, rules};
use cnop_store::{Condition, StoreError, TableQuery, Write};
use zeroize::Zeroizing;

use super::audit_log::{Subject, event_write};
use super::client::ClientDetails;
use super::lockout::Lockout;
use super::opaque_token::Owner;
use super::record::{SecurityEventKind, StoredUser, User, session_key, user_key, user_partition};
use super::sign_in::Failed;
use super::{Auth, AuthInner, WRITE_ATTEMPTS_MAX};
use crate::error::{Error, Result};
use crate::records::encode;

/// Prefix of a session's sort key.
const SESSION_PREFIX: &str = "S#";
/// Sessions that end in one transaction, well below the limit of a table. Few users have more.
const SESSIONS_PER_WRITE: u32 = 64;
/// Further transactions that end sessions. Together they end more than a month of sign-ins can have made.
const SWEEPS_MAX: usize = 1_000;

impl Auth {
    /// Changes the caller's password. Every other session of the user ends in the same transaction; the
    /// present one continues.
    ///
    /// # Errors
    /// `request.invalid` with every invalid field, including a wrong present password, which counts like a
    /// failed sign-in; `auth.blocked` after too many failures; `service.overloaded`.
    pub async fn password_change(
        &self,
        caller: &Caller,
        change: PasswordChange,
        client: &ClientDetails,
    ) -> Result<()> {
        rules::password_change(&change).map_err(Error::Invalid)?;
        let inner = &self.inner;
        let (current, chosen) =
            (Zeroizing::new(change.current_password), Zeroizing::new(change.new_password));
        Lockout::load(inner.table(), client, inner.now_us()).await?.check()?;
        let found = inner.caller_read(caller).await?;
        if !inner.hasher.verify(current, Some(found.user.password_hash.clone())).await? {
            let failed = Failed {
                username: &found.user.username,
                subject: Subject::User(&caller.user_id, Some(&caller.session_id)),
                kind: SecurityEventKind::PasswordRefused,
                refusal: wrong_current,
            };
            return Err(inner.failure_record(&failed, client).await?);
        }
        let hash = inner.hasher.hash(chosen, inner.entropy()).await?;
        // In a task of its own, so that a disconnected client does not leave ended sessions active on this
        // server.
        let (inner, caller, client) = (Arc::clone(inner), caller.clone(), client.clone());
        tokio::spawn(async move { inner.password_write(found, hash, &caller, &client).await })
            .await
            .map_err(|error| Error::Internal(format!("the change of a password failed: {error}")))?
    }
}

impl AuthInner {
    async fn caller_read(&self, caller: &Caller) -> Result<StoredUser> {
        self.user_read(&caller.user_id).await?.ok_or_else(|| {
            Problem::new(Code::AuthInvalidCredentials, "This user does not exist any more. Sign in again.")
                .into()
        })
    }

    async fn password_write(
        &self,
        mut found: StoredUser,
        hash: String,
        caller: &Caller,
        client: &ClientDetails,
    ) -> Result<()> {
        let verified = found.user.password_hash.clone();
        for _ in 0..WRITE_ATTEMPTS_MAX {
            let others = self.sessions_other(caller).await?;
            let mut writes = self.password_writes(&found, &hash, caller, client).await?;
            writes.extend(others.iter().map(deletion));
            match self.table().transact(writes).await {
                Ok(()) => {
                    self.sessions_tell(&others).await;
                    return self.sessions_sweep(caller).await;
                }
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

    async fn password_writes(
        &self,
        found: &StoredUser,
        hash: &str,
        caller: &Caller,
        client: &ClientDetails,
    ) -> Result<Vec<Write>> {
        let now_us = self.now_us();
        let lockout = Lockout::load(self.table(), client, now_us).await?;
        lockout.check()?;
        let user = User { password_hash: hash.to_owned(), ..found.user.clone() };
        let subject = Subject::User(&user.user_id, Some(&caller.session_id));
        Ok(vec![
            Write::put(user_key(&user.user_id), encode(&user)?, Condition::Version(found.version)),
            lockout.success(&user.username)?,
            event_write(SecurityEventKind::PasswordChanged, subject, client, now_us, self.entropy())?,
        ])
    }

    /// The caller's other sessions, as many as end at once.
    async fn sessions_other(&self, caller: &Caller) -> Result<Vec<Owner>> {
        let partition = user_partition(&caller.user_id);
        let page =
            self.table().query(&TableQuery::prefix(partition, SESSION_PREFIX, SESSIONS_PER_WRITE)).await?;
        let ids = page.items.iter().filter_map(|item| item.key.sk.strip_prefix(SESSION_PREFIX));
        Ok(ids
            .filter(|session_id| *session_id != caller.session_id)
            .map(|session_id| Owner { user_id: caller.user_id.clone(), session_id: session_id.to_owned() })
            .collect())
    }

    /// Ends the sessions that did not fit into the transaction of the change.
    async fn sessions_sweep(&self, caller: &Caller) -> Result<()> {
        for _ in 0..SWEEPS_MAX {
            let others = self.sessions_other(caller).await?;
            if others.is_empty() {
                return Ok(());
            }
            self.table().transact(others.iter().map(deletion).collect()).await?;
            self.sessions_tell(&others).await;
        }
        Ok(())
    }

    async fn sessions_tell(&self, ended: &[Owner]) {
        for owner in ended {
            self.session_end_tell(owner).await;
        }
    }
}

fn deletion(owner: &Owner) -> Write {
    Write::delete(session_key(&owner.user_id, &owner.session_id), Condition::Any)
}

fn wrong_current() -> Error {
    let sentence = "This is not your current password. Nothing was changed.";
    Error::Invalid(vec![FieldError::new("current_password", "wrong", sentence)])
}
