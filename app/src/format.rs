//! Notation of figures, the same on the server and in the browser: thousands in groups, U+2212 as minus, `+`
//! for gains, no exponents, and the unit beside the amount.

mod times;

use cnop_domain::{Amount, Price, Quantity, UNITS_PER_CENT};

pub(crate) use self::times::moment_in;
#[cfg(feature = "ssr")]
pub(crate) use self::times::{
    clock, day, moment, moment_short, short_time_element, time_element, utc_time, venue_midnight,
};

/// The minus sign of figures.
const MINUS: char = '\u{2212}';
/// Between a figure and its unit: no line break there.
const NO_BREAK_SPACE: char = '\u{a0}';
/// Places after the point of a full dollar amount.
const CENTS: usize = 2;
/// Places of the domain's decimal text.
const SCALE: usize = cnop_domain::SCALE as usize;
/// Names of large numbers, largest first.
#[cfg(feature = "ssr")]
const LARGE: [(f64, &str); 4] = [(1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K")];
/// From this price on two places are shown, whatever comes.
const UNROUNDED_MAX: f64 = 1e6;
/// Largest float that is written out: below 2⁵³, so that it is exact as an integer.
const WRITABLE_MAX: f64 = 9e15;

/// Sign of a figure: better, worse, or neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trend {
    /// Greater than zero: a gain.
    Up,
    /// Less than zero: a loss.
    Down,
    /// Zero, at the precision shown.
    Flat,
}

impl Trend {
    /// The direction of a percentage, at two places.
    pub(crate) fn of_percentage(percentage: f64) -> Self {
        match hundredths(percentage) {
            0 => Self::Flat,
            1.. => Self::Up,
            _ => Self::Down,
        }
    }

    /// The direction of an amount that is shown in cents: what is shown as nothing is neither.
    pub(crate) fn of_cents(amount: Amount) -> Self {
        match amount.units() / UNITS_PER_CENT {
            0 => Self::Flat,
            1.. => Self::Up,
            _ => Self::Down,
        }
    }

    /// The class of its color.
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Up => "text-up",
            Self::Down => "text-down",
            Self::Flat => "text-muted",
        }
    }

    /// Class of a change, to which the style sheet adds an arrow.
    pub(crate) const fn delta_class(self) -> &'static str {
        match self {
            Self::Up => "rise",
            Self::Down => "fall",
            Self::Flat => "text-muted",
        }
    }

    /// Its sign beside the figure.
    pub(crate) const fn arrow(self) -> &'static str {
        match self {
            Self::Up => "▲",
            Self::Down => "▼",
            Self::Flat => "",
        }
    }
}

/// A decimal text with its thousands in groups, at least `places_min` and at most `places_max` places (cut, not
/// rounded) and a typographic minus.
fn grouped(text: &str, places_min: usize, places_max: usize) -> String {
    let (negative, magnitude) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, fraction) = magnitude.split_once('.').unwrap_or((magnitude, ""));
    let mut written = String::with_capacity(text.len() + text.len() / 3 + 4);
    if negative {
        written.push(MINUS);
    }
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            written.push(',');
        }
        written.push(digit);
    }
    let shown = fraction.len().min(places_max);
    if shown.max(places_min) > 0 {
        written.push('.');
        written.extend(fraction.chars().take(shown));
        for _ in shown..places_min {
            written.push('0');
        }
    }
    written
}

/// With a `+` in front of a gain.
fn signed(written: String, direction: Trend) -> String {
    if direction == Trend::Up { format!("+{written}") } else { written }
}

/// An exact amount without its unit: `1,234.50`, 2 to 8 places.
pub(crate) fn amount(amount: Amount) -> String {
    grouped(&amount.to_string(), CENTS, SCALE)
}

/// An amount without its unit and without empty cents: `10,000`, `0.50`.
#[cfg(feature = "ssr")]
pub(crate) fn amount_short(value: Amount) -> String {
    let text = amount(value);
    text.strip_suffix(".00").map_or(text.clone(), str::to_owned)
}

/// A sentence with the thousands of its numbers in groups: `1421.42 USD` becomes `1,421.42 USD`. Dates and codes stay.
pub(crate) fn numbers(text: &str) -> String {
    let word = |word: &str| {
        let figure = word.trim_end_matches(['.', ',', ';', ':']);
        let (whole, fraction) = figure.split_once('.').unwrap_or((figure, "0"));
        let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !is_digits(whole) || !is_digits(fraction) {
            return word.to_owned();
        }
        format!("{}{}", grouped(figure, 0, SCALE), word.get(figure.len()..).unwrap_or_default())
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// An exact amount: `1,234.50 USD`, 2 to 8 places.
pub(crate) fn usd(value: Amount) -> String {
    format!("{}{NO_BREAK_SPACE}USD", amount(value))
}

/// An amount cut to cents, for values that move: `1,234.50 USD`.
pub(crate) fn usd_cents(amount: Amount) -> String {
    format!("{}{NO_BREAK_SPACE}USD", amount_cents(amount))
}

/// An amount cut to cents without its unit: `1,234.50`.
pub(crate) fn amount_cents(amount: Amount) -> String {
    let written = grouped(&amount.to_string(), CENTS, CENTS);
    if written == "\u{2212}0.00" { "0.00".to_owned() } else { written }
}

/// An amount to look at, without its unit: to the nearest cent, `3,636.89`; below a dollar exact to four places, `0.6201`.
/// The exact amount is [`amount`].
pub(crate) fn money(value: Amount) -> String {
    let cent = UNITS_PER_CENT;
    let units = value.units();
    if units.abs() < 100 * cent {
        let places = if units.abs() < cent { SCALE } else { 4 };
        return grouped(&value.to_string(), CENTS, places);
    }
    let half = if units < 0 { -cent / 2 } else { cent / 2 };
    let rounded = Amount::from_units((units + half) / cent * cent).unwrap_or(value);
    grouped(&rounded.to_string(), CENTS, CENTS)
}

/// An amount to look at: `3,636.89 USD`.
pub(crate) fn usd_money(value: Amount) -> String {
    format!("{}{NO_BREAK_SPACE}USD", money(value))
}

/// A gain or loss in cents: `+12.30 USD`, `−0.45 USD`.
pub(crate) fn usd_signed(amount: Amount) -> String {
    signed(usd_cents(amount), Trend::of_cents(amount))
}

/// A gain or loss in cents without its unit: `+12.30`, `−0.45`.
pub(crate) fn amount_signed(amount: Amount) -> String {
    signed(amount_cents(amount), Trend::of_cents(amount))
}

/// A gain with its share: `▲ +12.30 USD (+1.20%)`.
pub(crate) fn gain(amount: Amount, ratio: Option<f64>) -> String {
    gain_text(amount, &usd_signed(amount), ratio)
}

/// The same for a column that names its unit: `▲ +12.30 (+1.20%)`.
pub(crate) fn gain_figure(amount: Amount, ratio: Option<f64>) -> String {
    gain_text(amount, &amount_signed(amount), ratio)
}

fn gain_text(amount: Amount, figure: &str, ratio: Option<f64>) -> String {
    let ratio = ratio.map(|ratio| format!(" ({})", percent(ratio * 100.0))).unwrap_or_default();
    match Trend::of_cents(amount) {
        Trend::Flat => format!("{figure}{ratio}"),
        direction => format!("{}{NO_BREAK_SPACE}{figure}{ratio}", direction.arrow()),
    }
}

/// Part of a whole; none of a whole that is zero or less.
pub(crate) fn ratio(part: Amount, whole: Amount) -> Option<f64> {
    (whole > Amount::ZERO).then(|| part.to_f64_lossy() / whole.to_f64_lossy())
}

/// Places that a price of this size is shown with: those of its tick size, which leaves six digits. So a column stays
/// aligned and a live price keeps its width.
fn price_places(units: i128) -> usize {
    let digits_before_tick = units.max(1).ilog10() as usize;
    13_usize.saturating_sub(digits_before_tick).clamp(CENTS, SCALE)
}

/// A price without its unit: `64,012.50`, `0.412300`.
pub(crate) fn price(price: Price) -> String {
    let places = price_places(price.units());
    grouped(&price.to_string(), places, SCALE)
}

/// A difference of prices, with the places of a price like it.
pub(crate) fn price_like(difference: Price, like: Price) -> String {
    grouped(&difference.to_string(), price_places(like.units()), SCALE)
}

/// A price as a chart or a statistic gives it, in dollars.
pub(crate) fn price_f64(price: f64) -> String {
    let units = rounded(price.abs().min(UNROUNDED_MAX) * 1e8);
    decimal(price, price_places(i128::from(units)))
}

/// A number of coins: `0.015`, `1,200`.
pub(crate) fn quantity(quantity: Quantity) -> String {
    grouped(&quantity.to_string(), 0, SCALE)
}

/// A percentage in hundredths, rounded; out of range counts as zero.
fn hundredths(percentage: f64) -> i64 {
    rounded(percentage * 100.0)
}

/// The nearest integer of a float that is small enough to have one; others count as zero.
#[allow(clippy::cast_possible_truncation, reason = "checked against the largest exact integer")]
fn rounded(value: f64) -> i64 {
    if value.is_finite() && value.abs() <= WRITABLE_MAX { value.round() as i64 } else { 0 }
}

/// A float with a fixed number of places, rounded, in groups of thousands.
pub(crate) fn decimal(value: f64, places: usize) -> String {
    let factor = 10_i64.pow(u32::try_from(places).unwrap_or(0));
    #[allow(clippy::cast_precision_loss, reason = "a power of ten below 10⁹")]
    let units = rounded(value * factor as f64);
    let sign = if units < 0 { "-" } else { "" };
    let (whole, fraction) =
        (units.unsigned_abs() / factor.unsigned_abs(), units.unsigned_abs() % factor.unsigned_abs());
    if places == 0 {
        return grouped(&format!("{sign}{whole}"), 0, 0);
    }
    grouped(&format!("{sign}{whole}.{fraction:0places$}"), places, places)
}

/// A change in percent: `+2.31%`, `−0.40%`, `<0.01%` for what is not zero but would look like it.
pub(crate) fn percent(percentage: f64) -> String {
    let direction = Trend::of_percentage(percentage);
    if direction == Trend::Flat && percentage != 0.0 && percentage.is_finite() {
        return "<0.01%".to_owned();
    }
    format!("{}%", signed(decimal(percentage, CENTS), direction))
}

/// A share in percent, without a sign: `12.50%`.
pub(crate) fn share(percentage: f64) -> String {
    format!("{}%", decimal(percentage, CENTS))
}

/// A large number in three to five digits: `1.24 T`, `840.1 M`.
#[cfg(feature = "ssr")]
pub(crate) fn compact(value: f64) -> String {
    for (size, name) in LARGE {
        if value.abs() >= size {
            let places = if value.abs() >= size * 100.0 { 1 } else { 2 };
            return format!("{}{NO_BREAK_SPACE}{name}", decimal(value / size, places));
        }
    }
    decimal(value, CENTS)
}

#[cfg(test)]
mod tests;
