//! Quotas by the generic cell rate algorithm, in exact integers.
//!
//! A bucket holds `burst` units and gains `limit` units per `window`, evenly. Its whole state is the time at
//! which it will be full again. To avoid divisions, times are counted in 1/`limit` µs, so a unit costs
//! exactly the window's µs.
//!
//! Not `governor`: servers that share a bucket must compute the same integers, and a response reports the
//! rest.

use std::time::Duration;

use crate::CoordinationError;

/// Most µs of a window: 366 days. With it no product below leaves 128 bits.
const WINDOW_US_MAX: u128 = 366 * 86_400 * 1_000_000;
/// Most µs until an empty bucket is full: 100 years, with 52 bits.
const FILL_US_MAX: u128 = 100 * WINDOW_US_MAX;

/// Units that a caller may use in a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Units gained per window.
    pub limit: u32,
    /// Length of the window.
    pub window: Duration,
    /// Units that can be taken at once after a pause.
    pub burst: u32,
}

impl Quota {
    /// `limit` a second, all of them at once if need be.
    #[must_use]
    pub const fn per_second(limit: u32) -> Self {
        Self { limit, window: Duration::from_secs(1), burst: limit }
    }

    /// `limit` a minute, all of them at once if need be.
    #[must_use]
    pub const fn per_minute(limit: u32) -> Self {
        Self { limit, window: Duration::from_secs(60), burst: limit }
    }

    /// The same quota, multiplied by a factor.
    #[must_use]
    pub const fn times(self, multiplier: u32) -> Self {
        Self {
            limit: self.limit.saturating_mul(multiplier),
            window: self.window,
            burst: self.burst.saturating_mul(multiplier),
        }
    }

    /// The part of one of several servers, at least one unit.
    #[must_use]
    pub fn share(self, servers: u32) -> Self {
        let part = |units: u32| units.div_ceil(servers.max(1));
        Self { limit: part(self.limit), window: self.window, burst: part(self.burst) }
    }

    /// The window in µs, for a take of `cost` units.
    ///
    /// # Errors
    /// `Invalid` for a quota without units, with a window below 1 µs or above 366 days, or with a bucket that takes
    /// longer than 100 years to fill; and for a cost above the burst.
    fn window_us(self, cost: u32) -> Result<i128, CoordinationError> {
        let window_us = self.window.as_micros();
        if self.limit == 0 || self.burst == 0 || window_us == 0 || window_us > WINDOW_US_MAX {
            return Err(CoordinationError::Invalid("a quota needs units and a window of at most 366 days"));
        }
        if cost > self.burst {
            return Err(CoordinationError::Invalid("a cost above the quota's burst can never be allowed"));
        }
        if window_us * u128::from(self.burst) / u128::from(self.limit) > FILL_US_MAX {
            return Err(CoordinationError::Invalid("a quota's bucket must be full after at most 100 years"));
        }
        i128::try_from(window_us).map_err(|_| CoordinationError::Invalid("a quota's window is too long"))
    }

    /// The decision, from the time after which the bucket is full (`missing`, in 1/`limit` µs).
    fn decision(self, cost: u32, is_allowed: bool, missing: i128) -> Result<Decision, CoordinationError> {
        let unit = self.window_us(cost)?;
        let (limit, capacity) = (i128::from(self.limit), unit * i128::from(self.burst));
        let excess = missing + unit * i128::from(cost) - capacity;
        Ok(Decision {
            allowed: is_allowed,
            limit: self.limit,
            remaining: u32::try_from(((capacity - missing) / unit).max(0)).unwrap_or(u32::MAX),
            retry_after: if is_allowed { Duration::ZERO } else { micros_up(excess, limit) },
            reset_after: micros_up(missing, limit),
        })
    }
}

/// One take from one of several quotas.
#[derive(Debug, Clone, Copy)]
pub struct QuotaTake<'a> {
    /// Key of the bucket.
    pub key: &'a str,
    /// The bucket's quota.
    pub quota: Quota,
    /// Units to take.
    pub cost: u32,
}

/// A time in whole µs and the remainder in 1/`limit` µs, for an adapter whose numbers have 53 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MeterTime {
    /// Whole µs.
    pub micros: u64,
    /// The remainder, below the quota's limit.
    pub rest: u32,
}

impl QuotaTake<'_> {
    /// Times that fill the whole bucket, and that this take costs.
    ///
    /// # Errors
    /// `Invalid` for a quota that can never allow the cost.
    pub fn times(&self) -> Result<(MeterTime, MeterTime), CoordinationError> {
        let unit = self.quota.window_us(self.cost)?;
        let limit = i128::from(self.quota.limit);
        let time = |units: u32| {
            let scaled = unit * i128::from(units);
            match (u64::try_from(scaled / limit), u32::try_from(scaled % limit)) {
                (Ok(micros), Ok(rest)) => Ok(MeterTime { micros, rest }),
                _ => Err(CoordinationError::Invalid("a quota is too large")),
            }
        };
        Ok((time(self.quota.burst)?, time(self.cost)?))
    }

    /// The decision of an adapter that counts elsewhere. `missing` is the time after which the bucket is full, after the
    /// take.
    ///
    /// # Errors
    /// As [`Self::times`].
    pub fn decision(&self, is_allowed: bool, missing: MeterTime) -> Result<Decision, CoordinationError> {
        let scaled = i128::from(missing.micros) * i128::from(self.quota.limit) + i128::from(missing.rest);
        self.quota.decision(self.cost, is_allowed, scaled)
    }
}

/// The answer to a take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// True if the units were there; if so, they are taken.
    pub allowed: bool,
    /// The quota's units per window.
    pub limit: u32,
    /// Units that could be taken right now.
    pub remaining: u32,
    /// Time after which the same take is allowed, if there are no other takes. Zero when allowed.
    pub retry_after: Duration,
    /// Time after which the bucket is full, if there are no other takes.
    pub reset_after: Duration,
}

/// The state of one bucket. The default is a full one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Meter {
    /// Time at which the bucket will be full, in 1/`limit` µs since 1970.
    full_at: i128,
    /// The limit that `full_at` is counted with.
    limit: u32,
}

impl Meter {
    /// Takes `cost` units at `now_us` (µs since 1970) if they are available.
    ///
    /// # Errors
    /// `Invalid` for a quota that can never allow the cost.
    pub fn take(&mut self, quota: Quota, cost: u32, now_us: i64) -> Result<Decision, CoordinationError> {
        let unit = quota.window_us(cost)?;
        let now = i128::from(now_us) * i128::from(quota.limit);
        let full_at = self.full_at_in(quota.limit).max(now);
        let taken = full_at + unit * i128::from(cost);
        let is_allowed = taken - now <= unit * i128::from(quota.burst);
        let full_at = if is_allowed { taken } else { full_at };
        *self = Self { full_at, limit: quota.limit };
        quota.decision(cost, is_allowed, full_at - now)
    }

    /// Returns true if the bucket is full, so that evicting it changes nothing.
    #[must_use]
    pub fn is_idle(&self, now_us: i64) -> bool {
        self.full_at <= i128::from(now_us) * i128::from(self.limit)
    }

    /// µs until the bucket is full: the debt that an eviction would forgive.
    #[must_use]
    pub fn debt_us(&self, now_us: i64) -> i128 {
        let limit = i128::from(self.limit.max(1));
        ((self.full_at - i128::from(now_us) * limit) / limit).max(0)
    }

    /// `full_at` in units of another limit, for a quota that changed while it was in use.
    fn full_at_in(&self, limit: u32) -> i128 {
        if self.limit == limit || self.limit == 0 {
            self.full_at
        } else {
            self.full_at / i128::from(self.limit) * i128::from(limit)
        }
    }
}

/// Rounds up, so that a client never retries too early.
fn micros_up(scaled: i128, limit: i128) -> Duration {
    let whole = scaled / limit;
    let micros = if scaled % limit > 0 { whole + 1 } else { whole };
    Duration::from_micros(u64::try_from(micros.max(0)).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_burst_then_evenly() {
        let quota = Quota::per_second(100);
        let mut meter = Meter::default();
        for taken in 1..=100 {
            let decision = meter.take(quota, 1, 0).unwrap();
            assert!(decision.allowed);
            assert_eq!(decision.remaining, 100 - taken);
        }
        let refused = meter.take(quota, 1, 0).unwrap();
        assert!(!refused.allowed);
        assert_eq!(refused.retry_after, Duration::from_millis(10));
        assert_eq!(refused.reset_after, Duration::from_secs(1));
        assert!(!meter.take(quota, 1, 9_999).unwrap().allowed);
        assert!(meter.take(quota, 1, 10_000).unwrap().allowed);
        assert!(!meter.take(quota, 1, 10_000).unwrap().allowed);
    }

    #[test]
    fn a_window_that_no_limit_divides_loses_nothing() {
        let quota = Quota { limit: 7, window: Duration::from_secs(1), burst: 2 };
        let mut meter = Meter::default();
        let mut allowed = 0;
        let mut now = 0;
        while now <= 1_000_000_000_i64 {
            let decision = meter.take(quota, 1, now).unwrap();
            if decision.allowed {
                allowed += 1;
            } else {
                now += i64::try_from(decision.retry_after.as_micros()).unwrap();
            }
        }
        assert_eq!(allowed, 2 + 7 * 1_000);
    }

    #[test]
    fn senseless_quotas_are_refused() {
        let mut meter = Meter::default();
        for quota in [
            Quota { limit: 0, window: Duration::from_secs(1), burst: 1 },
            Quota { limit: 1, window: Duration::ZERO, burst: 1 },
            Quota { limit: 1, window: Duration::from_secs(1), burst: 0 },
            Quota { limit: 1, window: Duration::MAX, burst: 1 },
            Quota { limit: 1, window: Duration::from_secs(86_400), burst: 40_000 },
        ] {
            assert!(meter.take(quota, 1, 0).is_err(), "{quota:?}");
        }
        assert!(meter.take(Quota::per_second(3), 4, 0).is_err());
    }

    proptest! {
        /// Against the plain statement: in no stretch of time is more allowed than burst + limit × stretch / window.
        #[test]
        fn never_more_than_the_quota(
            limit in 1_u32..2_000, window_us in 1_u64..100_000_000, burst in 1_u32..500,
            gaps in proptest::collection::vec((0_i64..5_000_000, 0_u32..4), 1..200),
        ) {
            let quota = Quota { limit, window: Duration::from_micros(window_us), burst };
            let mut meter = Meter::default();
            let mut now = 1_700_000_000_000_000_i64;
            let mut grants: Vec<(i64, u32)> = Vec::new();
            for (gap, cost) in gaps {
                now += gap;
                let cost = cost.min(burst);
                let decision = meter.take(quota, cost, now).unwrap();
                if decision.allowed {
                    grants.push((now, cost));
                } else {
                    let mut later = meter;
                    let retry = i64::try_from(decision.retry_after.as_micros()).unwrap();
                    prop_assert!(later.take(quota, cost, now + retry).unwrap().allowed, "retry time too early");
                    let mut early = meter;
                    prop_assert!(!early.take(quota, cost, now + retry - 1).unwrap().allowed, "retry time too late");
                }
                let mut same = meter;
                prop_assert_eq!(same.take(quota, 0, now).unwrap().remaining, decision.remaining);
            }
            for (index, (from, _)) in grants.iter().enumerate() {
                let mut sum = 0_i128;
                for (until, cost) in grants.iter().skip(index) {
                    sum += i128::from(*cost);
                    let bound = i128::from(burst) * i128::from(window_us)
                        + i128::from(limit) * i128::from(until - from);
                    prop_assert!(sum * i128::from(window_us) <= bound);
                }
            }
        }

        /// `remaining` is exact: that many units can be taken at this moment.
        #[test]
        fn remaining_can_be_taken(limit in 1_u32..50, burst in 1_u32..50, first in 0_u32..50, later in 0_i64..2_000_000) {
            let quota = Quota { limit, window: Duration::from_secs(1), burst };
            let mut meter = Meter::default();
            meter.take(quota, first.min(burst), 0).unwrap();
            let seen = meter.take(quota, 0, later).unwrap();
            prop_assert!(meter.take(quota, seen.remaining, later).unwrap().allowed);
            prop_assert!(!meter.take(quota, 1, later).unwrap().allowed);
        }

        #[test]
        fn idle_means_forgettable(limit in 1_u32..50, cost in 0_u32..50, later in 0_i64..3_000_000) {
            let quota = Quota::per_second(limit);
            let mut meter = Meter::default();
            meter.take(quota, cost.min(limit), 0).unwrap();
            let idle = meter.is_idle(later);
            prop_assert_eq!(idle, meter.take(quota, 0, later).unwrap().reset_after.is_zero());
        }
    }
}
