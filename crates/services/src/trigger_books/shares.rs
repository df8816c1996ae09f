//! Displayed size that this server has of quotes whose trigger books other servers own.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use cnop_domain::{AssetId, Quantity, Quote, Side};

use super::change::{DisplayedSizeHold, HoldOrigin};

/// The shares of all quotes, one for each asset and side.
#[derive(Debug, Default)]
pub(crate) struct DisplayedShares(Mutex<HashMap<(AssetId, Side), DisplayedShare>>);

/// A part of one quote's displayed size.
#[derive(Debug, Clone, PartialEq, Eq)]
struct DisplayedShare {
    quote_seq: u64,
    left: Quantity,
    /// Requests whose commands are not done, by number. Without one the rest goes back to the owner.
    requests: Vec<u64>,
    /// Requests whose grants are in it.
    granted: Vec<u64>,
}

/// The unused rest of what an owner granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ShareRest {
    /// The requests that it was granted for.
    pub(crate) requests: Vec<u64>,
    pub(crate) quantity: Quantity,
}

impl DisplayedShares {
    /// Size left for an order of this side; `None` when this server has not asked for this quote yet.
    pub(crate) fn left(&self, asset_id: AssetId, side: Side, quote: &Quote) -> Option<Quantity> {
        let shares = self.shares();
        let share = shares.get(&(asset_id, side))?;
        match share.quote_seq.cmp(&quote.seq) {
            std::cmp::Ordering::Less => None,
            std::cmp::Ordering::Equal => Some(share.left),
            std::cmp::Ordering::Greater => Some(Quantity::ZERO),
        }
    }

    /// Takes a part; `None` when too little is left.
    pub(crate) fn take(
        &self,
        asset_id: AssetId,
        side: Side,
        quote: &Quote,
        quantity: Quantity,
    ) -> Option<DisplayedSizeHold> {
        let mut shares = self.shares();
        let share = shares.get_mut(&(asset_id, side)).filter(|share| share.quote_seq == quote.seq)?;
        if quantity > share.left {
            return None;
        }
        share.left = share.left.checked_sub(quantity).ok()?;
        let (quote_seq, origin) = (quote.seq, HoldOrigin::Share);
        Some(DisplayedSizeHold { asset_id, side, quote_seq, quantity, origin })
    }

    /// Returns what a command has not used after all.
    pub(super) fn give_back(&self, hold: &DisplayedSizeHold) {
        if let Some(share) = self.shares().get_mut(&(hold.asset_id, hold.side))
            && share.quote_seq == hold.quote_seq
        {
            share.left = share.left.checked_add(hold.quantity).unwrap_or(share.left);
        }
    }

    /// Adds what the owner granted to a request.
    pub(crate) fn grant(
        &self,
        asset_id: AssetId,
        side: Side,
        quote_seq: u64,
        (request, quantity): (u64, Quantity),
    ) {
        let mut shares = self.shares();
        let Some(share) = of_quote(&mut shares, asset_id, side, quote_seq, Quantity::ZERO) else { return };
        share.left = share.left.checked_add(quantity).unwrap_or(share.left);
        share.requests.push(request);
        if !quantity.is_zero() {
            share.granted.push(request);
        }
    }

    /// This server's own share of a quote, once.
    pub(crate) fn own(&self, asset_id: AssetId, side: Side, quote_seq: u64, quantity: Quantity) {
        let _ = of_quote(&mut self.shares(), asset_id, side, quote_seq, quantity);
    }

    /// The command of a request is done. The last one of a quote takes the rest of what was granted.
    pub(crate) fn done(
        &self,
        asset_id: AssetId,
        side: Side,
        quote_seq: u64,
        request: u64,
    ) -> Option<ShareRest> {
        let mut shares = self.shares();
        let share = shares.get_mut(&(asset_id, side)).filter(|share| share.quote_seq == quote_seq)?;
        share.requests.retain(|known| *known != request);
        // A share of its own stays, so that it is used once.
        if !share.requests.is_empty() || share.granted.is_empty() {
            return None;
        }
        let rest = ShareRest { requests: std::mem::take(&mut share.granted), quantity: share.left };
        shares.remove(&(asset_id, side));
        (!rest.quantity.is_zero()).then_some(rest)
    }

    fn shares(&self) -> MutexGuard<'_, HashMap<(AssetId, Side), DisplayedShare>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The share of a quote, made with so much left; `None` for a quote that is not the newest.
fn of_quote(
    shares: &mut HashMap<(AssetId, Side), DisplayedShare>,
    asset_id: AssetId,
    side: Side,
    quote_seq: u64,
    left: Quantity,
) -> Option<&mut DisplayedShare> {
    let new = || DisplayedShare { quote_seq, left, requests: Vec::new(), granted: Vec::new() };
    let share = shares.entry((asset_id, side)).or_insert_with(new);
    if share.quote_seq < quote_seq {
        *share = new();
    }
    (share.quote_seq == quote_seq).then_some(share)
}
