//! The assembly of the use cases: [`Services`] is the handle that a server holds.

use std::ops::Deref;
use std::sync::Arc;

use cnop_domain::{Clock, Entropy};

use crate::account::Accounts;
use crate::alerts::Alerts;
use crate::auth::{Auth, SigningKeys};
use crate::context::{Config, Context, Environment};
use crate::displayed_sizes::DisplayedSizes;
use crate::free_space::FreeSpace;
use crate::guards::Guards;
use crate::insights::PortfolioInsights;
use crate::inventory::Inventory;
use crate::ledger::Ledger;
use crate::orders::Orders;
use crate::ownership::Ownership;
use crate::portfolio::Portfolios;
use crate::recurring::Recurring;
use crate::trigger_engine::TriggerEngine;
use crate::users::Users;

/// All use cases, behind one pointer, because every request clones a handle.
#[derive(Debug, Clone)]
pub struct Services(Arc<UseCases>);

/// The use cases, one field each.
#[derive(Debug)]
pub struct UseCases {
    context: Arc<Context>,
    /// Registration, sign-in, sessions, tokens.
    pub auth: Auth,
    /// Profiles of users, and their changes.
    pub users: Users,
    /// Balances, deposits, withdrawals, history, live events.
    pub ledger: Ledger,
    /// Placing orders, changing them and looking them up.
    pub orders: Orders,
    /// Recurring purchases of traders.
    pub recurring: Recurring,
    /// Price alerts of traders.
    pub alerts: Alerts,
    /// Guard rails that traders set for themselves.
    pub guards: Guards,
    /// Owners of trigger books among the servers.
    pub ownership: Arc<Ownership>,
    /// Displayed size that servers ask each other for.
    pub displayed_sizes: DisplayedSizes,
    /// Execution of triggers, fills, expiry and due runs.
    pub engine: TriggerEngine,
    /// Assets, quotes and candles.
    pub inventory: Inventory,
    /// Holdings with their value and profit.
    pub portfolio: Portfolios,
    /// Findings about a portfolio.
    pub insights: PortfolioInsights,
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

    /// Free space of the store's disk; the server that owns the disk keeps it up to date.
    #[must_use]
    pub fn free_space(&self) -> &FreeSpace {
        &self.context.free_space
    }

    /// Source of randomness, for keys in pages.
    #[must_use]
    pub fn entropy(&self) -> &dyn Entropy {
        self.context.environment.entropy.as_ref()
    }

    /// Source of the time, for ages in pages.
    #[must_use]
    pub fn clock(&self) -> &dyn Clock {
        self.context.environment.clock.as_ref()
    }
}

impl Services {
    /// Puts the use cases together.
    #[must_use]
    pub fn new(environment: Environment, config: Config, signing_keys: impl Into<SigningKeys>) -> Self {
        let context = Arc::new(Context { environment, config, free_space: FreeSpace::default() });
        let accounts = Accounts::new(Arc::clone(&context));
        let portfolio = Portfolios::new(accounts.clone());
        let auth = Auth::new(Arc::clone(&context), signing_keys.into());
        Self(Arc::new(UseCases {
            users: Users::new(Arc::clone(&context), auth.clone()),
            auth,
            ledger: Ledger::new(accounts.clone()),
            ownership: Arc::clone(&accounts.ownership),
            displayed_sizes: accounts.displayed_sizes.clone(),
            engine: TriggerEngine::new(accounts.clone()),
            recurring: Recurring::new(accounts.clone()),
            alerts: Alerts::new(accounts.clone()),
            guards: Guards::new(accounts.clone()),
            orders: Orders::new(accounts),
            inventory: Inventory::new(Arc::clone(&context)),
            insights: PortfolioInsights::new(portfolio.clone()),
            portfolio,
            context,
        }))
    }
}
