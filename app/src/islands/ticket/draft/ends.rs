//! Results of the ways in which an order can end: of its exits, or of the two orders of a pair.

use cnop_domain::{Amount, MarketContext, OrderTerms, Price, Quantity, Side, fee};

/// One end: its price, the money that moves then, and the gain against the cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct End {
    /// Limit, else trigger: a stop at market may fill at a worse one.
    pub(in super::super) price: Price,
    /// Received after the fee, or paid with it.
    pub(in super::super) total: Amount,
    /// Received less cost; none for a purchase, and for coins of unknown cost.
    pub(in super::super) gain: Option<Amount>,
    /// True if the price is a limit, so that the total is at least this.
    pub(in super::super) is_limit: bool,
}

impl End {
    /// The end by an order with these terms, for coins that cost this much; none out of range.
    pub(super) fn of(terms: &OrderTerms, venue: &MarketContext, cost: Option<Amount>) -> Option<Self> {
        let price = terms.cost_price(venue);
        let notional = price.value_of(terms.quantity);
        let fee = fee(notional, venue.fee_bps).ok()?;
        let total = match terms.side {
            Side::Buy => notional.checked_add(fee),
            Side::Sell => notional.checked_sub(fee),
        };
        let total = total.ok()?;
        let cost = cost.filter(|_| terms.side == Side::Sell);
        let gain = cost.and_then(|cost| total.checked_sub(cost).ok());
        Some(Self { price, total, gain, is_limit: terms.limit.is_some() })
    }
}

/// Cost of some of the coins that are held; none without a holding.
pub(super) fn cost_of(quantity: Quantity, held: Quantity, cost: Amount) -> Option<Amount> {
    let part = (cost.units() * quantity.units()).checked_div(held.units())?;
    Amount::from_units(part).ok().filter(|_| quantity <= held)
}

/// Profit for each dollar of loss, in hundredths; none unless one end gains and the other loses.
pub(in super::super) fn reward(profit: &End, loss: &End) -> Option<i128> {
    let (gain, lost) = (profit.gain?.units(), loss.gain?.units());
    (gain > 0 && lost < 0).then(|| gain * 100 / -lost)
}
