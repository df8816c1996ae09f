//! Conversion between items and DynamoDB attributes.

use std::collections::HashMap;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use bytes::Bytes;
use cnop_store::{Item, Key, StoreError};

pub(crate) const PARTITION_KEY: &str = "pk";
pub(crate) const SORT_KEY: &str = "sk";
pub(crate) const VERSION: &str = "v";
/// Seconds since 1970; DynamoDB removes the item some time after.
pub(crate) const EXPIRY: &str = "x";
pub(crate) const BODY: &str = "b";

/// Key of the item that states the table's layout, which the port does not show.
pub(crate) fn layout_key() -> Key {
    Key::new("TABLE", "LAYOUT")
}

/// Attributes by their name.
pub(crate) type Attributes = HashMap<String, AttributeValue>;

/// The two attributes that name an item.
pub(crate) fn of_key(key: &Key) -> Attributes {
    HashMap::from([
        (PARTITION_KEY.to_owned(), AttributeValue::S(key.pk.clone())),
        (SORT_KEY.to_owned(), AttributeValue::S(key.sk.clone())),
    ])
}

pub(crate) fn number(number: impl Into<i128>) -> AttributeValue {
    AttributeValue::N(number.into().to_string())
}

pub(crate) fn body(body: &Bytes) -> AttributeValue {
    AttributeValue::B(Blob::new(body.to_vec()))
}

/// The key in these attributes.
pub(crate) fn key(attributes: &Attributes) -> Result<Key, StoreError> {
    let text =
        |name| attributes.get(name).and_then(|value| value.as_s().ok()).ok_or_else(|| unreadable(name));
    Ok(Key::new(text(PARTITION_KEY)?, text(SORT_KEY)?))
}

/// The item in these attributes.
pub(crate) fn item(mut attributes: Attributes) -> Result<Item, StoreError> {
    let key = key(&attributes)?;
    let version = attributes
        .get(VERSION)
        .and_then(|value| value.as_n().ok()?.parse().ok())
        .ok_or_else(|| unreadable(VERSION))?;
    let expires_at = match attributes.get(EXPIRY) {
        None => None,
        Some(value) => {
            Some(value.as_n().ok().and_then(|text| text.parse().ok()).ok_or_else(|| unreadable(EXPIRY))?)
        }
    };
    let Some(AttributeValue::B(body)) = attributes.remove(BODY) else { return Err(unreadable(BODY)) };
    Ok(Item { key, version, expires_at, body: Bytes::from(body.into_inner()) })
}

fn unreadable(name: &str) -> StoreError {
    StoreError::corrupt(format!("an item's attribute `{name}` is missing or of another type"))
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::AttributeValue;
    use cnop_store::{Key, StoreError};

    use super::{Attributes, body, item, number, of_key};

    fn attributes() -> Attributes {
        let mut attributes = of_key(&Key::new("p", "s"));
        attributes.insert("v".to_owned(), number(u64::MAX));
        attributes.insert("x".to_owned(), number(7));
        attributes.insert("b".to_owned(), body(&"body".into()));
        attributes
    }

    #[test]
    fn an_item_comes_back() {
        let found = item(attributes()).unwrap();
        assert_eq!((found.key, found.version), (Key::new("p", "s"), u64::MAX));
        assert_eq!((found.expires_at, &found.body[..]), (Some(7), &b"body"[..]));
    }

    #[test]
    fn malformed_attributes_are_a_corrupt_item() {
        for name in ["pk", "sk", "v", "b"] {
            let mut attributes = attributes();
            attributes.remove(name);
            assert!(matches!(item(attributes), Err(StoreError::Corrupt(_))), "{name}");
        }
        let mut attributes = attributes();
        attributes.insert("x".to_owned(), AttributeValue::N("1.5".to_owned()));
        assert!(matches!(item(attributes), Err(StoreError::Corrupt(_))));
    }
}
