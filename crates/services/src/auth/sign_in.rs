//! Sign-in with user name and password.

use cnop_api::accounts::{LoginRequest, TokenPair, TokenType, UserRole};
use cnop_api::{Code, FieldError, Problem};
use cnop_domain::UserId;
use cnop_store::{Condition, StoreError, Write};
use zeroize::Zeroizing;

use super::audit_log::{Subject, blocked_log, event_log, event_write};
use super::client::ClientDetails;
use super::lockout::Lockout;
use super::opaque_token::{Purpose, TokenOwner, random_id, secret_hash, secret_make};
use super::password::Verified;
use super::record::{
    Claim, RefreshToken, SecurityEventKind, SessionRecord, StoredUser, User, decode, refresh_key, user_key,
    username_key,
};
use super::session::LIFE_US;
use super::token::ACCESS_TOKEN_SECONDS;
use super::{Auth, AuthInner, BrowserSession, SECOND_US, WRITE_ATTEMPTS_MAX};
use crate::error::{Error, Result};
use crate::records::encode;

/// An unused user id: it is read in place of the profile for an unknown name, so that the answer takes as
/// long.
const NOBODY: &str = "usr_00000000000000000000000000";

/// Position of the profile in the transaction of a sign-in.
const PROFILE_INDEX: usize = 0;

/// A failed attempt: the name that it counts for, the security event, and the answer.
pub(crate) struct Failed<'a> {
    pub(crate) name: &'a str,
    pub(crate) subject: Subject<'a>,
    pub(crate) kind: SecurityEventKind,
    pub(crate) refusal: fn() -> Error,
}

/// A new session's secret and record.
struct NewSession {
    owner: TokenOwner,
    secret: Zeroizing<String>,
    role: UserRole,
    /// Secret of the device that is known from now on.
    device: Option<Zeroizing<String>>,
}

impl Auth {
    /// Signs in an API client.
    ///
    /// # Errors
    /// `auth.wrong_password`, the same for an unknown name; `auth.blocked` after too many failures;
    /// `request.invalid` for a malformed name; `service.overloaded`.
    pub async fn login(&self, request: LoginRequest, client: &ClientDetails) -> Result<TokenPair> {
        let fresh = self.inner.sign_in(request, client, Purpose::Refresh).await?;
        self.inner.token_pair(&fresh.owner, fresh.role, &fresh.secret)
    }

    /// Signs a browser in: the secret is for an `HttpOnly` cookie.
    ///
    /// # Errors
    /// As [`Auth::login`].
    pub async fn login_browser(
        &self,
        request: LoginRequest,
        client: &ClientDetails,
    ) -> Result<BrowserSession> {
        let fresh = self.inner.sign_in(request, client, Purpose::Browser).await?;
        Ok(BrowserSession {
            secret: fresh.secret,
            max_age_seconds: seconds_of(LIFE_US),
            device: fresh.device,
        })
    }
}

impl AuthInner {
    async fn sign_in(
        &self,
        request: LoginRequest,
        client: &ClientDetails,
        purpose: Purpose,
    ) -> Result<NewSession> {
        let password = Zeroizing::new(request.password);
        let username = login_fields(&request.username, &password)?;
        let lockout = Lockout::load(self.table(), client, &username, self.now_us()).await?;
        let found = self.user_find(&username).await?;
        let user_id = found.as_ref().map(|found| &found.user.user_id);
        let subject = user_id.map_or(Subject::Nobody, |user_id| Subject::User(user_id, None));
        lockout.check().inspect_err(|_| blocked_log("sign_in", subject, client))?;
        let site = client.site();
        let hash = found.as_ref().map(|found| found.user.password_hash.clone());
        let verified = self.hasher.verify(password.clone(), hash, &site).await?;
        if !verified.is_right() {
            let kind = SecurityEventKind::SignInFailed;
            let failed = Failed { name: &username, subject, kind, refusal: wrong_password };
            return Err(self.failure_record(&failed, client).await?);
        }
        let found = found.ok_or_else(wrong_password)?;
        let is_outdated =
            verified == Verified::RightAsSent || self.hasher.is_outdated(&found.user.password_hash);
        let rehashed = if is_outdated {
            Some(self.hasher.hash(password.clone(), self.entropy(), &site).await?)
        } else {
            None
        };
        self.session_start(found, &password, rehashed, client, purpose).await
    }

    /// The user with this name; as much reading when there is none.
    async fn user_find(&self, username: &str) -> Result<Option<StoredUser>> {
        let claim = self.table().get(&username_key(username)).await?;
        let claim: Option<Claim> = claim.as_ref().map(decode).transpose()?;
        let user_id = match &claim {
            Some(claim) => claim.user_id.clone(),
            None => NOBODY.parse().map_err(|_| Error::Internal("nobody has no identifier".to_owned()))?,
        };
        self.user_read(&user_id).await
    }

    /// The user with this identifier.
    pub(super) async fn user_read(&self, user_id: &UserId) -> Result<Option<StoredUser>> {
        let item = self.table().get(&user_key(user_id)).await?;
        item.as_ref().map(StoredUser::from_item).transpose()
    }

    /// Counts a failure and returns its answer. An attempt that ends after others have reached the limit is
    /// refused as blocked, so no more guesses are answered than the counters allow.
    pub(crate) async fn failure_record(&self, failed: &Failed<'_>, client: &ClientDetails) -> Result<Error> {
        let subject = failed.subject;
        for _ in 0..WRITE_ATTEMPTS_MAX {
            let now_us = self.now_us();
            let lockout = Lockout::load(self.table(), client, failed.name, now_us).await?;
            if let Err(blocked) = lockout.check() {
                return Ok(blocked);
            }
            let (mut writes, blocks) = lockout.failure()?;
            writes.push(event_write(failed.kind, subject, client, now_us, self.entropy())?);
            if blocks {
                let kind = SecurityEventKind::Blocked;
                writes.push(event_write(kind, subject, client, now_us, self.entropy())?);
            }
            match self.table().transact(writes).await {
                Ok(()) => {
                    event_log(failed.kind, subject, client);
                    if blocks {
                        event_log(SecurityEventKind::Blocked, subject, client);
                    }
                    return Ok((failed.refusal)());
                }
                Err(StoreError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::Contention)
    }

    /// Writes the session for a correct password, unless the network was blocked or the password was changed
    /// meanwhile. A holder of the old password must not sign in while the other sessions are being ended.
    async fn session_start(
        &self,
        mut found: StoredUser,
        password: &Zeroizing<String>,
        mut rehashed: Option<String>,
        client: &ClientDetails,
        purpose: Purpose,
    ) -> Result<NewSession> {
        let owner = TokenOwner { user_id: found.user.user_id.clone(), session_id: random_id(self.entropy()) };
        let secret = secret_make(purpose, &owner, self.entropy());
        let mut fresh = NewSession { owner, secret, role: found.user.role, device: None };
        for _ in 0..WRITE_ATTEMPTS_MAX {
            let now_us = self.now_us();
            let lockout = Lockout::load(self.table(), client, &found.user.username, now_us).await?;
            lockout.check()?;
            let mut writes = vec![profile_write(&found, rehashed.as_ref())?];
            writes.extend(lockout.success()?);
            if purpose == Purpose::Browser && !lockout.is_known_device() {
                let device = self.device_make(&found.user, now_us).await?;
                writes.extend(device.writes);
                fresh.device = Some(device.secret);
            }
            let subject = Subject::User(&fresh.owner.user_id, Some(&fresh.owner.session_id));
            writes.push(event_write(SecurityEventKind::SignedIn, subject, client, now_us, self.entropy())?);
            writes.extend(session_writes(&fresh.owner, &fresh.secret, purpose, &found.user, client, now_us)?);
            match self.table().transact(writes).await {
                Ok(()) => {
                    event_log(SecurityEventKind::SignedIn, subject, client);
                    return Ok(fresh);
                }
                Err(StoreError::Conflict(failed)) => {
                    if failed.iter().any(|condition| condition.index == PROFILE_INDEX) {
                        // The better hash waits for the next sign-in.
                        rehashed = None;
                        found = self.user_again(found, password, client).await?;
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::Contention)
    }

    /// The user's present record; refused if the password has changed.
    async fn user_again(
        &self,
        before: StoredUser,
        password: &Zeroizing<String>,
        client: &ClientDetails,
    ) -> Result<StoredUser> {
        let found = self.user_read(&before.user.user_id).await?.ok_or_else(wrong_password)?;
        let hash = &found.user.password_hash;
        let is_right = *hash == before.user.password_hash
            || self.hasher.verify(password.clone(), Some(hash.clone()), &client.site()).await?.is_right();
        if is_right { Ok(found) } else { Err(wrong_password()) }
    }

    /// The answer of a sign-in or a refresh.
    pub(super) fn token_pair(
        &self,
        owner: &TokenOwner,
        role: UserRole,
        refresh_token: &str,
    ) -> Result<TokenPair> {
        let now_s = self.now_us() / SECOND_US;
        let jti = random_id(self.entropy());
        Ok(TokenPair {
            access_token: self.tokens.sign(owner, role, jti, now_s)?,
            token_type: TokenType::Bearer,
            expires_in: ACCESS_TOKEN_SECONDS,
            refresh_token: refresh_token.to_owned(),
        })
    }
}

/// The writes of a new session: its record, and the refresh token of an API client.
pub(super) fn session_writes(
    owner: &TokenOwner,
    secret: &str,
    purpose: Purpose,
    user: &User,
    client: &ClientDetails,
    now_us: i64,
) -> Result<Vec<Write>> {
    let hash = secret_hash(secret);
    let session = SessionRecord::new(user, (purpose == Purpose::Browser).then_some(hash), client, now_us);
    let mut writes = vec![session.write(&owner.session_id, Condition::Absent)?];
    if purpose == Purpose::Refresh {
        writes.push(refresh_write(owner, &hash, &session, now_us)?);
    }
    Ok(writes)
}

/// Whole seconds of a cookie's life.
pub(super) fn seconds_of(life_us: i64) -> u32 {
    u32::try_from(life_us / SECOND_US).unwrap_or(u32::MAX)
}

/// The write of a new refresh token. It is kept, used or not, as long as its session can live, so that late
/// reuse is recognized.
pub(super) fn refresh_write(
    owner: &TokenOwner,
    hash: &[u8; 32],
    session: &SessionRecord,
    now_us: i64,
) -> Result<Write> {
    let token = RefreshToken { created_at_us: now_us, used_at_us: None, successor_salt: None };
    let key = refresh_key(&owner.user_id, &owner.session_id, hash);
    let expires_at = (session.created_at_us + LIFE_US) / SECOND_US + 1;
    Ok(Write::put_expiring(key, encode(&token)?, expires_at, Condition::Absent))
}

/// Makes sure that the profile is as it was read, and stores the better hash if there is one.
fn profile_write(found: &StoredUser, rehashed: Option<&String>) -> Result<Write> {
    let (key, condition) = (user_key(&found.user.user_id), Condition::Version(found.version));
    let Some(hash) = rehashed else { return Ok(Write::check(key, condition)) };
    let user = User { password_hash: hash.clone(), ..found.user.clone() };
    Ok(Write::put(key, encode(&user)?, condition))
}

fn login_fields(username: &str, password: &str) -> Result<String> {
    let mut errors = Vec::new();
    let username = cnop_api::rules::username(username).unwrap_or_else(|mut error| {
        if username.contains('@') {
            error.detail = "Sign in with your username, not your email.".to_owned();
        }
        errors.push(*error);
        String::new()
    });
    if password.is_empty() {
        errors.push(FieldError::new("password", "required", "Enter your password."));
    }
    if errors.is_empty() { Ok(username) } else { Err(Error::Invalid(errors)) }
}

fn wrong_password() -> Error {
    Problem::new(Code::AuthWrongPassword, "The username or password is wrong.").into()
}
