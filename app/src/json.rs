//! JSON between server and browser.
//!
//! In the browser its own parser reads it. A parser that is compiled in brings its own numbers, escapes and error texts, and
//! reads every record also from a list: a tenth of the bundle.

use leptos::server::codee::{Decoder, Encoder};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The text is not JSON, or not of the type that was asked for. Says no more: nobody is told what an answer held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unreadable;

/// Reads a value.
///
/// # Errors
/// A text that is not JSON of this type.
#[cfg(all(feature = "hydrate", not(feature = "ssr")))]
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T, Unreadable> {
    let value = js_sys::JSON::parse(text).map_err(|_| Unreadable)?;
    serde_wasm_bindgen::from_value(value).map_err(|_| Unreadable)
}

/// Reads a value.
///
/// # Errors
/// A text that is not JSON of this type.
#[cfg(not(all(feature = "hydrate", not(feature = "ssr"))))]
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T, Unreadable> {
    serde_json::from_str(text).map_err(|_| Unreadable)
}

/// How a value stands in the page for the browser to start from.
#[derive(Debug)]
pub(crate) struct Json;

impl<T: Serialize> Encoder<T> for Json {
    type Error = serde_json::Error;
    type Encoded = String;

    fn encode(value: &T) -> Result<String, Self::Error> {
        serde_json::to_string(value)
    }
}

impl<T: DeserializeOwned> Decoder<T> for Json {
    type Error = Unreadable;
    type Encoded = str;

    fn decode(text: &str) -> Result<T, Self::Error> {
        read(text)
    }
}
