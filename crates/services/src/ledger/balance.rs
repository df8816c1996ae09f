//! Balances of an account.

use cnop_api::money::{AssetBalance, Balance};
use cnop_api::{Caller, Code, Problem, Timestamp};
use cnop_domain::{Amount, AssetId, Price};
use cnop_market::Snapshot;

use super::Ledger;
use crate::context::{Config, Context};
use crate::error::{Error, Result};
use crate::records::{Head, HoldingRecord};
use cnop_domain::calendar::day_of;

/// Rest of a daily limit.
pub(super) fn left(limit: Amount, used: Amount) -> Amount {
    limit.checked_sub(used).unwrap_or(Amount::ZERO).max(Amount::ZERO)
}

/// Remaining deposit and withdrawal limits of today.
fn left_today(head: &Head, config: &Config, now_us: i64) -> (Amount, Amount) {
    let (deposited, withdrawn) = head.transferred_on(day_of(now_us));
    (left(config.daily_deposit_limit, deposited), left(config.daily_withdraw_limit, withdrawn))
}

/// The last price of an asset, zero as long as there has been none.
pub(crate) fn last_price(snapshot: &Snapshot, asset_id: AssetId) -> Price {
    snapshot.get(asset_id).map_or(Price::ZERO, |state| state.quote.last)
}

/// Available plus reserved cash.
pub(crate) fn cash_of(head: &Head) -> Result<Amount> {
    head.available
        .checked_add(head.reserved)
        .map_err(|_| Error::Invariant("a balance left its range".to_owned()))
}

impl Ledger {
    /// The account's dollars.
    ///
    /// # Errors
    /// The account cannot be read.
    pub async fn balance(&self, caller: &Caller) -> Result<Balance> {
        let head = self.accounts.head(&caller.account_id).await?;
        let context = &self.accounts.context;
        let now_us = context.now_us().max(head.time_us);
        let (deposit_left_today, withdraw_left_today) = left_today(&head, &context.config, now_us);
        Ok(Balance {
            current_balance: cash_of(&head)?,
            available: head.available,
            reserved: head.reserved,
            deposit_left_today,
            withdraw_left_today,
            updated_at: Timestamp(head.time_us),
        })
    }

    /// The account's coins of one asset.
    ///
    /// # Errors
    /// `asset.not_found` for an unknown asset, `balance.asset_not_held` when it was never held; when the account
    /// cannot be read.
    pub async fn asset_balance(&self, caller: &Caller, asset_id: AssetId) -> Result<AssetBalance> {
        let context = &self.accounts.context;
        let snapshot = context.environment.market.snapshot();
        match self.accounts.holding(&caller.account_id, asset_id).await? {
            Some(holding) => asset_balance(context, &snapshot, asset_id, &holding),
            None if context.environment.market.catalogue().get(asset_id).is_none() => {
                Err(Error::unknown_asset(asset_id))
            }
            None => Err(Problem::new(
                Code::BalanceAssetNotHeld,
                format!("You have never held {asset_id} in this account."),
            )
            .into()),
        }
    }

    /// The account's coins of every asset that was ever held, by asset.
    ///
    /// # Errors
    /// The account cannot be read.
    pub async fn asset_balances(&self, caller: &Caller) -> Result<Vec<AssetBalance>> {
        let state = self.accounts.everything(&caller.account_id).await?;
        let context = &self.accounts.context;
        let snapshot = context.environment.market.snapshot();
        let balance = |(asset_id, holding): &(AssetId, HoldingRecord)| {
            asset_balance(context, &snapshot, *asset_id, holding)
        };
        state.holdings.iter().map(balance).collect()
    }
}

fn asset_balance(
    context: &Context,
    snapshot: &Snapshot,
    asset_id: AssetId,
    holding: &HoldingRecord,
) -> Result<AssetBalance> {
    let catalogue = context.environment.market.catalogue();
    let position = holding.position()?;
    let price = last_price(snapshot, asset_id);
    let value = position.value(price);
    Ok(AssetBalance {
        asset_id,
        asset_name: catalogue
            .get(asset_id)
            .map_or_else(|| asset_id.to_string(), |asset| asset.name.to_owned()),
        quantity: position.quantity,
        available: holding.available,
        reserved: holding.reserved,
        current_price: price.to_f64_lossy(),
        total_value: value.to_f64_lossy(),
        current_price_exact: price,
        total_value_exact: value,
        created_at: Timestamp(holding.created_us),
        updated_at: Timestamp(holding.updated_us),
    })
}
