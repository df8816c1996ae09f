//! Automation used by traders: alerts, recurring orders, guard rails.

use cnop_api::Figure;
use cnop_api::trading::{AlertRequest, GuardRailsUpdate, RecurringRequest};

use super::{QuotedAsset, Traders};

/// Kill switches per thousand guard changes. A trader who turns it on buys nothing more on this day.
const KILL_SWITCHES: u64 = 150;

impl Traders {
    pub(super) fn alert(&mut self, quoted: &QuotedAsset<'_>) -> AlertRequest {
        let up = self.rng.per_mille(500);
        AlertRequest {
            asset_id: quoted.asset.asset_id.to_string(),
            price: quoted.price(self.away(5, 150, up)),
            direction: None,
            note: None,
        }
    }

    /// A purchase that is due some time today, or tomorrow when that is over.
    pub(super) fn plan(&mut self, quoted: &QuotedAsset<'_>) -> RecurringRequest {
        RecurringRequest {
            asset_id: quoted.asset.asset_id.to_string(),
            amount: Figure(self.dollars().to_string()),
            interval: "daily".to_owned(),
            time: Some(format!("{:02}:{:02}", self.rng.below(24), self.rng.below(60))),
            weekday: None,
            day: None,
        }
    }

    pub(super) fn guards(&mut self) -> GuardRailsUpdate {
        let mut update = GuardRailsUpdate::default();
        if self.rng.per_mille(KILL_SWITCHES) {
            update.kill_switch = Some(true);
            return update;
        }
        match self.rng.below(3) {
            0 => update.largest_order = Some(Some(Figure(self.rng.between(100, 400).to_string()))),
            1 => update.daily_loss = Some(Some(Figure(self.rng.between(5, 100).to_string()))),
            _ => update.cool_down_minutes = Some(u32::try_from(self.rng.between(1, 60)).ok()),
        }
        update
    }
}
