//! Holdings with their value, cost and profit.

use cnop_api::portfolio::{Holding, Portfolio};
use cnop_api::{Caller, Timestamp};
use cnop_domain::{Amount, AssetId, day_result, shares};
use cnop_market::{Catalogue, Snapshot};

use crate::account::Accounts;
use crate::error::{Error, Result};
use crate::ledger::{cash_of, last_price};
use crate::records::HoldingRecord;

/// The use cases of portfolios. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Portfolios {
    accounts: Accounts,
}

impl Portfolios {
    pub(crate) const fn new(accounts: Accounts) -> Self {
        Self { accounts }
    }

    /// The caller's portfolio: one read of the account, one snapshot of prices.
    ///
    /// # Errors
    /// The account cannot be read.
    pub async fn portfolio(&self, caller: &Caller) -> Result<Portfolio> {
        let state = self.accounts.everything(&caller.account_id).await?;
        let context = &self.accounts.context;
        let snapshot = context.environment.market.snapshot();
        let catalogue = context.environment.market.catalogue();
        let mut assets = Vec::new();
        let (mut asset_value, mut cost_basis, mut day_change) = (Amount::ZERO, Amount::ZERO, Amount::ZERO);
        let now_us = context.now_us().max(state.head.time_us);
        for (asset_id, record) in &state.holdings {
            let holding = holding(catalogue, &snapshot, *asset_id, record, now_us)?;
            // Coins that were sold out today have a result of the day too.
            day_change = add(day_change, holding.day_change)?;
            if holding.quantity.is_zero() {
                continue;
            }
            asset_value = add(asset_value, holding.market_value)?;
            cost_basis = add(cost_basis, holding.cost_basis)?;
            assets.push(holding);
        }
        let cash = cash_of(&state.head)?;
        let total_value = add(cash, asset_value)?;
        assets.sort_by(|a, b| b.market_value.cmp(&a.market_value).then(a.asset_id.cmp(&b.asset_id)));
        let cash_percentage = shares_set(&mut assets, cash);
        let realised_profit =
            state.holdings.iter().try_fold(Amount::ZERO, |sum, (_, holding)| add(sum, holding.realised))?;
        // What there was 24 hours ago and what came in since, less what went out.
        let day_base = subtract(total_value, day_change)?;
        Ok(Portfolio {
            assets,
            cash,
            cash_percentage,
            asset_value,
            total_value,
            cost_basis,
            unrealised_profit: subtract(asset_value, cost_basis)?,
            realised_profit,
            fees_paid: state.head.fees,
            net_deposits: subtract(state.head.deposited, state.head.withdrawn)?,
            day_change,
            day_change_ratio: (day_base > Amount::ZERO).then(|| ratio(day_change, day_base)).flatten(),
            seq: state.head.seq,
            as_of: Timestamp(context.now_us()),
        })
    }
}

fn holding(
    catalogue: &Catalogue,
    snapshot: &Snapshot,
    asset_id: AssetId,
    record: &HoldingRecord,
    now_us: i64,
) -> Result<Holding> {
    let position = record.position()?;
    let state = snapshot.get(asset_id);
    let price = last_price(snapshot, asset_id);
    let market_value = position.value(price);
    let before = state.map_or(price, |state| state.price_24h_ago);
    let trades = record.trades.of_day(now_us).map_err(|_| out_of_range())?;
    let day_change = day_result(position.quantity, price, before, trades).map_err(|_| out_of_range())?;
    let unrealised_profit = subtract(market_value, position.cost)?;
    Ok(Holding {
        asset_id,
        name: catalogue.get(asset_id).map_or_else(|| asset_id.to_string(), |asset| asset.name.to_owned()),
        quantity: position.quantity,
        available: record.available,
        current_price: price,
        market_value,
        percentage: String::new(),
        average_cost: position.average_cost(),
        cost_basis: position.cost,
        unrealised_profit,
        unrealised_profit_ratio: ratio(unrealised_profit, position.cost),
        realised_profit: position.realised,
        day_change,
        price_change_percentage_24h: state.map_or(0.0, |state| state.change_24h_percentage),
    })
}

/// Sets the share of each holding, and returns that of the cash: all of them sum to exactly 100.00.
fn shares_set(assets: &mut [Holding], cash: Amount) -> String {
    let values: Vec<Amount> =
        assets.iter().map(|holding| holding.market_value).chain(std::iter::once(cash)).collect();
    let mut shares = shares(&values).into_iter().map(points_text);
    for (holding, share) in assets.iter_mut().zip(&mut shares) {
        holding.percentage = share;
    }
    shares.next().unwrap_or_else(|| points_text(0))
}

fn out_of_range() -> Error {
    Error::Invariant("a portfolio's sum left its range".to_owned())
}

fn add(a: Amount, b: Amount) -> Result<Amount> {
    a.checked_add(b).map_err(|_| out_of_range())
}

fn subtract(a: Amount, b: Amount) -> Result<Amount> {
    a.checked_sub(b).map_err(|_| out_of_range())
}

/// Ratio of two amounts; `None` for a whole of zero.
fn ratio(part: Amount, whole: Amount) -> Option<f64> {
    (!whole.is_zero()).then(|| part.to_f64_lossy() / whole.to_f64_lossy())
}

/// Ratio in basis points, rounded half up; 0 for a whole of zero.
pub(crate) fn basis_points(part: Amount, whole: Amount) -> i128 {
    // Values of one account stay far below the 10³⁴ units where this product would leave its range.
    let doubled = part.units().saturating_mul(20_000);
    let whole = whole.units();
    if whole <= 0 { 0 } else { doubled.saturating_add(whole) / whole.saturating_mul(2) }
}

/// 0–100 with two decimals.
fn points_text(points: i128) -> String {
    format!("{}.{:02}", points / 100, points % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basis_points_are_rounded_half_up() {
        let amount = |units| Amount::from_units(units).unwrap();
        for (part, whole, text) in
            [(0, 0, "0.00"), (1, 3, "33.33"), (2, 3, "66.67"), (1, 1, "100.00"), (5, 100_000, "0.01")]
        {
            assert_eq!(points_text(basis_points(amount(part), amount(whole))), text);
        }
    }
}
