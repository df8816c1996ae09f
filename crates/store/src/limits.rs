//! The limits of every adapter, so that what works on one works on all.

/// Writes in one transaction (DynamoDB's limit).
pub const WRITES_MAX: usize = 100;
/// Bytes of a partition key.
pub const PARTITION_KEY_BYTES_MAX: usize = 1024;
/// Bytes of a sort key.
pub const SORT_KEY_BYTES_MAX: usize = 512;
/// Bytes of a body.
pub const BODY_BYTES_MAX: usize = 64 * 1024;
/// Bytes of all keys and bodies of one transaction.
pub const TRANSACTION_BYTES_MAX: usize = 1024 * 1024;
/// Items of one page of a query or a scan.
pub const PAGE_ITEMS_MAX: u32 = 1_000;
/// Bytes of keys and bodies after which a page ends early (it always has one item if there is one).
pub const PAGE_BYTES_MAX: usize = 1024 * 1024;
/// Segments of one scan.
pub const SEGMENTS_MAX: u32 = 1_024;
/// The last expiry, in seconds since 1970: the end of the year 9999.
pub const EXPIRY_S_MAX: i64 = 253_402_300_799;
