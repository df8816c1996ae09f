//! Cash and asset balances, deposits and withdrawals.

use cnop_domain::{Amount, AssetId, Price, Quantity};
use serde::{Deserialize, Serialize};

use crate::{Figure, Timestamp};

/// `GET /balance`: US dollars. `current_balance = available + reserved`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Balance {
    /// Available and reserved dollars together.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub current_balance: Amount,
    /// Dollars that can be spent or withdrawn.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub available: Amount,
    /// Dollars reserved by open orders.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub reserved: Amount,
    /// Remaining deposit limit of today (UTC).
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub deposit_left_today: Amount,
    /// Remaining withdrawal limit of today (UTC), regardless of the balance.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub withdraw_left_today: Amount,
    /// Time of its last change.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub updated_at: Timestamp,
}

/// `POST /balance/deposit` and `/balance/withdraw`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TransferRequest {
    /// Dollars: above 0, at most 1,000,000, at most 2 decimals.
    pub amount: Figure,
    /// Ignored. Older clients send it.
    #[serde(default, skip_serializing)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, deprecated))]
    pub description: serde::de::IgnoredAny,
}

impl From<Figure> for TransferRequest {
    fn from(amount: Figure) -> Self {
        Self { amount, description: serde::de::IgnoredAny }
    }
}

/// The answer to a deposit or a withdrawal.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TransferReceipt {
    /// Always true: a refusal is a problem.
    pub success: bool,
    /// Confirmation, such as `Successfully deposited $100`.
    pub message: String,
    /// The movement's id in `GET /balance/transactions`.
    pub transaction_id: String,
    /// Time of the booking.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub timestamp: Timestamp,
}

cnop_domain::closed_set! {
    /// Reason of a cash movement.
    pub enum TransactionType {
        /// A deposit of dollars.
        Deposit = "deposit",
        /// A withdrawal of dollars.
        Withdraw = "withdraw",
        /// Paid for a purchase, without the fee.
        OrderPayment = "order_payment",
        /// Received for a sale, without the fee.
        OrderSale = "order_sale",
        /// The venue's fee for an order.
        Fee = "fee",
    }
}

cnop_domain::closed_set! {
    /// Status of a cash movement.
    pub enum TransactionStatus {
        /// The movement is completed.
        Completed = "completed",
    }
}

/// One movement of dollars.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Transaction {
    /// Unique id of the movement.
    pub transaction_id: String,
    /// Reason of the movement.
    pub transaction_type: TransactionType,
    /// Amount: positive for incoming, negative for outgoing dollars. The sum over an account is its current
    /// balance.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub amount: Amount,
    /// Status of the movement, always `completed`.
    pub status: TransactionStatus,
    /// Time of the movement.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    /// The order it belongs to.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub reference_id: Option<String>,
    /// Description for a person.
    pub description: String,
}

/// `GET /balance/transactions`, newest first.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Transactions {
    /// Transactions of this page.
    pub transactions: Vec<Transaction>,
    /// All of the account's.
    pub total_count: u64,
    /// True if there are older ones.
    pub has_more: bool,
    /// For the next page.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub next_cursor: Option<String>,
}

/// Response of `GET /balance/asset/{id}`.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AssetBalance {
    /// Id of the asset.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub asset_id: AssetId,
    /// Name of the asset.
    pub asset_name: String,
    /// Total quantity: `available + reserved`.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub quantity: Quantity,
    /// Coins that can be sold.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub available: Quantity,
    /// Coins reserved by open orders.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub reserved: Quantity,
    /// Last price in dollars, as a float for older clients.
    pub current_price: f64,
    /// Value in dollars, as a float for older clients.
    pub total_value: f64,
    /// Price of the last trade.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub current_price_exact: Price,
    /// Value at the last price, rounded down to 10⁻⁸ dollars.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub total_value_exact: Amount,
    /// Time of the first purchase.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    /// Time of its last change.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub updated_at: Timestamp,
}
