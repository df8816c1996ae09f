use cnop_api::Timestamp;

use super::*;

#[test]
fn numbers_in_sentences_have_groups() {
    let plain =
        "At most 10000.00 USD; this order is worth 72667.5 USD. See 60575000 SHIB, 0.137614 BTC, 5000.";
    let grouped =
        "At most 10,000.00 USD; this order is worth 72,667.5 USD. See 60,575,000 SHIB, 0.137614 BTC, 5,000.";
    assert_eq!(numbers(plain), grouped);
    assert_eq!(
        numbers("From 2026-11-29 12:27:08 UTC, ord_1000 v1"),
        "From 2026-11-29 12:27:08 UTC, ord_1000 v1"
    );
}

fn usd_of(text: &str) -> Amount {
    text.parse().unwrap()
}

#[test]
fn amounts_have_groups_unit_and_true_minus() {
    assert_eq!(usd(usd_of("1234567.5")), "1,234,567.50\u{a0}USD");
    assert_eq!(usd(usd_of("-0.12345678")), "\u{2212}0.12345678\u{a0}USD");
    assert_eq!(usd(usd_of("999")), "999.00\u{a0}USD");
    assert_eq!(usd(usd_of("1000")), "1,000.00\u{a0}USD");
}

#[test]
fn cents_are_cut_toward_zero_and_never_minus_nothing() {
    assert_eq!(usd_cents(usd_of("12.999")), "12.99\u{a0}USD");
    assert_eq!(amount_cents(usd_of("-0.001")), "0.00");
    assert_eq!(amount_cents(usd_of("-12.999")), "\u{2212}12.99");
}

/// One column had money with two to eight places.
#[test]
fn money_has_two_places_and_more_only_below_a_dollar() {
    let shown = |text: &str| money(usd_of(text));
    assert_eq!(shown("3636.888255"), "3,636.89");
    assert_eq!(shown("3636.884999"), "3,636.88");
    assert_eq!(shown("-2499.9924957"), "\u{2212}2,499.99");
    assert_eq!(shown("5.99995672"), "6.00");
    assert_eq!(shown("0.62014"), "0.6201");
    assert_eq!(shown("0.5"), "0.50");
    assert_eq!(shown("0.00123456"), "0.00123456");
    assert_eq!(shown("0"), "0.00");
    assert_eq!(usd_money(usd_of("1")), "1.00\u{a0}USD");
}

#[test]
fn gains_carry_a_plus() {
    assert_eq!(usd_signed(usd_of("12.3")), "+12.30\u{a0}USD");
    assert_eq!(usd_signed(usd_of("-12.3")), "\u{2212}12.30\u{a0}USD");
    assert_eq!(usd_signed(Amount::ZERO), "0.00\u{a0}USD");
}

#[test]
fn prices_keep_their_width() {
    let shown = |text: &str| price(text.parse().unwrap());
    assert_eq!(shown("64012.5"), "64,012.50");
    assert_eq!(shown("464.1"), "464.100");
    assert_eq!(shown("3.5"), "3.50000");
    assert_eq!(shown("0.4123"), "0.412300");
    assert_eq!(shown("0.00001234"), "0.00001234");
    assert_eq!(price_f64(64_012.5), "64,012.50");
    assert_eq!(price_f64(0.412_3), "0.412300");
}

#[test]
fn quantities_have_no_needless_zeros() {
    assert_eq!(quantity("1200".parse().unwrap()), "1,200");
    assert_eq!(quantity("0.01500".parse().unwrap()), "0.015");
}

#[test]
fn percentages_have_sign_and_two_places() {
    assert_eq!(percent(20.0), "+20.00%");
    assert_eq!(percent(-2.305), "\u{2212}2.31%");
    assert_eq!(percent(0.0), "0.00%");
    assert_eq!(percent(0.004), "<0.01%");
    assert_eq!(percent(f64::NAN), "0.00%");
    assert_eq!(percent(1_234.5), "+1,234.50%");
    assert_eq!(share(12.5), "12.50%");
}

#[test]
fn direction_is_what_is_shown() {
    assert_eq!(Trend::of_percentage(0.004), Trend::Flat);
    assert_eq!(Trend::of_percentage(-0.01), Trend::Down);
    assert_eq!(Trend::of_percentage(5.0), Trend::Up);
}

#[test]
fn large_numbers_are_short() {
    assert_eq!(compact(1.236e12), "1.24\u{a0}T");
    assert_eq!(compact(840_100_000.0), "840.1\u{a0}M");
    assert_eq!(compact(12_345.0), "12.35\u{a0}K");
    assert_eq!(compact(999.0), "999.00");
    assert_eq!(compact(0.0), "0.00");
}

#[test]
fn moments_name_their_zone() {
    let time = Timestamp::parse("2026-11-21T10:00:05Z").unwrap();
    assert_eq!(moment(time), "2026-11-21\u{a0}10:00:05\u{a0}UTC");
    assert_eq!(day(time), "2026-11-21");
    assert_eq!(clock(time), "10:00");
    assert_eq!(moment_short(time), "10:00,\u{a0}21\u{a0}Nov");
}

#[test]
fn floats_beyond_reason_are_no_digits_at_random() {
    assert_eq!(decimal(f64::INFINITY, 2), "0.00");
    assert_eq!(decimal(1e300, 2), "0.00");
    assert_eq!(decimal(-1_234.567, 1), "\u{2212}1,234.6");
    assert_eq!(decimal(1_234.567, 0), "1,235");
}
