//! Digests of the table's bytes, so that two tables can be compared without keeping either.

use std::collections::BTreeMap;

use cnop_store::{Item, Table};
use sha2::{Digest as _, Sha256};

use crate::Outcome;

/// Items of one read.
const PAGE_ITEMS: u32 = 1_000;

/// SHA-256 of everything in each partition, with the number of its items: names, versions, expiries and bodies in the
/// order of their names.
pub type Digests = BTreeMap<String, (u64, [u8; 32])>;

/// Reads the whole table.
///
/// # Errors
/// The table cannot be read.
pub async fn digests(table: &dyn Table) -> Outcome<Digests> {
    let mut sums: BTreeMap<String, (u64, Sha256)> = BTreeMap::new();
    let mut cursor = None;
    loop {
        let page = table.scan(0, 1, cursor, PAGE_ITEMS).await?;
        for item in &page.items {
            let (count, sum) = sums.entry(item.key.pk.clone()).or_default();
            *count += 1;
            add(sum, item);
        }
        cursor = page.cursor;
        if cursor.is_none() {
            return Ok(sums
                .into_iter()
                .map(|(pk, (count, sum))| (pk, (count, sum.finalize().into())))
                .collect());
        }
    }
}

/// Every part with its length, so that no two items look alike together.
fn add(sum: &mut Sha256, item: &Item) {
    let length = |bytes: &[u8]| u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes();
    for part in [item.key.sk.as_bytes(), &item.body] {
        sum.update(length(part));
        sum.update(part);
    }
    sum.update(item.version.to_be_bytes());
    sum.update(item.expires_at.unwrap_or(i64::MIN).to_be_bytes());
}
