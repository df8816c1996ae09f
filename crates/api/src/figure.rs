//! Numbers in requests, as text.

use serde::{Deserialize, Deserializer, Serialize};

/// A number as the client wrote it: a JSON string or a JSON number. It is kept as text, so that no digit
/// passes through a float. The parser of the field decides its meaning and range.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Figure(pub String);

impl Figure {
    /// The text as sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Figure {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

#[cfg(feature = "server")]
impl<'de> Deserialize<'de> for Figure {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::{Error, Unexpected};
        let raw = Box::<serde_json::value::RawValue>::deserialize(deserializer)?;
        match raw.get().as_bytes().first() {
            Some(b'"') => serde_json::from_str(raw.get()).map(Self).map_err(D::Error::custom),
            Some(b'-' | b'0'..=b'9') => Ok(Self(without_exponent(raw.get()))),
            _ => {
                Err(D::Error::invalid_type(Unexpected::Other("value"), &"a number or a string with a number"))
            }
        }
    }
}

/// A JSON number without its exponent, exactly: JavaScript and Python write 0.00002 as `2e-05`. A number beyond every
/// balance stays out of range, and one finer than every step stays too precise.
#[cfg(feature = "server")]
fn without_exponent(number: &str) -> String {
    use cnop_domain::DECIMAL_BYTES_MAX;
    let Some((mantissa, exponent)) = number.split_once(['e', 'E']) else { return number.to_owned() };
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |magnitude| ("-", magnitude));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    if mantissa.len() > DECIMAL_BYTES_MAX || digits.bytes().all(|digit| digit == b'0') {
        return mantissa.to_owned();
    }
    let bound = i64::try_from(DECIMAL_BYTES_MAX).unwrap_or(i64::MAX);
    let is_negative = exponent.starts_with('-');
    // An exponent beyond i64 is beyond the bound too.
    let exponent = exponent.parse().unwrap_or(if is_negative { -bound } else { bound }).clamp(-bound, bound);
    let point = i64::try_from(whole.len()).unwrap_or(bound) + exponent;
    let length = i64::try_from(digits.len()).unwrap_or(bound);
    let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or(0));
    let (whole, fraction) = if point <= 0 {
        ("0".to_owned(), zeros(-point) + &digits)
    } else if point >= length {
        (digits + &zeros(point - length), String::new())
    } else {
        let (whole, fraction) = digits.split_at(usize::try_from(point).unwrap_or(0));
        (whole.to_owned(), fraction.to_owned())
    };
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let fraction = fraction.trim_end_matches('0');
    // The parser takes a long text for one out of range: digits past any step say that it is too precise.
    let fraction = fraction.get(..DECIMAL_BYTES_MAX / 2).map_or(fraction, |_| "000000001");
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

#[cfg(not(feature = "server"))]
impl<'de> Deserialize<'de> for Figure {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self)
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Figure {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::schema::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::SchemaType::from_iter([
                utoipa::openapi::schema::Type::String,
                utoipa::openapi::schema::Type::Number,
            ]))
            .description(Some("A decimal number, as a string without an exponent or as any JSON number."))
            .pattern(Some("^-?[0-9]+(\\.[0-9]+)?$"))
            .max_length(Some(cnop_domain::DECIMAL_BYTES_MAX))
            .into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Figure {}

#[cfg(all(test, feature = "server"))]
mod tests {
    use super::*;

    /// A client that sends 2e-05 means 0.00002: it is neither malformed nor 2.
    #[test]
    fn a_json_number_is_read_exactly_whatever_its_spelling() {
        for (number, plain) in [
            ("2e-05", "0.00002"),
            ("1.7E-5", "0.000017"),
            ("91e-7", "0.0000091"),
            ("1E+2", "100"),
            ("1.25e1", "12.5"),
            ("-3e2", "-300"),
            ("1e-9", "0.000000001"),
            ("1e-400", "0.000000001"),
            ("0e99999999999999999999", "0"),
            ("-0", "-0"),
            ("12.50", "12.50"),
        ] {
            assert_eq!(serde_json::from_str::<Figure>(number).unwrap().as_str(), plain, "{number}");
        }
        let huge = serde_json::from_str::<Figure>("1e400").unwrap();
        assert_eq!(huge.as_str().parse::<cnop_domain::Amount>(), Err(cnop_domain::MoneyError::OutOfRange));
        assert_eq!(serde_json::from_str::<Figure>("\"2e-05\"").unwrap().as_str(), "2e-05");
    }
}
