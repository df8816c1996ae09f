//! Numbers as people type and paste them: decimal commas, grouping, units, full-width digits.
//!
//! Only forms use it; the API takes plain decimals. A text with two readings is refused with both, never guessed.

use crate::{FieldError, Figure};

/// Unit of a form's field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TypedUnit<'a> {
    /// Dollars, with decimals as the rules of the field allow.
    Dollars,
    /// Dollars and whole cents.
    Cents,
    /// Coins of this asset.
    Coins(&'a str),
    /// A percentage.
    Percent,
}

/// Cause of a refusal before the rules of the field are applied.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Unreadable {
    /// Readings of a text with one separator before three digits, and of cents with three decimals.
    Ambiguous(Vec<String>),
    /// A number with an exponent.
    Exponent,
}

impl Figure {
    /// Reads what a person typed into the field `member`. A text that is no number is kept, so that the parser of the
    /// field refuses it in its own words.
    ///
    /// # Errors
    /// Rule `ambiguous` with the possible readings; rule `exponent`.
    pub fn typed(member: &str, text: &str, unit: TypedUnit<'_>) -> Result<Self, FieldError> {
        let text = text.trim();
        match read(text, unit) {
            Ok(plain) => Ok(Self(plain.unwrap_or_else(|| text.to_owned()))),
            Err(Unreadable::Ambiguous(readings)) => {
                let detail =
                    format!("This can be read as {}. Enter the one that is meant.", readings.join(" or "));
                Err(FieldError::new(member, "ambiguous", detail).given(text).nearest(readings))
            }
            Err(Unreadable::Exponent) => {
                let detail = "Write the number without an exponent.";
                Err(FieldError::new(member, "exponent", detail).given(text))
            }
        }
    }
}

/// The text as a plain decimal; `None` for a text that is no number.
fn read(text: &str, unit: TypedUnit<'_>) -> Result<Option<String>, Unreadable> {
    let text: String = text.chars().map(plain_character).collect();
    let text = without_unit(text.trim(), unit);
    let (sign, digits) = match text.strip_prefix(['+', '-']) {
        Some(rest) => (if text.starts_with('-') { "-" } else { "" }, rest.trim_start()),
        None => ("", text),
    };
    if has_exponent(digits) {
        return Err(Unreadable::Exponent);
    }
    let count = |separator: char| digits.matches(separator).count();
    let point = match (count('.'), count(',')) {
        (0, 0) => None,
        (1, 0) => Some('.'),
        (0, 1) => Some(','),
        (_, 0) | (0, _) => None,
        _ => digits.chars().rev().find(|&character| matches!(character, '.' | ',')),
    };
    let (whole, fraction) = match point {
        Some(point) if count(point) > 1 => return Ok(None),
        Some(point) => digits.split_once(point).unwrap_or((digits, "")),
        None => (digits, ""),
    };
    let Some(joined) = without_grouping(whole) else { return Ok(None) };
    if joined.len() + fraction.len() == 0 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(None);
    }
    let whole_text = if joined.is_empty() { "0" } else { &joined };
    let decimal = if fraction.is_empty() {
        format!("{sign}{whole_text}")
    } else {
        format!("{sign}{whole_text}.{fraction}")
    };
    let looks_grouped =
        fraction.len() == 3 && (1..=3).contains(&whole.len()) && whole == joined && !joined.starts_with('0');
    if looks_grouped {
        let grouped = format!("{sign}{joined}{fraction}");
        if unit == TypedUnit::Cents {
            return Err(Unreadable::Ambiguous(vec![
                cents_below(&decimal),
                cents_above(&joined, fraction, sign),
                grouped,
            ]));
        }
        if point == Some(',') {
            return Err(Unreadable::Ambiguous(vec![decimal, grouped]));
        }
    }
    Ok(Some(decimal))
}

/// One spelling of each digit, sign, space and apostrophe.
fn plain_character(character: char) -> char {
    match character {
        '０'..='９' | '．' | '，' | '＋' | '－' | '＄' => {
            // Full-width forms stand at a fixed distance from ASCII.
            char::from_u32(u32::from(character) - 0xFEE0).unwrap_or(character)
        }
        '\u{2212}' | '\u{2013}' => '-',
        '\u{2019}' => '\'',
        character if character.is_whitespace() => ' ',
        character => character,
    }
}

/// The text without the sign or the name of its unit.
fn without_unit<'t>(text: &'t str, unit: TypedUnit<'_>) -> &'t str {
    let name = match unit {
        TypedUnit::Dollars | TypedUnit::Cents => "USD",
        TypedUnit::Coins(asset) => asset,
        TypedUnit::Percent => "%",
    };
    let at = text.len().saturating_sub(name.len());
    let text = match text.split_at_checked(at) {
        Some((number, end)) if end.eq_ignore_ascii_case(name) => number.trim_end(),
        _ => text,
    };
    match unit {
        TypedUnit::Dollars | TypedUnit::Cents => text.strip_prefix('$').unwrap_or(text).trim_start(),
        _ => text,
    }
}

fn has_exponent(digits: &str) -> bool {
    digits.split_once(['e', 'E']).is_some_and(|(mantissa, exponent)| {
        let digit_at_end =
            mantissa.ends_with(|character: char| character.is_ascii_digit() || character == '.');
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        digit_at_end && !exponent.is_empty() && exponent.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// Digits without the separators of groups; `None` when these are not in one style or not of a group's length. Groups
/// have three digits, or two before the last three as in India.
fn without_grouping(whole: &str) -> Option<String> {
    let is_separator = |character: char| matches!(character, '.' | ',' | ' ' | '\'');
    let Some(separator) = whole.chars().find(|&character| is_separator(character)) else {
        return whole.bytes().all(|byte| byte.is_ascii_digit()).then(|| whole.to_owned());
    };
    let groups: Vec<&str> = whole.split(separator).collect();
    let (first, rest) = groups.split_first()?;
    let (last, middle) = rest.split_last()?;
    let digits = groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_digit()));
    let even = [2, 3].into_iter().any(|length| middle.iter().all(|group| group.len() == length));
    (digits && (1..=3).contains(&first.len()) && last.len() == 3 && even).then(|| groups.concat())
}

/// Dollars cut to cents.
fn cents_below(decimal: &str) -> String {
    decimal.get(..decimal.len().saturating_sub(1)).unwrap_or(decimal).to_owned()
}

/// Dollars rounded up to cents.
fn cents_above(whole: &str, fraction: &str, sign: &str) -> String {
    let cents = format!("{whole}{}", fraction.get(..2).unwrap_or_default()).parse::<u32>().unwrap_or(0);
    let cents = cents.saturating_add(1);
    format!("{sign}{}.{:02}", cents / 100, cents % 100)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn typed(text: &str, unit: TypedUnit<'_>) -> Result<String, Vec<String>> {
        Figure::typed("amount", text, unit).map(|figure| figure.0).map_err(|error| {
            assert!(matches!(error.rule.as_str(), "ambiguous" | "exponent"));
            error.nearest
        })
    }

    /// A phone set to a German or a French region offers no other decimal separator than the comma, and what a page
    /// shows must be accepted when it is pasted.
    #[test]
    fn every_usual_spelling_is_read() {
        for (text, plain) in [
            ("0,5", "0.5"),
            (".5", "0.5"),
            ("5.", "5"),
            ("+5", "5"),
            (" 5 ", "5"),
            ("1,234.50", "1234.50"),
            ("1.234,50", "1234.50"),
            ("1 234,50", "1234.50"),
            ("1\u{a0}234,50", "1234.50"),
            ("1\u{202f}234,50", "1234.50"),
            ("1'234.5", "1234.5"),
            ("1\u{2019}234.5", "1234.5"),
            ("64,012.50 USD", "64012.50"),
            ("$64,012.50", "64012.50"),
            ("64012.50usd", "64012.50"),
            ("１２．５", "12.5"),
            ("1,234,567", "1234567"),
            ("1.234.567", "1234567"),
            ("12,34,567.5", "1234567.5"),
            ("1 234,567", "1234.567"),
            ("0,123", "0.123"),
            ("1,2345", "1.2345"),
            ("1234,567", "1234.567"),
            ("1.234", "1.234"),
            ("\u{2212}5", "-5"),
            ("0", "0"),
        ] {
            assert_eq!(typed(text, TypedUnit::Dollars).as_deref(), Ok(plain), "{text}");
        }
        assert_eq!(typed("0.5 btc", TypedUnit::Coins("BTC")).as_deref(), Ok("0.5"));
        assert_eq!(typed("1,5 %", TypedUnit::Percent).as_deref(), Ok("1.5"));
    }

    /// A guess between 1.234 and 1234 is wrong by a factor of a thousand.
    #[test]
    fn two_readings_are_never_guessed() {
        let readings = |readings: &[&str]| Err(readings.iter().map(|&text| text.to_owned()).collect());
        assert_eq!(typed("1,234", TypedUnit::Dollars), readings(&["1.234", "1234"]));
        assert_eq!(typed("1.234", TypedUnit::Cents), readings(&["1.23", "1.24", "1234"]));
        assert_eq!(typed("1,999", TypedUnit::Cents), readings(&["1.99", "2.00", "1999"]));
        assert_eq!(typed("1e3", TypedUnit::Dollars), readings(&[]));
    }

    #[test]
    fn other_texts_stay_for_the_parser_of_the_field() {
        for text in
            ["", "abc", "5 BTC", "1,23,4", "1.2.3", "1,234.5,6", "1 23", "--5", "$", ".", "1,,234", "1.5e"]
        {
            assert_eq!(typed(text, TypedUnit::Dollars).as_deref(), Ok(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn plain_decimals_stay_as_they_are(text in "[1-9][0-9]{0,9}(\\.[0-9]{1,8})?") {
            prop_assert_eq!(typed(&text, TypedUnit::Dollars), Ok(text.clone()));
        }

        #[test]
        fn any_text_is_read_without_a_panic(text in "[0-9.,' eE+$-]{0,20}|.{0,20}") {
            let _ = typed(&text, TypedUnit::Dollars);
            let _ = typed(&text, TypedUnit::Cents);
        }
    }
}
