//! The published fill model: what a market order does to a trader's money and coins.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::posting::{Account, Bucket, Currency, Posting, Postings};
use crate::{
    Amount, AssetId, MoneyError, OrderType, Position, Price, Quantity, Quote, Side, Ticket, TicketFault,
    TradingRules,
};

/// Name of the rules in this file: a market order fills whole, buys at the ask and sells at the bid of one quote.
pub const FILL_MODEL: &str = "v1";
/// Basis points in one.
const BASIS_POINTS: i128 = 10_000;

/// A fill and the quote it was made at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fill {
    /// Dollars a coin.
    pub price: Price,
    /// Coins.
    pub quantity: Quantity,
    /// Price × quantity: exact, but for a sale of all there is, where it is rounded down.
    pub notional: Amount,
    /// The venue's fee in dollars.
    pub fee: Amount,
    /// The quote.
    pub quote: Quote,
}

/// What the venue says at the moment of a fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// The asset's trading rules.
    pub rules: TradingRules,
    /// The asset's quote.
    pub quote: Quote,
    /// Fee in basis points of the notional.
    pub fee_bps: u32,
    /// Largest notional of one order.
    pub order_notional_max: Amount,
}

/// What the trader has at the moment of a fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Holder {
    /// Dollars that can be spent.
    pub cash: Amount,
    /// Coins that can be sold.
    pub available: Quantity,
    /// All coins, with their cost.
    pub position: Position,
}

/// All that a fill changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Execution {
    /// The fill.
    pub fill: Fill,
    /// The movements, which sum to zero.
    pub postings: Postings,
    /// What the trader has afterwards.
    pub after: Holder,
    /// Profit of a sale after its fee; none for a purchase.
    pub realised: Option<Amount>,
}

/// Why nothing is filled.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The ticket breaks a trading rule.
    #[error("the ticket breaks a trading rule")]
    Ticket(TicketFault),
    /// Only market orders are filled here.
    #[error("this order type is not offered")]
    TypeUnsupported(OrderType),
    /// Too little money.
    #[error("the available balance is too small")]
    InsufficientFunds {
        /// What can be spent.
        available: Amount,
        /// Notional and fee.
        needed: Amount,
    },
    /// Too few coins.
    #[error("the available quantity is too small")]
    InsufficientQuantity {
        /// What can be sold.
        available: Quantity,
        /// What the order would sell.
        needed: Quantity,
    },
    /// A balance would leave its range.
    #[error("a balance would leave its range")]
    OutOfRange,
}

impl From<MoneyError> for Refusal {
    fn from(_: MoneyError) -> Self {
        Self::OutOfRange
    }
}

impl From<TicketFault> for Refusal {
    fn from(fault: TicketFault) -> Self {
        Self::Ticket(fault)
    }
}

/// The fee on a notional: basis points of it, rounded up to the next 10⁻⁸ dollar.
///
/// # Errors
/// [`MoneyError::OutOfRange`] for a notional below zero or a fee outside the range of amounts.
pub fn fee(notional: Amount, fee_bps: u32) -> Result<Amount, MoneyError> {
    if notional.is_negative() {
        return Err(MoneyError::OutOfRange);
    }
    let product = notional.units().checked_mul(i128::from(fee_bps)).ok_or(MoneyError::OutOfRange)?;
    Amount::from_units(product / BASIS_POINTS + i128::from(product % BASIS_POINTS > 0))
}

/// Fills a market order whole at the quote: a purchase at the ask, a sale at the bid. An order by value trades the
/// largest multiple of the step size whose notional does not exceed the value; the fee of a purchase comes on top,
/// the fee of a sale is taken from its proceeds. All that can be sold can be sold at once, however little it is (see
/// [`Ticket::check`]).
///
/// # Errors
/// A [`Refusal`] with the figures behind it; nothing is changed.
pub fn market_fill(ticket: &Ticket, terms: &Terms, holder: &Holder) -> Result<Execution, Refusal> {
    if ticket.order_type != OrderType::Market {
        return Err(Refusal::TypeUnsupported(ticket.order_type));
    }
    let price = terms.quote.price_for(ticket.side);
    let checked = ticket.check(&terms.rules, terms.order_notional_max, price, holder.available)?;
    let fee = fee(checked.notional, terms.fee_bps)?;
    let fill =
        Fill { price, quantity: checked.quantity, notional: checked.notional, fee, quote: terms.quote };
    let (after, realised) = match ticket.side {
        Side::Buy => (holder.bought(&fill)?, None),
        Side::Sell => holder.sold(&fill).map(|(after, profit)| (after, Some(profit)))?,
    };
    let postings = fill_postings(ticket.asset_id, ticket.side, &fill).ok_or(Refusal::OutOfRange)?;
    Ok(Execution { fill, postings, after, realised })
}

impl Holder {
    fn bought(&self, fill: &Fill) -> Result<Self, Refusal> {
        let needed = fill.notional.checked_add(fill.fee)?;
        if needed > self.cash {
            return Err(Refusal::InsufficientFunds { available: self.cash, needed });
        }
        Ok(Self {
            cash: self.cash.checked_sub(needed)?,
            available: self.available.checked_add(fill.quantity)?,
            position: self.position.bought(fill.quantity, fill.notional, fill.fee)?,
        })
    }

    fn sold(&self, fill: &Fill) -> Result<(Self, Amount), Refusal> {
        if fill.quantity > self.available {
            return Err(Refusal::InsufficientQuantity { available: self.available, needed: fill.quantity });
        }
        let proceeds = fill.notional.checked_sub(fill.fee)?;
        let cash = self.cash.checked_add(proceeds)?;
        if cash.is_negative() {
            // Only a fee above the notional can do this.
            return Err(Refusal::InsufficientFunds { available: self.cash, needed: proceeds.negated() });
        }
        let (position, profit) = self.position.sold(fill.quantity, fill.notional, fill.fee)?;
        Ok((Self { cash, available: self.available.checked_sub(fill.quantity)?, position }, profit))
    }
}

fn fill_postings(asset_id: AssetId, side: Side, fill: &Fill) -> Option<Postings> {
    let trader = Account::Trader(Bucket::Available);
    let coin = Currency::Asset(asset_id);
    let direction = match side {
        Side::Buy => 1,
        Side::Sell => -1,
    };
    let (notional, quantity, fee) = (fill.notional.units(), fill.quantity.units(), fill.fee.units());
    Postings::new(vec![
        Posting::new(trader, Currency::Usd, -direction * notional - fee),
        Posting::new(Account::VenueInventory, Currency::Usd, direction * notional),
        Posting::new(Account::VenueFees, Currency::Usd, fee),
        Posting::new(trader, coin, direction * quantity),
        Posting::new(Account::VenueInventory, coin, -direction * quantity),
    ])
    .ok()
}
