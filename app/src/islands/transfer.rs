//! Live parts of the account page.

use cnop_domain::Amount;
use leptos::prelude::*;

use super::browser::fill_input;
use super::{Packed, Store};
use crate::components::ui::{Chip, FigureList, FigureSize, FigureValue};
use crate::format;

/// Dollars available and reserved.
#[island]
pub(crate) fn AccountFigures(
    /// Both at the time of rendering.
    #[prop(into)]
    amounts: Packed<(Amount, Amount)>,
) -> impl IntoView {
    let (store, Packed(amounts)) = (Store::current(), amounts);
    let now = move || {
        store.account().map_or(amounts, |account| (account.balance.available, account.balance.reserved))
    };
    view! {
        <FigureList>
            <div>
                <dt>"Available"</dt>
                <FigureValue size=FigureSize::Big>
                    {move || format::amount_cents(now().0)}
                    {move || {
                        let tail = beyond_cents(now().0);
                        (!tail.is_empty()).then(|| view! { <span class="text-muted text-[0.5em] font-medium">{tail}</span> })
                    }}
                    "\u{a0}USD"
                </FigureValue>
            </div>
            <div>
                <dt>"Reserved for open orders"</dt>
                <FigureValue>{move || format::usd(now().1)}</FigureValue>
            </div>
        </FigureList>
    }
}

/// Button that writes all available dollars into a field, to the last fraction of a cent.
#[island]
pub(crate) fn FillAvailable(
    /// Id of the field.
    field: String,
    /// Available at the time of rendering.
    #[prop(into)]
    available: Packed<Amount>,
) -> impl IntoView {
    let (store, Packed(available)) = (Store::current(), available);
    let fill = move |_| {
        let available = untrack(|| store.available()).unwrap_or(available);
        fill_input(&field, &typed(available));
    };
    view! { <Chip on:click=fill>"Max"</Chip> }
}

/// An amount as one would type it. Three decimals could be read as thousands, so there are four.
fn typed(amount: Amount) -> String {
    let text = amount.to_string();
    if text.split_once('.').is_some_and(|(_, fraction)| fraction.len() == 3) { text + "0" } else { text }
}

/// The digits of an amount beyond its cents: exact, but of little interest.
fn beyond_cents(amount: Amount) -> String {
    let text = amount.to_string();
    let fraction = text.split_once('.').map_or("", |(_, fraction)| fraction);
    fraction.get(2..).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_available_is_read_as_it_is() {
        for (text, expected) in
            [("7.125", "7.1250"), ("7.12", "7.12"), ("7.12345678", "7.12345678"), ("0.001", "0.0010")]
        {
            let written = typed(text.parse().unwrap());
            assert_eq!(written, expected);
            let figure = cnop_api::Figure::typed("amount", &written, cnop_api::TypedUnit::Cents).unwrap();
            assert_eq!(figure.as_str().parse::<Amount>(), text.parse());
        }
    }

    #[test]
    fn cents_and_tail_make_the_whole_amount() {
        for (text, tail) in [("4397.69584654", "584654"), ("100", ""), ("0.5", ""), ("-1.001", "1")] {
            assert_eq!(beyond_cents(text.parse().unwrap()), tail);
        }
    }
}
