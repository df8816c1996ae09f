//! The large figures of the portfolio.

use cnop_domain::{Amount, AssetId, Quantity, shown_total};
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
    /// The account's result of the last 24 hours.
    pub(crate) day_change: Amount,
    /// Cost of the holdings.
    pub(crate) cost: Amount,
    /// Realized profit of all sales.
    pub(crate) realised: Amount,
}

impl PortfolioFigures {
    /// Cash and the value of each holding now, with live prices (tracked).
    fn values_now(&self, store: Store) -> impl Iterator<Item = Amount> {
        let value = move |held: &HeldValue| {
            store.price(&held.asset).map_or(held.value, |price| price.value_of(held.quantity))
        };
        std::iter::once(self.cash).chain(self.held.iter().map(value))
    }

    /// Value of everything now.
    fn total_now(&self, store: Store) -> Amount {
        let mut values = self.values_now(store);
        values.try_fold(Amount::ZERO, Amount::checked_add).unwrap_or(self.total)
    }

    /// The total as it is shown: the sum of the cents that are shown beside it.
    fn total_shown(&self, store: Store) -> Amount {
        shown_total(self.values_now(store)).unwrap_or(self.total)
    }

    /// Result of 24 hours when everything is worth `total`.
    fn day_change_at(&self, total: Amount) -> Amount {
        let moved = total.checked_sub(self.total);
        moved.and_then(|moved| self.day_change.checked_add(moved)).unwrap_or(self.day_change)
    }

    /// Base of the share: the value 24 hours ago and net deposits since.
    fn day_base(total: Amount, change: Amount) -> Amount {
        total.checked_sub(change).unwrap_or(Amount::ZERO)
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
    let has_result = !figures.held.is_empty() || !figures.day_change.is_zero();
    let figures = StoredValue::new(figures);
    let total = move || figures.with_value(|figures| figures.total_shown(store));
    let change = move || figures.with_value(|figures| figures.day_change_at(figures.total_now(store)));
    let day = move || {
        figures.with_value(|figures| {
            let total = figures.total_now(store);
            let change = figures.day_change_at(total);
            gain(change, ratio(change, PortfolioFigures::day_base(total, change)))
        })
    };
    let unrealised = move || figures.with_value(|figures| figures.unrealised_at(figures.total_now(store)));
    view! {
        <FigureList>
            <div>
                <dt>"Total value"</dt>
                <FigureValue size=FigureSize::Big>{move || format::usd_cents(total())}</FigureValue>
                <dd class="text-13">
                    {has_result
                        .then(|| {
                            view! {
                                <span translate="no" class=move || Trend::of_cents(change()).class()>{day}</span>
                                <Muted>" in 24 h"</Muted>
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
