//! A serde reader of query parameters whose errors are a type, so that rule and parameter of a refusal are known.
//!
//! Not axum's own extractor: its refusals are sentences of the parser.

use std::borrow::Cow;
use std::fmt;

use cnop_api::{FieldError, Problem};
use serde::de::value::StrDeserializer;
use serde::de::{self, DeserializeSeed, Deserializer, Error as _, Expected, MapAccess, Unexpected, Visitor};
use serde::forward_to_deserialize_any;

/// Longest value of a parameter in bytes.
pub(crate) const VALUE_BYTES_MAX: usize = 2_048;
/// Most parameters of a request.
pub(super) const PARAMETERS_MAX: usize = 64;
/// Most characters of an unknown name that are repeated.
const NAME_CHARACTERS_SHOWN_MAX: usize = 40;

/// Reads the pairs of a query one by one.
pub(super) struct QueryReader<'a> {
    pairs: form_urlencoded::Parse<'a>,
    count: usize,
    /// Of the name that was read last.
    value: Option<(Cow<'a, str>, Value<'a>)>,
}

impl<'a> QueryReader<'a> {
    /// The parameters in the text after the `?`.
    pub(super) fn new(text: &'a str) -> Self {
        Self { pairs: form_urlencoded::parse(text.as_bytes()), count: 0, value: None }
    }
}

impl<'de> Deserializer<'de> for QueryReader<'_> {
    type Error = ParameterError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ParameterError> {
        visitor.visit_map(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> MapAccess<'de> for QueryReader<'_> {
    type Error = ParameterError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, ParameterError> {
        let Some((name, text)) = self.pairs.next() else { return Ok(None) };
        self.count += 1;
        if self.count > PARAMETERS_MAX {
            return Err(ParameterError::new("count", format!("Give at most {PARAMETERS_MAX} parameters.")));
        }
        let key = seed.deserialize(StrDeserializer::<ParameterError>::new(&name))?;
        self.value = Some((name, Value(text)));
        Ok(Some(key))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, ParameterError> {
        let (name, value) =
            self.value.take().ok_or_else(|| ParameterError::custom("a value without a name"))?;
        seed.deserialize(value).map_err(|error| error.of(&name))
    }
}

/// The value of one parameter.
struct Value<'a>(Cow<'a, str>);

impl<'a> Value<'a> {
    /// The text, if it is of a length and a form that a parameter can have.
    fn text(self) -> Result<Cow<'a, str>, ParameterError> {
        if self.0.len() > VALUE_BYTES_MAX {
            return Err(ParameterError::about("length", "too long"));
        }
        if self.0.contains(['\0', char::REPLACEMENT_CHARACTER]) {
            return Err(ParameterError::about("text", "not valid text"));
        }
        Ok(self.0)
    }
}

impl<'de> Deserializer<'de> for Value<'_> {
    type Error = ParameterError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ParameterError> {
        match self.text()? {
            Cow::Borrowed(text) => visitor.visit_str(text),
            Cow::Owned(text) => visitor.visit_string(text),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ParameterError> {
        match self.text()?.to_ascii_lowercase().as_str() {
            "true" | "1" => visitor.visit_bool(true),
            "false" | "0" => visitor.visit_bool(false),
            _ => Err(ParameterError::about("boolean", "true or false")),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ParameterError> {
        if self.0.is_empty() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ParameterError> {
        visitor.visit_enum(StrDeserializer::<ParameterError>::new(&self.text()?))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ParameterError> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        newtype_struct seq tuple tuple_struct map struct identifier
    }
}

/// Error while reading a query.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {detail}")]
pub(super) struct ParameterError {
    /// The parameter; empty until it is known, and for a fault of the whole query.
    name: String,
    rule: &'static str,
    /// A sentence, or the text after the name and "is".
    detail: String,
    is_sentence: bool,
}

impl ParameterError {
    fn new(rule: &'static str, detail: impl Into<String>) -> Self {
        Self { name: String::new(), rule, detail: detail.into(), is_sentence: true }
    }

    /// An error worded as `name` is ….
    fn about(rule: &'static str, detail: impl Into<String>) -> Self {
        Self { is_sentence: false, ..Self::new(rule, detail) }
    }

    /// The fault of this parameter.
    fn of(self, name: &str) -> Self {
        let detail = if self.is_sentence { self.detail } else { format!("`{name}` is {}.", self.detail) };
        Self { name: name.to_owned(), detail, is_sentence: true, ..self }
    }
}

impl de::Error for ParameterError {
    fn custom<T: fmt::Display>(detail: T) -> Self {
        Self::new("value", detail.to_string())
    }

    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::about("value", expected.to_string())
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::about("range", expected.to_string())
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self::about("value", alternatives(expected))
    }

    fn unknown_field(name: &str, expected: &'static [&'static str]) -> Self {
        let shown = name.chars().filter(char::is_ascii_graphic).take(NAME_CHARACTERS_SHOWN_MAX).collect();
        let detail = if expected.is_empty() {
            "This address takes no query parameters.".to_owned()
        } else {
            format!("There is no such parameter here; known are: {}.", expected.join(", "))
        };
        Self { name: shown, ..Self::new("unknown", detail) }
    }

    fn missing_field(name: &'static str) -> Self {
        Self::about("required", "required").of(name)
    }

    fn duplicate_field(name: &'static str) -> Self {
        Self::new("once", format!("Give `{name}` once.")).of(name)
    }
}

impl From<ParameterError> for Problem {
    fn from(error: ParameterError) -> Self {
        Self::invalid(vec![FieldError::parameter(&error.name, error.rule, error.detail)])
    }
}

/// `a, b or c`.
fn alternatives(names: &[&str]) -> String {
    match names {
        [] => "not known".to_owned(),
        [one] => (*one).to_owned(),
        [others @ .., last] => format!("{} or {last}", others.join(", ")),
    }
}
