//! The form of every stored body: one schema byte and postcard. Fields are told apart by their position, so a change
//! of a stored type is a new schema byte, and the old one stays readable.

use bytes::Bytes;
use cnop_store::StoreError;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Error, Result};

/// The only schema so far, of every kind of item.
pub(crate) const SCHEMA: u8 = 1;

/// The body of an item.
pub(crate) fn encode<T: Serialize>(record: &T) -> Result<Bytes> {
    append(record, vec![SCHEMA]).map(Bytes::from)
}

/// A record behind what is in the buffer already.
pub(crate) fn append<T: Serialize>(record: &T, buffer: Vec<u8>) -> Result<Vec<u8>> {
    postcard::to_extend(record, buffer)
        .map_err(|error| Error::Internal(format!("an item cannot be written: {error}")))
}

/// What a body says.
pub(crate) fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, StoreError> {
    match body.split_first() {
        Some((&SCHEMA, rest)) => exact(rest),
        _ => Err(StoreError::corrupt("an item has an unknown schema")),
    }
}

/// Reads all bytes: what is left over is as wrong as what is missing.
pub(crate) fn exact<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StoreError> {
    match postcard::take_from_bytes(bytes) {
        Ok((record, [])) => Ok(record),
        Ok(_) => Err(StoreError::corrupt("an item is longer than its schema")),
        Err(error) => Err(StoreError::corrupt(format!("an item cannot be read: {error}"))),
    }
}
