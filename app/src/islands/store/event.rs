//! An event of the account, as far as a page needs it, and what it says to a person.
//!
//! The wire carries more with each event; what no page shows is not read, so that nothing of it is in the bundle.

use std::cmp::Ordering;

use cnop_api::events::{BalanceState, EventName, EventReason, HoldingState};
use cnop_domain::{OrderType, Price, Quantity, Reason, Side};

use super::read;
use crate::islands::json::Json;
use crate::{format, labels};

/// One committed change of the account.
#[derive(Debug, Clone)]
pub(crate) struct LiveEvent {
    /// Number in the account's log, without gaps.
    pub(super) seq: u64,
    /// Name of the event.
    name: EventName,
    /// Balance after the event.
    pub(super) balance: BalanceState,
    /// The holding that changed, after it.
    pub(super) holding: Option<HoldingState>,
    /// Its reason; none of a newer server that this bundle does not know.
    reason: Option<EventReason>,
    order: Option<Order>,
    recurring: Option<Named>,
    alert: Option<Named>,
}

#[derive(Debug, Clone)]
struct Order {
    order_id: String,
    side: Side,
    kind: OrderType,
    asset_id: String,
    quantity: Quantity,
    filled_quantity: Quantity,
    average_price: Option<Price>,
}

impl Order {
    fn read(json: &Json) -> Option<Self> {
        Some(Self {
            order_id: json.text("order_id")?,
            side: Side::from_text(&json.text::<String>("side")?)?,
            kind: OrderType::from_text(&json.text::<String>("type")?)?,
            asset_id: json.text("asset_id")?,
            quantity: json.text("quantity")?,
            filled_quantity: json.text("filled_quantity")?,
            average_price: json.text("average_price"),
        })
    }
}

/// Common members of recurring orders and alerts.
#[derive(Debug, Clone)]
struct Named {
    asset_id: String,
    price: Option<Price>,
    note: Option<String>,
    fired_price: Option<Price>,
}

impl Named {
    fn read(json: &Json) -> Option<Self> {
        Some(Self {
            asset_id: json.text("asset_id")?,
            price: json.text("price"),
            note: json.text("note"),
            fired_price: json.text("fired_price"),
        })
    }
}

#[cfg_attr(
    not(any(feature = "hydrate", test)),
    allow(dead_code, reason = "events arrive in the browser alone")
)]
impl LiveEvent {
    /// Reads the event of a message; none if its number, name or money is missing.
    pub(in crate::islands) fn read(json: &Json) -> Option<Self> {
        let holding = match json.member("holding") {
            Some(holding) => Some(read::holding(&holding)?),
            None => None,
        };
        Some(Self {
            seq: json.count("seq")?,
            name: EventName::from_text(&json.text::<String>("name")?)?,
            balance: read::balance(&json.member("balance")?)?,
            holding,
            reason: json.text::<String>("reason").and_then(|reason| EventReason::from_text(&reason)),
            order: json.member("order").and_then(|order| Order::read(&order)),
            recurring: json.member("recurring").and_then(|plan| Named::read(&plan)),
            alert: json.member("alert").and_then(|alert| Named::read(&alert)),
        })
    }
}

impl Named {
    /// `BTC rose above 70,000.00 (now 70,001.50) · note`.
    fn alert_text(&self) -> String {
        let crossing = match (self.price, self.fired_price) {
            (Some(level), Some(now)) => {
                let how = match now.cmp(&level) {
                    Ordering::Greater => "rose above",
                    Ordering::Less => "fell below",
                    Ordering::Equal => "reached",
                };
                format!("{how} {} (now {})", format::price(level), format::price(now))
            }
            _ => "reached your alert level".to_owned(),
        };
        let note = self.note.iter().filter(|note| !note.is_empty()).map(|note| format!(" · {note}"));
        format!("{} {crossing}{}", self.asset_id, note.collect::<String>())
    }
}

/// One sentence about the account, and where to read more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct News {
    /// Sentence for the trader.
    pub(crate) text: String,
    /// The local address of its subject.
    pub(crate) path: String,
}

#[cfg_attr(
    not(any(feature = "hydrate", test)),
    allow(dead_code, reason = "events arrive in the browser alone")
)]
impl LiveEvent {
    /// The notification for an event that the trader did not cause just now.
    pub(in crate::islands) fn news(&self) -> Option<News> {
        let news = |text: String, path: &str| Some(News { text, path: path.to_owned() });
        match (self.name, &self.order, &self.recurring, &self.alert) {
            (name, Some(order), _, _) => {
                news(order.news(name, self.reason)?, &format!("/orders/{}", order.order_id))
            }
            (EventName::RecurringSkipped, _, Some(plan), _) => {
                news(format!("Recurring buy of {} was skipped.", plan.asset_id), "/recurring")
            }
            (EventName::RecurringPaused, _, Some(plan), _)
                if self.reason != Some(EventReason::Order(Reason::User)) =>
            {
                news(
                    format!("Recurring buy of {} is paused after 3 skips in a row.", plan.asset_id),
                    "/recurring",
                )
            }
            (EventName::AlertFired, _, _, Some(alert)) => news(alert.alert_text(), "/alerts"),
            _ => None,
        }
    }
}

#[cfg(test)]
impl LiveEvent {
    /// An event about money alone.
    pub(super) fn bare(seq: u64, balance: BalanceState, holding: Option<HoldingState>) -> Self {
        let name = EventName::OrderFilled;
        Self { seq, name, balance, holding, reason: None, order: None, recurring: None, alert: None }
    }
}

impl Order {
    fn news(&self, event: EventName, reason: Option<EventReason>) -> Option<String> {
        // A market order is filled with the answer to it: its sender knows already.
        let what = match event {
            EventName::OrderFilled if self.kind != OrderType::Market => {
                let price = self.average_price.map(format::price).unwrap_or_default();
                format!("filled at {price} USD")
            }
            EventName::OrderPartiallyFilled => {
                let quantity = format::quantity;
                format!("filled {} of {}", quantity(self.filled_quantity), quantity(self.quantity))
            }
            EventName::OrderTriggered if reason == Some(EventReason::ParentFilled) => {
                "is now open".to_owned()
            }
            EventName::OrderTriggered => "triggered".to_owned(),
            EventName::OrderExpired if self.kind != OrderType::Market => "expired".to_owned(),
            EventName::OrderRejected => {
                let reason = reason.map_or("", EventReason::as_str).replace('_', " ");
                format!("rejected: {reason}")
            }
            _ => return None,
        };
        let between = if what.starts_with("is ") { "" } else { ":" };
        let kind = labels::order_type(self.kind);
        Some(format!("{kind} {} {}{between} {what}.", self.side, self.asset_id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDER: &str = r#""order":{"order_id":"ord_1","side":"buy","type":"stop_limit","asset_id":"BTC","quantity":"2",
        "filled_quantity":"0.5","average_price":"64000","status":"working","fills":[],"created_at":"2026-11-21T10:00:00Z"}"#;

    fn event(name: &str, more: &str) -> LiveEvent {
        let text = format!(
            r#"{{"seq":7,"time":"2026-11-21T10:00:00Z","name":"{name}","balance":{{"available":"1","reserved":"0"}},{more}}}"#
        );
        LiveEvent::read(&Json::parse(&text).unwrap()).unwrap()
    }

    fn said(name: &str, more: &str) -> Option<String> {
        event(name, more).news().map(|news| news.text)
    }

    #[test]
    fn what_prices_do_to_orders_is_said() {
        let text = |name| said(name, ORDER);
        assert_eq!(text("order.filled").unwrap(), "Stop-limit buy BTC: filled at 64,000.00 USD.");
        assert_eq!(text("order.partially_filled").unwrap(), "Stop-limit buy BTC: filled 0.5 of 2.");
        assert_eq!(text("order.triggered").unwrap(), "Stop-limit buy BTC: triggered.");
        let live = said("order.triggered", &format!(r#""reason":"parent_filled",{ORDER}"#));
        assert_eq!(live.unwrap(), "Stop-limit buy BTC is now open.");
        assert_eq!(event("order.triggered", ORDER).news().unwrap().path, "/orders/ord_1");
        let rejected = said("order.rejected", &format!(r#""reason":"insufficient_funds",{ORDER}"#));
        assert_eq!(rejected.unwrap(), "Stop-limit buy BTC: rejected: insufficient funds.");
    }

    #[test]
    fn what_the_owner_has_just_done_is_not_said() {
        for name in ["order.accepted", "order.canceled", "order.replaced", "transfer.settled"] {
            assert_eq!(said(name, ORDER), None, "{name}");
        }
        assert_eq!(said("order.filled", &ORDER.replace("stop_limit", "market")), None);
        let newer = said("order.canceled", &format!(r#""reason":"of_a_newer_server",{ORDER}"#));
        assert_eq!(newer, None, "it is read all the same");
        let plan = r#""recurring":{"asset_id":"ETH","status":"paused"}"#;
        assert_eq!(said("recurring.paused", &format!(r#""reason":"user",{plan}"#)), None);
    }

    #[test]
    fn plans_and_alerts_say_what_happened() {
        let plan = r#""reason":"balance.insufficient_funds","recurring":{"asset_id":"ETH","amount":"5"}"#;
        assert_eq!(said("recurring.skipped", plan).unwrap(), "Recurring buy of ETH was skipped.");
        assert_eq!(
            said("recurring.paused", plan).unwrap(),
            "Recurring buy of ETH is paused after 3 skips in a row."
        );
        let alert = r#""alert":{"asset_id":"BTC","price":"70000","fired_price":"70001.5","note":"top"}"#;
        assert_eq!(said("alert.fired", alert).unwrap(), "BTC rose above 70,000.00 (now 70,001.50) · top");
    }
}
