//! Verification of fills by the venue's own rules, in the browser of the trader.

use cnop_domain::matching::explain;
use cnop_domain::{
    Amount, Basis, Fill, FillContext, OrderFill, OrderState, OrderTerms, OrderType, Price, Quantity, Quote,
    Side,
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::Packed;
use crate::components::ui::BadgeTone;
use crate::components::{Icon, icon};

/// Everything that a fill follows from, and the fill.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct FillCheckInputs {
    pub(crate) side: Side,
    pub(crate) order_type: OrderType,
    /// The rule that made the fill.
    pub(crate) basis: Basis,
    /// The order's limit at that time.
    pub(crate) limit: Option<Price>,
    /// The trigger; of a trailing order the one that its mark made.
    pub(crate) trigger: Option<Price>,
    /// Remainder of the displayed size; none for a fill by the venue.
    pub(crate) displayed_left: Option<Quantity>,
    /// Step size of the asset, where it was stored.
    pub(crate) step_size: Option<Quantity>,
    /// Fills before this one.
    pub(crate) fills_before: u32,
    pub(crate) fee_bps: u32,
    /// Quantity of the order.
    pub(crate) ordered: Quantity,
    /// Quantity filled before this fill.
    pub(crate) filled_before: Quantity,
    pub(crate) quantity: Quantity,
    /// Displayed size of the side of the quote that was used.
    pub(crate) displayed: Quantity,
    pub(crate) notional_before: Amount,
    pub(crate) fees_before: Amount,
    pub(crate) notional: Amount,
    pub(crate) fee: Amount,
    pub(crate) price: Price,
    /// Price of the side of the quote that was used.
    pub(crate) quoted: Price,
    /// Last price of the quote.
    pub(crate) last: Price,
}

impl FillCheckInputs {
    /// Computes the fill again.
    ///
    /// # Errors
    /// The first figure that differs from the rules, in words.
    pub(crate) fn verify(&self) -> Result<(), String> {
        // A fill uses one side of the quote, and no rule looks at the asset.
        let quote = Quote {
            bid: self.quoted,
            ask: self.quoted,
            bid_size: self.displayed,
            ask_size: self.displayed,
            last: self.last,
            seq: 0,
            time_us: 0,
        };
        let asset_id = "BTC".parse().map_err(|_| String::new())?;
        let terms = OrderTerms {
            order_type: self.order_type,
            limit: self.limit,
            stop: self.trigger,
            ..OrderTerms::market(asset_id, self.side, self.ordered)
        };
        let before = OrderState {
            filled: self.filled_before,
            notional: self.notional_before,
            fees: self.fees_before,
            fills: self.fills_before,
            ..OrderState::new(terms, None, self.fee_bps)
        };
        let seen = self.step_size.map(|step_size| FillContext {
            displayed_left: self.displayed_left,
            tick_size: Price::ZERO,
            step_size,
        });
        let fill = Fill {
            price: self.price,
            quantity: self.quantity,
            notional: self.notional,
            fee: self.fee,
            quote,
        };
        let fill = OrderFill { fill, basis: self.basis };
        explain(&before, seen.as_ref(), &fill).map_err(|mismatch| mismatch.to_string())
    }
}

/// Verdict about one fill: of the server that rendered the page, then of the browser.
#[island]
pub(crate) fn FillCheck(
    /// The fill and its origin.
    #[prop(into)]
    inputs: Packed<FillCheckInputs>,
    /// Mismatch that the server has found.
    mismatch: Option<String>,
) -> impl IntoView {
    let mismatch = RwSignal::new(mismatch);
    Effect::new(move |_| mismatch.set(inputs.0.verify().err()));
    let is_wrong = move || mismatch.with(Option::is_some);
    view! {
        <span class=move || if is_wrong() { BadgeTone::Warning.class() } else { BadgeTone::Good.class() }>
            {move || icon(if is_wrong() { Icon::Warning } else { Icon::Done })} " "
            {move || {
                mismatch.with(|mismatch| match mismatch {
                    None => "verified".to_owned(),
                    Some(mismatch) => format!("does not match the rules: {mismatch}"),
                })
            }}
        </span>
    }
}

/// Name of the computer that verified the fills.
#[island]
pub(crate) fn VerifiedBy() -> impl IntoView {
    let name = RwSignal::new("the server");
    Effect::new(move |_| name.set("your browser"));
    view! { <span>{move || name.get()}</span> }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inputs() -> FillCheckInputs {
        let (coins, dollars) = (|text: &str| text.parse().unwrap(), |text: &str| text.parse().unwrap());
        let price = |text: &str| text.parse().unwrap();
        FillCheckInputs {
            side: Side::Buy,
            order_type: OrderType::Limit,
            basis: Basis::Maker,
            limit: Some(price("61000")),
            trigger: None,
            displayed_left: Some(coins("0.0155")),
            step_size: Some(coins("0.001")),
            fills_before: 1,
            fee_bps: 10,
            ordered: coins("0.03"),
            filled_before: coins("0.01"),
            quantity: coins("0.015"),
            displayed: coins("0.016"),
            notional_before: dollars("610"),
            fees_before: dollars("0.61"),
            notional: dollars("915"),
            fee: dollars("0.915"),
            price: price("61000"),
            quoted: price("60990"),
            last: price("60980"),
        }
    }

    #[test]
    fn a_fill_by_the_rules_is_verified_and_any_other_is_not() {
        assert_eq!(inputs().verify(), Ok(()));
        let (coins, dollars) = (|text: &str| text.parse().unwrap(), |text: &str| text.parse().unwrap());
        let price = |text: &str| text.parse().unwrap();
        let wrong = [
            FillCheckInputs { price: price("60990"), ..inputs() },
            FillCheckInputs { quoted: price("61010"), ..inputs() },
            FillCheckInputs { quantity: coins("0.016"), ..inputs() },
            FillCheckInputs { notional: dollars("915.01"), ..inputs() },
            FillCheckInputs { fee: dollars("0.92"), ..inputs() },
            FillCheckInputs { limit: None, ..inputs() },
            FillCheckInputs { displayed_left: Some(coins("0.0145")), ..inputs() },
            FillCheckInputs { displayed_left: Some(coins("0.0165")), ..inputs() },
            FillCheckInputs { step_size: Some(coins("0.002")), ..inputs() },
            FillCheckInputs { basis: Basis::Venue, ..inputs() },
            FillCheckInputs { side: Side::Sell, ..inputs() },
        ];
        for wrong in wrong {
            assert!(wrong.verify().is_err(), "{wrong:?}");
        }
        let stop = |last| FillCheckInputs {
            order_type: OrderType::Stop,
            basis: Basis::Venue,
            limit: None,
            trigger: Some(price("60990")),
            displayed_left: None,
            ordered: coins("0.025"),
            displayed: coins("0"),
            quoted: price("61000"),
            last: price(last),
            ..inputs()
        };
        assert_eq!(stop("60990").verify(), Ok(()));
        assert!(stop("60989.99").verify().is_err(), "its trigger was not reached");
    }
}
