//! The account as its stream tells it: a snapshot, then events without gaps.

use cnop_api::events::{AccountSnapshot, BalanceState, HoldingState};
use cnop_domain::AssetId;

use super::event::LiveEvent;

/// Result of applying an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    not(any(feature = "hydrate", test)),
    allow(dead_code, reason = "events arrive in the browser alone")
)]
pub(crate) enum Applied {
    /// It was the next one.
    Next,
    /// It is already part of the state.
    Known,
    /// Events are missing between the state and this one: a new snapshot is needed.
    Gap,
}

/// Balance and holdings after event `seq`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LiveAccount {
    /// The last event that is part of this state.
    pub(crate) seq: u64,
    /// Amount in US dollars.
    pub(crate) balance: BalanceState,
    /// Every holding above zero.
    pub(crate) holdings: Vec<HoldingState>,
}

impl From<AccountSnapshot> for LiveAccount {
    fn from(snapshot: AccountSnapshot) -> Self {
        Self { seq: snapshot.seq, balance: snapshot.balance, holdings: snapshot.holdings }
    }
}

#[cfg_attr(
    not(any(feature = "hydrate", test)),
    allow(dead_code, reason = "events arrive in the browser alone")
)]
impl LiveAccount {
    /// Moves the state one event on.
    pub(crate) fn apply(&mut self, event: &LiveEvent) -> Applied {
        if event.seq <= self.seq {
            return Applied::Known;
        }
        if event.seq != self.seq + 1 {
            return Applied::Gap;
        }
        self.seq = event.seq;
        self.balance = event.balance.clone();
        if let Some(changed) = &event.holding {
            self.holdings.retain(|holding| holding.asset_id != changed.asset_id);
            if !changed.quantity.is_zero() {
                self.holdings.push(changed.clone());
            }
        }
        Applied::Next
    }

    /// The holding of an asset.
    pub(crate) fn holding(&self, asset: &AssetId) -> Option<&HoldingState> {
        self.holdings.iter().find(|holding| holding.asset_id == *asset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holding(quantity: &str) -> HoldingState {
        HoldingState {
            asset_id: "BTC".parse().unwrap(),
            quantity: quantity.parse().unwrap(),
            available: quantity.parse().unwrap(),
            cost_basis: "1".parse().unwrap(),
        }
    }

    fn event(seq: u64, available: &str, quantity: Option<&str>) -> LiveEvent {
        let balance = BalanceState { available: available.parse().unwrap(), reserved: "0".parse().unwrap() };
        LiveEvent::bare(seq, balance, quantity.map(holding))
    }

    fn account() -> LiveAccount {
        let balance = event(4, "100", None).balance;
        AccountSnapshot { seq: 4, account: String::new(), balance, holdings: Vec::new() }.into()
    }

    #[test]
    fn the_next_event_moves_balance_and_holding() {
        let mut account = account();
        let btc = "BTC".parse().unwrap();
        assert_eq!(account.apply(&event(5, "40", Some("0.5"))), Applied::Next);
        assert_eq!(account.balance.available, "40".parse().unwrap());
        assert_eq!(account.holding(&btc).map(|held| held.quantity), Some("0.5".parse().unwrap()));
        assert_eq!(account.apply(&event(6, "100", Some("0"))), Applied::Next);
        assert_eq!(account.holding(&btc), None);
    }

    #[test]
    fn an_old_event_changes_nothing_and_a_gap_is_told() {
        let mut account = account();
        assert_eq!(account.apply(&event(4, "1", None)), Applied::Known);
        assert_eq!(account.apply(&event(6, "1", None)), Applied::Gap);
        assert_eq!(account, self::account());
    }
}
