//! Guard rails that traders set for themselves: checked before a purchase, tightened at once, loosened a day later.

use serde::{Deserialize, Serialize};

use crate::calendar::{DAY_US, day_of};
use crate::{Amount, Side, Timestamp};

/// Delay before a loosened guard holds, in µs: 24 hours.
pub const GUARD_DELAY_US: i64 = DAY_US;

/// Limits of a trader. `None` means no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Guard {
    /// Largest value of one order, without fee.
    pub order_max: Option<Amount>,
    /// Largest realized loss of one UTC day.
    pub daily_loss_max: Option<Amount>,
    /// Pause after a sale at a loss, in µs.
    pub pause_after_loss_us: Option<i64>,
    /// No purchases.
    pub kill_switch: bool,
}

/// An order as a guard sees it: one that is placed or enlarged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GuardedOrder {
    /// Side of the order.
    pub side: Side,
    /// Its value without fee at the price that decides its cost.
    pub notional: Amount,
}

/// Realized profit and loss of the trader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LossRecord {
    /// Realized profit of the UTC day `day`; below zero is a loss.
    pub realised: Amount,
    /// That day, counted from 1970.
    pub day: i64,
    /// The last sale at a loss, in µs since 1970-01-01T00:00Z.
    pub last_loss_us: Option<i64>,
}

/// Refusal of an order by a guard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GuardFault {
    /// The kill switch is on.
    KillSwitch,
    /// The order is too large.
    OrderMax {
        /// Limit of the guard.
        limit: Amount,
        /// Value of the order.
        given: Amount,
    },
    /// Too much was lost today.
    DailyLoss {
        /// Limit of the guard.
        limit: Amount,
        /// Realized loss of today.
        lost: Amount,
        /// Start of the next day.
        until: Timestamp,
    },
    /// A loss is too recent.
    Pause {
        /// End of the pause.
        until: Timestamp,
    },
}

impl GuardFault {
    /// Stable name on the wire.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::KillSwitch => "kill_switch",
            Self::OrderMax { .. } => "order_max",
            Self::DailyLoss { .. } => "daily_loss",
            Self::Pause { .. } => "pause",
        }
    }
}

impl LossRecord {
    /// Adds a sale, whose profit is negative for a loss.
    #[must_use]
    pub fn after(&self, profit: Amount, now_us: i64) -> Self {
        let day = day_of(now_us);
        let before = if day == self.day { self.realised } else { Amount::ZERO };
        let bound = if profit.is_negative() { Amount::MAX.negated() } else { Amount::MAX };
        Self {
            realised: before.checked_add(profit).unwrap_or(bound),
            day,
            last_loss_us: if profit.is_negative() { Some(now_us) } else { self.last_loss_us },
        }
    }

    /// Realized loss on the day of a moment; zero on a day with a profit.
    #[must_use]
    pub fn lost_on_day_of(&self, now_us: i64) -> Amount {
        if self.day == day_of(now_us) && self.realised.is_negative() {
            self.realised.negated()
        } else {
            Amount::ZERO
        }
    }
}

/// Checks a placed or enlarged order against a guard. A sale only reduces a holding, so no guard refuses one.
///
/// # Errors
/// The first guard that refuses it.
pub fn guard_check(
    guard: &Guard,
    order: &GuardedOrder,
    losses: &LossRecord,
    now_us: i64,
) -> Result<(), GuardFault> {
    if order.side == Side::Sell {
        return Ok(());
    }
    purchases_check(guard, losses, now_us)?;
    match guard.order_max.filter(|limit| order.notional > *limit) {
        Some(limit) => Err(GuardFault::OrderMax { limit, given: order.notional }),
        None => Ok(()),
    }
}

/// Checks whether a guard allows purchases now. It also ends a waiting purchase when a price reaches it: the guard may
/// have come, or the loss been realized, after the order was placed. The largest order does not: the size was accepted.
///
/// # Errors
/// The first guard that forbids all purchases.
pub fn purchases_check(guard: &Guard, losses: &LossRecord, now_us: i64) -> Result<(), GuardFault> {
    if guard.kill_switch {
        return Err(GuardFault::KillSwitch);
    }
    let lost = losses.lost_on_day_of(now_us);
    if let Some(limit) = guard.daily_loss_max.filter(|limit| !lost.is_zero() && lost >= *limit) {
        let until = Timestamp(day_of(now_us).saturating_add(1).saturating_mul(DAY_US));
        return Err(GuardFault::DailyLoss { limit, lost, until });
    }
    if let (Some(pause_us), Some(loss_us)) = (guard.pause_after_loss_us, losses.last_loss_us) {
        let until = Timestamp(loss_us).plus_us(pause_us);
        if Timestamp(now_us) < until {
            return Err(GuardFault::Pause { until });
        }
    }
    Ok(())
}

/// A looser guard that does not hold yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduledGuard {
    /// Limits that will apply.
    pub guard: Guard,
    /// From when, in µs since 1970-01-01T00:00Z.
    pub from_us: i64,
}

/// A trader's guard, and the pending looser one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Guarded {
    /// Guard that was set last and applies until `pending` does.
    pub current: Guard,
    /// Looser guard that applies later.
    pub pending: Option<ScheduledGuard>,
}

impl Guarded {
    /// The guard that holds at a moment.
    #[must_use]
    pub fn at(&self, now_us: i64) -> Guard {
        self.pending.filter(|pending| pending.from_us <= now_us).map_or(self.current, |pending| pending.guard)
    }
}

impl Guard {
    /// Sets a new guard. Each stricter limit applies at once, each looser one 24 hours from now. The new
    /// request replaces what was pending; as long as it is nowhere looser, the 24 hours continue.
    #[must_use]
    pub fn tighten_or_schedule(before: &Guarded, new: Self, now_us: i64) -> Guarded {
        let holds = before.at(now_us);
        let current = holds.tighter_of(new);
        let from_us = match before.pending {
            Some(pending) if pending.from_us > now_us && pending.guard.tighter_of(new) == new => {
                pending.from_us
            }
            _ => now_us.saturating_add(GUARD_DELAY_US),
        };
        Guarded { current, pending: (current != new).then_some(ScheduledGuard { guard: new, from_us }) }
    }

    fn tighter_of(self, other: Self) -> Self {
        let smaller = |one: Option<Amount>, two: Option<Amount>| match (one, two) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        };
        Self {
            order_max: smaller(self.order_max, other.order_max),
            daily_loss_max: smaller(self.daily_loss_max, other.daily_loss_max),
            pause_after_loss_us: self.pause_after_loss_us.max(other.pause_after_loss_us),
            kill_switch: self.kill_switch || other.kill_switch,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_US: i64 = 3_600_000_000;

    fn dollars(text: &str) -> Amount {
        text.parse().unwrap()
    }

    fn order(side: Side, notional: &str) -> GuardedOrder {
        GuardedOrder { side, notional: dollars(notional) }
    }

    #[test]
    fn each_guard_refuses_purchases_and_lets_sales_pass() {
        let now_us = 10 * DAY_US + 5 * HOUR_US;
        let losses = LossRecord::default().after(dollars("-60"), now_us - HOUR_US);
        let buy = order(Side::Buy, "500");
        let sell = order(Side::Sell, "500");
        let cases = [
            (
                Guard { order_max: Some(dollars("499.99")), ..Guard::default() },
                GuardFault::OrderMax { limit: dollars("499.99"), given: dollars("500") },
            ),
            (
                Guard { daily_loss_max: Some(dollars("60")), ..Guard::default() },
                GuardFault::DailyLoss {
                    limit: dollars("60"),
                    lost: dollars("60"),
                    until: Timestamp(11 * DAY_US),
                },
            ),
            (
                Guard { pause_after_loss_us: Some(2 * HOUR_US), ..Guard::default() },
                GuardFault::Pause { until: Timestamp(now_us + HOUR_US) },
            ),
        ];
        for (guard, fault) in cases {
            assert_eq!(guard_check(&guard, &buy, &losses, now_us), Err(fault));
            assert_eq!(guard_check(&guard, &sell, &losses, now_us), Ok(()), "{fault:?} traps nobody");
        }
        let wide = Guard {
            order_max: Some(dollars("500")),
            daily_loss_max: Some(dollars("60.01")),
            pause_after_loss_us: Some(HOUR_US),
            kill_switch: false,
        };
        assert_eq!(guard_check(&wide, &buy, &losses, now_us), Ok(()));
    }

    /// A switch that takes stop-losses away leaves its owner with a position and no exit.
    #[test]
    fn the_kill_switch_leaves_every_sale() {
        let guard = Guard { kill_switch: true, order_max: Some(dollars("0.5")), ..Guard::default() };
        let check = |side| guard_check(&guard, &order(side, "1"), &LossRecord::default(), 0);
        assert_eq!((check(Side::Sell), check(Side::Buy)), (Ok(()), Err(GuardFault::KillSwitch)));
    }

    #[test]
    fn a_waiting_purchase_is_checked_against_all_but_its_size() {
        let losses = LossRecord::default().after(dollars("-60"), HOUR_US);
        let check = |guard: Guard| purchases_check(&guard, &losses, 2 * HOUR_US).is_ok();
        assert!(check(Guard::default()));
        assert!(check(Guard { order_max: Some(dollars("0.01")), ..Guard::default() }));
        assert!(!check(Guard { kill_switch: true, ..Guard::default() }));
        assert!(!check(Guard { daily_loss_max: Some(dollars("60")), ..Guard::default() }));
        assert!(!check(Guard { pause_after_loss_us: Some(HOUR_US + 1), ..Guard::default() }));
        assert!(check(Guard { pause_after_loss_us: Some(HOUR_US), ..Guard::default() }));
    }

    #[test]
    fn losses_are_those_of_one_utc_day() {
        let first = LossRecord::default().after(dollars("-5"), DAY_US - 1);
        assert_eq!(first.lost_on_day_of(DAY_US - 1), dollars("5"));
        assert_eq!(first.lost_on_day_of(DAY_US), Amount::ZERO);
        let second = first.after(dollars("2"), DAY_US).after(dollars("-3"), DAY_US + 1);
        assert_eq!(second.lost_on_day_of(DAY_US + 2), dollars("1"));
        assert_eq!(second.last_loss_us, Some(DAY_US + 1));
    }

    #[test]
    fn tightening_is_at_once_and_loosening_a_day_later() {
        let limited = |text: &str| Guard { order_max: Some(dollars(text)), ..Guard::default() };
        let set = Guard::tighten_or_schedule(&Guarded::default(), limited("100"), 0);
        assert_eq!(set, Guarded { current: limited("100"), pending: None });
        let looser = Guard::tighten_or_schedule(&set, limited("200"), 10);
        assert_eq!(looser.at(10 + GUARD_DELAY_US - 1), limited("100"));
        assert_eq!(looser.at(10 + GUARD_DELAY_US), limited("200"));
        let again = Guard::tighten_or_schedule(&looser, limited("200"), 20);
        assert_eq!(again, looser, "asking again does not start the day again");
        let off = Guard::tighten_or_schedule(&looser, Guard::default(), 20);
        assert_eq!(off.at(10 + GUARD_DELAY_US), limited("100"));
        assert_eq!(off.at(20 + GUARD_DELAY_US), Guard::default());
        let tighter = Guard::tighten_or_schedule(&looser, limited("150"), 20);
        assert_eq!(
            tighter.at(10 + GUARD_DELAY_US),
            limited("150"),
            "less than was asked for waits no longer"
        );
        let further = Guard { daily_loss_max: Some(dollars("9")), ..limited("200") };
        let further = Guard::tighten_or_schedule(&looser, further, 20);
        assert_eq!(further.at(20).daily_loss_max, Some(dollars("9")), "at once");
        assert_eq!(
            further.at(10 + GUARD_DELAY_US).order_max,
            Some(dollars("200")),
            "another guard is no delay"
        );
        let back = Guard::tighten_or_schedule(&further, limited("200"), 30);
        assert_eq!(
            back.at(10 + GUARD_DELAY_US).order_max,
            Some(dollars("100")),
            "one that loosens further is"
        );
        let mixed = Guard { order_max: Some(dollars("50")), kill_switch: true, ..Guard::default() };
        let released = Guard { kill_switch: false, order_max: Some(dollars("40")), ..Guard::default() };
        let both = Guard::tighten_or_schedule(&Guarded { current: mixed, pending: None }, released, 0);
        assert!(both.at(1).kill_switch && both.at(1).order_max == Some(dollars("40")));
        assert_eq!(both.at(GUARD_DELAY_US), released);
    }
}
