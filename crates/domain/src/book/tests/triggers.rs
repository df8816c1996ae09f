//! The trigger of a trailing order.

use proptest::prelude::*;

use crate::{BASIS_POINTS, Price, Side, Trail};

fn price(text: &str) -> Price {
    text.parse().unwrap()
}

#[test]
fn triggers_are_rounded_away_from_the_market() {
    let tick = price("0.01");
    for (side, trail, mark, expected) in [
        (Side::Sell, Trail::Amount(price("5")), "100.00", "95.00"),
        (Side::Buy, Trail::Amount(price("5")), "100.00", "105.00"),
        (Side::Sell, Trail::BasisPoints(10), "99.99", "99.89"),
        (Side::Buy, Trail::BasisPoints(10), "99.99", "100.09"),
        (Side::Sell, Trail::BasisPoints(15), "33.33", "33.28"),
        (Side::Buy, Trail::BasisPoints(15), "33.33", "33.38"),
        (Side::Sell, Trail::BasisPoints(10_000), "100.00", "0.00"),
        (Side::Sell, Trail::Amount(price("101")), "100.00", "0.00"),
    ] {
        assert_eq!(trail.trigger(side, price(mark), tick), price(expected), "{side} {trail:?}");
    }
    assert_eq!(Trail::Amount(Price::MAX).trigger(Side::Buy, Price::MAX, tick), Price::MAX);
}

proptest! {
    #[test]
    fn a_trigger_is_on_the_tick_and_never_nearer_than_its_distance(
        mark in 1..=1_000_000_000_000_i128, points in 0..=20_000_u32, tick in 1..=1_000_i128,
    ) {
        let (mark, tick) = (Price::from_units(mark).unwrap(), Price::from_units(tick).unwrap());
        let exact_distance = mark.units() * i128::from(points);
        for side in Side::ALL {
            let trigger = Trail::BasisPoints(points).trigger(side, mark, tick);
            prop_assert_eq!(trigger.units() % tick.units(), 0);
            let distance = match side {
                Side::Sell => mark.units() - trigger.units(),
                Side::Buy => trigger.units() - mark.units(),
            };
            prop_assert!(distance * BASIS_POINTS >= exact_distance || trigger.is_zero());
            prop_assert!(distance * BASIS_POINTS < exact_distance + (tick.units() + 1) * BASIS_POINTS);
        }
    }
}
