//! Identifiers of assets, accounts and users. Each is validated once, on entry. Identifiers that carry their
//! time are in [`crate::ulid`].

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

/// Maximum length of an asset id.
const ASSET_ID_BYTES_MAX: usize = 10;
/// Shortest and longest of the other identifiers.
const ID_BYTES: std::ops::RangeInclusive<usize> = 10..=50;

/// The text is no identifier of this kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not a valid identifier")]
pub struct IdError;

/// An asset of the catalog, `[A-Z0-9]{1,10}`, never reused. Lower case is accepted and raised. Cheap to copy.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AssetId {
    /// Upper-case ASCII, zero-padded: ordering by bytes is ordering by text.
    bytes: [u8; ASSET_ID_BYTES_MAX],
}

impl AssetId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let text = self.bytes.split(|byte| *byte == 0).next().unwrap_or(&[]);
        std::str::from_utf8(text).unwrap_or("")
    }
}

impl FromStr for AssetId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let mut bytes = [0; ASSET_ID_BYTES_MAX];
        if text.is_empty()
            || text.len() > bytes.len()
            || !text.bytes().all(|byte| byte.is_ascii_alphanumeric())
        {
            return Err(IdError);
        }
        for (slot, byte) in bytes.iter_mut().zip(text.bytes()) {
            *slot = byte.to_ascii_uppercase();
        }
        Ok(Self { bytes })
    }
}

impl fmt::Display for AssetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for AssetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for AssetId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for AssetId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

macro_rules! opaque_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(Box<str>);

        impl $name {
            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
                if ID_BYTES.contains(&text.len()) && text.bytes().all(known) { Ok(Self(text.into())) } else { Err(IdError) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                std::borrow::Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }
    };
}

opaque_id! {
    /// An account: it holds money. `acc_` and 26 base32 characters.
    AccountId
}
opaque_id! {
    /// A person who signs in. `usr_` and 26 base32 characters.
    UserId
}
