//! Events about price alerts and recurring orders: made, changed, removed.
//!
//! They are stored in an [`EventEnvelope`], which has a length of its own. So a server that does not know a kind of event can
//! still read what all events have: time, postings and balances.

use cnop_domain::{AlertId, PlanId};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::alert::AlertRecord;
use super::codec::{append, exact};
use super::plan::PlanRecord;
use crate::error::Result;

/// An event of a kind that was added later. The kinds in [`AutomationEvent`] are numbered from 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct EventEnvelope {
    pub(crate) kind: u16,
    pub(crate) content: Vec<u8>,
}

/// A change of an alert or a recurring order, with all of it as the change leaves or removes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AutomationEvent {
    AlertCreated { alert: AlertId, after: AlertRecord },
    AlertRemoved { alert: AlertId, before: AlertRecord },
    RecurringCreated { plan: PlanId, after: PlanRecord },
    RecurringChanged { plan: PlanId, after: PlanRecord },
    RecurringRemoved { plan: PlanId, before: PlanRecord },
}

const ALERT_CREATED: u16 = 1;
const ALERT_REMOVED: u16 = 2;
const RECURRING_CREATED: u16 = 3;
const RECURRING_CHANGED: u16 = 4;
const RECURRING_REMOVED: u16 = 5;

impl AutomationEvent {
    pub(crate) fn seal(&self) -> Result<EventEnvelope> {
        let (kind, content) = match self {
            Self::AlertCreated { alert, after } => (ALERT_CREATED, append(&(alert, after), Vec::new())),
            Self::AlertRemoved { alert, before } => (ALERT_REMOVED, append(&(alert, before), Vec::new())),
            Self::RecurringCreated { plan, after } => (RECURRING_CREATED, append(&(plan, after), Vec::new())),
            Self::RecurringChanged { plan, after } => (RECURRING_CHANGED, append(&(plan, after), Vec::new())),
            Self::RecurringRemoved { plan, before } => {
                (RECURRING_REMOVED, append(&(plan, before), Vec::new()))
            }
        };
        Ok(EventEnvelope { kind, content: content? })
    }
}

impl EventEnvelope {
    /// The event inside; `None` when this version does not know its kind.
    pub(crate) fn open(&self) -> Result<Option<AutomationEvent>> {
        fn read<T: DeserializeOwned>(content: &[u8]) -> Result<T> {
            exact(content)
        }
        let content = self.content.as_slice();
        Ok(Some(match self.kind {
            ALERT_CREATED => {
                let (alert, after) = read(content)?;
                AutomationEvent::AlertCreated { alert, after }
            }
            ALERT_REMOVED => {
                let (alert, before) = read(content)?;
                AutomationEvent::AlertRemoved { alert, before }
            }
            RECURRING_CREATED => {
                let (plan, after) = read(content)?;
                AutomationEvent::RecurringCreated { plan, after }
            }
            RECURRING_CHANGED => {
                let (plan, after) = read(content)?;
                AutomationEvent::RecurringChanged { plan, after }
            }
            RECURRING_REMOVED => {
                let (plan, before) = read(content)?;
                AutomationEvent::RecurringRemoved { plan, before }
            }
            kind => {
                tracing::warn!(kind, "An event of a kind that this version does not know is passed over");
                return Ok(None);
            }
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::plan_fixture::plan;

    fn alert() -> AlertRecord {
        AlertRecord {
            asset_id: "BTC".parse().unwrap(),
            price: "64000".parse().unwrap(),
            above: true,
            note: None,
            created_us: 5,
            fired: None,
        }
    }

    #[test]
    fn the_stored_form_stays() {
        let (alert_id, plan_id) = (AlertId::from_bits(7), PlanId::from_bits(9));
        let events = [
            AutomationEvent::AlertCreated { alert: alert_id, after: alert() },
            AutomationEvent::AlertRemoved { alert: alert_id, before: alert() },
            AutomationEvent::RecurringCreated { plan: plan_id, after: plan() },
            AutomationEvent::RecurringChanged { plan: plan_id, after: plan() },
            AutomationEvent::RecurringRemoved { plan: plan_id, before: plan() },
        ];
        for (kind, event) in (1..).zip(events) {
            let envelope = event.seal().unwrap();
            assert_eq!(envelope.kind, kind);
            assert_eq!(envelope.open().unwrap(), Some(event));
        }
        let created = AutomationEvent::AlertCreated { alert: alert_id, after: alert() }.seal().unwrap();
        assert_eq!(hex::encode(created.content), "07034254438080d0dbc3f40201000a00");
    }

    /// A server of this version, started again after a newer one, must not stop at an event that it does not know.
    #[test]
    fn an_unknown_kind_is_passed_over() {
        let envelope = EventEnvelope { kind: 999, content: vec![1, 2, 3] };
        assert_eq!(envelope.open().unwrap(), None);
    }
}
