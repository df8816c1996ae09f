//! Reading of JSON without a reader for each type: the browser parses, and members are fetched by name.
//!
//! On the server and in tests `serde_json` parses.

use std::str::FromStr;

#[cfg(feature = "hydrate")]
use self::browser as parser;
#[cfg(not(feature = "hydrate"))]
use self::server as parser;

/// A JSON value.
#[derive(Debug, Clone)]
pub(crate) struct Json(parser::ParsedJson);

impl Json {
    /// The value of a text; none if it is no JSON.
    #[cfg_attr(
        not(any(feature = "hydrate", test)),
        allow(dead_code, reason = "messages arrive in the browser")
    )]
    pub(crate) fn parse(text: &str) -> Option<Self> {
        parser::parse(text).map(Self)
    }

    /// A member of an object; none if it is absent or null.
    pub(crate) fn member(&self, name: &str) -> Option<Self> {
        parser::member(&self.0, name).map(Self)
    }

    /// A member that is a text and has the notation of `T`.
    pub(crate) fn text<T: FromStr>(&self, name: &str) -> Option<T> {
        parser::text(&parser::member(&self.0, name)?)?.parse().ok()
    }

    /// A member that is a number.
    pub(crate) fn number(&self, name: &str) -> Option<f64> {
        self.member(name)?.as_number()
    }

    /// A member that counts: a whole number from zero up.
    pub(crate) fn count(&self, name: &str) -> Option<u64> {
        let number = self.number(name)?;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be in range")]
        (0.0..EXACT_MAX).contains(&number).then_some(number as u64)
    }

    /// The value as a number.
    pub(crate) fn as_number(&self) -> Option<f64> {
        parser::number(&self.0)
    }

    /// The elements of an array; none if it is no array.
    pub(crate) fn elements(&self) -> Option<impl Iterator<Item = Self>> {
        parser::elements(&self.0).map(|elements| elements.into_iter().map(Self))
    }
}

/// 2⁵³: whole numbers below it are exact.
const EXACT_MAX: f64 = 9_007_199_254_740_992.0;

#[cfg(feature = "hydrate")]
mod browser {
    use js_sys::{Array, JSON, Reflect};
    use wasm_bindgen::{JsCast, JsValue};

    pub(super) type ParsedJson = JsValue;

    pub(super) fn parse(text: &str) -> Option<JsValue> {
        JSON::parse(text).ok()
    }

    pub(super) fn member(value: &JsValue, name: &str) -> Option<JsValue> {
        let member = Reflect::get(value, &JsValue::from_str(name)).ok()?;
        (!member.is_null() && !member.is_undefined()).then_some(member)
    }

    pub(super) fn text(value: &JsValue) -> Option<String> {
        value.as_string()
    }

    pub(super) fn number(value: &JsValue) -> Option<f64> {
        value.as_f64()
    }

    pub(super) fn elements(value: &JsValue) -> Option<Vec<JsValue>> {
        value.dyn_ref::<Array>().map(|array| array.iter().collect())
    }
}

#[cfg(not(feature = "hydrate"))]
mod server {
    use serde_json::Value;

    pub(super) type ParsedJson = Value;

    #[cfg_attr(not(test), allow(dead_code, reason = "messages arrive in the browser"))]
    pub(super) fn parse(text: &str) -> Option<Value> {
        serde_json::from_str(text).ok()
    }

    pub(super) fn member(value: &Value, name: &str) -> Option<Value> {
        value.get(name).filter(|member| !member.is_null()).cloned()
    }

    pub(super) fn text(value: &Value) -> Option<String> {
        value.as_str().map(str::to_owned)
    }

    pub(super) fn number(value: &Value) -> Option<f64> {
        value.as_f64()
    }

    pub(super) fn elements(value: &Value) -> Option<Vec<Value>> {
        value.as_array().cloned()
    }
}
