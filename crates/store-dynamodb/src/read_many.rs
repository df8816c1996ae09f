//! Several items by one `BatchGetItem` request.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::KeysAndAttributes;
use cnop_store::{Invalid, Item, Key, StoreError, validate_key};

use crate::DynamoTable;
use crate::attributes;
use crate::failure::RequestFailure;

/// Items of one request (DynamoDB's limit).
const KEYS_MAX: usize = 100;
/// Requests until every item was read: DynamoDB leaves some out when it has too much to do.
const REQUESTS_MAX: u32 = 4;
/// Pause before asking for those again.
const PAUSE: Duration = Duration::from_millis(20);

impl DynamoTable {
    pub(crate) async fn read_many(&self, keys: &[Key]) -> Result<Vec<Option<Item>>, StoreError> {
        let spread = self.spread();
        let stored: Vec<Key> = keys.iter().map(|key| spread.stored(key)).collect();
        let mut found = HashMap::with_capacity(keys.len());
        for part in stored.chunks(KEYS_MAX) {
            self.part_read(part, &mut found).await?;
        }
        let now_s = self.now_s();
        let item = |key: &Key| found.remove(key).filter(|item: &Item| !item.is_expired(now_s));
        Ok(stored.iter().map(item).map(|item| item.map(|item| spread.seen(item))).collect())
    }

    async fn part_read(&self, keys: &[Key], found: &mut HashMap<Key, Item>) -> Result<(), StoreError> {
        let mut wanted = Vec::with_capacity(keys.len());
        for (index, key) in keys.iter().enumerate() {
            validate_key(key)?;
            if keys.iter().take(index).any(|earlier| earlier == key) {
                return Err(Invalid::DuplicateItem.into());
            }
            wanted.push(attributes::of_key(key));
        }
        let request = KeysAndAttributes::builder().set_keys(Some(wanted)).consistent_read(true);
        let mut left = Some(request.build().map_err(StoreError::unavailable)?);
        for attempt in 0..REQUESTS_MAX {
            let Some(request) = left.take() else { return Ok(()) };
            if attempt > 0 {
                tokio::time::sleep(PAUSE).await;
            }
            let sent = self.client().batch_get_item().request_items(&self.table, request).send().await;
            let answer = sent.map_err(|error| RequestFailure::new("BatchGetItem", &error))?;
            for read in answer.responses.into_iter().flat_map(HashMap::into_values).flatten() {
                let item = attributes::item(read)?;
                found.insert(item.key.clone(), item);
            }
            left = answer.unprocessed_keys.and_then(|mut left| left.remove(&self.table));
        }
        if left.is_none() { Ok(()) } else { Err(StoreError::Busy) }
    }
}
