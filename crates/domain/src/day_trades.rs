//! Trades of the last 24 hours in one asset, and the day's own result that follows from them.
//!
//! Result of a position = value now − value 24 hours ago − dollars paid for coins since + dollars received for coins
//! since, fees included. Deposits and withdrawals are no trades, so the sum over all positions is the account's own
//! result: its value now − its value 24 hours ago − net deposits since.

use serde::{Deserialize, Serialize};

use crate::calendar::DAY_US;
use crate::{Amount, MoneyError, Price, Quantity};

/// Length of an entry in µs.
const HOUR_US: i64 = 3_600_000_000;

/// Trades of one hour, or of several: coins and dollars that the trader got, less those that they gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct NetTrades {
    /// Coins in units of 10⁻⁸, signed.
    pub coins: i128,
    /// Dollars after fees; below zero for purchases.
    pub dollars: Amount,
}

/// Trades of one hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HourTrades {
    /// The hour, counted from 1970.
    pub hour: i64,
    /// Net trades of the hour.
    pub net: NetTrades,
}

/// Trades of one asset, by the hour. It keeps the hours that a day before its last trade touches: 25 at most.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DayTrades {
    /// Start of recording, in µs since 1970-01-01T00:00Z; 0 if all of them are.
    from_us: i64,
    /// The hours with trades, oldest first.
    hours: Vec<HourTrades>,
}

const fn hour_of(time_us: i64) -> i64 {
    time_us.div_euclid(HOUR_US)
}

/// The first hour that counts for the 24 hours before a moment. It has begun up to an hour earlier.
const fn first_hour(now_us: i64) -> i64 {
    hour_of(now_us.saturating_sub(DAY_US))
}

impl NetTrades {
    fn and(self, other: Self) -> Result<Self, MoneyError> {
        Ok(Self {
            coins: self.coins.checked_add(other.coins).ok_or(MoneyError::OutOfRange)?,
            dollars: self.dollars.checked_add(other.dollars)?,
        })
    }
}

impl DayTrades {
    /// Start of recording in µs since 1970-01-01T00:00Z; 0 if all trades are recorded.
    #[must_use]
    pub const fn recorded_from_us(&self) -> i64 {
        self.from_us
    }

    /// No trades, of an asset whose trades before a moment were not recorded.
    #[must_use]
    pub const fn from(from_us: i64) -> Self {
        Self { from_us, hours: Vec::new() }
    }

    /// With one more trade, which is not earlier than the last one.
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`] when a sum leaves its range.
    pub fn after(&self, time_us: i64, trade: NetTrades) -> Result<Self, MoneyError> {
        let (hour, first) = (hour_of(time_us), first_hour(time_us));
        let mut hours: Vec<HourTrades> =
            self.hours.iter().copied().filter(|trades| trades.hour >= first).collect();
        match hours.last_mut() {
            Some(last) if last.hour == hour => last.net = last.net.and(trade)?,
            Some(_) | None => hours.push(HourTrades { hour, net: trade }),
        }
        Ok(Self { from_us: self.from_us, hours })
    }

    /// Net trades of the 24 hours before a moment. Those of the hour that had begun then are included.
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`] when a sum leaves its range.
    pub fn of_day(&self, now_us: i64) -> Result<NetTrades, MoneyError> {
        let first = first_hour(now_us);
        let recent = self.hours.iter().filter(|trades| trades.hour >= first);
        recent.map(|trades| trades.net).try_fold(NetTrades::default(), NetTrades::and)
    }

    /// Returns true if these are the trades of a complete record, as far as they were recorded.
    #[must_use]
    pub fn agrees_with(&self, complete: &Self) -> bool {
        // The hour in which recording began may lack trades.
        let recorded = |trades: &&HourTrades| self.from_us == 0 || trades.hour > hour_of(self.from_us);
        self.hours.iter().filter(recorded).eq(complete.hours.iter().filter(recorded))
    }
}

/// Result of a position in 24 hours, from its quantity and price now, its price 24 hours ago and its net trades since.
///
/// # Errors
/// [`MoneyError::OutOfRange`] when a figure leaves its range.
pub fn day_result(
    quantity: Quantity,
    price: Price,
    price_before: Price,
    trades: NetTrades,
) -> Result<Amount, MoneyError> {
    let before = quantity.units().checked_sub(trades.coins).ok_or(MoneyError::OutOfRange)?;
    let value_before = price_before.value_of(Quantity::from_units(before)?);
    price.value_of(quantity).checked_sub(value_before)?.checked_add(trades.dollars)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn dollars(text: &str) -> Amount {
        text.parse().unwrap()
    }

    fn trade(coins: &str, paid: &str) -> NetTrades {
        let (sign, coins) = coins.strip_prefix('-').map_or((1, coins), |coins| (-1, coins));
        let coins = sign * coins.parse::<Quantity>().unwrap().units();
        NetTrades { coins, dollars: dollars(paid) }
    }

    /// Coins that are bought at today's price did not take part in yesterday's move.
    #[test]
    fn a_purchase_of_a_minute_ago_has_cost_its_fee() {
        let price = |text: &str| text.parse::<Price>().unwrap();
        let quantity: Quantity = "10".parse().unwrap();
        let bought = DayTrades::default().after(50 * HOUR_US, trade("10", "-1001")).unwrap();
        let now = bought.of_day(50 * HOUR_US + 60_000_000).unwrap();
        assert_eq!(day_result(quantity, price("100"), price("80"), now), Ok(dollars("-1")));
        // A day and an hour later it is an old position.
        let later = bought.of_day(75 * HOUR_US).unwrap();
        assert_eq!(day_result(quantity, price("110"), price("100"), later), Ok(dollars("100")));
    }

    #[test]
    fn hours_that_no_day_touches_are_dropped() {
        let mut trades = DayTrades::default();
        for hour in 0..100 {
            trades = trades.after(hour * HOUR_US + 5, trade("1", "-1")).unwrap();
            assert!(trades.hours.len() <= 25);
        }
        assert_eq!(trades.of_day(99 * HOUR_US + 5).unwrap(), trade("25", "-25"));
        assert_eq!(trades.of_day(200 * HOUR_US).unwrap(), NetTrades::default());
    }

    #[test]
    fn a_record_that_began_late_agrees_from_its_next_hour_on() {
        let mut complete = DayTrades::default().after(HOUR_US, trade("1", "-1")).unwrap();
        let mut late = DayTrades::from(2 * HOUR_US + 7);
        complete = complete.after(2 * HOUR_US, trade("1", "-1")).unwrap();
        for hour in [2, 3, 9] {
            let time_us = hour * HOUR_US + 9;
            complete = complete.after(time_us, trade("2", "-1")).unwrap();
            late = late.after(time_us, trade("2", "-1")).unwrap();
            assert!(late.agrees_with(&complete));
        }
        assert!(!late.agrees_with(&complete.after(9 * HOUR_US + 9, trade("1", "-1")).unwrap()));
        assert!(!DayTrades::default().agrees_with(&complete));
    }

    proptest! {
        /// An account that lost 48.60 was shown a gain of 1,258.74: purchases and deposits are no result. Whatever is
        /// traded and transferred at whatever prices: the results of all positions are the account's value now − its
        /// value a day ago − net deposits since.
        #[test]
        fn the_results_of_all_positions_are_the_result_of_the_account(
            prices in prop::collection::vec(1..1_000_000_000_000_i128, 50),
            events in prop::collection::vec((0..49_usize, 0..3_u8, 1..1_000_000_000_i128, 0..2_usize), 0..60),
        ) {
            const FIRST: usize = 25;
            let at = |hour: usize, asset: usize| Price::from_units(prices[hour] / (1 + asset as i128 * 7) + 1).unwrap();
            let mut events = events;
            events.sort_by_key(|event| event.0);
            let (mut cash, mut transfers) = (0_i128, 0_i128);
            let mut held = [0_i128; 2];
            let mut trades = [DayTrades::default(), DayTrades::default()];
            let value = |cash: i128, held: &[i128; 2], hour: usize| {
                let coins = |asset: usize| at(hour, asset).value_of(Quantity::from_units(held[asset]).unwrap()).units();
                cash + coins(0) + coins(1)
            };
            let mut before = None;
            for (hour, kind, units, asset) in events {
                if hour >= FIRST && before.is_none() {
                    before = Some(value(cash, &held, FIRST));
                }
                let since = |amount: i128| if hour >= FIRST { amount } else { 0 };
                let fee = units % 1_000;
                let (coins, paid) = match kind {
                    0 => { cash += units; transfers += since(units); continue }
                    1 => (units, -at(hour, asset).value_of(Quantity::from_units(units).unwrap()).units() - fee),
                    _ => {
                        let coins = units.min(held[asset]);
                        (-coins, at(hour, asset).value_of(Quantity::from_units(coins).unwrap()).units() - fee)
                    }
                };
                cash += paid;
                held[asset] += coins;
                let net = NetTrades { coins, dollars: Amount::from_units(paid).unwrap() };
                trades[asset] = trades[asset].after(hour as i64 * HOUR_US, net).unwrap();
            }
            let before = before.unwrap_or_else(|| value(cash, &held, FIRST));
            let now_us = 49 * HOUR_US;
            let results: i128 = (0..2).map(|asset| {
                let (quantity, net) = (Quantity::from_units(held[asset]).unwrap(), trades[asset].of_day(now_us).unwrap());
                day_result(quantity, at(49, asset), at(FIRST, asset), net).unwrap().units()
            }).sum();
            prop_assert_eq!(results, value(cash, &held, 49) - before - transfers);
        }
    }
}
