//! Idempotency keys: the client's key that makes a command safe to repeat.

use std::str::FromStr;

use cnop_api::{Code, Problem};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::error::{Error, Result};

const KEY_CHARACTERS_MAX: usize = 128;

/// The value of an `Idempotency-Key` header: 1 to 128 visible ASCII characters, with or without quotes around them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(Box<str>);

impl IdempotencyKey {
    /// The text without its quotes.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for IdempotencyKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let text = text.trim();
        let bare = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
        let visible = |byte: u8| byte.is_ascii_graphic() && byte != b'"';
        if (1..=KEY_CHARACTERS_MAX).contains(&bare.len()) && bare.bytes().all(visible) {
            Ok(Self(bare.into()))
        } else {
            Err(Problem::new(
                Code::RequestInvalid,
                "The Idempotency-Key must be 1 to 128 visible ASCII characters.",
            )
            .into())
        }
    }
}

/// SHA-256 of a request in its canonical form: the known members, in our order.
pub(crate) fn fingerprint<T: Serialize>(request: &T) -> Result<[u8; 32]> {
    let json = serde_json::to_vec(request)
        .map_err(|error| Error::Internal(format!("a request cannot be written: {error}")))?;
    Ok(Sha256::digest(json).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_optional_and_the_rest_is_bounded() {
        for (text, key) in [("abc", "abc"), ("\"abc\"", "abc"), (" a-b_c:1 ", "a-b_c:1")] {
            assert_eq!(text.parse::<IdempotencyKey>().unwrap().as_str(), key);
        }
        assert!("k".repeat(128).parse::<IdempotencyKey>().is_ok());
        for text in ["", "\"\"", "a b", "ä", "\"a", "a\u{0}", &"k".repeat(129)] {
            assert!(text.parse::<IdempotencyKey>().is_err(), "{text:?}");
        }
    }
}
