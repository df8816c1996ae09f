//! A position: the coins of one asset, their cost and the realized profit.

use serde::{Deserialize, Serialize};

use crate::{Amount, MoneyError, Price, Quantity};

/// A position at weighted average cost, purchase fees included.
///
/// At every moment and exactly: realized profit + (value − cost) = dollars received − dollars paid + value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Position {
    /// Coins held, available and reserved.
    pub quantity: Quantity,
    /// Cost of these coins, including the fees of their purchase.
    pub cost: Amount,
    /// Profit of all sales so far, after their fees.
    pub realised: Amount,
}

impl Position {
    /// After a purchase.
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`] when a figure leaves its range.
    pub fn bought(self, quantity: Quantity, notional: Amount, fee: Amount) -> Result<Self, MoneyError> {
        Ok(Self {
            quantity: self.quantity.checked_add(quantity)?,
            cost: self.cost.checked_add(notional)?.checked_add(fee)?,
            realised: self.realised,
        })
    }

    /// The position after a sale, and the profit of the sale: proceeds − fee − cost of the coins sold. The
    /// average cost stays. The removed cost is rounded up, so that profit is never overstated. The last coin
    /// takes the whole remaining cost, so that nothing is lost.
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`] when more is sold than held or a figure leaves its range.
    pub fn sold(
        self,
        quantity: Quantity,
        notional: Amount,
        fee: Amount,
    ) -> Result<(Self, Amount), MoneyError> {
        let left = self.quantity.checked_sub(quantity)?;
        let removed = self.cost_of(quantity)?;
        let profit = notional.checked_sub(fee)?.checked_sub(removed)?;
        let after = Self {
            quantity: left,
            cost: self.cost.checked_sub(removed)?,
            realised: self.realised.checked_add(profit)?,
        };
        Ok((after, profit))
    }

    /// Cost of a part of the position, rounded up; of all of it, all.
    fn cost_of(self, part: Quantity) -> Result<Amount, MoneyError> {
        if part == self.quantity || self.quantity.is_zero() {
            return Ok(self.cost);
        }
        let (cost, part, whole) = (self.cost.units(), part.units(), self.quantity.units());
        // cost × part could leave i128; (cost mod whole) × part cannot: both factors are at most 10¹⁸.
        let remainder = (cost % whole) * part;
        let rounded_up = remainder / whole + i128::from(remainder % whole > 0);
        (cost / whole)
            .checked_mul(part)
            .and_then(|product| product.checked_add(rounded_up))
            .ok_or(MoneyError::OutOfRange)
            .and_then(Amount::from_units)
    }

    /// Cost ÷ quantity, rounded half up; zero without a position.
    #[must_use]
    pub fn average_cost(self) -> Price {
        let whole = self.quantity.units();
        if whole == 0 {
            return Price::ZERO;
        }
        let (coins, rest) = (self.cost.units() / whole, self.cost.units() % whole);
        let fraction = (rest * crate::UNITS_PER_WHOLE + whole / 2) / whole;
        coins
            .checked_mul(crate::UNITS_PER_WHOLE)
            .and_then(|units| units.checked_add(fraction))
            .and_then(|units| Price::from_units(units).ok())
            .unwrap_or(Price::MAX)
    }

    /// Quantity × price, rounded down to 10⁻⁸ dollar.
    #[must_use]
    pub fn value(self, price: Price) -> Amount {
        price.value_of(self.quantity)
    }

    /// Value − cost.
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`] when the difference leaves its range.
    pub fn unrealised(self, price: Price) -> Result<Amount, MoneyError> {
        self.value(price).checked_sub(self.cost)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn dollars(text: &str) -> Amount {
        text.parse().unwrap()
    }

    fn coins(text: &str) -> Quantity {
        text.parse().unwrap()
    }

    fn notional(price: &str, quantity: &str) -> Amount {
        price.parse::<Price>().unwrap().times(coins(quantity)).unwrap()
    }

    fn buy(position: Position, quantity: &str, price: &str, fee: &str) -> Position {
        position.bought(coins(quantity), notional(price, quantity), dollars(fee)).unwrap()
    }

    fn sell(position: Position, quantity: &str, price: &str, fee: &str) -> (Position, Amount) {
        position.sold(coins(quantity), notional(price, quantity), dollars(fee)).unwrap()
    }

    #[test]
    fn buy_and_sell_partially() {
        let position = buy(Position::default(), "2", "75.80", "1.30");
        let (position, _) = sell(position, "1", "85.73", "2.95");
        let mark = "87.80".parse().unwrap();
        let net = position.realised.checked_add(position.unrealised(mark).unwrap()).unwrap();
        assert_eq!(net, dollars("17.68"));
        let fees = dollars("1.30").checked_add(dollars("2.95")).unwrap();
        assert_eq!((fees, net.checked_add(fees).unwrap()), (dollars("4.25"), dollars("21.93")));
        assert_eq!(position.cost, dollars("76.45"), "75.80 and half of the purchase fee");
    }

    #[test]
    fn hold_one_bitcoin() {
        let position = buy(Position::default(), "1", "44558.42", "4.46");
        assert_eq!(position.cost, dollars("44562.88"));
        assert_eq!(position.unrealised("50098.3".parse().unwrap()).unwrap(), dollars("5535.42"));
        assert_eq!(position.unrealised("43099.7".parse().unwrap()).unwrap(), dollars("-1463.18"));
    }

    #[test]
    fn sales_keep_the_average_of_what_is_held() {
        let position = buy(Position::default(), "1", "100", "0");
        let (position, first) = sell(position, "0.5", "120", "0");
        assert_eq!(first, dollars("10"));
        let position = buy(position, "1", "200", "0");
        assert_eq!(position.average_cost().to_string(), "166.66666667");
        let (position, _) = sell(position, "1.5", "200", "0");
        assert_eq!(position, Position { realised: dollars("60"), ..Position::default() });
        let trades = [("1", "100"), ("-0.5", "120"), ("1", "200"), ("-1.5", "200")];
        assert_eq!(first_in_first_out(&trades), dollars("60"));
        let cash = trades.iter().map(|(quantity, price)| match quantity.strip_prefix('-') {
            Some(sold) => notional(price, sold).units(),
            None => -notional(price, quantity).units(),
        });
        assert_eq!(cash.sum::<i128>(), dollars("60").units());
    }

    /// Profit of the sales when each takes the oldest coins.
    fn first_in_first_out(trades: &[(&str, &str)]) -> Amount {
        let mut lots = std::collections::VecDeque::new();
        let mut profit = 0;
        for (quantity, price) in trades {
            let price: Price = price.parse().unwrap();
            let Some(sold) = quantity.strip_prefix('-') else {
                lots.push_back((coins(quantity), price));
                continue;
            };
            let mut left = coins(sold);
            while !left.is_zero() {
                let (lot, paid): (Quantity, Price) = lots.pop_front().unwrap();
                let taken = lot.min(left);
                profit += price.times(taken).unwrap().units() - paid.times(taken).unwrap().units();
                left = left.checked_sub(taken).unwrap();
                if lot > taken {
                    lots.push_front((lot.checked_sub(taken).unwrap(), paid));
                }
            }
        }
        Amount::from_units(profit).unwrap()
    }

    proptest! {
        /// The invariant of every method, at every moment: realized + unrealized = cash of the trades + q·mark.
        #[test]
        fn profit_is_cash_and_value(
            trades in prop::collection::vec((any::<bool>(), 1..1_000_000_000_i128, 1..10_000_000_000_i128, 0..1_000_000_i128), 1..30),
            mark in 0..20_000_000_000_i128,
        ) {
            let mark = Price::from_units(mark).unwrap();
            let (mut position, mut cash) = (Position::default(), 0_i128);
            for (buys, units, price, fee) in trades {
                let (price, fee) = (Price::from_units(price).unwrap(), Amount::from_units(fee).unwrap());
                if buys {
                    let quantity = Quantity::from_units(units).unwrap();
                    let paid = price.value_of(quantity);
                    position = position.bought(quantity, paid, fee).unwrap();
                    cash -= paid.units() + fee.units();
                } else {
                    let quantity = Quantity::from_units(units.min(position.quantity.units())).unwrap();
                    let got = price.value_of(quantity);
                    position = position.sold(quantity, got, fee).unwrap().0;
                    cash += got.units() - fee.units();
                }
                let profit = position.realised.checked_add(position.unrealised(mark).unwrap()).unwrap();
                prop_assert_eq!(profit.units(), cash + position.value(mark).units());
                prop_assert!(!position.cost.is_negative());
            }
        }
    }

    #[test]
    fn nothing_is_lost_to_rounding_at_the_extremes() {
        let position = Position {
            quantity: Quantity::MAX,
            cost: Amount::from_units(crate::BALANCE_UNITS_MAX - 1).unwrap(),
            realised: Amount::ZERO,
        };
        let part = Quantity::from_units(crate::UNITS_MAX - 1).unwrap();
        let (left, _) = position.sold(part, Amount::ZERO, Amount::ZERO).unwrap();
        let (gone, _) = left.sold(Quantity::from_units(1).unwrap(), Amount::ZERO, Amount::ZERO).unwrap();
        assert_eq!(gone.cost, Amount::ZERO);
        assert_eq!(gone.realised, position.cost.negated());
        assert!(position.sold(Quantity::MAX, Amount::ZERO, Amount::ZERO).is_ok());
        assert!(gone.sold(part, Amount::ZERO, Amount::ZERO).is_err(), "more than held");
    }
}
