//! Stored records of users and sessions: keys and bodies.
//!
//! | pk | sk | body |
//! |---|---|---|
//! | `U#user` | `PROFILE` | [`User`] |
//! | `U#user` | `S#session` | [`SessionRecord`], until it ends |
//! | `U#user` | `T#session#hash` | [`RefreshToken`], used ones too, until the session's last day |
//! | `U#user` | `D#device` | [`Device`], until nobody has signed in with it for half a year |
//! | `U#user`, `L#network` | `V#time#random` | [`SecurityEvent`]; with the network for an unknown name |
//! | `N#username`, `M#email-hash` | `CLAIM` | [`Claim`] |
//! | `L#network` | `FAILURES` | [`FailedSignIns`] |
//! | `G#name-hash` | `FAILURES` | [`FailedGuesses`], for names that exist and names that do not |
//!
//! Encoding of a body: [`crate::records`].

use std::fmt;

use cnop_api::Caller;
use cnop_api::accounts::UserRole;
use cnop_domain::{AccountId, UserId};
use cnop_store::{Item, Key, StoreError};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::error::Result;
use crate::records::{self, Record, exact, first_schema, unknown_schema};

#[cfg(test)]
mod tests;

/// Schema of a user and of a session since a password change ends sessions by their epoch.
const EPOCH_SCHEMA: u8 = 2;
/// Schema of a refresh token since its successor can be derived again.
const SUCCESSOR_SCHEMA: u8 = 2;

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct User {
    pub(crate) user_id: UserId,
    pub(crate) account_id: AccountId,
    pub(crate) username: String,
    pub(crate) email: String,
    /// Password hash in PHC form.
    pub(crate) password_hash: String,
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    pub(crate) phone: Option<String>,
    pub(crate) date_of_birth: Option<String>,
    pub(crate) marketing_emails_consent: bool,
    pub(crate) role: UserRole,
    pub(crate) created_at_us: i64,
    pub(crate) updated_at_us: i64,
    /// Number of password changes. A session of an earlier epoch has ended.
    pub(crate) epoch: u32,
}

impl Record for User {
    const SCHEMA: u8 = EPOCH_SCHEMA;

    fn read(schema: u8, bytes: &[u8]) -> Result<Self> {
        read_with_epoch(schema, bytes)
    }
}

/// Reads a record whose last field is the epoch. Before it had one, it was in the first: zero, which is one byte.
fn read_with_epoch<T: serde::de::DeserializeOwned>(schema: u8, bytes: &[u8]) -> Result<T> {
    match schema {
        records::FIRST_SCHEMA => exact(&[bytes, &[0]].concat()),
        EPOCH_SCHEMA => exact(bytes),
        _ => Err(unknown_schema()),
    }
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User").field("user_id", &self.user_id).finish_non_exhaustive()
    }
}

/// A user as read, with the version of the item.
pub(crate) struct StoredUser {
    pub(crate) user: User,
    pub(crate) version: u64,
}

impl StoredUser {
    pub(crate) fn from_item(item: &Item) -> Result<Self> {
        Ok(Self { user: decode(item)?, version: item.version })
    }
}

/// Owner of a name or an email address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Claim {
    pub(crate) user_id: UserId,
}

/// A sign-in that has not ended, with everything that a caller is. It is alive in the epoch of its user only.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SessionRecord {
    pub(crate) user_id: UserId,
    pub(crate) account_id: AccountId,
    pub(crate) username: String,
    pub(crate) role: UserRole,
    /// Hash of the cookie's secret; an API client has none.
    pub(crate) secret_hash: Option<[u8; 32]>,
    pub(crate) created_at_us: i64,
    /// Last use, exact to a few minutes.
    pub(crate) seen_at_us: i64,
    pub(crate) address: String,
    pub(crate) user_agent: Option<String>,
    /// The user's epoch at sign-in.
    pub(crate) epoch: u32,
}

impl Record for SessionRecord {
    const SCHEMA: u8 = EPOCH_SCHEMA;

    fn read(schema: u8, bytes: &[u8]) -> Result<Self> {
        read_with_epoch(schema, bytes)
    }
}

impl fmt::Debug for SessionRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("user_id", &self.user_id).finish_non_exhaustive()
    }
}

impl SessionRecord {
    /// The caller of a request with credentials that end at this time.
    pub(crate) fn caller(&self, session_id: &str, credentials_end_us: i64) -> Caller {
        Caller {
            user_id: self.user_id.clone(),
            account_id: self.account_id.clone(),
            username: self.username.clone(),
            role: self.role,
            session_id: session_id.to_owned(),
            credentials_end_us,
        }
    }
}

/// A browser that a user has signed in with. Its cookie proves it, by a secret of which only the hash is stored.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Device {
    pub(crate) username: String,
    pub(crate) secret_hash: [u8; 32],
    pub(crate) created_at_us: i64,
    /// Last sign-in.
    pub(crate) seen_at_us: i64,
    /// Wrong passwords since the last sign-in.
    pub(crate) failures: u32,
}

impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Device").field("failures", &self.failures).finish_non_exhaustive()
    }
}

/// An issued refresh token, found by its hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RefreshToken {
    pub(crate) created_at_us: i64,
    /// Exchanged for a new one; its reuse means that it was copied.
    pub(crate) used_at_us: Option<i64>,
    /// From it and the token the successor is derived, as long as a repetition is harmless. Alone it is worthless.
    pub(crate) successor_salt: Option<[u8; 32]>,
}

impl Record for RefreshToken {
    const SCHEMA: u8 = SUCCESSOR_SCHEMA;

    fn read(schema: u8, bytes: &[u8]) -> Result<Self> {
        match schema {
            // Without a successor: an absent salt is one byte.
            records::FIRST_SCHEMA => exact(&[bytes, &[0]].concat()),
            SUCCESSOR_SCHEMA => exact(bytes),
            _ => Err(unknown_schema()),
        }
    }
}

/// Kind of a security event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum SecurityEventKind {
    Registered,
    SignedIn,
    SignInFailed,
    /// The failure that filled the count: sign-in from this network is refused for a while.
    Blocked,
    Refreshed,
    /// A refresh token came a second time; the session was ended.
    RefreshReused,
    SignedOut,
    ProfileChanged,
    /// Every other session ended with it.
    PasswordChanged,
    /// A signed-in user entered a wrong present password; counted like a failed sign-in.
    PasswordRefused,
    /// A registration or a profile change asked for the address of another user.
    EmailRefused,
    /// The email or the phone number changed, which needs the password.
    ContactChanged,
}

/// One entry of the trail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SecurityEvent {
    pub(crate) kind: SecurityEventKind,
    pub(crate) time_us: i64,
    pub(crate) session_id: Option<String>,
    pub(crate) address: String,
    pub(crate) user_agent: Option<String>,
    pub(crate) request_id: String,
}

/// The recent failed sign-ins of a network.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FailedSignIns {
    /// Oldest first, those of the last ten minutes.
    pub(super) recent: Vec<FailedSignIn>,
    pub(super) blocked_until_us: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FailedSignIn {
    /// First bytes of the name's hash: people sometimes type a secret into the name field.
    pub(super) name: [u8; 8],
    pub(super) at_us: i64,
}

/// The failed sign-ins with one user name, from everywhere.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FailedGuesses {
    pub(super) count: u32,
    pub(super) last_us: i64,
}

first_schema!(Claim, Device, SecurityEvent, FailedSignIns, FailedGuesses);

/// Beginning of a device's sort key.
pub(super) const DEVICE_PREFIX: &str = "D#";
/// Beginning of a security event's sort key.
pub(super) const EVENT_PREFIX: &str = "V#";

pub(crate) fn user_key(user: &UserId) -> Key {
    Key::new(user_partition(user), "PROFILE")
}

pub(crate) fn user_partition(user: &UserId) -> String {
    format!("U#{user}")
}

pub(crate) fn session_key(user: &UserId, session_id: &str) -> Key {
    Key::new(user_partition(user), format!("S#{session_id}"))
}

pub(crate) fn device_key(user: &UserId, device_id: &str) -> Key {
    Key::new(user_partition(user), format!("{DEVICE_PREFIX}{device_id}"))
}

/// Failures of a name are kept by its hash: people sometimes type a secret into the name field.
pub(super) fn guesses_key(name: &str) -> Key {
    Key::new(format!("G#{}", hex::encode(Sha256::digest(name))), "FAILURES")
}

pub(crate) fn refresh_key(user: &UserId, session_id: &str, hash: &[u8; 32]) -> Key {
    Key::new(user_partition(user), format!("T#{session_id}#{}", hex::encode(hash)))
}

pub(crate) fn username_key(username: &str) -> Key {
    Key::new(format!("N#{username}"), "CLAIM")
}

/// Addresses are claimed by their hash: keys turn up in logs and metrics of a store, addresses must not.
pub(crate) fn email_key(email: &str) -> Key {
    Key::new(format!("M#{}", hex::encode(Sha256::digest(email))), "CLAIM")
}

pub(crate) fn network_partition(network: &str) -> String {
    format!("L#{network}")
}

/// The value in an item.
pub(crate) fn decode<T: Record>(item: &Item) -> Result<T> {
    records::decode(&item.body)
}

/// An item of sign-in as JSON, for the operator: hashes of secrets are left out. `None` for other items.
///
/// # Errors
/// The body cannot be read.
pub fn inspect(key: &Key, body: &[u8]) -> Option<Result<serde_json::Value>> {
    fn shown<T: Record>(body: &[u8]) -> Result<serde_json::Value> {
        let value = serde_json::to_value(records::decode::<T>(body)?);
        let mut value = value.map_err(StoreError::corrupt)?;
        for secret in ["password_hash", "secret_hash", "successor_salt"] {
            if let Some(member) = value.get_mut(secret).filter(|member| !member.is_null()) {
                *member = "(hidden)".into();
            }
        }
        Ok(value)
    }
    let kind = key.sk.split('#').next().unwrap_or_default();
    Some(match (key.pk.get(..2)?, kind) {
        ("U#", "PROFILE") => shown::<User>(body),
        ("U#", "S") => shown::<SessionRecord>(body),
        ("U#", "D") => shown::<Device>(body),
        ("G#", "FAILURES") => shown::<FailedGuesses>(body),
        ("U#", "T") => shown::<RefreshToken>(body),
        ("U#" | "L#", "V") => shown::<SecurityEvent>(body),
        ("N#" | "M#", "CLAIM") => shown::<Claim>(body),
        ("L#", "FAILURES") => shown::<FailedSignIns>(body),
        _ => return None,
    })
}
