//! Query parameters: read by name, each bad value a 422 that names its parameter.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::str::FromStr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use cnop_api::Timestamp;
use cnop_domain::AssetId;

use super::refusal::{Answer, Refusal, refuse_parameter};

/// Longest value of a parameter in bytes.
const VALUE_BYTES_MAX: usize = 2_048;
/// Most parameters of a request.
const PAIRS_MAX: usize = 64;

/// What the client asked for after the `?`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Query {
    pairs: Vec<(String, String)>,
}

/// A route of ours that takes no parameters: whatever comes after the `?` is refused.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NoQuery;

impl<S: Send + Sync> FromRequestParts<S> for NoQuery {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Answer<Self> {
        Query::parse(parts.uri.query().unwrap_or_default()).only(&[]).map(|_| Self)
    }
}

/// The parameters that a route knows, each given at most once.
#[derive(Debug, Clone)]
pub(crate) struct Parameters {
    values: BTreeMap<&'static str, String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Answer<Self> {
        Ok(Self::parse(parts.uri.query().unwrap_or_default()))
    }
}

impl Query {
    /// Reads the text after the `?`.
    #[must_use]
    pub(crate) fn parse(text: &str) -> Self {
        let pairs = form_urlencoded::parse(text.as_bytes()).take(PAIRS_MAX + 1);
        Self { pairs: pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect() }
    }

    /// Keeps the known names and leaves others out: for routes that older clients use.
    ///
    /// # Errors
    /// 422 when a known name comes twice or its value cannot be text.
    pub(crate) fn known(self, names: &[&'static str]) -> Answer<Parameters> {
        if self.pairs.len() > PAIRS_MAX {
            let detail = format!("Give at most {PAIRS_MAX} parameters.");
            return Err(refuse_parameter("", "count", detail));
        }
        let mut values = BTreeMap::new();
        for (name, value) in self.pairs {
            let Some(known) = names.iter().find(|known| **known == name) else { continue };
            if value.len() > VALUE_BYTES_MAX {
                return Err(refuse_parameter(known, "length", format!("`{known}` is too long.")));
            }
            if value.contains(['\0', char::REPLACEMENT_CHARACTER]) {
                return Err(refuse_parameter(known, "text", format!("`{known}` is not valid text.")));
            }
            if values.insert(*known, value).is_some() {
                return Err(refuse_parameter(known, "once", format!("Give `{known}` once.")));
            }
        }
        Ok(Parameters { values })
    }

    /// Keeps the known names and refuses others: for routes that are ours.
    ///
    /// # Errors
    /// 422 for an unknown name, and as [`Query::known`].
    pub(crate) fn only(self, names: &[&'static str]) -> Answer<Parameters> {
        if let Some((unknown, _)) = self.pairs.iter().find(|(name, _)| !names.contains(&name.as_str())) {
            let shown: String = unknown.chars().filter(|c| c.is_ascii_graphic()).take(40).collect();
            let detail = if names.is_empty() {
                "This address takes no query parameters.".to_owned()
            } else {
                format!("There is no such parameter here; known are: {}.", names.join(", "))
            };
            return Err(refuse_parameter(&shown, "unknown", detail));
        }
        self.known(names)
    }
}

impl Parameters {
    /// The text of a parameter that was given and is not empty.
    #[must_use]
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The same, owned.
    #[must_use]
    pub(crate) fn owned(&self, name: &str) -> Option<String> {
        self.text(name).map(ToOwned::to_owned)
    }

    /// A whole number in a range; the default when it was not given.
    ///
    /// # Errors
    /// 422 for another value.
    pub(crate) fn number<N>(&self, name: &str, range: RangeInclusive<N>, default: N) -> Answer<N>
    where
        N: FromStr + PartialOrd + std::fmt::Display,
    {
        let Some(value) = self.values.get(name) else { return Ok(default) };
        let digits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
        value.parse().ok().filter(|number| digits && range.contains(number)).ok_or_else(|| {
            let detail = format!("`{name}` is a whole number from {} to {}.", range.start(), range.end());
            refuse_parameter(name, "range", detail)
        })
    }

    /// `true` or `false`; the default when it was not given.
    ///
    /// # Errors
    /// 422 for another value.
    pub(crate) fn boolean(&self, name: &str, default: bool) -> Answer<bool> {
        match self.values.get(name).map(|value| value.to_ascii_lowercase()).as_deref() {
            None => Ok(default),
            Some("true" | "1") => Ok(true),
            Some("false" | "0") => Ok(false),
            Some(_) => Err(refuse_parameter(name, "boolean", format!("`{name}` is true or false."))),
        }
    }

    /// Whatever `read` makes of the text; `None` when it was not given.
    ///
    /// # Errors
    /// 422 with this sentence when `read` makes nothing of it.
    pub(crate) fn read<T>(
        &self,
        name: &str,
        detail: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Answer<Option<T>> {
        self.text(name)
            .map(|text| read(text).ok_or_else(|| refuse_parameter(name, "value", detail)))
            .transpose()
    }

    /// A time in UTC.
    ///
    /// # Errors
    /// 422 for what is none.
    pub(crate) fn time(&self, name: &str) -> Answer<Option<Timestamp>> {
        let detail = format!("`{name}` is a time in UTC, such as 2026-11-21T10:00:00Z.");
        self.read(name, &detail, Timestamp::parse)
    }

    /// An asset's identifier.
    ///
    /// # Errors
    /// 422 for what cannot be one.
    pub(crate) fn asset(&self, name: &str) -> Answer<Option<AssetId>> {
        self.read(name, ASSET_DETAIL, |text| text.parse().ok())
    }

    /// The same where leaving it out means everything: one that is given and empty is a slip, not a wish.
    ///
    /// # Errors
    /// 422 for what cannot be one, also for nothing.
    pub(crate) fn asset_unless_absent(&self, name: &str) -> Answer<Option<AssetId>> {
        if self.values.get(name).is_some_and(String::is_empty) {
            return Err(refuse_parameter(name, "value", ASSET_DETAIL));
        }
        self.asset(name)
    }
}

/// What an asset's identifier looks like.
pub(crate) const ASSET_DETAIL: &str = "An asset's identifier has 1 to 10 letters or digits.";

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: &[&str] = &["limit", "cursor", "active_only"];

    fn refused(answer: Answer<impl std::fmt::Debug>) -> Option<String> {
        answer.unwrap_err().0.errors.into_iter().next()?.parameter
    }

    #[test]
    fn unknown_names_are_left_out_or_refused() {
        assert!(Query::parse("utm=1&limit=5").known(NAMES).is_ok());
        assert_eq!(refused(Query::parse("utm=1&limit=5").only(NAMES)).unwrap(), "utm");
    }

    #[test]
    fn too_many_parameters_are_refused_and_none_is_overlooked() {
        let many = "a=1&".repeat(PAIRS_MAX - 1);
        assert!(
            Query::parse(&format!("{many}limit=5"))
                .known(NAMES)
                .unwrap()
                .number("limit", 1..=4_u32, 1)
                .is_err()
        );
        assert!(Query::parse(&format!("{many}a=1&limit=5")).known(NAMES).is_err());
    }

    #[test]
    fn a_known_name_comes_once_and_is_text() {
        for text in ["limit=1&limit=2", "limit=%00", "limit=%FF"] {
            assert_eq!(refused(Query::parse(text).known(NAMES)).unwrap(), "limit", "{text}");
        }
    }

    #[test]
    fn numbers_are_in_range() {
        let number = |text: &str| Query::parse(text).known(NAMES).unwrap().number("limit", 1..=100_u32, 50);
        assert_eq!(number("limit=100"), Ok(100));
        assert_eq!(number(""), Ok(50));
        for text in
            ["limit=0", "limit=101", "limit=-1", "limit=+5", "limit=", "limit=1e1", "limit=99999999999999"]
        {
            assert_eq!(refused(number(text)).unwrap(), "limit", "{text}");
        }
    }

    #[test]
    fn times_are_in_utc() {
        let time = |text: &str| Query::parse(text).known(NAMES).unwrap().time("cursor");
        assert_eq!(time("cursor=1970-01-01T00:00:01Z"), Ok(Some(Timestamp(1_000_000))));
        assert_eq!(time(""), Ok(None));
        for text in ["cursor=today", "cursor=2026-11-21", "cursor=2026-11-21T10:00:00%2B01:00"] {
            assert_eq!(refused(time(text)).unwrap(), "cursor", "{text}");
        }
    }

    #[test]
    fn an_asset_that_is_given_is_not_empty() {
        let asset =
            |text: &str| Query::parse(text).known(&["asset_id"]).unwrap().asset_unless_absent("asset_id");
        assert_eq!(asset(""), Ok(None));
        assert_eq!(asset("asset_id=eth"), Ok("ETH".parse().ok()));
        for text in ["asset_id", "asset_id=", "asset_id=%20"] {
            assert_eq!(refused(asset(text)).unwrap(), "asset_id", "{text}");
        }
    }

    #[test]
    fn booleans_are_read() {
        let boolean = |text: &str| Query::parse(text).known(NAMES).unwrap().boolean("active_only", true);
        assert_eq!(boolean("active_only=False"), Ok(false));
        assert_eq!(boolean(""), Ok(true));
        assert!(boolean("active_only=maybe").is_err());
    }
}
