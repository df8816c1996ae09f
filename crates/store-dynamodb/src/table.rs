//! The `Table` implementation: reads here and in `read_many`, transactions in `transact`.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32};

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use cnop_domain::{Clock, Entropy};
use cnop_store::{
    Direction, Item, Key, PageBuilder, QueryPage, QueryStart, ScanPage, SortKeyRange, StoreError, Table,
    TableQuery, Write, validate, validate_key, validate_query, validate_scan,
};
use futures::future::try_join_all;

use crate::attributes::{self, Attributes, layout_key};
use crate::failure::RequestFailure;
use crate::retry_budget::RetryBudget;
use crate::spread::merged;

/// The table in DynamoDB.
pub struct DynamoTable {
    /// For requests that a client of the venue waits for.
    pub(crate) serving: Client,
    /// For requests about the table itself, for the start and for commands.
    pub(crate) patient: Client,
    pub(crate) is_serving: AtomicBool,
    pub(crate) table: String,
    pub(crate) spread_prefixes: &'static [&'static str],
    /// Parts of a spread partition.
    pub(crate) parts: AtomicU32,
    pub(crate) retries: RetryBudget,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
}

impl fmt::Debug for DynamoTable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("DynamoTable").field("table", &self.table).finish_non_exhaustive()
    }
}

impl DynamoTable {
    pub(crate) fn now_s(&self) -> i64 {
        self.clock.now_us().div_euclid(1_000_000)
    }

    /// The item of a key as it is in the table.
    pub(crate) async fn stored_get(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        let request = self.client().get_item().table_name(&self.table).consistent_read(true);
        let answer = request
            .set_key(Some(attributes::of_key(key)))
            .send()
            .await
            .map_err(|error| RequestFailure::new("GetItem", &error))?;
        let item = answer.item.map(attributes::item).transpose()?;
        let now_s = self.now_s();
        Ok(item.filter(|item| !item.is_expired(now_s)))
    }

    /// A page of one partition of DynamoDB, and whether there is more.
    async fn part_query(
        &self,
        pk: &str,
        query: &TableQuery,
        limit: u32,
    ) -> Result<(Vec<Item>, bool), StoreError> {
        let mut start = match query.start() {
            QueryStart::Nowhere => return Ok((Vec::new(), false)),
            QueryStart::Edge => None,
            QueryStart::After(sk) => Some(attributes::of_key(&Key::new(pk, sk))),
        };
        let Some((expression, values)) = key_condition(pk, query) else { return Ok((Vec::new(), false)) };
        let now_s = self.now_s();
        let mut page = PageBuilder::new(limit);
        loop {
            let answer = self
                .client()
                .query()
                .table_name(&self.table)
                .consistent_read(true)
                .key_condition_expression(expression)
                .set_expression_attribute_values(Some(values.clone()))
                .scan_index_forward(query.direction == Direction::Ascending)
                // One item beyond the page shows whether there are more.
                .limit(i32::try_from(limit).unwrap_or(i32::MAX).saturating_add(1))
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(|error| RequestFailure::new("Query", &error))?;
            for found in answer.items.unwrap_or_default() {
                let item = attributes::item(found)?;
                if !item.is_expired(now_s) && !page.push(item) {
                    return Ok((page.into_items(), true));
                }
            }
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok((page.into_items(), false));
            }
        }
    }
}

#[async_trait]
impl Table for DynamoTable {
    async fn get(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        validate_key(key)?;
        let spread = self.spread();
        Ok(self.stored_get(&spread.stored(key)).await?.map(|item| spread.seen(item)))
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Item>>, StoreError> {
        self.read_many(keys).await
    }

    async fn query(&self, query: &TableQuery) -> Result<QueryPage, StoreError> {
        validate_query(query)?;
        let spread = self.spread();
        if !spread.applies(&query.pk) {
            let (items, more) = self.part_query(&query.pk, query, query.limit).await?;
            return Ok(QueryPage { items, more });
        }
        let limit = spread.part_limit(query.limit);
        let partitions = spread.partitions(&query.pk);
        let parts = partitions.iter().map(|pk| self.part_query(pk, query, limit));
        let (items, more) = merged(try_join_all(parts).await?, query.direction);
        let mut page = PageBuilder::new(query.limit);
        for item in items {
            if !page.push(spread.seen(item)) {
                return Ok(QueryPage { items: page.into_items(), more: true });
            }
        }
        Ok(QueryPage { items: page.into_items(), more })
    }

    async fn transact(&self, mut writes: Vec<Write>) -> Result<(), StoreError> {
        validate(&writes)?;
        let spread = self.spread();
        for write in &mut writes {
            let key = write.key_mut();
            if spread.applies(&key.pk) {
                *key = spread.stored(key);
            }
        }
        self.write(&writes).await.map_err(|error| match error {
            StoreError::Conflict(mut failed) => {
                for condition in &mut failed {
                    condition.current = condition.current.take().map(|item| spread.seen(item));
                }
                StoreError::Conflict(failed)
            }
            other => other,
        })
    }

    async fn scan(
        &self,
        segment: u32,
        segments: u32,
        cursor: Option<Key>,
        limit: u32,
    ) -> Result<ScanPage, StoreError> {
        validate_scan(segment, segments, cursor.as_ref(), limit)?;
        let spread = self.spread();
        let number = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
        let answer = self
            .client()
            .scan()
            .table_name(&self.table)
            .consistent_read(true)
            .segment(number(segment))
            .total_segments(number(segments))
            .limit(number(limit))
            .set_exclusive_start_key(cursor.as_ref().map(attributes::of_key))
            .send()
            .await
            .map_err(|error| RequestFailure::new("Scan", &error))?;
        let now_s = self.now_s();
        let mut items = Vec::new();
        for found in answer.items.unwrap_or_default() {
            let item = attributes::item(found)?;
            if !item.is_expired(now_s) && item.key != layout_key() {
                items.push(spread.seen(item));
            }
        }
        let cursor = answer.last_evaluated_key.as_ref().map(attributes::key).transpose()?;
        Ok(ScanPage { items, cursor })
    }
}

/// The key condition and its values, or `None` if no key can satisfy it. DynamoDB refuses empty strings and
/// inverted ranges, so these queries are answered here.
fn key_condition(pk: &str, query: &TableQuery) -> Option<(&'static str, Attributes)> {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let mut values = HashMap::from([(":pk".to_owned(), text(pk))]);
    let (prefix, from, to) = match &query.range {
        SortKeyRange::Prefix(prefix) => (prefix.as_str(), "", None),
        SortKeyRange::Between { from, to } => ("", from.as_deref().unwrap_or_default(), to.as_deref()),
    };
    if to.is_some_and(|to| to.is_empty() || to < from) {
        return None;
    }
    for (name, value) in [(":prefix", prefix), (":from", from), (":to", to.unwrap_or_default())] {
        if !value.is_empty() {
            values.insert(name.to_owned(), text(value));
        }
    }
    let expression = match (prefix.is_empty(), from.is_empty(), to) {
        (false, ..) => "pk = :pk AND begins_with(sk, :prefix)",
        (true, true, None) => "pk = :pk",
        (true, false, None) => "pk = :pk AND sk >= :from",
        (true, true, Some(_)) => "pk = :pk AND sk <= :to",
        (true, false, Some(_)) => "pk = :pk AND sk BETWEEN :from AND :to",
    };
    Some((expression, values))
}
