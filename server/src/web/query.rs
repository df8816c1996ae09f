//! Query parameters: a route's struct is filled from the address, and each bad value is a 422 that names its parameter.
//!
//! Not axum's own extractor: its refusals are sentences of the parser. Here serde's errors are a type of ours, so that
//! rule and parameter are known. A struct with `deny_unknown_fields` refuses other names (our routes); one without
//! ignores them (routes that older clients use).

use std::borrow::Cow;
use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use cnop_api::{FieldError, Problem, Timestamp};
use cnop_domain::AssetId;
use serde::Deserialize;
use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, Error as _, Expected, MapAccess, Unexpected,
    Visitor,
};
use serde::forward_to_deserialize_any;

use super::rejection::{HandlerResult, ProblemRejection};

/// Longest value of a parameter in bytes.
const VALUE_BYTES_MAX: usize = 2_048;
/// Most parameters of a request.
const PARAMETERS_MAX: usize = 64;
/// Most rows of a page.
const PAGE_ROWS_MAX: u32 = 100;
/// Rows of a page unless the client says how many.
const PAGE_ROWS: u32 = 50;
/// Most rows that an offset skips; further back goes by cursor.
const OFFSET_MAX: u32 = 10_000;
/// How many characters of an unknown name are repeated.
const NAME_CHARACTERS_SHOWN_MAX: usize = 40;
/// The form of an asset's identifier.
pub(crate) const ASSET_DETAIL: &str = "An asset's identifier has 1 to 10 letters or digits.";

/// The parameters of a route.
#[derive(Debug, Clone)]
pub(crate) struct Query<T>(pub T);

/// A route of ours that takes no parameters: whatever comes after the `?` is refused.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NoQuery;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NoParameters {}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = ProblemRejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> HandlerResult<Self> {
        read(parts.uri.query().unwrap_or_default()).map(Self)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for NoQuery {
    type Rejection = ProblemRejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> HandlerResult<Self> {
        read(parts.uri.query().unwrap_or_default()).map(|NoParameters {}| Self)
    }
}

/// Reads the text after the `?`.
///
/// # Errors
/// 422 with the parameter's name.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> HandlerResult<T> {
    let reader = Reader { pairs: form_urlencoded::parse(text.as_bytes()), count: 0, value: None };
    T::deserialize(reader).map_err(ProblemRejection::from)
}

/// A whole number in a range, for `deserialize_with`.
///
/// # Errors
/// For anything but digits of a number in the range.
pub(crate) fn whole<'de, D, N>(deserializer: D, range: RangeInclusive<N>) -> Result<N, D::Error>
where
    D: Deserializer<'de>,
    N: FromStr + PartialOrd + fmt::Display,
{
    let text = Cow::<str>::deserialize(deserializer)?;
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| digits && range.contains(number)).ok_or_else(|| {
        let expected = format!("a whole number from {} to {}", range.start(), range.end());
        D::Error::invalid_value(Unexpected::Str(&text), &expected.as_str())
    })
}

/// Rows of a page that is not told how many.
pub(crate) const fn page_rows() -> u32 {
    PAGE_ROWS
}

/// How many rows a page has.
///
/// # Errors
/// For anything but 1 to 100.
pub(crate) fn limit<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    whole(deserializer, 1..=PAGE_ROWS_MAX)
}

/// How many of the newest rows are skipped.
///
/// # Errors
/// For anything but 0 to 10,000.
pub(crate) fn offset<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    whole(deserializer, 0..=OFFSET_MAX)
}

/// What `read` makes of a text, for `deserialize_with`; an empty one counts as left out.
///
/// # Errors
/// With this sentence when `read` makes nothing of it.
pub(crate) fn optional<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    detail: &str,
    read: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, D::Error> {
    let text = Option::<Cow<'_, str>>::deserialize(deserializer)?;
    text.map(|text| read(&text).ok_or_else(|| D::Error::custom(detail))).transpose()
}

/// An asset's identifier.
///
/// # Errors
/// For what cannot be one.
pub(crate) fn asset<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<AssetId>, D::Error> {
    optional(deserializer, ASSET_DETAIL, |text| text.parse().ok())
}

/// The same where leaving it out means everything: one that is given and empty is a slip, not a wish.
///
/// # Errors
/// For what cannot be one, also for nothing.
pub(crate) fn asset_unless_absent<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<AssetId>, D::Error> {
    let text = Cow::<str>::deserialize(deserializer)?;
    text.parse().map(Some).map_err(|_| D::Error::custom(ASSET_DETAIL))
}

/// A time in UTC.
///
/// # Errors
/// For what is none.
pub(crate) fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let Some(text) = Option::<Cow<'_, str>>::deserialize(deserializer)? else { return Ok(None) };
    let expected = "a time in UTC, such as 2026-11-21T10:00:00Z";
    Timestamp::parse(&text).map(Some).ok_or_else(|| D::Error::invalid_type(Unexpected::Str(&text), &expected))
}

/// Reads the pairs of a query one by one.
struct Reader<'a> {
    pairs: form_urlencoded::Parse<'a>,
    count: usize,
    /// Of the name that was read last.
    value: Option<(Cow<'a, str>, Value<'a>)>,
}

impl<'de> Deserializer<'de> for Reader<'_> {
    type Error = ParameterError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ParameterError> {
        visitor.visit_map(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> MapAccess<'de> for Reader<'_> {
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

/// Why a query cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {detail}")]
pub(crate) struct ParameterError {
    /// The parameter; empty until it is known, and for a fault of the whole query.
    name: String,
    rule: &'static str,
    /// A sentence, or what comes after the name and "is".
    detail: String,
    is_sentence: bool,
}

impl ParameterError {
    fn new(rule: &'static str, detail: impl Into<String>) -> Self {
        Self { name: String::new(), rule, detail: detail.into(), is_sentence: true }
    }

    /// A fault that is told as `name` is ….
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

#[cfg(test)]
mod tests {
    use super::*;
    use cnop_api::market::Interval;

    #[derive(Debug, Default, PartialEq, Eq, Deserialize)]
    #[serde(default)]
    struct Lenient {
        #[serde(deserialize_with = "limit")]
        limit: u32,
        cursor: Option<String>,
        active_only: bool,
        #[serde(deserialize_with = "time")]
        since: Option<Timestamp>,
        interval: Option<Interval>,
    }

    #[derive(Debug, PartialEq, Eq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Strict {
        #[serde(default, deserialize_with = "asset_unless_absent")]
        asset_id: Option<AssetId>,
    }

    fn lenient(text: &str) -> Lenient {
        read(text).unwrap()
    }

    /// Parameter, rule and sentence of a refusal.
    fn refused<T: DeserializeOwned + fmt::Debug>(text: &str) -> (String, String, String) {
        let error = read::<T>(text).unwrap_err().0.errors.remove(0);
        (error.parameter.unwrap(), error.rule, error.detail)
    }

    #[track_caller]
    fn assert_refused<T: DeserializeOwned + fmt::Debug>(text: &str, expected: (&str, &str, &str)) {
        let (parameter, rule, detail) = refused::<T>(text);
        assert_eq!((parameter.as_str(), rule.as_str(), detail.as_str()), expected, "{text}");
    }

    #[test]
    fn unknown_names_are_ignored_or_refused() {
        assert_eq!(lenient("utm=%00&limit=5&utm=1").limit, 5);
        let detail = "There is no such parameter here; known are: asset_id.";
        assert_refused::<Strict>("u%20t%0Am=1", ("utm", "unknown", detail));
        assert_refused::<NoParameters>("a=1", ("a", "unknown", "This address takes no query parameters."));
        assert!(read::<NoParameters>("").is_ok());
    }

    #[test]
    fn too_many_parameters_are_refused_and_none_is_overlooked() {
        let many = "a=1&".repeat(PARAMETERS_MAX - 1);
        assert_eq!(refused::<Lenient>(&format!("{many}limit=500")).0, "limit");
        let expected = ("", "count", "Give at most 64 parameters.");
        assert_refused::<Lenient>(&format!("{many}a=1&limit=5"), expected);
    }

    #[test]
    fn a_known_name_comes_once_and_is_text() {
        let long = format!("cursor={}", "a".repeat(VALUE_BYTES_MAX + 1));
        for (text, parameter, rule, detail) in [
            ("limit=1&limit=2", "limit", "once", "Give `limit` once."),
            ("limit=%00", "limit", "text", "`limit` is not valid text."),
            ("cursor=%FF", "cursor", "text", "`cursor` is not valid text."),
            (&long, "cursor", "length", "`cursor` is too long."),
        ] {
            assert_refused::<Lenient>(text, (parameter, rule, detail));
        }
    }

    #[test]
    fn numbers_are_in_range() {
        assert_eq!(lenient("limit=100").limit, 100);
        for text in
            ["limit=0", "limit=101", "limit=-1", "limit=+5", "limit=", "limit=1e1", "limit=99999999999999"]
        {
            let expected = ("limit", "range", "`limit` is a whole number from 1 to 100.");
            assert_refused::<Lenient>(text, expected);
        }
    }

    #[test]
    fn times_are_in_utc() {
        assert_eq!(lenient("since=1970-01-01T00:00:01Z").since, Some(Timestamp(1_000_000)));
        assert_eq!(lenient("since=").since, None);
        for text in ["since=today", "since=2026-11-21", "since=2026-11-21T10:00:00%2B01:00"] {
            let detail = "`since` is a time in UTC, such as 2026-11-21T10:00:00Z.";
            assert_refused::<Lenient>(text, ("since", "value", detail));
        }
    }

    #[test]
    fn words_are_of_their_set() {
        assert_eq!(lenient("interval=1h").interval, Some(Interval::Hour));
        assert_eq!(lenient("interval=&cursor=").interval, None);
        let expected = ("interval", "value", "`interval` is 1m, 5m, 15m, 1h, 4h or 1d.");
        assert_refused::<Lenient>("interval=2h", expected);
    }

    #[test]
    fn an_asset_that_is_given_is_not_empty() {
        let read = read::<Strict>;
        assert_eq!(read(""), Ok(Strict { asset_id: None }));
        assert_eq!(read("asset_id=eth"), Ok(Strict { asset_id: "ETH".parse().ok() }));
        for text in ["asset_id", "asset_id=", "asset_id=%20"] {
            assert_refused::<Strict>(text, ("asset_id", "value", ASSET_DETAIL));
        }
    }

    #[test]
    fn booleans_are_read() {
        assert!(lenient("active_only=True").active_only && !lenient("active_only=0").active_only);
        for text in ["active_only=maybe", "active_only="] {
            assert_refused::<Lenient>(text, ("active_only", "boolean", "`active_only` is true or false."));
        }
    }
}
