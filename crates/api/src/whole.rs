//! Integers in requests: a JSON number or its digits as a string; no fraction, no exponent, no sign.

use std::fmt;

use serde::de::{Deserializer, Error, Unexpected, Visitor};

/// Reads an optional integer.
///
/// # Errors
/// For anything else, naming a whole number as the expected type.
pub(crate) fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    deserializer.deserialize_any(Whole)
}

struct Whole;

impl Visitor<'_> for Whole {
    type Value = Option<u32>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        u32::try_from(number).map(Some).map_err(|_| E::invalid_value(Unexpected::Unsigned(number), &self))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok().filter(|_| digits);
        number.map(Some).ok_or_else(|| E::invalid_value(Unexpected::Other("text"), &self))
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    struct Body {
        #[serde(default, deserialize_with = "super::optional")]
        bps: Option<u32>,
    }

    #[test]
    fn numbers_and_their_digits_are_read_and_nothing_else() {
        for (text, number) in [
            ("{}", None),
            (r#"{"bps":null}"#, None),
            (r#"{"bps":150}"#, Some(150)),
            (r#"{"bps":"150"}"#, Some(150)),
        ] {
            assert_eq!(serde_json::from_str::<Body>(text).unwrap().bps, number, "{text}");
        }
        for text in ["1.5", "-1", "1e2", "\"1e2\"", "\"+1\"", "\"\"", "true", "[]", "4294967296"] {
            let error = serde_json::from_str::<Body>(&format!("{{\"bps\":{text}}}")).unwrap_err().to_string();
            assert!(error.contains("expected a whole number"), "{text}: {error}");
        }
    }
}
