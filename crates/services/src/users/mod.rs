//! Profiles of users, and their change.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use cnop_api::accounts::{Profile, ProfileUpdate};
use cnop_api::rules::{self, Changes};
use cnop_api::{Caller, Code, FieldError, Problem, Timestamp};
use cnop_store::{Condition, StoreError, Write};
use zeroize::Zeroizing;

use crate::auth::audit_log::{Subject, event_log, event_write};
use crate::auth::record::{Claim, SecurityEventKind, StoredUser, User, email_key, user_key};
use crate::auth::register::email_taken;
use crate::auth::sign_in::Failed;
use crate::auth::{Auth, ClientDetails, WRITE_ATTEMPTS_MAX};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::mailer::{Notice, NoticeKind, notify};
use crate::records::encode;

/// Position of the new address's claim in the transaction of a change.
const EMAIL_INDEX: usize = 0;

/// Profiles. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Users {
    context: Arc<Context>,
    auth: Auth,
}

impl Users {
    /// The use case on these ports.
    #[must_use]
    pub fn new(context: Arc<Context>, auth: Auth) -> Self {
        Self { context, auth }
    }

    /// The caller's profile.
    ///
    /// # Errors
    /// The table cannot be read.
    pub async fn profile(&self, caller: &Caller) -> Result<Profile> {
        Ok(profile_of(self.find(caller).await?.user))
    }

    /// Changes the given members of the caller's profile; `""` clears the phone number and the date of birth. Another
    /// email or phone number needs the password: they are the ways to reach the user, and an open session is not enough
    /// to take them. The change is told to the old address.
    ///
    /// # Errors
    /// `request.invalid` with every invalid field, a missing or wrong password included; `user.email_taken`, which
    /// counts like a failed sign-in; `auth.blocked` after too many failures.
    pub async fn profile_update(
        &self,
        caller: &Caller,
        mut update: ProfileUpdate,
        client: &ClientDetails,
    ) -> Result<Profile> {
        let password = Zeroizing::new(update.current_password.take().unwrap_or_default());
        let changes = rules::changes(&update, self.context.now_us()).map_err(Error::Invalid)?;
        let table = &self.context.environment.table;
        let mut confirmed: Option<String> = None;
        for _ in 0..WRITE_ATTEMPTS_MAX {
            let found = self.find(caller).await?;
            let changed = changed(&found.user, changes.clone(), self.context.now_us());
            let is_same = User { updated_at_us: found.user.updated_at_us, ..changed.clone() } == found.user;
            if is_same {
                return Ok(profile_of(found.user));
            }
            let contact = contact_change(&found.user, &changed);
            if contact.is_some() && confirmed.as_ref() != Some(&found.user.password_hash) {
                confirmed = Some(self.confirm(caller, &password, client).await?);
                // The profile may have changed meanwhile.
                continue;
            }
            let swaps_email = changed.email != found.user.email;
            let kind = kind_of(contact);
            match table.transact(self.writes(&found, &changed, kind, client)?).await {
                Ok(()) => {
                    event_log(kind, Subject::User(&caller.user_id, Some(&caller.session_id)), client);
                    if let Some(kind) = contact {
                        let (user_id, to) = (found.user.user_id, found.user.email);
                        notify(self.context.environment.mailer.as_ref(), &Notice { user_id, to, kind }).await;
                    }
                    return Ok(profile_of(changed));
                }
                Err(StoreError::Conflict(failed)) => {
                    if swaps_email && failed.iter().any(|condition| condition.index == EMAIL_INDEX) {
                        return Err(self.email_refuse(caller, client).await?);
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::Contention)
    }

    /// The password hash of the caller, if this is their password.
    async fn confirm(
        &self,
        caller: &Caller,
        password: &Zeroizing<String>,
        client: &ClientDetails,
    ) -> Result<String> {
        if password.is_empty() {
            let sentence = "Enter your current password to change your email or phone number.";
            return Err(Error::Invalid(vec![FieldError::new("current_password", "required", sentence)]));
        }
        self.auth.confirm(caller, password.clone(), client).await
    }

    /// Counts a claim of another user's address for the caller, who may try a few only.
    async fn email_refuse(&self, caller: &Caller, client: &ClientDetails) -> Result<Error> {
        let failed = Failed {
            name: &caller.username,
            subject: Subject::User(&caller.user_id, Some(&caller.session_id)),
            kind: SecurityEventKind::EmailRefused,
            refusal: email_taken,
        };
        // A browser of the caller would have a counter of its own, which each sign-in clears.
        let stranger = ClientDetails { device: None, ..client.clone() };
        self.auth.failure_record(&failed, &stranger).await
    }

    async fn find(&self, caller: &Caller) -> Result<StoredUser> {
        let item = self.context.environment.table.get(&user_key(&caller.user_id)).await?;
        let item = item.ok_or_else(|| {
            Problem::new(Code::AuthInvalidCredentials, "This user does not exist any more. Sign in again.")
        })?;
        StoredUser::from_item(&item)
    }

    fn writes(
        &self,
        found: &StoredUser,
        changed: &User,
        kind: SecurityEventKind,
        client: &ClientDetails,
    ) -> Result<Vec<Write>> {
        let mut writes = Vec::new();
        if changed.email != found.user.email {
            let claim = encode(&Claim { user_id: changed.user_id.clone() })?;
            writes.push(Write::put(email_key(&changed.email), claim, Condition::Absent));
            writes.push(Write::delete(email_key(&found.user.email), Condition::Present));
        }
        let condition = Condition::Version(found.version);
        writes.push(Write::put(user_key(&changed.user_id), encode(changed)?, condition));
        writes.push(event_write(
            kind,
            Subject::User(&changed.user_id, None),
            client,
            changed.updated_at_us,
            self.context.environment.entropy.as_ref(),
        )?);
        Ok(writes)
    }
}

/// The change of a way to reach the user, if there is one.
fn contact_change(before: &User, after: &User) -> Option<NoticeKind> {
    if before.email != after.email {
        return Some(NoticeKind::EmailChanged);
    }
    (before.phone != after.phone).then_some(NoticeKind::PhoneChanged)
}

const fn kind_of(contact: Option<NoticeKind>) -> SecurityEventKind {
    match contact {
        Some(_) => SecurityEventKind::ContactChanged,
        None => SecurityEventKind::ProfileChanged,
    }
}

fn changed(user: &User, changes: Changes, now_us: i64) -> User {
    let user = user.clone();
    User {
        first_name: changes.first_name.unwrap_or(user.first_name),
        last_name: changes.last_name.unwrap_or(user.last_name),
        email: changes.email.unwrap_or(user.email),
        phone: changes.phone.unwrap_or(user.phone),
        date_of_birth: changes.date_of_birth.unwrap_or(user.date_of_birth),
        marketing_emails_consent: changes.marketing_emails_consent.unwrap_or(user.marketing_emails_consent),
        updated_at_us: now_us,
        ..user
    }
}

fn profile_of(user: User) -> Profile {
    Profile {
        username: user.username,
        email: user.email,
        first_name: user.first_name,
        last_name: user.last_name,
        phone: user.phone,
        date_of_birth: user.date_of_birth,
        marketing_emails_consent: user.marketing_emails_consent,
        role: user.role,
        created_at: Timestamp(user.created_at_us),
        updated_at: Timestamp(user.updated_at_us),
    }
}
