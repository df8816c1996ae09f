//! Browsers that a user has signed in with. Guesses of strangers do not delay a sign-in from one.

use cnop_store::{Condition, TableQuery, Write};
use zeroize::Zeroizing;

use super::client::ClientDetails;
use super::opaque_token::{Purpose, TokenOwner, random_id, secret_hash, secret_make, secret_owner};
use super::record::{DEVICE_PREFIX, Device, User, decode, device_key, user_partition};
use super::{AuthInner, SECOND_US};
use crate::error::Result;
use crate::records::encode;

/// Most devices of a user. A new one takes the place of the one that was not used for longest.
const DEVICES_MAX: u32 = 16;
/// Time in µs for which a device is known after its last sign-in: half a year.
const DEVICE_LIFE_US: i64 = super::BrowserSession::DEVICE_MAX_AGE_SECONDS as i64 * SECOND_US;

/// A new device: the secret of its cookie, and the writes that make it known.
pub(super) struct NewDevice {
    pub(super) secret: Zeroizing<String>,
    pub(super) writes: Vec<Write>,
}

impl AuthInner {
    /// A new device of the user.
    pub(super) async fn device_make(&self, user: &User, now_us: i64) -> Result<NewDevice> {
        let owner = TokenOwner { user_id: user.user_id.clone(), session_id: random_id(self.entropy()) };
        let secret = secret_make(Purpose::Device, &owner, self.entropy());
        let device = Device {
            username: user.username.clone(),
            secret_hash: secret_hash(&secret),
            created_at_us: now_us,
            seen_at_us: now_us,
            failures: 0,
        };
        let mut writes = vec![device_write(&owner, &device, Condition::Absent)?];
        writes.extend(self.device_oldest(user).await?);
        Ok(NewDevice { secret, writes })
    }

    /// Writes that forget every device of the user but the one that the client shows: a guesser with an old password may
    /// have made some of them known.
    pub(super) async fn devices_forget(&self, user: &User, client: &ClientDetails) -> Result<Vec<Write>> {
        let shown = client.device.as_ref().and_then(|secret| secret_owner(Purpose::Device, secret));
        let kept = shown.map(|owner| device_key(&owner.user_id, &owner.session_id));
        let query = TableQuery::prefix(user_partition(&user.user_id), DEVICE_PREFIX, DEVICES_MAX);
        let page = self.table().query(&query).await?;
        let others = page.items.into_iter().map(|item| item.key).filter(|key| kept.as_ref() != Some(key));
        Ok(others.map(|key| Write::delete(key, Condition::Any)).collect())
    }

    /// The write that makes room for another device, if there are too many.
    async fn device_oldest(&self, user: &User) -> Result<Option<Write>> {
        let query = TableQuery::prefix(user_partition(&user.user_id), DEVICE_PREFIX, DEVICES_MAX);
        let page = self.table().query(&query).await?;
        if page.items.len() < usize::try_from(DEVICES_MAX).unwrap_or(usize::MAX) {
            return Ok(None);
        }
        let mut oldest = None;
        for item in page.items {
            let device: Device = decode(&item)?;
            if oldest.as_ref().is_none_or(|(seen_at_us, _)| device.seen_at_us < *seen_at_us) {
                oldest = Some((device.seen_at_us, item.key));
            }
        }
        Ok(oldest.map(|(_, key)| Write::delete(key, Condition::Any)))
    }
}

/// The write of a device; the item vanishes when it was not used for long.
pub(super) fn device_write(owner: &TokenOwner, device: &Device, condition: Condition) -> Result<Write> {
    let expires_at = (device.seen_at_us + DEVICE_LIFE_US) / SECOND_US + 1;
    let key = device_key(&owner.user_id, &owner.session_id);
    Ok(Write::put_expiring(key, encode(device)?, expires_at, condition))
}
