//! Double-entry postings between ledger accounts. They sum to zero in every currency.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::AssetId;

/// The two halves of a trader's balance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Bucket {
    /// Balance that can be spent, sold or withdrawn.
    Available,
    /// Balance reserved by open orders.
    Reserved,
}

/// Ledger account of a movement. The stored form is the variant's position: add only at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum LedgerAccount {
    /// The trader in whose event log the posting lies.
    Trader(Bucket),
    /// Fees that the venue has earned.
    VenueFees,
    /// The venue's own dollars and coins: the counterparty of each fill.
    VenueInventory,
    /// Remainders of rounding, kept by the venue.
    VenueRounding,
    /// The world outside: where deposits come from and withdrawals go to.
    VenueExternal,
}

/// Currency of a posting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Currency {
    /// The US dollar, the quote currency.
    Usd,
    /// Coins of one asset.
    Asset(AssetId),
}

/// One side of a movement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posting {
    /// Ledger account whose balance changes.
    pub account: LedgerAccount,
    /// Currency of the amount.
    pub currency: Currency,
    /// Amount in smallest units (10⁻⁸): positive for incoming, negative for outgoing.
    pub units: i128,
}

impl Posting {
    /// A posting of this many units.
    #[must_use]
    pub const fn new(account: LedgerAccount, currency: Currency, units: i128) -> Self {
        Self { account, currency, units }
    }
}

/// The movements of one currency do not sum to zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("postings of one currency do not sum to zero")]
pub struct Unbalanced;

/// Postings that sum to zero in every currency: no other value of this type exists.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "Vec<Posting>", into = "Vec<Posting>")]
pub struct Postings(Vec<Posting>);

impl Postings {
    /// Takes the postings and drops those of zero.
    ///
    /// # Errors
    /// [`Unbalanced`] when a currency does not sum to zero.
    pub fn new(mut postings: Vec<Posting>) -> Result<Self, Unbalanced> {
        postings.retain(|posting| posting.units != 0);
        // One or two currencies in practice: a short list is faster than a map.
        let mut sums: Vec<(Currency, i128)> = Vec::with_capacity(2);
        for posting in &postings {
            match sums.iter_mut().find(|(currency, _)| *currency == posting.currency) {
                Some((_, sum)) => *sum = sum.checked_add(posting.units).ok_or(Unbalanced)?,
                None => sums.push((posting.currency, posting.units)),
            }
        }
        if sums.iter().all(|(_, sum)| *sum == 0) { Ok(Self(postings)) } else { Err(Unbalanced) }
    }

    /// Iterates over the postings.
    pub fn iter(&self) -> impl Iterator<Item = &Posting> {
        self.0.iter()
    }

    /// Net units of a currency on an account: positive for a gain, negative for a loss.
    #[must_use]
    pub fn net(&self, account: LedgerAccount, currency: Currency) -> i128 {
        let here = |posting: &&Posting| posting.account == account && posting.currency == currency;
        self.0.iter().filter(here).fold(0, |sum: i128, posting| sum.saturating_add(posting.units))
    }
}

impl TryFrom<Vec<Posting>> for Postings {
    type Error = Unbalanced;

    fn try_from(postings: Vec<Posting>) -> Result<Self, Unbalanced> {
        Self::new(postings)
    }
}

impl From<Postings> for Vec<Posting> {
    fn from(postings: Postings) -> Self {
        postings.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRADER: LedgerAccount = LedgerAccount::Trader(Bucket::Available);

    #[test]
    fn only_balanced_postings_exist() {
        let coin = Currency::Asset("BTC".parse().unwrap());
        let give = Posting::new(TRADER, Currency::Usd, -5);
        let take = Posting::new(LedgerAccount::VenueInventory, Currency::Usd, 5);
        let postings = Postings::new(vec![give, take, Posting::new(TRADER, coin, 0)]).unwrap();
        assert_eq!(postings.iter().count(), 2);
        assert_eq!(postings.net(TRADER, Currency::Usd), -5);
        assert_eq!(Postings::new(vec![give]), Err(Unbalanced));
        assert_eq!(Postings::new(vec![give, Posting::new(TRADER, coin, 5)]), Err(Unbalanced));
        let huge = Posting::new(TRADER, Currency::Usd, i128::MAX);
        assert_eq!(Postings::new(vec![huge, huge]), Err(Unbalanced));
    }

    #[test]
    fn unbalanced_bytes_are_no_postings() {
        let bytes = postcard::to_allocvec(&vec![Posting::new(TRADER, Currency::Usd, -5)]).unwrap();
        assert!(postcard::from_bytes::<Postings>(&bytes).is_err());
    }
}
