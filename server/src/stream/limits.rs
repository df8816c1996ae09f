//! Limits for streams: in total, per address and per account.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use cnop_api::{Code, Problem};
use cnop_domain::AccountId;

/// Streams of the whole server: each takes a socket and about 20 KiB.
pub(crate) const STREAMS_MAX: usize = 10_000;
/// Streams of one address: many people may sit behind one.
pub(crate) const STREAMS_PER_ADDRESS_MAX: usize = 200;
/// Streams of one account: tabs and programs of one person.
pub(crate) const STREAMS_PER_ACCOUNT_MAX: usize = 20;
/// When a refused client may try again, in seconds.
const RETRY_SECONDS: u32 = 10;

/// Counter of open streams.
#[derive(Debug, Clone, Default)]
pub(crate) struct StreamLimits {
    counts: Arc<Mutex<Counts>>,
}

#[derive(Debug, Default)]
struct Counts {
    all: usize,
    addresses: HashMap<IpAddr, usize>,
    accounts: HashMap<AccountId, usize>,
}

/// The right to one stream, until dropped.
#[derive(Debug)]
pub(crate) struct StreamPermit {
    counts: Arc<Mutex<Counts>>,
    address: IpAddr,
    account: Option<AccountId>,
}

impl StreamLimits {
    /// Takes a permit.
    ///
    /// # Errors
    /// `quota.exceeded` (429) when the address or the account has too many streams, `service.overloaded` (503) when
    /// the server has.
    pub(crate) fn take(&self, address: IpAddr, account: Option<AccountId>) -> Result<StreamPermit, Problem> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.all >= STREAMS_MAX {
            let detail = "The venue has no room for another live connection.";
            return Err(Problem::new(Code::Overloaded, detail).retry_after(RETRY_SECONDS));
        }
        let of_address = counts.addresses.get(&address).copied().unwrap_or(0);
        let of_account =
            account.as_ref().and_then(|account| counts.accounts.get(account)).copied().unwrap_or(0);
        if of_address >= STREAMS_PER_ADDRESS_MAX || of_account >= STREAMS_PER_ACCOUNT_MAX {
            let detail = "Too many live connections are open; close one first.";
            return Err(Problem::new(Code::QuotaExceeded, detail).retry_after(RETRY_SECONDS));
        }
        counts.all += 1;
        *counts.addresses.entry(address).or_default() += 1;
        if let Some(account) = &account {
            *counts.accounts.entry(account.clone()).or_default() += 1;
        }
        Ok(StreamPermit { counts: Arc::clone(&self.counts), address, account })
    }
}

impl Drop for StreamPermit {
    fn drop(&mut self) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.all = counts.all.saturating_sub(1);
        one_less(&mut counts.addresses, &self.address);
        if let Some(account) = &self.account {
            one_less(&mut counts.accounts, account);
        }
    }
}

fn one_less<K: Eq + Hash>(counts: &mut HashMap<K, usize>, key: &K) {
    if let Some(count) = counts.get_mut(key) {
        *count = count.saturating_sub(1);
        if *count == 0 {
            counts.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_come_back() {
        let limits = StreamLimits::default();
        let address = IpAddr::from([127, 0, 0, 1]);
        let account: AccountId = "acc_00000000000000000000000000".parse().unwrap();
        let slots: Vec<StreamPermit> = (0..STREAMS_PER_ACCOUNT_MAX)
            .map(|_| limits.take(address, Some(account.clone())).unwrap())
            .collect();
        assert_eq!(limits.take(address, Some(account.clone())).unwrap_err().status(), 429);
        assert!(limits.take(address, None).is_ok());
        drop(slots);
        assert!(limits.take(address, Some(account)).is_ok());
        let counts = limits.counts.lock().unwrap();
        assert_eq!((counts.all, counts.addresses.len(), counts.accounts.len()), (0, 0, 0));
    }
}
