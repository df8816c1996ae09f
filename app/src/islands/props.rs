//! Props of islands in a compact form.
//!
//! Leptos writes props as JSON, and each struct in them costs the bundle a reader of its names. [`Packed`] writes them as
//! the store does: by position, and as hexadecimal text. Only the two halves of one build read it.

use serde::de::{DeserializeOwned, Error as _};
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Data of an island. Types that omit members in JSON do not fit: their positions would differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Packed<T>(pub(crate) T);

impl<T> From<T> for Packed<T> {
    fn from(data: T) -> Self {
        Self(data)
    }
}

impl<T: Serialize> Serialize for Packed<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        written(serializer, || {
            let bytes = postcard::to_allocvec(&self.0).map_err(S::Error::custom)?;
            Ok(hex::encode(bytes))
        })
    }
}

/// Writes the text of a prop. An island that is hydrated writes its props as well, and drops them: the browser leaves the
/// text out, and the code that makes it is in no bundle.
pub(super) fn written<S: Serializer>(
    serializer: S,
    text: impl FnOnce() -> Result<String, S::Error>,
) -> Result<S::Ok, S::Error> {
    if cfg!(feature = "hydrate") { serializer.serialize_unit() } else { serializer.serialize_str(&text()?) }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Packed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = hex::decode(String::deserialize(deserializer)?).map_err(|_| D::Error::custom("hex"))?;
        postcard::from_bytes(&bytes).map(Self).map_err(|_| D::Error::custom("layout"))
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    /// Props that the browser cannot read end the whole bundle.
    #[test]
    fn props_come_back_as_they_were_written() {
        let data = Packed((Some("7".to_owned()), -3_i64, vec![1.5_f64]));
        let text = serde_json::to_string(&data).unwrap();
        assert!(!text.contains('&') && !text.contains('\\'), "{text}");
        assert_eq!(serde_json::from_str::<Packed<(Option<String>, i64, Vec<f64>)>>(&text).unwrap(), data);
        assert!(serde_json::from_str::<Packed<String>>("\"zz\"").is_err());
        assert!(
            serde_json::from_str::<Packed<String>>("\"0561\"").is_err(),
            "five bytes are announced, one comes"
        );
    }
}
