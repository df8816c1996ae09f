//! Cash and asset balances, deposits and withdrawals.

use cnop_domain::{Amount, AssetId, Price, Quantity};
use serde::{Deserialize, Serialize};

use crate::{Figure, Timestamp};

/// `GET /balance`: US dollars. `current_balance = available + reserved`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Balance {
    /// All of it.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub current_balance: Amount,
    /// What can be spent or withdrawn.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub available: Amount,
    /// What open orders hold.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub reserved: Amount,
    /// What may still be deposited today (UTC).
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub deposit_left_today: Amount,
    /// What may still be withdrawn today (UTC), not considering the balance.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub withdraw_left_today: Amount,
    /// When it last changed.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub updated_at: Timestamp,
}

/// `POST /balance/deposit` and `/balance/withdraw`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TransferRequest {
    /// Dollars: above 0, at most 1,000,000, at most 2 decimals.
    pub amount: Figure,
}

/// The answer to a deposit or a withdrawal.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TransferReceipt {
    /// Always true: a refusal is a problem.
    pub success: bool,
    /// `Successfully deposited $100`.
    pub message: String,
    /// The movement's id in `GET /balance/transactions`.
    pub transaction_id: String,
    /// When it was booked.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub timestamp: Timestamp,
}

cnop_domain::closed_set! {
    /// Why dollars moved.
    pub enum TransactionType {
        /// Money in.
        Deposit = "deposit",
        /// Money out.
        Withdraw = "withdraw",
        /// Paid for a purchase, without the fee.
        OrderPayment = "order_payment",
        /// Received for a sale, without the fee.
        OrderSale = "order_sale",
        /// The venue's fee.
        Fee = "fee",
    }
}

cnop_domain::closed_set! {
    /// How a movement of dollars stands.
    pub enum TransactionStatus {
        /// It is booked.
        Completed = "completed",
    }
}

/// One movement of dollars.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Transaction {
    /// Unique.
    pub transaction_id: String,
    /// Why.
    pub transaction_type: TransactionType,
    /// How much: positive in, negative out. All of an account's add up to its current balance.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub amount: Amount,
    /// Always `completed`.
    pub status: TransactionStatus,
    /// When.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    /// The order it belongs to.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub reference_id: Option<String>,
    /// For a person.
    pub description: String,
}

/// `GET /balance/transactions`, newest first.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Transactions {
    /// One page.
    pub transactions: Vec<Transaction>,
    /// All of the account's.
    pub total_count: u64,
    /// Whether there are older ones.
    pub has_more: bool,
    /// For the next page.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub next_cursor: Option<String>,
}

/// `GET /balance/asset/{id}`.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AssetBalance {
    /// The asset.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub asset_id: AssetId,
    /// Its name.
    pub asset_name: String,
    /// `available + reserved`.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub quantity: Quantity,
    /// What can be sold.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub available: Quantity,
    /// What open orders hold.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub reserved: Quantity,
    /// Last price in dollars, as a float for older clients.
    pub current_price: f64,
    /// Value in dollars, as a float for older clients.
    pub total_value: f64,
    /// Last price.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub current_price_exact: Price,
    /// Value at the last price, rounded down to 10⁻⁸ dollars.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub total_value_exact: Amount,
    /// When it was first held.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    /// When it last changed.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub updated_at: Timestamp,
}
