//! Reads of an account: head, holdings, orders, plans, alerts and events.

use std::sync::OnceLock;

use cnop_domain::{AccountId, AlertId, AssetId, OrderId, PlanId, Position, Quantity};
use cnop_store::{Item, Key, TableQuery};

use super::Accounts;
use super::state::{AccountState, Identified, Loaded};
use crate::error::{Error, Result};
use crate::records::{
    ALERT_PREFIX, AlertRecord, Event, HEAD, HOLDING_PREFIX, Head, HoldingRecord, MovementRecord, OrderRecord,
    PLAN_PREFIX, PlanRecord, account_pk, alert_key, decode, decode_event, event_key, event_seq, head_key,
    holding_key, movement_key, movement_seq, order_key, plan_key,
};

/// Head and holdings that are read at first: more than most accounts have.
const ITEMS_USUAL: u32 = 128;
/// Head and holdings at most, and recurring orders and alerts: the catalog has fewer assets, and an account may have
/// fewer of the others.
const ITEMS_MAX: u32 = 1_000;
/// Attempts to read head and holdings of one moment. Trading of one account leaves room between two
/// commits for many reads.
const READS_MAX: usize = 8;
/// Most events in one answer.
pub(crate) const EVENTS_MAX: u32 = 1_000;

/// Topic of an account's committed events.
pub(crate) fn topic(account_id: &AccountId) -> String {
    format!("account:{}", account_id.as_str())
}

/// Data that a command reads besides the account's head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reads {
    /// Nothing besides the account's head.
    Head,
    /// The holding of an asset.
    Asset(AssetId),
    /// An order, its group and the holding of its asset.
    Order(OrderId),
    /// A recurring order and the holding of its asset.
    Plan(PlanId),
    /// All recurring orders of the account.
    Plans,
    /// One price alert of the account.
    Alert(AlertId),
    /// All price alerts of the account.
    Alerts,
}

/// Balances and holdings of an account at one moment.
#[derive(Debug, Clone)]
pub(crate) struct AccountBalances {
    pub(crate) head: Head,
    /// By asset; those that were sold out are here too.
    pub(crate) holdings: Vec<(AssetId, HoldingRecord)>,
}

impl AccountBalances {
    /// Holdings above zero with their positions.
    pub(crate) fn positions(&self) -> Result<Vec<(AssetId, Quantity, Position)>> {
        let mut positions = Vec::with_capacity(self.holdings.len());
        for (asset_id, holding) in &self.holdings {
            let position = holding.position()?;
            if !position.quantity.is_zero() {
                positions.push((*asset_id, holding.available, position));
            }
        }
        Ok(positions)
    }
}

fn missing() -> Error {
    Error::Internal("an account has no head".to_owned())
}

impl Accounts {
    /// Reads the state from which a command decides.
    pub(crate) async fn state<'a>(
        &self,
        account_id: &'a AccountId,
        reads: Reads,
    ) -> Result<AccountState<'a>> {
        let table = &self.context.environment.table;
        let orders = match reads {
            // Boxed, so that placing an order does not carry its size.
            Reads::Order(order_id) => Box::pin(self.group(account_id, order_id)).await?,
            _ => Vec::new(),
        };
        let plans = match reads {
            Reads::Plan(plan_id) => self.plan(account_id, plan_id).await?.into_iter().collect(),
            Reads::Plans => self.plans(account_id).await?,
            _ => Vec::new(),
        };
        let alerts = match reads {
            Reads::Alert(alert_id) => self.alert(account_id, alert_id).await?.into_iter().collect(),
            Reads::Alerts => self.alerts(account_id).await?,
            _ => Vec::new(),
        };
        let asset_id = match reads {
            Reads::Asset(asset_id) => Some(asset_id),
            Reads::Order(_) => orders.first().map(|order| order.record.state.terms.asset_id),
            Reads::Plan(_) => plans.first().map(|plan| plan.record.asset_id),
            Reads::Head | Reads::Plans | Reads::Alert(_) | Reads::Alerts => None,
        };
        let head_key = head_key(account_id);
        let (head, holding) = match asset_id {
            Some(asset_id) => {
                // One round trip for both.
                let keys = [head_key, holding_key(account_id, asset_id)];
                let mut items = table.get_many(&keys).await?.into_iter();
                (items.next().flatten(), items.next().flatten())
            }
            None => (table.get(&head_key).await?, None),
        };
        let head_item = head.ok_or_else(missing)?;
        let head: Head = decode(&head_item.body)?;
        let holding = match holding {
            Some(item) => Some((decode(&item.body)?, item.version)),
            None => None,
        };
        let now_us = self.context.now_us().max(head.time_us);
        Ok(AccountState {
            account_id,
            head,
            head_version: head_item.version,
            holding,
            orders,
            plans,
            alerts,
            now_us,
            displayed_want: OnceLock::new(),
        })
    }

    /// One recurring order with its version.
    pub(crate) async fn plan(
        &self,
        account_id: &AccountId,
        plan_id: PlanId,
    ) -> Result<Option<Loaded<PlanRecord>>> {
        self.loaded(plan_key(account_id, plan_id), plan_id).await
    }

    /// All recurring orders of an account, oldest first.
    pub(crate) async fn plans(&self, account_id: &AccountId) -> Result<Vec<Loaded<PlanRecord>>> {
        self.listed(account_id, PLAN_PREFIX).await
    }

    /// One price alert with its version.
    pub(crate) async fn alert(
        &self,
        account_id: &AccountId,
        alert_id: AlertId,
    ) -> Result<Option<Loaded<AlertRecord>>> {
        self.loaded(alert_key(account_id, alert_id), alert_id).await
    }

    /// All price alerts of an account, oldest first.
    pub(crate) async fn alerts(&self, account_id: &AccountId) -> Result<Vec<Loaded<AlertRecord>>> {
        self.listed(account_id, ALERT_PREFIX).await
    }

    async fn loaded<T: Identified>(&self, key: Key, id: T::Id) -> Result<Option<Loaded<T>>> {
        let item = self.context.environment.table.get(&key).await?;
        item.map(|item| Ok(Loaded { id, record: decode(&item.body)?, version: item.version })).transpose()
    }

    async fn listed<T: Identified>(&self, account_id: &AccountId, prefix: &str) -> Result<Vec<Loaded<T>>> {
        let query = TableQuery::prefix(account_pk(account_id), prefix, ITEMS_MAX);
        let page = self.context.environment.table.query(&query).await?;
        let mut all = Vec::with_capacity(page.items.len());
        for item in page.items {
            let id = item.key.sk.strip_prefix(prefix).and_then(|id| id.parse().ok());
            let id = id.ok_or_else(|| Error::Internal(format!("{} has no id", item.key.sk)))?;
            all.push(Loaded { id, record: decode(&item.body)?, version: item.version });
        }
        Ok(all)
    }

    /// An order and the other orders of its group, in the group's sequence; empty when there is no such
    /// order.
    pub(crate) async fn group(
        &self,
        account_id: &AccountId,
        order_id: OrderId,
    ) -> Result<Vec<Loaded<OrderRecord>>> {
        let Some(order) = self.order(account_id, order_id).await? else { return Ok(Vec::new()) };
        let Some(group) = order.record.group.clone() else { return Ok(vec![order]) };
        let mut orders = Vec::with_capacity(group.members.len());
        for member in group.members {
            if member == order_id {
                orders.push(order.clone());
            } else {
                let other = self.order(account_id, member).await?;
                orders.push(other.ok_or_else(|| Error::Internal("a group misses an order".to_owned()))?);
            }
        }
        Ok(orders)
    }

    /// One order with its version.
    pub(crate) async fn order(
        &self,
        account_id: &AccountId,
        order_id: OrderId,
    ) -> Result<Option<Loaded<OrderRecord>>> {
        self.loaded(order_key(account_id, order_id), order_id).await
    }

    pub(crate) async fn head(&self, account_id: &AccountId) -> Result<Head> {
        let item = self.context.environment.table.get(&head_key(account_id)).await?;
        decode(&item.ok_or_else(missing)?.body)
    }

    pub(crate) async fn holding(
        &self,
        account_id: &AccountId,
        asset_id: AssetId,
    ) -> Result<Option<HoldingRecord>> {
        let item = self.context.environment.table.get(&holding_key(account_id, asset_id)).await?;
        item.map(|item| decode(&item.body)).transpose()
    }

    /// Head and all holdings of one moment.
    ///
    /// A table need not read a page in one moment: DynamoDB may apply a transaction in the middle of it. So the head must
    /// be the same before and behind the holdings (which sort first), and none of them may be newer than it.
    pub(crate) async fn everything(&self, account_id: &AccountId) -> Result<AccountBalances> {
        let table = &self.context.environment.table;
        let mut head_version = table.get(&head_key(account_id)).await?.ok_or_else(missing)?.version;
        let (mut state, mut version) = self.page(account_id).await?;
        for _ in 1..READS_MAX {
            let is_newer = |(_, holding): &(AssetId, HoldingRecord)| holding.updated_us > state.head.time_us;
            if version == head_version && !state.holdings.iter().any(is_newer) {
                break;
            }
            head_version = version;
            (state, version) = self.page(account_id).await?;
        }
        Ok(state)
    }

    /// Head and all holdings from one page, and the head's version.
    async fn page(&self, account_id: &AccountId) -> Result<(AccountBalances, u64)> {
        let table = &self.context.environment.table;
        let query = |limit| TableQuery::prefix(account_pk(account_id), "H", limit);
        let mut page = table.query(&query(ITEMS_USUAL)).await?;
        if page.more {
            page = table.query(&query(ITEMS_MAX)).await?;
        }
        let mut head = None;
        let mut holdings = Vec::with_capacity(page.items.len());
        for Item { key, body, version, .. } in &page.items {
            if key.sk == HEAD {
                head = Some((decode(body)?, *version));
            } else if let Some(asset) = key.sk.strip_prefix(HOLDING_PREFIX) {
                let asset_id =
                    asset.parse().map_err(|_| Error::Internal("a holding has no asset".to_owned()))?;
                holdings.push((asset_id, decode(body)?));
            }
        }
        let (head, version) = head.ok_or_else(missing)?;
        Ok((AccountBalances { head, holdings }, version))
    }

    /// Events from number `first` on, oldest first, each with its hash, without gaps. If a page of the table
    /// is inconsistent and shows an event without its predecessor, the result ends there.
    pub(crate) async fn events_from(
        &self,
        account_id: &AccountId,
        first: u64,
        limit: u32,
    ) -> Result<Vec<(u64, Event, [u8; 32])>> {
        let query = TableQuery::between(
            account_pk(account_id),
            event_key(account_id, first).sk,
            event_key(account_id, u64::MAX).sk,
            limit.clamp(1, EVENTS_MAX),
        );
        let mut events = self.events(&query).await?;
        let unbroken = events.iter().zip(first..).take_while(|((seq, ..), number)| seq == number).count();
        events.truncate(unbroken);
        Ok(events)
    }

    /// Events with numbers up to `last`, newest first, and each one's hash.
    pub(crate) async fn events_back_from(
        &self,
        account_id: &AccountId,
        last: u64,
        limit: u32,
    ) -> Result<Vec<(u64, Event, [u8; 32])>> {
        let query = TableQuery::between(
            account_pk(account_id),
            event_key(account_id, 0).sk,
            event_key(account_id, last).sk,
            limit.clamp(1, EVENTS_MAX),
        );
        self.events(&query.descending()).await
    }

    /// Items of the index of movements for events with numbers up to `last`, newest first.
    pub(crate) async fn movements_back_from(
        &self,
        account_id: &AccountId,
        last: u64,
        limit: u32,
    ) -> Result<Vec<(u64, MovementRecord)>> {
        let query = TableQuery::between(
            account_pk(account_id),
            movement_key(account_id, 0).sk,
            movement_key(account_id, last).sk,
            limit,
        );
        let page = self.context.environment.table.query(&query.descending()).await?;
        let mut movements = Vec::with_capacity(page.items.len());
        for item in page.items {
            let seq = movement_seq(&item.key.sk)
                .ok_or_else(|| Error::Internal("a movement has no number".to_owned()))?;
            movements.push((seq, decode(&item.body)?));
        }
        Ok(movements)
    }

    async fn events(&self, query: &TableQuery) -> Result<Vec<(u64, Event, [u8; 32])>> {
        let page = self.context.environment.table.query(query).await?;
        let mut events = Vec::with_capacity(page.items.len());
        for item in page.items {
            let seq = event_seq(&item.key.sk)
                .ok_or_else(|| Error::Internal("an event has no number".to_owned()))?;
            let (event, hash, _) = decode_event(&item.body)?;
            events.push((seq, event, hash));
        }
        Ok(events)
    }
}
