//! The portfolio and its insights.

use cnop_domain::{Amount, AssetId, Price, Quantity};
use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// `GET /portfolio`, from one consistent read. Cost basis: weighted average, purchase fees included.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Portfolio {
    /// Holdings above zero, most valuable first.
    pub assets: Vec<Holding>,
    /// Dollars, available and reserved.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub cash: Amount,
    /// 0–100, of the total. With those of the holdings it sums to exactly 100.00.
    pub cash_percentage: String,
    /// Value of the holdings.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub asset_value: Amount,
    /// Value of cash and holdings.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub total_value: Amount,
    /// Cost of the present holdings.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub cost_basis: Amount,
    /// Asset value − cost basis.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub unrealised_profit: Amount,
    /// Of all sales ever, after fees.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub realised_profit: Amount,
    /// All fees ever paid.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub fees_paid: Amount,
    /// All deposits minus all withdrawals.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub net_deposits: Amount,
    /// The account's own result of the last 24 hours: its value now − its value 24 hours ago − net deposits since. It is
    /// the sum over all assets, including those sold out since.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub day_change: Amount,
    /// `day_change ÷ (value 24 hours ago + net deposits since)`; absent when that is not above 0.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub day_change_ratio: Option<f64>,
    /// Sequence number of the account's last event in this answer.
    pub seq: u64,
    /// Time at which it was read.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub as_of: Timestamp,
}

/// Holding of one asset.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Holding {
    /// Id of the asset.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub asset_id: AssetId,
    /// Name of the asset.
    pub name: String,
    /// Coins, available and reserved.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub quantity: Quantity,
    /// Coins that can be sold.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub available: Quantity,
    /// Price of the last trade.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub current_price: Price,
    /// Quantity × last price, rounded down.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub market_value: Amount,
    /// 0–100, of the total.
    pub percentage: String,
    /// Cost basis ÷ quantity, rounded to 10⁻⁸ dollars.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub average_cost: Price,
    /// Cost of the present quantity, purchase fees included.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub cost_basis: Amount,
    /// Market value − cost basis.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub unrealised_profit: Amount,
    /// Relative profit: `unrealised_profit ÷ cost_basis`.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub unrealised_profit_ratio: Option<f64>,
    /// Of this asset's sales, after fees.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub realised_profit: Amount,
    /// Result of the asset in the last 24 hours: its value now − its value 24 hours ago − dollars paid for coins since +
    /// dollars received for coins since, fees included.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub day_change: Amount,
    /// Price change in 24 hours, as a percentage.
    pub price_change_percentage_24h: f64,
}

/// Response of `GET /insights/portfolio`.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Insights {
    /// Two to four sentences.
    pub summary: String,
    /// Time of the computation.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub generated_at: Timestamp,
    /// `rules-v1`, or the language model's name.
    pub model: String,
    /// The figures that the findings rest on.
    pub facts: Vec<Fact>,
    /// Findings, most important first.
    pub findings: Vec<Finding>,
}

/// A figure with a name.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Fact {
    /// Unique in its answer (`cash_share`).
    pub id: String,
    /// Label for a person.
    pub label: String,
    /// Formatted value with its unit.
    pub value: String,
}

cnop_domain::closed_set! {
    /// Weight of a finding.
    pub enum Severity {
        /// Information without need for action.
        Info = "info",
        /// Worth the attention of a person.
        Warning = "warning",
    }
}

/// One finding about a portfolio.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Finding {
    /// Stable name of the rule (`concentration`).
    pub rule: String,
    /// Severity of the finding: `info` or `warning`.
    pub severity: Severity,
    /// Title of a few words.
    pub title: String,
    /// One sentence with its figures.
    pub detail: String,
    /// Facts it rests on.
    pub fact_ids: Vec<String>,
}
