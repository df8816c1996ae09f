//! Limits for streams: in total, per network and per account; and for replays of missed events.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use cnop_api::{Code, Problem};
use cnop_coordination::{Place, PlaceLimits, PlaceRefusal, Places};
use cnop_domain::AccountId;
use tokio::sync::Semaphore;

/// Streams of the whole server: each takes a socket and about 20 KiB.
const STREAMS_MAX: u32 = 10_000;
/// Streams of one network: many people may sit behind one.
const STREAMS_PER_NETWORK_MAX: u32 = 200;
/// One stream in so many, in all and of a network, is kept for those who are signed in.
const SIGNED_IN_ONE_IN: u32 = 4;
/// Streams of one account: tabs and programs of one person.
const STREAMS_PER_ACCOUNT_MAX: usize = 20;
/// Streams of one account that replay missed events at once; others wait for their turn.
const REPLAYS_PER_ACCOUNT_MAX: usize = 2;
/// Seconds until a refused client may try again.
const RETRY_SECONDS: u32 = 10;

/// Counter of open streams. Cheap to clone; clones count together.
#[derive(Debug, Clone)]
pub(crate) struct StreamLimits {
    places: Places,
    accounts: Arc<Mutex<HashMap<AccountId, AccountStreams>>>,
}

/// Streams of an account.
#[derive(Debug)]
struct AccountStreams {
    count: usize,
    replays: Arc<Semaphore>,
}

/// The right to one stream, until dropped.
#[derive(Debug)]
pub(crate) struct StreamPermit {
    account: Option<AccountPermit>,
    address: IpAddr,
    _place: Place,
}

#[derive(Debug)]
struct AccountPermit {
    id: AccountId,
    replays: Arc<Semaphore>,
    accounts: Arc<Mutex<HashMap<AccountId, AccountStreams>>>,
}

impl StreamLimits {
    /// Limits with every bound per network multiplied.
    #[must_use]
    pub(crate) fn new(multiplier: u32) -> Self {
        let network_max = STREAMS_PER_NETWORK_MAX.saturating_mul(multiplier.max(1));
        let limits = PlaceLimits { all_max: STREAMS_MAX, network_max };
        Self { places: Places::new(limits), accounts: Arc::default() }
    }

    /// Takes a permit.
    ///
    /// # Errors
    /// `quota.exceeded` (429) when the network or the account has too many streams, `service.overloaded` (503) when
    /// the server has.
    pub(crate) fn take(&self, address: IpAddr, account: Option<AccountId>) -> Result<StreamPermit, Problem> {
        let kept_for_others = if account.is_some() { 0 } else { SIGNED_IN_ONE_IN };
        let place = self.places.take(address, kept_for_others).map_err(|refusal| match refusal {
            PlaceRefusal::All => {
                let detail = "The venue has no room for another live connection.";
                Problem::new(Code::Overloaded, detail).retry_after(RETRY_SECONDS)
            }
            PlaceRefusal::Network => too_many("Your network has too many live connections open."),
        })?;
        let account = account.map(|id| self.account_take(id)).transpose()?;
        Ok(StreamPermit { account, address, _place: place })
    }

    fn account_take(&self, id: AccountId) -> Result<AccountPermit, Problem> {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        let streams = accounts.entry(id.clone()).or_insert_with(|| AccountStreams {
            count: 0,
            replays: Arc::new(Semaphore::new(REPLAYS_PER_ACCOUNT_MAX)),
        });
        if streams.count >= STREAMS_PER_ACCOUNT_MAX {
            return Err(too_many("Too many live connections are open; close one first."));
        }
        streams.count += 1;
        let replays = Arc::clone(&streams.replays);
        Ok(AccountPermit { id, replays, accounts: Arc::clone(&self.accounts) })
    }
}

impl StreamPermit {
    /// The client's address.
    pub(super) const fn address(&self) -> IpAddr {
        self.address
    }

    /// The places for replays of the account.
    pub(super) fn replays(&self) -> Option<Arc<Semaphore>> {
        self.account.as_ref().map(|account| Arc::clone(&account.replays))
    }
}

impl Drop for AccountPermit {
    fn drop(&mut self) {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(streams) = accounts.get_mut(&self.id) {
            streams.count = streams.count.saturating_sub(1);
            if streams.count == 0 {
                accounts.remove(&self.id);
            }
        }
    }
}

fn too_many(detail: &str) -> Problem {
    Problem::new(Code::QuotaExceeded, detail).retry_after(RETRY_SECONDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account() -> AccountId {
        "acc_00000000000000000000000000".parse().unwrap()
    }

    #[test]
    fn slots_come_back() {
        let limits = StreamLimits::new(1);
        let address = IpAddr::from([127, 0, 0, 1]);
        let slots: Vec<StreamPermit> =
            (0..STREAMS_PER_ACCOUNT_MAX).map(|_| limits.take(address, Some(account())).unwrap()).collect();
        assert_eq!(limits.take(address, Some(account())).unwrap_err().status(), 429);
        assert!(limits.take(address, None).is_ok());
        drop(slots);
        assert!(limits.take(address, Some(account())).is_ok());
        assert_eq!((limits.places.taken(), limits.accounts.lock().unwrap().len()), (0, 0));
    }

    /// Counted by full address, the streams of one /64 took every place, and signed-in people got none.
    #[test]
    fn nobody_without_an_account_takes_the_streams_of_those_with_one() {
        let limits = StreamLimits::new(1);
        let mut anonymous = Vec::new();
        for host in 0..100_u16 {
            let address = format!("2001:db8::{host:x}").parse().unwrap();
            anonymous.extend((0..200).map_while(|_| limits.take(address, None).ok()));
        }
        assert_eq!(anonymous.len(), 150, "of one network");
        for network in 0..2_000_u32 {
            let address = IpAddr::from((0x0a00_0000 + network).to_be_bytes());
            anonymous.extend((0..200).map_while(|_| limits.take(address, None).ok()));
        }
        assert_eq!(anonymous.len(), 7_500);
        let address = IpAddr::from([203, 0, 113, 1]);
        assert_eq!(limits.take(address, None).unwrap_err().status(), 503);
        assert!(limits.take(address, Some(account())).is_ok());
    }

    #[test]
    fn an_account_replays_twice_at_once() {
        let limits = StreamLimits::new(1);
        let address = IpAddr::from([127, 0, 0, 1]);
        let permits: Vec<_> = (0..3).map(|_| limits.take(address, Some(account())).unwrap()).collect();
        let replays: Vec<_> = permits.iter().filter_map(StreamPermit::replays).collect();
        let running: Vec<_> =
            replays.iter().filter_map(|replays| Arc::clone(replays).try_acquire_owned().ok()).collect();
        assert_eq!(running.len(), REPLAYS_PER_ACCOUNT_MAX);
    }
}
