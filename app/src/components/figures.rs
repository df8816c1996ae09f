//! Prices, changes and icons. The live ones are cells that the island `Cells` keeps at the newest price.

use cnop_domain::{Amount, AssetId, OrderStatus, Price, Quantity};
use leptos::prelude::*;

use super::CellKind;
use super::ui::{Badge, BadgeTone};
use crate::format::{self, Trend, gain_figure, ratio};
use crate::labels;

/// The icon of an asset. The name stands beside it, so the picture has no text.
#[component]
pub(crate) fn AssetIcon(
    /// Path of the picture.
    path: String,
) -> impl IntoView {
    view! { <img class="coin size-6 flex-none" src=path alt="" width="24" height="24" loading="lazy" /> }
}

/// The price of an asset, live.
#[component]
pub(crate) fn LivePrice(
    /// Id of the asset.
    asset: AssetId,
    /// Last price of the asset.
    price: Price,
) -> impl IntoView {
    view! { <span translate="no" data-live=CellKind::Last.as_str() data-asset=asset.to_string()>{format::price(price)}</span> }
}

/// The day's change of an asset, live.
#[component]
pub(crate) fn LiveChange(
    /// Id of the asset.
    asset: AssetId,
    /// Its change in percent, 0–100.
    percentage: f64,
) -> impl IntoView {
    let class = Trend::of_percentage(percentage).delta_class();
    view! {
        <span translate="no" class=class data-live=CellKind::Change.as_str() data-asset=asset.to_string()>
            {format::percent(percentage)}
        </span>
    }
}

/// The distance of a price from the market in percent, live.
#[component]
pub(crate) fn LiveAway(
    /// Id of the asset.
    asset: AssetId,
    /// Price whose distance is shown.
    price: Price,
    /// Its distance now, 0–100.
    percentage: f64,
) -> impl IntoView {
    view! {
        <span translate="no" data-live=CellKind::Away.as_str() data-asset=asset.to_string() data-target=price.to_string()>
            {format::percent(percentage)}
        </span>
    }
}

/// The value of coins in dollars, live.
#[component]
pub(crate) fn LiveValue(
    /// Id of the asset.
    asset: AssetId,
    /// Number of coins held.
    quantity: Quantity,
    /// Value of these coins.
    value: Amount,
) -> impl IntoView {
    view! {
        <span translate="no" data-live=CellKind::Value.as_str() data-asset=asset.to_string() data-quantity=quantity.to_string()>
            {format::amount_cents(value)}
        </span>
    }
}

/// The unrealized profit of coins, live.
#[component]
pub(crate) fn LiveProfit(
    /// Id of the asset.
    asset: AssetId,
    /// Number of coins held.
    quantity: Quantity,
    /// Cost of these coins.
    cost: Amount,
    /// Profit of these coins.
    profit: Amount,
) -> impl IntoView {
    view! {
        <span
            translate="no"
            class=Trend::of_cents(profit).class()
            data-live=CellKind::Profit.as_str()
            data-asset=asset.to_string()
            data-quantity=quantity.to_string()
            data-cost=cost.to_string()
        >
            {gain_figure(profit, ratio(profit, cost))}
        </span>
    }
}

/// The status of an order.
#[component]
pub(crate) fn OrderBadge(
    /// Status of the order.
    status: OrderStatus,
) -> impl IntoView {
    let tone = match status {
        OrderStatus::Held
        | OrderStatus::WaitingTrigger
        | OrderStatus::Working
        | OrderStatus::PartiallyFilled => BadgeTone::Active,
        OrderStatus::Completed => BadgeTone::Plain,
        OrderStatus::Canceled => BadgeTone::Muted,
        OrderStatus::Expired | OrderStatus::Rejected => BadgeTone::Warning,
    };
    view! { <Badge tone>{labels::status(status)}</Badge> }
}
