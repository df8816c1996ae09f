//! The environment of the use cases: ports, clock, randomness, and the operator's configuration.

use std::sync::Arc;
use std::time::Duration;

use cnop_coordination::Coordinator;
use cnop_domain::{Amount, Clock, Entropy};
use cnop_market::Market;
use cnop_store::Table;

use crate::daily_allowance::{EVENTS_PER_DAY, REGISTRATIONS_PER_DAY};
use crate::free_space::FreeSpace;
use crate::mailer::Mailer;

/// The outside world, behind ports.
#[derive(Debug, Clone)]
pub struct Environment {
    /// Table with all state.
    pub table: Arc<dyn Table>,
    /// Quotas, leases and messages between servers.
    pub coordinator: Arc<dyn Coordinator>,
    /// Assets, prices and candles.
    pub market: Market,
    /// Source of the time.
    pub clock: Arc<dyn Clock>,
    /// Source of unpredictable random bytes.
    pub entropy: Arc<dyn Entropy>,
    /// Takes mails to users.
    pub mailer: Arc<dyn Mailer>,
}

/// The venue's rules that an operator may set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Fee of a fill in basis points (1/10,000) of its notional.
    pub fee_bps: u32,
    /// Largest notional of one order.
    pub order_notional_max: Amount,
    /// Deposit limit of an account per UTC day.
    pub daily_deposit_limit: Amount,
    /// Withdrawal limit of an account per UTC day.
    pub daily_withdraw_limit: Amount,
    /// Events that an account may store per UTC day before its new orders are refused.
    pub events_per_day: u64,
    /// Registrations from one network in a day.
    pub registrations_per_day: u32,
    /// Oldest price that a market order is filled at, in ms.
    pub price_max_age_ms: u64,
    /// Address of the venue for users (`https://…`, no slash at the end): issuer of tokens, base of problem types.
    pub public_url: String,
    /// Cost of hashing one password.
    pub password_cost: PasswordCost,
    /// Longest time for which a client waits for a command on an account, with the wait for its turn. Later its outcome is
    /// unknown to the client. `None` for a store in the process, whose answers need no network.
    pub command_time_max: Option<Duration>,
}

/// Cost parameters of Argon2id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordCost {
    /// Memory in KiB per hash.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Number of parallel lanes.
    pub lanes: u32,
}

impl Default for PasswordCost {
    /// The second recommendation of OWASP's password storage sheet: 19 MiB, two passes, one lane.
    fn default() -> Self {
        Self { memory_kib: 19_456, passes: 2, lanes: 1 }
    }
}

impl Default for Config {
    fn default() -> Self {
        let dollars =
            |whole: i128| Amount::from_units(whole * cnop_domain::UNITS_PER_WHOLE).unwrap_or(Amount::ZERO);
        Self {
            fee_bps: 10,
            order_notional_max: dollars(10_000),
            daily_deposit_limit: dollars(10_000),
            daily_withdraw_limit: dollars(5_000),
            events_per_day: EVENTS_PER_DAY,
            registrations_per_day: REGISTRATIONS_PER_DAY,
            price_max_age_ms: 15_000,
            public_url: "http://localhost:3000".to_owned(),
            password_cost: PasswordCost::default(),
            command_time_max: None,
        }
    }
}

/// Shared context of the use cases, in one allocation.
#[derive(Debug)]
pub struct Context {
    /// Ports to the outside world.
    pub environment: Environment,
    /// Rules set by the operator.
    pub config: Config,
    /// Free space of the store's disk.
    pub free_space: FreeSpace,
}

impl Context {
    /// Now, in µs since 1970-01-01T00:00Z.
    #[must_use]
    pub fn now_us(&self) -> i64 {
        self.environment.clock.now_us()
    }
}
