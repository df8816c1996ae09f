//! What is typed into the ticket, and what it would come to: the venue's own checks, run where the ticket is.

use cnop_api::{Code, FieldError, Problem};
use cnop_domain::{
    Amount, AssetId, Holder, MoneyError, OrderType, Position, Price, Quantity, Quote, Refusal, Side, Size,
    Terms, Ticket, TradingRules, market_fill,
};

/// Basis points in one.
const BASIS_POINTS: i128 = 10_000;
/// Units in one cent.
const UNITS_PER_CENT: i128 = 1_000_000;

/// What the amount counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// Coins.
    Asset,
    /// Dollars.
    Usd,
}

impl Unit {
    /// Its text in forms and addresses.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Asset => "asset",
            Self::Usd => "usd",
        }
    }

    /// The unit of a text; coins unless it says dollars.
    pub(super) fn from_text(text: &str) -> Self {
        if text == "usd" { Self::Usd } else { Self::Asset }
    }
}

/// The ticket as it is filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Draft {
    pub(super) side: Side,
    pub(super) unit: Unit,
    pub(super) amount: String,
}

/// What the venue and the account say at this moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Basis {
    pub(super) asset_id: AssetId,
    pub(super) rules: TradingRules,
    pub(super) quote: Quote,
    pub(super) fee_bps: u32,
    pub(super) order_notional_max: Amount,
    pub(super) cash: Amount,
    pub(super) coins: Quantity,
}

/// What an order would do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Estimate {
    pub(super) side: Side,
    pub(super) quantity: Quantity,
    pub(super) price: Price,
    pub(super) notional: Amount,
    pub(super) fee: Amount,
    /// Paid with the fee, or received without it.
    pub(super) total: Amount,
    pub(super) cash_after: Amount,
    pub(super) coins_after: Quantity,
}

impl Draft {
    /// What the order would do, by the rule that fills it.
    ///
    /// # Errors
    /// What the venue would refuse it for, with the same code and field.
    pub(super) fn estimate(&self, basis: &Basis) -> Result<Estimate, Problem> {
        let ticket = Ticket {
            asset_id: basis.asset_id,
            side: self.side,
            order_type: OrderType::Market,
            size: self.size()?,
        };
        let terms = Terms {
            rules: basis.rules,
            quote: basis.quote,
            fee_bps: basis.fee_bps,
            order_notional_max: basis.order_notional_max,
        };
        // What the coins cost does not matter here: no profit is estimated.
        let position = Position { quantity: basis.coins, ..Position::default() };
        let holder = Holder { cash: basis.cash, available: basis.coins, position };
        let execution =
            market_fill(&ticket, &terms, &holder).map_err(|refusal| problem(refusal, basis.asset_id))?;
        let fill = execution.fill;
        let total = match self.side {
            Side::Buy => fill.notional.checked_add(fill.fee),
            Side::Sell => fill.notional.checked_sub(fill.fee),
        };
        Ok(Estimate {
            side: self.side,
            quantity: fill.quantity,
            price: fill.price,
            notional: fill.notional,
            fee: fill.fee,
            total: total.map_err(|_| problem(Refusal::OutOfRange, basis.asset_id))?,
            cash_after: execution.after.cash,
            coins_after: execution.after.available,
        })
    }

    fn size(&self) -> Result<Size, Problem> {
        let text = self.amount.trim();
        if text.is_empty() {
            return Err(refused_amount("required", "Enter how much you want to trade."));
        }
        let unreadable = |error| match error {
            MoneyError::TooPrecise => refused_amount("decimals", "A number here has at most 8 decimals."),
            MoneyError::OutOfRange => {
                refused_amount("range", "Enter a number above 0 that is not that large.")
            }
            MoneyError::Malformed => {
                refused_amount("format", "Enter a plain number such as 0.015, without separators.")
            }
        };
        match self.unit {
            Unit::Asset => text.parse().map(Size::Base).map_err(unreadable),
            Unit::Usd => text.parse().map(Size::Quote).map_err(unreadable),
        }
    }
}

impl Basis {
    /// The amount that a share of what is available comes to, with room for the fee, in steps, and never above what
    /// one order may be. All coins are all coins: a sale of them needs no steps.
    pub(super) fn share(&self, side: Side, unit: Unit, percentage: u32) -> String {
        let price = self.quote.price_for(side);
        let part = i128::from(percentage.min(100));
        let quantity = match side {
            Side::Sell => Quantity::from_units(self.coins.units() * part / 100).unwrap_or(Quantity::ZERO),
            Side::Buy => price.quantity_within(self.spendable(part)),
        };
        let within_caps = price.quantity_within(self.order_notional_max.min(self.rules.max_notional));
        let quantity = quantity.min(within_caps).min(self.rules.max_quantity);
        let is_all = side == Side::Sell && quantity == self.coins;
        let quantity = if is_all { quantity } else { quantity.floor_to(self.rules.step_size) };
        match (unit, side) {
            (Unit::Asset, _) => quantity.to_string(),
            // The price moves between typing and filling: whole cents of what can be spent always fit.
            (Unit::Usd, Side::Buy) => {
                let most = self.order_notional_max.min(self.rules.max_notional);
                whole_cents(self.spendable(part).min(most)).to_string()
            }
            (Unit::Usd, Side::Sell) => whole_cents(price.value_of(quantity)).to_string(),
        }
    }

    /// Dollars that a share of the cash can buy for, the fee set aside.
    fn spendable(&self, part: i128) -> Amount {
        let share = self.cash.units().max(0) * part / 100;
        Amount::from_units(share * BASIS_POINTS / (BASIS_POINTS + i128::from(self.fee_bps)))
            .unwrap_or(Amount::ZERO)
    }
}

fn whole_cents(amount: Amount) -> Amount {
    Amount::from_units(amount.units() / UNITS_PER_CENT * UNITS_PER_CENT).unwrap_or(Amount::ZERO)
}

fn refused_amount(rule: &str, detail: &str) -> Problem {
    Problem::invalid(vec![FieldError::new("amount", rule, detail)])
}

/// A refusal in the words of the venue, at the field that can mend it.
fn problem(refusal: Refusal, asset_id: AssetId) -> Problem {
    let at_amount = |code: Code, rule: &str, detail: String| {
        Problem::new(code, detail.clone()).with_error(FieldError::new("amount", rule, detail))
    };
    match refusal {
        Refusal::Ticket(fault) => {
            at_amount(Code::RequestInvalid, fault.rule.as_str(), fault.detail(asset_id))
        }
        Refusal::InsufficientFunds { available, needed } => at_amount(
            Code::BalanceInsufficientFunds,
            "available",
            format!("You have {available} USD available. This order needs {needed} USD."),
        ),
        Refusal::InsufficientQuantity { available, needed } => at_amount(
            Code::BalanceInsufficientQuantity,
            "available",
            format!("You have {available} {asset_id} available. This order needs {needed} {asset_id}."),
        ),
        Refusal::TypeUnsupported(_) | Refusal::OutOfRange => {
            refused_amount("range", "This is more than the venue can book.")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn basis(cash: &str, coins: &str) -> Basis {
        Basis {
            asset_id: "BTC".parse().unwrap(),
            rules: TradingRules {
                tick_size: "0.01".parse().unwrap(),
                step_size: "0.00001".parse().unwrap(),
                min_quantity: "0.00001".parse().unwrap(),
                max_quantity: "100".parse().unwrap(),
                min_notional: "1".parse().unwrap(),
                max_notional: "1000000".parse().unwrap(),
            },
            quote: Quote {
                bid: "61990".parse().unwrap(),
                ask: "62010".parse().unwrap(),
                bid_size: "1".parse().unwrap(),
                ask_size: "1".parse().unwrap(),
                last: "62000".parse().unwrap(),
                seq: 1,
                time_us: 0,
            },
            fee_bps: 10,
            order_notional_max: "10000".parse().unwrap(),
            cash: cash.parse().unwrap(),
            coins: coins.parse().unwrap(),
        }
    }

    fn draft(side: Side, unit: Unit, amount: &str) -> Draft {
        Draft { side, unit, amount: amount.to_owned() }
    }

    #[test]
    fn an_estimate_is_what_the_fill_does() {
        let estimate = draft(Side::Buy, Unit::Asset, " 0.01 ").estimate(&basis("1000", "0")).unwrap();
        assert_eq!(estimate.notional.to_string(), "620.10");
        assert_eq!(estimate.fee.to_string(), "0.6201");
        assert_eq!(estimate.total.to_string(), "620.7201");
        assert_eq!(estimate.cash_after.to_string(), "379.2799");
        let estimate = draft(Side::Sell, Unit::Asset, "0.01").estimate(&basis("0", "0.5")).unwrap();
        assert_eq!(estimate.total.to_string(), "619.2801");
        assert_eq!(estimate.coins_after.to_string(), "0.49");
    }

    #[test]
    fn all_of_it_leaves_room_for_the_fee_and_keeps_the_step() {
        for cash in ["1000", "10.07", "2.00", "9999.99", "123.45678901"] {
            let basis = basis(cash, "0");
            for unit in [Unit::Asset, Unit::Usd] {
                let amount = basis.share(Side::Buy, unit, 100);
                let result = draft(Side::Buy, unit, &amount).estimate(&basis);
                assert!(result.is_ok(), "{cash} {unit:?} {amount}: {result:?}");
            }
        }
    }

    #[test]
    fn all_coins_are_sold_to_the_last() {
        for coins in ["0.12345678", "0.00000001", "0.00001", "0.1"] {
            let held = basis("0", coins);
            let amount = held.share(Side::Sell, Unit::Asset, 100);
            assert_eq!(amount, coins);
            let estimate = draft(Side::Sell, Unit::Asset, &amount).estimate(&held).unwrap();
            assert!(estimate.coins_after.is_zero(), "{coins}");
        }
        assert_eq!(basis("0", "0.12345678").share(Side::Sell, Unit::Asset, 50), "0.06172");
    }

    #[test]
    fn a_share_never_exceeds_what_one_order_may_be() {
        let rich = basis("1000000", "50");
        for side in Side::ALL {
            for unit in [Unit::Asset, Unit::Usd] {
                let amount = rich.share(side, unit, 100);
                assert!(draft(side, unit, &amount).estimate(&rich).is_ok(), "{side} {unit:?} {amount}");
            }
        }
    }

    #[test]
    fn refusals_have_the_venues_codes_and_stand_at_the_amount() {
        let poor = basis("1", "0");
        for (draft, code) in [
            (draft(Side::Buy, Unit::Asset, "0.01"), Code::BalanceInsufficientFunds),
            (draft(Side::Sell, Unit::Asset, "0.01"), Code::BalanceInsufficientQuantity),
            (draft(Side::Buy, Unit::Asset, "0.000001"), Code::RequestInvalid),
            (draft(Side::Buy, Unit::Usd, "0.5"), Code::RequestInvalid),
            (draft(Side::Buy, Unit::Usd, "20000"), Code::RequestInvalid),
            (draft(Side::Buy, Unit::Usd, ""), Code::RequestInvalid),
            (draft(Side::Buy, Unit::Usd, "1e3"), Code::RequestInvalid),
            (draft(Side::Buy, Unit::Asset, "0.123456789"), Code::RequestInvalid),
            (draft(Side::Buy, Unit::Asset, "-1"), Code::RequestInvalid),
        ] {
            let problem = draft.estimate(&poor).unwrap_err();
            assert_eq!(problem.code, code, "{draft:?}");
            assert_eq!(problem.errors.first().and_then(FieldError::member), Some("amount"), "{draft:?}");
        }
    }
}
