//! Tests of the shares.

use cnop_domain::{AccountLimits, Guard, Price, Quote, Side};
use proptest::prelude::*;
use proptest::sample::select;

use super::super::tests::{basis, draft, filled};
use super::*;

/// Kinds whose chips fill in an amount, with the prices that they need.
fn kinds() -> impl Strategy<Value = &'static str> {
    select(vec![
        "buy market",
        "sell market",
        "buy limit",
        "sell limit",
        "buy stop",
        "sell stop",
        "buy trailing_stop",
        "sell trailing_stop",
        "buy oco",
        "sell oco",
    ])
}

fn fields(words: &str, unit: &'static str, exits: bool) -> Vec<(&'static str, &'static str)> {
    let buys = words.starts_with("buy");
    let mut fields = vec![("unit", unit), ("price", if buys { "61000" } else { "63500" }), ("trail", "2.5")];
    fields.push(("stop_price", if buys { "64000" } else { "60000" }));
    if words.ends_with("oco") {
        fields.extend(if buys {
            [("take_profit", "60000"), ("stop_loss", "64000")]
        } else {
            [("take_profit", "66000"), ("stop_loss", "58000")]
        });
    } else if exits && buys {
        fields.extend([("take_profit", "80000"), ("stop_loss", "50000")]);
    }
    fields
}

proptest! {
    /// "100 %" was refused with the next tick of the price, above the venue's maximum and above the trader's own limit.
    #[test]
    fn an_amount_of_a_share_is_affordable_at_any_later_price_within_slippage(
        words in kinds(),
        unit in select(vec!["asset", "usd"]),
        exits in any::<bool>(),
        percentage in select(vec![25_u32, 50, 75, 100]),
        (cash, coins) in (20_000..5_000_000_i64, 2_000..50_000_000_i64),
        own in proptest::option::of(50_i64..20_000),
        by in -100_i128..=100,
    ) {
        let (cash, coins) = (format!("{}.{:02}", cash / 100, cash % 100), format!("0.{coins:08}"));
        let order_max = own.map(|own| own.to_string().parse().unwrap());
        let limits = AccountLimits { guard: Guard { order_max, ..Guard::default() }, ..AccountLimits::default() };
        let now = EstimateContext { limits, ..basis(&cash, &coins) };
        let form = draft(words, &fields(words, unit, exits));
        let form = filled(&now, &form, percentage);
        prop_assert!(!form.amount.is_empty(), "{:?}", form);
        let later = EstimateContext { quote: now.moved(BASIS_POINTS + by), ..now };
        let refused = estimate(&form, &later).err().filter(is_excess);
        prop_assert_eq!(refused, None, "{:?}", form);
    }
}

/// 25, 50, 75 and 100 % gave the same amount without a word.
#[test]
fn a_share_says_which_bound_it_met() {
    let rich = basis("203000", "50");
    let market = draft("buy market", &[("unit", "asset")]);
    let share = rich.share(&market, 25);
    assert_eq!((share.amount.as_str(), share.unit), ("10000.00", "usd"));
    assert_eq!(share.bound, "Capped at the maximum of 10,000.00\u{a0}USD per order.");
    let guard = Guard { order_max: "9000".parse().ok(), ..Guard::default() };
    let own = EstimateContext { limits: AccountLimits { guard, ..AccountLimits::default() }, ..rich };
    let share = own.share(&market, 100);
    assert_eq!(share.amount, "9000.00");
    assert_eq!(share.bound, "Capped by your own limit of 9,000.00\u{a0}USD per order.");
    let share = basis("1000", "0").share(&market, 50);
    assert_eq!((share.amount.as_str(), share.bound.as_str()), ("499.50", ""));
    let share = basis("0", "0").share(&market, 50);
    assert_eq!((share.amount.as_str(), share.bound.as_str()), ("", "No USD available."));
    let trailing = draft("buy trailing_stop", &[("trail", "5")]);
    assert_eq!(basis("1000", "0").share(&trailing, 100).bound, "Leaves room for the fee and a moving price.");
}

/// The quote at a later moment stays a quote: on the tick, the bid below the ask.
#[test]
fn a_moved_quote_is_on_the_tick() {
    let now = basis("1", "0");
    for by in [-SLIPPAGE_BPS, -1, 0, 1, SLIPPAGE_BPS] {
        let Quote { bid, ask, .. } = now.moved(BASIS_POINTS + by);
        assert!(bid < ask && [bid, ask].map(|it: Price| it.floor_to(now.rules.tick_size)) == [bid, ask]);
        assert_eq!(now.quote.price_for(Side::Buy), now.quote.ask);
    }
}
