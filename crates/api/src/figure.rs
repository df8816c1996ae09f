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
            Some(b'-' | b'0'..=b'9') => Ok(Self(raw.get().to_owned())),
            _ => {
                Err(D::Error::invalid_type(Unexpected::Other("value"), &"a number or a string with a number"))
            }
        }
    }
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
            .description(Some("A decimal number, as a string or a number; no exponent."))
            .pattern(Some("^-?[0-9]+(\\.[0-9]+)?$"))
            .max_length(Some(cnop_domain::DECIMAL_BYTES_MAX))
            .into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Figure {}
