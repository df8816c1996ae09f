//! The account stream: a state, the events after it, and a wake-up at each commit.

use cnop_api::events::{AccountEvent, AccountSnapshot, BalanceState, EventName, EventReason, HoldingState};
use cnop_api::trading::{AlertView, FillView, GuardRails, OrderView, RecurringView};
use cnop_api::{Timestamp, account_tag};
use cnop_coordination::{Subscription, SubscriptionError};
use cnop_domain::{AccountId, AccountLimits, Amount, OrderChange, OrderState};

use super::Ledger;
use crate::account::{Accounts, topic};
use crate::error::{Error, Result};
use crate::guards;
use crate::orders::order_load;
use crate::records::{
    AutomationEvent, Event, EventEnvelope, EventKind, HoldingAfter, OrderEvent, RecurringChange,
};

/// Rings when events of an account may have been committed: then ask [`Ledger::events_after`]. It may ring once for
/// several events, and without one.
#[derive(Debug)]
pub struct AccountUpdates {
    subscription: Subscription,
}

impl AccountUpdates {
    /// Waits for the next notification; `false` when there will be none. Canceling the future loses nothing.
    pub async fn changed(&mut self) -> bool {
        !matches!(self.subscription.recv().await, Err(SubscriptionError::Closed))
    }
}

impl Ledger {
    /// Limits of the account's next order besides its money, from one read.
    ///
    /// # Errors
    /// The account cannot be read.
    pub async fn limits(&self, account_id: &AccountId) -> Result<AccountLimits> {
        let head = self.accounts.head(account_id).await?;
        let guard = head.guard.at(self.accounts.context.now_us());
        Ok(AccountLimits { guard, losses: head.losses, open_orders: head.open_orders })
    }

    /// The account's balances, from one read.
    ///
    /// # Errors
    /// The account cannot be read.
    pub async fn account_snapshot(&self, account_id: &AccountId) -> Result<AccountSnapshot> {
        let state = self.accounts.everything(account_id).await?;
        let holdings = state
            .positions()?
            .into_iter()
            .map(|(asset_id, available, position)| HoldingState {
                asset_id,
                quantity: position.quantity,
                available,
                cost_basis: position.cost,
            })
            .collect();
        let balance = BalanceState { available: state.head.available, reserved: state.head.reserved };
        let account = account_tag(account_id).to_owned();
        Ok(AccountSnapshot { seq: state.head.seq, account, balance, holdings })
    }

    /// At most `limit` (and 1,000) events with numbers above `seq`, oldest first, without gaps.
    ///
    /// # Errors
    /// The account cannot be read.
    pub async fn events_after(
        &self,
        account_id: &AccountId,
        seq: u64,
        limit: u32,
    ) -> Result<Vec<AccountEvent>> {
        let stored = self.accounts.events_from(account_id, seq.saturating_add(1), limit).await?;
        let mut events = Vec::with_capacity(stored.len());
        for (seq, event, _) in stored {
            events.push(event_view(&self.accounts, account_id, seq, &event).await?);
        }
        Ok(events)
    }

    /// Subscribes to the account. Read its state after this call, and no event is missed.
    ///
    /// # Errors
    /// `service.unavailable` when subscribing is impossible now.
    pub async fn subscribe(&self, account_id: &AccountId) -> Result<AccountUpdates> {
        let coordinator = &self.accounts.context.environment.coordinator;
        let subscription = coordinator.subscribe(&topic(account_id)).await.map_err(Error::Coordination)?;
        Ok(AccountUpdates { subscription })
    }
}

async fn event_view(
    accounts: &Accounts,
    account_id: &AccountId,
    seq: u64,
    event: &Event,
) -> Result<AccountEvent> {
    let mut details = EventDetails::default();
    let name = match &event.kind {
        EventKind::Opened => EventName::AccountOpened,
        EventKind::TransferSettled => {
            details.transfer = Some(event.transfer()?);
            EventName::TransferSettled
        }
        EventKind::OrderFilled { order } => {
            details.order = order_load(accounts, account_id, *order).await?;
            EventName::OrderFilled
        }
        EventKind::Order(order) => {
            order_told(accounts, account_id, order, event.time_us, &mut details).await?;
            order_event_name(order)
        }
        EventKind::GuardChanged(guarded) => {
            let losses = accounts.head(account_id).await?.losses;
            details.guards = Some(guards::view(guarded, &losses, event.time_us));
            EventName::GuardChanged
        }
        EventKind::AlertFired { alert, after } => {
            details.alert = Some(after.view(*alert));
            EventName::AlertFired
        }
        EventKind::Recurring { plan, what, after } => {
            let view = after.view(*plan);
            details.reason = match what {
                RecurringChange::Ran => None,
                RecurringChange::Skipped => {
                    view.last_run.as_ref().and_then(|run| run.reason).map(EventReason::from)
                }
                RecurringChange::Paused => view.status_reason.map(EventReason::from),
            };
            details.recurring = Some(view);
            recurring_event_name(*what)
        }
        EventKind::Enveloped(envelope) => automation_told(envelope, &mut details)?,
    };
    Ok(AccountEvent {
        seq,
        time: Timestamp(event.time_us),
        name,
        balance: BalanceState { available: event.available, reserved: event.reserved },
        holding: event.holding.map(|HoldingAfter { asset_id, quantity, available, cost }| HoldingState {
            asset_id,
            quantity,
            available,
            cost_basis: cost,
        }),
        transfer: details.transfer,
        order: details.order,
        reason: details.reason,
        fill: details.fill,
        recurring: details.recurring,
        alert: details.alert,
        guards: details.guards,
        accepted: details.accepted,
    })
}

/// Details of an event besides balances.
#[derive(Debug, Default)]
struct EventDetails {
    transfer: Option<Amount>,
    order: Option<OrderView>,
    reason: Option<EventReason>,
    fill: Option<FillView>,
    recurring: Option<RecurringView>,
    alert: Option<AlertView>,
    guards: Option<GuardRails>,
    accepted: Option<Box<OrderView>>,
}

/// The alert or recurring order, as it was made, changed or removed.
fn automation_told(envelope: &EventEnvelope, details: &mut EventDetails) -> Result<EventName> {
    let Some(event) = envelope.open()? else { return Ok(EventName::AccountChanged) };
    let (name, alert, recurring) = match event {
        AutomationEvent::AlertCreated { alert, after } => {
            (EventName::AlertCreated, Some(after.view(alert)), None)
        }
        AutomationEvent::AlertRemoved { alert, before } => {
            (EventName::AlertRemoved, Some(before.view(alert)), None)
        }
        AutomationEvent::RecurringCreated { plan, after } => {
            (EventName::RecurringCreated, None, Some(after.view(plan)))
        }
        AutomationEvent::RecurringChanged { plan, after } => {
            (EventName::RecurringChanged, None, Some(after.view(plan)))
        }
        AutomationEvent::RecurringRemoved { plan, before } => {
            (EventName::RecurringRemoved, None, Some(before.view(plan)))
        }
    };
    (details.alert, details.recurring) = (alert, recurring);
    Ok(name)
}

/// The order as the event left it, its fill and its reason.
async fn order_told(
    accounts: &Accounts,
    account_id: &AccountId,
    event: &OrderEvent,
    time_us: i64,
    details: &mut EventDetails,
) -> Result<()> {
    let Some(loaded) = accounts.order(account_id, event.order).await? else { return Ok(()) };
    let order = loaded.record.view_after(loaded.id, &event.after, time_us);
    if matches!(event.change, OrderChange::Filled(_)) {
        details.fill = order.fills.last().cloned();
        if event.opens {
            let after = &event.after;
            let new = OrderState::new(after.terms, after.link, after.fee_bps);
            let taken =
                new.apply(&OrderChange::Accepted).map_err(|error| Error::Invariant(error.to_string()))?;
            details.accepted = Some(Box::new(loaded.record.view_after(loaded.id, &taken, time_us)));
        }
    }
    details.reason = match event.change {
        OrderChange::Canceled(reason)
        | OrderChange::Expired(reason)
        | OrderChange::Rejected(reason)
        | OrderChange::Replaced { reason, .. } => Some(EventReason::Order(reason)),
        // An exit is activated by its purchase, not by a price; both have the same event name.
        OrderChange::Activated => Some(EventReason::ParentFilled),
        OrderChange::Accepted | OrderChange::Triggered { .. } | OrderChange::Filled(_) => None,
    };
    details.order = Some(order);
    Ok(())
}

const fn order_event_name(event: &OrderEvent) -> EventName {
    match event.change {
        OrderChange::Accepted => EventName::OrderAccepted,
        OrderChange::Activated | OrderChange::Triggered { .. } => EventName::OrderTriggered,
        OrderChange::Filled(_) if event.after.status.is_final() => EventName::OrderFilled,
        OrderChange::Filled(_) => EventName::OrderPartiallyFilled,
        OrderChange::Canceled(_) => EventName::OrderCanceled,
        OrderChange::Expired(_) => EventName::OrderExpired,
        OrderChange::Rejected(_) => EventName::OrderRejected,
        OrderChange::Replaced { .. } => EventName::OrderReplaced,
    }
}

const fn recurring_event_name(what: RecurringChange) -> EventName {
    match what {
        RecurringChange::Ran => EventName::RecurringRan,
        RecurringChange::Skipped => EventName::RecurringSkipped,
        RecurringChange::Paused => EventName::RecurringPaused,
    }
}
