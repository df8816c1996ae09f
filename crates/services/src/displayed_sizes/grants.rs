//! The owner's side: what it has granted of the newest quotes. So a doubled request or return has no further effect.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use cnop_domain::{AssetId, Quantity, Side};

use crate::ownership::ServerId;

/// Grants of one quote and side at most; further requests get nothing.
const GRANTS_MAX: usize = 4_096;

/// Grants of the newest quotes.
#[derive(Debug, Default)]
pub(super) struct DisplayedGrants(Mutex<HashMap<(AssetId, Side), QuoteGrants>>);

#[derive(Debug)]
struct QuoteGrants {
    quote_seq: u64,
    /// By asker and number of its request.
    by_request: HashMap<(ServerId, u64), Quantity>,
}

impl DisplayedGrants {
    /// The grant of a request; `take` makes it, once.
    pub(super) fn grant(
        &self,
        (asset_id, side, quote_seq): (AssetId, Side, u64),
        request: (ServerId, u64),
        take: impl FnOnce() -> Quantity,
    ) -> Quantity {
        let mut grants = self.grants();
        let new = || QuoteGrants { quote_seq, by_request: HashMap::new() };
        let known = grants.entry((asset_id, side)).or_insert_with(new);
        if known.quote_seq < quote_seq {
            *known = new();
        }
        if known.quote_seq > quote_seq || known.by_request.len() >= GRANTS_MAX {
            return known.by_request.get(&request).copied().unwrap_or(Quantity::ZERO);
        }
        *known.by_request.entry(request).or_insert_with(take)
    }

    /// Takes grants back, each once. Returns the size that may be used again.
    pub(super) fn give_back(
        &self,
        (asset_id, side, quote_seq): (AssetId, Side, u64),
        (asker, requests): (ServerId, &[u64]),
        quantity: Quantity,
    ) -> Quantity {
        let mut grants = self.grants();
        let known = grants.get_mut(&(asset_id, side)).filter(|known| known.quote_seq == quote_seq);
        let Some(known) = known else { return Quantity::ZERO };
        let mut granted = Quantity::ZERO;
        for request in requests {
            // It stays known, so that its repetition is not granted anew.
            if let Some(grant) = known.by_request.get_mut(&(asker, *request)) {
                granted = granted.checked_add(std::mem::take(grant)).unwrap_or(granted);
            }
        }
        quantity.min(granted)
    }

    fn grants(&self) -> MutexGuard<'_, HashMap<(AssetId, Side), QuoteGrants>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
