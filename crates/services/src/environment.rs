//! What the use cases are given, and the bundle of all of them.

use std::ops::Deref;
use std::sync::Arc;

use cnop_coordination::Coordinator;
use cnop_domain::{Amount, Clock, Entropy};
use cnop_market::Market;
use cnop_store::Table;

use crate::account::Accounts;
use crate::alerts::Alerts;
use crate::auth::{Auth, SigningKey};
use crate::engine::Engine;
use crate::guards::Guards;
use crate::insights::Insights;
use crate::inventory::Inventory;
use crate::ledger::Ledger;
use crate::orders::Orders;
use crate::portfolio::Portfolios;
use crate::recurring::Recurring;
use crate::users::Users;

/// The outside world, behind ports.
#[derive(Debug, Clone)]
pub struct Environment {
    /// Where all state is.
    pub table: Arc<dyn Table>,
    /// Quotas, leases and messages between servers.
    pub coordinator: Arc<dyn Coordinator>,
    /// Assets and prices.
    pub market: Market,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}

/// The venue's rules that an operator may set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Fee of a fill in basis points (1/10,000) of its notional.
    pub fee_bps: u32,
    /// Largest notional of one order.
    pub order_notional_max: Amount,
    /// What an account may deposit in one UTC day.
    pub daily_deposit_limit: Amount,
    /// What an account may withdraw in one UTC day.
    pub daily_withdraw_limit: Amount,
    /// Oldest price that a market order is filled at, in ms.
    pub price_max_age_ms: u64,
    /// Where users reach the venue (`https://…`, no slash at the end): issuer of tokens, base of problem types.
    pub public_url: String,
    /// Cost of hashing one password.
    pub password_cost: PasswordCost,
}

/// Argon2id parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
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
            price_max_age_ms: 15_000,
            public_url: "http://localhost:3000".to_owned(),
            password_cost: PasswordCost::default(),
        }
    }
}

/// What each use case holds: one allocation, shared by all.
#[derive(Debug)]
pub struct Context {
    /// The outside world.
    pub environment: Environment,
    /// The operator's rules.
    pub config: Config,
}

impl Context {
    /// Now, in µs since 1970-01-01T00:00Z.
    #[must_use]
    pub fn now_us(&self) -> i64 {
        self.environment.clock.now_us()
    }
}

/// All use cases, behind one pointer: every request takes a handle of its own.
#[derive(Debug, Clone)]
pub struct Services(Arc<UseCases>);

/// The use cases, one field each.
#[derive(Debug)]
pub struct UseCases {
    context: Arc<Context>,
    /// Registration, sign-in, sessions, tokens.
    pub auth: Auth,
    /// Profiles.
    pub users: Users,
    /// Balances, deposits, withdrawals, history, live events.
    pub ledger: Ledger,
    /// Placing orders, changing them and looking them up.
    pub orders: Orders,
    /// Purchases that repeat.
    pub recurring: Recurring,
    /// Price alerts.
    pub alerts: Alerts,
    /// Guard rails that traders set for themselves.
    pub guards: Guards,
    /// What prices and time do to orders, alerts and purchases that repeat.
    pub engine: Engine,
    /// Assets, quotes, candles.
    pub inventory: Inventory,
    /// Holdings with their value and profit.
    pub portfolio: Portfolios,
    /// What stands out in a portfolio.
    pub insights: Insights,
}

impl Deref for Services {
    type Target = UseCases;

    fn deref(&self) -> &UseCases {
        &self.0
    }
}

impl UseCases {
    /// The operator's rules, for showing them.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.context.config
    }

    /// The venue's randomness, for keys that a page hands out.
    #[must_use]
    pub fn entropy(&self) -> &dyn Entropy {
        self.context.environment.entropy.as_ref()
    }

    /// The venue's time, for ages that a page shows.
    #[must_use]
    pub fn clock(&self) -> &dyn Clock {
        self.context.environment.clock.as_ref()
    }
}

impl Services {
    /// Puts the use cases together.
    #[must_use]
    pub fn new(environment: Environment, config: Config, signing_key: SigningKey) -> Self {
        let context = Arc::new(Context { environment, config });
        let accounts = Accounts::new(Arc::clone(&context));
        let portfolio = Portfolios::new(accounts.clone());
        Self(Arc::new(UseCases {
            auth: Auth::new(Arc::clone(&context), signing_key),
            users: Users::new(Arc::clone(&context)),
            ledger: Ledger::new(accounts.clone()),
            engine: Engine::new(accounts.clone()),
            recurring: Recurring::new(accounts.clone()),
            alerts: Alerts::new(accounts.clone()),
            guards: Guards::new(accounts.clone()),
            orders: Orders::new(accounts),
            inventory: Inventory::new(Arc::clone(&context)),
            insights: Insights::new(portfolio.clone()),
            portfolio,
            context,
        }))
    }
}
