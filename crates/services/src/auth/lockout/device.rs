//! A browser that the user has signed in with before, and its failures.

use cnop_store::{Condition, Key, Table, Write};
use subtle::ConstantTimeEq as _;

use crate::auth::client::ClientDetails;
use crate::auth::devices::device_write;
use crate::auth::opaque_token::{Purpose, TokenOwner, secret_hash, secret_owner};
use crate::auth::record::{Device, decode, device_key};
use crate::error::Result;

/// Wrong passwords since the last sign-in after which a device is forgotten: it may be in other hands.
const FAILURES_MAX: u32 = 10;

/// A genuine device of the name that is tried.
#[derive(Debug)]
pub(super) struct KnownDevice {
    owner: TokenOwner,
    version: u64,
    device: Device,
}

impl KnownDevice {
    /// Reads the device of the cookie, the same for every name; `None` if it is not of this name.
    pub(super) async fn load(table: &dyn Table, client: &ClientDetails, name: &str) -> Result<Option<Self>> {
        let Some(secret) = &client.device else { return Ok(None) };
        let Some(owner) = secret_owner(Purpose::Device, secret) else { return Ok(None) };
        let Some(item) = table.get(&device_key(&owner.user_id, &owner.session_id)).await? else {
            return Ok(None);
        };
        let device: Device = decode(&item)?;
        let is_genuine: bool = secret_hash(secret).ct_eq(&device.secret_hash).into();
        let is_known = is_genuine && device.username == name;
        Ok(is_known.then_some(Self { owner, version: item.version, device }))
    }

    /// The write that counts one more failure, and whether the device is forgotten with it.
    pub(super) fn failure(&self) -> Result<(Write, bool)> {
        let failures = self.device.failures.saturating_add(1);
        if failures >= FAILURES_MAX {
            return Ok((Write::delete(self.key(), Condition::Version(self.version)), true));
        }
        let device = Device { failures, ..self.device.clone() };
        Ok((device_write(&self.owner, &device, Condition::Version(self.version))?, false))
    }

    /// The write of a sign-in.
    pub(super) fn success(&self, now_us: i64) -> Result<Write> {
        let device = Device { failures: 0, seen_at_us: now_us, ..self.device.clone() };
        device_write(&self.owner, &device, Condition::Version(self.version))
    }

    fn key(&self) -> Key {
        device_key(&self.owner.user_id, &self.owner.session_id)
    }
}
