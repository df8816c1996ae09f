//! The codec of stored records: one schema byte and postcard. Fields are identified by position, so a change
//! of a stored type needs a new schema byte, and the old one stays readable.

use bytes::Bytes;
use cnop_store::StoreError;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, Result};

/// The first schema of every kind of item.
pub(crate) const FIRST_SCHEMA: u8 = 1;

/// A stored record: the body of one item.
pub(crate) trait Record: Serialize + Sized {
    /// The schema that is written.
    const SCHEMA: u8 = FIRST_SCHEMA;

    /// Decodes a body of the present or an earlier schema.
    fn read(schema: u8, bytes: &[u8]) -> Result<Self>;
}

/// Reads a record that has had one schema only.
pub(crate) fn read_first<T: DeserializeOwned>(schema: u8, bytes: &[u8]) -> Result<T> {
    if schema == FIRST_SCHEMA { exact(bytes) } else { Err(unknown_schema()) }
}

pub(crate) fn unknown_schema() -> Error {
    StoreError::corrupt("an item has an unknown schema").into()
}

/// Implements [`Record`] for types that have had one schema only.
macro_rules! first_schema {
    ($($record:ty),* $(,)?) => {$(
        impl $crate::records::Record for $record {
            fn read(schema: u8, bytes: &[u8]) -> $crate::error::Result<Self> {
                $crate::records::read_first(schema, bytes)
            }
        }
    )*};
}

pub(crate) use first_schema;

/// The body of an item.
pub(crate) fn encode<T: Record>(record: &T) -> Result<Bytes> {
    append(record, vec![T::SCHEMA]).map(Bytes::from)
}

/// The bytes of a value behind those that the buffer has already.
pub(super) fn append<T: Serialize>(value: &T, buffer: Vec<u8>) -> Result<Vec<u8>> {
    postcard::to_extend(value, buffer)
        .map_err(|error| Error::Internal(format!("an item cannot be written: {error}")))
}

/// The record of an item's body.
pub(crate) fn decode<T: Record>(body: &[u8]) -> Result<T> {
    match body.split_first() {
        Some((schema, rest)) => T::read(*schema, rest),
        None => Err(unknown_schema()),
    }
}

/// Decodes all bytes: trailing bytes are an error like missing ones.
pub(crate) fn exact<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    match postcard::take_from_bytes(bytes) {
        Ok((value, [])) => Ok(value),
        Ok(_) => Err(StoreError::corrupt("an item is longer than its schema").into()),
        Err(error) => Err(StoreError::corrupt(format!("an item cannot be read: {error}")).into()),
    }
}
