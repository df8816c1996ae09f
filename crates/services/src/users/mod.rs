//! Profiles of users, and their change.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use cnop_api::accounts::{Profile, ProfileUpdate};
use cnop_api::rules::{self, Changes};
use cnop_api::{Caller, Code, Problem, Timestamp};
use cnop_store::{Condition, StoreError, Write};

use crate::auth::audit_log::{Subject, event_write};
use crate::auth::record::{Claim, SecurityEventKind, StoredUser, User, email_key, user_key};
use crate::auth::register::email_taken;
use crate::auth::{ClientDetails, WRITE_ATTEMPTS_MAX};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::records::encode;

/// Position of the new address's claim in the transaction of a change.
const EMAIL_INDEX: usize = 0;

/// Profiles. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Users {
    context: Arc<Context>,
}

impl Users {
    /// The use case on these ports.
    #[must_use]
    pub fn new(context: Arc<Context>) -> Self {
        Self { context }
    }

    /// The caller's profile.
    ///
    /// # Errors
    /// The table cannot be read.
    pub async fn profile(&self, caller: &Caller) -> Result<Profile> {
        Ok(profile_of(self.find(caller).await?.user))
    }

    /// Changes the given members of the caller's profile; `""` clears the phone number and the date of birth.
    ///
    /// # Errors
    /// `request.invalid` with every invalid field; `user.email_taken`.
    pub async fn profile_update(
        &self,
        caller: &Caller,
        update: ProfileUpdate,
        client: &ClientDetails,
    ) -> Result<Profile> {
        let changes = rules::changes(&update, self.context.now_us()).map_err(Error::Invalid)?;
        let table = &self.context.environment.table;
        for _ in 0..WRITE_ATTEMPTS_MAX {
            let found = self.find(caller).await?;
            let changed = changed(&found.user, changes.clone(), self.context.now_us());
            let is_same = User { updated_at_us: found.user.updated_at_us, ..changed.clone() } == found.user;
            if is_same {
                return Ok(profile_of(found.user));
            }
            let swaps_email = changed.email != found.user.email;
            match table.transact(self.writes(&found, &changed, client)?).await {
                Ok(()) => return Ok(profile_of(changed)),
                Err(StoreError::Conflict(failed)) => {
                    if swaps_email && failed.iter().any(|condition| condition.index == EMAIL_INDEX) {
                        return Err(email_taken());
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::Contention)
    }

    async fn find(&self, caller: &Caller) -> Result<StoredUser> {
        let item = self.context.environment.table.get(&user_key(&caller.user_id)).await?;
        let item = item.ok_or_else(|| {
            Problem::new(Code::AuthInvalidCredentials, "This user does not exist any more. Sign in again.")
        })?;
        StoredUser::from_item(&item)
    }

    fn writes(&self, found: &StoredUser, changed: &User, client: &ClientDetails) -> Result<Vec<Write>> {
        let mut writes = Vec::new();
        if changed.email != found.user.email {
            let claim = encode(&Claim { user_id: changed.user_id.clone() })?;
            writes.push(Write::put(email_key(&changed.email), claim, Condition::Absent));
            writes.push(Write::delete(email_key(&found.user.email), Condition::Present));
        }
        let condition = Condition::Version(found.version);
        writes.push(Write::put(user_key(&changed.user_id), encode(changed)?, condition));
        writes.push(event_write(
            SecurityEventKind::ProfileChanged,
            Subject::User(&changed.user_id, None),
            client,
            changed.updated_at_us,
            self.context.environment.entropy.as_ref(),
        )?);
        Ok(writes)
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
