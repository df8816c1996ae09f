//! Query parameters: a route's struct is filled from the address, and each bad value is a 422 that names its parameter.
//!
//! A struct with `deny_unknown_fields` refuses other names (our routes); one without ignores them (routes that older
//! clients use).

use std::borrow::Cow;
use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use cnop_api::Timestamp;
use cnop_domain::AssetId;
use cnop_services::{OFFSET_MAX, PAGE_ROWS, PAGE_ROWS_MAX};
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error as _, Unexpected};

use super::query_reader::QueryReader;
pub(crate) use super::query_reader::VALUE_BYTES_MAX;
use super::rejection::{HandlerResult, ProblemRejection};

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
    T::deserialize(QueryReader::new(text)).map_err(ProblemRejection::from)
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

/// Default rows of a page.
pub(crate) const fn page_rows() -> u32 {
    PAGE_ROWS
}

/// Reads the number of rows of a page.
///
/// # Errors
/// For anything but 1 to 100.
pub(crate) fn limit<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    whole(deserializer, 1..=PAGE_ROWS_MAX)
}

/// Reads the number of newest rows to skip.
///
/// # Errors
/// For anything but 0 to 100,000.
pub(crate) fn offset<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    whole(deserializer, 0..=OFFSET_MAX)
}

/// The text parsed by `read`, for `deserialize_with`; an empty text counts as absent.
///
/// # Errors
/// With this sentence when `read` returns nothing.
pub(crate) fn optional<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    detail: &str,
    read: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, D::Error> {
    let text = Option::<Cow<'_, str>>::deserialize(deserializer)?;
    text.map(|text| read(&text).ok_or_else(|| D::Error::custom(detail))).transpose()
}

/// The id of an asset.
///
/// # Errors
/// For a malformed id.
pub(crate) fn asset<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<AssetId>, D::Error> {
    optional(deserializer, ASSET_DETAIL, |text| text.parse().ok())
}

/// The same where absence means everything: an empty value is a mistake, not a choice.
///
/// # Errors
/// For a malformed or empty id.
pub(crate) fn asset_unless_absent<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<AssetId>, D::Error> {
    let text = Cow::<str>::deserialize(deserializer)?;
    text.parse().map(Some).map_err(|_| D::Error::custom(ASSET_DETAIL))
}

/// A time with any offset.
///
/// # Errors
/// For a malformed time.
pub(crate) fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let Some(text) = Option::<Cow<'_, str>>::deserialize(deserializer)? else { return Ok(None) };
    let expected = "a time such as 2026-11-21T10:00:00Z or 2026-11-21T11:00:00+01:00";
    Timestamp::parse(&text).map(Some).ok_or_else(|| D::Error::invalid_type(Unexpected::Str(&text), &expected))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::query_reader::{PARAMETERS_MAX, VALUE_BYTES_MAX};
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
    fn times_have_any_offset() {
        assert_eq!(lenient("since=1970-01-01T00:00:01Z").since, Some(Timestamp(1_000_000)));
        assert_eq!(lenient("since=").since, None);
        for text in ["since=1970-01-01T01:00:01%2B01:00", "since=1970-01-01T01:00:01+01:00"] {
            assert_eq!(lenient(text).since, Some(Timestamp(1_000_000)), "{text}");
        }
        for text in ["since=today", "since=2026-11-21"] {
            let detail = "`since` is a time such as 2026-11-21T10:00:00Z or 2026-11-21T11:00:00+01:00.";
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
