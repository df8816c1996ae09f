//! An event of the account, as far as a page needs it, and what it says to a person.
//!
//! The wire carries more with each event; what no page shows is not read, so that nothing of it is in the bundle.

use cnop_api::events::{BalanceState, HoldingState};
use cnop_domain::{Price, Quantity};
use serde::Deserialize;

use crate::format;

/// One committed change of the account.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct LiveEvent {
    /// Number in the account's log, without gaps.
    pub(super) seq: u64,
    /// What happened.
    pub(super) name: String,
    /// Dollars after it.
    pub(super) balance: BalanceState,
    /// The holding that changed, after it.
    #[serde(default)]
    pub(super) holding: Option<HoldingState>,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    order: Option<Order>,
    #[serde(default)]
    recurring: Option<Named>,
    #[serde(default)]
    alert: Option<Named>,
}

#[derive(Debug, Clone, Deserialize)]
struct Order {
    order_id: String,
    side: String,
    #[serde(rename = "type")]
    kind: String,
    asset_id: String,
    quantity: Quantity,
    filled_quantity: Quantity,
    #[serde(default)]
    average_price: Option<Price>,
}

/// What recurring orders and alerts have in common.
#[derive(Debug, Clone, Deserialize)]
struct Named {
    asset_id: String,
    #[serde(default)]
    fired_price: Option<Price>,
}

/// One sentence about the account, and where to read more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct News {
    /// The sentence.
    pub(crate) text: String,
    /// The local address of its subject.
    pub(crate) path: String,
}

#[cfg_attr(
    not(any(feature = "hydrate", test)),
    allow(dead_code, reason = "events arrive in the browser alone")
)]
impl LiveEvent {
    /// What the event says to somebody who did not ask for it just now.
    pub(super) fn news(&self) -> Option<News> {
        let told = |text: String, path: &str| Some(News { text, path: path.to_owned() });
        match (self.name.as_str(), &self.order, &self.recurring, &self.alert) {
            (name, Some(order), _, _) => {
                told(order.news(name, self.reason.as_deref())?, &format!("/orders/{}", order.order_id))
            }
            ("recurring.skipped", _, Some(plan), _) => {
                told(format!("A recurring purchase of {} was skipped.", plan.asset_id), "/recurring")
            }
            ("recurring.paused", _, Some(plan), _) if self.reason.as_deref() != Some("user") => {
                told(format!("Your recurring purchase of {} has paused itself.", plan.asset_id), "/recurring")
            }
            ("alert.fired", _, _, Some(alert)) => {
                let price = alert.fired_price.map(format::price).unwrap_or_default();
                told(format!("Alert: {} is at {price} USD.", alert.asset_id), "/alerts")
            }
            _ => None,
        }
    }
}

#[cfg(test)]
impl LiveEvent {
    /// An event about money alone.
    pub(super) fn bare(seq: u64, balance: BalanceState, holding: Option<HoldingState>) -> Self {
        let name = "order.filled".to_owned();
        Self { seq, name, balance, holding, reason: None, order: None, recurring: None, alert: None }
    }
}

impl Order {
    fn news(&self, event: &str, reason: Option<&str>) -> Option<String> {
        // A market order is filled with the answer to it: whoever sent it knows.
        let what = match event {
            "order.filled" if self.kind != "market" => {
                let price = self.average_price.map(format::price).unwrap_or_default();
                format!("filled at {price} USD")
            }
            "order.partially_filled" => {
                let quantity = format::quantity;
                format!("filled {} of {}", quantity(self.filled_quantity), quantity(self.quantity))
            }
            "order.triggered" if reason == Some("parent_filled") => "is live now".to_owned(),
            "order.triggered" => "triggered".to_owned(),
            "order.expired" if self.kind != "market" => "expired".to_owned(),
            "order.rejected" => format!("rejected: {}", reason.unwrap_or_default().replace('_', " ")),
            _ => return None,
        };
        let between = if what.starts_with("is ") { "" } else { ":" };
        let kind = self.kind.replace('_', if self.kind.starts_with("tr") { " " } else { "-" });
        let mut text = format!("{kind} {} of {}{between} {what}.", self.side, self.asset_id);
        if let Some(first) = text.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        Some(text)
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
        serde_json::from_str(&text).unwrap()
    }

    fn said(name: &str, more: &str) -> Option<String> {
        event(name, more).news().map(|news| news.text)
    }

    #[test]
    fn what_prices_do_to_orders_is_said() {
        let text = |name| said(name, ORDER);
        assert_eq!(text("order.filled").unwrap(), "Stop-limit buy of BTC: filled at 64,000.00 USD.");
        assert_eq!(text("order.partially_filled").unwrap(), "Stop-limit buy of BTC: filled 0.5 of 2.");
        assert_eq!(text("order.triggered").unwrap(), "Stop-limit buy of BTC: triggered.");
        let live = said("order.triggered", &format!(r#""reason":"parent_filled",{ORDER}"#));
        assert_eq!(live.unwrap(), "Stop-limit buy of BTC is live now.");
        assert_eq!(event("order.triggered", ORDER).news().unwrap().path, "/orders/ord_1");
        let rejected = said("order.rejected", &format!(r#""reason":"insufficient_funds",{ORDER}"#));
        assert_eq!(rejected.unwrap(), "Stop-limit buy of BTC: rejected: insufficient funds.");
    }

    #[test]
    fn what_the_owner_has_just_done_is_not_said() {
        for name in ["order.accepted", "order.canceled", "order.replaced", "transfer.settled", "order.dreamt"]
        {
            assert_eq!(said(name, ORDER), None, "{name}");
        }
        assert_eq!(said("order.filled", &ORDER.replace("stop_limit", "market")), None);
        let plan = r#""recurring":{"asset_id":"ETH","status":"paused"}"#;
        assert_eq!(said("recurring.paused", &format!(r#""reason":"user",{plan}"#)), None);
    }

    #[test]
    fn plans_and_alerts_say_what_happened() {
        let plan = r#""reason":"balance.insufficient_funds","recurring":{"asset_id":"ETH","amount":"5"}"#;
        assert_eq!(said("recurring.skipped", plan).unwrap(), "A recurring purchase of ETH was skipped.");
        assert_eq!(
            said("recurring.paused", plan).unwrap(),
            "Your recurring purchase of ETH has paused itself."
        );
        let alert = r#""alert":{"asset_id":"BTC","price":"70000","fired_price":"70001.5"}"#;
        assert_eq!(said("alert.fired", alert).unwrap(), "Alert: BTC is at 70,001.50 USD.");
    }
}
