//! The large figures of the portfolio.

use cnop_domain::{Amount, AssetId, Quantity};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Packed, Store};
use crate::components::ui::{FigureList, FigureSize, FigureValue, Gain, Muted};
use crate::format::{self, Trend, gain, ratio};

/// A holding and its value at the time of rendering.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct HeldValue {
    /// Id of the asset.
    pub(crate) asset: AssetId,
    /// Number of coins held.
    pub(crate) quantity: Quantity,
    /// Amount in US dollars.
    pub(crate) value: Amount,
}

/// Figures of a portfolio at the time of rendering.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct PortfolioFigures {
    /// Value of every holding.
    pub(crate) held: Vec<HeldValue>,
    /// Amount in US dollars.
    pub(crate) cash: Amount,
    /// Value of cash and holdings.
    pub(crate) total: Amount,
    /// Gain of the holdings over 24 hours.
    pub(crate) day_change: Amount,
    /// Cost of the holdings.
    pub(crate) cost: Amount,
    /// Realized profit of all sales.
    pub(crate) realised: Amount,
}

impl PortfolioFigures {
    /// Value of everything now, with live prices (tracked).
    fn total_now(&self, store: Store) -> Amount {
        let value = |held: &HeldValue| {
            store.price(&held.asset).map_or(held.value, |price| price.value_of(held.quantity))
        };
        self.held.iter().try_fold(self.cash, |sum, held| sum.checked_add(value(held))).unwrap_or(self.total)
    }

    /// Gain of the holdings over 24 hours when everything is worth `total`.
    fn day_change_at(&self, total: Amount) -> Amount {
        let moved = total.checked_sub(self.total);
        moved.and_then(|moved| self.day_change.checked_add(moved)).unwrap_or(self.day_change)
    }

    /// Value of the holdings 24 hours ago: now, without the cash and without the change.
    fn held_before(&self, total: Amount, change: Amount) -> Amount {
        total.checked_sub(self.cash).and_then(|held| held.checked_sub(change)).unwrap_or(Amount::ZERO)
    }

    fn unrealised_at(&self, total: Amount) -> Amount {
        total.checked_sub(self.cash).and_then(|held| held.checked_sub(self.cost)).unwrap_or(Amount::ZERO)
    }
}

/// Total value, cash and profits, at live prices.
#[island]
pub(crate) fn PortfolioTotals(
    /// Figures of the time of rendering.
    #[prop(into)]
    figures: Packed<PortfolioFigures>,
) -> impl IntoView {
    let (store, Packed(figures)) = (Store::current(), figures);
    let (cash, cost, realised) = (figures.cash, figures.cost, figures.realised);
    let has_holdings = !figures.held.is_empty();
    let figures = StoredValue::new(figures);
    let total = move || figures.with_value(|figures| figures.total_now(store));
    let change = move || figures.with_value(|figures| figures.day_change_at(figures.total_now(store)));
    let day = move || {
        figures.with_value(|figures| {
            let total = figures.total_now(store);
            let change = figures.day_change_at(total);
            gain(change, ratio(change, figures.held_before(total, change)))
        })
    };
    let unrealised = move || figures.with_value(|figures| figures.unrealised_at(figures.total_now(store)));
    view! {
        <FigureList>
            <div>
                <dt>"Total value"</dt>
                <FigureValue size=FigureSize::Big>{move || format::usd_cents(total())}</FigureValue>
                <dd class="text-13">
                    {has_holdings
                        .then(|| {
                            view! {
                                <span class=move || Trend::of_cents(change()).class()>{day}</span>
                                <Muted>" 24 h, current holdings"</Muted>
                            }
                        })}
                </dd>
            </div>
            <div><dt>"Cash"</dt><FigureValue>{format::usd_cents(cash)}</FigureValue></div>
            <div>
                <dt>"Unrealized P&L"</dt>
                <FigureValue>
                    <span class=move || Trend::of_cents(unrealised()).class()>
                        {move || gain(unrealised(), ratio(unrealised(), cost))}
                    </span>
                </FigureValue>
            </div>
            <div>
                <dt>"Realized P&L"</dt>
                <FigureValue>
                    <Gain amount=realised has_unit=true />
                </FigureValue>
            </div>
        </FigureList>
    }
}
